"""Colours against closed forms: the sRGB transfer curve of IEC 61966-2-1, ideal inks, alpha."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from skimage.color import lab2rgb

from facialis.errors import InputError
from facialis.media.photo import read_photo

Pixels = NDArray[np.uint8]

# sRGB's primaries adapted to D50, ICC.1:2022 annex and IEC 61966-2-1.
RED, GREEN, BLUE = (
    (0.4360747, 0.2225045, 0.0139322),
    (0.3850649, 0.7168786, 0.0971045),
    (0.1430804, 0.0606169, 0.7141733),
)
D50 = (0.9642, 1.0, 0.8249)


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + fixed(*values)


def gamma(value: float) -> bytes:
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(value * 256))


def profile(space: bytes, connection: bytes, device: bytes, tags: dict[bytes, bytes]) -> bytes:
    """Write an ICC version 2 profile."""
    tags = {b"desc": b"desc" + bytes(4) + struct.pack(">I", 2) + b"x\0" + bytes(78), **tags}
    table, body, start = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for signature, content in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), bytes(4), 0x02400000, device, space, connection
    )
    header += bytes(12) + b"acsp" + bytes(28) + fixed(*D50) + bytes(48)
    return header + table + body


def matrix_profile(red: bytes, green: bytes, blue: bytes, exponent: float) -> bytes:
    curve = gamma(exponent)
    return profile(
        b"RGB ",
        b"XYZ ",
        b"mntr",
        {
            b"wtpt": xyz(D50),
            b"rXYZ": red,
            b"gXYZ": green,
            b"bXYZ": blue,
            b"rTRC": curve,
            b"gTRC": curve,
            b"bTRC": curve,
        },
    )


def srgb_encoded(linear: NDArray[np.float64]) -> NDArray[np.float64]:
    return 255 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def saved(folder: Path, pixels: Image.Image, suffix: str = "png", **options: object) -> Path:
    path = folder / f"face.{suffix}"
    pixels.save(path, **options)
    return path


def test_an_srgb_profile_changes_no_pixel(tmp_path: Path, face: Pixels) -> None:
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = saved(tmp_path, Image.fromarray(face), icc_profile=icc)
    np.testing.assert_array_equal(read_photo(path).pixels, face)


@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
def test_a_linear_profile_is_encoded_by_the_srgb_curve(
    tmp_path: Path, face: Pixels, suffix: str
) -> None:
    icc = matrix_profile(xyz(RED), xyz(GREEN), xyz(BLUE), 1.0)
    path = saved(tmp_path, Image.fromarray(face), suffix, icc_profile=icc, lossless=True)
    expected = srgb_encoded(face / 255.0)
    assert np.abs(read_photo(path).pixels - expected).max() <= 2


def test_a_profile_with_red_and_blue_swapped_swaps_them_back(
    tmp_path: Path, large_face: Pixels
) -> None:
    icc = matrix_profile(xyz(BLUE), xyz(GREEN), xyz(RED), 2.2)
    swapped = np.ascontiguousarray(large_face[..., ::-1])
    path = saved(tmp_path, Image.fromarray(swapped), icc_profile=icc)
    expected = srgb_encoded((large_face / 255.0) ** 2.2)
    assert np.abs(read_photo(path).pixels - expected).max() <= 3


def test_the_profile_of_a_jpeg_is_followed(tmp_path: Path, face: Pixels) -> None:
    icc = matrix_profile(xyz(RED), xyz(GREEN), xyz(BLUE), 1.0)
    path = saved(tmp_path, Image.fromarray(face), "jpg", icc_profile=icc, quality=100)
    expected = srgb_encoded(face / 255.0)
    assert np.abs(read_photo(path).pixels - expected).mean() < 3


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_a_grey_profile_is_followed(tmp_path: Path, face: Pixels, mode: str) -> None:
    icc = profile(b"GRAY", b"XYZ ", b"mntr", {b"wtpt": xyz(D50), b"kTRC": gamma(1.8)})
    grey = Image.fromarray(face).convert(mode)
    path = saved(tmp_path, grey, icc_profile=icc)
    expected = srgb_encoded((np.asarray(grey.convert("L")) / 255.0) ** 1.8)
    assert np.abs(read_photo(path).pixels[..., 1] - expected).max() <= 2


def test_a_grey_picture_may_carry_a_profile_for_rgb(tmp_path: Path, face: Pixels) -> None:
    icc = matrix_profile(xyz(RED), xyz(GREEN), xyz(BLUE), 1.0)
    grey = Image.fromarray(face).convert("L")
    path = saved(tmp_path, grey, icc_profile=icc)
    expected = srgb_encoded(np.asarray(grey) / 255.0)
    assert np.abs(read_photo(path).pixels[..., 1] - expected).max() <= 2


def ink_profile() -> bytes:
    """A press whose only ink is black and whose lightness falls from 100 to 0 with it."""
    identity = bytes(range(256))
    corners = np.indices((2, 2, 2, 2)).reshape(4, -1)
    lab = np.stack([255 * (1 - corners[3]), np.full(16, 128), np.full(16, 128)], axis=1)
    table = struct.pack(">4s4xBBBx", b"mft1", 4, 3, 2) + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table += identity * 4 + lab.astype(np.uint8).tobytes() + identity * 3
    return profile(b"CMYK", b"Lab ", b"prtr", {b"wtpt": xyz(D50), b"A2B0": table, b"A2B1": table})


@pytest.mark.parametrize("suffix", ["tiff", "jpg"])
def test_the_profile_of_a_cmyk_picture_is_followed(tmp_path: Path, suffix: str) -> None:
    black = np.tile(np.linspace(0, 255, 256).astype(np.uint8), (64, 1))
    inks = np.stack([np.full_like(black, 200)] * 3 + [black], axis=-1)
    picture = Image.frombytes("CMYK", (256, 64), inks.tobytes())
    path = saved(tmp_path, picture, suffix, icc_profile=ink_profile(), quality=100)
    lightness = 100 * (1 - black / 255.0)
    cube = ((lightness + 16) / 116) ** 3
    luminance = np.where(lightness > 8, cube, lightness / 903.3)
    expected = srgb_encoded(luminance)[..., np.newaxis]
    assert np.abs(read_photo(path).pixels - expected).max() <= 6


@pytest.mark.parametrize(("suffix", "tolerance"), [("tiff", 1), ("jpg", 4)])
def test_cmyk_without_a_profile_is_read_as_ideal_inks(
    tmp_path: Path, suffix: str, tolerance: int
) -> None:
    """Pillow writes CMYK JPEG as Adobe does, inverted and with Adobe's marker."""
    ramp = np.linspace(0, 255, 256).astype(np.uint8)
    cyan, black = np.meshgrid(ramp, ramp)
    inks = np.stack([cyan, cyan[::-1], np.full_like(cyan, 30), black], axis=-1)
    picture = Image.frombytes("CMYK", (256, 256), inks.tobytes())
    path = saved(tmp_path, picture, suffix, quality=100)
    if suffix == "jpg":
        assert b"Adobe" in path.read_bytes()[:200]
    paper = 255.0 - inks
    expected = paper[..., :3] * paper[..., 3:] / 255
    assert np.abs(read_photo(path).pixels - expected).mean() <= tolerance


@pytest.mark.parametrize(
    ("icc", "complaint"),
    [
        (b"no profile at all", "damaged"),
        (matrix_profile(xyz(RED), xyz(GREEN), xyz(BLUE), 1.0)[:200], "damaged"),
        (profile(b"GRAY", b"XYZ ", b"mntr", {b"kTRC": gamma(1.0)}), "is for L, not for RGB"),
        (profile(b"HSV ", b"XYZ ", b"mntr", {}), "is for another colour space, not for RGB"),
    ],
)
def test_a_useless_profile_is_left_out_and_logged(
    tmp_path: Path, face: Pixels, caplog: pytest.LogCaptureFixture, icc: bytes, complaint: str
) -> None:
    path = saved(tmp_path, Image.fromarray(face), icc_profile=icc)
    with caplog.at_level(logging.WARNING):
        np.testing.assert_array_equal(read_photo(path).pixels, face)
    assert complaint in caplog.text
    assert "face.png" in caplog.text


@pytest.mark.parametrize("suffix", ["png", "tiff", "webp"])
def test_transparency_is_laid_on_white(tmp_path: Path, large_face: Pixels, suffix: str) -> None:
    height, width = large_face.shape[:2]
    alpha = np.tile(np.linspace(0, 255, width).astype(np.uint8), (height, 1))
    picture = Image.fromarray(np.dstack([large_face, alpha]))
    path = saved(tmp_path, picture, suffix, lossless=True, exact=True)
    weight = alpha[..., np.newaxis] / 255.0
    expected = large_face * weight + 255 * (1 - weight)
    assert np.abs(read_photo(path).pixels - expected).max() <= 1


def test_transparent_grey_is_laid_on_white(tmp_path: Path, face: Pixels) -> None:
    grey = np.asarray(Image.fromarray(face).convert("L"))
    alpha = np.full_like(grey, 102)
    path = saved(tmp_path, Image.fromarray(np.dstack([grey, alpha])))
    expected = grey * 0.4 + 255 * 0.6
    assert np.abs(read_photo(path).pixels[..., 2] - expected).max() <= 1


def test_premultiplied_grey_is_laid_on_white(tmp_path: Path, tiff: Callable[..., bytes]) -> None:
    path = tmp_path / "cut_out.tif"
    tags = {256: 64, 257: 64, 258: (8, 8), 259: 1, 262: 1, 277: 2, 338: 1}
    path.write_bytes(tiff(tags, bytes([64, 128]) * 64 * 64))
    assert np.abs(read_photo(path).pixels.astype(int) - (64 + 127)).max() <= 1


def test_a_palette_with_a_transparent_entry_is_laid_on_white(tmp_path: Path) -> None:
    picture = Image.new("P", (64, 48), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.paste(0, (0, 0, 32, 48))
    path = saved(tmp_path, picture, transparency=0)
    pixels = read_photo(path).pixels
    assert (pixels[:, :32] == 255).all()
    assert (pixels[:, 32:] == (0, 0, 255)).all()


def test_a_palette_is_looked_up(tmp_path: Path, face: Pixels) -> None:
    picture = Image.fromarray(face).quantize(200)
    path = saved(tmp_path, picture)
    np.testing.assert_array_equal(read_photo(path).pixels, np.asarray(picture.convert("RGB")))


def test_lab_agrees_with_scikit_image(tmp_path: Path) -> None:
    lightness, red_green = np.meshgrid(np.arange(50, 200, 2), np.arange(-20, 20))
    yellow = np.full_like(lightness, 12)
    stored = np.dstack([lightness, red_green, yellow]).astype(np.uint8)
    height, width = lightness.shape
    path = saved(tmp_path, Image.frombytes("LAB", (width, height), stored.tobytes()), "tiff")
    expected = 255 * lab2rgb(np.dstack([lightness * 100 / 255, red_green, yellow]))
    assert np.abs(read_photo(path).pixels - expected).mean() < 3


@pytest.mark.parametrize("mode", ["I", "F"])
def test_pixels_without_a_known_range_are_refused(tmp_path: Path, mode: str) -> None:
    path = saved(tmp_path, Image.new(mode, (64, 64), 7), "tiff")
    with pytest.raises(InputError, match=r"32-bit numbers.*save it with 8 or 16 bits\.$"):
        read_photo(path)
