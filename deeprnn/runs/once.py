"""Values that take long to make: each is made once, and whoever asks for it meanwhile waits."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from ..errors import Cancelled
from ..text.meter import Progress

T = TypeVar("T")

LOOK_SECONDS = 0.2  # between two looks of who waits at how far it is


class Once(Generic[T]):
    """Remember the last few values; every method may be called from any thread.

    Args:
        most: values that are remembered.
    """

    def __init__(self, most: int) -> None:
        self._most, self._clock = most, itertools.count()
        self._making: dict[Hashable, _Making[T]] = {}

    def get(self, key: Hashable, make: Callable[[Progress], T], progress: Progress | None = None) -> T:
        """Return the value of a key.

        Args:
            key: of the value.
            make: makes it if nobody has; is given what it shall tell its progress to.
            progress: told the same, also if somebody else makes it; what it raises ends the work or the wait.

        Raises:
            BaseException: what `make` raised, to everybody who waits; but if it was cancelled, another one makes it.
        """
        while True:
            mine = _Making[T](progress)
            making = self._making.setdefault(key, mine)
            making.used = next(self._clock)
            try:
                return self._make(key, mine, make) if making is mine else making.wait(progress)
            except _OtherCancelled:
                continue

    def _make(self, key: Hashable, mine: _Making[T], make: Callable[[Progress], T]) -> T:
        try:
            value = make(mine.tell)
        except BaseException as error:
            del self._making[key]
            mine.future.set_exception(_OtherCancelled() if isinstance(error, Cancelled) else error)
            raise
        mine.future.set_result(value)
        made = [(making.used, other) for other, making in list(self._making.items()) if making.future.done()]
        for _, other in sorted(made, key=lambda pair: pair[0])[: -self._most]:
            self._making.pop(other, None)
        return value


class _OtherCancelled(Exception):
    """Say to who waits that the maker does not go on."""


class _Making(Generic[T]):
    """Hold a value that is being made, and how far it is.

    Args:
        progress: of who makes it.
    """

    def __init__(self, progress: Progress | None) -> None:
        self.future: Future[T] = Future()
        self.used = 0
        self._progress, self._told = progress, (0, 0)

    def tell(self, done: int, total: int) -> None:
        self._told = done, total
        if self._progress is not None:
            self._progress(done, total)

    def wait(self, progress: Progress | None) -> T:
        while not wait([self.future], LOOK_SECONDS).done:
            if progress is not None:
                progress(*self._told)
        return self.future.result()
