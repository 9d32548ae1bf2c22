"""How far a long work on a text has come, told to whoever watches. It knows no text."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]


class Meter:
    """Count the bytes that are done and tell them on.

    Args:
        progress: called with the bytes done and their total; what it raises ends the work. None tells nobody.
        total: bytes of the whole work; 0 as long as nobody knows.
    """

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.done, self.total = 0, total
        self._progress = progress

    def add(self, size: int) -> None:
        """Count so many bytes more."""
        self.done += size
        self.tell()

    def reach(self, place: int) -> None:
        """Count so many bytes altogether."""
        self.done = place
        self.tell()

    def tell(self) -> None:
        """Tell how far the work is."""
        if self._progress is not None:
            self._progress(self.done, self.total)
