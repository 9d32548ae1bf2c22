"""Long works of the page: shown with their progress after a second, ended by whoever holds their ticket."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Generator
from typing import TypeVar

from ..runs.work import Work
from ..text.meter import Progress
from .frames import Frame
from .text_frames import work_frame

T = TypeVar("T")

PATIENCE_SECONDS = 1.0  # what ends sooner shows no bar
LOOK_SECONDS = 0.25


class Works:
    """Hold the works under way; a ticket is secret, so nobody ends another's."""

    def __init__(self) -> None:
        self._under_way: dict[str, Work[object]] = {}

    def cancel(self, ticket: object) -> None:
        """End a work; one that has ended or never was is none to end."""
        work = self._under_way.get(ticket) if isinstance(ticket, str) else None
        if work is not None:
            work.cancel()

    def follow(self, doing: str, act: Callable[[Progress], T]) -> Generator[Frame, None, T]:
        """Do something and yield how far it is, as soon and as long as that is worth showing.

        Args:
            doing: what it is called: reading, encoding or examining.
            act: the work.

        Returns:
            what came of it.

        Raises:
            Cancelled: its reader has ended it.
            BaseException: whatever the work raised.
        """
        ticket, work = secrets.token_hex(8), Work(act)
        self._under_way[ticket] = work  # type: ignore[assignment]  # a work of anything can be ended
        try:
            wait = PATIENCE_SECONDS
            while not work.wait(wait) and not work.cancelled:
                yield work_frame(ticket, doing, work.done, work.total)
                wait = LOOK_SECONDS
            return work.result()
        finally:
            work.cancel()  # also when the reader has left
            del self._under_way[ticket]
