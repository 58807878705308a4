"""`facialis weights`: what model files there are, and whether they are whole."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from facialis.weights import catalogue

INSTALLED = [entry.name for entry in catalogue.CATALOGUE if entry.url is None]
FETCHED = [entry.name for entry in catalogue.CATALOGUE if entry.url is not None]


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path / "weights"))
    monkeypatch.setenv("FACIALIS_OFFLINE", "1")


def test_the_list_has_every_entry_of_the_catalogue_with_its_licence(call):
    result = call("weights", "list")
    assert (result.status, result.err) == (0, "")
    rows = result.out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(catalogue.names())
    assert all(entry.licence in row for entry, row in zip(catalogue.CATALOGUE, rows, strict=True))


@pytest.mark.parametrize("name", INSTALLED)
def test_the_path_of_an_installed_file_is_printed_alone(call, name):
    result = call("weights", "path", name)
    assert result.status == 0
    file = Path(result.out.removesuffix("\n"))
    assert hashlib.sha256(file.read_bytes()).hexdigest() == catalogue.find(name).sha256


def test_a_network_of_the_users_own_is_listed_found_and_told_by_its_digest(call, tmp_path):
    own = tmp_path / "weights" / "fp_vggface-light.onnx"
    own.parent.mkdir()
    own.write_bytes(b"mine")
    row = next(
        line for line in call("weights", "list").out.splitlines() if "fp_vggface-light " in line
    )
    assert "your own" in row
    assert call("weights", "path", "fp_vggface-light").out == f"{own}\n"
    verified = call("weights", "verify", "fp_vggface-light")
    assert verified.status == 0
    assert verified.out.startswith("own")
    assert hashlib.sha256(b"mine").hexdigest() in verified.out


def test_what_an_assessment_needs_is_whole(call):
    result = call("weights", "verify")
    assert result.status == 0
    assert [line.split()[0] for line in result.out.splitlines()].count("good") == len(INSTALLED)


@pytest.mark.parametrize("name", FETCHED)
def test_a_file_that_is_not_here_is_a_sentence_and_a_failure_when_named(call, name):
    for verb in ("path", "verify", "get"):
        result = call("weights", verb, name)
        assert result.status != 0
        assert len(result.sentences) == 1
        assert f"facialis weights get {name}" in result.err


@pytest.mark.parametrize("verb", ["path", "verify", "get"])
def test_an_unknown_name_is_answered_with_those_there_are(call, verb):
    result = call("weights", verb, "nose")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert all(name in result.err for name in catalogue.names())


def test_a_copy_that_is_another_file_is_refused(call, tmp_path):
    other = tmp_path / "other.task"
    other.write_bytes(b"not it")
    result = call("weights", "get", FETCHED[0], "--from", other)
    assert result.status == 2
    assert len(result.sentences) == 1
    assert "sha256" in result.err


def test_a_true_copy_is_taken_and_then_verified(call, shared_data):
    copy = shared_data / "models" / "face_landmarker.task"
    result = call("weights", "get", "face_landmarker", "--from", copy)
    assert result.status == 0, result.err
    assert Path(result.out.strip()).read_bytes() == copy.read_bytes()
    assert call("weights", "verify", "face_landmarker").status == 0
