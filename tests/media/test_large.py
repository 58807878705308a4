from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facialis.media.photo import MAX_FRAME_PIXELS, read_photo

Pixels = NDArray[np.uint8]

GIBIBYTE = 1 << 20
"""In the kibibytes that the kernel counts."""

WRITE = """
import sys
import numpy as np
from PIL import Image
path, mode, options = sys.argv[1], sys.argv[2], eval(sys.argv[3])
ramp = np.tile(np.linspace(0, 255, 10_000).astype(np.uint8), (10_000, 1))
picture = Image.merge(mode, [Image.fromarray(ramp)] * len(mode))
picture.save(path, **options)
"""
READ = """
import sys
from pathlib import Path
from facialis.media.photo import read_photo
frame = read_photo(sys.argv[1])
print(frame.width, frame.height, *frame.pixels.shape, round(frame.scale, 4))
print(*(int(value) for value in frame.pixels[1000, ::1365, 1]))
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def run(program: str, *arguments: object) -> list[str]:
    command = [sys.executable, "-W", "error", "-c", program, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux counts the memory")
@pytest.mark.parametrize(
    ("suffix", "mode", "options"),
    [
        ("progressive.jpg", "RGB", {"quality": 75, "progressive": True}),
        ("png", "RGB", {"compress_level": 1}),
        ("alpha.png", "RGBA", {"compress_level": 1}),
        ("webp", "RGB", {"quality": 50, "method": 0}),
    ],
)
def test_a_hundred_megapixels_are_read_within_a_gibibyte(
    tmp_path: Path, suffix: str, mode: str, options: dict[str, object]
) -> None:
    path = tmp_path / f"huge.{suffix}"
    run(WRITE, path, mode, options)
    geometry, levels, peak = run(READ, path)
    assert geometry == "10000 10000 4096 4096 3 0.4096"
    position = np.arange(0, 4096, 1365) / 4095
    weight = position if mode == "RGBA" else np.ones_like(position)
    expected = 255 * (position * weight + 1 - weight)
    np.testing.assert_allclose([int(level) for level in levels.split()], expected, atol=3)
    assert int(peak) < GIBIBYTE
    path.unlink()


@pytest.mark.parametrize(
    ("suffix", "mode", "options"),
    [
        ("jpg", "RGB", {"quality": 95}),
        ("png", "RGB", {"compress_level": 1}),
        ("png", "RGBA", {"compress_level": 1}),
        ("webp", "RGBA", {"quality": 90, "method": 0}),
    ],
)
def test_a_reduced_photograph_keeps_its_geometry_and_says_its_scale(
    tmp_path: Path, suffix: str, mode: str, options: dict[str, object]
) -> None:
    """White bars at known places of a picture of odd size land where the scale puts them."""
    width, height = 9001, 7501
    picture = Image.new(mode, (width, height), "black")
    picture.paste("white", (6000, 0, 6400, height))
    picture.paste("white", (0, 5000, width, 5400))
    path = tmp_path / f"bars.{suffix}"
    picture.save(path, **options)
    frame = read_photo(path)
    assert (frame.width, frame.height) == (width, height)
    assert abs(frame.pixels.shape[0] * frame.pixels.shape[1] / MAX_FRAME_PIXELS - 1) < 0.001
    row = frame.pixels[100, :, 0] / 255.0
    column = frame.pixels[:, 100, 0] / 255.0
    for line, start, end in ((row, 6000, 6400), (column, 5000, 5400)):
        centre = (line * (np.arange(line.size) + 0.5)).sum() / line.sum()
        assert abs(centre / frame.scale - (start + end) / 2) < 1
        assert abs(line.sum() / frame.scale - (end - start)) < 1


def test_a_photograph_of_sixteen_megapixels_is_left_untouched(tmp_path: Path) -> None:
    path = tmp_path / "phone.png"
    pixels = np.arange(4656 * 3492 * 3, dtype=np.uint32).astype(np.uint8).reshape(3492, 4656, 3)
    Image.fromarray(pixels).save(path, compress_level=1)
    frame = read_photo(path)
    assert frame.scale == 1.0
    np.testing.assert_array_equal(frame.pixels, pixels)
