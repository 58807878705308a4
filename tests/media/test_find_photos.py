from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from facialis.media.files import find_photos


@pytest.fixture
def clinic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a clinic keeps it, and the working folder."""
    for name in (
        "b.jpg",
        "a.JPG",
        "notes.txt",
        ".hidden.jpg",
        "._a.JPG",
        "anna/rest.heic",
        "anna/smile.png",
        "anna/.thumbs/rest.png",
        "anna/later/rest.tiff",
        "empty/readme.md",
    ):
        path = tmp_path / "clinic" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return Path("clinic")


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.as_posix() for path in paths]


def test_a_folder_gives_its_photographs_sorted_at_any_depth(clinic: Path) -> None:
    found, problems = find_photos([clinic])
    assert names(found) == [
        "clinic/a.JPG",
        "clinic/anna/later/rest.tiff",
        "clinic/anna/rest.heic",
        "clinic/anna/smile.png",
        "clinic/b.jpg",
    ]
    assert problems == ()


def test_files_keep_the_order_they_were_named_in(clinic: Path) -> None:
    found, _ = find_photos(["clinic/b.jpg", "clinic/anna", "clinic/a.JPG"])
    assert names(found) == [
        "clinic/b.jpg",
        "clinic/anna/later/rest.tiff",
        "clinic/anna/rest.heic",
        "clinic/anna/smile.png",
        "clinic/a.JPG",
    ]


def test_a_file_that_is_named_is_kept_whatever_it_is_called(clinic: Path) -> None:
    found, problems = find_photos(["clinic/notes.txt", "clinic/.hidden.jpg"])
    assert names(found) == ["clinic/notes.txt", "clinic/.hidden.jpg"]
    assert problems == ()


def test_a_file_is_listed_once_however_it_is_reached(clinic: Path) -> None:
    (clinic / "link.jpg").symlink_to("b.jpg")
    found, problems = find_photos(
        ["clinic/b.jpg", "./clinic/../clinic/b.jpg", clinic.resolve() / "b.jpg", "clinic"]
    )
    assert names(found).count("clinic/b.jpg") == 1
    assert len(found) == 5
    assert problems == ()


def test_what_is_missing_is_told_and_the_others_are_found(clinic: Path) -> None:
    found, problems = find_photos(["clinic/b.jpg", "nobody.jpg", "clinic/empty"])
    assert names(found) == ["clinic/b.jpg"]
    assert [str(problem) for problem in problems] == [
        "nobody.jpg: no such file or folder; check the name.",
        "clinic/empty: the folder holds no photographs; "
        "name a folder with JPEG, PNG or HEIC files; name videos one by one.",
    ]


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "x" * 5000])
def test_a_name_that_no_file_can_have_is_told(name: str) -> None:
    found, problems = find_photos([name])
    assert found == ()
    assert len(problems) == 1
    assert str(problems[0]).isprintable()


def test_the_folder_of_the_results_is_not_searched(clinic: Path) -> None:
    picture = clinic / "out" / "b" / "overlay.png"
    picture.parent.mkdir(parents=True)
    picture.touch()
    everything, _ = find_photos([clinic])
    without, problems = find_photos([clinic], outside=Path("clinic/anna/../out"))
    assert picture in everything
    assert picture not in without
    assert len(without) == 5
    assert problems == ()


def test_a_link_to_a_folder_above_does_not_go_round_for_ever(clinic: Path) -> None:
    (clinic / "anna" / "up").symlink_to(clinic.resolve())
    found, _ = find_photos([clinic])
    assert len(found) == 5


def test_a_broken_link_and_a_pipe_are_listed_to_be_refused_when_read(clinic: Path) -> None:
    (clinic / "gone.jpg").symlink_to("nowhere.jpg")
    os.mkfifo(clinic / "pipe.jpg")
    found, problems = find_photos([clinic])
    assert {"clinic/gone.jpg", "clinic/pipe.jpg"} <= set(names(found))
    assert problems == ()


def test_names_with_stray_bytes_are_found(clinic: Path) -> None:
    try:
        shutil.copy(clinic / "b.jpg", clinic / "z\udcff\n.jpg")
    except OSError:
        pytest.skip("this file system refuses such names")
    found, _ = find_photos([clinic])
    assert found[-1].name == "z\udcff\n.jpg"


@pytest.fixture
def partly_locked() -> Iterator[Path]:
    """A folder with a part that the user may not enter, whoever runs the tests."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "closed").mkdir()
        (folder / "open.jpg").touch()
        folder.chmod(0o755)
        (folder / "closed").chmod(0o000)
        user = os.geteuid()
        if user == 0:
            os.seteuid(65534)
        yield folder
        os.seteuid(user)
        (folder / "closed").chmod(0o755)


def test_a_part_that_cannot_be_entered_is_told(partly_locked: Path) -> None:
    found, problems = find_photos([partly_locked])
    assert found == (partly_locked / "open.jpg",)
    assert [problem.name for problem in problems] == [str(partly_locked / "closed")]
    inside, refused = find_photos([partly_locked / "closed" / "face.jpg"])
    assert inside == ()
    assert "cannot be read (Permission denied)" in str(refused[0])
    _, closed = find_photos([partly_locked / "closed"])
    assert len(closed) == 1
