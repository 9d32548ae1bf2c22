"""What a visitor's runs are held against before one begins: how many there may be, how large, and the room on disk."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ..config import Recipe
from ..errors import ConfigError, JobError, StoreError
from ..messages import Message, message
from ..model.shapes import parameter_count
from ..text.corpus import Corpus, fit_recipe
from ..training.memory import predict_memory
from .entries import WAITING, RunEntry
from .job import ACTIVE
from .limits import Limits

FLOAT = 4  # bytes
# Four checkpoints, each of weights and two moments of the optimiser, the best model, and one copy being written.
COPIES = 4 * 3 + 2
UNTOUCHED_SECONDS = 7 * 86_400.0  # after which a visitor's home may go
SHORT = 0.8  # of the disk: from then on it does
BESIDE = 2_000_000  # bytes of a run's records, samples and texts about it


def refuse_more_jobs(limits: Limits, entries: Sequence[RunEntry], waiting: int, more: int = 1) -> None:
    """Refuse runs beyond those that one visitor, or all together, may have under way.

    Args:
        limits: how many.
        entries: the visitor's runs.
        waiting: runs of all visitors that wait for their turn.
        more: runs that are asked for.

    Raises:
        JobError: there would be too many.
    """
    most, under_way = limits.jobs_per_visitor, sum(is_under_way(entry) for entry in entries)
    if most == 0:
        raise JobError("nothing_kept")
    if most is not None and under_way + more > most:
        raise JobError("too_many_jobs", most=most)
    if limits.queue is not None and waiting + more > limits.queue:
        raise JobError("queue_full", most=limits.queue)


def refuse_too_large(limits: Limits, corpus: Corpus, recipe: Recipe) -> None:
    """Refuse a run that is larger than a shared machine bears.

    Raises:
        ConfigError: its vocabulary, its network or its memory would be too large.
    """
    vocab_size = corpus.tokenizer.vocab_size
    if vocab_size > limits.vocabulary:
        raise ConfigError("vocabulary_too_large", size=vocab_size, most=limits.vocabulary)
    fitted, _ = fit_recipe(recipe, corpus)
    parameters = parameter_count(fitted.with_tying().model, vocab_size)
    if parameters > limits.parameters:
        raise ConfigError("network_too_large", parameters=parameters, most=limits.parameters)
    if limits.memory_bytes is not None:
        memory = predict_memory(fitted, vocab_size, len(corpus.train_ids) + len(corpus.validation_ids)).total
        if memory > limits.memory_bytes:
            most = limits.memory_bytes / 1e9
            raise ConfigError("memory_too_large", needed=round(memory / 1e9, 1), most=round(most, 1))


def run_bytes(corpus: Corpus, recipe: Recipe) -> int:
    """Return how much of the disk a run takes at most."""
    fitted, _ = fit_recipe(recipe, corpus)
    return BESIDE + COPIES * FLOAT * parameter_count(fitted.with_tying().model, corpus.tokenizer.vocab_size)


def runs_to_remove(
    limits: Limits, home: Path, entries: Sequence[RunEntry], needed: int, *, but: int | None = None
) -> tuple[RunEntry, ...]:
    """Return the runs of a visitor that must go before a new one has room: deleted ones first, then the oldest.

    Args:
        limits: how many runs and bytes a visitor may keep.
        home: of the visitor, beside those of the others.
        entries: the visitor's runs, those included that could still be brought back.
        needed: bytes of the new run.
        but: number of a run that stays, for the new one goes on from it.

    Raises:
        StoreError: there would not be room even then, for what trains or waits never goes; or the others have filled
            the disk.
    """
    if limits.visitor_bytes is None or limits.kept_runs is None:
        return ()
    idle = [entry for entry in entries if not is_under_way(entry) and entry.number != but]
    idle.sort(key=lambda entry: (entry.deleted is None, entry.created, entry.number))
    used, count, freed, going = folder_bytes(home), len(entries), 0, list[RunEntry]()
    while used - freed + needed > limits.visitor_bytes or count - len(going) >= limits.kept_runs:
        if not idle:
            raise StoreError("no_room_for_run", needed=round(needed / 1e6), most=round(limits.visitor_bytes / 1e6))
        going.append(idle.pop(0))
        freed += folder_bytes(home / "runs" / f"{going[-1].number:04d}")
    if limits.disk_bytes is not None and folder_bytes(home.parent) - freed + needed > limits.disk_bytes:
        raise StoreError("no_room_for_visitors")
    return tuple(going)


def homes_to_remove(limits: Limits, homes: Sequence[Path], now: float) -> tuple[Path, ...]:
    """Return the homes of visitors who have stayed away, longest first, that must go where the disk becomes short.

    Args:
        limits: how many bytes all homes together may have.
        homes: of all visitors who are not here.
        now: seconds since the epoch of Unix.
    """
    if limits.disk_bytes is None:
        return ()
    sizes = {home: folder_bytes(home) for home in homes}
    used, going = sum(sizes.values()), list[Path]()
    for home in sorted(homes, key=last_touched):
        if used <= SHORT * limits.disk_bytes or last_touched(home) > now - UNTOUCHED_SECONDS:
            break
        going.append(home)
        used -= sizes[home]
    return tuple(going)


def last_touched(home: Path) -> float:
    """Return when something was last written in a home, in seconds since the epoch of Unix; 0 if it has gone."""
    with suppress(OSError):
        return max(path.lstat().st_mtime for path in (home, *home.iterdir()))
    return 0.0


def removal_notice(going: Sequence[RunEntry]) -> tuple[Message, ...]:
    """Return what to say before runs are removed to make room for a new one."""
    if not going:
        return ()
    names = ", ".join(f"{entry.number} ({entry.name})" for entry in going[:3])
    return (message("runs_will_go", count=len(going), names=names),)


def is_under_way(entry: RunEntry) -> bool:
    """Tell whether a run trains, is paused or waits."""
    return entry.state in (*ACTIVE, WAITING)


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder, as far as they can be seen."""
    total = 0
    for path in folder.rglob("*"):
        with suppress(OSError):  # it has just been removed
            found = path.lstat()
            total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total
