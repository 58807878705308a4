"""The published methods and the forms of our own: what there is, without running any of it."""

from __future__ import annotations

from facialis.errors import InputError
from facialis.methods import (
    asymmetric_parsing,
    cascaded_encoder,
    fp_vggface,
    multimodal_fusion,
    phcnn_lstm,
)
from facialis.methods.card import Array, Card

__all__ = ["Array", "Card", "card", "names", "package"]

_PACKAGES = (asymmetric_parsing, cascaded_encoder, fp_vggface, phcnn_lstm, multimodal_fusion)
_CARDS: dict[str, Card] = {card.name: card for each in _PACKAGES for card in each.CARDS}
_HOMES = {card.name: each.__name__ for each in _PACKAGES for card in each.CARDS}


def names() -> tuple[str, ...]:
    """Return the names of all methods, in the order of the papers."""
    return tuple(_CARDS)


def card(name: str) -> Card:
    """Return the card of a method.

    Raises:
        InputError: There is no such method; the message lists those that exist.
    """
    if name not in _CARDS:
        raise InputError(name, "is no method", f"use one of {', '.join(_CARDS)}")
    return _CARDS[name]


def package(name: str) -> str:
    """Return the Python package that a method lives in.

    Raises:
        InputError: There is no such method.
    """
    return _HOMES[card(name).name]
