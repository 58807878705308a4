"""A machine that lacks something is told what, in one sentence."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from facialis.cli.environment import installation_problem

CV2 = 'raise ImportError("libGL.so.1: cannot open shared object file: No such file or directory")\n'


@pytest.mark.parametrize("command", [["assess", "photo.jpg", "--out", "out"], ["measure", "p.jpg"]])
def test_a_machine_without_libgl_is_told_the_system_packages(tmp_path, command):
    (tmp_path / "cv2.py").write_text(CV2)
    result = subprocess.run(
        [sys.executable, "-m", "facialis", *command],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "libGL.so.1" in result.stderr
    assert "apt-get install libgl1 libglib2.0-0" in result.stderr


@pytest.mark.parametrize("words", [["--version"], ["--help"], ["schema", "--help"]])
def test_what_needs_no_system_library_works_without_it(tmp_path, words):
    (tmp_path / "cv2.py").write_text(CV2)
    result = subprocess.run(
        [sys.executable, "-m", "facialis", *words],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("message", "package"),
    [
        ("libEGL.so.1: cannot open shared object file", "libegl1"),
        ("libgthread-2.0.so.0: cannot open shared object file", "libglib2.0-0"),
        ("libunheard-of.so.3: cannot open shared object file", "libgl1"),
    ],
)
def test_a_missing_system_library_is_named_with_its_package(message, package):
    sentence = installation_problem(ImportError(message))
    assert message.split(":")[0] in sentence
    assert package in sentence


def test_a_missing_python_package_is_named():
    error = ModuleNotFoundError("No module named 'mediapipe.python'", name="mediapipe.python")
    assert "'mediapipe'" in installation_problem(error)
    assert "pip install" in installation_problem(error)


def test_any_other_import_that_fails_is_quoted():
    error = ImportError("numpy.core.multiarray failed to import")
    assert "numpy.core.multiarray failed" in installation_problem(error)
