"""What a probability does not rule out."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.grading.cuts import (
    Cuts,
    ExaminationCuts,
    even_odds,
    shipped_cuts,
    shipped_examination_cuts,
)
from facialis.methods.multimodal_fusion.prepare import GRADES


def cuts(**changed):
    given = {
        "palsy_from": 0.3,
        "healthy_to": 0.6,
        "least": {"I": 0.2, "II": 0.3, "III": 0.1},
    }
    return Cuts(**(given | changed))


@pytest.mark.parametrize(
    ("probability", "conclusion"),
    [(0.1, "no palsy"), (0.3, "uncertain"), (0.6, "uncertain"), (0.61, "palsy")],
)
def test_what_cannot_be_ruled_out_is_left_open(probability, conclusion):
    assert cuts().conclusion(probability) == conclusion


def test_where_both_are_ruled_out_nothing_is_concluded():
    apart = cuts(palsy_from=0.7, healthy_to=0.4)
    assert [apart.conclusion(p) for p in (0.3, 0.5, 0.8)] == ["no palsy", "uncertain", "palsy"]


def test_levels_are_kept_by_their_own_cut_and_one_always_is():
    assert cuts().kept({"I": 0.25, "II": 0.25, "III": 0.5}) == ("I", "III")
    strict = cuts(least=dict.fromkeys(("I", "II", "III"), 0.9))
    assert strict.kept({"I": 0.3, "II": 0.4, "III": 0.3}) == ("II",)


def test_even_odds_take_the_share_of_palsies_off_again():
    share = 0.8
    told = np.array([[0.2, 0.5, 0.3], [1.0, 0.0, 0.0], [0.0, 0.4, 0.6]])
    even = even_odds(told, share)
    assert even.sum(axis=1) == pytest.approx([1, 1, 1])
    assert even[0, 0] == pytest.approx(0.5)
    assert even[0, 1] / even[0, 2] == pytest.approx(5 / 3)
    assert even[1:].tolist() == [[1, 0, 0], [0, 0.4, 0.6]]


@pytest.mark.parametrize("method", ["cascaded_encoder-light", "fp_vggface-light"])
def test_the_shipped_cuts_say_what_they_were_fitted_on(method):
    found = shipped_cuts(method)
    assert "imulated" in found.data
    assert tuple(found.least) == GRADES
    value, low, high = found.measured["coverage"]
    assert low <= value <= high
    assert high >= found.coverage


def test_the_shipped_cuts_of_sequences_leave_levels_open():
    found = shipped_cuts("phcnn_lstm-light")
    assert "imulated" in found.data
    assert tuple(found.least) == ("I", "II", "III")
    value, low, high = found.measured["coverage"]
    assert low <= value <= high
    assert high >= found.coverage
    assert found.kept({"I": 1.0, "II": 0.0, "III": 0.0}) == ("I",)
    least = found.least
    assert found.kept({"I": least["I"], "II": least["II"], "III": 0.0}) == ("I", "II")


@pytest.mark.parametrize(
    ("probability", "conclusion"),
    [
        (0.1, "no palsy"),
        (0.2, "uncertain"),
        (0.4, "uncertain"),
        (0.5, "palsy"),
    ],
)
def test_no_palsy_is_concluded_of_an_examination_while_health_is_likelier(probability, conclusion):
    """0.4 rules health out at the stated coverage, and is uncertain all the same."""
    assert Cuts(0.2, 0.3, {}).conclusion(probability) == conclusion


def test_examinations_have_cut_offs_by_number_and_rest():
    cuts = [Cuts(number / 10, 0.5, {}) for number in range(5)]
    found = ExaminationCuts("d", 1, 1, 0.9, 0.5, tuple(cuts[:3]), tuple(cuts[3:]), {})
    assert [found.of(n, has_rest=True) for n in (1, 3, 12)] == [cuts[0], cuts[2], cuts[2]]
    assert [found.of(n, has_rest=False) for n in (1, 2, 3)] == [cuts[3], cuts[4], cuts[4]]


def test_the_shipped_cut_offs_of_examinations_cover_what_they_say():
    found = shipped_examination_cuts("multimodal_fusion-examination")
    assert "imulated" in found.data
    assert (len(found.with_rest), len(found.without_rest)) == (12, 11)
    for each in (*found.with_rest, *found.without_rest):
        assert tuple(each.least) == GRADES
    for name in ("palsy", "healthy", "grades"):
        for number in (1, 3, 12):
            value, low, high = found.measured[f"coverage, {name}, {number} with rest"]
            assert low <= value <= high
            assert high >= found.coverage
