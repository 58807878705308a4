from __future__ import annotations

from dataclasses import replace

import pytest

from facialis.clinical.anatomy import AffectedSide, Movement, Region
from facialis.clinical.scales import Sunnybrook
from facialis.face.quality import Reason, ReasonCode
from facialis.grading.examined import Eface, HouseBrackmann, Item, SunnybrookScore
from facialis.measures.dynamic import Blinks
from facialis.report import examination_words as words
from facialis.report.examination import OverallVerdict
from facialis.report.examination_content import examination_content
from facialis.report.examination_forms import TABLE, grade_table, sunnybrook_form
from facialis.report.examination_movements import blinks_text
from facialis.report.examination_scales import eface_groups, item_groups, matrix_rows


def told(examination):
    return examination_content(examination)


def changed(examination, **fields):
    """Return an examination whose record has other fields."""
    return examination.model_copy(
        update={"examination": examination.examination.model_copy(update=fields)}
    )


def test_the_head_says_what_was_examined_and_what_was_stated(filmed):
    facts = dict(told(filmed).facts)
    assert facts == {
        "Examined": "video of 1280 × 720 pixels, 52.4 s, 30.0 frames/s",
        "Side stated": "left",
        "Age": "47 years",
        "Onset": "2 March 2026",
        "Earlier surgery": "lid weight, left, 2026",
        "Botulinum toxin": "14 September 2026",
    }
    assert told(filmed).file_name == "anna.mp4"


def test_what_was_not_stated_is_listed_once(sparse):
    facts = dict(told(sparse).facts)
    assert facts["Examined"] == "2 photographs of 512 × 512 pixels"
    assert facts["Not stated"] == "side, age, onset, earlier surgery, botulinum toxin"


def test_many_files_of_one_folder_are_called_by_the_folder(healthy):
    sources = healthy.sources
    assert told(healthy).file_name == "rest.png and 7 more files"
    inside = tuple(s.model_copy(update={"path": f"clinic/anna/{s.path}"}) for s in sources)
    assert told(healthy.model_copy(update={"sources": inside})).file_name == "anna"
    assert told(healthy.model_copy(update={"sources": inside[:2]})).file_name == "anna"
    assert told(healthy.model_copy(update={"sources": inside[:1]})).file_name == "rest.png"
    assert told(healthy.model_copy(update={"sources": sources[:2]})).file_name == ", ".join(
        source.path for source in sources[:2]
    )


def test_the_headline_follows_the_probability(filmed, healthy, unjudged):
    assert [(told(e).tone, told(e).headline) for e in (filmed, healthy, unjudged)] == [
        ("beyond", "Asymmetry beyond healthy faces"),
        ("within", "Asymmetry within the range of healthy faces"),
        ("unusable", "This examination cannot be judged"),
    ]


@pytest.mark.parametrize(
    ("probability", "band"),
    [(0.0, "low"), (0.199, "low"), (0.2, "below"), (0.5, "above"), (0.8, "high"), (1.0, "high")],
)
def test_every_probability_has_a_band(probability, band):
    assert words.band(probability).startswith(band)


def test_the_stated_side_is_followed_and_the_computed_one_is_shown(hindered):
    side = told(hindered).overall.side
    assert side.line == "RIGHT (the patient’s right), as stated"
    assert "computed LEFT (confidence 0.90)" in side.conflict
    assert told(hindered).sides == ("Right (affected)", "Left")
    assert all(", right side as stated" in score.name for score in told(hindered).scores)


@pytest.mark.parametrize(
    ("computed", "words"),
    [
        (AffectedSide.LEFT, ", left side as computed"),
        (AffectedSide.UNCERTAIN, ", side uncertain"),
    ],
)
def test_scales_of_a_side_against_the_statement_that_there_is_none_name_it(filmed, computed, words):
    none = AffectedSide.NONE
    against = filmed.model_copy(
        update={
            "stated": filmed.stated.model_copy(update={"affected_side": none}),
            "verdict": filmed.verdict.model_copy(update={"side": none, "side_computed": computed}),
        }
    )
    assert all(words in score.name for score in told(against).scores)


def test_both_sides_are_marked_if_both_are_stated(filmed):
    both = OverallVerdict(
        side=AffectedSide.BOTH,
        side_computed=AffectedSide.LEFT,
        side_confidence=0.8,
        palsy_probability=0.7,
    )
    assert told(filmed.model_copy(update={"verdict": both})).sides == (
        "Right (affected)",
        "Left (affected)",
    )


def test_totals_are_given_with_their_intervals(filmed):
    shown = [(s.name, s.value, s.word, s.between) for s in told(filmed).scores]
    assert shown == [
        ("House-Brackmann", "IV", "moderately severe", "interval IV to V"),
        ("Sunnybrook composite", "31", "of 100", "interval 22 to 39"),
        ("auto-eFACE", "58", "of 100", ""),
    ]


def test_a_total_that_is_missing_says_which_movements_it_needs(sparse):
    shown = [(s.at, s.value, s.word) for s in told(sparse).scores]
    assert shown == [
        (None, "", "not measured: needs brow raise"),
        (None, "", "not measured: needs brow raise, gentle eye closure, snarl, lip pucker"),
        (None, "", "not measured: needs brow raise, gentle eye closure"),
    ]
    assert told(sparse).lacking == ()


def test_a_total_that_is_there_still_says_what_it_is_given_without(filmed):
    record = filmed.examination
    hb = replace(record.house_brackmann, missing=(Movement.SNARL,))
    assert told(changed(filmed, house_brackmann=hb)).lacking == (
        ("House-Brackmann", "given without snarl"),
    )


def test_a_total_that_lacks_no_movement_gives_the_first_reason(filmed):
    record = filmed.examination
    items = tuple(
        replace(i, value=None, not_measured="hair covers it") for i in record.eface.auto_items
    )
    content = told(changed(filmed, eface=replace(record.eface, auto=None, auto_items=items)))
    assert content.scores[2].word == "not measured: hair covers it"


@pytest.mark.parametrize(
    ("missing", "text"),
    [
        (
            (Movement.BROW_RAISE, Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT),
            "needs brow raise, an eye closure (gentle or tight)",
        ),
        ((Movement.BROW_RAISE, Movement.EYE_CLOSE_TIGHT), "needs brow raise"),
        ((Movement.BROW_RAISE, Movement.EYE_CLOSE_GENTLE), "needs brow raise"),
    ],
)
def test_one_closure_is_enough_for_a_grade(sparse, missing, text):
    score = replace(sparse.examination.house_brackmann, missing=missing)
    content = told(changed(sparse, house_brackmann=score))
    assert content.scores[0].word.partition(": ")[2].split("; ")[0] == text


def test_an_eye_without_any_closure_needs_one():
    why = "eye_close_gentle is missing; eye_close_tight is missing"
    assert words.reason(why) == "needs an eye closure (gentle or tight)"
    assert words.reason("eye_close_gentle is missing") == "needs gentle eye closure"


def test_an_examination_that_cannot_be_judged_has_no_totals(unjudged):
    content = told(unjudged)
    assert content.overall is None
    assert content.scores == ()
    assert [scale for scale, _ in content.lacking] == ["House-Brackmann", "Sunnybrook", "eFACE"]


def test_observations_end_with_lid_gap_and_blinks(filmed):
    assert told(filmed).observations[-2:] == (
        "Lid gap in gentle eye closure: right 0.0 mm, left 3.4 mm (each ± 0.5 mm); the tight "
        "closure could not be read.",
        "Blinks: 7 found; closing right 98 %, left 55 % of the way (median).",
    )


def with_reason(assessment, reason):
    quality = replace(assessment.quality, reasons=(reason,))
    return assessment.model_copy(update={"quality": quality})


def test_lid_gaps_say_of_which_closure_they_are(healthy):
    tight, gentle = Movement.EYE_CLOSE_TIGHT, Movement.EYE_CLOSE_GENTLE
    texts = [
        next(o for o in told(changed(healthy, lagophthalmos_in=m)).observations if "Lid gap" in o)
        for m in (tight, gentle)
    ]
    assert "Lid gap in tight eye closure: right 0.0 mm, left 0.0 mm" in texts[0]
    assert "Lid gap in gentle eye closure: right 0.0 mm, left 0.0 mm" in texts[1]
    assert ["could not be read" in text for text in texts] == [False, True]
    open_eyes = Reason(ReasonCode.EYES_OPEN, "Neither eye closes.", None, blocks=False)
    movements = tuple(
        m.model_copy(update={"assessment": with_reason(m.assessment, open_eyes)})
        if m.movement is tight
        else m
        for m in healthy.examination.movements
    )
    kept_open = changed(healthy, lagophthalmos_in=gentle, movements=movements)
    (text,) = (o for o in told(kept_open).observations if "Lid gap" in o)
    assert text.endswith("; in the tight closure neither eye closes.")


def test_blinks_without_completeness_are_only_counted():
    assert blinks_text(None) == ""
    assert blinks_text(Blinks(0, None, None)) == "none was found"
    assert blinks_text(Blinks(2, None, None)) == "2 found"


def test_the_cells_of_the_grade_table_that_apply_are_those_found(filmed):
    table = grade_table(filmed.examination.house_brackmann)
    applying = {
        (row.grade, column)
        for row in table.rows
        for column, cell in enumerate(row.cells)
        if cell.applies
    }
    forehead = {("IV", 0), ("V", 0), ("VI", 0)}
    eye = {("IV", 1), ("V", 1)}
    rest = {(g, 3) for g in ("I", "II", "III", "IV")}
    assert applying == forehead | eye | {("IV", 2)} | rest | {("IV", 4)}
    assert [r.grade for r in table.rows if r.is_grade] == ["IV"]
    assert [r.grade for r in table.rows if r.is_possible] == ["IV", "V"]


def test_every_word_of_the_rules_has_its_cell_in_the_grade_table(filmed):
    known = [set().union(*(row[column] for row in TABLE)) for column in range(5)]
    for item, column in zip(filmed.examination.house_brackmann.items, known, strict=True):
        assert set(item.choices) <= column, item.name


def test_points_say_where_their_grade_is_the_most_without_a_side(filmed):
    score = filmed.examination.house_brackmann
    table = grade_table(replace(score, points=5, measured=2))
    assert table.points_text == (
        "Measured method: 5 of 8 points: grade II, the most without an affected side"
    )


def test_points_and_both_ways_to_the_grade_are_told(filmed, sparse):
    table = grade_table(filmed.examination.house_brackmann)
    assert table.points_text == "Measured method: 2 of 8 points: grade V"
    assert table.sentences == (
        "The grade given is IV, by the table of signs; the measured method, of brow and mouth "
        "alone, is a second reading.",
        "The mean function of forehead, eye and mouth is 31.3 %: above 90 % I, above 75 % II, "
        "above 45 % III, above 20 % IV, above 4.5 % V, else VI. The bands in the table are the "
        "scale's own.",
        "The measures allow IV to V.",
        "The mean function alone, without synkinesis, leaves open III or IV at 90 % coverage.",
    )
    missing = grade_table(sparse.examination.house_brackmann)
    assert missing.points_text == "Measured method: not measured"
    assert missing.found[0] == "–"


def test_the_form_ticks_what_was_given_and_adds_up_like_the_scale(filmed):
    form = sunnybrook_form(filmed.examination.sunnybrook)
    ticked = {
        part: [next(b.value for b in row.boxes if b.is_ticked) for row in getattr(form, part)]
        for part in ("resting", "voluntary", "synkinesis")
    }
    order = (
        Movement.BROW_RAISE,
        Movement.EYE_CLOSE_GENTLE,
        Movement.SMILE,
        Movement.SNARL,
        Movement.PUCKER,
    )
    filled = Sunnybrook(
        eye=ticked["resting"][0],
        cheek=ticked["resting"][1],
        mouth=ticked["resting"][2],
        voluntary=dict(zip(order, ticked["voluntary"], strict=True)),
        synkinesis=dict(zip(order, ticked["synkinesis"], strict=True)),
    )
    assert form.composite_text == (
        f"Voluntary {filled.movement_score} − resting {filled.resting_score} − synkinesis "
        f"{filled.synkinesis_score} = composite {filled.composite} (22 to 39)"
    )
    assert [row.label for row in form.voluntary][:2] == ["Brow raise", "Gentle eye closure"]


def test_boxes_within_the_interval_are_possible(filmed):
    smile = sunnybrook_form(filmed.examination.sunnybrook).voluntary[2]
    assert [(b.value, b.is_possible) for b in smile.boxes] == [
        (1, True),
        (2, True),
        (3, True),
        (4, False),
        (5, False),
    ]


def test_a_form_that_lacks_items_has_no_composite(sparse):
    form = sunnybrook_form(sparse.examination.sunnybrook)
    assert form.composite_text == "Composite not measured"
    assert form.voluntary_text.endswith("not measured")
    assert form.voluntary[0].not_measured == "needs brow raise"
    assert form.voluntary[0].boxes == ()


def test_static_items_start_at_balance_and_others_at_nothing(filmed):
    groups = {g.title: g for g in eface_groups(filmed.examination.eface)}
    brow, fissure, fold, _ = groups["Static"].bars
    assert (brow.start, brow.end, brow.at) == pytest.approx((0.44, 0.5, 0.44))
    assert (fissure.start, fissure.end) == pytest.approx((0.5, 0.62))
    assert fold.not_measured == "needs texture, not only landmarks"
    raised = groups["Dynamic"].bars[0]
    assert (raised.start, raised.end, raised.low, raised.high) == pytest.approx((0, 0.05, 0, 0.11))
    assert groups["auto-eFACE, as published"].summary == "Mean, auto-eFACE: 58"


def test_eface_without_automated_items_has_three_groups(sparse):
    groups = eface_groups(sparse.examination.eface)
    assert [g.title for g in groups] == ["Static", "Dynamic", "Synkinesis"]
    assert groups[0].summary == "Mean without direction of 3 of 4 items: 82"
    assert groups[1].summary == "Mean: not measured, with 0 of 6 items"


def test_the_matrix_has_a_row_for_each_examined_movement_in_their_order(filmed):
    found = filmed.examination.synkinesis
    absent = replace(found[0], movement=Movement.FROWN, not_measured="frown is missing")
    rows = matrix_rows((absent, *reversed(found)))
    assert [r.name for r in rows] == [
        "Brow raise",
        "Gentle eye closure",
        "Open-mouth smile",
        "Snarl",
        "Lip pucker",
    ]
    smile = dict(zip(Region, rows[2].cells, strict=True))
    assert (smile[Region.EYE].word, smile[Region.EYE].amount) == ("moderate", "2.1 mm")
    assert smile[Region.MOUTH].degree is None
    assert rows[3].cells[0].word == "not measured: hair covers the brow"


def test_the_matrix_falls_back_to_interocular_units(filmed):
    found = [replace(s, amount_mm=None) for s in filmed.examination.synkinesis]
    assert matrix_rows(found)[2].cells[1].amount == "0.023"


def test_every_item_is_listed_with_value_measures_and_rule(filmed):
    groups = told(filmed).items
    assert [g.title for g in groups] == ["House-Brackmann", "Sunnybrook", "eFACE", "auto-eFACE"]
    rows = [row for group in groups for run in group.runs for row in run.rows]
    record = filmed.examination
    scales = (record.house_brackmann.items, record.sunnybrook.items, record.eface.items)
    assert len(rows) == sum(map(len, scales)) + len(record.eface.auto_items)
    mouth = rows[2]
    assert mouth.value == "asymmetric at maximum effort"
    assert (
        mouth.inputs == "open-mouth smile: movement 38 % of the other side's, affected way 4.2 mm"
    )


def test_house_brackmann_items_are_told_in_words_with_what_else_is_possible():
    choices = ("none", "slight to moderate", "moderate to good", "normal")
    item = Item("forehead", "Forehead", 1.0, (0.0, 2.0), choices, {}, "none")
    score = HouseBrackmann(4, (4, 4), 4, 40.0, "", None, None, (), None, (item,), ())
    empty = SunnybrookScore(None, None, None, None, None, (), ())
    (group,) = item_groups(score, empty, Eface((), None, None, None, None, (), ()))
    (run,) = group.runs
    assert run.rows[0].value == "slight to moderate (possible: none; moderate to good)"


def test_one_rule_for_many_items_is_told_once(filmed):
    assert [len(group.runs) for group in told(filmed).items] == [1, 1, 1, 1]


@pytest.mark.parametrize(
    ("why", "text"),
    [
        (None, "no value"),
        ("brow_raise is missing", "needs brow raise"),
        (
            "smile is missing; eye_close_tight is missing",
            "needs open-mouth smile, tight eye closure",
        ),
        ("smile is missing; hair covers it", "needs open-mouth smile; hair covers it"),
        ("there is no photograph at rest", "there is no photograph at rest"),
    ],
)
def test_reasons_name_movements_as_clinicians_do(why, text):
    assert words.reason(why) == text


@pytest.mark.parametrize(
    ("identifier", "value", "text"),
    [
        ("smile_affected_way_mm", 4.216, "open-mouth smile: affected way 4.2 mm"),
        ("function_percent", 33.4, "function 33 %"),
        ("snarl_function_percent", -3.2, "snarl: function −3.2 %"),
        ("smile_ratio_percent", 55.2, "open-mouth smile: movement 55 % of the other side's"),
        ("smile_fissure_ratio_percent", 91.0, "open-mouth smile: fissure ratio 91 %"),
        ("degree", 2.0, "degree 2"),
        ("displacement_interocular", -0.0123, "displacement −0.0123 interocular units"),
        ("lid_gap_ratio", 0.884, "lid gap ratio 0.88"),
    ],
)
def test_measures_are_written_with_their_units(identifier, value, text):
    assert words.measures({identifier: value}) == text


def test_provenance_lists_every_file_with_its_digest(sparse):
    terms = dict(told(sparse).provenance)
    assert terms["File 2"] == f"smile.png, SHA-256 {'5e1c' * 16}"
    assert "mediapipe" in terms["Landmarks"]
