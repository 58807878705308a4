"""Fetching over http, against a real server on the loopback interface."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from facialis.errors import WeightsError
from facialis.weights import store
from facialis.weights.catalogue import Weights
from facialis.weights.download import digest, download

CONTENT = bytes(range(256)) * 3000


def _close_first_caller(listening: socket.socket) -> None:
    listening.accept()[0].close()


def target_of(entry: Weights) -> Path:
    return store.directory() / entry.file


def leave_partial(entry: Weights, content: bytes, name: str = "sample.bin.part") -> Path:
    folder = store.directory()
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / name
    partial.write_bytes(content)
    return partial


def test_a_file_is_fetched_and_stands_alone_in_the_folder(remote):
    path = store.get("sample")
    assert path == target_of(remote)
    assert path.read_bytes() == CONTENT
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_here_and_right_is_not_fetched_again(remote, server):
    store.get("sample")
    store.get("sample")
    assert len(server.ranges) == 1


def test_a_damaged_file_is_replaced(remote):
    target = store.get("sample")
    target.write_bytes(b"damaged")
    assert store.get("sample").read_bytes() == CONTENT


def test_a_partial_file_is_completed_from_where_it_ended(remote, server):
    leave_partial(remote, CONTENT[:500_000])
    assert store.get("sample").read_bytes() == CONTENT
    assert server.ranges == ["bytes=500000-"]


def test_a_partial_file_that_is_complete_is_only_verified(remote, server):
    leave_partial(remote, CONTENT)
    assert store.get("sample").read_bytes() == CONTENT
    assert server.ranges == []


def test_a_partial_file_of_something_else_is_dropped_and_fetched_again(remote, server):
    leave_partial(remote, b"x" * 500_000)
    assert store.get("sample").read_bytes() == CONTENT
    assert server.ranges == ["bytes=500000-", None]


def test_a_partial_file_that_is_too_long_is_dropped(remote, server):
    leave_partial(remote, CONTENT + b"more")
    assert store.get("sample").read_bytes() == CONTENT
    assert server.ranges == [None]


@pytest.mark.parametrize("way", ["without_ranges", "refuses_ranges"])
def test_a_server_that_knows_no_ranges_sends_the_whole_file(remote, server, way):
    leave_partial(remote, CONTENT[:1000])
    assert store.get("sample", url=server.url(way)).read_bytes() == CONTENT


def test_the_partial_file_of_a_killed_process_is_taken_over(remote, server):
    left = leave_partial(remote, CONTENT[:700_000], "sample.bin.0123.part")
    old = time.time() - 3600
    os.utime(left, (old, old))
    store.get("sample")
    assert server.ranges == ["bytes=700000-"]
    assert not left.exists()


def test_the_partial_file_of_a_running_process_is_left_alone(remote, server):
    other = leave_partial(remote, CONTENT[:700_000], "sample.bin.0123.part")
    store.get("sample")
    assert server.ranges == [None]
    assert other.read_bytes() == CONTENT[:700_000]


@pytest.mark.parametrize("way", ["truncated", "truncated_unannounced"])
def test_what_arrived_before_a_break_is_kept_and_completed_by_the_next_call(remote, server, way):
    with pytest.raises(WeightsError, match="broke off after 1000 of 768000 bytes"):
        store.get("sample", url=server.url(way))
    assert not target_of(remote).exists()
    assert store.get("sample").read_bytes() == CONTENT
    assert server.ranges[-1] == "bytes=1000-"


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("wrong", "serves a file with sha256"),
        ("shorter", "serves 26 bytes or more where 768000 were expected"),
        ("longer", "where 768000 were expected"),
        ("missing", "answered 404 Not Found"),
    ],
)
def test_another_file_is_refused_and_nothing_is_kept(remote, server, way, words):
    with pytest.raises(WeightsError, match=words) as caught:
        store.get("sample", url=server.url(way))
    assert server.url(way) in str(caught.value)
    assert list(store.directory().iterdir()) == []


def test_a_good_file_survives_a_later_failure(remote, server, monkeypatch):
    target = store.get("sample")
    with pytest.raises(WeightsError):
        download(server.url("wrong"), target, sha256=remote.sha256, size=remote.size)
    assert target.read_bytes() == CONTENT


def test_a_refused_connection_says_how_to_place_the_file_by_hand(remote):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(WeightsError, match=r"cannot be downloaded .*refused") as caught:
        store.get("sample", url=f"http://127.0.0.1:{port}/x")
    assert str(target_of(remote)) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_connection_that_closes_before_an_answer_is_a_network_error(remote):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        port = listening.getsockname()[1]
        thread = threading.Thread(target=_close_first_caller, args=(listening,))
        thread.start()
        with pytest.raises(WeightsError, match="cannot be downloaded"):
            store.get("sample", url=f"http://127.0.0.1:{port}/x")
        thread.join()


@pytest.mark.parametrize("address", ["file:///etc/hostname", "ftp://host/file", "just words"])
def test_only_web_addresses_are_downloaded_from(remote, address):
    with pytest.raises(WeightsError, match="is not an http or https address"):
        store.get("sample", url=address)


def test_two_callers_at_once_both_get_the_whole_file(remote, server):
    found, failures = [], []

    def fetch() -> None:
        try:
            found.append(store.get("sample", url=server.url("held")).read_bytes())
        except WeightsError as error:
            failures.append(error)

    callers = [threading.Thread(target=fetch) for _ in range(2)]
    for caller in callers:
        caller.start()
    for _ in callers:
        assert server.arrived.acquire(timeout=20)
    server.held.set()
    for caller in callers:
        caller.join()
    assert failures == []
    assert found == [CONTENT, CONTENT]
    assert [f.name for f in store.directory().iterdir()] == ["sample.bin"]


def test_a_target_that_cannot_be_written_names_the_remedy(remote, server):
    target = target_of(remote)
    target.mkdir(parents=True)
    (target / "something").write_text("in the way")
    with pytest.raises(WeightsError, match=r"cannot be written .*FACIALIS_WEIGHTS"):
        store.get("sample")


def test_the_digest_is_that_of_sha256(tmp_path):
    (tmp_path / "abc").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(tmp_path / "abc") == known
