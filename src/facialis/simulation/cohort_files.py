"""What every simulated cohort keeps on disk: its plan, and each picture with its truth.

The folder holds ``images/``, ``masks/`` and ``attributes/`` (`Part` and `Attribute` of
`facialis.regions.classes`), ``depth/`` (16-bit PNG, ten-thousandths of an interocular distance, 0
beyond the face), ``landmarks/`` ((478, 3) float32) and ``truth/``
(`facialis.datasets.truth.Truth`). A person's row file in ``people/`` is written last: a run that
was stopped goes on with the people that lack one.
"""

from __future__ import annotations

import hashlib
import io
from concurrent.futures import as_completed
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.anatomy import Intensity, Region
from facialis.clinical.scales import Scale
from facialis.datasets.fingerprints import fingerprint
from facialis.datasets.framed_source import FINE_DEPTH_UNIT
from facialis.datasets.manifest import SIMULATED, Row, csv_bytes, rows_of
from facialis.datasets.sample import Label
from facialis.datasets.spawned import or_raised
from facialis.errors import InputError, OutputError, printable
from facialis.report.files import make_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.datasets.spawned import Refusal
    from facialis.datasets.truth import Truth
    from facialis.simulation.plan import Scene
    from facialis.simulation.studio import Picture

PLAN_NAME: Final = "plan.json"
KINDS: Final = ("images", "masks", "attributes", "depth", "landmarks", "truth")
_ZONES: Final = {Region.EYE: "eyes", Region.MOUTH: "mouth", Region.BROW: "brow"}
_PNG: Final = [cv2.IMWRITE_PNG_COMPRESSION, 2]


def claim(out: Path, asked: bytes) -> None:
    """Make the folder, or find that it is empty or holds this very cohort.

    Raises:
        InputError: It holds something else.
        OutputError: It cannot be made.
    """
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


def make_missing(
    out: Path,
    people: Sequence[str],
    started: Callable[[int], Future[Refusal | None]],
    report: Callable[[int, int], None],
) -> None:
    """Have the pictures of all those made of whom they are not all there.

    Args:
        out: The cohort's folder.
        people: Everybody.
        started: Starts to make those of the person of a number.
        report: Called with people done and people in all.

    Raises:
        InputError: Making some raised it.
    """
    files = [_rows_file(out, person) for person in people]
    waiting = [started(number) for number, file in enumerate(files) if not file.is_file()]
    before = len(people) - len(waiting)
    report(before, len(people))
    for done, each in enumerate(as_completed(waiting), before + 1):
        or_raised(each.result())
        report(done, len(people))


def finished_rows(out: Path, people: Iterable[str]) -> tuple[Row, ...]:
    """Return the rows of people whose pictures are all there, in this order."""
    files = [_rows_file(out, person) for person in people]
    return tuple(row for file in files for row in rows_of(file.read_bytes(), file))


def write_rows(out: Path, person: str, rows: list[Row]) -> None:
    """Write the rows of a person whose pictures are all there.

    Raises:
        OutputError: The file cannot be written.
    """
    file = _rows_file(out, person)
    make_directory(file.parent)
    write(file, csv_bytes(rows))


def _rows_file(out: Path, person: str) -> Path:
    return out / "people" / f"{person}.csv"


def write_picture(
    scene: Scene, picture: Picture, subject: str, out: Path, *, rate: float | None = None
) -> Row:
    """Write a picture with its truth, and return its row.

    Args:
        scene: What is shown.
        picture: The picture.
        subject: Whom it shows, as the manifest names them.
        out: The cohort's folder.
        rate: Frames a second, of frames.

    Raises:
        OutputError: A file cannot be written.
    """
    files = {
        "images": (".png", _png(picture.pixels[..., ::-1])),
        "masks": (".png", _png(picture.parts)),
        "depth": (
            ".png",
            _png(np.round(picture.depth.clip(0) / FINE_DEPTH_UNIT).astype(np.uint16)),
        ),
        "landmarks": (".npy", _npy(picture.points)),
        "truth": (".json", picture.truth.model_dump_json(indent=1).encode()),
    }
    if picture.attributes is not None:
        files["attributes"] = (".png", _png(picture.attributes))
    paths = {}
    for kind in (each for each in KINDS if each in files):
        suffix, data = files[kind]
        paths[kind] = f"{kind}/{scene.subject}/{scene.name}{suffix}"
        make_directory((out / paths[kind]).parent)
        write(out / paths[kind], data)
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
        rate=None if scene.frame is None else rate,
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


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all.

    Raises:
        OutputError: It cannot be written.
    """
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


def _png(pixels: NDArray[Any]) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(pixels), _PNG)[1].tobytes()


def _npy(points: NDArray[np.float64]) -> bytes:
    file = io.BytesIO()
    np.save(file, points.astype(np.float32), allow_pickle=False)
    return file.getvalue()
