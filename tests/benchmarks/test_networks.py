"""What the committed times of the published networks hold."""

from __future__ import annotations

import json
from pathlib import Path

FILE = Path(__file__).parents[2] / "benchmarks" / "results" / "networks.json"


def test_s1_22_the_cascade_is_timed_in_fp32_and_bf16_beside_the_papers_time() -> None:
    record = json.loads(FILE.read_bytes())
    assert record["hardware"]["processor"]
    assert record["hardware"]["cores"] >= 1
    results = record["results"]
    assert results["paper_seconds"] == 0.4
    (cascade,) = (
        each
        for each in results["networks"]
        if (each["method"], each["what"]) == ("cascaded_encoder", "grade alone")
    )
    assert cascade["input"] == [1, 3, 224, 224]
    for engine in ("PyTorch fp32", "PyTorch bf16", "onnxruntime fp32"):
        assert cascade["milliseconds"][engine]["least"] > 0
        assert cascade["milliseconds"][engine]["least"] <= cascade["milliseconds"][engine]["median"]
