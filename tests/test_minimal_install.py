"""The wheel alone, installed without extras in a fresh environment, assesses a photograph."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.minimal


@pytest.fixture(scope="module")
def fresh(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs of a fresh environment with nothing but the wheel in it."""
    folder = tmp_path_factory.mktemp("minimal")
    environment = folder / "environment"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, root], check=True)
    (wheel,) = folder.glob("facialis-*.whl")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    constraints = root / "constraints.txt"
    subprocess.run([*pip, "--python", environment, "install", "-c", constraints, wheel], check=True)
    return environment / "bin"


@pytest.fixture(scope="module")
def clean_environment() -> dict[str, str]:
    """The environment variables without any that would lend the fresh Python other packages."""
    return {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}


def test_it_assesses_a_photograph_without_torch(fresh, clean_environment, portrait, tmp_path):
    code = "import importlib.util as u; print([n for n in ('torch', 'onnx') if u.find_spec(n)])"
    found = subprocess.run(
        [fresh / "python", "-c", code], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"
    result = subprocess.run(
        [fresh / "facialis", "assess", portrait, "--out", tmp_path / "out"],
        env=clean_environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    written = {path.name for path in (tmp_path / "out" / "astronaut").iterdir()}
    assert written == {"assessment.json", "report.html", "report.pdf", "overlay.png"}
    record = json.loads((tmp_path / "out" / "astronaut" / "assessment.json").read_text())
    assert len(record["face"]["landmarks"]) == 478
    assert len(record["face"]["expressions"]) == 52
    assert record["norms"]["people"] > 0


def test_its_model_files_and_tables_are_whole(fresh, clean_environment):
    result = subprocess.run(
        [fresh / "facialis", "weights", "verify"],
        env=clean_environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
