"""Dealing people into parts so that every part has every class where that can be.

People are given with the set of classes that their samples have; one person may have several.
Everything is drawn from the generator given, over names in alphabetical order, so that a seed
gives the same parts whatever the order of the manifest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from facialis.datasets.targets import Class

People = Mapping[str, frozenset[Class]]
"""Classes of the samples of each person (or of each row, where rows are dealt)."""

_UNLABELLED: Final = frozenset({""})
_ROUNDING: Final = 1e-9


def dealt(people: People, parts: int, rng: np.random.Generator) -> list[list[str]]:
    """Return the people in parts of about one size.

    The rarest class is dealt first, each person to the part that has fewest of the class and then
    fewest people. Where nobody has two classes, a class with at least as many people as there are
    parts is in every part.

    Args:
        people: The people.
        parts: How many parts.
        rng: Shuffles the people, and the parts among which there is nothing to choose.
    """
    hands: list[list[str]] = [[] for _ in range(parts)]
    held: list[Counter[Class]] = [Counter() for _ in range(parts)]
    turn = rng.permutation(parts)
    for rarest, person in _rarest_first(people, rng):
        part = min(range(parts), key=lambda i: (held[i][rarest], len(hands[i]), turn[i]))
        hands[part].append(person)
        held[part].update(people[person] or _UNLABELLED)
    return hands


def held_out(people: People, share: float, rng: np.random.Generator) -> list[str]:
    """Return people to validate on, a share of each class, without emptying a class of the rest.

    At least one person of each class that has two; at least one person if there are two.

    Args:
        people: Those of the training part.
        share: Part of each class, 0 to 1.
        rng: Draws them.
    """
    left = _class_sizes(people)
    wanted = {each: max(1, int(share * count + 0.5)) for each, count in left.items()}
    chosen: list[str] = []
    order = _rarest_first(people, rng)
    for rarest, person in order:
        classes = people[person] or _UNLABELLED
        if wanted[rarest] > 0 and all(left[each] > 1 for each in classes):
            chosen.append(person)
            for each in classes:
                left[each] -= 1
                wanted[each] -= 1
    return chosen or [person for _, person in order[-1:] if len(order) > 1]


def one_held_out(people: People, rng: np.random.Generator) -> list[str]:
    """Return one person to validate on (D4-14), if possible one whose classes others have too.

    Args:
        people: Those of the training part.
        rng: Draws the person.

    Returns:
        Nobody if there is only one person.
    """
    sizes = _class_sizes(people)
    order = _shuffled(people, rng)
    spare = [p for p in order if all(sizes[each] > 1 for each in people[p] or _UNLABELLED)]
    return (spare or order)[:1] if len(order) > 1 else []


def apportioned(
    people: People, fractions: Sequence[float], rng: np.random.Generator
) -> list[list[str]]:
    """Return the people in parts of given fractions, each class spread evenly over the parts.

    All parts but the last have the fraction of the people, rounded down; the last has the rest
    (D1-15: 500 people at 2/3, 1/6, 1/6 are 333, 83 and 84).

    Args:
        people: The people.
        fractions: One a part; they sum to 1.
        rng: Shuffles the people of each class.
    """
    order = [person for _, person in _rarest_first(people, rng)]
    sizes = [int(len(order) * fraction + _ROUNDING) for fraction in fractions[:-1]]
    sizes.append(len(order) - sum(sizes))
    parts: list[list[str]] = [[] for _ in sizes]
    for given, person in enumerate(order, start=1):
        lacking = [
            size * given / len(order) - len(part) if len(part) < size else -np.inf
            for size, part in zip(sizes, parts, strict=True)
        ]
        parts[int(np.argmax(lacking))].append(person)
    return parts


def _class_sizes(people: People) -> Counter[Class]:
    return Counter(each for classes in people.values() for each in classes or _UNLABELLED)


def _shuffled(people: People, rng: np.random.Generator) -> list[str]:
    names = sorted(people)
    return [names[i] for i in rng.permutation(len(names))]


def _rarest_first(people: People, rng: np.random.Generator) -> list[tuple[Class, str]]:
    """Return each person's rarest class and the person, rare classes first, else shuffled."""
    sizes = _class_sizes(people)

    def rarity(each: Class) -> tuple[int, str]:
        return sizes[each], str(each)

    rarest = {p: min(classes or _UNLABELLED, key=rarity) for p, classes in people.items()}
    order = sorted(_shuffled(people, rng), key=lambda person: rarity(rarest[person]))
    return [(rarest[person], person) for person in order]
