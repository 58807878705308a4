"""Rendered heads on disk: palsies of invented heads, no photographs, with where landmarks are.

They are to learn from, beside photographs that are warped: where their landmarks are follows from
geometry alone. The folder is that of `facialis.simulation.cohort_files`, without
``attributes/``; all of the head has depth. Heads that are drawn here are none of those that the
benchmarks render.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import facialis
from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import GRADES
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import file_digest, write_manifest
from facialis.datasets.spawned import attempted, workers
from facialis.errors import InputError, check_within
from facialis.simulation.cohort_files import (
    PLAN_NAME,
    claim,
    finished_rows,
    make_missing,
    write,
    write_picture,
    write_rows,
)
from facialis.simulation.course import Phase
from facialis.simulation.drawn_heads import (
    IDENTITY_MODES,
    UNEVEN,
    DrawnHead,
    drawn_unevenness,
    drawn_view,
)
from facialis.simulation.head_expressions import expression_weights
from facialis.simulation.ict_head import read_head
from facialis.simulation.lesion import standard_lesion
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.palsy import acted
from facialis.simulation.plan import Placement, Scene
from facialis.simulation.scoring import house_brackmann
from facialis.simulation.sheet import write_heads_card, write_sheet
from facialis.simulation.studio import Picture, palsied, truth_of

if TYPE_CHECKING:
    from concurrent.futures import Future

    from facialis.datasets.spawned import Refusal
    from facialis.simulation.heads import View
    from facialis.simulation.ict_head import Head
    from facialis.simulation.lesion import Lesion

Progress = Callable[[int, int], None]

_EFFORT: Final = (0.7, 1.0)
_HEALTHY: Final = 1
_STREAM: Final = 71
"""Keeps these draws apart from all others of the same seed."""


@dataclass(frozen=True, slots=True)
class HeadCohort:
    """What a cohort of heads is made of.

    Attributes:
        model: The head, as `facialis.simulation.ict_head.read_head` reads it.
        heads: How many are drawn.
        cases: Lesions of each, one after the other; of each a picture of every movement.
        seed: Of every draw.
    """

    model: Path
    heads: int = 320
    cases: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: One is out of range.
        """
        for name, value, least, most in (
            ("heads", self.heads, 1, 9_999),
            ("cases", self.cases, 1, 1_000),
            ("the seed", self.seed, 0, 2**31),
        ):
            check_within(name, value, least, most)

    @property
    def names(self) -> tuple[str, ...]:
        """The heads."""
        return tuple(f"h{self.seed}-{number:04d}" for number in range(self.heads))


def build_head_cohort(
    cohort: HeadCohort, out: Path, *, jobs: int = 2, progress: Progress | None = None
) -> Manifest:
    """Render a cohort of heads into a folder.

    The bytes depend on the model and the cohort, not on `jobs`.

    Args:
        cohort: What to render.
        out: A folder that is new, empty, or holds the unfinished same cohort.
        jobs: Processes.
        progress: Called with heads done and heads in all.

    Raises:
        InputError: The model cannot be used, or the folder holds something else.
        OutputError: The folder cannot be written.
    """
    _check_model(cohort.model)
    made = _made(cohort)
    asked = json.dumps(made, indent=1).encode()
    claim(out, asked)
    write(out / PLAN_NAME, asked)
    report = progress or (lambda _done, _of: None)
    with workers(min(jobs, cohort.heads)) as pool:

        def started(number: int) -> Future[Refusal | None]:
            return pool.submit(attempted, _make_head, cohort, number, made["model"], out)

        make_missing(out, cohort.names, started, report)
    rows = finished_rows(out, cohort.names)
    manifest = Manifest("Simulated palsy of rendered heads", rows, made)
    write_manifest(manifest, out)
    write_sheet(manifest, out, of="heads")
    write_heads_card(manifest, out)
    return manifest


def _made(cohort: HeadCohort) -> dict[str, Any]:
    plan = {name: value for name, value in asdict(cohort).items() if name != "model"}
    return {
        "simulated": True,
        "facialis": facialis.__version__,
        "plan": plan,
        "model": {cohort.model.name: file_digest(cohort.model)},
    }


def _check_model(model: Path) -> None:
    """Find out before anything is written whether heads can be drawn from a model."""
    head, lesion = read_head(model), standard_lesion(GRADES[-1], Side.LEFT)
    uneven = {side: dict.fromkeys(UNEVEN, 0.0) for side in Side}
    try:
        for weights in (
            uneven,
            *(expression_weights(acted(each, 1.0, lesion), lesion) for each in Movement),
        ):
            head.shaped(np.zeros(IDENTITY_MODES), weights)
    except InputError as error:
        raise InputError(
            model, f"is another head ({error.name} {error.problem})", "give the whole ICT head"
        ) from error


def _make_head(cohort: HeadCohort, number: int, made_from: dict[str, str], out: Path) -> None:
    head, name = _read_once(cohort.model), cohort.names[number]
    rng = np.random.default_rng([cohort.seed, number, _STREAM])
    drawn = DrawnHead.drawn(rng)
    rows: list[Row] = []
    for case in range(cohort.cases):
        grade = int(rng.choice(GRADES))
        lesion = None if grade == _HEALTHY else drawn_lesion(rng, grade=grade)
        unevenness = drawn_unevenness(rng)
        for movement in Movement:
            effort, view = float(rng.uniform(*_EFFORT)), drawn_view(rng)
            scene = _scene(name, case, lesion, movement=movement, effort=effort, view=view)
            contractions = acted(movement, effort, lesion)
            made = drawn.shown(head, contractions, lesion, unevenness, view, palsy=palsied(lesion))
            picture = Picture(
                pixels=made.pixels,
                points=made.points,
                parts=made.parts,
                attributes=None,
                depth=made.depth,
                truth=truth_of(scene, made_from),
            )
            rows.append(write_picture(scene, picture, f"heads-{cohort.seed}/{name}", out))
    write_rows(out, name, rows)


@lru_cache(maxsize=1)
def _read_once(model: Path) -> Head:
    return read_head(model)


def _scene(
    subject: str,
    case: int,
    lesion: Lesion | None,
    *,
    movement: Movement,
    effort: float,
    view: View,
) -> Scene:
    return Scene(
        name=f"{subject}_{case:03d}_{movement}",
        subject=subject,
        case=case,
        grade=_HEALTHY if lesion is None else house_brackmann(lesion),
        lesion=lesion,
        movement=movement,
        phase=Phase.of_photograph(movement),
        effort=dict.fromkeys(Side, effort),
        yaw=view.yaw,
        pitch=view.pitch,
        placement=Placement(roll=view.roll),
    )
