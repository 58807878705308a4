"""Work in fresh processes: MediaPipe and OpenCV do not survive a fork."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import cv2

from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Refusal:
    """What an `InputError` says; the error itself does not come through from another process.

    Attributes:
        kind: Its class.
        name: What it is about.
        problem: What is wrong.
        remedy: What to do.
    """

    kind: type[InputError]
    name: str
    problem: str
    remedy: str


@contextmanager
def workers(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Give a pool of `jobs` spawned processes; what waits is dropped when the block fails."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_alone) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def attempted(work: Callable[..., _Result], *arguments: object) -> _Result | Refusal:
    """Do some work in a worker, and return what an `InputError` says instead of raising it."""
    try:
        return work(*arguments)
    except InputError as error:
        return Refusal(type(error), error.name, error.problem, error.remedy)


def or_raised(result: _Result | Refusal) -> _Result:
    """Return the result of `attempted`.

    Raises:
        InputError: The work raised it.
    """
    if isinstance(result, Refusal):
        raise result.kind(result.name, result.problem, result.remedy)
    return result


def _alone() -> None:
    cv2.setNumThreads(1)
