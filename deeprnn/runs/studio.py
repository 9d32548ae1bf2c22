"""The studio: the one door through which a page or a program uses texts, runs and models."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..config import Recipe, SamplingConfig
from ..device import Device, choose_precision
from ..errors import CheckpointError, JobError
from ..generation import stream_tokens
from ..text.account import Account, Reading
from ..text.catalogue import CorpusEntry
from ..text.meter import Progress
from ..text.prefix import read_prefix
from ..text.reading import AS_IT_COMES
from .allowance import Allowance
from .entries import INTERRUPTED, WAITING
from .job import ACTIVE, DONE, FAILED, IDLE, PAUSED, PAUSING, RUNNING
from .limits import LOCAL, Limits
from .plan import make_plan, measure_step
from .publishing import Published
from .quota import removal_notice
from .registry import Runs
from .run import Run
from .store import Store
from .texts import Texts
from .turns import Turns
from .view import NO_RUN, ModelEntry, Plan, RunView, Writing, chart_run

TRIAL_SECONDS = 1.0
TRIAL_STEPS = 200
LIVE = "live"


class Studio:
    """Offer texts, runs and models; every method may be called from any thread.

    Args:
        store: where runs, models and texts are kept.
        device: where networks train.
        turns: when runs train; shared by all who use this machine.
        owner: whose runs they are.
        limits: how much is allowed.
    """

    def __init__(
        self, store: Store, device: Device, turns: Turns | None = None, owner: str = "", limits: Limits = LOCAL
    ) -> None:
        self.store, self.device, self.limits = store, device, limits
        self.precision = choose_precision("auto", device)
        self._turns = turns or Turns()
        self.texts = Texts(store.shelf, limits)
        self.runs = Runs(store, device, self._turns, self.texts, owner, limits)
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
        going = self.runs.removed_for(corpus, recipe)
        measures = measure and not self._turns.busy
        plan = make_plan(
            corpus, recipe, self.device, lambda fitted: self._speed(corpus_key, fitted) if measures else None
        )
        return replace(plan, notices=(*plan.notices, *removal_notice(going)))

    # the run that the page shows

    def start(self, corpus_key: str, recipe: Recipe) -> int:
        """Let a run train, or wait for its turn, and return its number.

        Raises:
            JobError: another process uses this home.
            InputError: the text is refused, or the run needs more memory than is free.
        """
        return self.runs.start(corpus_key, recipe)

    def pause(self) -> None:
        """Pause the run after the step in hand; its model stays usable, and where it is is saved.

        Raises:
            JobError: nothing is running.
        """
        self._run("nothing_to_pause").job.pause()
        self._turns.paused()

    def resume(self) -> None:
        """Go on with the run that was paused or interrupted.

        Raises:
            JobError: there is none.
        """
        view = self.runs.view()
        if view.state not in (RUNNING, PAUSING, PAUSED, INTERRUPTED):
            raise JobError("nothing_to_resume")
        self.runs.resume(view.number)

    def stop(self) -> None:
        """End the run after the step in hand, or take it out of the queue; the best and the last model are kept.

        Raises:
            JobError: nothing is active.
        """
        run = self.runs.current()
        if run is None or run.state not in (*ACTIVE, WAITING):
            raise JobError("nothing_to_stop")
        if run.state == WAITING:
            self.runs.cancel(run.number)
        else:
            run.stop()

    def change(self, **settings: Any) -> None:
        """Change settings of the run after the step in hand.

        Args:
            settings: learning_rate, dropout, max_grad_norm, patience, target_perplexity or max_minutes, as in the
                recipe; or prefix, with which its samples begin.

        Raises:
            JobError: nothing is training.
            ConfigError: a setting is refused, or cannot change while a run trains.
        """
        self._run("nothing_to_change").change(**settings)

    def save_now(self) -> None:
        """Save a checkpoint after the step in hand.

        Raises:
            JobError: nothing is training.
        """
        self._run("nothing_to_save").save_soon()

    def sample_now(self) -> None:
        """Write a sample with the newest weights after the step in hand.

        Raises:
            JobError: nothing is training.
        """
        self._run("nothing_to_save").sample_soon()

    def run(self) -> RunView:
        """Return the run that trains, else the next that waits, else the last one."""
        return self.runs.view()

    def curve(self, points: int = 300, *, parents: bool = True) -> dict[str, Any]:
        """Return the curve of that run as the chart's value, with that of its parent if it is wanted."""
        return self.runs.curve(points=points, parents=parents)

    def wait(self, timeout: float) -> bool:
        """Wait until that run has ended, at most so many seconds; tell whether it has."""
        run = self.runs.current()
        return run is None or run.job.wait_for(DONE, FAILED, timeout=timeout)

    def settle(self, timeout: float) -> bool:
        """Wait until that run is on its way to no other state, at most so many seconds; tell whether it is."""
        run = self.runs.current()
        return run is None or run.job.wait_for(IDLE, RUNNING, PAUSED, DONE, FAILED, timeout=timeout)

    def close(self, timeout: float = 7.0) -> bool:
        """Let the run save where it is, so that it can go on another day; tell whether that was done in time."""
        in_time = self.runs.close(timeout)
        self.store.close()
        return in_time

    # models

    def models(self) -> tuple[ModelEntry, ...]:
        """Return every model that can write, the newest weights of the current run first."""
        run = self.runs.current()
        live = (ModelEntry(LIVE, "live", run.saver.name, run.number),) if run and run.job.active else ()
        return (*live, *(entry for entry, _ in self.store.models().values()))

    def write(self, model_key: str, prefix: str, sampling: SamplingConfig) -> Writing:
        """Let a model go on from a prefix.

        Raises:
            CheckpointError: there is no such model, or its files are refused.
        """
        source = self._published() if model_key == LIVE else self.store.load(model_key)
        read, replacements = read_prefix(prefix, source.tokenizer, source.recipe.text)
        return Writing(read, replacements, stream_tokens(source.network, source.tokenizer, read, sampling))

    def model_curve(self, model_key: str) -> dict[str, Any]:
        """Return how a saved model once learned, as a pale curve for the chart; empty if it does not say."""
        model = self.store.load(model_key)
        history = model.metrics.get("history")
        if not isinstance(history, dict):
            return {"runs": [], "lines": []}
        return {"runs": [chart_run(replace(NO_RUN, name=model.name), history, ghost=True)], "lines": []}

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

    def _run(self, refusal: str) -> Run:
        run = self.runs.current()
        if run is None or not (run.job.active or run.state == WAITING):
            raise JobError(refusal)
        return run

    def _published(self) -> Published:
        run = self.runs.current()
        if run is None:
            raise CheckpointError("unknown_model", name=LIVE)
        if run.writer.newest is None:
            raise CheckpointError("no_model_yet")
        return run.writer.newest

    def _measure(self, corpus_key: str, recipe: Recipe) -> float:
        return measure_step(self.texts.corpus(corpus_key, recipe.text), recipe, self.device)
