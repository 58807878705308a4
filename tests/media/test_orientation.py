"""EXIF 2.32, 4.6.4 A: what the stored row 0 and column 0 are in the picture as seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from facialis.media.photo import read_photo
from facialis.media.upright import MIRRORED, upright_pixels

Pixels = NDArray[np.uint8]

ORIENTATION = 274
LOSSLESS = {
    "png": {"compress_level": 1},
    "webp": {"lossless": True, "method": 0, "quality": 0},
    "tiff": {},
    "lzw.tiff": {"compression": "tiff_lzw"},
}


def as_stored(seen: Pixels, orientation: int) -> Pixels:
    """Store a picture the way a camera does that writes this orientation."""
    columns = seen.swapaxes(0, 1)
    return {
        1: seen,  # row 0 is the top, column 0 the left
        2: seen[:, ::-1],  # top, right
        3: seen[::-1, ::-1],  # bottom, right
        4: seen[::-1],  # bottom, left
        5: columns,  # left, top
        6: columns[::-1],  # right, top
        7: columns[::-1, ::-1],  # right, bottom
        8: columns[:, ::-1],  # left, bottom
    }[orientation].copy()


def tagged(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", LOSSLESS)
def test_every_orientation_comes_upright(
    tmp_path: Path, large_face: Pixels, suffix: str, orientation: int, mirrored: bool
) -> None:
    path = tmp_path / f"face.{suffix}"
    stored = Image.fromarray(as_stored(large_face, orientation))
    stored.save(path, exif=tagged(orientation), **LOSSLESS[suffix])
    frame = read_photo(path, mirrored=mirrored)
    seen = large_face[:, ::-1] if mirrored else large_face
    np.testing.assert_array_equal(frame.pixels, seen)
    assert (frame.width, frame.height) == (800, 1024)
    assert frame.mirrored is mirrored
    assert frame.pixels.flags.c_contiguous


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "heic", "avif"])
def test_every_orientation_of_a_lossy_format_comes_upright_once(
    tmp_path: Path, face: Pixels, suffix: str, orientation: int
) -> None:
    path = tmp_path / f"face.{suffix}"
    mirrored = orientation in {2, 3, 6, 7}
    stored = Image.fromarray(as_stored(face, orientation))
    exif = tagged(orientation)
    if suffix == "heic":
        pillow_heif.from_pillow(stored).save(path, quality=90, exif=exif.tobytes())
    else:
        stored.save(path, quality=90, exif=exif)
    frame = read_photo(path, mirrored=mirrored)
    seen = face[:, ::-1] if mirrored else face
    assert (frame.width, frame.height) == (400, 512)
    assert np.abs(frame.pixels.astype(int) - seen).mean() < 5


@pytest.mark.parametrize("orientation", [1, 6, 7])
def test_a_reduced_photograph_comes_upright_too(
    tmp_path: Path, face: Pixels, orientation: int
) -> None:
    path = tmp_path / "face.jpg"
    seen = face.repeat(12, axis=0).repeat(12, axis=1)
    Image.fromarray(as_stored(seen, orientation)).save(path, quality=80, exif=tagged(orientation))
    frame = read_photo(path)
    assert (frame.width, frame.height) == (4800, 6144)
    corners = [frame.pixels[y, x].astype(int) for y, x in ((60, 60), (60, -60), (-60, 60))]
    assert np.abs(np.array(corners) - 255 * np.eye(3, dtype=int)).max() < 12


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_outside_one_to_eight_is_ignored(
    tmp_path: Path, face: Pixels, value: int
) -> None:
    path = tmp_path / "face.png"
    Image.fromarray(face).save(path, exif=tagged(value))
    np.testing.assert_array_equal(read_photo(path).pixels, face)


@pytest.mark.parametrize(
    "exif",
    [
        b"Exif\x00\x00nonsense",
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\xff" + bytes(range(256)),
        b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x02\x00\x00\x00\x09\x7f\xff\xff\xff",
    ],
    ids=["no TIFF header", "too many tags", "text far beyond the end"],
)
@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_damaged_exif_is_ignored(tmp_path: Path, face: Pixels, suffix: str, exif: bytes) -> None:
    path = tmp_path / f"face.{suffix}"
    Image.fromarray(face).save(path, exif=exif, quality=95)
    frame = read_photo(path)
    assert np.abs(frame.pixels.astype(int) - face).mean() < 3


@given(
    width=st.integers(1, 60),
    height=st.integers(1, 60),
    orientation=st.integers(1, 8),
    seed=st.integers(0, 9),
)
@settings(deadline=None)
def test_turning_undoes_storing_and_mirroring_swaps_left_and_right(
    width: int, height: int, orientation: int, seed: int
) -> None:
    seen = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    stored = Image.fromarray(as_stored(seen, orientation))
    for turn, expected in ((orientation, seen), (MIRRORED[orientation], seen[:, ::-1])):
        pixels = upright_pixels(
            stored,
            lambda band: band,
            covered=stored.size,
            size=stored.size,
            orientation=turn,
        )
        np.testing.assert_array_equal(pixels, expected)
