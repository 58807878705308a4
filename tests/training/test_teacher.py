"""The teacher, and the command that learns from it."""

from __future__ import annotations

import sys
import zipfile

import numpy as np
import pytest

from facialis.errors import InputError, InstallationError
from facialis.training.teacher import ExpressionTeacher, logits


def test_logits_are_the_log_odds_and_stay_finite():
    scores = np.array([0.0, 1e-6, 0.25, 0.5, 1.0], np.float32)
    expected = [-16, np.log(1e-6), np.log(1 / 3), 0, 16]
    np.testing.assert_allclose(logits(scores), expected, rtol=1e-5)


def test_a_file_that_is_no_bundle_is_refused(tmp_path):
    pytest.importorskip("ai_edge_litert", reason="training needs the extra 'train'")
    file = tmp_path / "x.task"
    file.write_text("not an archive")
    with pytest.raises(InputError, match="is not a face landmarker bundle"):
        ExpressionTeacher(file)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("other.tflite", b"")
    with pytest.raises(InputError, match="is not a face landmarker bundle"):
        ExpressionTeacher(file)


def test_a_missing_runtime_is_an_install_hint(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(InstallationError, match=r"pip install 'facialis\[train\]'"):
        ExpressionTeacher(tmp_path / "x.task")


def test_the_real_teacher_ignores_position_and_size(shared_data, pool):
    pytest.importorskip("ai_edge_litert", reason="training needs the extra 'train'")
    teacher = ExpressionTeacher(shared_data / "models" / "face_landmarker.task")
    faces = pool.points[:, 0, :, :2]
    scores = teacher(faces)
    assert scores.shape == (12, 52)
    assert (scores > 0.05).any()
    np.testing.assert_allclose(teacher(0.5 * faces + 80), scores, atol=1e-4)
