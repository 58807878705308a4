"""`facialis train expressions`."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from facialis.errors import InstallationError
from facialis.training import expressions
from facialis.training.commands import app


def test_the_command_tells_its_options_without_importing_torch():
    program = (
        "import sys; sys.modules['torch'] = None; from facialis.training.commands import app; "
        "from typer.testing import CliRunner; "
        "print(CliRunner().invoke(app, ['expressions', '--help']).output)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for option in ("--faces", "--teacher", "--ict", "--out", "--seed", "--work"):
        assert option in done.stdout


def test_without_torch_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "facialis.training.distillation", None)
    monkeypatch.delattr("facialis.training.distillation", raising=False)
    call = ["expressions"]
    for option in ("--faces", "--teacher", "--ict", "--out"):
        call += [option, str(tmp_path / "x")]
    result = CliRunner().invoke(app, call)
    assert isinstance(result.exception, InstallationError)
    assert "pip install 'facialis[train]'" in str(result.exception)


class StubbornLandmarker:
    """Finds one fixed face in every frame."""

    name = "stubborn"

    def in_both_orientations(self, pixels):
        from facialis.face.mesh import TEMPLATE

        return [20 * TEMPLATE + 45], [20 * TEMPLATE + 45]


def test_the_command_trains_writes_and_prints_what_goes_into_the_card(
    tmp_path, monkeypatch, pool, head, teacher
):
    torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
    pytest.importorskip("onnx", reason="training needs the extra 'train'")
    from facialis.training import evaluate_expressions

    clip = cv2.VideoWriter(str(tmp_path / "a.avi"), cv2.VideoWriter_fourcc(*"MJPG"), 25, (96, 96))
    for level in (50, 90, 130):
        clip.write(np.full((96, 96, 3), level, np.uint8))
    clip.release()
    (tmp_path / "clips").mkdir()
    (tmp_path / "a.avi").rename(tmp_path / "clips" / "a.avi")
    module = "facialis.training"
    monkeypatch.setattr(f"{module}.teacher.ExpressionTeacher", lambda _: teacher)
    monkeypatch.setattr(f"{module}.head_model.read_head_model", lambda _: head)
    monkeypatch.setattr(f"{module}.face_pool.read_faces", lambda _: pool)
    monkeypatch.setattr(expressions, "HELD_OUT_PEOPLE", 2)
    monkeypatch.setattr(evaluate_expressions, "default_landmarker", StubbornLandmarker)
    monkeypatch.setattr(evaluate_expressions, "_whole_pipeline", lambda *_: [])
    monkeypatch.setattr(evaluate_expressions, "INVENTED", 50)
    out = tmp_path / "net.onnx"
    call = ["expressions", "--faces", "f", "--teacher", "t", "--ict", "i", "--out", str(out)]
    torch.set_num_threads(1)
    call += ["--samples", "1000", "--epochs", "1", "--clips", str(tmp_path / "clips")]
    result = CliRunner().invoke(app, call, catch_exceptions=False)
    assert result.exit_code == 0
    assert out.stat().st_size < 1_000_000
    assert (tmp_path / "net.training" / "log.csv").is_file()
    assert "held out: london/" in result.output
    assert "talking-face clips (n = 3)" in result.output
    assert "| mouthSmileLeft |" in result.output
