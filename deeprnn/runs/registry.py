"""All runs of one home: those that train or wait here, and those that the disk remembers."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..config import Recipe
from ..device import Device, choose_precision
from ..errors import CheckpointError, DeepRNNError, JobError, StoreError
from ..text.corpus import Corpus, fit_recipe
from ..training.changes import refuse_another_network
from ..training.preflight import check_memory
from .entries import INTERRUPTED, WAITING
from .history import History
from .job import DONE
from .naming import name_run
from .rows import RunRow
from .run import Run
from .state import Loaded
from .sweep import expand


class Runs(History):
    """Start, steer and find runs by their number; every method may be called from any thread."""

    def start(self, corpus_key: str, recipe: Recipe, *, group: str = "", name: str = "") -> int:
        """Let a run train, or wait for its turn; return its number.

        Args:
            corpus_key: of its text.
            recipe: every setting.
            group: common to the runs of one sweep.
            name: what to call it; what changed against the run before if it is empty.

        Raises:
            JobError: another process uses this home.
            InputError: the text is refused, or the run needs more memory than is free.
        """
        self.refuse_more()
        corpus = self._texts.corpus(corpus_key, recipe.text)  # refuses a bad text before anything starts
        return self._enter_new(corpus, corpus_key, recipe, name, group=group)

    def sweep(
        self, corpus_key: str, recipe: Recipe, axis: str, *, equal_parameters: bool = False, repeats: int = 1
    ) -> tuple[int, ...]:
        """Queue one run for each value of a setting; return their numbers.

        Args:
            corpus_key: of the text.
            recipe: what they have in common.
            axis: one of `deeprnn.runs.sweep.AXES`.
            equal_parameters: whether the hidden units are chosen such that all have as many parameters.
            repeats: train each value with so many seeds.

        Raises:
            JobError: another process uses this home.
            InputError: the text or the axis is refused, or a run needs more memory than is free.
        """
        corpus = self._texts.corpus(corpus_key, recipe.text)
        vocab_size = corpus.tokenizer.vocab_size
        variants = expand(recipe, axis, equal_parameters=equal_parameters, vocab_size=vocab_size, repeats=repeats)
        for _, variant in variants:
            check_memory(corpus, variant, self._device)
        self.refuse_more(len(variants))
        group = f"{axis} {time.time_ns():x}"
        return tuple(
            self._enter_new(corpus, corpus_key, variant, f"{corpus.name} · {label}", group=group)
            for label, variant in variants
        )

    def resume(self, number: int, **changes: Any) -> None:
        """Let an interrupted, stopped, failed or finished run go on from its newest checkpoint, or else anew.

        Args:
            number: of the run.
            changes: settings that shall differ from now on, such as max_epochs.

        Raises:
            StoreError: there is no such run, or it was deleted.
            JobError: it has not ended, or another process uses this home.
            InputError: its text is not the same any more, or a setting is refused.
        """
        row = self._row(number)
        if row.deleted is not None:
            raise StoreError("unknown_run", number=number)
        if not self._resume_paused(number, changes):
            self.refuse_read_only()
            self.refuse_more(but=number)
            if not changes and 0 < row.total_steps <= row.step:
                raise JobError("nothing_to_resume")
            if "max_epochs" in changes:
                changes = {"max_steps": None, **changes}  # which may end it sooner
            recipe = row.recipe.replace(**changes)
            check_memory(self._texts.corpus(row.corpus, recipe.text), recipe, self._device)
            with self._lock:
                run = self._ended_run(number)
                if run is None or changes or not run.saver.refused:  # else what the disk did not take is only here
                    run = self._make(replace(row, recipe=recipe))
                self._enter(run)

    def branch(self, number: int, step: int, changes: Mapping[str, Any], *, name: str = "") -> int:
        """Begin a new run where another one was at a checkpoint; return its number.

        Args:
            number: of the run to go on from.
            step: of its checkpoint.
            changes: settings that shall differ from now on.
            name: of the new run; what changed if it is empty.

        Raises:
            StoreError: there is no such run.
            JobError: another process uses this home.
            CheckpointError: there is no such checkpoint any more, or the disk refuses a copy of it.
            InputError: a setting is refused, or cannot change within a run.
        """
        entry, beginning = self.entry(number), self._store.checkpoints(number).load(step)
        then = Recipe.from_dict(beginning.snapshot.values["recipe"])  # it may have changed since
        recipe = then.replace(**changes)
        refuse_another_network(then, recipe)
        corpus = self._texts.corpus(entry.corpus, recipe.text)
        return self._enter_new(corpus, entry.corpus, recipe, name, parent=number, beginning=beginning)

    def move(self, number: int, place: int) -> None:
        """Give a waiting run another place in the queue, 1 being the first."""
        if (run := self._live.get(number)) is not None:
            self._turns.move(run, place)

    def cancel(self, number: int) -> None:
        """Take a run out of the queue; it is listed as stopped, and can still go on or begin.

        Raises:
            JobError: it does not wait.
        """
        with self._lock:
            run = self._live.get(number)
            if run is None or not self._turns.leave(run):
                raise JobError("run_not_waiting", number=number)
            del self._live[number]
        self._store.write_row(number, state=DONE)

    def discard(self, number: int) -> None:
        """Stop a run and delete it with its models; for a day it can be brought back.

        Raises:
            StoreError: there is no such run.
            JobError: another process uses this home.
        """
        self._change_row(number, deleted=time.time())
        with contextlib.suppress(JobError):  # it does not wait
            self.cancel(number)
        if (run := self._live.get(number)) is not None:
            with contextlib.suppress(JobError):  # it has ended
                run.stop()

    def go_on(self) -> None:
        """Let every interrupted run go on, in the order in which they were asked for."""
        for entry in sorted(self.entries(), key=lambda entry: entry.number):
            if entry.state == INTERRUPTED:
                with contextlib.suppress(DeepRNNError):  # its text may be gone; the others go on
                    self.resume(entry.number)

    def close(self, timeout: float) -> bool:
        """Let the run that trains save where it is, and tell whether that was done in time."""
        for run in [run for run in list(self._live.values()) if self._turns.leave(run)]:
            self._store.write_row(run.number, state=INTERRUPTED)
        current = self.current()
        if current is None:
            return True
        with contextlib.suppress(JobError):  # it may have ended by itself
            current.leave(INTERRUPTED)
        ended = current.job.join(timeout)
        if not ended:
            current.saver.save_kept(current.training)
        return ended

    # within

    def _enter_new(
        self, corpus: Corpus, key: str, recipe: Recipe, name: str, *,
        group: str = "", parent: int | None = None, beginning: Loaded | None = None,
    ) -> int:  # fmt: skip
        self.refuse_read_only()
        check_memory(corpus, recipe, self._device)
        before = self.entry(parent) if parent else next(iter(self.entries()), None)
        planned = as_it_trains(recipe, corpus, self._device)
        called = name or name_run(corpus.name, planned, *((before.recipe, before.corpus_name) if before else ()))
        row = RunRow(
            recipe, name=called, owner=self.owner, corpus=key, corpus_name=corpus.name, corpus_sha256=corpus.sha256,
            group=group, parent=parent, parent_step=beginning.step if beginning else None, state=WAITING,
        )  # fmt: skip
        with self._lock:  # two may ask at once for the last place there is
            self.refuse_more()
            self._make_room(corpus, recipe, but=parent)
            number = self._store.claim(row)
            if beginning is not None:  # copied, for the parent may go on and drop it
                self._copy(beginning, number)
            self._enter(self._make(replace(row, number=number)))
        return number

    def _copy(self, beginning: Loaded, number: int) -> None:
        """Give a new run the checkpoint with which it begins; without one it must not stand in the list."""
        try:
            self._store.checkpoints(number).save(beginning.checkpoint, beginning.snapshot, beginning.perplexity)
        except CheckpointError:
            self._store.remove(number)
            raise

    def _resume_paused(self, number: int, changes: Mapping[str, Any]) -> bool:
        run = self._live.get(number)
        if run is None or changes or not run.job.active:
            return False
        run.job.resume()
        return True

    def _ended_run(self, number: int) -> Run | None:
        """Return a run of this process that has ended, None for one of another.

        Raises:
            JobError: it has not ended.
        """
        run = self._live.get(number)
        if run is not None and (run.job.active or run.state == WAITING):
            raise JobError("run_not_ended", number=number)
        return run

    def _make(self, row: RunRow) -> Run:
        def load_corpus() -> Corpus:
            corpus = self._texts.corpus(row.corpus, row.recipe.text)
            if corpus.sha256 != row.corpus_sha256:
                raise CheckpointError("resume_other_text", name=row.corpus_name)
            return corpus

        return Run(row, load_corpus, self._store, self._device, self._turns)

    def _enter(self, run: Run) -> None:
        with self._lock:
            self._forget_ended()
            self._live[run.number] = run
            self._store.write_row(run.number, state=WAITING)
            self._turns.enter(run)


def as_it_trains(recipe: Recipe, corpus: Corpus, device: Device) -> Recipe:
    """Return a recipe with what is chosen for it when it begins: so the recipe of an earlier run is kept."""
    fitted, _ = fit_recipe(recipe, corpus)
    return fitted.with_tying().replace(precision=choose_precision(recipe.train.precision, device))
