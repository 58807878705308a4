"""Many photographs, in one process or several, with the same results."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from facialis.cli.outcome import Failure, Outcome
from facialis.cli.photograph import Task, assess_photograph
from facialis.errors import InputError


def outcomes(tasks: Sequence[Task], jobs: int) -> Iterator[Outcome]:
    """Assess photographs and yield each outcome as it comes.

    Args:
        tasks: What to do.
        jobs: Number of processes; with one, no other process is started.
    """
    if min(jobs, len(tasks)) <= 1:
        yield from map(assess_photograph, tasks)
        return
    waiting = deque(tasks)
    while waiting:
        lost: list[Task] = []
        yield from _drain(waiting, jobs, lost)
        for task in lost:
            yield from _alone(task)


def _alone(task: Task) -> Iterator[Outcome]:
    """Try a task in a process of its own, which shows whether it was this one that died."""
    died: list[Task] = []
    yield from _drain(deque([task]), 1, died)
    for _ in died:
        sentence = InputError(
            task.photograph.path,
            "the process that assessed it was killed, probably for want of memory",
            "try it with --jobs 1, or a smaller photograph",
        )
        yield Failure(task.photograph.path, str(sentence), is_unusable=False)


def _drain(waiting: deque[Task], jobs: int, lost: list[Task]) -> Iterator[Outcome]:
    """Work through a queue in processes until it is empty or one of them dies.

    The tasks that were under way then are added to `lost`; the others stay in the queue.
    """
    pool = ProcessPoolExecutor(
        max_workers=min(jobs, len(waiting)),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_settle_in,
    )
    try:
        under_way: dict[Future[Outcome], Task] = {}
        while under_way or (waiting and not lost):
            while waiting and not lost and len(under_way) < jobs:
                task = waiting.popleft()
                try:
                    with _interrupts_held_back():
                        under_way[pool.submit(assess_photograph, task)] = task
                except BrokenProcessPool:
                    lost.append(task)
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                task = under_way.pop(future)
                try:
                    outcome = future.result()
                except BrokenProcessPool:
                    lost.append(task)
                    continue
                yield outcome
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Let a process that is started here inherit that Ctrl-C is not for it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _settle_in() -> None:
    """Send what native libraries print in a worker to the null device."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
