"""The tables of the list of runs, and how an older file becomes one of today."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing

from ..errors import StoreError

APPLICATION = 0x44524E4E  # in the header of every file of ours; another program's file is never touched
FIRST = """
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice, even after its run is gone
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    notes TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    message TEXT,
    corpus TEXT NOT NULL,
    corpus_name TEXT NOT NULL,
    corpus_sha256 TEXT NOT NULL,
    recipe TEXT NOT NULL,
    parent INTEGER REFERENCES runs ON DELETE SET NULL,
    parent_step INTEGER,
    "group" TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    seconds REAL NOT NULL,
    step INTEGER NOT NULL,
    total_steps INTEGER NOT NULL,
    best_step INTEGER,
    best_perplexity REAL,
    bits_per_character REAL,
    tokens_per_second REAL NOT NULL,
    steps_per_epoch INTEGER NOT NULL,
    tokens_per_character REAL NOT NULL,
    validation_tokens_per_character REAL,
    lines TEXT NOT NULL,
    notices TEXT NOT NULL,
    deleted REAL
);
CREATE TABLE records (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    epoch REAL NOT NULL,
    tokens INTEGER NOT NULL,
    loss REAL NOT NULL,
    bits_per_character REAL NOT NULL,
    validation_perplexity REAL,
    learning_rate REAL NOT NULL,
    gradient_norm REAL NOT NULL,
    tokens_per_second REAL NOT NULL,
    elapsed_seconds REAL NOT NULL,
    validation_bits_per_character REAL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE curves (
    run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,  -- up to which the records are in the summary
    summary TEXT NOT NULL
);
CREATE TABLE samples (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    prefix TEXT NOT NULL,
    seed INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (run, step, prefix, seed)
) WITHOUT ROWID;
CREATE TABLE checkpoints (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    perplexity REAL,
    best INTEGER NOT NULL,
    saved REAL NOT NULL,
    PRIMARY KEY (run, step)
) WITHOUT ROWID;
CREATE TABLE events (
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    step INTEGER NOT NULL,
    kind TEXT NOT NULL,
    details TEXT NOT NULL,
    created REAL NOT NULL,
    PRIMARY KEY (run, seq)
) WITHOUT ROWID;
"""
# Each makes a file one version newer; what has been released is never changed, only followed by another.
MIGRATIONS: Sequence[str] = (FIRST,)


class DamagedError(StoreError):
    """Say that a file is none of ours, or no longer whole."""


def is_damage(error: BaseException) -> bool:
    """Tell whether SQLite found a file that is not whole; what the disk refuses is of a class below this one.

    It quotes the file in its words, which may be no UTF-8 then.
    """
    return type(error) in (sqlite3.DatabaseError, UnicodeDecodeError) or "unsupported file format" in str(error)


def version_of(connection: sqlite3.Connection, path: str) -> int:
    """Return how many migrations a file has had, 0 for an empty one.

    Raises:
        DamagedError: another program's file.
        StoreError: a newer program's file.
    """
    alone = not connection.in_transaction
    if alone:  # all three of one moment: another process may be making the tables
        connection.execute("BEGIN")
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    [application] = connection.execute("PRAGMA application_id").fetchone()
    empty = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0
    if alone:
        connection.execute("COMMIT")
    if application != APPLICATION and not (empty and application == version == 0):
        raise DamagedError("store_failed", reason="not a list of runs")
    if version > len(MIGRATIONS):
        raise StoreError("store_newer", path=path, version=version, known=len(MIGRATIONS))
    return version


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Make the tables those of today: each migration wholly or not at all, whoever else does the same now.

    Args:
        connection: in autocommit mode.
        path: of the file, for the message.

    Raises:
        DamagedError: another program's file.
        StoreError: a newer program's file.
    """
    while version_of(connection, path) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        version = version_of(connection, path)  # as it is now that nobody else can change it
        if version < len(MIGRATIONS):
            for statement in _statements(MIGRATIONS[version]):
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {version + 1}")
        connection.execute("COMMIT")


def columns(connection: sqlite3.Connection) -> set[tuple[str, str]]:
    """Return every table with each of its columns."""
    return set(
        connection.execute(
            "SELECT tables.name, columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns"
            " WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%'"
        )
    )


def columns_of_today() -> set[tuple[str, str]]:
    """Return the columns of a new file."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, "")
        return columns(connection)


def _statements(script: str) -> list[str]:
    """Return the statements of a script; `executescript` would end the transaction."""
    return [statement for statement in script.split(";\n") if statement.strip()]
