"""What a training leaves in the database, written on another thread: the training never waits for the disk."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice, takewhile
from queue import Empty, SimpleQueue

from ..errors import JobError, StoreError
from ..messages import Message, message
from ..training.record import TrainRecord
from .database import Database
from .job import Job

BATCH_SECONDS = 0.5  # between two batches: a page looks about as often
RETRY_SECONDS = 2.0  # after the disk has refused
BATCH_RECORDS = 5000  # in one transaction, so that other writers get their turn

Entry = tuple[int, TrainRecord]  # number of the run and its record
Change = Callable[[], object]
Ask = SimpleQueue[bool]  # whoever waits for the end of a batch gets to know whether all was written


class Recorder:
    """Write records and changes in the order in which they are given; what the disk refuses is kept and tried again.

    Args:
        database: to write to.
        batch_seconds: between two batches.
        retry_seconds: after the disk has refused.
    """

    def __init__(
        self, database: Database, *, batch_seconds: float = BATCH_SECONDS, retry_seconds: float = RETRY_SECONDS
    ) -> None:
        self._database, self._batch_seconds, self._retry_seconds = database, batch_seconds, retry_seconds
        self._given: SimpleQueue[Entry | Change | Ask] = SimpleQueue()
        self._hurry: SimpleQueue[None] = SimpleQueue()  # ends the time between two batches
        self._kept: deque[Entry | Change | Ask] = deque()  # taken from the queue, not yet written
        self._job = Job()
        self._refusal: Message | None = None  # of the disk, now
        self._dropped: Message | None = None  # the last of what could never be written

    @property
    def failure(self) -> Message | None:
        """Return why something given is not written, None while all is well."""
        return self._refusal or self._dropped

    def put(self, number: int, record: TrainRecord) -> None:
        """Keep a record of a run soon; takes microseconds, whatever the disk does."""
        self._give((number, record))

    def then(self, change: Change) -> None:
        """Call something after all that was given before, again while it raises StoreError.

        Args:
            change: one whole transaction, for example `lambda: database.update_run(1, step=5)`.
        """
        self._give(change)

    def flush(self, timeout: float) -> bool:
        """Write all that was given so far; tell whether it is written, at the latest after so many seconds."""
        if not self._job.active and not self._kept and self._given.empty():
            return True  # for nothing no thread begins: many only look
        answer: Ask = SimpleQueue()
        self._give(answer)
        self._hurry.put(None)
        try:
            return answer.get(timeout=max(0.0, timeout))
        except Empty:
            return False

    def close(self, timeout: float) -> bool:
        """Write all that was given and end the thread; tell whether it is written. A later record begins anew."""
        end = time.monotonic() + timeout
        written = self.flush(timeout)
        with suppress(JobError):  # it may have ended
            self._job.stop()
            self._given.put(SimpleQueue())
            self._hurry.put(None)
        self._job.join(max(0.0, end - time.monotonic()))
        return written

    def _give(self, item: Entry | Change | Ask) -> None:
        self._given.put(item)
        if not self._job.active:
            with suppress(JobError):  # another thread was faster
                self._job.start(self._batches)

    def _batches(self) -> Iterator[int]:
        """Write a batch whenever there is something and it is time; yields how much is left."""
        while True:
            if not self._kept:
                self._kept.append(self._given.get())
            with suppress(Empty):
                self._hurry.get(timeout=self._retry_seconds if self._refusal else self._batch_seconds)
            self._kept.extend(self._given.get() for _ in range(self._given.qsize()))
            self._write()
            yield len(self._kept)

    def _write(self) -> None:
        """Write what is kept until the disk refuses, and answer whoever waits for it."""
        while self._kept:
            batch = self._next_batch()
            try:
                self._write_batch(batch)
                self._refusal = None
            except StoreError as error:
                if error.message.key != "unknown_run":  # of a run that is gone nothing is kept
                    self._refused(error.message.details["reason"])
                    return
            except Exception as error:  # no disk is to blame, so it would never be written
                self._dropped = message("store_failed", reason=f"{type(error).__name__}: {error}")
            for _ in batch:
                self._kept.popleft()

    def _next_batch(self) -> list[Entry | Change | Ask]:
        """Return the records of one run from the front, or the one thing that stands there."""
        first = self._kept[0]
        if not isinstance(first, tuple):
            return [first]
        same = takewhile(lambda item: isinstance(item, tuple) and item[0] == first[0], self._kept)
        return list(islice(same, BATCH_RECORDS))

    def _write_batch(self, batch: list[Entry | Change | Ask]) -> None:
        first = batch[0]
        if isinstance(first, tuple):
            self._database.append_records(first[0], [item[1] for item in batch if isinstance(item, tuple)])
        elif isinstance(first, SimpleQueue):
            first.put(True)
        else:
            first()

    def _refused(self, reason: str) -> None:
        self._refusal = message("store_waiting", reason=reason)
        for ask in [item for item in self._kept if isinstance(item, SimpleQueue)]:
            ask.put(False)
            self._kept.remove(ask)
