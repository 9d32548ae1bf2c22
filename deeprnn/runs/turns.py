"""Who trains when: one run at a time, the others wait in a queue, and visitors of one machine take turns."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from .job import PAUSED, PAUSING, Job, make_lock


class Turn(Protocol):
    """Stand in the queue: a run that can begin, and can be asked to let another one go first."""

    owner: str
    job: Job

    def items(self) -> Iterator[Any]:
        """Return what its job pulls."""

    def give_way(self) -> None:
        """End after the step in hand such that it can go on later from the same step."""


class Turns:
    """Let one run train at a time; every method may be called from any thread.

    Args:
        slice_seconds: after which a run gives way to one of another owner; None never.
        clock: seconds, for the slices.
    """

    def __init__(self, slice_seconds: float | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._slice, self._clock = slice_seconds, clock
        self._lock = make_lock()
        self._waiting: list[Turn] = []
        self._current: Turn | None = None
        self._since, self._last_owner = 0.0, ""

    @property
    def busy(self) -> bool:
        """Tell whether a run trains, is paused or is about to begin."""
        return self._current is not None

    def enter(self, turn: Turn) -> None:
        """Put a run at the end of the queue; it begins at once where nothing else does.

        A paused run lets it go first if nothing waited before it: who pauses a run and starts another wants that one.
        """
        with self._lock:
            if turn not in self._waiting:
                self._waiting.append(turn)
            self._yield_paused(alone=len(self._waiting) == 1)
            self._begin_next()

    def leave(self, turn: Turn) -> bool:
        """Take a run out of the queue; tell whether it was there."""
        with self._lock:
            found = turn in self._waiting
            if found:
                self._waiting.remove(turn)
            return found

    def move(self, turn: Turn, place: int) -> None:
        """Give a waiting run another place among those of its owner, 1 being the first; others keep theirs."""
        with self._lock:
            mine = [other for other in self._waiting if other.owner == turn.owner]
            if turn not in mine:
                return
            mine.remove(turn)
            mine.insert(max(0, place - 1), turn)
            order = iter(mine)
            self._waiting = [next(order) if other.owner == turn.owner else other for other in self._waiting]

    def place(self, turn: Turn) -> int | None:
        """Return the place of a run in the queue, 1 being the next; None if it does not wait."""
        with self._lock:
            return self._waiting.index(turn) + 1 if turn in self._waiting else None

    def waiting(self) -> tuple[Turn, ...]:
        """Return the runs that wait, the next one first."""
        with self._lock:
            return tuple(self._waiting)

    def is_over(self, turn: Turn) -> bool:
        """Tell the run that trains whether its time is over because another owner waits."""
        if self._slice is None or self._clock() - self._since < self._slice:
            return False
        with self._lock:
            return turn is self._current and self._others_wait(turn)

    def paused(self) -> None:
        """Let others go first if the run that has the turn was paused."""
        with self._lock:
            self._yield_paused()

    def ended(self, turn: Turn, *, again: bool) -> None:
        """Let the next run begin; the job of the one that has ended calls this on its thread.

        Args:
            turn: the run that has ended or given way.
            again: whether it goes to the end of the queue.
        """
        with self._lock:
            if turn is self._current:
                self._current = None
            if again:
                self._waiting.append(turn)
            self._begin_next()

    def _begin_next(self) -> None:
        if self._current is not None or not self._waiting:
            return
        others = [turn for turn in self._waiting if self._slice is not None and turn.owner != self._last_owner]
        turn = next(iter(others), self._waiting[0])
        self._waiting.remove(turn)
        self._current, self._since, self._last_owner = turn, self._clock(), turn.owner
        try:
            turn.job.start(turn.items)
        except BaseException:  # no thread is to be had: whoever asked for it is told
            self._current = None
            raise

    def _yield_paused(self, *, alone: bool = False) -> None:
        current = self._current
        if current is not None and current.job.state in (PAUSING, PAUSED) and (alone or self._others_wait(current)):
            current.give_way()

    def _others_wait(self, turn: Turn) -> bool:
        return any(other.owner != turn.owner for other in self._waiting)
