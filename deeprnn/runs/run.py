"""One training run: made and driven on the job's thread, watched and steered from any other."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from ..device import Device, use_all_threads
from ..errors import JobError, failure_of
from ..messages import Message
from ..text.corpus import Corpus, fit_recipe
from ..text.prefix import read_prefix
from ..training.advice import WINDOW
from ..training.changes import change_recipe
from ..training.event import Event
from ..training.record import TrainRecord
from ..training.train import Training
from .entries import INTERRUPTED, WAITING
from .job import DONE, FAILED, PAUSED, RUNNING, STOPPING, Job
from .pace import Pace
from .publishing import Publisher, usual_prefix
from .references import References
from .rows import RunRow
from .saving import Saver, progress_of
from .store import Store
from .tracking import Tracker
from .turns import Turns

PUBLISH_SECONDS = 2.0  # how old the weights that write may be
SAMPLE_SECONDS = 3.0


class Run:
    """Train, publishing copies of the weights, samples and checkpoints on the way.

    Every public attribute is replaced whole or only appended to, so any thread may read it at any moment.

    Args:
        row: what the list of runs says of it, its number and settings among that.
        load_corpus: called on the job's thread.
        store: where it is kept.
        device: where it trains.
        turns: when it trains.
    """

    def __init__(
        self, row: RunRow, load_corpus: Callable[[], Corpus], store: Store, device: Device, turns: Turns
    ) -> None:
        self.row, self.number, self.owner, self.recipe = row, row.number, row.owner, row.recipe
        self.job = Job(self._ended, self._paused)
        self.writer = Publisher(lambda new: store.recorder.then(lambda: store.database.add_sample(row.number, new)))
        self.saver = Saver(row, store)
        self.references = References()
        self.tracker: Tracker | None = None
        self.notices: tuple[Message, ...] = ()
        self.training: Training | None = None
        self.gradient_norms: deque[float] = deque(maxlen=WINDOW)  # of the newest steps
        self._load_corpus, self._store, self._device, self._turns = load_corpus, store, device, turns
        self._changes: deque[Callable[[Training], object]] = deque()
        self._wishes: dict[str, Callable[[Training], object]] = {}  # one of a kind, however often it is asked for
        self._told_events = 0
        self._leaves_as = ""  # the state in which it leaves the job with more to do: waiting, paused or interrupted

    @property
    def state(self) -> str:
        """Return one of `deeprnn.runs.job.STATES`, "waiting" or "interrupted"."""
        if self._turns.place(self) is not None:
            return WAITING
        return self.job.state if self.job.active else self._leaves_as or self.job.state

    @property
    def failure(self) -> Message | None:
        """Return why it failed, None if it did not."""
        return None if self.job.error is None else failure_of(self.job.error)

    # on the job's thread

    def items(self) -> Iterator[TrainRecord]:
        """Make the network, so that it can write at once, and return the records of its training."""
        use_all_threads()
        if self.job.state != STOPPING and self._leaves_as != INTERRUPTED:  # whoever ends it now has said as what
            self._leaves_as = ""
        try:
            training = self.training = self._make_training()
        except BaseException as error:
            self._write_row(FAILED, error)
            raise
        self._told_events = len(training.events)
        self.writer.prefix = self.writer.prefix or usual_prefix(self._store, self.row, training.corpus)
        self.writer.publish(training)
        self.tracker = self._store.tracker(self.row)
        self._write_row(RUNNING)
        return self._train(training)

    def _make_training(self) -> Training:
        corpus = self._load_corpus()
        recipe, notices = fit_recipe(self.recipe, corpus)
        snapshot, said = self.saver.newest()
        self.recipe, self.notices = recipe, (*corpus.notices, *notices, *said)
        if snapshot is None:
            return Training(corpus, recipe, self._device)
        training = Training.resume(corpus, recipe, self._device, snapshot)
        self._forget_after(training.step)
        begun = training.step == self.row.parent_step  # which is None without a parent
        event = Event(training.step, "branched" if begun else "resumed", {"parent": self.row.parent} if begun else {})
        training.events.append(event)
        self._keep_event(event)
        return training

    def _train(self, training: Training) -> Iterator[TrainRecord]:
        """Yield the records of the run; saves where it ended and the best model, however it ends."""
        pace = Pace()
        error: BaseException | None = None
        try:
            for record in training:
                self.references.begin(training.corpus)  # the first point is on the page already
                self._look_after(training, record, pace)
                yield record
                if self._turns.is_over(self):
                    self._leaves_as = WAITING
                    return
            self.references.wait()
        except GeneratorExit:
            raise
        except BaseException as raised:
            error = raised
            self._keep_event(Event(training.step, "failed"))
            self._forget_after(training.step)  # an explosion has set it back
            raise
        finally:
            self.references.cancel()
            self._finish(training, error)

    def _look_after(self, training: Training, record: TrainRecord, pace: Pace) -> None:
        """Do what is due after a step: record it, fulfil wishes, publish, sample, save."""
        self._store.recorder.put(self.number, record)
        if self.tracker is not None:
            self.tracker.add(record)
        self.gradient_norms.append(record.gradient_norm)
        self.references.compare(record)
        for _ in range(len(self._changes)):
            self._changes.popleft()(training)
        for _ in range(len(self._wishes)):  # no more than there are now: a stop must not wait for all that follow
            self._wishes.popitem()[1](training)
        self._tell_events(training)
        if pace.is_due("publish", PUBLISH_SECONDS):
            self.writer.publish(training)
        if pace.is_due("sample", SAMPLE_SECONDS):
            self.writer.write_sample()
        if self.saver.is_due(training, record):
            self._save(training)

    def _finish(self, training: Training, error: BaseException | None) -> None:
        self.writer.publish(training)
        self._tell_events(training)
        if training.step:
            training.keep_newest()  # stopped before its first check, it would keep the untrained weights
            self.writer.write_sample(keep=True)
            self.saver.save(training)
        if self.tracker is not None:
            self.tracker.end()
        if training.step >= training.total_steps or training.ended:  # just before it was asked to leave
            self._leaves_as = ""
        self._write_row(FAILED if error else self._leaves_as or DONE, error)
        if self._leaves_as in (WAITING, PAUSED):
            self.training = None  # it is on the disk; the memory is another's now

    def _paused(self) -> None:
        """Save where it is: a pause may last longer than the program."""
        if self.training is not None and self.training.step:
            self._save(self.training)

    def _ended(self) -> None:
        """Let the next run begin; what was stopped before its first step has not said yet how it ended."""
        self._store.write_row(self.number, state=self._leaves_as or self.job.state)
        self._turns.ended(self, again=self._leaves_as == WAITING)

    def _save(self, training: Training) -> None:
        self.saver.save(training)
        self._write_row(self.job.state)

    def _write_row(self, state: str, error: BaseException | None = None) -> None:
        """Write the run's row in the list of runs."""
        known = progress_of(self.training) if self.training else {}
        if self.references.lines:  # else those of before stay: they are not yet measured again
            known["lines"] = self.references.lines
        said = failure_of(error) if error else None
        self._store.write_row(self.number, state=state, message=said, notices=self.notices, **known)

    def _keep_event(self, event: Event) -> None:
        self._store.recorder.then(lambda: self._store.database.add_event(self.number, event))

    def _forget_after(self, step: int) -> None:
        self._store.recorder.then(lambda: self._store.database.truncate(self.number, step))

    def _tell_events(self, training: Training) -> None:
        for event in training.events[self._told_events :]:
            if event.kind == "exploded":  # it went back
                self._forget_after(training.step)
            self._keep_event(event)
        self._told_events = len(training.events)

    # from other threads

    def change(self, prefix: str | None = None, **settings: Any) -> None:
        """Change settings after the step in hand, or the beginning of the samples.

        Raises:
            ConfigError: a setting is refused, or cannot change while a run trains.
        """
        change_recipe(self.recipe, settings)
        if settings:
            self._changes.append(lambda training: training.change(**settings))
        if prefix is not None:
            self._wishes["prefix"] = lambda training: self._change_prefix(training, prefix)

    def _change_prefix(self, training: Training, prefix: str) -> None:
        self.writer.prefix = read_prefix(prefix, training.corpus.tokenizer, training.recipe.text)[0]
        training.events.append(Event(training.step, "changed", {"changes": f"prefix → {prefix[:40]}"}))
        self.writer.write_sample(keep=True)

    def save_soon(self) -> None:
        """Save a checkpoint after the step in hand."""
        self._wishes["save"] = self._save

    def sample_soon(self) -> None:
        """Write a sample with the newest weights after the step in hand."""
        self._wishes["sample"] = self.writer.write_newest

    def give_way(self) -> None:
        """End after the step in hand, and stay paused until it is asked to go on from there."""
        self.leave(PAUSED)

    def stop(self) -> None:
        """End for good after the step in hand, were it just giving way; or where it is, if it gave way while paused."""
        if self.job.active or self._leaves_as != PAUSED:
            self.leave("")
        else:
            self._leaves_as = ""
            self._store.write_row(self.number, state=DONE)

    def leave(self, state: str) -> None:
        """End after the step in hand such that it can go on later from the same step."""
        before, self._leaves_as = self._leaves_as, state
        try:
            self.job.stop()
        except JobError:  # it has ended by itself
            self._leaves_as = before
            raise
