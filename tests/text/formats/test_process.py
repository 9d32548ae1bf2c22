"""The process of a reader: its progress is told in bytes, and whoever does not want to wait ends it."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

from deeprnn.errors import Cancelled
from deeprnn.runs.work import Work
from deeprnn.text.formats import process
from deeprnn.text.meter import Progress
from deeprnn.text.reading import open_pieces, read_bytes

from .making import make_zip

PATIENCE = 60.0  # seconds; a busy machine takes a few to start a process


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[subprocess.Popen[bytes]]:
    """Return the processes that are started; the places of what they write are under a folder of this test."""
    started: list[subprocess.Popen[bytes]] = []

    class Kept(subprocess.Popen[bytes]):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    monkeypatch.setattr(process, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "places"))
    (tmp_path / "places").mkdir()
    return started


def test_cancelling_ends_the_process_and_the_thread(
    children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Cancel was heard only after the reader had come to its own end, a quarter of an hour later at worst."""
    monkeypatch.setattr(process, "CHILD", "http.server")  # serves until it is ended
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip({"a.txt": "once upon a time"}))

    def act(tell: Progress) -> object:
        return open_pieces(path, progress=tell)

    work = Work(act)
    work.cancel()
    assert work.wait(PATIENCE)
    with pytest.raises(Cancelled):
        work.result()
    assert [child.poll() is not None for child in children] == [True]
    assert list((tmp_path / "places").iterdir()) == []


def test_progress_is_told_in_bytes_of_text(
    children: list[subprocess.Popen[bytes]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    text = "once upon a time there was a bell\n" * 60_000
    path = tmp_path / "a.csv"
    path.write_text("text\n" + text)
    told: list[tuple[int, int]] = []
    account, _ = open_pieces(path, progress=lambda *numbers: told.append(numbers))
    assert account.characters == len(text)
    assert told == sorted(told)
    assert told[-1][0] <= 2 * len(text)
    assert {total for _, total in told} == {0}


def test_a_plain_file_is_told_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("从前有座山\n" * 100_000, "utf-8")
    told: list[tuple[int, int]] = []
    open_pieces(path, progress=lambda *numbers: told.append(numbers))
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize("encoding", ["utf-16", "gb18030"])
def test_other_encodings_are_told_to_their_end(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("从前有座山，山里有座庙。\n" * 50_000, encoding)
    told: list[tuple[int, int]] = []
    open_pieces(path, progress=lambda *numbers: told.append(numbers))
    assert told == sorted(told)
    assert told[-1] == (path.stat().st_size, path.stat().st_size)


def test_an_ended_reader_is_collected(children: list[subprocess.Popen[bytes]]) -> None:
    assert read_bytes(make_zip({"a.txt": "once upon a time"}), "a.zip").text == "once upon a time"
    assert [child.returncode for child in children] == [0]
