"""How many texts one visitor may have written: at once, and within a minute."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ..errors import InputError
from .limits import Limits

MINUTE = 60.0


class Allowance:
    """Count the texts that are written for one visitor.

    Args:
        limits: how many may be.
        clock: seconds that only grow.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._clock = limits, clock
        self._at_once: deque[None] = deque()
        self._begun: deque[float] = deque()

    @contextmanager
    def text(self) -> Iterator[None]:
        """Count a text as long as the block lasts.

        Raises:
            InputError: too many are being written, or were begun within a minute.
        """
        # Counted first and looked at then: of two threads at the last place none gets it rather than both.
        self._at_once.append(None)
        try:
            self._begin(self._clock())
            yield
        finally:
            self._at_once.pop()

    def _begin(self, now: float) -> None:
        at_once, per_minute = self._limits.texts_at_once, self._limits.texts_per_minute
        if at_once is not None and len(self._at_once) > at_once:
            raise InputError("too_many_texts_at_once", most=at_once)
        if per_minute is None:
            return
        self._begun.append(now)
        recent = [begun for begun in self._begun if begun > now - MINUTE]
        if len(recent) > per_minute:
            self._begun.remove(now)
            raise InputError("too_many_texts", most=per_minute, seconds=math.ceil(recent[0] + MINUTE - now))
        while len(self._begun) > per_minute:
            self._begun.popleft()
