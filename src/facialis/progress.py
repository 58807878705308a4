"""A progress bar on stderr, where there is a terminal to show it on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Iterator


class Bar:
    """A bar that fills, with room above it for sentences.

    Args:
        shown: The display.
        words: What is going on.
        total: How many steps there are, if known.
    """

    def __init__(self, shown: Progress, words: str, total: int | None) -> None:
        """Start at nothing."""
        self._shown = shown
        self._task = shown.add_task(words, total=total)

    def move_to(self, done: int, of: int) -> None:
        """Show that `done` of `of` steps are done."""
        self._shown.update(self._task, completed=done, total=of)

    def say(self, sentence: str) -> None:
        """Print one line above the bar, as it is."""
        self._shown.console.print(
            f"facialis: {sentence}", markup=False, highlight=False, emoji=False, soft_wrap=True
        )


@contextmanager
def progress_bar(words: str, total: int | None = None) -> Iterator[Bar]:
    """Show a bar for as long as the block runs; without a terminal only sentences are printed.

    Args:
        words: What is going on.
        total: How many steps there are, if known.
    """
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as shown:
        yield Bar(shown, words, total)
