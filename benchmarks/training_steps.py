"""How long a step of training the light networks takes, with torch's dilated convolutions and ours.

Both do the same sums; see `facialis.networks.backbones.DilatedDepthwise`.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import numpy as np
import torch
from torch import nn

from benchmarks.record import Benchmark, Results, table
from facialis.methods.cascaded_encoder.light import LightCascadedEncoder
from facialis.methods.fp_vggface.light import LightGrader
from facialis.networks.backbones import DilatedDepthwise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from torch import Tensor

TURNS: Final = 15
SIZE: Final = 96
NETWORKS: Final[dict[str, tuple[Callable[[], nn.Module], int]]] = {
    "fp_vggface-light": (lambda: LightGrader(size=SIZE), 32),
    "cascaded_encoder-light": (lambda: LightCascadedEncoder(reads=SIZE), 16),
}


def measure(faces: Path | None) -> Results:
    """Take steps of both kinds in turns, on one thread."""
    del faces
    torch.set_num_threads(1)
    found = {}
    for name, (build, batch) in NETWORKS.items():
        torch.manual_seed(0)
        network = build().to(memory_format=torch.channels_last).train()
        images = torch.randint(0, 256, (batch, 3, SIZE, SIZE), dtype=torch.uint8)
        plain: list[float] = []
        ours: list[float] = []
        for turn in range(TURNS + 1):
            with patch.object(DilatedDepthwise, "forward", nn.Conv2d.forward):
                before = _step(network, images)
            after = _step(network, images)
            if turn:  # the first of each warms up
                plain.append(before)
                ours.append(after)
        found[name] = {"batch": batch, "torch": _quartiles(plain), "ours": _quartiles(ours)}
    return {"size": SIZE, "turns": TURNS, "milliseconds": found}


def _step(network: nn.Module, images: Tensor) -> float:
    network.zero_grad()
    began = time.perf_counter()
    answers = network(images)
    torch.stack([each.square().mean() for each in _tensors(answers)]).sum().backward()
    return 1000 * (time.perf_counter() - began)


def _tensors(answers: Any) -> list[Tensor]:
    if isinstance(answers, torch.Tensor):
        return [answers] if answers.requires_grad else []
    return [each for part in answers for each in _tensors(part)] if answers is not None else []


def _quartiles(values: list[float]) -> list[float]:
    median, low, high = np.percentile(values, (50, 25, 75)).round(1).tolist()
    return [median, low, high]


def tables(results: Results) -> str:
    """Return the table of the page."""
    rows = [
        (
            f"`{name}`, batches of {each['batch']}",
            "{:g} ({:g} to {:g})".format(*each["torch"]),
            "{:g} ({:g} to {:g})".format(*each["ours"]),
            f"{each['torch'][0] / each['ours'][0]:.2f}",
        )
        for name, each in results["milliseconds"].items()
    ]
    text = (
        f"Random pictures of {results['size']} × {results['size']} pixels, forward and backward on "
        f"one thread, in turns; medians of {results['turns']}, quartiles in brackets."
    )
    head = ("network", "torch's dilated convolution, ms", "ours, ms", "ratio")
    return f"{text}\n\n{table(head, rows)}"


if __name__ == "__main__":
    Benchmark("training_steps", "speed.md", measure, tables, needs_faces=False).run()
