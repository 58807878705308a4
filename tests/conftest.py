"""What many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT


@pytest.fixture(scope="session")
def portrait() -> Path:
    """A real face that may be shown to anyone."""
    return ROOT / "examples" / "astronaut.jpg"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real photographs, where it is present."""
    folder = os.environ.get("FACIALIS_DATA")
    if not folder or not Path(folder, "faces").is_dir():
        pytest.skip("FACIALIS_DATA does not name the folder of real photographs")
    return Path(folder)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the install in a fresh environment, which takes minutes."""
    parser.addoption("--run-minimal", action="store_true", help="run the minimal-install test")
