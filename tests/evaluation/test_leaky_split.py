"""Random frames reward knowing people; splits by people do not."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def results(root: Path) -> dict[str, dict[str, float | str]]:
    if not (root / "benchmarks" / "leaky_split.py").is_file():
        pytest.skip("the benchmarks are not part of this copy")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(root))
        from benchmarks import leaky_split

        return leaky_split.measure()


def test_a_grader_that_knows_only_people_shines_on_random_frames_and_guesses_on_people(
    results: dict[str, dict[str, float | str]],
) -> None:
    random_frames, folds, left_out = (float(each["accuracy"]) for each in results.values())
    assert random_frames > 0.95
    assert folds == pytest.approx(1 / 6, abs=0.08)
    assert left_out == pytest.approx(1 / 6, abs=0.08)
    assert random_frames - max(folds, left_out) > 0.5


def test_the_leak_check_finds_the_random_frames_and_nothing_in_the_folds(
    results: dict[str, dict[str, float | str]],
) -> None:
    random_frames, folds, left_out = (int(each["leaks"]) for each in results.values())
    assert random_frames > 100
    assert folds == left_out == 0
    sentences = [str(each["sentence"]) for each in results.values()]
    assert ["LEAKY" in sentence for sentence in sentences] == [True, False, False]
