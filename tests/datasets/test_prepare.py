"""What all preparations share: where they write, what they refuse, and going on again."""

from __future__ import annotations

import json

import pytest

from facialis.datasets import prepare_digests, prepare_draft
from facialis.datasets.collections import open_collection
from facialis.datasets.manifest_files import file_digest, read_manifest, verify
from facialis.datasets.prepare import PREPARATIONS, prepare
from facialis.errors import InputError, OutputError


@pytest.fixture
def table(tmp_path, picture, text):
    """A table of twelve graded pictures of six people."""

    def write(folder="own", shift=0):
        lines = ["path,subject,label,grade"]
        for n in range(12):
            picture(tmp_path / folder / f"{n}.png", n + shift)
            lines.append(f"{n}.png,p{n % 6},x,{1 + n % 6}")
        return open_collection(text(tmp_path / folder / "t.csv", "\n".join(lines)), "csv")

    return write


def test_there_is_one_for_each_paper():
    assert list(PREPARATIONS) == [f"paper00{n}" for n in range(5)]


def test_an_unknown_name_and_a_leaky_form_that_does_not_exist_are_refused(table, tmp_path):
    with pytest.raises(InputError, match="is no preparation"):
        prepare("paper005", [table()], tmp_path / "out")
    with pytest.raises(InputError, match="has no leaky form"):
        prepare("paper001", [table()], tmp_path / "out", leaky=True)
    assert not (tmp_path / "out").exists()


def test_pictures_stay_where_they_are(table, tmp_path):
    found = prepare("paper001", [table()], tmp_path / "lists" / "one")
    assert sorted(each.name for each in (tmp_path / "lists" / "one").iterdir()) == [
        "manifest.csv",
        "manifest.json",
    ]
    record = json.loads((tmp_path / "lists" / "one" / "manifest.json").read_text())
    assert record["root"] == "../../own"
    assert verify(read_manifest(tmp_path / "lists" / "one")).missing == ()
    for row in found.rows:
        assert file_digest(tmp_path / "own" / row.path) == row.sha256
        assert row.fingerprint


def test_the_digest_does_not_depend_on_where_the_data_lie(table, tmp_path):
    table("a/own")
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "own").rename(tmp_path / "b" / "own")
    moved = open_collection(tmp_path / "b" / "own" / "t.csv", "csv")
    there = prepare("paper001", [moved], tmp_path / "far" / "out")
    assert there.digest == prepare("paper001", [table()], tmp_path / "near").digest


def test_a_seed_gives_the_same_manifest_and_another_seed_another(table, tmp_path):
    digests = {
        seed: {
            prepare("paper001", [table()], tmp_path / f"{seed}{n}", seed=seed).digest for n in "ab"
        }
        for seed in (0, 1)
    }
    assert [len(each) for each in digests.values()] == [1, 1]
    assert digests[0] != digests[1]


def test_preparing_again_into_the_same_folder_changes_nothing(table, tmp_path):
    prepare("paper001", [table()], tmp_path / "out")
    before = (tmp_path / "out" / "manifest.json").read_bytes()
    prepare("paper001", [table()], tmp_path / "out")
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before


def test_another_preparation_into_the_same_folder_is_refused_before_it_starts(table, tmp_path):
    first = prepare("paper001", [table()], tmp_path / "out")
    for name, seed in (("paper002", 0), ("paper001", 1)):
        with pytest.raises(OutputError, match="holds another manifest"):
            prepare(name, [table()], tmp_path / "out", seed=seed)
    assert read_manifest(tmp_path / "out") == first


def test_data_that_changed_since_are_refused(table, tmp_path, picture):
    prepare("paper001", [table()], tmp_path / "out")
    picture(tmp_path / "own" / "3.png", 77)
    with pytest.raises(OutputError, match="a manifest is never changed"):
        prepare("paper001", [open_collection(tmp_path / "own" / "t.csv")], tmp_path / "out")


def test_an_interrupted_preparation_reads_no_picture_twice(table, tmp_path, monkeypatch):
    read = []
    genuine = prepare_digests.read_photo

    def reading(path):
        if len(read) == 7:
            raise KeyboardInterrupt
        read.append(path)
        return genuine(path)

    monkeypatch.setattr(prepare_digests, "read_photo", reading)
    with pytest.raises(KeyboardInterrupt):
        prepare("paper001", [table()], tmp_path / "out")
    collection = open_collection(tmp_path / "own" / "t.csv")
    notebook = tmp_path / "out" / ".digests.jsonl"
    notebook.write_text(notebook.read_text() + '["cut o')
    again = []
    monkeypatch.setattr(
        prepare_digests, "read_photo", lambda path: (again.append(path), genuine(path))[1]
    )
    found = prepare("paper001", [collection], tmp_path / "out")
    assert len(found.rows) == 12
    assert len(again) == 5
    assert not set(again) & set(read)
    assert not notebook.exists()


def test_a_picture_that_changed_after_the_interruption_is_read_again(tmp_path, picture):
    path = picture(tmp_path / "1.png", 1)
    notebook = prepare_digests.Digests(tmp_path)
    before = notebook.of(path)
    notebook.save()
    picture(path, 2, size=(80, 80))
    assert prepare_digests.Digests(tmp_path).of(path) != before


def test_a_notebook_that_cannot_be_written_is_told(tmp_path, picture):
    path = picture(tmp_path / "1.png", 1)
    notebook = prepare_digests.Digests(tmp_path)
    notebook.of(path)
    (tmp_path / prepare_digests.NOTEBOOK).mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        notebook.save()


def test_a_folder_inside_a_collection_is_refused(table, tmp_path):
    for out in (tmp_path / "own", tmp_path / "own" / "lists"):
        with pytest.raises(InputError, match="lies inside the collection"):
            prepare("paper001", [table()], out)


def test_nothing_that_can_be_used_is_an_error_and_leaves_no_manifest(table, tmp_path):
    collection = table()
    for path in (tmp_path / "own").glob("*.png"):
        path.write_text("no picture")
    with pytest.raises(InputError, match="no picture of the collections can be used"):
        prepare("paper001", [collection], tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.csv").exists()


def test_unknown_people_and_copies_that_came_along_are_left_out_and_counted(
    tmp_path, picture, text
):
    for n, name in enumerate(("a_1", "b_1", "c_1", "stranger")):
        picture(tmp_path / "own" / "smile" / f"{name}.png", n)
    own = open_collection(tmp_path / "own", "folder")
    draft = prepare_draft.Draft(collections=(own,), out=tmp_path / "out", seed=0)
    assert [each.subject for each in draft.samples()] == ["own/a", "own/b", "own/c"]
    assert draft.left_out.record() == {
        "files of unknown people": {"count": 1, "examples": ["own/smile/stranger.png"]}
    }


def test_augmented_copies_of_the_derivative_are_left_out(tmp_path, picture):
    place = tmp_path / "yfp" / "Eye" / "Mild eye"
    picture(place / "10_M_eye59.jpg", 1)
    picture(place / "rotated_10_M_eye59.jpg", 2)
    crops = open_collection(tmp_path / "yfp", "yfp_regions")
    draft = prepare_draft.Draft(collections=(crops,), out=tmp_path / "out", seed=0)
    assert [each.path.name for each in draft.samples()] == ["10_M_eye59.jpg"]
    assert draft.left_out.record()["altered copies that came with a collection"]["count"] == 1


def test_recordings_are_left_out_where_pictures_are_needed(tmp_path, picture, text):
    picture(tmp_path / "meei" / "Normal" / "Normal1" / "Normal1_1.jpg")
    text(tmp_path / "meei" / "Normal" / "Normal1" / "Normal1.mp4", "film")
    meei = open_collection(tmp_path / "meei", "meei")
    draft = prepare_draft.Draft(collections=(meei,), out=tmp_path / "out", seed=0)
    assert [each.path.suffix for each in draft.pictures()] == [".jpg"]
    assert draft.left_out.record()["recordings, where pictures are needed"]["count"] == 1


def test_two_collections_of_one_name_are_told_apart(table, tmp_path):
    pair = (table("a/own"), table("b/own", shift=50))
    found = prepare("paper001", pair, tmp_path / "out")
    assert set(found.made["findings"]) == {"own-1", "own-2"}
    assert {row.path.partition("/")[0] for row in found.rows} == {"a", "b"}


def test_one_picture_under_two_names_in_two_parts_is_told(tmp_path, picture, text):
    lines = ["path,subject,label,grade"]
    for n in range(12):
        picture(tmp_path / "own" / f"{n}.png", 7)
        lines.append(f"{n}.png,p{n},x,3")
    own = open_collection(text(tmp_path / "own" / "t.csv", "\n".join(lines)), "csv")
    alike = prepare("paper001", [own], tmp_path / "out").made["alike_across_parts"]
    assert alike["count"] == 8 * 2 + 8 * 2 + 2 * 2
    assert " and " in alike["examples"][0]


def test_findings_and_counts_stand_in_the_manifest(table, tmp_path, text):
    collection = table()
    (tmp_path / "own" / "3.png").unlink()
    made = prepare("paper001", [collection], tmp_path / "out").made
    assert any("3.png" in sentence for sentence in made["findings"]["own"])
    assert made["people"] == {"train": 4, "validation": 1, "test": 1}
