"""Keep what native libraries write to the terminal out of the user's way."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from io import UnsupportedOperation
from threading import RLock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


_ONE_AT_A_TIME = RLock()


@contextmanager
def native_stderr_silenced() -> Iterator[None]:
    """Send file descriptor 2 to the null device for the duration of the block.

    MediaPipe and TFLite write a handful of lines there when a graph starts, which no setting of
    theirs silences. Python's own exceptions are not affected: they travel, they are not printed.
    Threads take turns, so that none restores what another has just silenced.
    """
    with _ONE_AT_A_TIME, _redirected():
        yield


@contextmanager
def _redirected() -> Iterator[None]:
    with suppress(AttributeError, ValueError, UnsupportedOperation):
        sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:
        # The process has no standard error to silence.
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
