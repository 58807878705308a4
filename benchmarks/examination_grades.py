"""House-Brackmann and Sunnybrook of whole simulated examinations, beside the simulator's own.

Of photographs that are warped, from some of which the cut-offs were chosen, and of heads rendered
from geometry, which share nothing with them but the lesions; the net of examinations has learned
from other draws of such heads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import facialis
from benchmarks import simulation_people
from benchmarks.photographs import started
from benchmarks.record import Benchmark, Results, table
from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.clinical.scales import GRADES
from facialis.errors import InputError
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.simulation.drawn_heads import DrawnHead, drawn_unevenness, drawn_view
from facialis.simulation.ict_head import read_head
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.palsy import acted
from facialis.simulation.performance import Performance, performed
from facialis.simulation.scoring import house_brackmann, sunnybrook

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    from facialis.simulation.ict_head import Head
    from facialis.simulation.lesion import Lesion
    from facialis.simulation.people import Person

    Pixels = NDArray[np.uint8]

MOVEMENTS: Final = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.EYE_CLOSE_TIGHT,
    Movement.SMILE_CLOSED,
    Movement.SMILE,
    Movement.SNARL,
    Movement.PUCKER,
    Movement.LOWER_TEETH,
)
EACH: Final = 3
"""Examinations of a person, of grades two apart."""
HEADS: Final = 20
EFFORT_SD: Final = 0.04
TURN_SD: Final = 3.0
"""Degrees, of yaw and of pitch, anew in each picture."""
KAPPA: Final = 0.90
"""Target of the quadratic weighted kappa."""
_CALLED_FROM: Final = 3
NEW_TO_THE_NET: Final = (
    *("006", "019", "026", "041", "062", "083", "100", "107", "108", "113", "118", "135", "142"),
)
"""People of the London set whom the net of all movements has not learned from."""

Row = dict[str, Any]


def measured(faces: Path | None) -> Results:
    """Grade every person's examinations."""
    assert faces is not None
    head = read_head(faces.parent / "models" / "ict_facekit" / "ict_facekit_light_f16.npz")
    started()
    photographs = [row for each in simulation_people.people_of(faces) for row in of_person(*each)]
    heads = [row for number in range(HEADS) for row in of_head(head, number)]
    new = [row for row in photographs if row["person"] in NEW_TO_THE_NET]
    return {
        "photographs": summary(photographs),
        "rendered heads": summary(heads),
        "together": {"photographs": beside(new), "rendered heads": beside(heads)},
    }


def beside(rows: Sequence[Row]) -> Results:
    """Return what the net of all movements says of examinations, beside the scales."""
    told = [row for row in rows if row["together"] is not None]
    both = [row for row in told if row["found"] is not None]
    only = [row for row in told if row["found"] is None]
    compared = [row for row in told if row["palsy"] is not None]
    return {
        "people": len({row["person"] for row in rows}),
        "examinations": len(rows),
        "answered": len(told),
        "graded by both": len(both),
        "kappa of the scales": _share(_kappa, both, "grade", "found"),
        "kappa of the net": _share(_kappa, both, "grade", "together"),
        "kappa of the net, all": _share(_kappa, told, "grade", "together"),
        "exact, the net, all": _share(
            lambda a, b: float(np.mean(a == b)), told, "grade", "together"
        ),
        "without a grade on the scales": len(only),
        "of these the net within one": sum(abs(r["together"] - r["grade"]) <= 1 for r in only),
        "AUC of the scales' verdict": _share(_auc, compared, "grade", "palsy"),
        "AUC of the net": _share(_auc, compared, "grade", "together palsy"),
        "in left open": _mean([row["grade"] in row["left open"] for row in told]),
        "grades left open": _mean([len(row["left open"]) for row in told]),
    }


def summary(rows: Sequence[Row]) -> Results:
    """Return what the examinations say together."""
    graded = [row for row in rows if row["found"] is not None]
    scored = [row for row in rows if row["composite"] is not None]
    sided = [row for row in rows if row["grade"] >= _CALLED_FROM]
    truth, found = ([row[key] for row in graded] for key in ("grade", "found"))
    return {
        "people": len({row["person"] for row in rows}),
        "examinations": len(rows),
        "graded": len(graded),
        "kappa": _share(_kappa, graded, "grade", "found"),
        "exact": _share(lambda a, b: float(np.mean(a == b)), graded, "grade", "found"),
        "within one": _share(
            lambda a, b: float(np.mean(abs(a - b) <= 1)), graded, "grade", "found"
        ),
        "in interval": _mean([row["low"] <= row["grade"] <= row["high"] for row in graded]),
        "grades in interval": _mean([row["high"] - row["low"] + 1 for row in graded]),
        "in conformal set": _mean([row["grade"] in row["conformal"] for row in graded]),
        "grades in conformal set": _mean([len(row["conformal"]) for row in graded]),
        "sunnybrook": len(scored),
        "sunnybrook error": _mean([abs(row["composite"] - row["sunnybrook"]) for row in scored]),
        "sunnybrook error from II": _mean(
            [abs(r["composite"] - r["sunnybrook"]) for r in scored if r["grade"] > 1]
        ),
        "side": {
            word: sum(_side(row) == word for row in sided)
            for word in ("right", "wrong", "not called")
        },
        "confusion": _matrix(truth, found).tolist(),
    }


def of_person(person: Person, side: Side) -> list[Row]:
    """Return one row for each examination of a person."""
    sitter = simulation_people.studio_for(person).sitter
    rng = np.random.default_rng([7, *person.name.encode()])

    def shown(movement: Movement, lesion: Lesion, effort: Mapping[Side, float]) -> Pixels:
        yaw, pitch = rng.normal(0, TURN_SD, 2).tolist()
        return performed(
            sitter,
            Performance(movement=movement, lesion=lesion, effort=effort, yaw=yaw, pitch=pitch),
        ).pixels

    return _examined(person.name, side, rng, shown)


def of_head(head: Head, number: int) -> list[Row]:
    """Return one row for each examination of a rendered head."""
    rng = np.random.default_rng([17, number])
    subject, own = DrawnHead.drawn(rng), drawn_unevenness(rng)

    def shown(movement: Movement, lesion: Lesion, effort: Mapping[Side, float]) -> Pixels:
        contractions = acted(movement, effort, lesion)
        return subject.shown(head, contractions, lesion, own, drawn_view(rng)).pixels

    return _examined(str(number), tuple(Side)[number % len(Side)], rng, shown)


def _examined(
    name: str,
    side: Side,
    rng: np.random.Generator,
    shown: Callable[[Movement, Lesion, Mapping[Side, float]], Pixels],
) -> list[Row]:
    first = int(rng.integers(len(GRADES)))
    rows = []
    for step in range(EACH):
        grade = GRADES[(first + 2 * step) % len(GRADES)]
        lesion = drawn_lesion(rng, grade=grade, side=side)
        effort = {each: float(1 - abs(rng.normal(0, EFFORT_SD))) for each in Side}
        pictures = {each.value: shown(each, lesion, effort) for each in MOVEMENTS}
        truth: Row = {"person": name, "grade": house_brackmann(lesion), "side": side.value}
        truth["sunnybrook"] = sunnybrook(lesion).composite
        rows.append(truth | _found(pictures))
    return rows


def _found(pictures: dict[str, Any]) -> Row:
    row: Row = dict.fromkeys(
        ("found", "low", "high", "composite", "called", "palsy", "together", "together palsy")
    )
    row |= {"conformal": [], "left open": []}
    try:
        examined = facialis.assess_examination(pictures, methods=(TOGETHER,))
    except InputError:
        return row
    graded = examined.examination.house_brackmann
    if examined.verdict is not None:
        row["called"] = examined.verdict.side.value
        row["palsy"] = examined.verdict.palsy_probability
    if TOGETHER in examined.methods:
        answer = examined.methods[TOGETHER]
        probability = answer.grade_probability or {}
        row["together"] = 1 + int(np.argmax(list(probability.values())))
        row["together palsy"] = answer.palsy_probability
        row["left open"] = [1 + list(probability).index(name) for name in answer.grades]
    if graded.grade is not None and graded.interval is not None:
        row |= {"found": graded.grade, "low": graded.interval[0], "high": graded.interval[1]}
        row["conformal"] = list(graded.conformal)
    row["composite"] = examined.examination.sunnybrook.composite
    return row


def _side(row: Row) -> str:
    if row["called"] == row["side"]:
        return "right"
    opposite = {each.value for each in Side} - {row["side"]}
    called_wrong = row["called"] in opposite | {AffectedSide.BOTH.value}
    return "wrong" if called_wrong else "not called"


def _kappa(truth: ArrayLike, found: ArrayLike) -> float:
    return quadratic_weighted_kappa(_matrix(truth, found))


def _auc(grade: ArrayLike, told: ArrayLike) -> float:
    return roc_auc((np.asarray(grade) > 1).astype(np.int64), np.asarray(told))


def _matrix(truth: ArrayLike, found: ArrayLike) -> NDArray[np.int64]:
    return confusion_matrix(np.asarray(truth) - 1, np.asarray(found) - 1, len(GRADES))


def _share(
    metric: Callable[[NDArray[Any], NDArray[Any]], float], rows: Sequence[Row], *keys: str
) -> list[float]:
    """Return a score and the ends of its 95 % interval over people."""
    arrays = [np.array([row[key] for row in rows]) for key in keys]
    interval = bootstrap(metric, [row["person"] for row in rows], *arrays, seed=0)
    return [round(each, 4) for each in (metric(*arrays), interval.low, interval.high)]


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)


def tables(results: Results) -> str:
    """Return the tables of the page."""
    photographs, heads = results["photographs"], results["rendered heads"]
    value, _, high = photographs["kappa"]
    words = "met" if value >= KAPPA else "missed" if high < KAPPA else "not decided"
    columns = [_column(each) for each in (photographs, heads)]
    rows = [(title, *(column[title] for column in columns)) for title in columns[0]]
    return (
        f"Simulated palsy on {photographs['people']} people of the London set, {EACH} examinations "
        f"each of grades two apart, {len(MOVEMENTS)} photographs an examination, both sides' "
        f"effort varying by {100 * EFFORT_SD:.0f} %, heads turned by some {TURN_SD:.0f}°. "
        "The truth is the simulator's own rule from lesion to grade "
        "(self-consistency). Cut-offs of the rules were chosen on 24 of these people, and the "
        "table of healthy faces and the lesions by which the side is told were made of photographs "
        "of all of them. Beside them the same on "
        f"{heads['people']} heads rendered from geometry (ICT-FaceKit), no photographs, which "
        "share nothing with the photographs but the lesions, and whose sides differ by chance in "
        "health too; they are turned by some 4°. In brackets 95 % intervals over people.\n\n"
        + table(("measure", "photographs", "rendered heads"), rows)
        + "".join(
            f"\n\n{title}:\n\n{_confusion(each)}"
            for title, each in (("Photographs", photographs), ("Rendered heads", heads))
        )
        + f"\n\nTarget: a kappa of at least {KAPPA:.2f} on simulated examinations: {words}."
        + _beside_tables(results["together"])
    )


def _beside_tables(results: Mapping[str, Results]) -> str:
    def shown(name: str) -> list[str]:
        return ["{:.3f} ({:.3f} to {:.3f})".format(*each[name]) for each in results.values()]

    columns = list(results.values())
    rows = [
        ("examinations; answered", *(f"{c['examinations']}; {c['answered']}" for c in columns)),
        ("graded by the scales too", *(str(c["graded by both"]) for c in columns)),
        ("on these, kappa of the scales", *shown("kappa of the scales")),
        ("on these, kappa of the net", *shown("kappa of the net")),
        ("on all, kappa of the net", *shown("kappa of the net, all")),
        ("on all, exact", *shown("exact, the net, all")),
        (
            "without a grade on the scales; of these the net within one",
            *(
                f"{c['without a grade on the scales']}; {c['of these the net within one']}"
                for c in columns
            ),
        ),
        ("palsy or none, AUC of the scales' verdict", *shown("AUC of the scales' verdict")),
        ("palsy or none, AUC of the net", *shown("AUC of the net")),
        (
            "grade among those left open, their mean number",
            *(f"{c['in left open']:.2f}, {c['grades left open']:.1f}" for c in columns),
        ),
    ]
    return (
        f"\n\n`{TOGETHER}` beside the scales, on the same examinations: of photographs on the "
        f"{results['photographs']['people']} people whom it has not learned from (the cut-offs of "
        "grades left open were fitted on them too), and on all heads, of which it has learned from "
        "other draws.\n\n" + table(("measure", "photographs", "rendered heads"), rows)
    )


def _column(results: Results) -> dict[str, str]:
    def shown(name: str) -> str:
        return "{:.3f} ({:.3f} to {:.3f})".format(*results[name])

    side = results["side"]
    return {
        "examinations, graded": f"{results['examinations']}, {results['graded']}",
        "House-Brackmann, quadratic weighted kappa": shown("kappa"),
        "exact": shown("exact"),
        "within one grade": shown("within one"),
        "grade within the interval, its mean width": (
            f"{results['in interval']:.2f}, {results['grades in interval']:.1f} grades"
        ),
        "grade in the conformal set, its mean size": (
            f"{results['in conformal set']:.2f}, {results['grades in conformal set']:.1f} grades"
        ),
        "Sunnybrook composite, mean error; from grade II on": (
            f"{results['sunnybrook error']:.1f}; {results['sunnybrook error from II']:.1f}"
        ),
        "side right, wrong, not called: III to VI": (
            f"{side['right']}, {side['wrong']}, {side['not called']}"
        ),
    }


def _confusion(results: Results) -> str:
    roman = ("I", "II", "III", "IV", "V", "VI")
    counts = [
        (f"true {name}", *(str(n) if n else "" for n in line))
        for name, line in zip(roman, results["confusion"], strict=True)
    ]
    return table(("", *(f"graded {name}" for name in roman)), counts)


if __name__ == "__main__":
    Benchmark("examination_grades", "examination.md", measured, tables).run()
