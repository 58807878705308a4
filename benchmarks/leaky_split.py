"""What random frames do to a score: a grader that knows people and nothing of palsy.

Every person is a texture of its own with a grade drawn by lot, so that nothing in a picture tells
the grade. The grader answers with the grade of the most similar picture it has learned.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.record import Benchmark, Results, table
from facialis.clinical.scales import GRADES, Scale
from facialis.datasets.fingerprints import fingerprint
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.sample import Label
from facialis.datasets.targets import Target
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.leaks import leaks_of
from facialis.evaluation.metrics import accuracy, confusion_matrix
from facialis.evaluation.protocols import kfold, leaky, lopo
from facialis.evaluation.records import measured

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import ArrayLike

    from facialis.evaluation.splits import Splits

PEOPLE: Final = 180
FRAMES: Final = 6
SEED: Final = 0
GRADE: Final = Target(Scale.HOUSE_BRACKMANN)
PROTOCOLS: Final[dict[str, Callable[..., Splits]]] = {
    "random frames (leaky)": leaky,
    "five folds of people": kfold,
    "one person left out": lopo,
}

Pictures = dict[str, NDArray[np.uint8]]


def textures(seed: int) -> tuple[Manifest, Pictures]:
    """Return a manifest and pictures (64, 64, 3) of people who are textures, graded by lot."""
    rng = np.random.default_rng(seed)
    grades = rng.permutation(np.repeat(GRADES, PEOPLE // len(GRADES)))
    rows, pictures = [], {}
    for person, grade in enumerate(grades):
        coarse = rng.uniform(0, 255, (8, 8, 3))
        texture = np.kron(coarse, np.ones((8, 8, 1)))
        for frame in range(FRAMES):
            name = f"{person:03d}/{frame}"
            noisy = texture + rng.normal(0, 12, texture.shape)
            pictures[name] = np.clip(noisy, 0, 255).astype(np.uint8)
            row = Row(
                name=name,
                path=f"{name}.png",
                sha256=hashlib.sha256(pictures[name].tobytes()).hexdigest(),
                fingerprint=fingerprint(pictures[name]),
                subject=f"texture/{person:03d}",
                source="textures",
                labels=(Label(Scale.HOUSE_BRACKMANN, int(grade)),),
            )
            rows.append(row)
    return Manifest("textures graded by lot", tuple(rows)), pictures


def nearest(
    manifest: Manifest, pictures: Pictures, splits: Splits
) -> tuple[list[str], list[int], list[int]]:
    """Return tested people, their grades, and those of the most similar learned pictures."""
    grades = {row.name: int(row.labels[0].value) for row in manifest.rows}
    subjects = {row.name: row.subject for row in manifest.rows}
    seen = {name: _seen(picture) for name, picture in pictures.items()}
    people, truth, answers = [], [], []
    for split in splits.splits:
        known = np.stack([seen[name] for name in split.train])
        likeness = np.stack([seen[name] for name in split.test]) @ known.T
        for name, best in zip(split.test, likeness.argmax(axis=1), strict=True):
            people.append(subjects[name])
            truth.append(grades[name])
            answers.append(grades[split.train[int(best)]])
    return people, truth, answers


def _seen(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    squares = picture.reshape(8, 8, 8, 8, 3).mean(axis=(1, 3)).ravel()
    shifted = squares - squares.mean()
    return np.asarray(shifted / np.linalg.norm(shifted))


def share_right(truth: ArrayLike, answers: ArrayLike) -> float:
    """Return the accuracy over grades 1 to 6."""
    pair = np.asarray(truth) - 1, np.asarray(answers) - 1
    return accuracy(confusion_matrix(*pair, len(GRADES)))


def measure(_: Path | None = None) -> Results:
    """Return the accuracy under each protocol, what the leak check finds, and the sentence."""
    manifest, pictures = textures(SEED)
    results: Results = {}
    for title, protocol in PROTOCOLS.items():
        splits = protocol(manifest, GRADE, seed=SEED)
        people, truth, answers = nearest(manifest, pictures, splits)
        interval = bootstrap(share_right, people, truth, answers, seed=SEED, draws=500)
        record = measured(
            "accuracy",
            share_right(truth, answers),
            manifest,
            splits,
            interval=interval,
            leaky=protocol is leaky,
        )
        results[title] = {
            "accuracy": record.value,
            "low": interval.low,
            "high": interval.high,
            "tested": record.rows,
            "leaks": sum(len(leaks_of(manifest, split)) for split in splits.splits),
            "sentence": record.sentence,
        }
    return results


def tables(results: Results) -> str:
    """Return the table of the page."""
    rows = [
        (
            title,
            f"{each['accuracy']:.3f}",
            f"{each['low']:.3f} to {each['high']:.3f}",
            each["tested"],
            each["leaks"],
        )
        for title, each in results.items()
    ]
    return table(("split", "accuracy", "95 % interval by person", "tested", "leaks found"), rows)


if __name__ == "__main__":
    Benchmark("leaky_split", "protocols.md", measure, tables, needs_faces=False).run()
