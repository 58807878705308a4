"""The outermost edge of the command line."""

from __future__ import annotations

import os
import subprocess
import sys

import facialis


def test_the_version_is_printed(call):
    result = call("--version")
    assert (result.status, result.out, result.err) == (0, f"facialis {facialis.__version__}\n", "")


def test_help_says_what_the_exit_status_means(call):
    result = call("--help")
    assert result.status == 0
    assert "Exit status" in result.out


def test_an_unknown_command_is_one_sentence(call):
    result = call("diagnose")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "diagnose" in result.err
    assert "see 'facialis --help'" in result.err
    assert "see 'facialis norms --help'" in call("norms", "diagnose").err


def test_debug_adds_the_traceback_to_the_sentence(call):
    result = call("--debug", "weights", "path", "nose")
    assert result.status == 2
    assert "Traceback" in result.err
    assert result.sentences[-1].startswith("facialis: nose")


def test_a_reader_that_goes_away_is_no_traceback(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    process = subprocess.run(
        [sys.executable, "-m", "facialis", "schema"],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writing)
    assert process.returncode == 1
    assert process.stderr == ""
