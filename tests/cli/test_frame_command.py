"""`facialis data frame`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import file_digest, read_manifest, write_manifest

ASTRONAUT = Path(__file__).parents[2] / "examples" / "astronaut.jpg"


def manifest_of(root, **pictures):
    """Write a manifest of one picture a person."""
    rows = []
    for name, pixels in pictures.items():
        cv2.imwrite(str(root / f"{name}.png"), pixels)
        digest = file_digest(root / f"{name}.png")
        rows.append(Row(name=name, path=f"{name}.png", sha256=digest, subject=name, source="x"))
    write_manifest(Manifest("given", tuple(rows)), root)


def test_faces_are_framed_and_what_is_left_out_is_told(call, tmp_path):
    blank = np.full((120, 120, 3), 90, np.uint8)
    manifest_of(tmp_path, face=cv2.imread(str(ASTRONAUT)), blank=blank)
    words = ["--out", tmp_path / "out", "--size", 64, "--jobs", 1]
    result = call("data", "frame", tmp_path, *words)
    assert result.status == 0
    assert "1 pictures of 1 people" in result.out
    assert "1 pictures without a face that was found: blank (1)" in result.out
    (row,) = read_manifest(tmp_path / "out").rows
    assert cv2.imread(str(tmp_path / "out" / row.path)).shape == (64, 64, 3)


def test_a_manifest_without_a_face_is_refused_in_a_sentence(call, tmp_path):
    manifest_of(tmp_path, blank=np.full((120, 120, 3), 90, np.uint8))
    result = call("data", "frame", tmp_path, "--out", tmp_path / "out", "--jobs", 1)
    assert result.status == 2
    assert "shows no face" in result.err


def test_a_folder_without_a_manifest_is_refused(call, tmp_path):
    result = call("data", "frame", tmp_path / "none", "--out", tmp_path / "out")
    assert result.status == 2
    assert "no such file" in result.err
