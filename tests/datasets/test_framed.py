"""Manifests of framed faces, and their rows as methods read them."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import cv2
import numpy as np
import pytest
from PIL import Image

from facialis.clinical.anatomy import Side
from facialis.clinical.scales import Scale
from facialis.datasets.framed import Framing, frame_manifest
from facialis.datasets.framed_source import FramedSource, read_landmarks
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import file_digest, read_manifest, verify, write_manifest
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.regions.framing import square_around

ASTRONAUT = Path(__file__).parents[2] / "examples" / "astronaut.jpg"


@pytest.fixture(scope="module")
def given(tmp_path_factory):
    """A manifest of one astronaut with annotations, and of somebody who has no face."""
    root = tmp_path_factory.mktemp("given")
    pixels = cv2.imread(str(ASTRONAUT))
    height, width = pixels.shape[:2]
    cv2.imwrite(str(root / "a.png"), pixels)
    cv2.imwrite(str(root / "b.png"), np.full((200, 200, 3), 90, np.uint8))
    cv2.imwrite(str(root / "mask.png"), np.full((height, width), 1, np.uint8))
    fine = np.zeros((height, width), np.uint16)
    fine[:, : width // 2] = 8000
    cv2.imwrite(str(root / "depth.png"), fine)
    (root / "c.png").write_bytes(b"no picture")
    (root / "d.mp4").write_bytes(b"no picture")
    labels = (Label(Scale.HOUSE_BRACKMANN, 4),)
    rows = [
        Row(
            name="a", path="a.png", sha256=file_digest(root / "a.png"), subject="x/1", source="x",
            labels=labels, side=Side.LEFT, part="train",
            annotations={"mask": "mask.png", "depth": "depth.png"},
        ),
        *(
            Row(name=n, path=p, sha256=file_digest(root / p), subject=s, source="x")
            for n, p, s in (("b", "b.png", "x/2"), ("c", "c.png", "x/2"), ("d", "d.mp4", "x/1"))
        ),
    ]  # fmt: skip
    write_manifest(Manifest("given", tuple(rows)), root)
    return root


@pytest.fixture(scope="module")
def framed(given, tmp_path_factory):
    """The same, framed."""
    out = tmp_path_factory.mktemp("framed") / "out"
    return frame_manifest(given, out, Framing(128), jobs=1)


def files_of(folder):
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_face_is_framed_with_all_that_belongs_to_it(given, framed):
    assert framed.made["parent"] == read_manifest(given).digest
    (row,) = framed.rows
    assert (row.name, row.side, row.part, row.subject) == ("a", Side.LEFT, "train", "x/1")
    assert verify(framed).changed == verify(framed).missing == ()
    source = FramedSource(framed.root, row)
    assert source.picture().shape == (128, 128, 3)
    assert source.label(Scale.HOUSE_BRACKMANN) == 3
    assert source.label(Scale.PALSY) == 1
    assert source.label(Scale.EMOTION) is None
    assert source.attributes() is None
    assert framed.title == "given, framed"


def test_landmarks_lie_within_a_twentieth_of_a_pixel(framed):
    points = find_faces(read_photo(ASTRONAUT))[0].points
    source = FramedSource(framed.root, framed.rows[0])
    expected = square_around(points).moved(points, 128)
    np.testing.assert_allclose(source.landmarks(), expected, atol=0.05)


def test_where_landmarks_were_put_is_kept_on_request(given, framed, tmp_path):
    root = tmp_path / "put"
    root.mkdir()
    (root / "a.png").write_bytes((given / "a.png").read_bytes())
    points = find_faces(read_photo(ASTRONAUT))[0].points
    np.save(root / "put.npy", points + np.array([3.0, -2.0, 0.0]))
    row = Row(
        name="a", path="a.png", sha256=file_digest(root / "a.png"), subject="x/1", source="x",
        annotations={"landmarks": "put.npy"},
    )  # fmt: skip
    write_manifest(Manifest("put", (row,)), root)
    out = frame_manifest(root, tmp_path / "out", Framing(128, placed=True), jobs=1)
    source = FramedSource(out.root, out.rows[0])
    scale = 128 / square_around(points).side
    wanted = source.landmarks() + np.array([3.0, -2.0, 0.0]) * scale
    np.testing.assert_allclose(source.placed(), wanted, atol=0.05)
    assert FramedSource(framed.root, framed.rows[0]).placed() is None
    plain = frame_manifest(root, tmp_path / "plain", Framing(128), jobs=1)
    assert "placed" not in plain.rows[0].annotations
    with pytest.raises(InputError, match="holds framed faces"):
        frame_manifest(tmp_path / "plain", tmp_path / "twice", Framing(128, placed=True), jobs=1)


def test_a_pixel_of_the_mask_beyond_the_picture_is_unlabelled(framed):
    source = FramedSource(framed.root, framed.rows[0])
    black = (source.picture() < 3).all(axis=2)
    assert set(np.unique(source.parts())) <= {1, 255}
    assert ((source.parts() == 255) <= black).all()


def test_depth_is_within_half_a_hundredth(framed):
    depth = FramedSource(framed.root, framed.rows[0]).depth()
    assert depth.shape == (128, 128)
    assert depth.dtype == np.float32
    known = depth[depth > 0]
    np.testing.assert_allclose(known, 0.8, atol=0.0051)


def test_what_is_left_out_is_counted_by_reason_and_person(framed):
    assert framed.made["left_out"] == {
        "recordings": {"x/1": 1},
        "pictures that cannot be read": {"x/2": 1},
        "pictures without a face that was found": {"x/2": 1},
    }


def test_jobs_and_interruptions_do_not_change_a_byte(given, framed, tmp_path):
    out = tmp_path / "again"
    frame_manifest(given, out, Framing(128), jobs=2)
    assert files_of(out) == files_of(framed.root)
    (out / "people" / "00000.json").unlink()
    (out / "manifest.json").unlink()
    next((out / "images").iterdir()).unlink()
    frame_manifest(given, out, Framing(128), jobs=1)
    assert files_of(out) == files_of(framed.root)


def test_another_framing_does_not_go_into_the_same_folder(given, framed, tmp_path):
    with pytest.raises(InputError, match="another framing"):
        frame_manifest(given, framed.root, Framing(64))
    (tmp_path / "other.txt").write_text("mine")
    with pytest.raises(InputError, match="not empty"):
        frame_manifest(given, tmp_path)


@pytest.mark.parametrize("numbers", [(0, 90), (5000, 90), (128, 0), (128, 101)])
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(InputError, match="give a number"):
        Framing(*numbers)


def test_a_size_that_depth_cannot_follow_is_refused():
    with pytest.raises(InputError, match="multiple of 4"):
        Framing(130)


def test_plain_pictures_are_given_as_they_are(given):
    row = read_manifest(given).rows[0]
    source = FramedSource(given, row)
    expected = np.asarray(Image.open(given / "a.png"))
    np.testing.assert_array_equal(source.picture(), expected)
    assert source.landmarks() is None
    assert source.depth().max() == pytest.approx(0.8)


def test_a_damaged_annotation_is_named(given, tmp_path):
    row = Row(
        name="a", path="a.webp", sha256="0", subject="x", source="x",
        annotations={"mask": "m.png", "landmarks": "l.npy"},
    )  # fmt: skip
    source = FramedSource(tmp_path, row)
    for read in (source.picture, source.parts, source.landmarks):
        with pytest.raises(InputError):
            read()
    (tmp_path / "m.png").write_bytes(b"")
    (tmp_path / "a.webp").write_bytes(b"no picture")
    cv2.imwrite(str(tmp_path / "l.npy.png"), np.zeros((4, 4, 3), np.uint8))
    for read in (source.picture, source.parts):
        with pytest.raises(InputError):
            read()
    with pytest.raises(InputError, match="no numbered classes"):
        source.label(Scale.WORD)


def test_the_record_of_how_is_kept(framed):
    made = json.loads((framed.root / "manifest.json").read_text())["made"]
    assert (made["size"], made["quality"], made["margin"]) == (128, 85, 0.3)


def test_landmarks_are_loaded_one_at_a_time_whatever_the_threads(tmp_path, monkeypatch):
    np.save(tmp_path / "points.npy", np.arange(6.0).reshape(3, 2))
    load, loading = np.load, Lock()

    def watched(*args, **kwargs):
        assert loading.acquire(blocking=False), "two threads load at once"
        time.sleep(0.002)
        try:
            return load(*args, **kwargs)
        finally:
            loading.release()

    monkeypatch.setattr(np, "load", watched)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(read_landmarks, [tmp_path / "points.npy"] * 12))
    assert all(each.tolist() == [[0, 1], [2, 3], [4, 5]] for each in found)
