"""Ctrl-C and SIGTERM while a network trains: a request first, an exception when it is repeated."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType


class Interruption:
    """Remember, inside a `with` block, the signal that asked to stop; a second one raises KeyboardInterrupt."""

    def __init__(self) -> None:
        self.signal = 0

    def __enter__(self) -> Interruption:
        """Take over Ctrl-C and SIGTERM."""
        self._before = {number: signal.signal(number, self._request) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Give both signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _request(self, number: int, frame: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number
