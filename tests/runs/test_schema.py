"""Files of older versions become today's; those of newer ones and of other programs are left alone."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from deeprnn.config import Recipe
from deeprnn.errors import StoreError
from deeprnn.runs import schema
from deeprnn.runs.database import Database
from deeprnn.runs.view import Sample

from .stored import a_run, records

# What version 1 wrote, by its own words: it must not follow the tables of today.
VERSION_1 = """
CREATE TABLE runs (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    notes TEXT NOT NULL, owner TEXT NOT NULL, state TEXT NOT NULL, message TEXT, corpus TEXT NOT NULL,
    corpus_name TEXT NOT NULL, corpus_sha256 TEXT NOT NULL, recipe TEXT NOT NULL,
    parent INTEGER REFERENCES runs ON DELETE SET NULL, parent_step INTEGER, "group" TEXT NOT NULL,
    created REAL NOT NULL, started REAL, ended REAL, seconds REAL NOT NULL, step INTEGER NOT NULL,
    total_steps INTEGER NOT NULL, best_step INTEGER, best_perplexity REAL, bits_per_character REAL,
    tokens_per_second REAL NOT NULL, steps_per_epoch INTEGER NOT NULL, tokens_per_character REAL NOT NULL,
    validation_tokens_per_character REAL, lines TEXT NOT NULL, notices TEXT NOT NULL, deleted REAL);
CREATE TABLE records (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    epoch REAL NOT NULL, tokens INTEGER NOT NULL, loss REAL NOT NULL, bits_per_character REAL NOT NULL,
    validation_perplexity REAL, learning_rate REAL NOT NULL, gradient_norm REAL NOT NULL,
    tokens_per_second REAL NOT NULL, elapsed_seconds REAL NOT NULL, validation_bits_per_character REAL,
    PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE curves (run INTEGER PRIMARY KEY REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    summary TEXT NOT NULL);
CREATE TABLE samples (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    prefix TEXT NOT NULL, seed INTEGER NOT NULL, text TEXT NOT NULL, PRIMARY KEY (run, step, prefix, seed))
    WITHOUT ROWID;
CREATE TABLE checkpoints (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, step INTEGER NOT NULL,
    perplexity REAL, best INTEGER NOT NULL, saved REAL NOT NULL, PRIMARY KEY (run, step)) WITHOUT ROWID;
CREATE TABLE events (run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, seq INTEGER NOT NULL,
    step INTEGER NOT NULL, kind TEXT NOT NULL, details TEXT NOT NULL, created REAL NOT NULL, PRIMARY KEY (run, seq))
    WITHOUT ROWID;
INSERT INTO runs (number, id, name, notes, owner, state, corpus, corpus_name, corpus_sha256, recipe, "group", created,
    seconds, step, total_steps, best_step, best_perplexity, tokens_per_second, steps_per_epoch, tokens_per_character,
    lines, notices) VALUES (7, 'c0ffee', 'bell 7', '', '', 'done', 'thirsty_bell', 'The Thirsty Bell', 'ab',
    '{"name": "d2l", "text": {}, "model": {"num_layers": 3}, "train": {"seed": 5}}', '', 1000.5,
    12.5, 2, 2, 2, 5.5, 9000.0, 30, 1.0, '[["uniform", 27.0]]',
    '[{"key": "save_failed", "details": {"reason": "disk full"}}]');
INSERT INTO records VALUES (7, 1, 0.1, 64, 2.5, 3.6, NULL, 0.1, 'nan', 9000.0, 0.5, NULL);
INSERT INTO records VALUES (7, 2, 0.2, 128, 2.25, 3.2, 5.5, 0.1, 1.5, 9000.0, 0.75, 2.25);
INSERT INTO samples VALUES (7, 2, 'the', 0, 'the bell');
INSERT INTO events VALUES (7, 0, 1, 'changed', '{"learning_rate": 0.05}', 1001.0);
INSERT INTO checkpoints VALUES (7, 2, 5.5, 1, 1002.0);
PRAGMA application_id = 1146244686;
PRAGMA user_version = 1;
"""
OLDER = {0: "", 1: VERSION_1}  # each version that may stand on a user's disk


@contextmanager
def plain(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a file as any other program would."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


def write(path: Path, version: int) -> None:
    with plain(path) as connection:
        connection.executescript(OLDER[version])


def shape(path: Path) -> set[tuple[str, str, str]]:
    """Return every table with its columns and their types."""
    with plain(path) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            (table, row[1], row[2]) for table in tables for row in connection.execute(f"PRAGMA table_info({table})")
        }


def version(path: Path) -> int:
    with plain(path) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_every_older_version_has_its_file_here() -> None:
    assert sorted(OLDER) == list(range(len(schema.MIGRATIONS) + 1))


@pytest.mark.parametrize("older", OLDER)
def test_an_older_file_becomes_one_of_today(tmp_path: Path, older: int) -> None:
    path, new = tmp_path / "runs.db", tmp_path / "new.db"
    write(path, older)
    database = Database(path)
    Database(new)
    assert shape(path) == shape(new)
    assert version(path) == version(new) == len(schema.MIGRATIONS)
    number = database.add_run(a_run())
    database.append_records(number, records(1, 3))
    assert database.records(number) == tuple(records(1, 3))


def test_what_version_1_kept_is_still_there(tmp_path: Path) -> None:
    write(tmp_path / "runs.db", 1)
    database = Database(tmp_path / "runs.db")
    [run] = database.runs()
    recipe = Recipe().replace(num_layers=3, seed=5)
    assert (run.number, run.id, run.name, run.state, run.recipe) == (7, "c0ffee", "bell 7", "done", recipe)
    assert (run.best, run.lines, str(run.notices[0])[:32]) == (
        (2, 5.5), (("uniform", 27.0),), "The model could not be saved: di",
    )  # fmt: skip
    first, second = database.records(7)
    assert (first.step, first.loss, repr(first.gradient_norm), first.validation_perplexity) == (1, 2.5, "nan", None)
    assert (second.step, second.tokens, second.validation_perplexity) == (2, 128, 5.5)
    assert database.curve(7) == {"train": [[1, 2], [12.182, 9.4877]], "validation": [[2], [5.5]]}
    assert database.samples(7) == (Sample("the", "the bell", 2),)
    assert [(event.step, event.kind, event.details) for event in database.events(7)] == [
        (1, "changed", {"learning_rate": 0.05})
    ]
    assert [(c.step, c.best, c.seconds) for c in database.checkpoints(7)] == [(2, True, 1002.0)]
    assert database.add_run(a_run()) == 8


def test_the_next_version_will_find_every_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "runs.db"
    old = Database(path)
    number = old.add_run(a_run("before"))
    old.append_records(number, records(1, 5))
    following = "ALTER TABLE records ADD COLUMN extra REAL;\nCREATE TABLE tags (run INTEGER, tag TEXT);\n"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, following))
    new = Database(path)
    assert version(path) == len(schema.MIGRATIONS)
    assert {("records", "extra", "REAL"), ("tags", "tag", "TEXT")} < shape(path)
    assert new.run(number).name == "before"
    assert new.records(number) == tuple(records(1, 5))


def test_a_migration_that_fails_half_way_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "runs.db"
    number = Database(path).add_run(a_run("before"))
    before = shape(path)
    good = "CREATE TABLE good (x);\n"
    broken = "ALTER TABLE runs RENAME COLUMN name TO title;\nCREATE TABLE runs (again);\n"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(StoreError, match="already exists"):
            Database(path)
    assert (shape(path), version(path)) == (before, len(schema.MIGRATIONS))
    assert Database(path).run(number).name == "before"
    with monkeypatch.context() as patch:  # each is a step of its own: those before the broken one stay
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, good, broken))
        with pytest.raises(StoreError, match="already exists"):
            Database(path)
        assert version(path) == len(schema.MIGRATIONS) - 1
    assert shape(path) - before == {("good", "x", "")}


def test_a_newer_file_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    newest = len(schema.MIGRATIONS)
    Database(path).close()
    with plain(path) as connection:
        connection.execute(f"PRAGMA user_version = {newest + 1}")
    before = hashlib.sha256(path.read_bytes())
    for read_only in (False, True):
        with pytest.raises(
            StoreError, match=rf"newer DeepRNN \(version {newest + 1}; this one knows {newest}\). Update"
        ):
            Database(path, read_only=read_only)
    assert hashlib.sha256(path.read_bytes()).digest() == before.digest()


def test_another_programs_file_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "runs.db"
    with plain(path) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    before = hashlib.sha256(path.read_bytes())
    with pytest.raises(schema.DamagedError, match="not a list of runs"):
        Database(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before.digest()
