"""A catalogue with files of our own, and a server on the loopback interface to fetch them from."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from facialis.weights import catalogue
from facialis.weights.catalogue import Origin, Weights

CONTENT = bytes(range(256)) * 3000


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT in the manner that the path names, and records what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.ranges: list[str | None] = []
        self.held = threading.Event()
        self.arrived = threading.Semaphore(0)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{path}"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0"
    server: Server

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self.server.ranges.append(self.headers.get("Range"))
        getattr(self, self.path.strip("/"))()

    def _answer(self, status: int, body: bytes, *, length: int | None = None) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def good(self) -> None:
        asked = self.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        body = CONTENT[start:]
        self._answer(206 if asked else 200, body, length=len(body))

    def without_ranges(self) -> None:
        self._answer(200, CONTENT, length=len(CONTENT))

    def refuses_ranges(self) -> None:
        if self.headers.get("Range"):
            self._answer(416, b"")
        else:
            self.without_ranges()

    def wrong(self) -> None:
        self._answer(200, CONTENT[::-1], length=len(CONTENT))

    def shorter(self) -> None:
        self._answer(200, b"<html>sign in first</html>", length=26)

    def longer(self) -> None:
        self._answer(200, CONTENT + b"more")

    def truncated(self) -> None:
        self._answer(200, CONTENT[:1000], length=len(CONTENT))

    def truncated_unannounced(self) -> None:
        self._answer(200, CONTENT[:1000])

    def missing(self) -> None:
        self._answer(404, b"no such thing")

    def held(self) -> None:
        self.server.arrived.release()
        self.server.held.wait(20)
        self.without_ranges()


@pytest.fixture
def server() -> Iterator[Server]:
    """Yield a running server."""
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        yield running
        running.held.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Server) -> Weights:
    """Add an entry that is downloaded to the catalogue, with its cache in a temporary folder."""
    entry = Weights(
        name="sample",
        file="sample.bin",
        version="1",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        licence="CC0-1.0",
        source="made by the tests",
        purpose="being fetched",
        origin=Origin.REMOTE,
        url=server.url("good"),
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", (*catalogue.CATALOGUE, entry))
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path / "cache"))
    monkeypatch.delenv("FACIALIS_OFFLINE", raising=False)
    return entry


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Weights:
    """Add an entry that an importable package installs."""
    package = tmp_path / "site" / "sample_package"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('must not be imported')\n")
    (package / "data" / "table.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(package.parent)
    entry = Weights(
        name="installed_sample",
        file="data/table.bin",
        version="1",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        licence="CC0-1.0",
        source="made by the tests",
        purpose="being installed",
        origin=Origin.PACKAGED,
        package="sample_package",
    )
    monkeypatch.setattr(catalogue, "CATALOGUE", (*catalogue.CATALOGUE, entry))
    return entry
