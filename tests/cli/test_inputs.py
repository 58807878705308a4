"""From files and folders to photographs."""

from __future__ import annotations

import hashlib
import os

from facialis.cli.inputs import find


def test_a_photograph_comes_with_the_digest_of_its_bytes(tmp_path):
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"bytes")
    photographs, failures = find([str(photo)])
    assert [(each.path, each.sha256) for each in photographs] == [
        (str(photo), hashlib.sha256(b"bytes").hexdigest())
    ]
    assert failures == []


def test_pictures_of_earlier_results_are_not_photographs(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"a")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "overlay.png").write_bytes(b"drawn")
    (tmp_path / "a" / "assessment.json").write_text("{}")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "overlay.png").write_bytes(b"someone's own")
    found, _ = find([str(tmp_path)], out=tmp_path)
    assert [each.path for each in found] == [
        str(tmp_path / "a.jpg"),
        str(tmp_path / "b" / "overlay.png"),
    ]


def test_inputs_that_give_nothing_come_back_with_their_names(tmp_path):
    (tmp_path / "empty").mkdir()
    photographs, failures = find([str(tmp_path / "empty"), str(tmp_path / "gone.jpg")])
    assert photographs == []
    assert ["empty" in failures[0].error, "gone.jpg" in failures[1].error] == [True, True]
    assert all(each.is_unusable for each in failures)


def test_a_pipe_is_refused_without_waiting_for_it(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    photographs, failures = find([str(tmp_path / "pipe.jpg")])
    assert photographs == []
    assert "is not a file" in failures[0].error
