"""Labels as a readable cell, and exactly back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.clinical.scales import Scale
from facialis.datasets.label_text import labels_text, paths_text, read_labels, read_paths
from facialis.datasets.sample import Label

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | WORDS
LABELS = st.builds(Label, scale=st.sampled_from(Scale), value=VALUES, zone=WORDS, rater=WORDS)


def test_labels_read_as_a_clinician_would_write_them():
    labels = (
        Label(Scale.HOUSE_BRACKMANN, 4),
        Label(Scale.INTENSITY, "slight", zone="eyes"),
        Label(Scale.SUNNYBROOK, 61.5, rater="Dr. Wu"),
    )
    written = "house_brackmann=4;intensity[eyes]=slight;sunnybrook@Dr. Wu=61.5"
    assert labels_text(labels) == written
    assert read_labels(written) == labels


@given(st.lists(LABELS, max_size=4))
def test_any_label_comes_back_with_value_and_type(labels):
    back = read_labels(labels_text(labels))
    assert back == tuple(labels)
    assert [type(each.value) for each in back] == [type(each.value) for each in labels]
    assert [repr(each.value) for each in back] == [repr(each.value) for each in labels]


@given(st.dictionaries(WORDS.filter(bool), WORDS, max_size=4))
def test_any_named_paths_come_back(paths):
    assert read_paths(paths_text(paths)) == paths


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True])
def test_a_value_that_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match="neither a finite number nor a word"):
        labels_text([Label(Scale.SUNNYBROOK, value)])


@pytest.mark.parametrize("text", ["house_brackmann", "=4", "shoe_size=4", "level=1;;level=2"])
def test_a_cell_that_nobody_wrote_here_is_refused(text):
    with pytest.raises(ValueError, match=r"does not read|is not a valid Scale"):
        read_labels(text)


@pytest.mark.parametrize("text", ["mask=a;mask=b", "mask[eye]=a", "mask@me=a"])
def test_paths_are_named_once_and_plainly(text):
    with pytest.raises(ValueError, match="not a list of different names"):
        read_paths(text)
