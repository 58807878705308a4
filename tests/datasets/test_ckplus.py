"""CK+ with its labels beside it, and CK+48."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.ckplus import (
    CkPlus,
    CkPlus48,
    read_landmarks,
    recognises,
    recognises_48,
)
from facialis.datasets.findings import Trouble
from facialis.datasets.sample import Label
from facialis.errors import InputError


@pytest.fixture
def ckplus(tmp_path, picture, text):
    """Two sequences; the first has an emotion, action units and landmarks."""
    for frame in (1, 2, 11):
        picture(place(tmp_path, "S005", "001", frame), frame)
    for frame in (1, 8):
        picture(place(tmp_path, "S022", "003", frame), 30 + frame)
    stem = "S005_001_00000011"
    text(tmp_path / "Emotion" / "S005" / "001" / f"{stem}_emotion.txt", "   3.0000000e+00\n")
    text(
        tmp_path / "FACS" / "S005" / "001" / f"{stem}_facs.txt",
        "   9.0000000e+00   4.0000000e+00\n   1.7000000e+01   0.0000000e+00\n",
    )
    points = "".join(f"   {x}.5000000e+00   1.0000000e+00 \n" for x in range(68))
    text(tmp_path / "Landmarks" / "S005" / "001" / f"{stem}_landmarks.txt", points)
    return tmp_path


def place(root, subject, sequence, frame):
    name = f"{subject}_{sequence}_{frame:08d}.png"
    return root / "cohn-kanade-images" / subject / sequence / name


def test_the_first_frame_is_neutral_the_last_the_peak_with_the_emotion(ckplus, read):
    samples = [each for each in read(CkPlus(ckplus)).samples if each.subject == "ckplus/S005"]
    assert [each.written.get("phase") for each in samples] == ["neutral", None, "peak"]
    assert [each.frame for each in samples] == [1, 2, 11]
    assert [each.labels for each in samples] == [(), (), (Label(Scale.EMOTION, 3),)]
    assert {(each.video, each.rate, each.source) for each in samples} == {("001", 30.0, "ckplus")}


def test_action_units_and_landmarks_belong_to_their_frame(ckplus, read):
    reading = read(CkPlus(ckplus))
    peak = reading.sample("S005_001_00000011.png")
    assert peak.written["facs"] == "9 4; 17 0"
    points = read_landmarks(peak.annotations["landmarks"])
    assert np.array_equal(points, np.stack([np.arange(68) + 0.5, np.ones(68)], axis=1))
    assert reading.sample("S005_001_00000001.png").annotations == {}


def test_a_sequence_without_an_emotion_is_counted_and_not_called_neutral(ckplus, read):
    reading = read(CkPlus(ckplus))
    assert reading.sample("S022_003_00000008.png").labels == ()
    assert reading.findings[Trouble.IMAGES_WITHOUT_LABELS].count == 1


def test_nobody_is_called_healthy(ckplus, read):
    assert all(each.label(Scale.PALSY) is None for each in read(CkPlus(ckplus)).samples)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("eight", Trouble.UNREADABLE_LABELS),
        ("", Trouble.UNREADABLE_LABELS),
        ("8.0", Trouble.UNKNOWN_LABELS),
        ("2.5", Trouble.UNKNOWN_LABELS),
        ("nan", Trouble.UNKNOWN_LABELS),
    ],
)
def test_a_strange_emotion_is_reported_and_left_out(ckplus, text, read, content, kind):
    stem = "S022_003_00000008"
    text(ckplus / "Emotion" / "S022" / "003" / f"{stem}_emotion.txt", content)
    reading = read(CkPlus(ckplus))
    assert reading.sample(f"{stem}.png").labels == ()
    assert reading.findings[kind].count == 1


def test_strange_action_units_are_reported(ckplus, text, read):
    stem = "S022_003_00000008"
    text(ckplus / "FACS" / "S022" / "003" / f"{stem}_facs.txt", "one two")
    reading = read(CkPlus(ckplus))
    assert reading.findings[Trouble.UNREADABLE_LABELS].count == 1
    assert "facs" not in reading.sample(f"{stem}.png").written


def test_labels_without_frames_and_strange_files_are_named(ckplus, text, read):
    text(ckplus / "Emotion" / "S999" / "001" / "S999_001_00000005_emotion.txt", "1.0")
    text(ckplus / "Emotion" / "readme.md", "")
    text(ckplus / "cohn-kanade-images" / "notes.txt", "")
    reading = read(CkPlus(ckplus))
    assert reading.findings[Trouble.LABELS_WITHOUT_IMAGES].count == 1
    assert set(reading.examples(Trouble.UNKNOWN_FILES)) == {
        "Emotion/readme.md",
        "cohn-kanade-images/notes.txt",
    }


def test_landmarks_of_another_number_are_refused(tmp_path, text):
    with pytest.raises(InputError, match="68 points"):
        read_landmarks(text(tmp_path / "x_landmarks.txt", "1 2\n3 4\n"))


def test_a_folder_without_the_images_is_refused(tmp_path):
    with pytest.raises(InputError, match="cohn-kanade-images"):
        CkPlus(tmp_path)


@pytest.fixture
def ck48(tmp_path, picture):
    for number, emotion in enumerate(("happy", "surprise")):
        name = f"S010_00{number}_00000013.png"
        picture(tmp_path / "CK+48" / emotion / name, number, (48, 48))
    return tmp_path


def test_ck48_has_the_numbers_of_ckplus_and_its_people(ck48, read):
    reading = read(CkPlus48(ck48))
    numbers = {each.path.parent.name: each.labels[0].value for each in reading.samples}
    assert numbers == {"happy": 5, "surprise": 7}
    assert {each.subject for each in reading.samples} == {"ckplus/S010"}
    assert reading.findings[Trouble.EMPTY_CLASSES].count == 5


def test_strangers_in_ck48_are_named(ck48, picture, text, read):
    picture(ck48 / "CK+48" / "happy" / "me.png", 9)
    text(ck48 / "CK+48" / "list.csv", "")
    reading = read(CkPlus48(ck48))
    assert set(reading.examples(Trouble.UNKNOWN_FILES)) == {
        "CK+48/happy/me.png",
        "CK+48/list.csv",
    }


def test_the_layouts_are_told_apart(ckplus, tmp_path_factory, picture):
    other = tmp_path_factory.mktemp("other")
    picture(other / "CK+48" / "fear" / "S010_006_00000013.png")
    assert (recognises(ckplus), recognises_48(ckplus)) == (True, False)
    assert (recognises(other), recognises_48(other)) == (False, True)
    assert recognises_48(other / "CK+48")
