"""The clinic's install carries no torch, and works without it."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import requires

HEAVY = ("torch", "torchvision", "lightning")

BLOCK = f"""
import sys
from importlib.abc import MetaPathFinder

class Refuse(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ImportError(name + " is blocked")
        return None

sys.meta_path.insert(0, Refuse())
"""

IMPORT_ALL = """
import fnmatch, importlib, pkgutil, facialis
trained = ("facialis.training*", "facialis.networks*", "facialis.__main__")
light = ("facialis.methods.*.prepare",)
for module in pkgutil.walk_packages(facialis.__path__, "facialis.", onerror=lambda name: None):
    is_network = module.name.count(".") == 3 and module.name.startswith("facialis.methods.")
    if any(fnmatch.fnmatch(module.name, each) for each in trained):
        continue
    if is_network and not any(fnmatch.fnmatch(module.name, each) for each in light):
        continue
    importlib.import_module(module.name)
"""

ASSESS = """
import json
assessment = facialis.assess(sys.argv[1], movement="smile")
print(json.dumps({"points": len(assessment.face.landmarks), "modules": sorted(sys.modules)}))
"""


def test_without_torch_every_light_module_imports_and_a_photograph_is_assessed(portrait):
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", BLOCK + IMPORT_ALL + ASSESS, str(portrait)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["points"] == 478
    assert not set(HEAVY) & set(found["modules"])


def test_an_install_without_extras_asks_for_no_torch():
    plain = [line for line in requires("facialis") or [] if "extra ==" not in line]
    assert plain
    assert not [line for line in plain if line.startswith((*HEAVY, "onnxscript"))]
