"""The front of the package: what `import facialis` offers."""

from __future__ import annotations

import subprocess
import sys

import pytest

import facialis


def run(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_public_names_are_these_and_all_exist():
    assert facialis.__all__ == [
        "Assessment",
        "Examination",
        "__version__",
        "assess",
        "assess_all",
        "assess_examination",
    ]
    assert set(facialis.__all__) <= set(dir(facialis))
    for name in facialis.__all__:
        assert getattr(facialis, name) is not None


def test_a_name_that_does_not_exist_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'diagnose'"):
        _ = facialis.diagnose


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'cv2', 'mediapipe', 'pydantic', 'onnxruntime', 'PIL', 'typer'}"
    assert run(f"import sys, facialis; print({heavy} & set(sys.modules))") == "set()"


@pytest.mark.parametrize(
    "first",
    [
        "import facialis",
        "import facialis.assess",
        "from facialis.assess import assess_all",
        "import facialis; facialis.assess_all",
        "import facialis; facialis.assess; import facialis.assess",
        "import importlib; importlib.import_module('facialis.assess')",
        "from facialis import assess",
    ],
)
def test_assess_is_the_function_however_its_module_was_imported(first):
    code = f"{first}\nimport facialis\nprint(type(facialis.assess).__name__)"
    assert run(code) == "function"


def test_the_module_of_the_same_name_can_still_be_imported_from():
    assert (
        run("from facialis.assess import assess; import facialis; print(assess is facialis.assess)")
        == "True"
    )
