"""Whatever the disk does, and whoever else writes there, one good model is there and nothing of the user's is gone."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from deeprnn.disk import ABANDONED_SECONDS, restore_folder
from deeprnn.errors import CheckpointError
from deeprnn.model.checkpoint import load_checkpoint, pack_checkpoint, save_checkpoint

from .crafting import make_checkpoint
from .test_checkpoint import assert_equal, files_beside


class Failing:
    """Count the calls that reach the disk, each write among them, and let the n-th fail."""

    def __init__(self, patch: pytest.MonkeyPatch, fail_at: int, error: Exception) -> None:
        self.calls, self._fail_at, self._error = 0, fail_at, error
        for name in ("rename", "mkdir", "replace"):
            patch.setattr(Path, name, self.wrap(getattr(Path, name)))
        for name in ("open", "fsync"):
            patch.setattr(os, name, self.wrap(getattr(os, name)))
        open_file = self.wrap(Path.open)
        patch.setattr(Path, "open", lambda *args: FailingFile(open_file(*args), self))

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self._fail_at:
                raise self._error
            return function(*args, **kwargs)

        return call


class FailingFile:
    """Be a file whose writes count."""

    def __init__(self, file: IO[bytes], disk: Failing) -> None:
        self._file, self.write = file, disk.wrap(file.write)

    def __enter__(self) -> FailingFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


ERRORS = [OSError(28, "No space left on device"), OSError(30, "Read-only file system")]


@pytest.mark.parametrize("error", ERRORS, ids=str)
@pytest.mark.parametrize("older", [True, False])
def test_a_disk_that_fails_at_any_step_leaves_the_older_model_and_nothing_else(
    tmp_path: Path, error: Exception, older: bool
) -> None:
    folder, old, new = tmp_path / "m", make_checkpoint(seed=1), make_checkpoint(seed=2)
    for step in range(1, 999):
        if older:
            save_checkpoint(folder, old)
        with pytest.MonkeyPatch.context() as patch:
            disk = Failing(patch, step, error)
            refusal = attempt(lambda: save_checkpoint(folder, new))
        if disk.calls < step:
            break
        if refusal:
            assert str(error.args[-1]) in refusal
            assert files_beside(folder) == ({"m"} if older else set())
        if older or not refusal:  # a failure to remove the older folder afterwards is no failure to save
            assert_equal(load_checkpoint(folder), old if refusal else new)
        if not older:
            shutil.rmtree(folder, ignore_errors=True)
    assert step > 20  # every call was made to fail once
    assert_equal(load_checkpoint(folder), new)


def attempt(action: Callable[[], None]) -> str:
    """Return what a refusal says, empty if there was none."""
    try:
        action()
    except CheckpointError as refusal:
        return str(refusal)
    return ""


@pytest.mark.parametrize("error", ERRORS, ids=str)
def test_packing_on_a_failing_disk_keeps_the_older_zip(tmp_path: Path, error: Exception) -> None:
    save_checkpoint(tmp_path / "m", make_checkpoint())
    (tmp_path / "m.zip").write_bytes(b"older")
    for step in range(1, 99):
        with pytest.MonkeyPatch.context() as patch:
            Failing(patch, step, error)
            if not attempt(lambda: pack_checkpoint(tmp_path / "m", tmp_path / "m.zip")):
                break
        assert (tmp_path / "m.zip").read_bytes() == b"older"
        assert files_beside(tmp_path / "m") == {"m", "m.zip"}
    assert step > 4
    load_checkpoint(tmp_path / "m.zip")


def test_a_crash_between_the_two_renames_loses_nothing(tmp_path: Path) -> None:
    folder, old, new = tmp_path / "m", make_checkpoint(seed=1), make_checkpoint(seed=2)
    save_checkpoint(folder, old)
    folder.rename(tmp_path / ".m.deeprnn-old-1")
    leave_unfinished(tmp_path / ".m.deeprnn-new-1", seconds_ago=2 * ABANDONED_SECONDS)
    assert_equal(load_checkpoint(folder), old)
    restore_folder(folder)
    assert_equal(load_checkpoint(folder), old)
    folder.rename(tmp_path / ".m.deeprnn-old-1")
    save_checkpoint(folder, new)
    assert_equal(load_checkpoint(folder), new)
    assert files_beside(folder) == {"m"}


def leave_unfinished(folder: Path, seconds_ago: float) -> None:
    folder.mkdir()
    os.utime(folder, (time.time() - seconds_ago,) * 2)


def test_folders_of_the_user_beside_a_model_are_left_alone(tmp_path: Path) -> None:
    """`cp -r m m.old` before another training was a backup lost: the save had taken that name for its own."""
    folder, backups = tmp_path / "m", [tmp_path / "m.old", tmp_path / "m.tmp-1", tmp_path / "m.tmp-notes"]
    for backup in backups:
        save_checkpoint(backup, make_checkpoint(seed=7))
    with pytest.raises(CheckpointError):
        load_checkpoint(folder)
    restore_folder(folder)
    assert not folder.exists()
    for seed in (1, 2):
        save_checkpoint(folder, make_checkpoint(seed=seed))
        assert_equal(load_checkpoint(folder), make_checkpoint(seed=seed))
    for backup in backups:
        assert_equal(load_checkpoint(backup), make_checkpoint(seed=7))


def test_what_another_writer_has_just_begun_is_left_to_it(tmp_path: Path) -> None:
    leave_unfinished(tmp_path / ".m.deeprnn-new-1", seconds_ago=0)
    leave_unfinished(tmp_path / ".m.deeprnn-new-2", seconds_ago=2 * ABANDONED_SECONDS)
    save_checkpoint(tmp_path / "m", make_checkpoint())
    assert files_beside(tmp_path / "m") == {"m", ".m.deeprnn-new-1"}


def test_a_folder_behind_a_link_is_replaced_where_it_is(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "there" / "m", make_checkpoint(seed=1))
    (tmp_path / "link").symlink_to(tmp_path / "there" / "m", target_is_directory=True)
    save_checkpoint(tmp_path / "link", make_checkpoint(seed=2))
    assert (tmp_path / "link").is_symlink()
    assert_equal(load_checkpoint(tmp_path / "there" / "m"), make_checkpoint(seed=2))
    assert files_beside(tmp_path / "link") == {"link", "there"}


def test_a_file_in_the_place_of_a_model_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "m").write_text("a thesis")
    assert "Not a directory" in attempt(lambda: save_checkpoint(tmp_path / "m", make_checkpoint()))
    assert (tmp_path / "m").read_text() == "a thesis"
    assert files_beside(tmp_path / "m") == {"m"}


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyError("a bug")], ids=repr)
def test_a_fault_of_the_program_is_not_told_as_a_full_disk(
    tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_checkpoint(tmp_path / "m", make_checkpoint(seed=1))
    saves: list[Callable[[], None]] = [
        lambda: save_checkpoint(tmp_path / "m", make_checkpoint(seed=2)),
        lambda: pack_checkpoint(tmp_path / "m", tmp_path / "m.zip"),
    ]
    for save in saves:
        with monkeypatch.context() as patch:
            Failing(patch, 5, error)
            with pytest.raises(type(error), match="a bug"):
                save()
        assert files_beside(tmp_path / "m") == {"m"}
    assert_equal(load_checkpoint(tmp_path / "m"), make_checkpoint(seed=1))


def at_once(count: int, action: Callable[[], object]) -> list[Exception]:
    """Let threads do the same thing, all beginning together; return what they raised."""
    barrier, raised = threading.Barrier(count), []

    def work() -> None:
        barrier.wait()
        try:
            action()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_threads_that_pack_or_save_one_model_at_once_do_not_meet(tmp_path: Path) -> None:
    """The temporary names told processes apart, not threads: ten of fifteen exports failed."""
    folder, saved = tmp_path / "m", make_checkpoint(seed=3)
    save_checkpoint(folder, saved)
    for _ in range(5):
        assert at_once(4, lambda: save_checkpoint(folder, saved)) == []
        assert at_once(4, lambda: pack_checkpoint(folder, tmp_path / "m.zip")) == []
        assert_equal(load_checkpoint(folder), saved)
        assert_equal(load_checkpoint(tmp_path / "m.zip"), saved)
        assert files_beside(folder) == {"m", "m.zip"}
