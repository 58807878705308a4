from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from facialis.clinical.anatomy import AffectedSide, Movement, Region
from facialis.face.quality import Reason, ReasonCode
from facialis.grading.combined import Combined
from facialis.grading.method_answers import MethodAnswer
from facialis.grading.photograph import Severity
from facialis.measures.symmetry import FEATURES
from facialis.measures.values import SidedValue
from facialis.report.content import NO_GRADE, content_of, sentence
from facialis.report.html import render_html
from facialis.report.method_words import spoken
from facialis.report.model import Stated
from facialis.report.pictures import draw_pictures
from facialis.report.rows import NOTHING, decimals, signed


def test_the_headline_follows_the_limit(make, make_verdict):
    def headline(probability):
        return content_of(make(verdict=make_verdict(palsy_probability=probability))).headline

    assert headline(0.5) == "Asymmetry beyond healthy faces"
    assert headline(0.49) == "Asymmetry within the range of healthy faces"


@pytest.mark.parametrize(
    ("probability", "text"),
    [(0.0, "below 0.01"), (0.004, "below 0.01"), (0.93, "0.93"), (0.999, "above 0.99")],
)
def test_a_probability_is_never_printed_as_certainty(make, make_verdict, probability, text):
    told = content_of(make(verdict=make_verdict(palsy_probability=probability)))
    assert told.finding.probability_text == text


def test_the_side_is_named_as_the_patients(assessment):
    finding = content_of(assessment).finding
    assert finding.side == "LEFT (the patient’s left)"
    assert finding.side_detail == "Computed from the photograph: LEFT (confidence 0.97)."
    assert finding.conflict == ""


def test_a_stated_side_that_differs_is_shown_beside_the_computed_one(make, make_verdict):
    right = AffectedSide.RIGHT
    finding = content_of(make(verdict=make_verdict(side=right, side_stated=right))).finding
    assert finding.side == "RIGHT (the patient’s right), as stated"
    assert "stated RIGHT, computed LEFT (confidence 0.97)" in finding.conflict
    assert "mirrored" in finding.conflict


def test_a_computed_side_against_the_statement_that_there_is_none_asks_to_look_again(
    make, make_verdict
):
    none = AffectedSide.NONE
    finding = content_of(make(verdict=make_verdict(side=none, side_stated=none))).finding
    assert finding.conflict == (
        "No side is stated to be affected; the photograph itself shows LEFT (confidence 0.97). "
        "Look again."
    )


def test_an_uncertain_side_against_the_statement_that_there_is_none_asks_to_look_again(
    make, make_verdict
):
    none, unsure = AffectedSide.NONE, AffectedSide.UNCERTAIN
    finding = content_of(
        make(verdict=make_verdict(side=none, side_stated=none, side_computed=unsure))
    ).finding
    assert "itself shows a palsy of an uncertain side. Look again." in finding.conflict


def test_a_stated_side_without_a_computed_one_is_not_called_mirrored(make, make_verdict):
    left, none = AffectedSide.LEFT, AffectedSide.NONE
    finding = content_of(
        make(verdict=make_verdict(side=left, side_stated=left, side_computed=none))
    ).finding
    assert finding.conflict == "Stated: LEFT. The photograph itself shows no affected side."


def test_a_stated_palsy_of_both_sides_keeps_the_computed_side(make, make_verdict):
    both = AffectedSide.BOTH
    finding = content_of(make(verdict=make_verdict(side=both, side_stated=both))).finding
    assert finding.side == "BOTH, as stated"
    assert finding.side_detail.startswith("Stated by the clinician: BOTH. Computed")
    assert finding.conflict == ""


def test_a_stated_side_that_agrees_is_no_conflict(make, make_verdict):
    finding = content_of(make(verdict=make_verdict(side_stated=AffectedSide.LEFT))).finding
    assert finding.conflict == ""
    assert finding.side_detail.startswith("Stated by the clinician: LEFT.")


def test_a_photograph_that_cannot_be_judged_says_why_and_shows_no_number(unusable):
    told = content_of(unusable)
    assert told.headline == "This photograph cannot be judged"
    assert told.finding is None
    assert told.groups == ()
    assert told.bars == ()
    assert [a.message for a in told.blocking] == [r.message for r in unusable.quality.reasons]
    assert all(a.remedy.endswith(".") for a in told.blocking)


def test_a_verdict_is_not_shown_when_the_gate_says_unusable(make, make_quality, make_verdict):
    told = content_of(make(quality=make_quality(usable=False), verdict=make_verdict()))
    assert told.finding is None
    assert told.groups == ()


def test_what_cannot_be_judged_shows_no_scale_either(make, make_quality):
    told = content_of(make(quality=make_quality(usable=False)))
    assert dict(told.facts)["Scale"] == "not measured"


@pytest.mark.parametrize(
    ("probability", "words"), [(0.5, "40 of 100 (20 to 70)"), (0.49, "likely at most 70 of 100")]
)
def test_no_middle_severity_is_told_of_a_face_within_the_healthy_range(
    make, make_verdict, probability, words
):
    severity = Severity(40.0, 20.0, 70.0, "an estimate")
    verdict = make_verdict(palsy_probability=probability, severity=severity)
    finding = content_of(make(verdict=verdict)).finding
    assert finding.severity_text == words
    assert finding.severity == (40.0 if probability >= 0.5 else 20.0, 20.0, 70.0)


def test_every_reason_has_a_remedy(make, make_quality):
    reasons = tuple(Reason(code, f"{code}.", None, False) for code in ReasonCode)
    told = content_of(make(quality=make_quality(reasons=reasons)))
    assert len(told.cautions) == len(ReasonCode)
    assert all(a.remedy for a in told.cautions)


def test_a_region_that_was_left_out_says_why_and_shows_no_number(excluded):
    told = content_of(excluded)
    brow = told.finding.regions[0]
    assert (brow.word, brow.detail) == ("not judged", "covered on the patient's right")
    assert brow.intensity is None
    rows = told.groups[0].rows
    assert told.groups[0].title == "Brow"
    assert all(row.not_measured == "the brow cannot be judged" for row in rows)
    assert not any(bar.label.startswith("Brow") for bar in told.bars)


def test_what_was_stated_is_shown(make):
    stated = Stated(affected_side=AffectedSide.LEFT, age=71, movement=Movement.EYE_CLOSE_GENTLE)
    facts = dict(content_of(make(stated=stated)).facts)
    assert facts["Side stated"] == "left"
    assert facts["Age"] == "71 years"
    assert facts["Movement"] == "gentle eye closure"
    plain = dict(content_of(make()).facts)
    assert plain["Age"] == plain["Movement"] == plain["Side stated"] == "not stated"


def test_mirroring_and_the_number_of_the_face_are_shown(make, assessment):
    photograph = assessment.input.model_copy(update={"mirrored": True})
    face = assessment.face.model_copy(update={"index": 1, "count": 3})
    text = dict(content_of(make(input=photograph, face=face)).facts)["Photograph"]
    assert "face number 1 of 3 (0 is the largest)" in text
    assert "mirrored" in text


def test_the_scale_names_its_source(assessment, make):
    assert dict(content_of(assessment).facts)["Scale"].endswith("mm per pixel, from the iris")
    scale = replace(assessment.measures.scale, mm_per_px=0.1234, mm_per_px_sd=None, source="given")
    given = make(measures=replace(assessment.measures, scale=scale))
    assert dict(content_of(given).facts)["Scale"] == "0.123 mm per pixel, as given"
    missing = content_of(make(with_mm=False))
    assert dict(missing.facts)["Scale"] == "no millimetres: the irises are hidden"
    assert "outer corners" in missing.measures_note


def test_the_frame_of_the_measures_is_named(assessment, make):
    emotrics = make(measures=replace(assessment.measures, frame="emotrics"))
    assert "frontal frame" in content_of(assessment).measures_note
    assert "Emotrics" in content_of(emotrics).measures_note


def test_an_age_outside_the_norm_is_flagged(assessment, make):
    norms = replace(assessment.norms, age_in_range=False)
    told = content_of(make(norms=norms, stated=Stated(age=83)))
    assert any("83 years lies outside" in line for line in told.norms)


def test_a_movement_without_a_norm_is_said_to_have_none(make):
    told = content_of(make(with_norm=False))
    assert any("no norm" in line for line in told.norms)
    assert all("SD from healthy faces at rest or smiling" in r.detail for r in told.finding.regions)
    compared = content_of(make()).finding.regions
    assert not any("at rest or smiling" in region.detail for region in compared)
    assert {row.z for group in told.groups for row in group.rows} == {NOTHING}


def test_a_region_is_told_with_the_limit_that_it_has_not_reached(make):
    details = [region.detail for region in content_of(make()).finding.regions]
    assert details[0].startswith("2.1 SD from healthy faces (strong from 2.3); ")
    assert details[1] == "1.3 SD from healthy faces (slight from 2.3)"
    assert details[2].startswith("6.1 SD from healthy faces (strong from 4.0); ")


def test_the_date_is_in_universal_time(make, assessment):
    moment = datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=2)))
    provenance = assessment.provenance.model_copy(update={"created": moment})
    assert content_of(make(provenance=provenance)).date == "28 February 2026, 22:30 UTC"
    naive = assessment.provenance.model_copy(update={"created": datetime(2026, 3, 1, 7, 5)})
    assert content_of(make(provenance=naive)).date == "1 March 2026, 07:05 UTC"


def test_measures_are_grouped_by_region_in_the_order_of_the_table(assessment):
    groups = content_of(assessment).groups
    assert [g.title for g in groups] == ["Brow", "Eye", "Mouth"]
    assert [r.label for r in groups[1].rows][2:4] == ["Palpebral fissure height", "Eye area"]


def test_a_row_shows_both_sides_their_difference_and_its_deviation(assessment):
    row = content_of(assessment).groups[0].rows[0]
    assert (row.label, row.unit) == ("Brow height", "mm")
    assert (row.right.value, row.right.uncertainty, row.right.interocular) == (
        "24.6",
        "± 0.4",
        "0.267",
    )
    assert (row.left.value, row.difference.value, row.percent, row.z) == (
        "20.1",
        "4.5",
        "18 %",
        "−3.4",
    )
    assert row.is_notable


def test_a_gap_has_no_sides(assessment):
    rows = {r.label: r for g in content_of(assessment).groups for r in g.rows}
    row = rows["Commissure height deviation"]
    assert (row.right.value, row.left.value, row.difference.value) == (NOTHING, NOTHING, "6.5")


def test_without_millimetres_the_interocular_units_lead(make):
    row = content_of(make(with_mm=False)).groups[0].rows[0]
    assert (row.unit, row.right.value, row.right.interocular) == ("", "0.267", "")


def test_bars_are_in_parts_of_the_larger_side(assessment):
    bar = content_of(assessment).bars[0]
    assert bar.label == "Brow height, mm"
    assert (bar.right, bar.left) == pytest.approx((1.0, 20.1 / 24.6))


def test_measures_that_have_no_size_get_no_bar(assessment, make):
    labels = " ".join(bar.label for bar in content_of(assessment).bars)
    assert "angle" not in labels
    assert "Commissure height" not in labels
    closed = tuple(
        replace(m, mm=SidedValue(0.0, 0.0, 0.0, 0.1, 0.1, 0.1)) if m.region is Region.EYE else m
        for m in assessment.measures.items
    )
    shut = make(measures=replace(assessment.measures, items=closed))
    assert "Eye area" not in " ".join(bar.label for bar in content_of(shut).bars)


def test_a_percentage_of_what_cannot_be_told_from_nothing_is_not_given(assessment, make):
    noise = SidedValue(0.1, 0.4, 0.3, 0.3, 0.3, 0.3)
    items = tuple(
        replace(m, mm=noise, percent=75.0) if m.name == "fissure_height" else m
        for m in assessment.measures.items
    )
    told = content_of(make(measures=replace(assessment.measures, items=items)))
    rows = {r.label: r for g in told.groups for r in g.rows}
    assert rows["Palpebral fissure height"].percent == NOTHING
    assert rows["Palpebral fissure height"].left.value == "0.4"
    assert "fissure" not in " ".join(bar.label for bar in told.bars)


def test_numbers_have_true_minus_signs_and_no_negative_zero():
    assert decimals(-1.25, 1) == "−1.2"
    assert decimals(-0.04, 1) == "0.0"
    assert signed(2.0, 1) == "+2.0"
    assert signed(-0.01, 1) == "0.0"
    assert signed(-3.0, 0) == "−3"


def test_a_norm_table_is_listed_once(assessment, make):
    terms = [term for term, _ in content_of(assessment).provenance]
    assert "Norms" in terms
    record = assessment.provenance.weights[0]
    listed = record.model_copy(update={"name": "norms", "sha256": assessment.norms.sha256})
    provenance = assessment.provenance.model_copy(update={"weights": (listed,)})
    assert "Norms" not in [term for term, _ in content_of(make(provenance=provenance)).provenance]


def test_clauses_become_sentences():
    assert sentence("an estimate: of one photograph") == "An estimate: of one photograph."
    assert sentence("Done.") == "Done."


def test_no_grade_is_explained_in_one_sentence():
    assert "House-Brackmann" in NO_GRADE
    assert NO_GRADE.count(".") == 1


def said(**changes):
    values = {
        "title": "fusion",
        "palsy_probability": 0.8,
        "level_probability": {"I": 0.2, "II": 0.5, "III": 0.3},
        "levels": ("II", "III"),
        "reasons": {"commissure_height": 1.26, "mouthSmile": -0.4},
    }
    return MethodAnswer(**(values | changes))


def together(**changes):
    values = {
        "palsy_probability": 0.9,
        "conclusion": "palsy",
        "agree": True,
        "coverage": 0.9,
        "methods": ("fusion-light",),
        "rule": "A rule.",
    }
    return Combined(**(values | changes))


def test_each_method_says_palsy_levels_and_what_they_rest_on(make):
    told = content_of(make(methods={"fusion-light": said()}, combined=together()))
    names, texts = zip(*told.methods, strict=True)
    assert names == ("norms", "fusion-light")
    assert texts[1].startswith("palsy 0.80; level II or III (I 0.20, II 0.50, III 0.30). ")
    assert texts[1].endswith("height of the corner of the mouth +1.3, mouth smile −0.4")
    assert "probability of palsy 0.90; conclusion: palsy. The methods agree." in told.together[0]
    assert "About 10 in 100 simulated faces" in told.together[1]


def test_disagreement_and_a_method_without_an_answer_are_said(make):
    silent = said(palsy_probability=None, level_probability=None, not_answered="the brow is hidden")
    told = content_of(
        make(
            methods={"fusion-light": silent},
            combined=together(agree=False, conclusion="uncertain"),
        )
    )
    assert told.methods[1] == ("fusion-light", "no answer: the brow is hidden")
    assert "disagree: look again" in told.together[0]
    assert "neither palsy nor its absence can be ruled out" in told.together[0]


def test_every_measure_of_asymmetry_has_words_of_its_own():
    assert len({spoken(name) for name in FEATURES}) == len(FEATURES)
    assert all(len(spoken(name).split()) > 2 for name in FEATURES)
    assert spoken("mouthSmile") == "mouth smile"


def test_a_conclusion_against_the_headline_is_said_beside_it(make, make_verdict):
    apart = make(verdict=make_verdict(palsy_probability=0.44), combined=together())
    told = content_of(apart)
    assert told.headline == "Asymmetry within the range of healthy faces"
    assert "The methods together (palsy 0.90) conclude: palsy." in told.finding.doubt
    assert "disagree with this headline" in told.finding.doubt
    assert "disagree with this headline" in render_html(told, draw_pictures(apart))
    other = make(
        verdict=make_verdict(palsy_probability=0.9),
        combined=together(conclusion="no palsy", palsy_probability=0.2),
    )
    assert "(palsy 0.20) conclude: no palsy, or a slight one." in content_of(other).finding.doubt
    for probability, conclusion in ((0.9, "palsy"), (0.1, "no palsy"), (0.9, "uncertain")):
        same = make(
            verdict=make_verdict(palsy_probability=probability),
            combined=together(conclusion=conclusion),
        )
        assert content_of(same).finding.doubt == ""


def test_a_method_alone_is_said_to_be_unvalidated(make):
    told = content_of(make(methods={"fusion-light": said()}))
    assert len(told.together) == 1
    assert "not validated on patients" in told.together[0]
    assert "“or”" in told.together[0]


def test_without_methods_nothing_is_set_beside_the_norms(make):
    told = content_of(make())
    assert (told.methods, told.together) == ((), ())
