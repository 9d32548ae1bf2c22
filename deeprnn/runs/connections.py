"""Connections to one SQLite file, lent to one thread at a time."""

from __future__ import annotations

import sqlite3
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import StoreError
from .schema import DamagedError, columns, columns_of_today, is_damage, migrate, version_of

PATIENCE = 20.0  # seconds to wait for another writer: a bulk delete takes one, a batch of records milliseconds
RETRY_SECONDS = 0.02
LOG_BYTES = 2**24  # of the log, once it is in the file: a bulk delete would leave it as large as what was deleted
IDLE = 4  # connections kept open


class Connections:
    """Lend connections, made when there is none idle; one that has seen an error is closed, which undoes its work.

    Args:
        path: of the file; its folder exists.
        read_only: whether every change is refused.

    Raises:
        DamagedError: the file is none of ours, or no longer whole.
        StoreError: the file is of a newer program, or cannot be opened.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path, self._read_only = path, read_only
        self._idle: deque[sqlite3.Connection] = deque()
        weakref.finalize(self, _close_all, self._idle)  # when it is forgotten, or the program ends
        with self._lent() as connection:
            _patiently(lambda: self._prepare(connection))

    def close(self) -> None:
        """Close what is idle; a later use opens anew."""
        _close_all(self._idle)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees the file as it is at the first question.

        Raises:
            StoreError: the file cannot be read.
        """
        with self._lent() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Lend a connection that alone may write; all or nothing of what is done stays.

        Args:
            durable: whether it survives a power cut once this has returned; the end of the process it always survives.

        Raises:
            StoreError: the disk refuses.
        """
        with self._lent() as connection:
            connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    def check(self) -> None:
        """Read every page of the file.

        Raises:
            DamagedError: it is no longer whole.
        """
        with self._lent() as connection:
            [said] = connection.execute("PRAGMA quick_check(1)").fetchone()
            if said == "ok" and columns(connection) != columns_of_today():
                said = "other columns"
            if said != "ok":
                raise DamagedError("store_failed", reason=said)

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        connection = None
        try:
            connection = self._idle_one() or self._open()
            yield connection
        except BaseException as error:
            if connection is not None:
                _close(connection)
            if not isinstance(error, (sqlite3.Error, UnicodeDecodeError)):
                raise
            kind = DamagedError if is_damage(error) else StoreError
            raise kind("store_failed", reason=str(error)) from error
        self._idle.append(connection)
        if len(self._idle) > IDLE and (surplus := self._idle_one()):
            _close(surplus)

    def _idle_one(self) -> sqlite3.Connection | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _open(self) -> sqlite3.Connection:
        # No implicit transactions; a thread that gets it has it alone.
        connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
        try:
            connection.text_factory = _text
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
            connection.execute(f"PRAGMA query_only = {'ON' if self._read_only else 'OFF'}")
        except BaseException:
            _close(connection)
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        version_of(connection, str(self.path))  # before anything is changed in what may be another program's
        if not self._read_only:
            connection.execute("PRAGMA journal_mode = WAL")
        migrate(connection, str(self.path))


def _patiently(act: Callable[[], None]) -> None:
    """Do it again while another process is in the way: the change to WAL does not wait by itself."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(RETRY_SECONDS)


def _text(data: bytes) -> str:
    """Return a text of the file, were it damaged: one bad byte must not hide all runs."""
    return data.decode("utf-8", "replace")


def _close(connection: sqlite3.Connection) -> None:
    with suppress(sqlite3.Error):
        connection.close()


def _close_all(idle: deque[sqlite3.Connection]) -> None:
    with suppress(IndexError):
        while True:
            _close(idle.pop())
