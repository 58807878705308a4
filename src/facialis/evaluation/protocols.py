"""Protocols: how the people of a manifest are divided into training, validation and test.

All but `leaky` divide people, never samples: a person is in one part only, and whoever is validated
on is taken from the training people (D3-13, D4-14). Augmented copies are learned from and never
tested on. What a protocol has to leave out, or cannot provide, stands in the caveats of its
`Splits`. The same manifest and seed give the same splits, whatever the order of the rows.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.datasets.manifest import PARTS, check_rows
from facialis.datasets.targets import Target, class_of
from facialis.errors import InputError
from facialis.evaluation.caveats import caveats_of
from facialis.evaluation.dealing import People, apportioned, dealt, held_out, one_held_out
from facialis.evaluation.splits import Caveat, Protocol, Split, Splits

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from facialis.datasets.manifest import Manifest

FOLDS: Final = 5
"""Folds of `kfold` ([003] section on data)."""

CASCADE_FRACTIONS: Final = (2 / 3, 1 / 6, 1 / 6)
"""Fractions of people of paper 001."""

FRAME_FRACTIONS: Final = (0.70, 0.15, 0.15)
"""Fractions of frames of paper 002, which prints 75 / 15 / 15 (METHODS 3.4)."""

VALIDATION_SHARE: Final = 0.15
"""Part of the training people that is validated on."""

_TWO: Final = 2


def lopo(manifest: Manifest, target: Target | None = None, *, seed: int) -> Splits:
    """Leave one patient out: one split a person, with one other person to validate on (D4-14).

    Args:
        manifest: The samples.
        target: What is evaluated; without it nothing is said of missing classes.
        seed: Draws who is validated on.

    Raises:
        InputError: There are fewer than two people, or the rows contradict one another.
    """
    people = _people(manifest, target)
    _enough(manifest, people, _TWO)
    splits = []
    for number, tested in enumerate(sorted(people)):
        others = {name: classes for name, classes in people.items() if name != tested}
        validated = one_held_out(others, np.random.default_rng([seed, number]))
        splits.append(_split(manifest, f"lopo {tested}", Protocol.LOPO, [tested], validated))
    return _splits(manifest, target, splits)


def kfold(
    manifest: Manifest, target: Target | None = None, *, seed: int, folds: int = FOLDS
) -> Splits:
    """Test each person once, in groups that have every class where there are people enough.

    Args:
        manifest: The samples.
        target: What the folds are stratified by; one class for all if None.
        seed: Draws the folds and who is validated on.
        folds: How many.

    Raises:
        InputError: There are fewer people than folds, or fewer than two folds, or the rows
            contradict one another.
    """
    if folds < _TWO:
        raise InputError(f"{folds} folds", "leave nobody to learn from", "ask for two or more")
    people = _people(manifest, target)
    _enough(manifest, people, folds)
    splits = []
    for number, tested in enumerate(dealt(people, folds, np.random.default_rng(seed)), start=1):
        others = {name: people[name] for name in people.keys() - set(tested)}
        rng = np.random.default_rng([seed, number])
        validated = held_out(others, VALIDATION_SHARE, rng)
        name = f"kfold {number} of {folds}"
        splits.append(_split(manifest, name, Protocol.KFOLD, tested, validated))
    return _splits(manifest, target, splits)


def fixed(manifest: Manifest, target: Target | None = None) -> Splits:
    """Return the split that a preparation wrote into the manifest.

    Args:
        manifest: The samples; rows that name no part are left out, with a caveat.
        target: What is evaluated; without it nothing is said of missing classes.

    Raises:
        InputError: No row is for training, or none for the test, or the rows contradict one
            another.
    """
    check_rows(manifest.rows, manifest.title)
    parts = {part: tuple(r.name for r in manifest.rows if r.part == part) for part in ("", *PARTS)}
    for part in ("train", "test"):
        if not parts[part]:
            raise InputError(
                manifest.title,
                f"fixes no row for {part}",
                "use another protocol, or a preparation that fixes the parts",
            )
    split = Split("fixed", Protocol.FIXED, parts["train"], parts["validation"], parts["test"])
    left_out = Caveat("rows without a part, left out", parts[""])
    return _splits(manifest, target, [split], [left_out])


def subject_fractions(
    manifest: Manifest,
    target: Target | None = None,
    *,
    seed: int,
    fractions: tuple[float, float, float] = CASCADE_FRACTIONS,
) -> Splits:
    """Return one split with given fractions of the people, each class spread over the parts.

    Args:
        manifest: The samples.
        target: What the parts are stratified by; one class for all if None.
        seed: Draws the parts.
        fractions: Of training, validation and test people; what rounding leaves is tested (D1-15).

    Raises:
        InputError: The fractions are none, a part that needs people gets nobody, or the rows
            contradict one another.
    """
    _checked_fractions(fractions)
    people = _people(manifest, target)
    _enough(manifest, people, _TWO)
    train, validated, tested = apportioned(people, fractions, np.random.default_rng(seed))
    if not train or not tested:
        raise InputError(
            manifest.title,
            f"has {len(people)} people, too few for these fractions",
            "use lopo, or other fractions",
        )
    name = "fixed " + ", ".join(f"{each:.3g}" for each in fractions)
    return _splits(manifest, target, [_split(manifest, name, Protocol.FIXED, tested, validated)])


def cross(
    manifest: Manifest,
    target: Target | None = None,
    *,
    train: Collection[str],
    test: Collection[str],
    seed: int,
) -> Splits:
    """Train on some collections and test on others.

    People who are in both are tested only, and rows of collections that were not named are left
    out, each with a caveat.

    Args:
        manifest: The samples of all collections.
        target: What the validation people are stratified by; one class for all if None.
        train: Sources to learn from.
        test: Sources to test on.
        seed: Draws who is validated on.

    Raises:
        InputError: A source is unknown or named for both, nobody is left to learn from, or the
            rows contradict one another.
    """
    _checked_sources(manifest, train, test)
    people = _people(manifest, target)
    tested = {row.subject for row in manifest.rows if row.source in test}
    learned = {row.subject for row in manifest.rows if row.source in train}
    others = {name: people[name] for name in learned - tested}
    if not others:
        raise InputError(
            " and ".join(sorted(train)), "has nobody who is not tested", "train on another source"
        )
    validated = set(held_out(others, VALIDATION_SHARE, np.random.default_rng(seed)))
    rows = {
        "train": [r for r in manifest.rows if r.source in train and r.subject in others],
        "test": [r for r in manifest.rows if r.source in test and not r.parent],
    }
    split = Split(
        f"cross {'+'.join(sorted(train))} to {'+'.join(sorted(test))}",
        Protocol.CROSS,
        tuple(row.name for row in rows["train"] if row.subject not in validated),
        tuple(r.name for r in rows["train"] if r.subject in validated and not r.parent),
        tuple(row.name for row in rows["test"]),
    )
    named = {*train, *test}
    left_out = [
        Caveat("learned from these sources", tuple(sorted(train))),
        Caveat("tested on these sources", tuple(sorted(test))),
        Caveat("people in training and test sources, tested only", tuple(sorted(learned & tested))),
        Caveat(
            "rows of sources that were not named, left out",
            tuple(row.name for row in manifest.rows if row.source not in named),
        ),
    ]
    return _splits(manifest, target, [split], left_out)


def leaky(
    manifest: Manifest,
    target: Target | None = None,
    *,
    seed: int,
    fractions: tuple[float, float, float] = FRAME_FRACTIONS,
) -> Splits:
    """Return paper 002's split: random frames of each class, whoever they are of.

    The same people, and near copies of the same frames, are in all parts ([002] Table 2; METHODS
    3.8). It is only here to show what that does beside an honest protocol.

    Args:
        manifest: The samples.
        target: The classes that are divided alike; one class for all if None.
        seed: Draws the parts.
        fractions: Of training, validation and test frames of each class.

    Raises:
        InputError: The fractions are none, there are too few rows, or the rows contradict one
            another.
    """
    _checked_fractions(fractions)
    check_rows(manifest.rows, manifest.title)
    classes: dict[str, list[str]] = defaultdict(list)
    for row in manifest.rows:
        found = None if target is None else class_of(row, target)
        classes[str(found)].append(row.name)
    parts: list[set[str]] = [set(), set(), set()]
    rng = np.random.default_rng(seed)
    for each in sorted(classes):
        rows = dict.fromkeys(classes[each], frozenset[int | str]())
        for part, names in zip(parts, apportioned(rows, fractions, rng), strict=True):
            part.update(names)
    if not parts[0] or not parts[2]:
        raise InputError(manifest.title, "has too few rows to divide", "add rows")
    train, validation, test = (
        tuple(row.name for row in manifest.rows if row.name in part) for part in parts
    )
    return _splits(manifest, target, [Split("leaky", Protocol.LEAKY, train, validation, test)])


def _people(manifest: Manifest, target: Target | None) -> People:
    check_rows(manifest.rows, manifest.title)
    classes: dict[str, set[int | str]] = defaultdict(set)
    for row in manifest.rows:
        found = None if target is None else class_of(row, target)
        classes[row.subject] |= set() if found is None else {found}
    return {name: frozenset(found) for name, found in classes.items()}


def _split(
    manifest: Manifest,
    name: str,
    protocol: Protocol,
    tested: Sequence[str],
    validated: Sequence[str],
) -> Split:
    apart = {*tested, *validated}
    originals = [row for row in manifest.rows if not row.parent]
    return Split(
        name,
        protocol,
        tuple(row.name for row in manifest.rows if row.subject not in apart),
        tuple(row.name for row in originals if row.subject in set(validated)),
        tuple(row.name for row in originals if row.subject in set(tested)),
    )


def _splits(
    manifest: Manifest,
    target: Target | None,
    splits: Sequence[Split],
    left_out: Sequence[Caveat] = (),
) -> Splits:
    found = [*left_out, *caveats_of(manifest, splits, target)]
    return Splits(splits[0].protocol, tuple(splits), tuple(each for each in found if each.names))


def _enough(manifest: Manifest, people: People, least: int) -> None:
    if len(people) < least:
        raise InputError(
            manifest.title,
            f"has {len(people)} people, and this protocol needs {least}",
            "add people, or ask for fewer folds",
        )


def _checked_fractions(fractions: tuple[float, float, float]) -> None:
    if min(fractions) < 0 or not math.isclose(sum(fractions), 1):
        raise InputError(
            f"fractions {fractions}", "do not divide a whole", "give three that sum to 1"
        )


def _checked_sources(manifest: Manifest, train: Collection[str], test: Collection[str]) -> None:
    known = sorted({row.source for row in manifest.rows})
    strange = sorted({*train, *test} - set(known))
    if strange or not train or not test:
        raise InputError(
            ", ".join(strange) or "sources",
            "not in the manifest" if strange else "were not named",
            "name at least one to train on (--train-on) and one to test on (--test-on), of "
            f"{', '.join(known)}",
        )
    if set(train) & set(test):
        raise InputError(
            ", ".join(sorted(set(train) & set(test))), "is for training and test", "choose one"
        )
