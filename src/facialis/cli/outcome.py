"""What became of an input, and of a whole call."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from facialis.errors import FacialisError, InputError

Row = dict[str, Any]

ALL_ASSESSED = 0
SOME_FAILED = 1
NOTHING_USABLE = 2
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Done:
    """A photograph that was assessed.

    Attributes:
        path: The path as given or found.
        faces: What is told of each face asked for.
        before: Whether an earlier call did it.
    """

    path: str
    faces: tuple[Row, ...]
    before: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """An input without a result.

    Attributes:
        path: The path as given or found.
        error: One sentence for the user.
        is_unusable: Whether the input itself is at fault, rather than what befell the program.
        trace: The traceback of an error that nobody expected, or None.
    """

    path: str
    error: str
    is_unusable: bool = True
    trace: str | None = None


Outcome = Done | Failure


def attempt(path: str, work: Callable[[], Sequence[Row]]) -> Outcome:
    """Return what work on one photograph gives; whatever goes wrong comes back as a value.

    Args:
        path: The photograph.
        work: Returns what is to be told of each of its faces.
    """
    try:
        return Done(path, tuple(work()))
    except FacialisError as error:
        return Failure(path, str(error), is_unusable=isinstance(error, InputError))
    except MemoryError:
        sentence = InputError(path, "does not fit into memory", "give a smaller photograph")
        return Failure(path, str(sentence), is_unusable=False)
    except Exception as error:  # noqa: BLE001 - the outermost edge of the work on a photograph
        problem = f"an unexpected error ({type(error).__name__})"
        remedy = "report it, with the traceback from facialis.log or from 'facialis --debug ...'"
        sentence = InputError(path, problem, remedy)
        return Failure(path, str(sentence), is_unusable=False, trace=traceback.format_exc())


@contextmanager
def logged(path: Path) -> Iterator[None]:
    """Keep the traceback of an unexpected error in a file, which is made only if there is one."""
    handler = logging.FileHandler(path, delay=True, encoding="utf-8", errors="backslashreplace")
    handler.setLevel(logging.ERROR)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    logger = logging.getLogger("facialis")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


def status_of(results: Sequence[Outcome]) -> int:
    """Return the exit status of a call with these results."""
    failures = [each for each in results if isinstance(each, Failure)]
    if not failures:
        return ALL_ASSESSED
    if len(failures) == len(results) and all(each.is_unusable for each in failures):
        return NOTHING_USABLE
    return SOME_FAILED


def joined(states: Sequence[int]) -> int:
    """Return the exit status of a call whose parts ended with these."""
    if len(set(states)) == 1:
        return states[0]
    return INTERRUPTED if INTERRUPTED in states else SOME_FAILED
