from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from facialis.media.photo import read_photo

Pixels = NDArray[np.uint8]

LOSSLESS = {
    "png": {},
    "bmp": {},
    "webp": {"lossless": True, "method": 0, "quality": 0},
    "tiff": {},
    "lzw.tiff": {"compression": "tiff_lzw"},
    "deflate.tiff": {"compression": "tiff_adobe_deflate"},
}


@pytest.mark.parametrize("suffix", LOSSLESS)
def test_lossless_formats_come_out_exactly_as_they_went_in(
    tmp_path: Path, large_face: Pixels, suffix: str
) -> None:
    path = tmp_path / f"face.{suffix}"
    Image.fromarray(large_face).save(path, **LOSSLESS[suffix])
    frame = read_photo(path)
    np.testing.assert_array_equal(frame.pixels, large_face)
    assert (frame.width, frame.height, frame.scale) == (800, 1024, 1.0)
    assert frame.pixels.dtype == np.uint8
    assert frame.pixels.flags.c_contiguous


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("subsampling", [0, 2])
def test_jpeg_agrees_with_opencv(
    tmp_path: Path, large_face: Pixels, progressive: bool, subsampling: int
) -> None:
    path = tmp_path / "face.jpg"
    Image.fromarray(large_face).save(
        path, quality=92, progressive=progressive, subsampling=subsampling
    )
    reference = cv2.imdecode(
        np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB
    ).astype(int)
    assert np.abs(read_photo(path).pixels - reference).max() <= 2


@pytest.mark.parametrize("suffix", ["heic", "heif", "hif", "avif"])
def test_heic_and_avif_look_like_their_source(tmp_path: Path, face: Pixels, suffix: str) -> None:
    path = tmp_path / f"face.{suffix}"
    if suffix == "avif":
        Image.fromarray(face).save(path, quality=95)
    else:
        pillow_heif.from_pillow(Image.fromarray(face)).save(path, quality=95)
    frame = read_photo(path)
    assert frame.pixels.shape == face.shape
    assert np.abs(frame.pixels.astype(int) - face).mean() < 3


def test_ten_bit_heic_is_scaled_to_eight_bits(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "hdr.heic"
    deep = face.astype(np.uint16) * 257
    pillow_heif.encode("RGB;16", (400, 512), deep.tobytes(), path, quality=95)
    assert pillow_heif.open_heif(path, convert_hdr_to_8bit=False).info["bit_depth"] == 10
    assert np.abs(read_photo(path).pixels.astype(int) - face).mean() < 3


def test_a_heic_of_several_pictures_gives_the_primary_one(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "burst.heic"
    burst = pillow_heif.from_pillow(Image.fromarray(255 - face))
    burst.add_from_pillow(Image.fromarray(face))
    burst.save(path, quality=95, primary_index=1)
    assert np.abs(read_photo(path).pixels.astype(int) - face).mean() < 3


def test_a_phone_photograph_of_several_jpegs_gives_the_first(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "face.jpg"
    Image.fromarray(face).save(
        path, "MPO", save_all=True, append_images=[Image.new("RGB", (64, 64))], quality=95
    )
    frame = read_photo(path)
    assert frame.pixels.shape == face.shape
    assert np.abs(frame.pixels.astype(int) - face).mean() < 3


def test_a_multi_page_tiff_gives_its_first_page_and_says_so(
    tmp_path: Path, face: Pixels, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "scan.tif"
    Image.fromarray(face).save(
        path, save_all=True, append_images=[Image.new("RGB", (64, 64), "red")]
    )
    np.testing.assert_array_equal(read_photo(path).pixels, face)
    assert "scan.tif: the file holds several pages; the first is read" in caplog.text


def test_a_still_gif_is_read(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "face.gif"
    reduced = Image.fromarray(face).quantize(64)
    reduced.save(path)
    np.testing.assert_array_equal(read_photo(path).pixels, np.asarray(reduced.convert("RGB")))


def test_the_bytes_decide_the_format_and_not_the_suffix(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "face.jpg"
    Image.fromarray(face).save(path, "PNG")
    np.testing.assert_array_equal(read_photo(path).pixels, face)


@pytest.mark.parametrize("suffix", ["png", "tiff", "lzw.tiff"])
def test_deep_grey_is_rounded_over_its_full_range(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"ramp.{suffix}"
    ramp = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    lzw = {"lzw.tiff": [cv2.IMWRITE_TIFF_COMPRESSION, 5], "png": []}
    cv2.imwrite(str(path), ramp, lzw.get(suffix, [cv2.IMWRITE_TIFF_COMPRESSION, 1]))
    expected = np.round(ramp / 257.0)
    for channel in range(3):
        np.testing.assert_array_equal(read_photo(path).pixels[..., channel], expected)


@pytest.mark.parametrize("suffix", ["png", "tiff"])
@pytest.mark.parametrize("channels", [3, 4])
def test_deep_colour_is_scaled_within_one_level(tmp_path: Path, suffix: str, channels: int) -> None:
    path = tmp_path / f"deep.{suffix}"
    blue_green_red = np.random.default_rng(0).integers(0, 1 << 16, (256, 200, channels))
    blue_green_red[..., 3:] = 65535
    cv2.imwrite(str(path), blue_green_red.astype(np.uint16))
    expected = blue_green_red[..., 2::-1] / 257.0
    assert np.abs(read_photo(path).pixels - expected).max() <= 1


def test_big_endian_deep_grey_is_read(tmp_path: Path) -> None:
    path = tmp_path / "ramp.tif"
    ramp = np.arange(1 << 16, dtype=">u2").reshape(256, 256)
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(path, ramp, byteorder=">")
    np.testing.assert_array_equal(read_photo(path).pixels[..., 0], np.round(ramp / 257.0))


def test_deep_grey_whose_zero_is_white_is_turned_over(tmp_path: Path) -> None:
    path = tmp_path / "film.tif"
    ramp = np.arange(1 << 16, dtype=np.uint16).reshape(256, 256)
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(path, ramp, photometric="miniswhite")
    np.testing.assert_array_equal(read_photo(path).pixels[..., 0], 255 - np.round(ramp / 257.0))


def test_twelve_bit_grey_is_scaled_by_its_own_range(
    tmp_path: Path, tiff: Callable[..., bytes]
) -> None:
    ramp = np.arange(4096).reshape(64, 64)
    pairs = ramp.reshape(-1, 2)
    packed = np.stack(
        [pairs[:, 0] >> 4, (pairs[:, 0] & 15) << 4 | pairs[:, 1] >> 8, pairs[:, 1] & 255], axis=1
    )
    path = tmp_path / "twelve.tif"
    tags = {256: 64, 257: 64, 258: 12, 259: 1, 262: 1, 277: 1}
    path.write_bytes(tiff(tags, packed.astype(np.uint8).tobytes()))
    np.testing.assert_array_equal(read_photo(path).pixels[..., 0], np.round(ramp * 255 / 4095))


def test_grey_and_bilevel_pictures_become_equal_channels(tmp_path: Path, face: Pixels) -> None:
    for mode in ("L", "1"):
        stored = Image.fromarray(face).convert(mode)
        stored.save(tmp_path / "grey.png")
        expected = np.asarray(stored, np.uint8) * (255 if mode == "1" else 1)
        pixels = read_photo(tmp_path / "grey.png").pixels
        np.testing.assert_array_equal(pixels, np.stack([expected] * 3, axis=-1))


def test_the_digest_is_that_of_the_files_bytes(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "face.png"
    Image.fromarray(face).save(path)
    assert read_photo(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_name_is_as_given_and_printable(
    tmp_path: Path, face: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    strange = "a\nb\udcff.png"
    Image.fromarray(face).save("plain.png")
    try:
        Path("plain.png").rename(strange)
    except (OSError, ValueError):
        pytest.skip("this file system refuses such names")
    assert read_photo(strange).name == "a\\nb\\xff.png"


def test_the_pixels_cannot_be_written_to(tmp_path: Path, face: Pixels) -> None:
    path = tmp_path / "face.png"
    Image.fromarray(face).save(path)
    with pytest.raises(ValueError, match="read-only"):
        read_photo(path).pixels[0, 0] = 0
