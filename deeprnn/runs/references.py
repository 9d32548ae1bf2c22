"""The reference lines of one run: measured beside it, and compared with what the network reaches."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import DeepRNNError
from ..messages import Message, message
from ..text.corpus import Corpus
from ..training.record import TrainRecord
from .job import Job
from .lines import LineMeasurement
from .view import Beaten, newest_beaten

LINES_SECONDS = 3.0  # that a run which ends by itself waits for lines not yet measured


class References:
    """Measure the lines in the background; the attributes are replaced whole, so any thread may read them."""

    def __init__(self) -> None:
        self.lines: tuple[tuple[str, float], ...] = ()
        self.beaten: Beaten | None = None
        self._job = Job()
        self._measurement: LineMeasurement | None = None
        self._held_out = self._complete = False

    def begin(self, corpus: Corpus) -> None:
        """Begin to measure, unless that was done or is under way."""
        if self._measurement is None and not self._complete and not self._job.active:
            self.lines = ()  # of a measurement that was broken off
            self._held_out = len(corpus.validation_ids) >= 2
            self._measurement = measurement = LineMeasurement(corpus)
            self._job.start(lambda: self._take(measurement))

    def compare(self, record: TrainRecord) -> None:
        """Remember the best line that the network has beaten: on the held-out text, if there is any."""
        reached = record.validation_perplexity if self._held_out else record.perplexity
        if reached is not None:
            self.beaten = newest_beaten(self.lines, reached, self.beaten)

    def wait(self) -> None:
        """Wait a moment for lines that are not yet measured."""
        self._job.join(LINES_SECONDS)

    def cancel(self) -> None:
        """End the measurement."""
        measurement, self._measurement = self._measurement, None
        if measurement is not None:
            measurement.cancel()

    def failure(self) -> tuple[Message, ...]:
        """Return why the lines could not be measured."""
        error = self._job.error
        if error is None:
            return ()
        reason = f"{type(error).__name__}: {error}"
        return (error.message if isinstance(error, DeepRNNError) else message("lines_failed", reason=reason),)

    def _take(self, measurement: LineMeasurement) -> Iterator[str]:
        """Show each line as soon as it is measured; yields its key."""
        for line in measurement:
            self.lines = (*self.lines, (line.key, line.perplexity))
            yield line.key
        self._complete = measurement is self._measurement  # a cancelled one ends as well
