"""Finding and verifying files on this machine."""

from __future__ import annotations

import dataclasses
import importlib.util
from pathlib import Path

import pytest

from facialis.errors import WeightsError
from facialis.weights import catalogue, store
from facialis.weights.catalogue import Origin
from facialis.weights.store import State

CONTENT = bytes(range(256)) * 3000
BUNDLED = [e.name for e in catalogue.CATALOGUE if e.origin is not Origin.REMOTE]


def change(monkeypatch, entry, **changes):
    changed = dataclasses.replace(entry, **changes)
    others = tuple(e for e in catalogue.CATALOGUE if e.name != entry.name)
    monkeypatch.setattr(catalogue, "CATALOGUE", (*others, changed))


@pytest.mark.parametrize("name", BUNDLED)
def test_every_installed_file_is_the_one_the_catalogue_describes(name):
    (found,) = store.verify(name)
    assert found.state is State.GOOD, found.message
    assert found.path.stat().st_size == found.weights.size


def test_catalogue_entries_are_told_apart_by_name_and_say_all_that_is_needed():
    assert len(set(catalogue.names())) == len(catalogue.CATALOGUE)
    for entry in catalogue.CATALOGUE:
        assert len(entry.sha256) == 64
        assert int(entry.sha256, 16) > 0
        assert (entry.url is None) != (entry.package is None)
        assert (entry.origin is Origin.REMOTE) == (entry.url is not None)
        assert all((entry.version, entry.licence, entry.source, entry.purpose))
        assert entry.url is None or entry.url.startswith("https://")


def test_an_unknown_name_lists_those_that_exist():
    with pytest.raises(
        WeightsError, match=r"nonsense\\n: no weights .*expressions.*face_landmarker"
    ):
        store.path("nonsense\n")


def test_the_folder_is_the_users_cache_unless_the_environment_names_another(monkeypatch, tmp_path):
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    assert store.directory() == tmp_path
    monkeypatch.delenv("FACIALIS_WEIGHTS")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert store.directory().name == "weights"
    assert "facialis" in store.directory().parts


@pytest.mark.parametrize(
    ("value", "offline"), [("1", True), ("yes", True), ("0", False), ("", False), ("No", False)]
)
def test_the_environment_forbids_the_network(monkeypatch, value, offline):
    monkeypatch.setenv("FACIALIS_OFFLINE", value)
    assert store.is_offline() is offline


def test_offline_nothing_is_fetched_and_one_sentence_says_what_to_do(remote, server, monkeypatch):
    monkeypatch.setenv("FACIALIS_OFFLINE", "1")
    with pytest.raises(WeightsError) as caught:
        store.get("sample")
    message = str(caught.value)
    assert "FACIALIS_OFFLINE is set" in message
    assert remote.sha256 in message
    assert str(store.directory() / "sample.bin") in message
    assert server.ranges == []


def test_offline_a_file_placed_by_hand_is_accepted(remote, monkeypatch):
    monkeypatch.setenv("FACIALIS_OFFLINE", "1")
    store.directory().mkdir()
    (store.directory() / "sample.bin").write_bytes(CONTENT)
    assert store.get("sample") == store.path("sample") == store.require("sample")


def test_a_local_copy_is_taken_over_after_its_digest_is_checked(remote, server, tmp_path):
    copy = tmp_path / "copy.bin"
    copy.write_bytes(CONTENT)
    assert store.get("sample", source=copy).read_bytes() == CONTENT
    assert server.ranges == []


def test_a_wrong_local_copy_is_refused_and_leaves_nothing(remote, tmp_path):
    copy = tmp_path / "copy.bin"
    copy.write_bytes(b"something else")
    with pytest.raises(WeightsError, match=r"copy\.bin: has sha256"):
        store.get("sample", source=copy)
    assert list(store.directory().iterdir()) == []


def test_a_local_copy_that_is_not_there_is_named(remote, tmp_path):
    with pytest.raises(WeightsError, match="there is no such file"):
        store.get("sample", source=tmp_path / "nowhere.bin")


def test_a_local_copy_that_cannot_be_stored_is_explained(remote, tmp_path):
    copy = tmp_path / "copy.bin"
    copy.write_bytes(CONTENT)
    (store.directory() / "sample.bin").mkdir(parents=True)
    with pytest.raises(WeightsError, match="cannot be copied to"):
        store.get("sample", source=copy)


def test_a_folder_that_cannot_be_made_is_explained(remote, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path / "file" / "cache"))
    with pytest.raises(WeightsError, match="the weights folder cannot be made"):
        store.get("sample")


def test_listing_tells_what_is_here(remote):
    before = {item.weights.name: item for item in store.list_weights()}
    assert before["mediapipe_detector"].present
    assert not before["sample"].present
    assert before["sample"].path == store.directory() / "sample.bin"
    store.get("sample")
    assert {item.weights.name: item for item in store.list_weights()}["sample"].present


def test_the_path_of_an_absent_file_says_how_to_get_it(remote):
    with pytest.raises(WeightsError, match="run 'facialis weights get sample'"):
        store.path("sample")


def test_verification_tells_good_damaged_and_absent_apart(remote):
    assert store.verify("sample")[0].state is State.ABSENT
    target = store.get("sample")
    assert store.verify("sample")[0].state is State.GOOD
    target.write_bytes(CONTENT[:-1])
    found = store.verify("sample")[0]
    assert found.state is State.DAMAGED
    assert "run 'facialis weights get sample'" in found.message
    with pytest.raises(WeightsError, match="has sha256"):
        store.require("sample")


def test_verifying_all_covers_the_whole_catalogue(remote):
    assert [v.weights.name for v in store.verify()] == list(catalogue.names())


def test_an_installed_file_is_found_without_importing_its_package(installed):
    assert store.get("installed_sample").read_bytes() == CONTENT
    assert store.path("installed_sample").name == "table.bin"


def test_an_installed_file_that_changed_asks_for_a_reinstallation(installed):
    store.path("installed_sample").write_bytes(b"changed")
    with pytest.raises(WeightsError, match="reinstall sample_package"):
        store.get("installed_sample")


def test_a_file_that_its_package_lost_asks_for_a_reinstallation(installed):
    store.path("installed_sample").unlink()
    with pytest.raises(WeightsError, match="missing from the installation of sample_package"):
        store.get("installed_sample")
    assert store.verify("installed_sample")[0].state is State.ABSENT


def test_a_package_that_is_not_installed_is_named(installed, monkeypatch):
    change(monkeypatch, installed, package="no_such_package_here")
    assert store.verify("installed_sample")[0].path is None
    with pytest.raises(WeightsError, match="reinstall no_such_package_here"):
        store.path("installed_sample")


@pytest.mark.parametrize("given", [{"url": "http://127.0.0.1/"}, {"source": Path("x")}])
def test_an_installed_file_is_never_downloaded_over(installed, given):
    with pytest.raises(WeightsError, match="is not downloaded"):
        store.get("installed_sample", **given)


def test_a_file_that_cannot_be_read_is_damaged_with_a_reason(remote, monkeypatch):
    target = store.get("sample")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    found = store.verify("sample")[0]
    monkeypatch.undo()
    assert found.state is State.DAMAGED
    assert f"{target}: cannot be read (Permission denied)" in found.message


def test_looking_for_mediapipes_files_does_not_import_mediapipe():
    assert importlib.util.find_spec("mediapipe") is not None
    assert catalogue.find("mediapipe_detector").installed_path().is_file()
