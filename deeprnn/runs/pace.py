"""When something is due again."""

from __future__ import annotations

import time


class Pace:
    """Remember when each of several things was last done."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def is_due(self, what: str, seconds: float) -> bool:
        """Tell whether a thing was not done for so many seconds; it counts as done then."""
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + seconds
        return True
