"""The picture of what a network sees."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from facialis.training.inputs_sheet import inputs_sheet


def test_every_picture_and_frame_of_the_first_examples_is_on_the_sheet() -> None:
    face = np.zeros((6, 2, 3, 56, 56), np.uint8)
    face[0, 1, 0] = 200
    face[3, 0, 2] = 90
    mouth = np.full((6, 3, 40, 120), 30, np.uint8)
    arrays = {"face": face, "mouth": mouth, "mask": face[:, 0, 0], "level": np.zeros(6, np.int64)}
    sheet = np.asarray(Image.open(io.BytesIO(inputs_sheet(arrays) or b"")))
    tall = 112
    assert sheet.shape == (24 + 4 * (tall + 8), 3 * 8 + 2 * tall + 3 * tall, 3)
    row = slice(24, 24 + tall)
    assert (sheet[row, 8 + tall : 8 + 2 * tall] == (200, 0, 0)).all()
    assert (sheet[row, 16 + 2 * tall : 16 + 5 * tall] == 30).all()
    last = slice(24 + 3 * (tall + 8), 24 + 3 * (tall + 8) + tall)
    assert (sheet[last, 8 : 8 + tall] == (0, 0, 90)).all()


def test_examples_without_pictures_have_no_sheet() -> None:
    assert inputs_sheet({"asymmetry": np.zeros((4, 29), np.float32)}) is None
    assert inputs_sheet({"image": np.zeros((0, 3, 8, 8), np.uint8)}) is None
