"""How the list of runs is opened whatever state its file is in: a damaged one is moved aside, never removed."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

from ..errors import StoreError
from ..messages import Message, message
from .database import Database
from .schema import DamagedError

FILE = "runs.db"
PARTS = ("", "-wal", "-shm")  # of SQLite's file; the log without its file, or the reverse, is worth nothing


def open_database(home: Path, *, read_only: bool = False) -> tuple[Database, tuple[Message, ...]]:
    """Open the list of runs of a home, and say what was wrong with it.

    Where the disk takes no file, or another process owns a damaged one, the list stands in a temporary folder.

    Args:
        home: made if it is not there.
        read_only: whether another process owns it.

    Raises:
        StoreError: the file is of a newer program; it is left alone.
    """
    path, notices = home / FILE, []
    try:
        home.mkdir(parents=True, exist_ok=True)
        try:
            database = _open(path, read_only)
        except DamagedError:
            if read_only:
                raise
            notices.append(message("store_damaged", path=str(_move_aside(path))))
            database = _open(path, read_only)
        if not read_only:
            database.begin_after(_last_folder(home))
    except (OSError, StoreError) as error:
        if isinstance(error, StoreError) and error.message.key == "store_newer":
            raise
        reason = error.message.details["reason"] if isinstance(error, StoreError) else str(error)
        return _elsewhere(path), (message("store_elsewhere", path=str(home), reason=reason),)
    return database, tuple(notices)


def _open(path: Path, read_only: bool) -> Database:
    database = Database(path, read_only=read_only and path.exists())
    try:
        database.check()
    except BaseException:
        database.close()
        raise
    return database


def _move_aside(path: Path) -> Path:
    """Rename a damaged file with its log, and return its new path."""
    for number in itertools.count(1):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if not aside.exists():
            break
    for part in reversed(PARTS):  # the file last: until it has gone, the next start does all of this again
        with suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
    return aside


def _elsewhere(path: Path) -> Database:
    """Open a copy of the list, or a new one if it cannot be read; it goes when nobody uses it any more."""
    folder = Path(tempfile.mkdtemp(prefix="deeprnn-"))
    copy = folder / path.name
    try:
        for part in PARTS[:2]:
            if path.with_name(path.name + part).exists():
                shutil.copyfile(path.with_name(path.name + part), copy.with_name(copy.name + part))
        database = _open(copy, read_only=False)
    except (OSError, StoreError):
        _move_aside(copy)
        database = Database(copy)
    weakref.finalize(database, shutil.rmtree, folder, ignore_errors=True)
    return database


def _last_folder(home: Path) -> int:
    """Return the highest number of a run's folder, 0 for none: a list that was begun anew must not give it again."""
    with suppress(OSError):
        return max((int(f.name) for f in (home / "runs").iterdir() if f.name.isdecimal()), default=0)
    return 0
