"""Ours, beyond the paper: one answer to all movements of an examination, blind to sides.

A face at rest and a face that smiles say more together than the mean of what each of them says: a
brow that is low in both may be low by nature, and one that stays low as the other is raised is
weak. Each picture is read with the movement that it shows, and with what has changed from rest;
what was read of all of them is joined by mean and greatest value, however many there are. Grades
are told by the mean of a net that reads sizes and one that reads signs, as in the light form.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import GRADES
from facialis.methods.multimodal_fusion.reading import SIGNS, SIZES, Standardised, both_ways, sizes

MOVEMENTS: Final = len(Movement)
"""Places of an examination, in the order of `Movement`."""
REST: Final = list(Movement).index(Movement.REST)
_WIDE: Final = 128
_NARROW: Final = 64
_DROPOUT: Final = 0.3
_BELOW_ALL: Final = -1.0
"""Less than any number of a picture, all of which come out of GELU and dropout."""


class PictureNet(Standardised):
    """Reads each picture of an examination by itself, then joins what it has read.

    Attributes:
        picture: From the numbers of a picture, their change from rest, its movement, and whether
            there is a picture at rest, to a vector.
    """

    def __init__(self, numbers: int) -> None:
        """Prepare to read so many numbers of a picture."""
        super().__init__(2 * numbers)
        self.picture = nn.Sequential(
            *_layer(2 * numbers + MOVEMENTS + 1, _WIDE), *_layer(_WIDE, _WIDE)
        )

    def seen(self, read: Tensor, has_rest: Tensor) -> Tensor:
        """Return vectors (..., 12, 128) of what was read of pictures (..., 12, numbers).

        Args:
            read: Numbers, and their change from rest.
            has_rest: (..., 12, 1), 1 where there is a picture at rest, else 0.
        """
        which = torch.eye(MOVEMENTS, dtype=read.dtype, device=read.device)
        which = which.expand(*read.shape[:-1], MOVEMENTS)
        has_rest = has_rest.expand(*read.shape[:-1], 1)
        known = torch.cat((self.standardised(read), which, has_rest), dim=-1)
        found: Tensor = self.picture(known)
        return found


class SizesOfAll(PictureNet):
    """Reads sizes of asymmetries."""

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__(SIZES)
        self.whole = nn.Sequential(*_layer(2 * _WIDE, _WIDE), *_layer(_WIDE, _NARROW))
        self.grade = nn.Linear(_NARROW, len(GRADES))

    def numbers(self, asymmetry: Tensor, expressions: Tensor, has_rest: Tensor) -> Tensor:
        """Return what is read of pictures (B, 12, 162); arguments as of `ExaminationFusion`."""
        change = _from_rest(asymmetry, expressions, has_rest)
        return torch.cat((sizes(asymmetry, expressions), sizes(*change)), dim=-1)

    def told(self, seen: Tensor, shown: Tensor) -> Tensor:
        """Return logits (..., 6) of vectors (..., 12, 128) of which some are shown (..., 12)."""
        found: Tensor = self.grade(self.whole(_joined(seen, shown)))
        return found


class SignsOfAll(PictureNet):
    """Reads all pictures and their mirror images, and goes on with the larger of each number."""

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__(SIGNS)
        self.one_way = nn.Sequential(*_layer(2 * _WIDE, _WIDE))
        self.whole = nn.Sequential(*_layer(_WIDE, _NARROW))
        self.grade = nn.Linear(_NARROW, len(GRADES))

    def numbers(self, asymmetry: Tensor, expressions: Tensor, has_rest: Tensor) -> Tensor:
        """Return what is read of pictures, both ways round (2, B, 12, 162)."""
        change = _from_rest(asymmetry, expressions, has_rest)
        return torch.cat((both_ways(asymmetry, expressions), both_ways(*change)), dim=-1)

    def told(self, seen: Tensor, shown: Tensor) -> Tensor:
        """Return logits (..., 6) of vectors (2, ..., 12, 128) of which some are shown (..., 12)."""
        found: Tensor = self.grade(self.whole(self.one_way(_joined(seen, shown)).amax(dim=0)))
        return found


class ExaminationFusion(nn.Module):
    """The mean of what a net of sizes and one of signs answer, each of which learns by itself."""

    def __init__(self) -> None:
        """Build both from random weights."""
        super().__init__()
        self.sizes = SizesOfAll()
        self.signs = SignsOfAll()

    @property
    def nets(self) -> tuple[SizesOfAll, SignsOfAll]:
        """Both."""
        return self.sizes, self.signs

    def meet(self, asymmetry: Tensor, expressions: Tensor, shown: Tensor) -> None:
        """Tell both how the numbers of the training examinations are spread; see `forward`."""
        asymmetry, expressions = _of_shown(asymmetry, expressions, shown)
        there, has_rest = shown > 0, _has_rest(shown)
        for net in self.nets:
            read = net.numbers(asymmetry, expressions, has_rest)
            net.take(read[..., there, :])

    def each(self, asymmetry: Tensor, expressions: Tensor, shown: Tensor) -> tuple[Tensor, Tensor]:
        """Return what each of the two answers; see `forward`."""
        asymmetry, expressions = _of_shown(asymmetry, expressions, shown)
        has_rest = _has_rest(shown)
        first, second = (
            net.told(net.seen(net.numbers(asymmetry, expressions, has_rest), has_rest), shown)
            for net in self.nets
        )
        return first, second

    def forward(self, asymmetry: Tensor, expressions: Tensor, shown: Tensor) -> Tensor:
        """Return logits (B, 6) of House-Brackmann I to VI.

        Args:
            asymmetry: (B, 12, 29), signed, left less right, interocular distances; anything where a
                movement is not shown.
            expressions: (B, 12, 52), 0 to 1; likewise.
            shown: (B, 12), 1 where there is a picture of the movement, else 0.
        """
        return torch.stack(self.each(asymmetry, expressions, shown)).mean(dim=0)

    def by_subset(self, asymmetry: Tensor, expressions: Tensor, subsets: Tensor) -> Tensor:
        """Return logits (B, S, 6) of what some of the pictures tell.

        Each picture is read twice, with the one at rest and without.

        Args:
            asymmetry: As of `forward`.
            expressions: As of `forward`.
            subsets: (B, S, 12), 1 for each movement of a subset, all of which are shown.
        """
        asymmetry, expressions = _of_shown(asymmetry, expressions, subsets.amax(dim=1))
        chosen = _has_rest(subsets) > 0
        told = []
        for net in self.nets:
            alone, beside = (
                net.seen(net.numbers(asymmetry, expressions, rest), rest).unsqueeze(-3)
                for rest in asymmetry.new_tensor([0.0, 1.0])[:, None, None, None]
            )
            told.append(net.told(torch.where(chosen, beside, alone), subsets))
        return torch.stack(told).mean(dim=0)


def _of_shown(asymmetry: Tensor, expressions: Tensor, shown: Tensor) -> tuple[Tensor, Tensor]:
    """Return both with 0 for whatever stands in the places of movements that are not shown."""
    there = shown[..., None] > 0
    first, second = (each.where(there, 0) for each in (asymmetry, expressions))
    return first, second


def _has_rest(shown: Tensor) -> Tensor:
    """Return whether (..., 1, 1) a picture at rest is among those that are shown (..., 12)."""
    return shown[..., REST, None, None]


def _from_rest(asymmetry: Tensor, expressions: Tensor, has_rest: Tensor) -> tuple[Tensor, Tensor]:
    """Return how much both differ from those of the picture at rest; 0 where there is none."""
    first, second = (
        (each - each[..., REST, None, :]) * has_rest for each in (asymmetry, expressions)
    )
    return first, second


def _joined(seen: Tensor, shown: Tensor) -> Tensor:
    """Return mean and greatest value (..., 256) of those vectors (..., 12, 128) that are shown."""
    there = shown[..., None]
    mean = (seen * there).sum(dim=-2) / there.sum(dim=-2).clamp(min=1)
    greatest = torch.where(there > 0, seen, _BELOW_ALL).amax(dim=-2)
    return torch.cat((mean, greatest), dim=-1)


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, outputs), nn.LayerNorm(outputs), nn.GELU(), nn.Dropout(_DROPOUT)
