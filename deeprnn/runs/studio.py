"""The studio: the one door through which a page or a program uses texts, runs and models."""

from __future__ import annotations

import contextlib
import itertools
import time
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..config import Recipe, SamplingConfig
from ..device import Device, choose_precision, free_memory, use_all_threads
from ..errors import CheckpointError, DeepRNNError, JobError
from ..generation import stream_tokens
from ..messages import Message, message
from ..model.shapes import parameter_count
from ..text.account import Account, Reading
from ..text.batches import batches_per_epoch
from ..text.catalogue import CorpusEntry
from ..text.corpus import fit_recipe
from ..text.meter import Progress
from ..text.reading import AS_IT_COMES
from ..training.memory import predict_memory
from ..training.preflight import check_memory, foresee
from ..training.train import Training
from .allowance import Allowance
from .job import DONE, FAILED, IDLE, PAUSED, RUNNING, Job
from .limits import LOCAL, Limits
from .run import Published, Run
from .store import Store
from .texts import Texts
from .view import ModelEntry, Plan, RunView, Writing, chart_run

TRIAL_SECONDS = 1.0
TRIAL_STEPS = 200
LIVE = "live"


class Studio:
    """Offer texts, runs and models; every method may be called from any thread.

    Args:
        store: where models and texts are kept.
        device: where networks train.
        limits: how much is allowed.
    """

    def __init__(self, store: Store, device: Device, limits: Limits = LOCAL) -> None:
        self.store, self.device, self.limits = store, device, limits
        self.precision = choose_precision("auto", device)
        self._job = Job()
        self._current: Run | None = None
        self.texts = Texts(store.shelf, limits)
        self.allowance = Allowance(limits)
        self._speed = lru_cache(64)(self._measure)

    # texts

    def corpora(self) -> tuple[CorpusEntry, ...]:
        """Return every text that can be learnt: bundled, downloadable, synthetic, and the user's own."""
        return self.texts.entries()

    def add_text(self, name: str, data: bytes | str, how: Reading = AS_IT_COMES) -> tuple[CorpusEntry, Account]:
        """Take in a text of the user's; return its entry and the account of how it was read.

        Raises:
            TextError: it cannot be read, is too short, or cannot be kept.
        """
        return self.texts.add_text(name, data, how)

    def plan(self, corpus_key: str, recipe: Recipe, *, measure: bool = True, progress: Progress | None = None) -> Plan:
        """Say what a run would be; with `measure`, a trial of about one second estimates its length.

        Raises:
            InputError: the text or the recipe is refused.
            Cancelled: `progress` wanted no more of it.
        """
        corpus = self.texts.corpus(corpus_key, recipe.text, progress)
        fitted, notices = fit_recipe(recipe, corpus)
        findings, fits = foresee(corpus, fitted, self.device)
        step = self._speed(corpus_key, fitted) if measure and fits and not self._job.active else None
        vocab_size, train = corpus.tokenizer.vocab_size, fitted.train
        computed = fitted.replace(precision=choose_precision(train.precision, self.device))
        epoch = batches_per_epoch(len(corpus.train_ids), train.batch_size, train.sequence_length)
        return Plan(
            characters=corpus.characters,
            symbols=vocab_size,
            tokens=len(corpus.train_ids),
            parameters=parameter_count(fitted.model, vocab_size),
            seconds=None if step is None else step * Training.planned_steps(corpus, fitted),
            recipe=fitted,
            notices=(*corpus.notices, *notices),
            seconds_per_epoch=None if step is None else step * epoch,
            memory=predict_memory(computed, vocab_size, len(corpus.train_ids) + len(corpus.validation_ids)).total,
            free_memory=free_memory(self.device),
            findings=findings,
            fits=fits,
        )

    # the run

    def start(self, corpus_key: str, recipe: Recipe) -> int:
        """Start a run and return its number.

        Raises:
            JobError: another run has not ended.
            InputError: the text is refused, or the run needs more memory than is free.
        """
        corpus = self.texts.corpus(corpus_key, recipe.text)  # refuses a bad text before anything starts
        check_memory(corpus, recipe, self.device)
        runs: list[Run] = []

        def accepted() -> None:
            number = self.store.claim()
            runs.append(Run(number, f"{corpus.name} {number}", corpus_key, recipe, self.device, self.store))
            self._current = runs[0]

        self._job.start(lambda: runs[0].items(lambda: corpus), accepted)
        return runs[0].number

    def pause(self) -> None:
        """Pause the run after the step in hand; its model stays usable.

        Raises:
            JobError: nothing is running.
        """
        self._job.pause()

    def resume(self) -> None:
        """Go on with the paused run.

        Raises:
            JobError: nothing is paused.
        """
        self._job.resume()

    def stop(self) -> None:
        """End the run after the step in hand; the best and the last model are kept.

        Raises:
            JobError: nothing is active.
        """
        self._job.stop()

    def run(self, since: int = 0) -> RunView:
        """Return the run of now, or the last one, with its records after a cursor."""
        if self._current is None:
            return RunView(0, "", IDLE, None, "", None, 0, 0, 1.0, 0, (), None, None, (), None, None, 0.0, ())
        return self._current.view(self._job.state, self._failure(), since)

    def curve(self, points: int = 300) -> dict[str, Any]:
        """Return the curve of the run of now, or the last one, as the chart's value."""
        run = self._current
        history = run.history(points) if run else None
        if run is None or history is None:
            return {"runs": [], "lines": []}
        return {
            "runs": [chart_run(run.name, history, best=run.best())],
            "lines": [list(line) for line in run.lines],
        }

    def wait(self, timeout: float) -> bool:
        """Wait until the run has ended, at most so many seconds; tell whether it has."""
        return self._job.wait_for(IDLE, DONE, FAILED, timeout=timeout)

    def settle(self, timeout: float) -> bool:
        """Wait until the run is on its way to no other state, at most so many seconds; tell whether it is."""
        return self._job.wait_for(IDLE, RUNNING, PAUSED, DONE, FAILED, timeout=timeout)

    def close(self, timeout: float = 7.0) -> bool:
        """Stop the run, save its models and tell whether that was done in time."""
        with contextlib.suppress(JobError):  # it may have ended by itself
            self._job.stop()
        ended = self._job.join(timeout)
        if not ended and self._current is not None:
            self._current.save_kept()
        return ended

    # models

    def models(self) -> tuple[ModelEntry, ...]:
        """Return every model that can write, the newest weights of the current run first."""
        run = self._current
        live = (ModelEntry(LIVE, "live", run.name, run.number),) if run and self._job.active else ()
        return (*live, *(entry for entry, _ in self.store.models().values()))

    def write(self, model_key: str, prefix: str, sampling: SamplingConfig) -> Writing:
        """Let a model go on from a prefix.

        Raises:
            CheckpointError: there is no such model, or its files are refused.
        """
        source = self._published() if model_key == LIVE else self.store.load(model_key)
        read, replacements = source.tokenizer.replace_unknown(prefix)
        return Writing(read, replacements, stream_tokens(source.network, source.tokenizer, read, sampling))

    def model_curve(self, model_key: str) -> dict[str, Any]:
        """Return how a saved model once learned, as a pale curve for the chart; empty if it does not say."""
        history = self.store.load(model_key).metrics.get("history")
        if not isinstance(history, dict):
            return {"runs": [], "lines": []}
        name = self.store.load(model_key).name
        return {"runs": [chart_run(name, history, ghost=True)], "lines": []}

    def export_model(self, model_key: str) -> Path:
        """Pack a saved model into one .zip and return its path.

        Raises:
            CheckpointError: there is no such saved model, or the disk refused.
        """
        return self.store.export(model_key)

    def import_model(self, path: Path) -> ModelEntry:
        """Check a model file, keep a copy and return its entry.

        Raises:
            CheckpointError: the file is refused.
        """
        return self.store.add_model(path)

    def _published(self) -> Published:
        if self._current is None:
            raise CheckpointError("unknown_model", name=LIVE)
        if self._current.published is None:
            raise CheckpointError("no_model_yet")
        return self._current.published

    def _failure(self) -> Message | None:
        error = self._job.error
        if error is None:
            return None
        if isinstance(error, DeepRNNError):
            return error.message
        return message("unexpected", kind=type(error).__name__, reason=str(error)[:200])

    def _measure(self, corpus_key: str, recipe: Recipe) -> float:
        """Return the seconds that one step takes here, from a trial that is thrown away."""
        use_all_threads()
        training = Training(self.texts.corpus(corpus_key, recipe.text), recipe.replace(evaluations=1), self.device)
        training.total_steps += TRIAL_STEPS  # so that the trial never validates
        begin = time.perf_counter()
        times = []
        for record in itertools.islice(training, TRIAL_STEPS):
            times.append(record.elapsed_seconds)
            if time.perf_counter() - begin > TRIAL_SECONDS:
                break
        # The first step is slower: it sets up the kernels.
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else times[0]
