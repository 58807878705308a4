"""What the committed times of the published networks hold."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_s1_22_the_cascade_is_timed_beside_the_papers_time() -> None:
    record = json.loads((ROOT / "benchmarks" / "results" / "networks.json").read_bytes())
    assert record["hardware"]["processor"]
    assert record["hardware"]["cores"] >= 1
    (cascade,) = (
        each
        for each in record["results"]["networks"]
        if (each["method"], each["what"]) == ("cascaded_encoder", "grade alone")
    )
    assert cascade["input"] == [1, 3, 224, 224]
    for engine in (
        "PyTorch fp32",
        "onnxruntime fp32",
        "onnxruntime int8",
        "OpenVINO fp32",
        "OpenVINO bf16",
    ):
        times = cascade["milliseconds"][engine]
        assert 0 < times["least"] <= times["median"] <= times["most"]
    page = (ROOT / "docs" / "speed.md").read_text(encoding="utf-8")
    fastest = min(each["median"] for each in cascade["milliseconds"].values())
    assert f"{fastest / 1000:.3f} s; target: below 0.4 s" in page
