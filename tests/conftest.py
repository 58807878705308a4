"""What many tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer the tests that install the package afresh, which takes a minute."""
    parser.addoption("--run-minimal", action="store_true", help="run the minimal-install tests")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the minimal-install tests out unless they are asked for."""
    if config.getoption("--run-minimal"):
        return
    left_out = [item for item in items if item.get_closest_marker("minimal")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


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
