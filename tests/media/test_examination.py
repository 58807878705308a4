"""Which file of an examination shows which movement."""

from __future__ import annotations

from datetime import date

import pytest

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError
from facialis.media.examination import examination_in, is_video


@pytest.fixture
def folder(tmp_path):
    def made(*names, manifest=None):
        for name in names:
            (tmp_path / name).write_bytes(b"not opened here")
        if manifest is not None:
            (tmp_path / "examination.toml").write_text(manifest, encoding="utf-8")
        return tmp_path

    return made


def test_files_are_named_after_movements(folder):
    found = examination_in(folder("rest.jpg", "Smile_2.PNG", "smile-closed.jpg", "notes.txt"))
    assert {m: p.name for m, p in found.photographs.items()} == {
        Movement.REST: "rest.jpg",
        Movement.SMILE: "Smile_2.PNG",
        Movement.SMILE_CLOSED: "smile-closed.jpg",
    }
    assert found.videos == ()
    assert found.notes == ()


def test_the_longest_movement_that_fits_a_name_counts(folder):
    found = examination_in(folder("eye_close_tight_a.jpg", "smile_closed_b.jpg"))
    assert set(found.photographs) == {Movement.EYE_CLOSE_TIGHT, Movement.SMILE_CLOSED}


def test_a_movement_twice_is_told_and_the_first_is_taken(folder):
    found = examination_in(folder("smile_a.jpg", "smile_b.jpg", "rest.jpg"))
    assert found.photographs[Movement.SMILE].name == "smile_a.jpg"
    (note,) = found.notes
    assert "smile_b.jpg" in note
    assert "smile_a.jpg" in note


def test_unknown_names_are_left_out_and_told(folder):
    found = examination_in(folder("rest.jpg", "grin.jpg", "IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"))
    assert set(found.photographs) == {Movement.REST}
    (note,) = found.notes
    assert "IMG_1.jpg" in note
    assert "and 1 more" in note
    assert "brow_raise" in note


def test_a_video_may_show_one_movement_or_any(folder):
    found = examination_in(folder("smile.mp4", "examination.MOV", ".hidden.mp4"))
    told = {v.path.name: set(v.intervals) for v in found.videos}
    assert told == {"smile.mp4": {Movement.SMILE}, "examination.MOV": set()}
    assert is_video(found.videos[0].path)


def test_several_videos_without_movements_are_said_to_be_one_patient(folder):
    made = folder("examination.mp4", "smile.mp4")
    assert not examination_in(made).notes
    (made / "another.mp4").touch()
    (note,) = examination_in(made).notes
    assert "another.mp4, examination.mp4" in note
    assert "one patient" in note


@pytest.mark.parametrize("names", [(), ("IMG_1.jpg",), ("notes.txt",)])
def test_a_folder_without_an_examination_is_refused(folder, names):
    with pytest.raises(InputError, match="rest") as refused:
        examination_in(folder(*names))
    assert all(name in str(refused.value) for name in names if name.endswith(".jpg"))


def test_a_file_is_no_examination(folder):
    with pytest.raises(InputError, match="is no folder"):
        examination_in(folder("rest.jpg") / "rest.jpg")


MANIFEST = """
affected_side = "left"
age = 54
onset = 2026-03-01
earlier_surgery = "gold weight, left"
botulinum_toxin = 2026-05-20
mm_per_px = 0.2
mirrored = true
videos = ["more.webm"]

[movements]
rest = "a.jpg"
smile = { file = "clip.mp4", from = 3.0, to = 6.5 }
pucker = { file = "clip.mp4", from = 8 }
"""


def test_a_manifest_says_what_is_what(folder):
    found = examination_in(folder("a.jpg", "clip.mp4", "more.webm", manifest=MANIFEST))
    assert found.photographs[Movement.REST].name == "a.jpg"
    videos = {v.path.name: dict(v.intervals) for v in found.videos}
    assert videos["more.webm"] == {}
    assert videos["clip.mp4"] == {
        Movement.SMILE: (3.0, 6.5),
        Movement.PUCKER: (8.0, float("inf")),
    }
    assert found.affected_side is AffectedSide.LEFT
    assert (found.age, found.mm_per_px, found.mirrored) == (54, 0.2, True)
    assert found.onset == date(2026, 3, 1)
    assert found.botulinum_toxin == date(2026, 5, 20)
    assert found.earlier_surgery == "gold weight, left"


MIRRORED = """
videos = [{ file = "clip.mp4", mirrored = true }, "more.webm"]
mirrored = MIRRORED

[movements]
rest = { file = "a.jpg", mirrored = false }
smile = "b.jpg"
pucker = { file = "clip.mp4", from = 8 }
snarl = { file = "only.mp4", from = 1 }
"""


@pytest.mark.parametrize("said", [True, False])
def test_what_is_mirrored_is_said_of_all_and_of_each(folder, said):
    text = MIRRORED.replace("MIRRORED", str(said).lower())
    names = ("a.jpg", "b.jpg", "clip.mp4", "more.webm", "only.mp4")
    found = examination_in(folder(*names, manifest=text))
    assert not found.photograph_is_mirrored(Movement.REST)
    assert found.photograph_is_mirrored(Movement.SMILE) is said
    videos = {video.path.name: video for video in found.videos}
    assert found.video_is_mirrored(videos["clip.mp4"])
    assert found.video_is_mirrored(videos["more.webm"]) is said
    assert {name: video.searched for name, video in videos.items()} == {
        "clip.mp4": True,
        "more.webm": True,
        "only.mp4": False,
    }


def test_a_link_that_leads_nowhere_is_told(folder):
    there = folder("rest.jpg")
    (there / "smile.jpg").symlink_to(there / "gone.jpg")
    found = examination_in(there)
    assert set(found.photographs) == {Movement.REST}
    assert found.notes == ("smile.jpg: names a file that is not there; left out.",)


def test_the_manifest_itself_may_be_named(folder):
    there = folder("a.jpg", manifest='[movements]\nrest = "a.jpg"')
    assert examination_in(there / "examination.toml") == examination_in(there)


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ("movements = ", "is no TOML"),
        ('[movements]\nwink = "a.jpg"', "movements.wink"),
        ('[movements]\nrest = "gone.jpg"', "gone.jpg"),
        ('[movements]\nsmile = { file = "c.mp4", from = 5, to = 2 }', "before it begins"),
        ('affected_side = "west"', "affected_side: it should be one of right, left, both, none;"),
        ('affected_side = "uncertain"', "leave it out where the side is not known"),
        ("age = 200", "age"),
        ("onset = 2999-01-01", "onset: 2999-01-01 is in the future"),
        ("botulinum_toxin = 2999-01-01", "botulinum_toxin: 2999-01-01 is in the future"),
        ("colour = 3", "colour: is no setting; there are movements, videos, mirrored"),
        ("mm_per_px = inf", "mm_per_px: input should be a finite number"),
        ('[movements]\nrest = ""', "movements.rest.file: string should have at least 1 character"),
        (
            '[movements]\nrest = { file = "a.jpg", mirored = true }',
            "movements.rest.mirored: is no setting; there are file, mirrored, from, to",
        ),
        (
            'videos = [{ file = "c.mp4", from = 1 }]',
            "videos.0.from: is no setting; there are file, mirrored; see",
        ),
        ('videos = [{ file = "" }]', "videos.0.file: string should have"),
        (
            '[movements]\nrest = { file = "a.jpg", mirrored = true }\n'
            'smile = { file = "a.jpg", mirrored = false }',
            "that it is mirrored and that it is not",
        ),
        ('[movements]\nrest = { file = "a.jpg", from = 1 }', "a.jpg is a photograph"),
        ("", "names no file"),
    ],
)
def test_a_manifest_that_cannot_be_used_says_where(folder, manifest, told):
    with pytest.raises(InputError) as refused:
        examination_in(folder("a.jpg", "c.mp4", manifest=manifest))
    assert told in str(refused.value)
    assert "examination.toml" in str(refused.value)


def test_a_manifest_in_another_encoding_is_refused(folder):
    there = folder("a.jpg")
    (there / "examination.toml").write_bytes("earlier_surgery = 'é'".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        examination_in(there)


def test_a_folder_of_examinations_says_to_give_its_folders(tmp_path):
    for name in ("anna", "bert"):
        (tmp_path / "visits" / name).mkdir(parents=True)
        (tmp_path / "visits" / name / "rest.jpg").write_bytes(b"not read")
    with pytest.raises(InputError, match=r"holds folders .*; give its folders.*\(anna, bert\)"):
        examination_in(tmp_path / "visits")
