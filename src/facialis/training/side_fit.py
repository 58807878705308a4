"""Fit what lesions add to the asymmetry of a face in each movement, and how sure of a side that is.

The directions come from simulated lesions, the spread that they are weighed by mostly from the
healthy people of the norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.measures.norms import NormTable, default_norms
from facialis.measures.side import (
    ANY_MOVEMENT_SHARE,
    LESIONS_FORMAT,
    LesionTable,
    MovementGuess,
    MovementLesions,
    both_sides,
    closing_evidence,
    guessed_evidence,
    movement_evidence,
    side_evidence,
)
from facialis.measures.symmetry import FEATURES
from facialis.training.conformal import FOLDS, share
from facialis.training.healthy_distance import evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from facialis.datasets.manifest import Manifest
    from facialis.grading.cuts import Measured

Floats = NDArray[np.float64]

LEAST: Final = 2 * len(FEATURES)
"""Pictures that the lesions of a movement are told from at least."""
_MOST_STEPS: Final = 2000
_PAIR: Final = 2
_TEMPERS: Final = np.linspace(0.05, 1.5, 146)


@dataclass(frozen=True, slots=True, eq=False)
class Lesioned:
    """Pictures of palsies whose side and movement are known.

    Attributes:
        residual: (n, F) asymmetry that pose does not explain, in parts of the healthy spread.
        towards: (n,) 1 if the lesion is on the left, -1 on the right.
        called: (n,) whether the comparison with healthy faces calls the picture a palsy.
        movement: (n,)
        people: (n,)
        anyhow: (n, F) as `residual`, by the norm of any movement.
        called_anyhow: (n,) as `called`, by that norm.
        loose: (n,) evidence that knows no movement.
        scores: (n, 52) expression scores.
    """

    residual: Floats
    towards: Floats
    called: NDArray[np.bool_]
    movement: NDArray[np.str_]
    people: NDArray[np.str_]
    anyhow: Floats
    called_anyhow: NDArray[np.bool_]
    loose: Floats
    scores: Floats

    def part(self, rows: NDArray[np.intp]) -> Lesioned:
        """Return some of the pictures."""
        return Lesioned(*(getattr(self, name)[rows] for name in Lesioned.__slots__))

    def lesions(self) -> dict[Movement, MovementLesions]:
        """Return the lesions of each movement that enough pictures show."""
        found = {}
        for name in sorted(set(self.movement.tolist())):
            rows = self.movement == name
            if rows.sum() >= LEAST:
                left = self.residual[rows] * self.towards[rows, None]
                found[Movement(name)] = MovementLesions(left.mean(axis=0), np.cov(left.T))
        return found

    def guess(self) -> MovementGuess:
        """Return what tells the movements that `lesions` knows from expression scores.

        Raises:
            ValueError: There is none.
        """
        known = [each.value for each in self.lesions()]
        rows = np.isin(self.movement, known)
        if len(known) == 1:
            alone = np.zeros((1, self.scores.shape[1]))
            return MovementGuess((Movement(known[0]),), alone, np.zeros(1))
        fit = LogisticRegression(max_iter=_MOST_STEPS)
        fit.fit(both_sides(self.scores[rows]), self.movement[rows])
        weights, intercepts = np.array(fit.coef_), np.array(fit.intercept_)
        if len(known) == _PAIR:
            weights, intercepts = (np.stack((-v, v)) / 2 for v in (weights[0], intercepts[0]))
        return MovementGuess(tuple(map(Movement, fit.classes_.tolist())), weights, intercepts)


def lesioned(manifest: Manifest, progress: Callable[[int, int], None] | None = None) -> Lesioned:
    """Read the palsies of a framed cohort.

    Args:
        manifest: Data with side and movement.
        progress: Called with pictures done and in all.

    Raises:
        InputError: There are too few, or too few people.
    """
    norms = default_norms()
    threshold = norms.calibration["threshold"]
    rows = [row for row in manifest.rows if row.side is not None and row.movement is not None]
    if len({row.subject for row in rows}) < FOLDS:
        raise InputError(
            manifest.title,
            f"shows palsies of known side and movement of fewer than {FOLDS} people",
            "give a cohort of 'facialis simulate cohort' that 'facialis data frame' framed",
        )
    residual, called, anyhow, called_anyhow, loose, scores = [], [], [], [], [], []
    general = norms.norms["any"]
    for number, row in enumerate(rows, start=1):
        read = evidence_of(row, manifest)
        norm, condition = norms.for_movement(read.movement)
        residual.append(norm.residual(read.asymmetry, read.view) / norm.spread_at(read.view))
        distance = norm.distance(read.asymmetry, read.view)
        called.append(distance >= float(threshold[condition or "any"]))
        plain, spread = general.residual(read.asymmetry, read.view), general.spread_at(read.view)
        anyhow.append(plain / spread)
        called_anyhow.append(general.distance(read.asymmetry, read.view) >= float(threshold["any"]))
        weigh = closing_evidence if read.closing else side_evidence
        loose.append(weigh(general, norms.prototypes, plain, spread))
        scores.append(read.expressions)
        if progress is not None:
            progress(number, len(rows))
    return Lesioned(
        residual=np.array(residual),
        towards=np.array([1.0 if row.side is Side.LEFT else -1.0 for row in rows]),
        called=np.array(called),
        movement=np.array([str(row.movement) for row in rows]),
        people=np.array([row.subject for row in rows]),
        anyhow=np.array(anyhow),
        called_anyhow=np.array(called_anyhow),
        loose=np.array(loose),
        scores=np.array(scores),
    )


def evidence(
    pictures: Lesioned, lesions: Mapping[Movement, MovementLesions], norms: NormTable
) -> Floats:
    """Return the evidence (n,) for left over right of each picture; 0 if there is none."""
    found = np.zeros(len(pictures.towards))
    for number, (name, residual) in enumerate(
        zip(pictures.movement.tolist(), pictures.residual, strict=True)
    ):
        movement = Movement(name)
        if movement in lesions:
            norm, _ = norms.for_movement(movement)
            found[number] = movement_evidence(norm, lesions[movement], residual, 1.0)
    return found


def unseen_evidence(pictures: Lesioned) -> Floats:
    """Return the evidence (n,) from lesions of other people."""
    found = np.empty(len(pictures.towards))
    norms = default_norms()
    for train, test in GroupKFold(FOLDS).split(pictures.residual, groups=pictures.people):
        found[test] = evidence(pictures.part(test), pictures.part(train).lesions(), norms)
    return found


def unseen_guessed_evidence(pictures: Lesioned, temper: float) -> Floats:
    """Return the evidence (n,) where no movement is stated, from lesions of other people.

    Args:
        pictures: Palsies.
        temper: Of the evidence under a known movement.
    """
    found = np.empty(len(pictures.towards))
    norm = default_norms().norms["any"]
    for train, test in GroupKFold(FOLDS).split(pictures.residual, groups=pictures.people):
        learned = pictures.part(train)
        known = LesionTable("", temper, learned.lesions(), learned.guess(), 1.0)
        for number in test:
            likely = known.guess.log_probability(pictures.scores[number])
            found[number] = guessed_evidence(norm, known, likely, pictures.anyhow[number], 1.0)
    return found + ANY_MOVEMENT_SHARE * pictures.loose


def unseen_guesses(pictures: Lesioned) -> NDArray[np.bool_]:
    """Return whether the likeliest movement (n,) is the right one, told from other people."""
    right = np.empty(len(pictures.towards), bool)
    for train, test in GroupKFold(FOLDS).split(pictures.residual, groups=pictures.people):
        guess = pictures.part(train).guess()
        for number in test:
            best = int(guess.log_probability(pictures.scores[number]).argmax())
            right[number] = guess.movements[best] == pictures.movement[number]
    return right


def honest_temper(towards_truth: Floats) -> float:
    """Return the factor that makes log odds of evidence (n,) for the side that is affected."""
    losses = [float(np.logaddexp(0, -factor * towards_truth).mean()) for factor in _TEMPERS]
    return round(float(_TEMPERS[int(np.argmin(losses))]), 3)


@dataclass(frozen=True, slots=True, eq=False)
class Unseen:
    """Evidence for the true side (n,), from lesions of other people.

    Attributes:
        stated: Movement known; 0 where nothing is known of it.
        guessed: Movement not stated.
        temper: That makes honest log odds of `stated`.
    """

    stated: Floats
    guessed: Floats
    temper: float

    @classmethod
    def of(cls, pictures: Lesioned) -> Unseen:
        """Work it out; the guess stands on `temper`."""
        stated = unseen_evidence(pictures) * pictures.towards
        temper = honest_temper(stated[pictures.called & (stated != 0)])
        guessed = unseen_guessed_evidence(pictures, temper) * pictures.towards
        return cls(stated, guessed, temper)


def learned_table(pictures: Lesioned, note: str = "", unseen: Unseen | None = None) -> LesionTable:
    """Return what tells the side, its honesty fitted on people whom the lesions are not of."""
    found = Unseen.of(pictures) if unseen is None else unseen
    return LesionTable(
        note=note,
        temper=found.temper,
        movements=pictures.lesions(),
        guess=pictures.guess(),
        temper_guessed=honest_temper(found.guessed[pictures.called_anyhow]),
    )


def fitted(pictures: Lesioned, title: str) -> tuple[dict[str, Any], dict[str, Measured]]:
    """Return the lesions as the JSON object that is written, and how often the side is right.

    Args:
        pictures: Palsies.
        title: Of the data.

    Raises:
        InputError: No movement is shown often enough, or no palsy is called.
    """
    if not (pictures.called.any() and pictures.called_anyhow.any()):
        raise InputError(
            title,
            "shows no palsy that the comparison with healthy faces calls",
            "give stronger lesions",
        )
    folds = GroupKFold(FOLDS).split(pictures.residual, groups=pictures.people)
    if not all(pictures.part(train).lesions() for train, _ in folds):
        raise InputError(
            title,
            f"shows fewer than {LEAST} palsies in every movement, without a fifth of its people",
            "give more people, or more pictures of each",
        )
    people = len(set(pictures.people.tolist()))
    note = f"{title}: {len(pictures.towards):,} pictures of {people} people with a lesion."
    unseen = Unseen.of(pictures)
    return _as_json(learned_table(pictures, note, unseen)), _honesty(pictures, unseen)


def _as_json(table: LesionTable) -> dict[str, Any]:
    return {
        "format": LESIONS_FORMAT,
        "note": table.note,
        "features": list(FEATURES),
        "temper": table.temper,
        "movements": {
            name.value: {"mean": _rounded(each.mean), "covariance": _rounded(each.covariance)}
            for name, each in table.movements.items()
        },
        "guess": {
            "scores": list(EXPRESSION_NAMES),
            "movements": [each.value for each in table.guess.movements],
            "weights": _rounded(table.guess.weights),
            "intercepts": _rounded(table.guess.intercepts),
        },
        "temper_guessed": table.temper_guessed,
    }


def _honesty(pictures: Lesioned, unseen: Unseen) -> dict[str, Measured]:
    """Return how often the side is right, by lesions of other people."""
    stated, guessed = unseen.stated, unseen.guessed
    told = stated != 0

    def right(evidence: Floats, which: NDArray[np.bool_]) -> Measured:
        return share(evidence[which] > 0, pictures.people[which])

    return {
        "side right, of palsies that are called": right(stated, pictures.called & told),
        "side right, of all palsies": right(stated, told),
        "side right without a stated movement, of palsies that are called": right(
            guessed, pictures.called_anyhow
        ),
        "side right without a stated movement, of all palsies": right(guessed, np.ones_like(told)),
        "movement guessed right, of all palsies": share(unseen_guesses(pictures), pictures.people),
    }


def _rounded(values: Floats) -> Any:
    return np.vectorize(lambda v: float(f"{v:.5g}"))(values).tolist()
