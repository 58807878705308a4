"""Whether skin tells that a picture is mirrored, or shows another person.

Real pairs: both photographs of each person of the London set, the second one under a fault.
Examinations: six movements of a simulated lesion, made from the photographs of one person each, so
that their skin is more alike than that of photographs taken on their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from benchmarks import simulation_people
from benchmarks.degraded import (
    Photograph,
    Pixels,
    blurred,
    chin_up,
    compressed,
    darkened,
    lit_from_one_side,
    shrunk,
    turned_to_the_left,
)
from benchmarks.photographs import london, pixels_of, started
from benchmarks.record import Benchmark, Results, table
from benchmarks.rendered_heads import MOVEMENTS
from facialis.errors import NoFaceError
from facialis.face.likeness import (
    MIRRORED_BELOW,
    STRANGE_BELOW,
    SkinPattern,
    skin_pattern,
    strangers,
    turned_over,
)
from facialis.face.patch import face_patch
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.performance import Performance, performed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from facialis.clinical.anatomy import Side
    from facialis.simulation.people import Person

FAULTS: Final[Mapping[str, Callable[[Photograph], Pixels]]] = {
    "untouched": lambda p: p.pixels,
    "JPEG quality 30 at 100 px": lambda p: compressed(p, 30),
    "60 px between the outer canthi": lambda p: shrunk(p, 60),
    "40 px": lambda p: shrunk(p, 40),
    "blur, 2 % of the eyes' distance": lambda p: blurred(p, 2),
    "low light, luminance 40": lambda p: darkened(p, 40),
    "one cheek three times as bright": lambda p: lit_from_one_side(p, 3),
    "yaw 20°": lambda p: turned_to_the_left(p, 20),
    "pitch 15°": lambda p: chin_up(p, 15),
}
GRADES: Final = (2, 4, 6)


def pattern(pixels: Pixels) -> SkinPattern | None:
    """Return the pattern of the largest face, or None where none is found."""
    try:
        face = find_faces(Frame.from_array(np.ascontiguousarray(pixels)))[0]
    except NoFaceError:
        return None
    return skin_pattern(face_patch(pixels, face.points))


def measure(faces: Path | None) -> Results:
    """Compare all pairs, and all pictures of examinations."""
    assert faces is not None
    examined = simulation_people.found_of_each(faces, of_person, "likeness")
    started()
    return {
        "pairs": _pairs(faces),
        "examinations": {
            "pictures": len(examined) * len(MOVEMENTS),
            "count": len(examined),
            **{name: sum(row[name] for row in examined) for name in examined[0]},
        },
        "photographs of one more person": _one_more(faces / "positions"),
    }


def _pairs(faces: Path) -> dict[str, Results]:
    first: list[SkinPattern | None] = []
    second: dict[str, list[SkinPattern | None]] = {name: [] for name in FAULTS}
    flipped: dict[str, list[SkinPattern | None]] = {name: [] for name in FAULTS}
    for person in london(faces):
        first.append(pattern(pixels_of(person.neutral)))
        pixels = pixels_of(person.smile)
        photograph = Photograph(pixels, find_faces(Frame.from_array(pixels))[0])
        for name, fault in FAULTS.items():
            worse = fault(photograph)
            second[name].append(pattern(worse))
            flipped[name].append(pattern(np.asarray(cv2.flip(worse, 1), np.uint8)))
    return {name: _compared(first, second[name], flipped[name]) for name in FAULTS}


def _compared(
    first: Sequence[SkinPattern | None],
    second: Sequence[SkinPattern | None],
    flipped: Sequence[SkinPattern | None],
) -> Results:
    same = _both(zip(first, second, strict=True))
    turned = _both(zip(first, flipped, strict=True))
    others = _both((a, b) for i, a in enumerate(first) for j, b in enumerate(second) if i != j)
    turning = np.array([a.turning(b) for a, b in same])
    return {
        "pairs": len(same),
        "turning": [float(turning.min()), float(np.median(turning))],
        "called mirrored": sum(map(_is_mirrored, same)),
        "mirrored, called so": sum(map(_is_mirrored, turned)),
        "called strange": sum(map(_is_strange, same)),
        "strangers": len(others),
        "strangers, called so": sum(map(_is_strange, others)),
        "strangers, called mirrored": sum(map(_is_mirrored, others)),
    }


def _both(
    pairs: Iterable[tuple[SkinPattern | None, SkinPattern | None]],
) -> list[tuple[SkinPattern, SkinPattern]]:
    return [(a, b) for a, b in pairs if a is not None and b is not None]


def _is_mirrored(pair: tuple[SkinPattern, SkinPattern]) -> bool:
    return pair[0].turning(pair[1]) < MIRRORED_BELOW


def _is_strange(pair: tuple[SkinPattern, SkinPattern]) -> bool:
    return pair[0].likeness(pair[1]) < STRANGE_BELOW


def of_person(person: Person, side: Side) -> list[dict[str, Any]]:
    """Return what is said of examinations as they are, and with one picture mirrored."""
    rng = np.random.default_rng([17, *person.name.encode()])
    sitter = simulation_people.studio_for(person).sitter
    rows = []
    for grade in GRADES:
        lesion = drawn_lesion(rng, grade=grade, side=side)
        pictures = [
            performed(sitter, Performance(movement=movement, lesion=lesion)).pixels
            for movement in MOVEMENTS
        ]
        patterns = [each for each in map(pattern, pictures) if each is not None]
        one = int(rng.integers(len(patterns)))
        turned = pattern(np.asarray(cv2.flip(pictures[one], 1), np.uint8))
        exchanged = [turned if i == one and turned else each for i, each in enumerate(patterns)]
        rows.append(
            {
                "called mirrored": int(bool(turned_over(patterns)[0])),
                "called strange": int(bool(strangers(patterns))),
                "one mirrored, found": int(turned_over(exchanged)[0] == {one}),
            }
        )
    return rows


def _one_more(folder: Path) -> Results:
    patterns = [each for path in sorted(folder.glob("*.jpg")) if (each := pattern(pixels_of(path)))]
    found = []
    for one, each in enumerate(patterns):
        turned = SkinPattern(each.even, -each.odd)
        found.append(turned_over([*patterns[:one], turned, *patterns[one + 1 :]])[0] == {one})
    return {
        "pictures": len(patterns),
        "called mirrored": len(turned_over(patterns)[0]),
        "called strange": len(strangers(patterns)),
        "one mirrored, found": sum(found),
    }


def tables(results: Results) -> str:
    """Return the tables of the page."""
    rows = [
        (
            name,
            each["pairs"],
            f"{each['turning'][1]:.2f}, {each['turning'][0]:.2f}",
            each["called mirrored"],
            f"{each['mirrored, called so']} of {each['pairs']}",
            each["called strange"],
            f"{each['strangers, called so'] / each['strangers']:.0%}",
        )
        for name, each in results["pairs"].items()
    ]
    head = (
        "second photograph",
        "pairs",
        "agreement of what the halves differ in, median and least",
        "called mirrored",
        "mirrored, and called so",
        "called another person",
        "another person, and called so",
    )
    examined, more = results["examinations"], results["photographs of one more person"]
    return "\n\n".join(
        (
            "Two photographs of each person of the London set, at rest and smiling, the second one "
            "under a fault, mirrored, or of each other person.",
            table(head, rows),
            f"{examined['count']} simulated examinations of {len(MOVEMENTS)} movements (grades "
            f"{', '.join(map(str, GRADES))}; all pictures of one made from the same photographs): "
            f"{examined['called mirrored']} are said to hold a mirrored picture and "
            f"{examined['called strange']} another person's; with one picture mirrored, it is "
            f"found in {examined['one mirrored, found']}. Of {more['pictures']} photographs of one "
            "more person, taken in different places and from 15 cm on, "
            f"{more['called mirrored']} are called mirrored and {more['called strange']} another "
            f"person's; each of them mirrored in turn, {more['one mirrored, found']} are found.",
        )
    )


if __name__ == "__main__":
    Benchmark("likeness", "quality.md", measure, tables).run()
