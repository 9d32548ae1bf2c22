"""Hands the records of a run to trackio or TensorBoard, where the user asked for it; training never waits for either.

Both are packages of their own, imported when a run begins. trackio writes into its own folder on this machine, unless
its user has named a Space in TRACKIO_SPACE_ID; TensorBoard writes files.
"""

from __future__ import annotations

import importlib
import importlib.util
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from ..config import Recipe
from ..errors import ConfigError, DeepRNNError
from ..messages import Message, message
from ..text.meter import Progress
from ..training.record import TrainRecord
from .work import Work

TRACKERS = ("trackio", "tensorboard")
PROJECT = "deeprnn"
BATCH_SECONDS = 1.0  # between two batches
CLOSE_SECONDS = 10.0  # that the end of a run waits for the last batch
MOST_WAITING = 20_000  # records; who leaves so many untaken has stopped taking them


class Sink(Protocol):
    """Take what a tracker is given; it may raise, and it may never come back."""

    def log(self, step: int, values: dict[str, float]) -> None:
        """Take the figures of one step."""

    def close(self) -> None:
        """Keep all that was taken."""


class Tracker:
    """Pass the records of one run on, in batches, each on a thread of its own: nobody else waits for what it does.

    The first failure is the last: it is told in `notices`, and nothing more is passed on.

    Args:
        name: what the notice calls it.
        open_sink: called once, on such a thread.
        clock: seconds.
    """

    def __init__(self, name: str, open_sink: Callable[[], Sink], clock: Callable[[], float] = time.monotonic) -> None:
        self.notices: tuple[Message, ...] = ()
        self._name, self._open, self._clock = name, open_sink, clock
        self._sink: Sink | None = None
        self._waiting = deque[TrainRecord]()
        self._work: Work[None] | None = None
        self._due, self._ending, self._over = 0.0, False, False

    def open(self, seconds: float = CLOSE_SECONDS) -> None:
        """Begin before the first record, and wait at most so many seconds for it."""
        self._begin()
        self._wait(seconds)

    def add(self, record: TrainRecord) -> None:
        """Take a record; it costs an append, and once a second the start of a thread."""
        if self._over:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._let_go()
            return
        self._waiting.append(record)
        if self._clock() >= self._due:
            self._due = self._clock() + BATCH_SECONDS
            self._begin()

    def end(self) -> None:
        """Pass on what waits and end, once the batch under way is done; whoever calls waits for none of it."""
        if self._over or self._ending:
            return
        self._ending = True
        self._start(self._work)

    def close(self, seconds: float = CLOSE_SECONDS) -> None:
        """End, and wait for it at most so many seconds; what has not been taken by then is left."""
        if self._over:
            return
        self.end()
        if not self._wait(seconds):
            self._let_go()

    def _begin(self) -> None:
        """Start a batch unless one is under way."""
        if self._wait(0.0):
            self._start(None)

    def _start(self, before: Work[None] | None) -> None:
        """Start a batch that begins after another one."""

        def act(progress: Progress) -> None:
            if before is None or before.wait(CLOSE_SECONDS):
                self._pass_on()
            else:
                self._let_go()

        try:
            self._work = Work(act)
        except RuntimeError as error:  # no thread can be had
            self._fail(error)

    def _wait(self, seconds: float) -> bool:
        """Wait for the batch under way, at most so many seconds; tell whether there is none."""
        return self._work is None or self._work.wait(seconds)

    def _pass_on(self) -> None:
        if self._over:
            return
        try:
            if self._sink is None:
                self._sink = self._open()
            while self._waiting:
                record = self._waiting.popleft()
                self._sink.log(record.step, figures(record))
            if self._ending:
                self._sink.close()
                self._over = True
        except BaseException as error:  # even an exit: it is the end of this thread only
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        reason = error.message if isinstance(error, DeepRNNError) else f"{type(error).__name__}: {error}"[:200]
        self._give_up(message("tracking_failed", name=self._name, reason=reason))

    def _let_go(self) -> None:
        self._give_up(message("tracking_slow", name=self._name, count=len(self._waiting)))

    def _give_up(self, notice: Message) -> None:
        if not self._over:
            self._over, self.notices = True, (notice,)
        self._waiting.clear()


def figures(record: TrainRecord) -> dict[str, float]:
    """Return the figures of a record under the names that both programs sort by."""
    values = {
        "train/loss": record.loss,
        "train/perplexity": record.perplexity,
        "train/bits_per_character": record.bits_per_character,
        "validation/perplexity": record.validation_perplexity,
        "validation/bits_per_character": record.validation_bits_per_character,
        "run/epoch": record.epoch,
        "run/learning_rate": record.learning_rate,
        "run/gradient_norm": record.gradient_norm,
        "run/tokens_per_second": record.tokens_per_second,
    }
    return {name: value for name, value in values.items() if value is not None}


def check_tracker(kind: str) -> None:
    """Refuse a tracker that cannot be used, before a long work begins.

    Raises:
        ConfigError: there is no such tracker, or its package is not installed.
    """
    if kind not in TRACKERS:
        raise ConfigError("not_a_choice", name="track", value=kind[:60], allowed=", ".join(TRACKERS))
    if importlib.util.find_spec(kind) is None:
        raise ConfigError("needs_package", what=kind, command=f"pip install 'deeprnn[{kind}]'")


def open_tracker(kind: str, run: str, recipe: Recipe, folder: Path) -> Tracker:
    """Return the tracker of a run; its package is imported with the first record, and missed then if it is not there.

    Args:
        kind: one of `TRACKERS`.
        run: name of the run; one that goes on has the name it had.
        recipe: its settings are shown beside the curves.
        folder: for the files of TensorBoard, a folder of each run in it.
    """
    settings = {"preset": recipe.name, **recipe.settings()}
    if kind == "trackio":
        return Tracker(kind, lambda: _Trackio(run, settings))
    return Tracker(kind, lambda: _TensorBoard(folder / folder_name(run), settings))


def folder_name(run: str) -> str:
    """Return the name of a run as that of a folder."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in run)[:80] or "run"


class _Trackio:
    def __init__(self, run: str, settings: dict[str, Any]) -> None:
        # A run that goes on is appended to; what the machine does beside it is nobody's business.
        quiet = {"embed": False, "auto_log_gpu": False, "auto_log_cpu": False}
        self._run = importlib.import_module("trackio").init(PROJECT, run, config=settings, resume="allow", **quiet)

    def log(self, step: int, values: dict[str, float]) -> None:
        self._run.log(values, step=step)

    def close(self) -> None:
        self._run.finish()


class _TensorBoard:
    def __init__(self, folder: Path, settings: dict[str, Any]) -> None:
        self._writer = importlib.import_module("torch.utils.tensorboard").SummaryWriter(str(folder))
        self._writer.add_text("settings", "\n".join(f"    {name} = {value}" for name, value in settings.items()))

    def log(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()
