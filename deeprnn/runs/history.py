"""What the runs of one home have been: their list, curves, samples and checkpoints, live or from the disk."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..config import Recipe
from ..device import Device
from ..errors import JobError, StoreError
from ..text.corpus import Corpus
from ..training.record import TrainRecord
from ..training.report import history
from .entries import INTERRUPTED, RunEntry
from .job import make_lock
from .limits import LOCAL, Limits
from .naming import NAME_CHARACTERS, differs_from_preset
from .quota import refuse_more_jobs, refuse_too_large, run_bytes, runs_to_remove
from .rows import RunRow
from .run import Run
from .shelf import printable
from .store import Store
from .texts import Texts
from .turns import Turns
from .view import NO_RUN, RunView, Sample, chart_run
from .views import entry_now, live_view, stored_history, stored_view

FLUSH_SECONDS = 1.0  # that a reader of records waits for those that are not yet in the database
NOTES_CHARACTERS = 10_000


class History:
    """Describe runs by their number; every method may be called from any thread.

    Args:
        store: where they are kept.
        device: where they train.
        turns: when they train.
        texts: what they learn.
        owner: whose they are; runs of other owners are in other homes.
        limits: how many and how large they may be.
    """

    def __init__(
        self, store: Store, device: Device, turns: Turns, texts: Texts, owner: str = "", limits: Limits = LOCAL
    ) -> None:
        self._store, self._device, self._turns, self._texts, self.owner = store, device, turns, texts, owner
        self._lock = make_lock()  # held while a run is put into or taken out of those of this process
        self._limits = limits
        self._live: dict[int, Run] = {}  # that wait, train, or were the last to end, in the order in which they came

    def entries(self, *, deleted: bool = False) -> tuple[RunEntry, ...]:
        """Return every run, the newest first; those that can still be brought back only if asked for."""
        rows = self._store.database.runs()
        gone = self._store.database.runs(deleted=True) if deleted else ()
        return tuple(self._entry(row) for row in sorted((*rows, *gone), key=lambda row: -row.number))

    def entry(self, number: int) -> RunEntry:
        """Return one run, deleted or not.

        Raises:
            StoreError: there is no such run.
        """
        return self._entry(self._row(number))

    def current(self) -> Run | None:
        """Return the run that the page shows: the one that has the turn, else the next that waits, else the last."""
        live = [run for run in list(self._live.values()) if run.job.active or run.row.deleted is None]
        active = [run for run in live if run.job.active]
        waiting = sorted((run for run in live if self._turns.place(run)), key=lambda run: self._turns.place(run) or 0)
        return next(iter((*active, *waiting, *live[::-1])), None)

    def view(self, number: int | None = None) -> RunView:
        """Return a run at this moment: the given one, or that which the page shows.

        Without one of this process that is a run which was interrupted, so that it can go on.

        Raises:
            StoreError: there is no such run.
        """
        run = self.current() if number is None else self._live.get(number)
        training = run.training if run else None  # read once: the run lets go of it when it gives way
        if run is not None and training is not None:
            return live_view(run, training, self._store)
        if run is not None:
            return stored_view(self._row(run.number), self._store, run.state, self._turns.place(run))
        row = self._interrupted() if number is None else self._row(number)
        if row is None:
            return replace(NO_RUN, read_only=self._store.read_only)
        return stored_view(row, self._store)

    def curve(self, number: int | None = None, points: int = 300, *, parents: bool = True) -> dict[str, Any]:
        """Return the curve of a run as the chart's value, with that of its parent behind it.

        Args:
            number: of the run; None takes the one that the page shows.
            points: in each series at most.
            parents: whether that of its parent is wanted; it does not change.

        Raises:
            StoreError: there is no such run.
        """
        view = self.view(number)
        if not view.number:
            return {"runs": [], "lines": []}
        runs = [chart_run(view, self._history(view.number, points))]
        if parents and view.parent is not None:
            with contextlib.suppress(StoreError):  # it may be gone
                parent = self.view(view.parent)
                runs.append(chart_run(parent, self._history(parent.number, points), main=False, ghost=True))
        return {"runs": runs, "lines": [list(line) for line in view.lines]}

    def compare(self, numbers: Sequence[int], points: int = 300) -> dict[str, Any]:
        """Return the curves of several runs as the chart's value, with tokens and seconds beside the steps.

        Raises:
            StoreError: there is no such run.
        """
        self._store.recorder.flush(FLUSH_SECONDS)
        return {"runs": [self._compared(number, points) for number in numbers], "lines": []}

    def _compared(self, number: int, points: int) -> dict[str, Any]:
        history = stored_history(self._row(number), self._store, points)  # as the axes: the live curve is ahead
        axes = {part: self._store.database.axes(number, history[part][0]) for part in ("train", "validation")}
        drawn = chart_run(self.view(number), history)
        return {
            **drawn,
            "tokens": {part: tokens for part, (tokens, _) in axes.items()},
            "seconds": {part: seconds for part, (_, seconds) in axes.items()},
        }

    def records(self, number: int, after: int = 0, limit: int = 1_000_000) -> tuple[TrainRecord, ...]:
        """Return the records of a run after a step, in order.

        Raises:
            StoreError: there is no such run.
        """
        self._row(number)
        self._store.recorder.flush(FLUSH_SECONDS)
        return self._store.database.records(number, after, limit)

    def samples(self, number: int) -> tuple[Sample, ...]:
        """Return what a run has written on its way, in order of step.

        Raises:
            StoreError: there is no such run.
        """
        self._row(number)
        self._store.recorder.flush(FLUSH_SECONDS)
        return self._store.database.samples(number)

    def removed_for(self, corpus: Corpus, recipe: Recipe, *, but: int | None = None) -> tuple[RunEntry, ...]:
        """Return the runs, but one, that must go before a new one has room, where room is short.

        Raises:
            InputError: the new one is larger than is allowed, or there would not be room even then.
        """
        refuse_too_large(self._limits, corpus, recipe)
        if self._limits.visitor_bytes is None:
            return ()
        needed = run_bytes(corpus, recipe)
        return runs_to_remove(self._limits, self._store.home, self.entries(deleted=True), needed, but=but)

    def _make_room(self, corpus: Corpus, recipe: Recipe, *, but: int | None) -> None:
        for going in self.removed_for(corpus, recipe, but=but):
            self._store.remove(going.number)

    def refuse_more(self, more: int = 1, *, but: int | None = None) -> None:
        """Refuse runs beyond those that may be under way; cheap, whatever is asked for.

        Args:
            more: how many are asked for.
            but: number of a run that counts among those asked for.

        Raises:
            JobError: there would be too many.
        """
        if self._limits.jobs_per_visitor is not None:
            others = [entry for entry in self.entries() if entry.number != but]
            refuse_more_jobs(self._limits, others, len(self._turns.waiting()), more)

    def restore(self, number: int) -> None:
        """Bring a deleted run back; raises what `refuse_read_only` does."""
        self._change_row(number, deleted=None)

    def rename(self, number: int, name: str) -> None:
        """Call a run otherwise; raises what `refuse_read_only` does."""
        self._change_row(number, name=printable(name).strip()[:NAME_CHARACTERS] or f"{number}")

    def annotate(self, number: int, notes: str) -> None:
        """Keep notes of the user beside a run; raises what `refuse_read_only` does."""
        self._change_row(number, notes=notes[:NOTES_CHARACTERS])

    def refuse_read_only(self) -> None:
        """Refuse to change anything where another process uses this home.

        Raises:
            JobError: so it is.
        """
        if self._store.read_only:
            raise JobError("home_in_use", path=str(self._store.home))

    def _history(self, number: int, points: int) -> dict[str, Any]:
        run = self._live.get(number)
        if run is not None and (training := run.training) is not None:
            return history(training, points)
        return stored_history(self._row(number), self._store, points)

    def _row(self, number: int) -> RunRow:
        return self._store.database.run(number)

    def _interrupted(self) -> RunRow | None:
        return next(iter(self._store.database.in_state(INTERRUPTED)), None)

    def _entry(self, row: RunRow) -> RunEntry:
        run = self._live.get(row.number)
        entry = row.entry(differs_from_preset(row.recipe), self._turns.place(run) if run else None)
        return entry if run is None else entry_now(entry, run)

    def _forget_ended(self) -> None:
        """Let go of runs that have ended and are on the disk with their networks and curves."""
        self._live = {
            number: run
            for number, run in self._live.items()
            if run.job.active or self._turns.place(run) or run.saver.refused
        }

    def _change_row(self, number: int, **columns: Any) -> None:
        self.refuse_read_only()
        self._store.database.update_run(number, **columns)
        if (run := self._live.get(number)) is not None:
            run.row = replace(run.row, **columns)
