"""A cohort on disk: many people, every picture with its truth, and a manifest of all of it.

The folder holds ``images/``, ``masks/`` and ``attributes/`` (`Part` and `Attribute` of
`facialis.regions.classes`), ``depth/`` (16-bit PNG, ten-thousandths of an interocular distance, 0
beyond the face), ``landmarks/`` ((478, 3) float32), ``truth/`` (`facialis.datasets.truth.Truth`),
the manifest, a contact sheet and a data card. A person's row file in ``people/`` is written last: a
run that was stopped goes on with the people that lack one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

import facialis
from facialis.clinical.anatomy import Intensity, Region
from facialis.clinical.scales import Scale
from facialis.datasets.fingerprints import fingerprint
from facialis.datasets.framed_source import FINE_DEPTH_UNIT
from facialis.datasets.manifest import (
    SIMULATED,
    TOGETHER,
    Manifest,
    Row,
    csv_bytes,
    rows_of,
)
from facialis.datasets.manifest_files import file_digest, write_manifest
from facialis.datasets.sample import Label
from facialis.datasets.spawned import attempted, or_raised, workers
from facialis.errors import InputError, OutputError, printable
from facialis.report.files import make_directory
from facialis.simulation.crossing import Cross, cross_studio, drawn_crosses
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import Person, Sighting, find_people, sighted, studio_of
from facialis.simulation.plan import Plan
from facialis.simulation.sheet import write_card, write_sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.datasets.truth import Truth
    from facialis.simulation.plan import Scene
    from facialis.simulation.studio import Picture

Progress = Callable[[int, int], None]

PLAN_NAME: Final = "plan.json"
KINDS: Final = ("images", "masks", "attributes", "depth", "landmarks", "truth")
_ZONES: Final = {Region.EYE: "eyes", Region.MOUTH: "mouth", Region.BROW: "brow"}
_FEWEST_FOR_ASYMMETRY: Final = 3
_PNG: Final = [cv2.IMWRITE_PNG_COMPRESSION, 2]
_SMALLEST, _LARGEST = 64, 1024


@dataclass(frozen=True, slots=True)
class Cohort:
    """What a cohort is made of.

    Attributes:
        faces: Folder of photographs; see `people.find_people`.
        plan: What is drawn.
        side: Of the pictures, pixels.
        crosses: Invented people for each person, who are shown instead; 0 shows the people.
    """

    faces: Path
    plan: Plan
    side: int = 256
    crosses: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: One is out of range.
        """
        for name, value, least, most in (
            ("the side", self.side, _SMALLEST, _LARGEST),
            ("pictures per subject", self.plan.per_subject, 1, 10_000),
            ("frames", self.plan.frames, 1, 1000),
            ("crosses", self.crosses, 0, 1000),
        ):
            if not least <= value <= most:
                raise InputError(name, f"is {value}", f"give a number from {least} to {most}")


def build_cohort(
    cohort: Cohort, out: Path, *, jobs: int = 2, progress: Progress | None = None
) -> Manifest:
    """Simulate a cohort into a folder.

    The bytes depend on the photographs, the plan and the side, not on `jobs`.

    Args:
        cohort: What to simulate.
        out: A folder that is new, empty, or holds the unfinished same cohort.
        jobs: Processes.
        progress: Called with people done and people in all.

    Raises:
        InputError: The photographs cannot be used, or the folder holds something else.
        OutputError: The folder cannot be written.
    """
    people = find_people(cohort.faces)
    shown = _shown(cohort, people)
    asked = _asked(cohort, people, shown)
    _check_free(out, asked)
    report = progress or (lambda _done, _of: None)
    with workers(jobs) as pool:
        seen = pool.map(partial(attempted, sighted), people)
        sightings = dict(zip(people, map(or_raised, seen), strict=True))

        def seen_of(each: Person | Cross) -> tuple[Sighting, ...]:
            whose = (each.skin, each.shape) if isinstance(each, Cross) else (each,)
            return tuple(sightings[person] for person in whose)

        _write(out / PLAN_NAME, asked)
        asymmetry = None
        if len(people) >= _FEWEST_FOR_ASYMMETRY:
            asymmetry = NaturalAsymmetry.of([s.face for s in sightings.values()])
        waiting = {
            pool.submit(attempted, _make_person, cohort, each, seen_of(each), asymmetry, out)
            for each in shown
            if not _rows_file(out, each).is_file()
        }
        report(len(shown) - len(waiting), len(shown))
        for number, done in enumerate(as_completed(waiting), len(shown) - len(waiting) + 1):
            or_raised(done.result())
            report(number, len(shown))
    rows = tuple(
        row
        for each in shown
        for row in rows_of(_rows_file(out, each).read_bytes(), _rows_file(out, each))
    )
    title = "Simulated palsy of invented people" if cohort.crosses else "Simulated palsy"
    manifest = Manifest(title, rows, _made(cohort, people, shown))
    write_manifest(manifest, out)
    write_sheet(manifest, out)
    write_card(manifest, shown, out, invented_from=len(people) if cohort.crosses else None)
    return manifest


def _shown(cohort: Cohort, people: list[Person]) -> Sequence[Person | Cross]:
    if not cohort.crosses:
        return people
    return drawn_crosses(people, cohort.crosses, cohort.plan.seed)


def _made(cohort: Cohort, people: list[Person], shown: Sequence[Person | Cross]) -> dict[str, Any]:
    made = {
        "simulated": True,
        "facialis": facialis.__version__,
        "plan": asdict(cohort.plan),
        "side": cohort.side,
        "people": len(people),
        "without_smile": [p.name for p in people if p.smile is None],
        "without_hand_points": [p.name for p in people if p.hand_points is None],
    }
    return made | {"invented": len(shown)} if cohort.crosses else made


def _asked(cohort: Cohort, people: list[Person], shown: Sequence[Person | Cross]) -> bytes:
    """Return the text that tells this cohort from any other."""
    photographs = {
        path.name: file_digest(path)
        for person in people
        for path in (person.neutral, person.smile, person.hand_points)
        if path is not None
    }
    sexes = {person.name: person.sex for person in people}
    told = _made(cohort, people, shown) | {"photographs": photographs, "sexes": sexes}
    return json.dumps(told, indent=1).encode()


def _check_free(out: Path, asked: bytes) -> None:
    """Make the folder, or find that it is empty or holds this very cohort."""
    file = out / PLAN_NAME
    if file.is_file():
        if file.read_bytes() != asked:
            raise InputError(
                printable(out),
                "holds another cohort",
                "choose a new folder, or delete that one first",
            )
    elif out.is_dir() and any(out.iterdir()):
        raise InputError(
            printable(out), "is not empty and holds no cohort", "choose a new or an empty folder"
        )
    make_directory(out)


def _rows_file(out: Path, person: Person | Cross) -> Path:
    return out / "people" / f"{person.name}.csv"


def _make_person(
    cohort: Cohort,
    person: Person | Cross,
    seen: tuple[Sighting, ...],
    asymmetry: NaturalAsymmetry | None,
    out: Path,
) -> None:
    folder = cohort.faces.resolve().name
    if isinstance(person, Cross):
        studio = cross_studio(person, (seen[0], seen[1]), cohort.side, asymmetry)
        subject = f"{folder}/{person.skin.name}{TOGETHER}{folder}/{person.shape.name}"
    else:
        studio = studio_of(person, seen[0], cohort.side, asymmetry)
        subject = f"{folder}/{person.name}"
    for kind in KINDS:
        make_directory(out / kind / person.name)
    rows = []
    grows_beard = person.sex != "female"
    for scene in cohort.plan.scenes(person.name, grows_beard=grows_beard):
        picture = studio.rendered(scene)
        rows.append(_row(scene, picture, subject, cohort, out))
    file = _rows_file(out, person)
    make_directory(file.parent)
    _write(file, csv_bytes(rows))


def _row(scene: Scene, picture: Picture, subject: str, cohort: Cohort, out: Path) -> Row:
    files = {
        "images": (".png", _png(picture.pixels[..., ::-1])),
        "masks": (".png", _png(picture.parts)),
        "attributes": (".png", _png(picture.attributes)),
        "depth": (
            ".png",
            _png(np.round(picture.depth.clip(0) / FINE_DEPTH_UNIT).astype(np.uint16)),
        ),
        "landmarks": (".npy", _npy(picture.points)),
        "truth": (".json", picture.truth.model_dump_json(indent=1).encode()),
    }
    paths = {}
    for kind, (suffix, data) in files.items():
        paths[kind] = f"{kind}/{scene.subject}/{scene.name}{suffix}"
        _write(out / paths[kind], data)
    singular = {"masks": "mask"}
    return Row(
        name=scene.name,
        path=paths["images"],
        sha256=hashlib.sha256(files["images"][1]).hexdigest(),
        subject=subject,
        source=SIMULATED,
        fingerprint=fingerprint(picture.pixels),
        labels=labels_of(picture.truth),
        video=f"case{scene.case}" if scene.frame is None else scene.sequence,
        frame=scene.frame,
        rate=None if scene.frame is None else cohort.plan.rate,
        movement=scene.movement,
        side=None if scene.lesion is None else scene.lesion.side,
        sequence=scene.sequence,
        annotations={singular.get(k, k): path for k, path in paths.items() if k != "images"},
    )


def labels_of(truth: Truth) -> tuple[Label, ...]:
    """Return the labels that a simulated picture has by its truth."""
    composite = 100 if truth.sunnybrook is None else truth.sunnybrook.composite
    return (
        Label(Scale.HOUSE_BRACKMANN, truth.grade, rater="lesion"),
        Label(Scale.SUNNYBROOK, composite, rater="lesion"),
        *(
            Label(Scale.INTENSITY, Intensity(truth.intensities[region]), zone, rater="lesion")
            for region, zone in _ZONES.items()
        ),
    )


def _png(pixels: NDArray[Any]) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(pixels), _PNG)[1].tobytes()


def _npy(points: NDArray[np.float64]) -> bytes:
    import io  # noqa: PLC0415

    file = io.BytesIO()
    np.save(file, points.astype(np.float32), allow_pickle=False)
    return file.getvalue()


def _write(path: Path, data: bytes) -> None:
    # The name is always the same, so that what a stopped run left is written over.
    partial_file = path.with_name(f"{path.name}.partial")
    try:
        partial_file.write_bytes(data)
        partial_file.replace(path)
    except OSError as error:
        raise OutputError(
            f"{printable(path)}: cannot be written ({error.strerror}); "
            "choose a folder that is writable and has room."
        ) from error
