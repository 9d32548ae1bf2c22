"""Who owns a home: the first process, until it ends, even by a kill."""

from __future__ import annotations

import errno
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deeprnn.runs import lock
from deeprnn.runs.lock import HomeLock

OWN = """
import sys
from pathlib import Path
from deeprnn.runs.lock import HomeLock
lock = HomeLock(Path(sys.argv[1]))
print(lock.held, flush=True)
sys.stdin.read()
"""


@contextmanager
def other_process(home: Path) -> Iterator[tuple[subprocess.Popen[str], bool]]:
    """Start another process on a home; yields it and whether it owns the home."""
    process = subprocess.Popen([sys.executable, "-c", OWN, str(home)], stdin=-1, stdout=-1, text=True)
    assert process.stdout
    try:
        yield process, process.stdout.readline() == "True\n"
    finally:
        process.kill()
        process.communicate()


def test_the_second_process_is_told_so(tmp_path: Path) -> None:
    mine = HomeLock(tmp_path / "home")
    assert mine.held
    assert mine.notice is None
    with other_process(tmp_path / "home") as (_, held):
        assert not held
    with other_process(tmp_path / "another") as (_, held):
        assert held


def test_a_killed_process_lets_the_home_go(tmp_path: Path) -> None:
    with other_process(tmp_path) as (process, held):
        assert held
        second = HomeLock(tmp_path)
        assert not second.held
        assert str(second.notice).startswith(f"Another DeepRNN is using {tmp_path}. This one only shows")
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert not second.held  # who was second stays so: it has read what the other may have changed since
        third = HomeLock(tmp_path)
        assert third.held


def test_it_can_be_given_back(tmp_path: Path) -> None:
    mine = HomeLock(tmp_path)
    assert not HomeLock(tmp_path).held
    mine.release()
    mine.release()
    assert HomeLock(tmp_path).held


def test_where_nothing_can_be_locked_nobody_is_kept_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that is read-only, or in a network that knows no locks, is no second process."""
    (tmp_path / "file").write_text("")
    assert HomeLock(tmp_path / "file").held

    def refuse(_: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(lock, "_lock", refuse)
    assert HomeLock(tmp_path / "home").held
