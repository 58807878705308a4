"""A finished run as a network that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from facialis.training.settings import Variant
from facialis.training.weights_file import WEIGHTS_NAME, read_weights

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.networks.learner import Learner


def finished_run(run: Path) -> tuple[dict[str, Any], Learner]:
    """Return what a run's ``weights.pt`` holds, and its learner, ready to answer.

    Args:
        run: Folder of the run, or its ``weights.pt``.

    Raises:
        InputError: The run is not finished.
    """
    state = read_weights(run / WEIGHTS_NAME if run.is_dir() else run)
    settings = state["settings"]
    # What it started from is of no more use, and need not be on this machine.
    start = {key: value for key, value in _NO_START.items() if key in settings}
    learner = Variant("", state["method"], settings | start).learner()
    learner.load_state_dict(state["weights"])
    learner.eval()
    return state, learner


_NO_START = {"pretrained": False, "weights": ""}
