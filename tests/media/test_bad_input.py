from __future__ import annotations

import os
import resource
import stat
import struct
import sys
import tempfile
import threading
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from numpy.typing import NDArray
from PIL import Image

from facialis.errors import InputError
from facialis.media.frame import Frame
from facialis.media.photo import MIN_SIDE, read_photo

Pixels = NDArray[np.uint8]

FORMATS = {
    "jpg": {"quality": 90},
    "progressive.jpg": {"quality": 90, "progressive": True},
    "png": {},
    "webp": {},
    "lossless.webp": {"lossless": True},
    "tiff": {},
    "lzw.tiff": {"compression": "tiff_lzw"},
    "bmp": {},
    "gif": {},
    "avif": {},
    "heic": {},
}


def encoded(pixels: Pixels, suffix: str, folder: Path) -> bytes:
    path = folder / f"whole.{suffix}"
    if suffix == "heic":
        pillow_heif.from_pillow(Image.fromarray(pixels)).save(path, quality=80)
    else:
        Image.fromarray(pixels).save(path, **FORMATS[suffix])
    return path.read_bytes()


def refusal(path: str | Path) -> str:
    """Read what cannot be read; return the one sentence that is said about it."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(InputError) as caught:
            read_photo(path)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert caught.value.remedy
    return sentence.removeprefix(f"{caught.value.name}: ")


def frame_or_sentence(path: Path) -> Frame | str:
    try:
        return read_photo(path)
    except InputError as error:
        return str(error)


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"\x89PNG\r\n\x1a\n"
    for kind, content in ((b"IHDR", header), *chunks, (b"IEND", b"")):
        checksum = zlib.crc32(kind + content)
        body += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)
    return body


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nobody.jpg") == "no such file; check the name and the folder."


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "is a folder, not a photograph; name a file in it."


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.jpg"
    path.touch()
    assert refusal(path).startswith("the file is empty; copy it again")


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "pipe.jpg"
    os.mkfifo(path)
    assert refusal(path).startswith("is a pipe, a socket or a device; save the photograph")


def test_a_device_is_refused() -> None:
    assert refusal("/dev/zero").startswith("is a pipe, a socket or a device")


@pytest.mark.parametrize("name", ["a\x00b.jpg", "x" * 5000 + ".jpg", "a/" * 3000 + "b.jpg"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    assert refusal(name).startswith("cannot be opened (")


def test_a_name_cannot_forge_a_second_line(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read_photo(tmp_path / "face.jpg\nall well\udcff.jpg")
    assert "face.jpg\\nall well\\xff.jpg: no such file" in str(caught.value)


def test_links_that_lead_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "b.jpg")
    (tmp_path / "b.jpg").symlink_to(tmp_path / "a.jpg")
    assert refusal(tmp_path / "a.jpg").startswith("cannot be opened (Too many levels")


@pytest.fixture
def locked(face: Pixels) -> Iterator[Path]:
    """A photograph that the user may see and not read, whoever runs the tests."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        path = Path(folder, "face.png")
        Image.fromarray(face).save(path)
        path.chmod(stat.S_IWUSR)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield path
        os.seteuid(user)


def test_a_file_without_read_access_is_refused(locked: Path) -> None:
    assert refusal(locked).startswith("you may not read this file; ask for access")


@pytest.mark.parametrize("kept", [0.02, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("suffix", FORMATS)
def test_a_truncated_photograph_is_refused_and_not_filled_with_grey(
    tmp_path: Path, face: Pixels, capfd: pytest.CaptureFixture[str], suffix: str, kept: float
) -> None:
    whole = encoded(face, suffix, tmp_path)
    path = tmp_path / f"cut.{suffix}"
    path.write_bytes(whole[: int(len(whole) * kept)])
    assert refusal(path).startswith("the picture is cut short or damaged; copy it again")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", FORMATS)
def test_damaged_bytes_give_a_picture_or_a_sentence_and_nothing_else(
    tmp_path: Path, face: Pixels, suffix: str
) -> None:
    whole = encoded(np.ascontiguousarray(face[::4, ::4]), suffix, tmp_path)
    path = tmp_path / f"damaged.{suffix}"
    chance = np.random.default_rng(0)
    for _ in range(60):
        damaged = np.frombuffer(whole, np.uint8).copy()
        reach = min(len(whole), chance.choice((64, 600, 1 << 30)))
        places = chance.integers(0, reach, chance.choice((1, 3, 20)))
        damaged[places] = chance.integers(0, 256, places.size, np.uint8)
        path.write_bytes(damaged.tobytes())
        result = frame_or_sentence(path)
        assert isinstance(result, Frame) or result.isprintable()


CONTENTS = {
    "text": (b"Dear doctor,\nplease find attached\n", "is a text file; pass a photograph."),
    "cut text": ("naïve é".encode()[:-1], "is a text file"),
    "wide text": ("Grüße".encode("utf-16"), "is a text file"),
    "web page": (b"\n<!DOCTYPE html><html>404</html>", "is a web page; download the photograph"),
    "drawing": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is an SVG drawing; save it as"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3", "is a PDF document; export the photograph from it"),
    "DICOM": (bytes(128) + b"DICM\x02\x00\x00\x00", "is a DICOM file; export the photograph"),
    "ZIP": (b"PK\x03\x04\x14\x00", "is a ZIP archive or an office document; unpack it"),
    "MP4": (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2", "is a video; export a still"),
    "MOV": (b"\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  ", "is a video; export a still"),
    "AVI": (b"RIFF\x00\x00\x01\x00AVI LIST", "is a video"),
    "Matroska": (b"\x1a\x45\xdf\xa3\x01\x00", "is a video"),
    "MPEG": (b"\x00\x00\x01\xba\x21\x00", "is a video"),
    "transport stream": ((b"G" + bytes([255] * 187)) * 4, "is a video"),
    "HEIC sequence": (b"\x00\x00\x00\x18ftyphevc\x00\x00\x00\x00msf1hevc", "is an animation"),
    "Canon RAW": (b"II*\x00\x10\x00\x00\x00CR\x02\x00", "is a camera RAW file; develop it"),
    "Canon RAW 3": (b"\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom", "is a camera RAW file"),
    "Fuji RAW": (b"FUJIFILMCCD-RAW 0201", "is a camera RAW file"),
    "JPEG XL": (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "is a JPEG XL picture; save it as JPEG"),
    "JPEG 2000": (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "is a JPEG 2000 picture"),
    "Photoshop": (b"8BPS\x00\x01", "is a Photoshop file"),
    "noise": (bytes(range(128, 256)), "is not a picture in a format that can be read; save it"),
    "zeros": (bytes(5000), "is not a picture in a format that can be read"),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_what_is_no_photograph_is_called_by_its_name(tmp_path: Path, content: str) -> None:
    head, expected = CONTENTS[content]
    path = tmp_path / "photo.jpg"
    path.write_bytes(head)
    assert refusal(path).startswith(expected)


@pytest.mark.parametrize(
    "marks",
    [{50706: 0x0401}, {254: 1, 330: (8, 8)}],
    ids=["DNG", "a preview in front of the RAW picture"],
)
def test_a_raw_file_is_not_read_by_its_thumbnail(
    tmp_path: Path, tiff: Callable[..., bytes], marks: dict[int, int | tuple[int, ...]]
) -> None:
    path = tmp_path / "face.tif"
    tags = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 277: 1}
    path.write_bytes(tiff(tags, bytes(64 * 64)))
    assert read_photo(path).pixels.shape == (64, 64, 3)
    path.write_bytes(tiff(tags | marks, bytes(64 * 64)))
    assert refusal(path).startswith("is a camera RAW file; develop it and export it as JPEG")


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif"])
def test_an_animation_is_refused(tmp_path: Path, face: Pixels, suffix: str) -> None:
    path = tmp_path / f"smile.{suffix}"
    Image.fromarray(face).save(path, save_all=True, append_images=[Image.fromarray(255 - face)])
    assert refusal(path) == "is an animation; export a still picture from it."


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(30_000, 30_000, (b"IDAT", zlib.compress(bytes(1_000_000)))))
    assert refusal(path) == (
        "30000 × 30000 pixels is far beyond any photograph, so it is not decoded; "
        "reduce it to 100 megapixels or fewer."
    )


def test_a_picture_that_does_not_fit_in_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png(15_000, 15_000, (b"IDAT", zlib.compress(bytes(1_000_000)))))
    limits = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(
        resource.RLIMIT_AS, (pages * resource.getpagesize() + (300 << 20), limits[1])
    )
    try:
        assert refusal(path).startswith("there is not enough memory to read it; close other")
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def test_a_truncated_large_webp_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.webp"
    Image.new("RGB", (8300, 8300), "brown").save(path, quality=1, method=0)
    path.write_bytes(path.read_bytes()[:-200])
    assert refusal(path).startswith("the picture is cut short or damaged")


def test_a_webp_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    size = struct.pack("<I", 16_000)[:3] * 2
    header = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4) + size + b"VP8 " + bytes(64)
    path = tmp_path / "bomb.webp"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(header)) + header)
    assert "is far beyond any photograph" in refusal(path)


@pytest.mark.parametrize("size", [(1, 1), (20_000, 1), (MIN_SIDE - 1, 500)])
def test_a_picture_too_small_for_a_face_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "tiny.png"
    Image.new("RGB", size).save(path)
    width, height = size
    assert refusal(path) == (
        f"the picture is only {width} × {height} pixels; "
        f"pass a photograph of at least {MIN_SIDE} pixels each way."
    )


def test_the_smallest_size_is_read(tmp_path: Path) -> None:
    path = tmp_path / "small.png"
    Image.new("RGB", (MIN_SIDE, MIN_SIDE), (1, 2, 3)).save(path)
    assert (read_photo(path).pixels == (1, 2, 3)).all()


@pytest.mark.parametrize(
    ("suffix", "module"), [("heic", "pillow_heif"), ("avif", "PIL.AvifImagePlugin")]
)
def test_a_missing_decoder_is_named(
    tmp_path: Path, face: Pixels, monkeypatch: pytest.MonkeyPatch, suffix: str, module: str
) -> None:
    path = tmp_path / f"face.{suffix}"
    path.write_bytes(encoded(face, suffix, tmp_path))
    monkeypatch.setitem(sys.modules, module, None)
    assert "decoder cannot be loaded here; reinstall pillow and pillow-heif" in refusal(path)


def test_reading_leaves_pillow_and_the_warning_filters_as_they_were(
    tmp_path: Path, face: Pixels
) -> None:
    paths = []
    for suffix in FORMATS:
        paths.append(tmp_path / f"whole.{suffix}")
        encoded(face, suffix, tmp_path)
    before = (Image.MAX_IMAGE_PIXELS, dict(Image.OPEN), list(warnings.filters))
    expected = [read_photo(path).pixels for path in paths]
    failures: list[str] = []

    def read() -> None:
        for path, pixels in zip(paths, expected, strict=True):
            if not np.array_equal(read_photo(path).pixels, pixels):
                failures.append(path.name)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert before == (Image.MAX_IMAGE_PIXELS, dict(Image.OPEN), list(warnings.filters))
