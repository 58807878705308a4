"""What the methods say beside the scales, in words and as a figure."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from facialis.grading.over_movements import ExaminationAnswer, LevelCourse
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.report.examination_content import examination_content
from facialis.report.examination_html import render_examination_html
from facialis.report.examination_methods import level_figure, methods_section
from facialis.report.examination_pdf import render_examination_pdf
from facialis.report.method_words import doubting, either

SPAN = (0.1, 1.7)


def course(**changes):
    values = {
        "source": "films/clip.mp4",
        "step": 0.2,
        "seconds": (0.1, 0.3, 0.5, 1.5, 1.7),
        "level_probability": {
            "I": (0.6, 0.6, 0.2, 0.1, 0.1),
            "II": (0.3, 0.2, 0.7, 0.2, 0.1),
            "III": (0.1, 0.2, 0.1, 0.7, 0.8),
        },
    }
    return LevelCourse(**(values | changes))


def answer(**changes):
    values = {
        "title": "fusion",
        "movements": 8,
        "palsy_probability": 0.83,
        "level_probability": {"I": 0.1, "II": 0.6, "III": 0.3},
    }
    return ExaminationAnswer(**(values | changes))


GRADES = {"I": 0.1, "II": 0.05, "III": 0.25, "IV": 0.3, "V": 0.2, "VI": 0.1}


def together(**changes):
    values = {
        "title": "all movements",
        "grade_probability": GRADES,
        "conclusion": "palsy",
        "levels": ("II", "III"),
        "grades": ("III", "IV", "V"),
        "coverage": 0.9,
    }
    return answer(**(values | changes))


def with_methods(examination, means=None, **changes):
    said = {"fusion-light": answer(**(means or {})), TOGETHER: together(**changes)}
    return examination.model_copy(update={"methods": said})


def test_the_scales_and_each_method_are_set_side_by_side(filmed):
    found = methods_section(with_methods(filmed, means={"movements": 1}))
    (scales, _), (name, text), (whole, told) = found.answers
    assert (scales, name, whole) == ("scales", "fusion-light", TOGETHER)
    assert text == "palsy 0.83 in 1 movement; levels I 0.10, II 0.60, III 0.30"
    assert told == (
        "palsy 0.83 in 8 movements; conclusion: palsy; grade III to V "
        "(I 0.10, II 0.05, III 0.25, IV 0.30, V 0.20, VI 0.10)"
    )
    (note,) = found.notes
    assert note.startswith(f"{TOGETHER} reads all movements together. The other methods tell the")
    assert "Conclusion and grades each rule out the truth in about 10 in 100 examinations" in note


def test_rest_is_no_movement(filmed):
    found = methods_section(with_methods(filmed, means={"movements": 0}))
    assert found.answers[1][1] == "palsy 0.83 at rest; levels I 0.10, II 0.60, III 0.30"
    alone = filmed.model_copy(update={"methods": {"fusion-light": answer(movements=0)}})
    (note,) = methods_section(alone).notes
    assert note.startswith("The methods tell what the face at rest shows. Level I is healthy")


def test_without_cut_offs_no_share_of_simulated_examinations_is_claimed(filmed):
    bare = with_methods(filmed, conclusion=None, levels=(), grades=(), coverage=None)
    found = methods_section(bare)
    assert "in 100" not in found.notes[0]
    assert "not validated on patients." in found.notes[0]
    told = found.answers[-1][1]
    assert told.startswith(
        "palsy 0.83 in 8 movements; grades, no cut-offs for this network (I 0.10"
    )


def test_alone_it_is_not_set_beside_others(filmed):
    alone = filmed.model_copy(update={"methods": {TOGETHER: together()}})
    (note,) = methods_section(alone).notes
    assert "other methods" not in note
    assert "Level I" not in note


def test_means_alone_are_called_means(filmed):
    alone = filmed.model_copy(update={"methods": {"fusion-light": answer()}})
    (note,) = methods_section(alone).notes
    assert note.startswith("The methods tell the mean over the movements. Level I is healthy")
    assert "in 100" not in note


def test_a_conclusion_against_the_scales_is_said_beside_the_headline(filmed):
    assert examination_content(with_methods(filmed)).overall.doubt == ""
    against = with_methods(filmed, conclusion="no palsy", palsy_probability=0.21)
    told = examination_content(against)
    doubt = told.overall.doubt
    assert doubt.startswith(f"The pictures of the movements (palsy 0.21, by {TOGETHER}) conclude:")
    assert "look again" in doubt
    assert "look again" in render_examination_html(told, {})


@pytest.mark.parametrize(
    ("left_open", "told"),
    [
        (("IV",), "IV"),
        (("II", "III"), "II or III"),
        (("II", "III", "IV", "V", "VI"), "II to VI"),
        (("I", "III", "IV", "V"), "I or III to V"),
        (("I", "II", "VI"), "I, II or VI"),
    ],
)
def test_grades_that_follow_one_another_are_told_as_a_range(left_open, told):
    assert either(left_open) == told


def test_a_headline_without_palsy_says_when_the_methods_do_not_rule_one_out():
    words = doubting(0.07, "uncertain", "The methods together (palsy 0.36)")
    assert words == "The methods together (palsy 0.36) do not rule out a palsy."
    assert doubting(0.9, "uncertain", "They") == ""
    assert doubting(0.07, "no palsy", "They") == ""


def test_levels_are_piled_up_to_one_with_a_gap_where_nothing_was_measured():
    figure = level_figure("fusion", course(), SPAN)
    assert [band.label for band in figure.bands] == ["I", "II", "III"]
    assert all(len(band.areas) == 2 for band in figure.bands)
    tops = [y for area in figure.bands[-1].areas for _, y in area[: len(area) // 2]]
    assert tops == pytest.approx([1] * 5)
    first = figure.bands[1].areas[0]
    assert first[0] == pytest.approx((0, 0.9))
    assert first[-1] == pytest.approx((0, 0.6))
    assert "I in 40 %, II in 20 %, III in 40 %" in figure.text


def test_one_moment_is_no_course():
    short = course(seconds=(0.1,), level_probability={"I": (1.0,)})
    assert level_figure("fusion", short, SPAN) is None


def test_courses_of_one_video_share_an_axis():
    late = course(seconds=tuple(t + 1 for t in course().seconds))
    first, second = (
        level_figure("fusion", each, (course().seconds[0], late.seconds[-1]))
        for each in (course(), late)
    )
    assert first.times == second.times
    assert first.bands[0].areas[0][0][0] == 0
    assert second.bands[-1].areas[-1][0][0] > 0.2


def test_page_and_document_show_them(filmed, tmp_path):
    told = examination_content(with_methods(filmed, over_time=(course(),)))
    page = render_examination_html(told, {})
    assert 'id="methods"' in page
    assert page.count("<polygon") == 6
    assert "level over time, clip.mp4" in page
    without = render_examination_html(examination_content(filmed), {})
    assert 'id="methods"' not in without
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext to read the PDF back")
    (tmp_path / "r.pdf").write_bytes(render_examination_pdf(told, {}, filmed.provenance.created))
    done = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "r.pdf"), "-"], capture_output=True, check=True
    )
    text = " ".join(done.stdout.decode().split())
    assert "Methods beside the scales" in text
    assert "palsy 0.83 in 8 movements" in text
    assert "level over time, clip.mp4" in text


def test_methods_of_one_video_are_drawn_over_the_same_seconds(filmed):
    late = course(seconds=tuple(t + 1 for t in course().seconds))
    said = {"one": answer(over_time=(course(),)), "other": answer(over_time=(late,))}
    both = filmed.model_copy(update={"methods": said})
    first, second = methods_section(both).figures
    assert first.times == second.times
    assert first.bands[0].areas[0][0][0] == 0
    assert second.bands[0].areas[0][0][0] > 0
