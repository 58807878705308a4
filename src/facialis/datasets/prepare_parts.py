"""Who goes to training, validation and test, and which pictures are drawn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import numpy as np

    from facialis.datasets.sample import Sample

Class = TypeVar("Class", int, str)

TRAIN: Final = "train"
VALIDATION: Final = "validation"
TEST: Final = "test"


def counted_parts(
    subjects: Iterable[str], counts: Mapping[str, int], rng: np.random.Generator
) -> dict[str, str]:
    """Return the part of each person, drawn at random.

    Args:
        subjects: The people; repetitions do not matter.
        counts: How many people each part gets, in order; the last part gets the rest.
        rng: Of the draw, which depends on the names and on nothing else.
    """
    names = sorted(set(subjects))
    order = [names[i] for i in rng.permutation(len(names))]
    *first, rest = counts
    parts = [part for part in first for _ in range(counts[part])]
    return {name: parts[i] if i < len(parts) else rest for i, name in enumerate(order)}


def balanced_parts(
    classes: Mapping[str, Iterable[Class]],
    shares: Mapping[str, float],
    rng: np.random.Generator,
) -> dict[str, str]:
    """Return the part of each person so that every class has its share of people in every part.

    People of the rarest classes are placed first, each where the parts that their classes are
    in lack most of their share. With two people of a class the first part and the second get one,
    with three every part does.

    Args:
        classes: The classes that each person has pictures of.
        shares: The fraction of each part, those that matter most first.
        rng: Of the order in which people are placed.
    """
    people = {name: frozenset(found) for name, found in sorted(classes.items())}
    totals = Counter(each for found in people.values() for each in found)
    have: Counter[tuple[str, Class]] = Counter()
    names = sorted(people)
    order = [names[i] for i in rng.permutation(len(names))]
    order.sort(key=lambda name: min((totals[each] for each in people[name]), default=0))
    placed: dict[str, str] = {}
    for name in order:
        lacking = {
            part: sum(1 - have[part, each] / (share * totals[each]) for each in people[name])
            for part, share in shares.items()
        }
        placed[name] = max(lacking, key=lambda part: round(lacking[part], 9))
        have.update((placed[name], each) for each in people[name])
    return placed


def drawn_evenly(
    samples: Sequence[Sample],
    count: int,
    rng: np.random.Generator,
    is_usable: Callable[[Sample], bool],
) -> list[Sample]:
    """Draw pictures at random, from as many people as possible and from each alike.

    Args:
        samples: What to draw from.
        count: How many, at most.
        rng: Of the draw.
        is_usable: Asked of each before it is taken.
    """
    taken: list[Sample] = []
    for sample in _turns(samples, rng):
        if len(taken) == count:
            break
        if is_usable(sample):
            taken.append(sample)
    return taken


def _turns(samples: Sequence[Sample], rng: np.random.Generator) -> Iterator[Sample]:
    people: dict[str, list[Sample]] = {}
    for sample in samples:
        people.setdefault(sample.subject, []).append(sample)
    piles = []
    for name in sorted(people):
        mine = people[name]
        piles.append([mine[i] for i in rng.permutation(len(mine))])
    piles = [piles[i] for i in rng.permutation(len(piles))]
    for turn in range(max(map(len, piles), default=0)):
        yield from (pile[turn] for pile in piles if turn < len(pile))
