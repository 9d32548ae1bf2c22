"""Ctrl-C and SIGTERM while a network trains: a request first, an exception only if nobody heeds it."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType

PATIENCE_SECONDS = 4.0  # whoever sends SIGTERM often sends SIGKILL ten seconds later


class Interruption:
    """Remember, inside a `with` block, the signal that asked to stop; a second one raises KeyboardInterrupt.

    Where the system has timers, KeyboardInterrupt is also raised when the block has not ended four seconds later.
    """

    def __init__(self) -> None:
        self.signal = 0

    def __enter__(self) -> Interruption:
        """Take over Ctrl-C and SIGTERM."""
        self._before = {number: signal.signal(number, self._request) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give both signals back."""
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
        if hasattr(signal, "setitimer"):
            signal.signal(signal.SIGALRM, self._insist)
            signal.setitimer(signal.ITIMER_REAL, PATIENCE_SECONDS)

    def _insist(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt
