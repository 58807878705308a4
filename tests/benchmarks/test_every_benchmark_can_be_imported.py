"""Benchmarks follow the package: what they import is there."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import benchmarks

NAMES = [each.name for each in pkgutil.iter_modules(benchmarks.__path__)]


OF_EXTRAS = {"captum", "onnx", "openvino", "scipy", "sklearn", "torch", "torchvision"}


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_can_be_imported(name: str) -> None:
    try:
        importlib.import_module(f"benchmarks.{name}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in OF_EXTRAS:
            raise
        pytest.skip(f"needs {missing.name}")
