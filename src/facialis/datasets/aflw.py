"""Annotated Facial Landmarks in the Wild: up to 21 points a face, in SQLite or a CSV table."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries
from facialis.datasets.sample import Sample
from facialis.datasets.tables import read_table
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

POINTS: Final = (
    "LeftBrowLeftCorner",
    "LeftBrowCenter",
    "LeftBrowRightCorner",
    "RightBrowLeftCorner",
    "RightBrowCenter",
    "RightBrowRightCorner",
    "LeftEyeLeftCorner",
    "LeftEyeCenter",
    "LeftEyeRightCorner",
    "RightEyeLeftCorner",
    "RightEyeCenter",
    "RightEyeRightCorner",
    "LeftEar",
    "NoseLeft",
    "NoseCenter",
    "NoseRight",
    "RightEar",
    "MouthLeftCorner",
    "MouthCenter",
    "MouthRightCorner",
    "ChinCenter",
)
"""The points in the order of their numbers 1 to 21, as AFLW names them: sides of the image."""

_DATABASE: Final = "aflw.sqlite"
_PLACES: Final = ("", "data", "data/flickr", "flickr", "images", "data/images")
_NEEDED: Final = frozenset({"faces", "faceimages", "featurecoords"})
_FACES: Final = """
    SELECT Faces.face_id, FaceImages.filepath FROM Faces
    LEFT JOIN FaceImages ON FaceImages.file_id = Faces.file_id ORDER BY Faces.face_id
"""
_RECTANGLE: Final = "SELECT x, y, w, h FROM FaceRect WHERE face_id = ?"
_COORDINATES: Final = "SELECT feature_id, x, y FROM FeatureCoords WHERE face_id = ?"


class AflwDatabase(Folder):
    """AFLW with ``aflw.sqlite``: a sample for each face, of which a photograph may have several.

    ``written`` has ``face_id`` and, where it is drawn, ``box`` (x, y, width, height). Nothing says
    who is shown.

    Args:
        root: The folder that holds the database and ``data/flickr``.

    Raises:
        InputError: If there is no such database.
    """

    name = "aflw"

    def __init__(self, root: Path) -> None:
        """Look at the tables of the database."""
        super().__init__(root)
        database = _database(root)
        if database is None:
            raise InputError(
                root, f"holds no {_DATABASE}", "name the folder with the whole of AFLW"
            )
        self._database = database
        try:
            with closing(self._connection()) as connection:
                found = connection.execute("SELECT lower(name) FROM sqlite_master").fetchall()
        except sqlite3.DatabaseError as error:
            raise InputError(database, "is no SQLite database", "copy it again") from error
        self._tables = {str(name) for (name,) in found}
        if not self._tables >= _NEEDED:
            missing = ", ".join(sorted(_NEEDED - self._tables))
            raise InputError(database, f"has no table {missing}", "copy it again")

    def landmarks(self, sample: Sample) -> NDArray[np.float64]:
        """Return the points of a face, (21, 2) float64 pixels, NaN where hidden; see `POINTS`."""
        points = np.full((len(POINTS), 2), np.nan)
        with closing(self._connection()) as connection:
            for number, x, y in connection.execute(_COORDINATES, (sample.written["face_id"],)):
                points[int(number) - 1] = x, y
        return points

    def _read(self) -> Iterator[Sample]:
        with closing(self._connection()) as connection:
            for face, filepath in connection.execute(_FACES):
                path = None if filepath is None else _found(self._database.parent, str(filepath))
                if path is None:
                    self._log.note(Trouble.MISSING_IMAGES, filepath or f"face {face}")
                    continue
                written = {"face_id": str(face)}
                if "facerect" in self._tables:
                    box = connection.execute(_RECTANGLE, (face,)).fetchone()
                    written |= {"box": " ".join(f"{each:g}" for each in box)} if box else {}
                if connection.execute(_COORDINATES, (face,)).fetchone() is None:
                    self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
                yield Sample(
                    path=path,
                    subject="",
                    source=self.name,
                    written=written,
                    annotations={"landmarks": self._database},
                )

    def _connection(self) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._database.resolve().as_uri()}?mode=ro", uri=True)


class AflwTable(Folder):
    """AFLW as a table: ``path`` and two columns a point, ``NoseCenter_x`` and ``NoseCenter_y``.

    Columns ``face_id`` and ``x``, ``y``, ``w``, ``h`` are kept in ``written``. Empty cells are
    hidden points.

    Args:
        table: The CSV file; its paths start at its own folder.

    Raises:
        InputError: If it lacks columns.
    """

    name = "aflw"

    def __init__(self, table: Path) -> None:
        """Read the table."""
        super().__init__(table.parent)
        self._table = table
        self._lines = dict(read_table(table, ["path", *_columns()]))

    def landmarks(self, sample: Sample) -> NDArray[np.float64]:
        """Return the points of a face, (21, 2) float64 pixels, NaN where hidden; see `POINTS`.

        Raises:
            InputError: If a cell is no number.
        """
        line = self._lines[int(sample.written["line"])]
        try:
            numbers = [float(line[column] or "nan") for column in _columns()]
        except ValueError as error:
            problem = f"line {sample.written['line']} has a point that is no number"
            raise InputError(self._table, problem, "mend the line") from error
        return np.array(numbers).reshape(len(POINTS), 2)

    def _read(self) -> Iterator[Sample]:
        for number, line in self._lines.items():
            path = _found(self.root, line["path"]) if line["path"] else None
            if path is None:
                self._log.note(Trouble.MISSING_IMAGES, line["path"] or f"line {number}")
                continue
            if not any(line[column] for column in _columns()):
                self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
            written = {"line": str(number), "face_id": line.get("face_id", "")}
            written["box"] = " ".join(line.get(edge, "") for edge in "xywh").strip()
            yield Sample(
                path=path,
                subject="",
                source=self.name,
                written={key: value for key, value in written.items() if value},
                annotations={"landmarks": self._table},
            )


def open_aflw(path: Path) -> AflwDatabase | AflwTable:
    """Open AFLW in either form.

    Args:
        path: A folder with ``aflw.sqlite`` or one table, or the table.

    Raises:
        InputError: If there is neither.
    """
    table = _table(path)
    return AflwDatabase(path) if table is None else AflwTable(table)


def recognises(path: Path) -> bool:
    """Return whether a folder holds AFLW's database, or a table with its points."""
    return _database(path) is not None or _table(path) is not None


def _database(root: Path) -> Path | None:
    places = (root / _DATABASE, root / "data" / _DATABASE)
    return next((place for place in places if place.is_file()), None)


def _table(path: Path) -> Path | None:
    for each in entries(path) if path.is_dir() else [path]:
        if each.suffix.lower() == ".csv":
            try:
                read_table(each, ["path", *_columns()])
            except InputError:
                continue
            return each
    return None


def _found(root: Path, name: str) -> Path | None:
    places = (root / place / name for place in _PLACES)
    return next((place for place in places if place.is_file()), None)


def _columns() -> list[str]:
    return [f"{point.lower()}_{axis}" for point in POINTS for axis in "xy"]
