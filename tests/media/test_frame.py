from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.media.frame import Frame

Pixels = NDArray[np.uint8]


def test_an_array_becomes_a_frame_without_a_copy(face: Pixels) -> None:
    frame = Frame.from_array(face, name="face")
    assert np.shares_memory(frame.pixels, face)
    assert (frame.name, frame.width, frame.height) == ("face", 400, 512)
    assert (frame.scale, frame.mirrored) == (1.0, False)
    assert frame.sha256 == hashlib.sha256(face.tobytes()).hexdigest()


def test_a_mirrored_array_is_swapped_back(face: Pixels) -> None:
    frame = Frame.from_array(face, mirrored=True)
    np.testing.assert_array_equal(frame.pixels, np.fliplr(face))
    assert frame.mirrored
    assert frame.pixels.flags.c_contiguous


def test_the_frame_is_read_only_and_the_callers_array_is_not() -> None:
    pixels = np.zeros((40, 30, 3), np.uint8)
    frame = Frame.from_array(pixels)
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0] = 1
    pixels[0, 0] = 1


def test_a_view_with_steps_becomes_contiguous(face: Pixels) -> None:
    frame = Frame.from_array(face[::2, ::2])
    np.testing.assert_array_equal(frame.pixels, face[::2, ::2])
    assert frame.pixels.flags.c_contiguous


def test_frames_are_equal_only_to_themselves(face: Pixels) -> None:
    frame = Frame.from_array(face)
    assert frame == frame  # noqa: PLR0124 -- that is what is tested
    assert frame != Frame.from_array(face)
    assert len({frame, frame}) == 1


@pytest.mark.parametrize(
    ("pixels", "sentence"),
    [
        (np.zeros((4, 4, 3)), "x: the pixels are float64, not an array of uint8; pass RGB values"),
        (np.zeros((4, 4, 3), bool), "x: the pixels are bool, not an array of uint8"),
        ([[[1, 2, 3]]], "x: the pixels are list, not an array of uint8"),
        (None, "x: the pixels are NoneType, not an array of uint8"),
        (np.zeros((4, 4), np.uint8), r"x: the array has the shape \(4, 4\), not"),
        (np.zeros((4, 4, 4), np.uint8), r"x: the array has the shape \(4, 4, 4\), not"),
        (np.zeros((0, 4, 3), np.uint8), r"x: the array has the shape \(0, 4, 3\), not"),
        (np.zeros((2, 4, 4, 3), np.uint8), r"x: the array has the shape \(2, 4, 4, 3\), not"),
    ],
)
def test_an_array_that_is_no_picture_is_refused(pixels: object, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Frame.from_array(pixels, name="x")
