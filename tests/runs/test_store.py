"""What is kept under the home of the program: numbers that nobody gets twice, models, and the user's texts."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprnn.device import Device
from deeprnn.errors import JobError
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from .test_studio import ENDLESS, LONG, tiny

CPU = Device("cpu", "CPU", 1)
VERSE = "the bell was still and deep, and deep was the bell. " * 40


def open_store(home: Path) -> Store:
    return Store(home, bundled=home / "none")


def at_once(count: int, action: Callable[[], object]) -> list[Any]:
    """Let threads do the same thing, all beginning together; return what they returned or raised."""
    barrier, results = threading.Barrier(count), list[Any]()

    def work() -> None:
        barrier.wait()
        try:
            results.append(action())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_pages_on_one_home_do_not_give_one_number_twice(tmp_path: Path) -> None:
    """Both counted from the same folder when they opened, and the second run overwrote the models of the first."""
    pages = [Studio(open_store(tmp_path), CPU) for _ in range(2)]
    key = pages[0].add_text("verse.txt", VERSE)[0].key
    numbers = [page.start(key, tiny()) for page in pages]
    assert all(page.wait(LONG) for page in pages)
    assert numbers == [1, 2]
    assert {m.key for m in pages[0].models()} == {f"run:{n}:{which}" for n in numbers for which in ("best", "last")}


def test_numbers_claimed_at_once_are_all_different(tmp_path: Path) -> None:
    stores = [open_store(tmp_path) for _ in range(4)]
    claimed = at_once(8, lambda: [store.claim() for store in stores])
    assert sorted(number for numbers in claimed for number in numbers) == list(range(1, 33))
    assert open_store(tmp_path).models() == {}  # an empty folder is no model


def test_a_refused_start_takes_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    studio = Studio(open_store(tmp_path), CPU)
    key = studio.add_text("verse.txt", VERSE)[0].key
    assert studio.start(key, ENDLESS) == 1
    with pytest.raises(JobError):
        studio.start(key, tiny())
    with monkeypatch.context() as patch:
        patch.setattr("deeprnn.runs.job.Job.active", False)  # the job is busy only when it is asked to start
        patch.setattr(studio._job, "start", refuse)
        with pytest.raises(JobError):
            studio.start(key, tiny())
    assert studio.close(LONG)
    assert [folder.name for folder in (tmp_path / "runs").iterdir()] == ["0001"]
    assert studio.start(key, tiny()) == 2
    assert studio.wait(LONG)


def refuse(*_: object) -> None:
    raise JobError("job_busy")


def test_a_home_that_cannot_be_written_still_numbers_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    assert store.claim() == 1

    def read_only(*_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", read_only)
    assert [store.claim(), store.claim()] == [2, 3]


def test_folders_of_the_user_among_the_runs_are_no_numbers(tmp_path: Path) -> None:
    for name in ("²", "0007", "notes"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    assert open_store(tmp_path).claim() == 8
