"""Under construction."""

from __future__ import annotations

from facialis.methods.card import Card

CARDS: tuple[Card, ...] = ()
