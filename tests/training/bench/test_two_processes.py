"""Two processes that train together, as a script of a user starts them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from facialis.evaluation.predictions import Predictions

SCRIPT = """
import sys
from pathlib import Path

sys.path.insert(0, sys.argv[1])
from conftest import ToyVariant

from facialis.datasets.manifest_files import read_manifest
from facialis.evaluation.splits import Protocol
from facialis.training.evaluate import Division, Plan, evaluate
from facialis.training.fit import Machine

plan = Plan(
    variant=ToyVariant("", "toy", {"epochs": 2}),
    manifest=read_manifest(Path(sys.argv[2])),
    division=Division(protocol=Protocol.FIXED, seed=1),
    machine=Machine(accelerator="cpu", devices="2", strategy="ddp"),
)
results = evaluate(plan, Path(sys.argv[3]), lambda _: None)
print("results", len(results))
"""


def test_two_processes_train_together_and_one_answers_for_everybody(toy_manifest, tmp_path):
    manifest = toy_manifest(people=12)
    script = tmp_path / "together.py"
    script.write_text(SCRIPT, encoding="utf-8")
    words = [str(Path(__file__).parent), str(manifest.root), str(tmp_path / "out")]
    done = subprocess.run(
        [sys.executable, str(script), *words],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(done.stdout.split("results")[1:]) == [" 0\n", " 1\n"]
    (file,) = (tmp_path / "out" / "predictions").glob("*.npz")
    answers = Predictions.load(file)
    assert len(answers.names) == len(set(answers.names))
    assert len({name.split("-")[0] for name in answers.names}) == 2
    assert {len(each) for each in answers.answers.values()} == {len(answers.names)}
    assert (tmp_path / "out" / "result.json").is_file()
