"""A piece of work that may be long, on a thread of its own: how far it is, what came of it, and its early end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..errors import Cancelled
from ..text.meter import Progress
from .job import DONE, FAILED, Job

T = TypeVar("T")


class Work(Generic[T]):
    """Do something beside whoever waits for it; it begins at once.

    Args:
        act: is given what it shall tell its progress to, which ends it by raising once it is cancelled.
    """

    def __init__(self, act: Callable[[Progress], T]) -> None:
        self.done = self.total = 0
        self.cancelled = False
        self._act, self._results = act, list[T]()
        self._job = Job()
        self._job.start(self._items)

    def wait(self, seconds: float) -> bool:
        """Wait for its end, at most so many seconds; tell whether it has ended."""
        return self._job.wait_for(DONE, FAILED, timeout=seconds)

    def cancel(self) -> None:
        """Ask for its end; what cannot be interrupted comes to its own end, and nobody hears of it."""
        self.cancelled = True

    def result(self) -> T:
        """Return what came of it.

        Raises:
            Cancelled: it was cancelled before its end.
            BaseException: whatever it raised itself.
        """
        if self._job.error is not None:
            raise self._job.error
        if not self._results:
            raise Cancelled("cancelled")
        return self._results[0]

    def _items(self) -> Iterator[None]:
        self._results.append(self._act(self._tell))
        yield

    def _tell(self, done: int, total: int) -> None:
        if self.cancelled:
            raise Cancelled("cancelled")
        self.done, self.total = done, total
