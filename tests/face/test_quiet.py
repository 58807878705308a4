"""Silencing what native libraries write to the terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from facialis.face.quiet import native_stderr_silenced

PROGRAM = """
import os, sys
from facialis.face.quiet import native_stderr_silenced
{before}
with native_stderr_silenced():
    {inside}
{after}
print("done")
"""


def run(
    *, before: str = "", inside: str = "os.write(2, b'native noise')", after: str = ""
) -> subprocess.CompletedProcess[str]:
    program = PROGRAM.format(before=before, inside=inside, after=after)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )


def test_the_descriptor_is_silent_inside_and_speaks_again_after() -> None:
    ended = run(after="os.write(2, b'heard again')")
    assert ended.stderr.endswith("heard again")
    assert "native noise" not in ended.stderr
    assert ended.stdout == "done\n"


def test_a_process_without_stderr_goes_on() -> None:
    assert run(before="os.close(2); sys.stderr = None", inside="pass").stdout == "done\n"


def test_an_exception_travels_and_the_descriptor_is_restored() -> None:
    before = os.fstat(2)
    with pytest.raises(RuntimeError, match="boom"), native_stderr_silenced():
        raise RuntimeError("boom")
    assert os.path.samestat(os.fstat(2), before)


def test_no_descriptor_is_left_open() -> None:
    lowest = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest)
    with native_stderr_silenced():
        pass
    again = os.open(os.devnull, os.O_RDONLY)
    os.close(again)
    assert again == lowest


def test_without_a_terminal_to_save_the_block_still_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_descriptor: int) -> int:
        raise OSError("bad descriptor")

    monkeypatch.setattr(os, "dup", refuse)
    ran = []
    with native_stderr_silenced():
        ran.append(True)
    assert ran
