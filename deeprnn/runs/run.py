"""One training run: made and driven on the job's thread, watched from any other."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..config import Recipe, SamplingConfig
from ..device import Device, use_all_threads
from ..errors import CheckpointError, DeepRNNError
from ..generation import generate
from ..messages import Message, message
from ..model.network import LanguageModel
from ..text.corpus import Corpus, fit_recipe
from ..text.tokens.kind import Tokenizer
from ..training.record import TrainRecord
from ..training.report import history, make_checkpoint
from ..training.train import Training
from .job import ACTIVE, Job
from .lines import LineMeasurement
from .store import Store
from .view import Beaten, RunView, Sample, newest_beaten

PUBLISH_SECONDS = 2.0  # how old the weights that write may be
SAMPLE_SECONDS = 3.0
SAVE_SECONDS = 20.0  # between two saves of a model that still improves
LINES_SECONDS = 3.0  # that a run which ends by itself waits for lines not yet measured
SAMPLE_SETTINGS = SamplingConfig(max_new_tokens=180, temperature=0.7)
SAMPLE_PREFIX_CHARACTERS = 14


@dataclass(frozen=True)
class Published:
    """Hold a copy of the weights that nobody changes any more."""

    network: LanguageModel
    tokenizer: Tokenizer
    step: int


class Run:
    """Train once, publishing copies of the weights, samples and saved models on the way.

    Every public attribute is replaced whole or only appended to, so any thread may read it at any moment.
    """

    def __init__(self, number: int, name: str, corpus_key: str, recipe: Recipe, device: Device, store: Store) -> None:
        self.number, self.name, self.corpus_key, self.recipe = number, name, corpus_key, recipe
        self.records: list[TrainRecord] = []
        self.lines: tuple[tuple[str, float], ...] = ()
        self.beaten: Beaten | None = None
        self.notices: tuple[Message, ...] = ()
        self.sample: Sample | None = None
        self.published: Published | None = None
        self.training: Training | None = None
        self._device, self._store = device, store
        self._lines_job = Job()
        self._due: dict[str, float] = {}
        self._saved_step = 0

    def items(self, load_corpus: Callable[[], Corpus]) -> Iterator[TrainRecord]:
        """Make the network, so that it can write at once, and return the records of its training."""
        use_all_threads()
        corpus = load_corpus()
        self.recipe, notices = fit_recipe(self.recipe, corpus)
        self.notices = (*corpus.notices, *notices)
        self.training = training = Training(corpus, self.recipe, self._device)
        self._publish(training)
        return self._train(training)

    def _train(self, training: Training) -> Iterator[TrainRecord]:
        """Yield the records of the run; saves the best and the last model however it ends."""
        prefix = first_words(training.corpus)
        measurement = LineMeasurement(training.corpus)
        try:
            for record in training:
                self.records.append(record)
                if record.step == 1:  # the first point is on the page already: now there is time for the lines
                    self._lines_job.start(lambda: self._take_lines(measurement))
                self._compare(training, record)
                if self._is_due("publish", PUBLISH_SECONDS):
                    self._publish(training)
                if self._is_due("sample", SAMPLE_SECONDS):
                    self._write_sample(prefix)
                if training.best.step != self._saved_step and self._is_due("save", SAVE_SECONDS):
                    self._save(training, "best")
                    self._saved_step = training.best.step
                yield record
            self._lines_job.join(LINES_SECONDS)
        finally:
            measurement.cancel()
            self._publish(training)
            if training.step:
                training.keep_newest()  # stopped before its first check, it would keep the untrained weights
                self._write_sample(prefix)
                self._save(training, "best")
                self._save(training, "last")

    def _take_lines(self, measurement: LineMeasurement) -> Iterator[str]:
        """Show each line as soon as it is measured; yields its key."""
        for line in measurement:
            self.lines = (*self.lines, (line.key, line.perplexity))
            yield line.key

    def _compare(self, training: Training, record: TrainRecord) -> None:
        """Remember the best line that the network has beaten: on the held-out text, if there is any."""
        held_out = len(training.corpus.validation_ids) >= 2
        reached = record.validation_perplexity if held_out else record.perplexity
        if reached is not None:
            self.beaten = newest_beaten(self.lines, reached, self.beaten)

    def view(self, state: str, failure: Message | None, since: int = 0) -> RunView:
        """Return what a watcher sees now, with the records after a cursor."""
        training, cursor = self.training, len(self.records)
        last = self.records[cursor - 1] if cursor else None
        total = training.total_steps if training else 0
        left = None
        if training and last and state in ACTIVE:
            left = (total - last.step) * last.tokens / last.step / max(last.tokens_per_second, 1e-9)
        return RunView(
            number=self.number,
            name=self.name,
            state=state,
            message=failure,
            corpus=self.corpus_key,
            recipe=self.recipe,
            total_steps=total,
            steps_per_epoch=training.steps_per_epoch if training else 0,
            tokens_per_character=training.corpus.tokens_per_character if training else 1.0,
            cursor=cursor,
            records=tuple(self.records[since:cursor]),
            last=last,
            best=self.best(),
            lines=self.lines,
            sample=self.sample,
            seconds_left=left,
            seconds=last.elapsed_seconds if last else 0.0,
            notices=(*self.notices, *self._lines_failure()),
            precision=training.precision if training else "",
            beaten=self.beaten,
            validation_tokens_per_character=training.corpus.validation_tokens_per_character if training else None,
        )

    def _lines_failure(self) -> tuple[Message, ...]:
        error = self._lines_job.error
        if error is None:
            return ()
        reason = f"{type(error).__name__}: {error}"
        return (error.message if isinstance(error, DeepRNNError) else message("lines_failed", reason=reason),)

    def best(self) -> tuple[int, float] | None:
        """Return step and validation perplexity of the best model so far, None before the first check."""
        training = self.training
        if training is None or not training.curve.validation_steps:
            return None
        best = training.best
        return best.step, best.perplexity

    def history(self, points: int) -> dict[str, object] | None:
        """Return the curve so far, thinned; None before there is a network."""
        return history(self.training, points) if self.training else None

    def _is_due(self, what: str, seconds: float) -> bool:
        now = time.monotonic()
        if now < self._due.get(what, 0.0):
            return False
        self._due[what] = now + seconds
        return True

    def _publish(self, training: Training) -> None:
        network = copy.deepcopy(training.network).cpu().eval()
        self.published = Published(network, training.corpus.tokenizer, training.step)

    def _write_sample(self, prefix: str) -> None:
        if (published := self.published) is not None:
            text = "".join(generate(published.network, published.tokenizer, prefix, SAMPLE_SETTINGS))
            self.sample = Sample(prefix, text, published.step)

    def save_kept(self) -> None:
        """Save the best copy of the weights from another thread, while the training is in the middle of a step."""
        if self.training is not None and self.training.best.step:
            self._save(self.training, "best")

    def _save(self, training: Training, which: str) -> None:
        """Save a model; training goes on when the disk refuses, and the page says so."""
        others = tuple(notice for notice in self.notices if notice.key != "save_failed")
        try:
            self._store.save(self.number, which, make_checkpoint(training, self.name, best=which == "best"))
            self.notices = others
        except CheckpointError as error:
            self.notices = (*others, message("save_failed", reason=error.message.details.get("reason", str(error))))


def first_words(corpus: Corpus) -> str:
    """Return the beginning of the training text, cut after a word, as the fixed prefix of the samples."""
    decoder = corpus.tokenizer.decoder()  # not finished: a character that is cut between its bytes is left out
    beginning = "".join(map(decoder.feed, corpus.train_ids[: 2 * SAMPLE_PREFIX_CHARACTERS].tolist())).split("\n")[0]
    if len(beginning) <= SAMPLE_PREFIX_CHARACTERS:
        return beginning
    cut = beginning.rfind(" ", 0, SAMPLE_PREFIX_CHARACTERS + 1)
    return beginning[: cut if cut > 0 else SAMPLE_PREFIX_CHARACTERS // 2]
