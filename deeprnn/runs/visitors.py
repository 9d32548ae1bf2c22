"""Who has which studio: locally one for whoever comes; in public one for each visitor, which nobody else can reach."""

from __future__ import annotations

import hashlib
import re
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hmac import compare_digest
from pathlib import Path
from typing import Any, Protocol

from ..errors import StoreError
from .database import Database
from .entries import INTERRUPTED, WAITING
from .job import ACTIVE, make_lock
from .limits import PUBLIC, Limits
from .opening import FILE
from .quota import homes_to_remove
from .rows import RunRow
from .studio import Studio
from .view import Sample

OpenStudio = Callable[[Path, Limits], Studio]

TOKEN = re.compile(r"[0-9a-f]{64}")  # 256 bits, made in the browser
NAME_CHARACTERS = 32
NOBODY = "nobody"  # no hash is called so
_EVERYWHERE = ("runs.db", "lock")
OPEN_STUDIOS = 32  # kept open though nothing happens in them


@dataclass(frozen=True)
class SharedRun:
    """Hold what a link shows of a run: nothing that could be changed, and nothing of what it learnt from.

    Args:
        curve: as the chart's value.
        samples: what it has written, in order of step.
    """

    curve: dict[str, Any]
    samples: tuple[Sample, ...]


class Visitors(Protocol):
    """Give everyone who comes a studio."""

    @property
    def limits(self) -> Limits:
        """Return what each of them may take."""

    @property
    def public(self) -> bool:
        """Tell whether they are strangers to each other."""

    @property
    def exports(self) -> Path:
        """Return the folder from which whoever knows a path can download it."""

    def studio_of(self, token: str | None) -> Studio:
        """Return the studio of whoever shows this token."""

    def shared(self, run_id: str) -> SharedRun:
        """Return what whoever has the link of a run may see of it.

        Raises:
            StoreError: there is no such run.
        """

    def go_on(self) -> None:
        """Let every run go on that was interrupted."""

    def sweep(self) -> None:
        """Make room where the disk becomes short."""

    def close(self, timeout: float) -> bool:
        """Save every run, within so many seconds, and tell whether that was done in time."""


class OneUser:
    """Give everyone the same studio: on one's own machine everything is visible.

    Args:
        studio: the one.
    """

    public = False

    def __init__(self, studio: Studio) -> None:
        self.studio, self.limits, self.exports = studio, studio.limits, studio.store.exports

    def studio_of(self, token: str | None) -> Studio:
        """Return the one studio."""
        return self.studio

    def shared(self, run_id: str) -> SharedRun:
        """Return what whoever has the link of a run may see of it."""
        return shown_of(self.studio, run_id)

    def go_on(self) -> None:
        """Let every run go on that was interrupted."""
        self.studio.runs.go_on()

    def sweep(self) -> None:
        """Leave everything: the disk is its user's own."""

    def close(self, timeout: float) -> bool:
        """Save its run."""
        return self.studio.close(timeout)


class ManyVisitors:
    """Give each visitor a home of their own, which only their token leads to.

    A token that is missing or malformed leads to a studio that has nothing and keeps nothing; an unknown one to a new,
    empty home. So whatever a stranger asks for does not exist.

    Args:
        home: of all visitors.
        open_studio: opens the studio of one home.
        limits: of each of them.
        most_open: studios kept open though nothing happens in them.
    """

    public = True

    def __init__(
        self, home: Path, open_studio: OpenStudio, limits: Limits = PUBLIC, most_open: int = OPEN_STUDIOS
    ) -> None:
        self.limits, self.exports = limits, home / "exports"
        self._folder, self._open_studio, self._most_open = home / "visitors", open_studio, most_open
        self._lock = make_lock()
        self._open: dict[str, Studio] = {}  # who came last stands last
        nothing = replace(limits, jobs_per_visitor=0, kept_runs=0, kept_texts=0)
        self._nobody = open_studio(self._folder / NOBODY, nothing)

    def studio_of(self, token: str | None) -> Studio:
        """Return the studio of whoever shows this token; two of one home are never open at once."""
        name = visitor_name(token)
        return self._nobody if name == NOBODY else self._opened(name)

    def shared(self, run_id: str) -> SharedRun:
        """Return what whoever has the link of a run may see of it, whoever's it is."""
        for home in self._homes():
            if any(compare_digest(row.id.encode(), run_id.encode()) for row in _rows(home)):
                return shown_of(self._opened(home.name), run_id)
        raise StoreError("no_such_run")

    def go_on(self) -> None:
        """Let every run go on that was interrupted, as far as there is room in the queue."""
        for home in self._homes():
            if any(row.state in (*ACTIVE, WAITING, INTERRUPTED) for row in _rows(home)):
                self._opened(home.name).runs.go_on()

    def sweep(self) -> None:
        """Remove the homes of visitors who have stayed away for long, where the disk becomes short."""
        with self._lock:
            away = [home for home in self._homes() if home.name not in self._open]
            for home in homes_to_remove(self.limits, away, time.time()):
                shutil.rmtree(home, ignore_errors=True)

    def _homes(self) -> list[Path]:
        return [path.parent for path in sorted(self._folder.glob(f"*/{FILE}")) if path.parent.name != NOBODY]

    def _opened(self, name: str) -> Studio:
        with self._lock:
            studio = self._open.pop(name, None)
            if studio is None:
                studio = self._open_studio(self._folder / name, self.limits)
            self._open[name] = studio
            self._let_go()
        return studio

    def close(self, timeout: float) -> bool:
        """Save every run, within so many seconds, and tell whether that was done in time."""
        end = time.monotonic() + timeout
        with self._lock:
            studios = [self._nobody, *self._open.values()]
        # What waits first, what trains last: else the end of one run would be the beginning of another.
        studios.sort(key=lambda studio: bool((run := studio.runs.current()) and run.job.active))
        in_time = [studio.close(max(0.0, end - time.monotonic())) for studio in studios]
        return all(in_time)

    def _let_go(self) -> None:
        """Close what nobody has used for long, as far as nothing happens in it; who left nothing leaves no folder."""
        too_many = len(self._open) - self._most_open
        idle = [name for name, studio in self._open.items() if not is_busy(studio)] if too_many > 0 else []
        for name in idle[: max(0, too_many)]:
            studio = self._open.pop(name)
            listed = studio.runs.entries(deleted=True)
            studio.close(0.0)
            shutil.rmtree(studio.store.exports, ignore_errors=True)
            if not listed and not holds_anything(self._folder / name):
                shutil.rmtree(self._folder / name, ignore_errors=True)


def visitor_name(token: str | None) -> str:
    """Return what a visitor is called here: it tells visitors apart and does not betray their tokens."""
    if token is None or not TOKEN.fullmatch(token):
        return NOBODY
    return hashlib.sha256(token.encode()).hexdigest()[:NAME_CHARACTERS]


def shown_of(studio: Studio, run_id: str) -> SharedRun:
    """Return what a link shows of a run of this studio.

    Raises:
        StoreError: it has no such run.
    """
    row = studio.store.database.run_of_id(run_id)
    if row is None:
        raise StoreError("no_such_run")
    return SharedRun(studio.runs.curve(row.number, parents=False), studio.runs.samples(row.number))


def _rows(home: Path) -> tuple[RunRow, ...]:
    """Return the runs of a home that may not be open; of one that cannot be read none."""
    with suppress(StoreError):
        database = Database(home / FILE, read_only=True)
        try:
            return database.runs()
        finally:
            database.close()
    return ()


def is_busy(studio: Studio) -> bool:
    """Tell whether a run of a studio trains, is paused or waits."""
    run = studio.runs.current()
    return run is not None and run.state in (*ACTIVE, WAITING)


def holds_anything(home: Path) -> bool:
    """Tell whether a home has more than the list of runs and the lock, which every open one has."""
    return any(path.is_file() and not path.name.startswith(_EVERYWHERE) for path in home.rglob("*"))
