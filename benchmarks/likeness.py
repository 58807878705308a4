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
    STRANGE_BELOW,
    SkinPattern,
    skin_pattern,
    strangers,
    ways_round,
)
from facialis.face.patch import face_patch
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation.appearance import Appearance, applied
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.light import SideLight
from facialis.simulation.performance import Performance, performed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from facialis.clinical.anatomy import Side
    from facialis.simulation.people import Person


def lit_from(photograph: Photograph, azimuth: float) -> Pixels:
    """Return it under a lamp at one side, with the shadow of the nose."""
    lamp = SideLight(azimuth=azimuth, elevation=25, strength=0.75, shadow=0.8)
    pixels, _ = applied(photograph.pixels, photograph.face.points, Appearance(light=lamp))
    return np.asarray(pixels, np.uint8)


FAULTS: Final[Mapping[str, Callable[[Photograph], Pixels]]] = {
    "untouched": lambda p: p.pixels,
    "JPEG quality 30 at 100 px": lambda p: compressed(p, 30),
    "60 px between the outer canthi": lambda p: shrunk(p, 60),
    "40 px": lambda p: shrunk(p, 40),
    "blur, 2 % of the eyes' distance": lambda p: blurred(p, 2),
    "low light, luminance 40": lambda p: darkened(p, 40),
    "one cheek three times as bright": lambda p: lit_from_one_side(p, 3),
    "lamps at opposite sides": lambda p: lit_from(p, 60),
    "yaw 20°": lambda p: turned_to_the_left(p, 20),
    "pitch 15°": lambda p: chin_up(p, 15),
    "without colours": lambda p: np.repeat(
        np.asarray(cv2.cvtColor(p.pixels, cv2.COLOR_RGB2GRAY), np.uint8)[..., None], 3, axis=2
    ),
}
FIRST: Final[Mapping[str, Callable[[Photograph], Pixels]]] = {
    "lamps at opposite sides": lambda p: lit_from(p, -60)
}
"""What happens to the first photograph of a pair too."""
GRADES: Final = (2, 4, 6)
MIRRORED: Final = (0, 1, 2, 3)
"""How many of the pictures of an examination are mirrored."""
_TOLD: Final = ("left out, and no other", "refused", "left mixed")


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
    first: dict[str, list[SkinPattern | None]] = {name: [] for name in FAULTS}
    second: dict[str, list[SkinPattern | None]] = {name: [] for name in FAULTS}
    flipped: dict[str, list[SkinPattern | None]] = {name: [] for name in FAULTS}
    for person in london(faces):
        rest, smile = (_photograph(path) for path in (person.neutral, person.smile))
        for name, fault in FAULTS.items():
            first[name].append(pattern(FIRST.get(name, FAULTS["untouched"])(rest)))
            worse = fault(smile)
            second[name].append(pattern(worse))
            flipped[name].append(pattern(np.asarray(cv2.flip(worse, 1), np.uint8)))
    return {name: _compared(first[name], second[name], flipped[name]) for name in FAULTS}


def _photograph(path: Path) -> Photograph:
    pixels = pixels_of(path)
    return Photograph(pixels, find_faces(Frame.from_array(pixels))[0])


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
    return -1 in ways_round([[each] for each in pair])


def _is_strange(pair: tuple[SkinPattern, SkinPattern]) -> bool:
    return pair[0].likeness(pair[1]) < STRANGE_BELOW


def of_person(person: Person, side: Side) -> list[dict[str, Any]]:
    """Return what is said of examinations as they are, and with pictures mirrored."""
    rng = np.random.default_rng([17, *person.name.encode()])
    sitter = simulation_people.studio_for(person).sitter
    rows = []
    for grade in GRADES:
        lesion = drawn_lesion(rng, grade=grade, side=side)
        pictures = [
            performed(sitter, Performance(movement=movement, lesion=lesion)).pixels
            for movement in MOVEMENTS
        ]
        straight = [pattern(each) for each in pictures]
        turned = [pattern(np.asarray(cv2.flip(each, 1), np.uint8)) for each in pictures]
        pairs = _both(zip(straight, turned, strict=True))
        order = rng.permutation(len(pairs)).tolist()
        row = {"called strange": int(bool(strangers([[each] for each, _ in pairs])))}
        for count in MIRRORED:
            chosen = frozenset(order[:count])
            row |= {f"{count} mirrored: {k}": v for k, v in _told(pairs, chosen).items()}
        rows.append(row)
    return rows


def _told(
    pairs: Sequence[tuple[SkinPattern, SkinPattern]], chosen: frozenset[int]
) -> dict[str, int]:
    """Return what becomes of an examination some pictures of which are mirrored.

    ``left mixed`` counts examinations in which pictures of both kinds take part unnoticed.
    """
    shown = [[pair[i in chosen]] for i, pair in enumerate(pairs)]
    ways = ways_round(shown)
    kept = {i for i, way in enumerate(ways) if way > 0}
    out = {i for i, way in enumerate(ways) if way <= 0}
    is_refused = bool(out) and len(out) >= len(kept)
    used = kept if out else set(range(len(pairs)))
    return {
        "refused": int(is_refused),
        "as is": int(not out),
        "left out, and no other": int(not is_refused and out == set(chosen) and bool(chosen)),
        "left mixed": int(not is_refused and bool(used & chosen) and bool(used - chosen)),
    }


def _one_more(folder: Path) -> Results:
    patterns = [each for path in sorted(folder.glob("*.jpg")) if (each := pattern(pixels_of(path)))]
    found = []
    for one, each in enumerate(patterns):
        turned = SkinPattern(each.even, -each.odd, -each.tone)
        ways = ways_round([[turned if i == one else p] for i, p in enumerate(patterns)])
        found.append(ways[one] < 1 and all(w > 0 for i, w in enumerate(ways) if i != one))
    return {
        "pictures": len(patterns),
        "called mirrored": sum(way < 1 for way in ways_round([[each] for each in patterns])),
        "called strange": len(strangers([[each] for each in patterns])),
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
            f"{each['strangers, called mirrored'] / each['strangers']:.1%}",
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
        "another person, called mirrored",
    )
    examined, more = results["examinations"], results["photographs of one more person"]
    return "\n\n".join(
        (
            "Two photographs of each person of the London set, at rest and smiling, the second one "
            "under a fault, mirrored, or of each other person. The lamps shine on the first "
            "photograph from the right, on the second from the left.",
            table(head, rows),
            f"{examined['count']} simulated examinations of {len(MOVEMENTS)} movements (grades "
            f"{', '.join(map(str, GRADES))}; all pictures of one made from the same photographs): "
            f"{examined['called strange']} are said to hold another person's picture.",
            table(
                ("mirrored of six", "taken as it is", *_TOLD),
                [
                    (
                        count or "none",
                        *(examined[f"{count} mirrored: {name}"] for name in ("as is", *_TOLD)),
                    )
                    for count in MIRRORED
                ],
            ),
            f"Of {more['pictures']} photographs of one more person, taken in different places and "
            f"from 15 cm on, {more['called mirrored']} are called mirrored and "
            f"{more['called strange']} another person's; each of them mirrored in turn, "
            f"{more['one mirrored, found']} are found.",
        )
    )


if __name__ == "__main__":
    Benchmark("likeness", "quality.md", measure, tables).run()
