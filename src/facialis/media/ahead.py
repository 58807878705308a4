"""Read a stream ahead in a thread of its own, while what was read is worked on."""

from __future__ import annotations

from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Generic, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import TracebackType

Item = TypeVar("Item")

_POLL_SECONDS: Final = 0.1


class _End:
    """The stream has ended, by itself or with an error."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


class ReadAhead(Generic[Item]):
    """A stream whose items are read by a thread for as long as a block runs.

    What reading raises is raised where the next item is awaited. When the block ends the thread has
    ended, so that the stream can be closed.

    Args:
        stream: Read by the thread only.
        most: How many items may wait.
    """

    def __init__(self, stream: Iterable[Item], most: int) -> None:
        """Start nothing yet."""
        self._stream = stream
        self._waiting: Queue[Item | _End] = Queue(most)
        self._is_over = Event()
        self._thread = Thread(target=self._read, name="facialis-read-ahead", daemon=True)

    def __enter__(self) -> Self:
        """Start reading."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop reading."""
        self._is_over.set()
        with suppress(Empty):
            while True:
                self._waiting.get_nowait()
        self._thread.join()

    def __iter__(self) -> Iterator[Item]:
        """Yield the items."""
        while True:
            item = self._waiting.get()
            if not isinstance(item, _End):
                yield item
            elif item.error is not None:
                raise item.error
            else:
                return

    def _read(self) -> None:
        try:
            for item in self._stream:
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001 -- it is raised again where it is awaited
            self._put(_End(error))
        else:
            self._put(_End())

    def _put(self, item: Item | _End) -> bool:
        """Let an item wait; whether there was still somebody to wait for it."""
        while not self._is_over.is_set():
            with suppress(Full):
                self._waiting.put(item, timeout=_POLL_SECONDS)
                return True
        return False
