"""Invent faces near real ones: other heads, other expressions, one-sided ones, other poses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.expressions import EXPRESSION_POINTS
from facialis.face.mesh import TEMPLATE
from facialis.training.face_pool import FacePool, normalised, turned

if TYPE_CHECKING:
    from facialis.training.head_model import HeadModel

Floats = NDArray[np.float64]
Generator = np.random.Generator

_MEAN_FACE: Final = TEMPLATE[list(EXPRESSION_POINTS)]
_RIGHT_IRIS: Final = [EXPRESSION_POINTS.index(i) for i in range(468, 473)]
_LEFT_IRIS: Final = [EXPRESSION_POINTS.index(i) for i in range(473, 478)]
_PIXELS_PER_UNIT: Final = 200.0
_MIDLINE_WIDTH: Final = 0.06
_WAVES: Final = 24


class FaceSampler:
    """Draws 146-point faces from a pool of real ones and a head model.

    Each face is a real one (or a mixture of two people), to which are added, each with its own
    chance: an identity of the head model; another person's change from rest to smile, with its own
    strength on either side; a few expressions of the head model, left and right apart; a gaze; a
    smooth random field. It is then turned, seen in perspective, stretched a little and jittered.
    """

    def __init__(self, pool: FacePool, head: HeadModel | None) -> None:
        """Prepare the pool.

        Args:
            pool: Real faces.
            head: Head model; without it only real changes of expression are used.
        """
        people, views = pool.points.shape[:2]
        flat = pool.points.reshape(people * views, *pool.points.shape[2:])
        self._faces = normalised(flat)
        self._smiles = self._changes(self._faces.reshape(pool.points.shape), pool)
        self._head = head
        self._side = 1 / (1 + np.exp(-_MEAN_FACE[:, 0] / _MIDLINE_WIDTH))

    def sample(self, rng: Generator, count: int) -> NDArray[np.float32]:
        """Return faces (count, 146, 2) in pixels, x right, y down."""
        faces = self._mixed(rng, count)
        faces += self._smile(rng, count) + self._gaze(rng, count) + self._field(rng, count)
        if self._head is not None:
            faces += self._identity(rng, count, self._head)
            faces += self._expression(rng, count, self._head)
        flat = _photographed(rng, faces)
        jitter = rng.choice([0.0, 0.001, 0.003, 0.008], count, p=[0.2, 0.35, 0.3, 0.15])
        flat += jitter[:, None, None] * rng.standard_normal(flat.shape)
        return (_PIXELS_PER_UNIT * flat).astype(np.float32)

    @staticmethod
    def _changes(faces: Floats, pool: FacePool) -> Floats:
        """Each person's change from rest to smile, in every view (n, 146, 3)."""
        rest = {p: i for i, p in enumerate(pool.people) if not pool.smiling[i]}
        pairs = [
            faces[i] - faces[rest[p]]
            for i, p in enumerate(pool.people)
            if pool.smiling[i] and p in rest
        ]
        if not pairs:
            return np.zeros((1, *faces.shape[2:]))
        return np.concatenate(pairs)

    def _mixed(self, rng: Generator, count: int) -> Floats:
        one, two = rng.integers(len(self._faces), size=(2, count))
        share = np.where(_chance(rng, count, 0.4), 0.0, rng.uniform(-0.3, 0.6, count))
        weight = share[:, None, None]
        mixed: Floats = (1 - weight) * self._faces[one] + weight * self._faces[two]
        return mixed

    def _smile(self, rng: Generator, count: int) -> Floats:
        change = self._smiles[rng.integers(len(self._smiles), size=count)]
        left = rng.uniform(-1.0, 1.4, count) * _chance(rng, count, 0.5)
        same = _chance(rng, count, 0.5)
        right = np.where(same, left, rng.uniform(-1.0, 1.4, count) * _chance(rng, count, 0.5))
        strength = right[:, None] * (1 - self._side) + left[:, None] * self._side
        changed: Floats = strength[:, :, None] * change
        return changed

    def _identity(self, rng: Generator, count: int, head: HeadModel) -> Floats:
        size = rng.uniform(0, 0.9, count) * _chance(rng, count, 0.6)
        strengths = size[:, None] * rng.standard_normal((count, len(head.identity)))
        return _combined(strengths, head.identity)

    def _expression(self, rng: Generator, count: int, head: HeadModel) -> Floats:
        modes = len(head.expression)
        how_many = rng.choice([0, 1, 2, 3, 5, 8], count, p=[0.15, 0.2, 0.2, 0.2, 0.15, 0.1])
        active = rng.random((count, modes)) < (how_many / modes)[:, None]
        strengths = active * rng.uniform(-0.15, 1.15, (count, modes))
        partner = self._partners(head)
        together = _chance(rng, count, 0.45)[:, None]
        both = np.maximum(strengths, strengths[:, partner])
        natural = both * rng.uniform(0.7, 1.15, (count, modes))
        return _combined(np.where(together, natural, strengths), head.expression)

    @staticmethod
    def _partners(head: HeadModel) -> list[int]:
        """For each one-sided expression the index of the other side's; itself for the others."""
        names = head.expression_names
        other = {"_L": "_R", "_R": "_L"}
        swapped = [n[:-2] + other[n[-2:]] if n[-2:] in other else n for n in names]
        return [names.index(n) for n in swapped]

    @staticmethod
    def _gaze(rng: Generator, count: int) -> Floats:
        """Shift the irises; both eyes look roughly the same way."""
        spread = np.array([0.05, 0.025])
        shared = spread * rng.standard_normal((count, 1, 2))
        own = 0.25 * spread * rng.standard_normal((count, 2, 2))
        shift = (shared + own) * _chance(rng, count, 0.6)[:, None, None]
        moved = np.zeros((count, *_MEAN_FACE.shape))
        moved[:, _RIGHT_IRIS, :2] = shift[:, :1]
        moved[:, _LEFT_IRIS, :2] = shift[:, 1:]
        return moved

    @staticmethod
    def _field(rng: Generator, count: int) -> Floats:
        """Return a smooth random displacement: a sum of waves of random length over the face."""
        lengths = rng.uniform(0.25, 2.0, _WAVES)
        directions = rng.standard_normal((_WAVES, 3))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True) * lengths[:, None]
        angles = 2 * np.pi * _MEAN_FACE @ directions.T
        basis = np.concatenate([np.sin(angles), np.cos(angles)], axis=1).T
        amplitude = rng.choice([0.0, 0.005, 0.015, 0.03], count, p=[0.3, 0.3, 0.3, 0.1])
        weights = rng.standard_normal((count, 3, len(basis))) / np.sqrt(_WAVES)
        waves: Floats = np.einsum("nkw,wp->npk", weights, basis)
        return amplitude[:, None, None] * waves


def _chance(rng: Generator, count: int, share: float) -> NDArray[np.bool_]:
    """Return (count,) flags, each raised with probability `share`."""
    return rng.random(count) < share


def _combined(strengths: Floats, fields: Floats) -> Floats:
    """Return the sum of `fields` (m, 146, 3) weighted by `strengths` (n, m)."""
    flat = strengths @ fields.reshape(len(fields), -1)
    return flat.reshape(len(strengths), *fields.shape[1:])


def _photographed(rng: Generator, faces: Floats) -> Floats:
    """Turn the heads and return them as a camera sees them (n, 146, 2)."""
    count = len(faces)
    size = rng.choice([0.25, 0.6, 1.0], count, p=[0.4, 0.35, 0.25])
    yaw = size * np.radians(rng.uniform(-42, 42, count))
    pitch = size * np.radians(rng.uniform(-30, 30, count))
    roll = np.where(
        _chance(rng, count, 0.8),
        np.radians(rng.normal(0, 8, count)),
        np.radians(rng.uniform(-50, 50, count)),
    )
    head = turned(faces, yaw, pitch, roll)
    nearness = rng.uniform(0, 0.12, count) * _chance(rng, count, 0.5)
    depth = 1 + nearness[:, None] * head[:, :, 2]
    stretch = np.exp(rng.normal(0, 0.03, count))
    flat = head[:, :, :2] / depth[:, :, None]
    flat[:, :, 0] *= stretch[:, None]
    return flat
