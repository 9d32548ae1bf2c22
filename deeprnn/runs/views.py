"""How a run looks to a watcher: one that trains or has just ended here, and one that only the disk remembers."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

from ..text.doctor import Finding
from ..training.advice import Evidence, advise
from ..training.train import Training
from .entries import RunEntry
from .job import ACTIVE
from .rows import RunRow
from .run import Run
from .saving import best_of, progress_of
from .store import Store
from .view import RunView


def live_view(run: Run, training: Training, store: Store) -> RunView:
    """Return a run of this process at this moment; its network exists."""
    saver, references = run.saver, run.references
    state, last = run.state, training.last_record
    left = None
    if last is not None and state in ACTIVE:
        left = (training.total_steps - last.step) * last.tokens / last.step / max(last.tokens_per_second, 1e-9)
    kept = saver.kept
    failures = (saver.failed, store.failure or store.recorder.failure)
    tracked = run.tracker.notices if run.tracker else ()
    notices = (*run.notices, *references.failure(), *tracked, *(said for said in failures if said))
    return replace(
        _of_row(run.row, store),
        state=state,
        message=run.failure,
        recipe=training.recipe,
        total_steps=training.total_steps,
        steps_per_epoch=training.steps_per_epoch,
        tokens_per_character=training.corpus.tokens_per_character,
        validation_tokens_per_character=training.corpus.validation_tokens_per_character,
        cursor=training.step,
        last=last,
        best=best_of(training),
        lines=references.lines,
        sample=run.writer.sample,
        seconds_left=left,
        seconds=training.seconds,
        notices=notices,
        precision=training.precision,
        beaten=references.beaten,
        events=tuple(training.events),
        checkpoints=kept,
        saved_seconds_ago=time.time() - kept[-1].seconds if kept else None,
        advice=_advice(run, training),
    )


def stored_view(row: RunRow, store: Store, state: str | None = None, place: int | None = None) -> RunView:
    """Return a run as the disk remembers it.

    Args:
        row: what the list of runs says of it.
        store: where it is kept.
        state: what is known better here; None for that of the row.
        place: in the queue, None for a run that does not wait.
    """
    kept = store.kept(row.number)
    samples = store.database.samples(row.number)
    last = store.database.last_record(row.number)
    return replace(
        _of_row(row, store),
        state=state or row.state,
        cursor=row.step,
        last=last,
        sample=samples[-1] if samples else None,
        events=tuple(store.database.events(row.number)),
        checkpoints=kept,
        saved_seconds_ago=time.time() - kept[-1].seconds if kept else None,
        place=place,
    )


def entry_now(entry: RunEntry, run: Run) -> RunEntry:
    """Return what stands in the list of a run of this process, as it is at this moment."""
    training = run.training  # read once: the run lets go of it when it gives way
    if training is None:
        return replace(entry, state=run.state)
    known = progress_of(training)
    same = {name: known[name] for name in ("step", "total_steps", "seconds", "tokens_per_second", "bits_per_character")}
    return replace(entry, state=run.state, best=best_of(training), **same)


def stored_history(row: RunRow, store: Store, points: int) -> dict[str, Any]:
    """Return the curve of a run with what a chart needs to draw it, as `metrics.json` keeps it."""
    return {
        **store.database.curve(row.number, points),
        "steps_per_epoch": row.steps_per_epoch,
        "total_steps": row.total_steps,
        "tokens_per_character": row.tokens_per_character,
        "validation_tokens_per_character": row.validation_tokens_per_character,
    }


def _advice(run: Run, training: Training) -> tuple[Finding, ...]:
    norms, unigram = tuple(run.gradient_norms.copy()), dict(run.references.lines).get("unigram")
    return advise(Evidence.of(training, norms, unigram, ended=not run.job.active, failure=run.failure))


def _of_row(row: RunRow, store: Store) -> RunView:
    return RunView(
        number=row.number,
        name=row.name,
        state=row.state,
        message=row.message,
        corpus=row.corpus,
        recipe=row.recipe,
        total_steps=row.total_steps,
        steps_per_epoch=row.steps_per_epoch,
        tokens_per_character=row.tokens_per_character,
        cursor=row.step,
        last=None,
        best=row.best,
        lines=row.lines,
        sample=None,
        seconds_left=None,
        seconds=row.seconds,
        notices=row.notices,
        validation_tokens_per_character=row.validation_tokens_per_character,
        read_only=store.read_only,
        id=row.id,
        parent=row.parent,
        group=row.group,
    )
