"""The list of runs opens whatever its file has become; what was in it is moved aside, never removed."""

from __future__ import annotations

import gc
import hashlib
import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from deeprnn.errors import StoreError
from deeprnn.runs.database import Database
from deeprnn.runs.opening import open_database

from .stored import a_run, records


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a home with three runs and the folders of two."""
    home = tmp_path_factory.mktemp("healthy")
    database, notices = open_database(home)
    assert notices == ()
    for _ in range(3):
        database.append_records(database.add_run(a_run()), records(1, 300))
    for number in (2, 3):
        (home / "runs" / f"{number:04d}" / "best").mkdir(parents=True)
        (home / "runs" / f"{number:04d}" / "best" / "model.safetensors").write_bytes(b"weights")
    database.close()
    assert sorted(path.name for path in home.iterdir()) == ["runs", "runs.db"]  # the log is in the file now
    return home


@pytest.fixture
def home(tmp_path: Path, healthy: Path) -> Path:
    return Path(shutil.copytree(healthy, tmp_path / "home"))


def digest(path: Path) -> str:
    """Return what tells two files apart, and is short in a report."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def usable(database: Database) -> int:
    """Check that a database keeps what it is given; return the number of the new run."""
    number = database.add_run(a_run("new"))
    database.append_records(number, records(1, 20))
    assert Database(database.path).records(number) == tuple(records(1, 20))
    return number


def test_a_healthy_list_is_opened_without_a_word(home: Path) -> None:
    database, notices = open_database(home)
    assert (notices, [run.number for run in database.runs()], usable(database)) == ((), [3, 2, 1], 4)


def test_a_home_that_is_not_there_is_made(tmp_path: Path) -> None:
    database, notices = open_database(tmp_path / "a" / "b")
    assert (notices, database.runs(), usable(database)) == ((), (), 1)


def damage(name: str, data: bytes) -> bytes:
    middle = len(data) // 2
    return {
        "truncated": data[:middle],
        "truncated within a page": data[: middle + 1234],
        "garbage": random.Random(0).randbytes(5000),
        "a text": b"This is no database. " * 300,
        "zeroed": bytes(len(data)),
        "zeroed page": data[:4096] + bytes(4096) + data[8192:],
        "header": b"x" * 16 + data[16:],
        "format of tables": data[:47] + b"\x77" + data[48:],
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "truncated",
        "truncated within a page",
        "garbage",
        "a text",
        "zeroed",
        "zeroed page",
        "header",
        "format of tables",
    ],
)
def test_a_damaged_list_is_moved_aside(home: Path, name: str) -> None:
    """The page would not open any more until somebody found the file and removed it."""
    path = home / "runs.db"
    spoilt = damage(name, path.read_bytes())
    path.write_bytes(spoilt)
    before = digest(path)
    database, [notice] = open_database(home)
    aside = home / "runs.db.damaged-1"
    assert str(notice).startswith("The list of runs was damaged, and a new one has begun.")
    assert str(aside) in str(notice)
    assert digest(aside) == before
    assert usable(database) == 4  # after the folders that are still there
    assert (home / "runs" / "0003" / "best" / "model.safetensors").read_bytes() == b"weights"
    database.close()
    assert open_database(home)[1] == ()
    path.write_bytes(spoilt)
    assert str(home / "runs.db.damaged-2") in str(open_database(home)[1][0])
    assert digest(aside) == before


def test_another_programs_list_is_moved_aside_too(home: Path) -> None:
    path = home / "runs.db"
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.commit()
    theirs = digest(path)
    database, [notice] = open_database(home)
    assert notice.key == "store_damaged"
    assert digest(home / "runs.db.damaged-1") == theirs
    usable(database)


def test_whatever_bytes_are_spoilt_the_page_has_a_list(home: Path) -> None:
    """A hundred files with random damage: each opens as it is or is moved aside, and is usable then."""
    path, chance = home / "runs.db", random.Random(5)
    data, seen = path.read_bytes(), set()
    for _ in range(100):
        spoilt = bytearray(data)
        for _ in range(chance.choice([1, 8, 200])):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        path.write_bytes(bytes(spoilt[: chance.choice([len(spoilt), chance.randrange(len(spoilt))])]))
        database, notices = open_database(home)
        seen |= {notice.key for notice in notices}
        for run in database.runs():
            database.curve(run.number)
            database.records(run.number)
        usable(database)
        database.close()
        for left in home.glob("runs.db*"):
            left.unlink()
    assert seen == {"store_damaged"}


def test_a_log_without_its_file_is_worth_nothing(home: Path) -> None:
    """After the file was damaged, its old log must not be poured into the new one."""
    database, _ = open_database(home)
    number = database.add_run(a_run("in the log"))
    for part in ("", "-wal"):  # as a crash leaves them
        shutil.copyfile(home / f"runs.db{part}", home / f"kept{part}")
    database.close()
    for part in ("", "-wal"):
        (home / f"kept{part}").rename(home / f"runs.db{part}")
    shutil.copyfile(home / "runs.db-wal", home / "kept-wal")
    database, notices = open_database(home)
    assert (notices, database.run(number).name) == ((), "in the log")  # the log is read where all is well
    database.close()
    (home / "runs.db").write_bytes(b"garbage" * 1000)
    (home / "kept-wal").rename(home / "runs.db-wal")
    database, [notice] = open_database(home)
    assert (notice.key, database.runs()) == ("store_damaged", ())
    assert usable(database) == 4


def test_a_newer_list_is_refused_in_words_and_left_alone(home: Path) -> None:
    with closing(sqlite3.connect(home / "runs.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = digest(home / "runs.db")
    with pytest.raises(StoreError, match="newer DeepRNN"):
        open_database(home)
    assert digest(home / "runs.db") == before


def refuse(*_: object, **__: object) -> sqlite3.Connection:
    raise sqlite3.OperationalError("unable to open database file")


def test_where_the_disk_takes_no_list_it_stands_elsewhere(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only home must not keep anybody from training; the runs of before are shown."""
    real, spoilt = sqlite3.connect, home / "runs.db"

    def connect(path: Path, *arguments: object, **named: object) -> sqlite3.Connection:
        return refuse() if path == spoilt else real(path, *arguments, **named)  # type: ignore[call-overload]

    before = digest(spoilt)
    monkeypatch.setattr(sqlite3, "connect", connect)
    database, [notice] = open_database(home)
    assert str(notice) == (
        f"The list of runs cannot be kept in {home}: unable to open database file. "
        "What is trained now is listed until the program ends."
    )
    assert [run.number for run in database.runs()] == [3, 2, 1]
    assert usable(database) == 4
    assert digest(spoilt) == before
    folder = database.path.parent
    assert not folder.is_relative_to(home)
    del database
    gc.collect()
    assert not folder.exists()


def test_where_a_file_stands_in_place_of_the_home(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    database, [notice] = open_database(tmp_path / "home")
    assert (notice.key, usable(database)) == ("store_elsewhere", 1)


def test_the_second_process_sees_the_list_and_leaves_a_damaged_one_to_its_owner(home: Path) -> None:
    owner, _ = open_database(home)
    number = usable(owner)
    reader, notices = open_database(home, read_only=True)
    assert (notices, reader.run(number).name) == ((), "new")
    with pytest.raises(StoreError):
        reader.add_run(a_run())
    owner.close()
    reader.close()
    (home / "runs.db").write_bytes(b"garbage" * 1000)
    reader, [notice] = open_database(home, read_only=True)
    assert (notice.key, reader.runs()) == ("store_elsewhere", ())
    assert (home / "runs.db").read_bytes() == b"garbage" * 1000
