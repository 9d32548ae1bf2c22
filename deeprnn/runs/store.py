"""Where runs, models and texts are kept: one home, with a list of runs and a folder for each thing."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from ..disk import restore_folder, standing
from ..errors import CheckpointError, StoreError
from ..messages import Message
from ..model.checkpoint import Checkpoint, load_checkpoint, pack_checkpoint, save_checkpoint
from .checkpoints import Checkpoints
from .entries import INTERRUPTED, WAITING, KeptCheckpoint
from .job import ACTIVE
from .lock import HomeLock
from .opening import open_database
from .recorder import Recorder
from .rows import RunRow
from .shelf import DAMAGED, Shelf, printable
from .tracking import Tracker, open_tracker
from .view import ModelEntry

BUNDLED = Path(__file__).resolve().parents[2] / "weights"
FIRST_MODEL = "time_machine"  # the page opens with it: the chapter's prefixes are in its voice
Used = TypeVar("Used")
CHECKPOINTS = "checkpoints"  # of a run, in its folder
CLOSE_SECONDS = 1.0  # that the last records may take
LOADED_MODELS = 4  # kept in memory


def run_folder(home: Path, number: int) -> Path:
    """Return the folder of a run: its best model in `best`, its checkpoints in `checkpoints`."""
    return home / "runs" / f"{number:04d}"


class Store:
    """Keep models and texts in folders; a key names a thing and is never part of a path.

    Args:
        home: made when something is first written.
        bundled: the folder of the models that ship with the program.
        exports: where packed models stand, to be downloaded by whoever knows the path; `exports` of the home if None.
        track: who else is told of every run's records, one of `deeprnn.runs.tracking.TRACKERS`.
    """

    def __init__(
        self, home: Path, bundled: Path = BUNDLED, exports: Path | None = None, track: str | None = None
    ) -> None:
        self.home, self._bundled, self.exports, self.track = home, bundled, exports or home / "exports", track
        self._lock = HomeLock(home)
        self.read_only = not self._lock.held
        self.shelf = Shelf(home / "texts")
        self.database, self.notices = open_database(home, read_only=self.read_only)
        self.recorder = Recorder(self.database)
        self.failure: Message | None = None  # why the list of runs could not be written last
        self._load = lru_cache(LOADED_MODELS)(lambda folder, _version: load_checkpoint(folder))
        if not self.read_only:
            self._tidy()

    def claim(self, row: RunRow) -> int:
        """Keep a new run in the list and return its number, which nobody else gets.

        Raises:
            StoreError: the disk refuses.
        """
        return self.database.add_run(row)

    def write_row(self, number: int, **columns: Any) -> None:
        """Change what the list says of a run; a disk that refuses does not end a training, and the page says so."""
        try:
            self.database.update_run(number, **columns)
            self.failure = None
        except StoreError as error:
            self.failure = error.message

    def tracker(self, row: RunRow) -> Tracker | None:
        """Return who is told of a run's records outside this program; None where the user has asked for nobody."""
        return open_tracker(self.track, row.name, row.recipe, self.home / "tensorboard") if self.track else None

    def checkpoints(self, number: int) -> Checkpoints:
        """Return the checkpoints of a run."""
        return Checkpoints(self._run_folder(number) / CHECKPOINTS)

    def kept(self, number: int) -> tuple[KeptCheckpoint, ...]:
        """Return from where a run can go on, in order of step; nothing where the disk does not answer."""
        try:
            return self.checkpoints(number).kept()
        except CheckpointError:
            return ()

    def save_best(self, number: int, checkpoint: Checkpoint) -> None:
        """Save the best model of a run.

        Raises:
            CheckpointError: the disk refused; an older one is left as it was.
        """
        save_checkpoint(self._run_folder(number) / "best", checkpoint)

    def remove(self, number: int) -> None:
        """Remove a run and all its files for good.

        Raises:
            StoreError: the disk refuses.
        """
        shutil.rmtree(self._run_folder(number), ignore_errors=True)  # first: a number without files is harmless
        self.database.purge([number])

    def close(self) -> None:
        """Write what is not yet written, and let another process use this home."""
        self.recorder.close(CLOSE_SECONDS)
        self.database.close()
        self._lock.release()

    def models(self) -> dict[str, tuple[ModelEntry, Path]]:
        """Return every saved model by its key, the bundled ones first, then the newest runs, then imported ones."""
        found: dict[str, tuple[ModelEntry, Path]] = {}
        for folder in sorted(_subfolders(self._bundled), key=lambda f: (f.name != FIRST_MODEL, f.name)):
            self._add(found, f"bundled:{folder.name}", "bundled", folder)
        deleted = {row.number for row in self.database.runs(deleted=True)}
        for run in sorted(self._folders("runs"), key=lambda f: f.name, reverse=True):
            if run.name.isdecimal() and int(run.name) not in deleted:
                self._add_run(found, int(run.name))
        for folder in sorted(self._folders("models")):
            if not folder.name.startswith(".") and (folder / "config.json").is_file():
                self._add(found, f"own:{folder.name}", "own", folder)
        return found

    def load(self, key: str) -> Checkpoint:
        """Return a saved model.

        Raises:
            CheckpointError: there is no model of that key, or its files are refused.
        """
        return self._use(key, self._load)

    def export(self, key: str) -> Path:
        """Pack a saved model into one .zip and return its path.

        Raises:
            CheckpointError: there is no model of that key, or the disk refused.
        """
        # A folder for each key: two models of one name must not overwrite each other while they are downloaded.
        target = self.exports / key.replace(":", "-") / f"{_file_name(self._entry(key)[0])}.zip"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CheckpointError("cannot_write", path=str(target), reason=str(error)) from error
        self._use(key, lambda folder, _version: pack_checkpoint(folder, target), steady=True)
        return target

    def add_model(self, path: Path) -> ModelEntry:
        """Check a model file, keep a copy and return its entry.

        Raises:
            CheckpointError: the file is refused.
        """
        checkpoint = load_checkpoint(path)
        name = hashlib.sha256(path.read_bytes() if path.is_file() else str(path).encode()).hexdigest()[:12]
        save_checkpoint(self.home / "models" / name, checkpoint)
        return ModelEntry(f"own:{name}", "own", checkpoint.name)

    def _tidy(self) -> None:
        """Put in order what a process that died has left, and remove what was deleted too long ago."""
        for row in (*self.database.runs(), *self.database.runs(deleted=True)):
            if row.state in (*ACTIVE, WAITING):
                self.write_row(row.number, state=INTERRUPTED)
        for number in self.database.expired():
            self.remove(number)
        for folder in self._folders("runs"):
            restore_folder(folder / "best")  # from a crash between the two renames of a save
            Checkpoints(folder / "checkpoints").sweep()

    def _add_run(self, found: dict[str, tuple[ModelEntry, Path]], number: int) -> None:
        best, newest = self._run_folder(number) / "best", self.checkpoints(number).newest()
        for which, folder in (("best", best), ("last", newest)):
            if folder is not None and (standing(folder) / "config.json").is_file():
                self._add(found, f"run:{number}:{which}", which, folder, number)

    def _run_folder(self, number: int) -> Path:
        return run_folder(self.home, number)

    def _folders(self, kind: str) -> list[Path]:
        return _subfolders(self.home / kind)

    def _add(
        self, found: dict[str, tuple[ModelEntry, Path]], key: str, kind: str, folder: Path, number: int = 0
    ) -> None:
        try:
            name = printable(json.loads((standing(folder) / "config.json").read_bytes())["name"])[:80]
        except DAMAGED:
            return  # not a model of ours; loading it would say why
        found[key] = (ModelEntry(key, kind, name, number), folder)

    def _entry(self, key: str) -> tuple[ModelEntry, Path]:
        models = self.models()
        if key not in models:
            raise CheckpointError("unknown_model", name=str(key)[:60])
        return models[key]

    def _use(self, key: str, use: Callable[[Path, object], Used], *, steady: bool = False) -> Used:
        """Use a model's folder, and once more if a save replaced it meanwhile: old and new files may have been mixed.

        Args:
            key: of the model.
            use: gets the folder and what tells its versions apart.
            steady: what it returned is also doubted; else only its refusal is, for a load proves its files.
        """
        folder = self._entry(key)[1]
        version = _version(folder)
        try:
            used = use(folder, version)
            if not steady or _version(folder) == version:
                return used
        except CheckpointError:
            if _version(folder) == version:
                raise
        return use(folder, _version(folder))


def _file_name(entry: ModelEntry) -> str:
    """Return what the file of a model is called: its name, and for one of a run which it is."""
    name = entry.name.removesuffix(f" {entry.number}") if entry.number else entry.name
    words = "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())[:60].strip("-") or "model"
    return f"{words}-run-{entry.number}-{entry.kind}" if entry.number else words


def _version(folder: Path) -> tuple[int, ...]:
    """Return what changes whenever a saved model is replaced, nothing while none is there."""
    try:
        config = (folder / "config.json").stat()
    except OSError:
        return ()
    return config.st_mtime_ns, config.st_ino, config.st_size


def _subfolders(folder: Path) -> list[Path]:
    return [f for f in folder.iterdir() if f.is_dir()] if folder.is_dir() else []
