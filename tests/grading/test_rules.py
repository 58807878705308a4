"""The table of rules: shipped, changed by a clinician, and broken."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError
from facialis.grading.rules import DEFAULT_RULES, Response, read_rules


@pytest.fixture
def text() -> str:
    return files("facialis.grading").joinpath(DEFAULT_RULES).read_text(encoding="utf-8")


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_rules_have_a_response_for_every_movement() -> None:
    assert set(read_rules().response) == set(Movement) - {Movement.REST}


def test_a_copy_of_the_shipped_file_is_the_shipped_table(tmp_path: Path, text: str) -> None:
    assert read_rules(written(tmp_path, text)) == read_rules()


def test_a_changed_cut_off_is_taken(tmp_path: Path, text: str) -> None:
    changed = text.replace("minimal_effort = 0.72", "minimal_effort = 0.80")
    assert changed != text
    assert read_rules(written(tmp_path, changed)).closure.minimal_effort == 0.80


class TestAResponse:
    response = Response(ratio=(0.2, 0.6, 1.0), function=(0.0, 0.3, 1.0), natural=0.1)

    @pytest.mark.parametrize(
        ("ratio", "function"), [(0.2, 0.0), (0.4, 0.15), (0.6, 0.3), (0.8, 0.65), (1.0, 1.0)]
    )
    def test_runs_straight_between_its_pairs(self, ratio: float, function: float) -> None:
        assert self.response.function_of(ratio) == pytest.approx(function)

    def test_runs_on_beyond_them(self) -> None:
        assert self.response.function_of(0.0) == pytest.approx(-0.15)
        assert self.response.function_of(1.2) == pytest.approx(1.35)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("minimal_effort = 0.72", "", "closure.minimal_effort: field required"),
        ("minimal_effort = 0.72", "minimal_effort = 72", "closure.minimal_effort"),
        ("minimal_effort = 0.72", "minimal_effort = 'most'", "closure.minimal_effort"),
        ("minimal_effort = 0.72", "minimal_effort = nan", "closure.minimal_effort"),
        ("[closure]", "[closure]\nwink = 1", "closure.wink: extra inputs"),
        ("eye = [0.08, 0.12, 0.20]", "eye = [0.12, 0.08, 0.20]", "eye must rise"),
        (
            "voluntary_from = [0.13, 0.40, 0.70, 0.92]",
            "voluntary_from = [0.13, 0.40, 0.70]",
            "sunnybrook.voluntary_from",
        ),
        ("[response.pucker]", "[response.whistle]", "response"),
        ("cheek_absent = 0.11", "cheek_absent = 0.01", "cheek_absent must rise"),
        ("ratio = [0.05, 1.00]", "ratio = [0.05, 0.5, 1.00]", "as many numbers"),
        ("ratio = [0.05, 1.00]", "ratio = [1.00, 0.05]", "ratio must rise"),
        ("function = [0.00, 0.34, 1.00]", "function = [0.50, 0.34, 1.00]", "must not fall"),
    ],
)
def test_a_broken_rule_is_named(tmp_path: Path, text: str, old: str, new: str, names: str) -> None:
    assert old in text
    path = written(tmp_path, text.replace(old, new, 1))
    with pytest.raises(InputError, match=r"mine\.toml") as raised:
        read_rules(path)
    assert names in str(raised.value)


def test_a_movement_without_response_is_named(tmp_path: Path, text: str) -> None:
    start = text.index("[response.frown]")
    cut = text[:start] + text[text.index("[response.eye_close_gentle]") :]
    with pytest.raises(InputError, match="response is missing for frown"):
        read_rules(written(tmp_path, cut))


def test_what_is_not_toml_is_said_to_be_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not TOML"):
        read_rules(written(tmp_path, "forehead: none"))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.toml: the rules cannot be read"):
        read_rules(tmp_path / "none.toml")


def test_a_file_that_is_not_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="not UTF-8 text"):
        read_rules(str(path))


def test_the_documentation_lists_every_cut_off_as_it_is(root: Path) -> None:
    page = (root / "docs" / "examination.md").read_text(encoding="utf-8")
    rules = read_rules().model_dump(exclude={"version", "response"})
    for section, table in rules.items():
        for name, value in table.items():
            numbers = ", ".join(f"{v:g}" for v in (value if isinstance(value, tuple) else [value]))
            assert f"| `{section}.{name}` | {numbers} |" in page
