"""Faces of nobody and a teacher whose rule is known, so that training needs no data."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from facialis.face.expressions import EXPRESSION_NAMES, EXPRESSION_POINTS
from facialis.face.mesh import TEMPLATE
from facialis.training.face_pool import FacePool
from facialis.training.head_model import HeadModel

MEAN = TEMPLATE[list(EXPRESSION_POINTS)]


def waves(count, seed):
    """Return smooth fields (count, 146, 3) over the face, of size about one."""
    rng = np.random.default_rng(seed)
    phases = MEAN @ rng.normal(size=(3, 3 * count)) * 4 + rng.uniform(0, 6, 3 * count)
    return np.sin(phases).T.reshape(count, 3, -1).transpose(0, 2, 1)


def known_scores(points):
    """Score each expression by a fixed smooth rule of the face's shape."""
    centred = points[..., :2] - points[..., :2].mean(axis=1, keepdims=True)
    shape = centred / np.linalg.norm(centred, axis=2).mean(axis=1)[:, None, None]
    directions = waves(len(EXPRESSION_NAMES), seed=5)[..., :2].reshape(len(EXPRESSION_NAMES), -1)
    logits = 0.03 * shape.reshape(len(shape), -1) @ directions.T - 1
    return (1 / (1 + np.exp(-logits))).astype(np.float32)


@pytest.fixture(scope="session")
def teacher():
    """A teacher that is a pure function."""
    return known_scores


@pytest.fixture(scope="session")
def pool():
    """Six people at rest and smiling, made from the mean face."""
    identities, smiles = waves(6, seed=1), waves(6, seed=2)
    points, names = [], []
    for person in range(6):
        for expression, strength in (("neutral", 0.0), ("smile", 0.04)):
            shape = MEAN + 0.03 * identities[person] + strength * smiles[person]
            face = 300 * shape + 500
            points.append(np.stack([face, face + 1, face + 0.5]))
            names.append(f"london/{person:03d}_{expression}")
    people = tuple(n.rsplit("_", 1)[0] for n in names)
    smiling = tuple(n.endswith("smile") for n in names)
    return FacePool(np.stack(points), tuple(names), people, smiling)


@pytest.fixture(scope="session")
def head():
    """A head model with three identities, two one-sided expressions and one of the whole face."""
    expression_names = ("squint_L", "squint_R", "open")
    return HeadModel(0.02 * waves(3, seed=3), 0.05 * waves(3, seed=4), expression_names)


@pytest.fixture
def write_run():
    """Write the weights of a run as `fit` does, of a network that was not trained."""
    torch = pytest.importorskip("torch")
    from facialis.training.settings import Variant

    def written(folder, method, learned_from=("a",), **settings):
        torch.manual_seed(0)
        variant = Variant("", method, settings)
        learner = variant.learner().eval()
        state = {
            "method": method,
            "settings": asdict(variant.settings()),
            "data": {"manifest": "m", "split": "s"},
            "seed": 0,
            "weights": learner.state_dict(),
            "facts": {},
            "learned_from": list(learned_from),
        }
        folder.mkdir()
        torch.save(state, folder / "weights.pt")
        return learner

    return written
