"""How verdict and methods bear faults of the photograph, on people not learned from.

Every person is photographed at rest and smiling, healthy and with a simulated palsy of grade V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from benchmarks.answers import answers_to
from benchmarks.degraded import (
    Photograph,
    Pixels,
    blurred,
    compressed,
    darkened,
    masked,
    shrunk,
    turned_to_the_left,
    with_dark_glasses,
    with_fringe,
)
from benchmarks.photographs import london, started
from benchmarks.record import Benchmark, Results, table
from facialis.clinical.anatomy import Movement, Side
from facialis.evaluation.metrics import roc_auc
from facialis.face import mesh
from facialis.face.search import find_faces
from facialis.grading.combined import FUSION
from facialis.media.photo import Frame
from facialis.methods.cascaded_encoder import answer as cascade
from facialis.methods.fp_vggface import answer as grader
from facialis.simulation.appearance import Appearance
from facialis.simulation.course import Phase
from facialis.simulation.lesion import Form, Lesion, standard_lesion
from facialis.simulation.one_off import sat
from facialis.simulation.plan import Placement, Scene
from facialis.simulation.recording import recorded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from facialis.simulation.compose import Sitter

_BY_FUSION: Final = (
    *("004", "012", "042", "062", "090", "108", "113", "118", "124", "131", "136", "141", "173"),
)
_BY_GRADERS: Final = (
    *("006", "019", "026", "041", "062", "083", "100", "107", "108", "113", "118", "135", "142"),
)
UNSEEN: Final = {
    "norms": _BY_FUSION,
    "combined": tuple(sorted({*_BY_FUSION} & {*_BY_GRADERS})),
    FUSION: _BY_FUSION,
    cascade.NAME: _BY_GRADERS,
    grader.NAME: _BY_GRADERS,
}
"""People whom each has not learned from; the norms know all of them by their health."""
GRADE: Final = 5
LONGEST: Final = 640
MOVEMENTS: Final = (Movement.REST, Movement.SMILE)
_HALF: Final = 0.5
_LIPS: Final = (
    *(*mesh.RIGHT_UPPER_LIP_OUTER, *mesh.LEFT_UPPER_LIP_OUTER),
    *(*mesh.RIGHT_LOWER_LIP_OUTER, *mesh.LEFT_LOWER_LIP_OUTER),
)
_BEARD: Final = (*mesh.RIGHT_JAW[1:], *mesh.LEFT_JAW[1:], 205, 425)


def rolled(photograph: Photograph, degrees: float) -> Pixels:
    """Return the picture turned about its middle."""
    height, width = photograph.pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    turned = cv2.warpAffine(
        photograph.pixels, turn, (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(turned, np.uint8)


def bearded(photograph: Photograph, cover: float) -> Pixels:
    """Return the face with dark stubble over cheeks, chin and upper lip, lips left free."""
    pixels, points = photograph.pixels, photograph.face.points[:, :2]
    inside = np.zeros(pixels.shape[:2], np.uint8)
    around = cv2.convexHull(points[list(_BEARD)].astype(np.int32))
    cv2.fillPoly(inside, [np.asarray(around, np.int32).reshape(-1, 2)], (1,))
    lips = cv2.convexHull(points[list(_LIPS)].astype(np.int32))
    cv2.fillPoly(inside, [np.asarray(lips, np.int32).reshape(-1, 2)], (0,))
    grain = np.random.default_rng(0).random(pixels.shape[:2])
    soft = cv2.GaussianBlur((inside * (grain < cover)).astype(np.float32), (0, 0), 0.8)[..., None]
    mixed = pixels * (1 - soft) + np.array([45, 35, 28]) * soft
    return np.asarray(np.clip(mixed, 0, 255), np.uint8)


FAULTS: Final[Mapping[str, Callable[[Photograph], Pixels]]] = {
    "untouched": lambda p: p.pixels,
    "JPEG quality 30 at 100 px": lambda p: compressed(p, 30),
    "face 96 px wide": lambda p: shrunk(p, 60),
    "blur, 2 % of the eyes' distance": lambda p: blurred(p, 2),
    "low light, luminance 40": lambda p: darkened(p, 40),
    "yaw 20° to the left": lambda p: turned_to_the_left(p, 20),
    "yaw 20° to the right": lambda p: turned_to_the_left(p, -20),
    "rolled by 20°": lambda p: rolled(p, 20),
    "stubble drawn on": lambda p: bearded(p, 0.45),
    "dense beard drawn on": lambda p: bearded(p, 0.95),
    "dark glasses": lambda p: with_dark_glasses(p, (12, 12, 14)),
    "blue mask": lambda p: masked(p, (90, 150, 200)),
    "hair over the right brow": lambda p: with_fringe(p, (40, 25, 15)),
}
ON_PURPOSE: Final = {
    "smirk (healthy)": (Movement.SMILE, Side.LEFT),
    "wink (healthy)": (Movement.EYE_CLOSE_GENTLE, Side.LEFT),
}
"""One-sided movements of healthy people: the side that moves."""


def measure(faces: Path | None) -> Results:
    """Assess every picture under every fault."""
    assert faces is not None
    started()
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in (*FAULTS, *ON_PURPOSE)}
    people = {person.neutral.stem.split("_")[0]: person for person in london(faces)}
    for number, name_of in enumerate(sorted({*_BY_FUSION, *_BY_GRADERS})):
        person = people[name_of]
        sitter, _ = sat(person.neutral, person.smile, LONGEST)
        side = list(Side)[number % 2]
        for lesion in (None, standard_lesion(GRADE, side, Form.FLACCID)):
            for movement in MOVEMENTS:
                photograph = _photograph(sitter, lesion, movement, dict.fromkeys(Side, 1.0))
                for name, fault in FAULTS.items():
                    found[name].append(_said(fault(photograph), side if lesion else None, name_of))
        for name, (movement, moving) in ON_PURPOSE.items():
            effort = {each: 1.0 if each is moving else 0.0 for each in Side}
            photograph = _photograph(sitter, None, movement, effort)
            found[name].append(_said(photograph.pixels, None, name_of))
    return {"faults": {name: _scores(rows) for name, rows in found.items()}}


def _photograph(
    sitter: Sitter, lesion: Lesion | None, movement: Movement, effort: Mapping[Side, float]
) -> Photograph:
    scene = Scene(
        name="person", subject="person", case=0, grade=GRADE if lesion else 1, lesion=lesion,
        movement=movement, phase=Phase.REST if movement is Movement.REST else Phase.HOLD,
        effort=dict(effort), habit_seed=(), quirk=None, yaw=0.0, pitch=0.0,
        placement=Placement(), appearance=Appearance(),
    )  # fmt: skip
    pixels = recorded(sitter, scene).pixels
    return Photograph(pixels, find_faces(Frame.from_array(pixels))[0])


def _said(pixels: Pixels, side: Side | None, person: str) -> dict[str, Any]:
    said = answers_to(pixels)
    called = said.pop("side", None)
    if side is not None and called is not None:
        said["side"] = called == side.value
    return {"palsy": side is not None, "person": person} | said


def _scores(rows: list[dict[str, Any]]) -> Results:
    scored: Results = {"pictures": len(rows), "judged": sum("norms" in row for row in rows)}
    sides = [row["side"] for row in rows if "side" in row]
    scored["side"] = [sum(sides), len(sides)]
    for name, people in UNSEEN.items():
        given = [row for row in rows if name in row and row["person"] in people]
        truth = np.array([row["palsy"] for row in given], bool)
        value = np.array([row["distance" if name == "norms" else name] for row in given])
        called = np.array([row[name] >= _HALF for row in given], bool)
        scored[name] = {
            "answered": len(given),
            "AUC": float(roc_auc(truth, value)) if 0 < truth.sum() < len(truth) else None,
            "sensitivity": [int(called[truth].sum()), int(truth.sum())],
            "specificity": [int((~called[~truth]).sum()), int((~truth).sum())],
        }
    return scored


def tables(results: Results) -> str:
    """Return the tables of the page."""
    head = ("fault", "judged", *UNSEEN, "side right, of those called")
    rows = [
        (
            name,
            f"{each['judged']} of {each['pictures']}",
            *(_cell(each[method]) for method in UNSEEN),
            "–" if not each["side"][1] else "{} of {}".format(*each["side"]),
        )
        for name, each in results["faults"].items()
    ]
    return "\n\n".join(
        (
            "**Simulated** palsies of grade V, without synkinesis, at rest and smiling, and the "
            "same people of the London set without one, 640 pixels. Each method is tested on the "
            "13 people that it has not learned from, the norms on those of the fusion, the "
            "combined rule on the four that neither fusion nor grader has learned from; the norms "
            "were made from healthy photographs of them too. Each cell: AUC, then sensitivity and "
            "specificity at one half. With a region left out none answers.",
            table(head, rows),
        )
    )


def _cell(scores: Mapping[str, Any]) -> str:
    if not scores["answered"]:
        return "–"
    area = "" if scores["AUC"] is None else f"{scores['AUC']:.3f}; "
    ends = (
        "{}/{}".format(*scores[n]) if scores[n][1] else "–" for n in ("sensitivity", "specificity")
    )
    return area + ", ".join(ends)


if __name__ == "__main__":
    Benchmark("method_robustness", "method.md", measure, tables).run()
