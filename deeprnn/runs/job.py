"""A job pulls any iterator on one thread and can be paused, resumed and stopped; it knows nothing of what it pulls.

Nothing else in the program knows threads; who needs a lock gets it here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from ..errors import JobError

IDLE, STARTING, RUNNING, PAUSING, PAUSED, STOPPING, DONE, FAILED = STATES = (
    "idle", "starting", "running", "pausing", "paused", "stopping", "done", "failed",
)  # fmt: skip
ACTIVE = (STARTING, RUNNING, PAUSING, PAUSED, STOPPING)


def make_lock() -> AbstractContextManager[object]:
    """Return a lock that its holder may take again."""
    return threading.RLock()


class Job:
    """Run one iterator at a time on a thread of its own.

    The thread never waits for whoever watches: it only looks at a flag between two items. A watcher reads `state` and
    `error`. Everything the iterator raises becomes the state "failed" and is kept in `error`.

    Args:
        ended: called on the thread after every end, when the state has said so.
        paused: called on the thread when it stands still between two items.
    """

    def __init__(self, ended: Callable[[], None] = lambda: None, paused: Callable[[], None] = lambda: None) -> None:
        self._ended, self._paused = ended, paused
        self._changed = threading.Condition()
        self._state = IDLE
        self._thread: threading.Thread | None = None
        self.error: BaseException | None = None

    @property
    def state(self) -> str:
        """Return one of `STATES`."""
        return self._state

    @property
    def active(self) -> bool:
        """Tell whether an iterator has not ended yet."""
        return self._state in ACTIVE

    def start(self, make_items: Callable[[], Iterator[Any]]) -> None:
        """Start pulling on the thread, where the iterator is also made.

        Raises:
            JobError: another iterator has not ended yet.
        """
        with self._changed:
            if self.active:
                raise JobError("job_busy")
            thread = threading.Thread(target=self._pull, args=(make_items,), name="deeprnn-job", daemon=True)
            thread.start()  # it waits for the lock; where no thread can be had, nothing has changed
            self._thread, self.error = thread, None
            self._set(STARTING)

    def pause(self) -> None:
        """Ask for a pause after the item in hand.

        Raises:
            JobError: nothing is running.
        """
        self._move("nothing_to_pause", {STARTING: PAUSING, RUNNING: PAUSING, PAUSING: PAUSING, PAUSED: PAUSED})

    def resume(self) -> None:
        """Go on after a pause.

        Raises:
            JobError: nothing is paused.
        """
        self._move("nothing_to_resume", {PAUSING: RUNNING, PAUSED: RUNNING, RUNNING: RUNNING})

    def stop(self) -> None:
        """Ask for the end after the item in hand.

        Raises:
            JobError: nothing is active.
        """
        self._move("nothing_to_stop", {STARTING: STOPPING, RUNNING: STOPPING, PAUSING: STOPPING, PAUSED: STOPPING,
                            STOPPING: STOPPING})  # fmt: skip

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end, at most so many seconds; tell whether it has."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)
        return thread is None or not thread.is_alive()

    def wait_for(self, *states: str, timeout: float) -> bool:
        """Wait until the state is one of these, at most so many seconds; tell whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._state in states, timeout)

    def _move(self, refusal: str, moves: dict[str, str]) -> None:
        with self._changed:
            if self._state not in moves:
                raise JobError(refusal)
            self._set(moves[self._state])

    def _set(self, state: str) -> None:
        self._state = state
        self._changed.notify_all()

    def _pull(self, make_items: Callable[[], Iterator[Any]]) -> None:
        with self._changed:  # until `start` has said that it starts
            pass
        try:
            items = make_items()
            with self._changed:
                if self._state == STARTING:
                    self._set(RUNNING)
            while self._may_go_on():
                if next(items, self) is self:  # the job itself is no item: it marks the end
                    break
            getattr(items, "close", lambda: None)()  # a generator's own clean-up runs before the state says done
            end = DONE
        except BaseException as error:  # whatever it was, the watcher must see it
            self.error, end = error, FAILED
        with self._changed:
            self._set(end)
        self._ended()

    def _may_go_on(self) -> bool:
        with self._changed:
            pauses = self._state == PAUSING
            if pauses:
                self._set(PAUSED)
        if pauses:
            self._paused()
        with self._changed:
            self._changed.wait_for(lambda: self._state != PAUSED)
            return self._state != STOPPING
