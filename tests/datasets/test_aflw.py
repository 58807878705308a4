"""AFLW in its SQLite database and as a table."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import numpy as np
import pytest

from facialis.datasets.aflw import POINTS, AflwDatabase, AflwTable, open_aflw, recognises
from facialis.datasets.findings import Trouble
from facialis.errors import InputError

SCHEMA = """
CREATE TABLE Faces (face_id INTEGER PRIMARY KEY, file_id TEXT, db_id TEXT);
CREATE TABLE FaceImages (image_id INTEGER PRIMARY KEY, db_id TEXT, file_id TEXT, filepath TEXT,
    bw INTEGER, width INTEGER, height INTEGER);
CREATE TABLE FaceRect (face_id INTEGER, x INTEGER, y INTEGER, w INTEGER, h INTEGER,
    annot_type_id INTEGER);
CREATE TABLE FeatureCoords (face_id INTEGER, feature_id INTEGER, x REAL, y REAL,
    annot_type_id INTEGER);
INSERT INTO Faces VALUES (39341, 'image00002', 'flickr'), (39342, 'image00002', 'flickr'),
    (39343, 'image00009', 'flickr'), (39344, 'nobody', 'flickr');
INSERT INTO FaceImages VALUES (1, 'flickr', 'image00002', '0/image00002.jpg', 0, 64, 64),
    (2, 'flickr', 'image00009', '0/image00009.jpg', 0, 64, 64);
INSERT INTO FaceRect VALUES (39341, 5, 6, 40, 41, 1);
INSERT INTO FeatureCoords VALUES (39341, 8, 12.5, 20, 1), (39341, 21, 30, 60.25, 1);
"""


def database(path, script=SCHEMA):
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(script)
    return path


@pytest.fixture
def aflw(tmp_path, picture):
    database(tmp_path / "aflw" / "data" / "aflw.sqlite")
    picture(tmp_path / "aflw" / "data" / "flickr" / "0" / "image00002.jpg")
    return tmp_path / "aflw"


def test_every_face_of_a_photograph_is_a_sample(aflw, read):
    reading = read(AflwDatabase(aflw))
    assert [each.written["face_id"] for each in reading.samples] == ["39341", "39342"]
    assert len({each.path for each in reading.samples}) == 1
    assert reading.samples[0].written["box"] == "5 6 40 41"
    assert "box" not in reading.samples[1].written
    assert all(each.subject == "" and each.labels == () for each in reading.samples)


def test_points_lie_at_the_place_of_their_number_and_hidden_ones_are_nan(aflw, read):
    collection = AflwDatabase(aflw)
    points = collection.landmarks(read(collection).samples[0])
    assert points.shape == (21, 2)
    assert points[POINTS.index("LeftEyeCenter")].tolist() == [12.5, 20]
    assert points[POINTS.index("ChinCenter")].tolist() == [30, 60.25]
    assert np.isnan(points).sum() == 2 * 19


def test_missing_photographs_and_faces_without_points_are_named(aflw, read):
    reading = read(AflwDatabase(aflw))
    assert reading.examples(Trouble.MISSING_IMAGES) == ("0/image00009.jpg", "face 39344")
    assert reading.findings[Trouble.IMAGES_WITHOUT_LABELS].count == 1


def test_a_database_without_boxes_is_read(tmp_path, picture, read):
    script = SCHEMA.replace("INSERT INTO FaceRect VALUES (39341, 5, 6, 40, 41, 1);", "")
    database(tmp_path / "aflw.sqlite", script + "DROP TABLE FaceRect;")
    picture(tmp_path / "0" / "image00002.jpg")
    assert "box" not in read(open_aflw(tmp_path)).samples[0].written


def test_another_database_or_none_is_refused(tmp_path, text):
    with pytest.raises(InputError, match=r"holds no aflw\.sqlite"):
        open_aflw(tmp_path)
    text(tmp_path / "aflw.sqlite", "this is no database, however long it is made " * 40)
    with pytest.raises(InputError, match="is no SQLite database"):
        open_aflw(tmp_path)
    (tmp_path / "aflw.sqlite").unlink()
    database(tmp_path / "aflw.sqlite", "CREATE TABLE Faces (face_id INTEGER)")
    with pytest.raises(InputError, match="no table faceimages, featurecoords"):
        open_aflw(tmp_path)


def table(path, rows):
    columns = [
        "path",
        "face_id",
        *"xywh",
        *(f"{point}_{axis}" for point in POINTS for axis in "xy"),
    ]
    lines = [",".join(columns)]
    lines += [",".join(str(row.get(column, "")) for column in columns) for row in rows]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_a_table_gives_the_same_as_the_database(tmp_path, picture, read):
    picture(tmp_path / "flickr" / "a.jpg")
    row = {"path": "a.jpg", "face_id": 7, "x": 1, "y": 2, "w": 3, "h": 4}
    points = {"LeftEyeCenter_x": 12.5, "LeftEyeCenter_y": 20}
    rows = [{**row, **points}, {"path": "gone.jpg"}, {"face_id": 8}, {"path": "a.jpg"}]
    rows += [{"path": "a.jpg", "NoseLeft_x": "far"}]
    collection = open_aflw(table(tmp_path / "aflw.csv", rows))
    assert isinstance(collection, AflwTable)
    reading = read(collection)
    first = reading.samples[0]
    assert (first.written["face_id"], first.written["box"]) == ("7", "1 2 3 4")
    assert collection.landmarks(first)[POINTS.index("LeftEyeCenter")].tolist() == [12.5, 20]
    assert np.isnan(collection.landmarks(first)).sum() == 2 * 20
    assert reading.examples(Trouble.MISSING_IMAGES) == ("gone.jpg", "line 4")
    assert reading.findings[Trouble.IMAGES_WITHOUT_LABELS].count == 1
    with pytest.raises(InputError, match="line 6 has a point that is no number"):
        collection.landmarks(reading.samples[2])


def test_database_and_table_are_recognised(aflw, tmp_path, text):
    assert recognises(aflw)
    other = tmp_path / "other"
    other.mkdir()
    text(other / "list.csv", "path,subject,label\n")
    assert not recognises(other)
    table(other / "points.csv", [])
    assert recognises(other)
