"""Tracking: whatever a tracker does, raise, hang, exit, the run hears nothing of it but one sentence."""

from __future__ import annotations

import importlib.machinery
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deeprnn.errors import ConfigError
from deeprnn.runs import tracking
from deeprnn.runs.tracking import TRACKERS, Tracker, check_tracker, figures, folder_name, open_tracker
from deeprnn.training.presets import PRESETS
from deeprnn.training.record import TrainRecord

QUICK = PRESETS["quick"]
LONG = 60.0


def record(step: int, validation: float | None = None) -> TrainRecord:
    bits = None if validation is None else 1.0
    return TrainRecord(step, 0.5, 64 * step, 1.25, 3.5, 1.8, validation, 0.008, 0.4, 1e4, 2.0, bits)


class Recorder:
    """A tracker that keeps what it is given, and fails on a wish at one of its calls."""

    def __init__(self, fail_at: str = "", error: BaseException | None = None) -> None:
        self.steps, self.closed, self.calls = list[int](), False, list[str]()
        self._fail_at, self._error = fail_at, error or OSError("no more room")

    def open(self) -> Recorder:
        self._call("open")
        return self

    def log(self, step: int, values: dict[str, float]) -> None:
        self._call("log")
        self.steps.append(step)

    def close(self) -> None:
        self._call("close")
        self.closed = True

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self._fail_at:
            raise self._error


class Stuck(Recorder):
    """A tracker that waits in one of its calls until it is let go."""

    def __init__(self, wait_at: str, fail_at: str = "") -> None:
        super().__init__(fail_at)
        self.reached, self.free, self._wait_at = threading.Event(), threading.Event(), wait_at

    def _call(self, name: str) -> None:
        if name == self._wait_at:
            self.reached.set()
            self.free.wait(LONG)
        super()._call(name)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_every_record_arrives_once_in_order_and_the_end_is_told() -> None:
    sink, clock = Recorder(), Clock()
    tracker = Tracker("fake", sink.open, clock)
    for step in range(1, 501):
        clock.now += 0.3
        tracker.add(record(step))
    tracker.close(LONG)
    assert sink.steps == list(range(1, 501))
    assert sink.closed
    assert tracker.notices == ()


def test_between_two_batches_lies_a_second() -> None:
    """A thread for each record would cost more than some steps do."""
    started, clock = list[None](), Clock()

    class Counting(Tracker):
        def _begin(self) -> None:
            started.append(None)
            super()._begin()

    tracker = Counting("fake", Recorder().open, clock)
    for step in range(1000):
        clock.now = step / 100
        tracker.add(record(step))
    assert len(started) == 10
    tracker.close(LONG)


@pytest.mark.parametrize("call", ["open", "log", "close"])
@pytest.mark.parametrize("error", [OSError("no more room"), SystemExit(1), KeyboardInterrupt(), MemoryError()])
def test_a_failure_is_said_once_and_is_the_last_call(call: str, error: BaseException) -> None:
    sink, clock = Recorder(call, error), Clock()
    tracker = Tracker("fake", sink.open, clock)
    tracker.open(LONG)
    for step in range(1, 4):
        clock.now += 2
        tracker.add(record(step))
    tracker.close(LONG)
    tracker.close(LONG)
    assert sink.calls.count(call) == 1
    assert sink.calls[-1] == call
    tracker.add(record(5))
    assert not tracker._waiting  # nothing is heaped up for nobody
    (notice,) = tracker.notices
    assert notice.key == "tracking_failed"
    assert type(error).__name__ in str(notice)


@pytest.mark.parametrize("call", ["open", "log"])
def test_who_never_comes_back_holds_neither_the_training_nor_its_end(call: str) -> None:
    sink = Stuck(call, fail_at=call)
    tracker = Tracker("fake", sink.open)
    tracker.add(record(1))
    assert sink.reached.wait(LONG)
    for step in range(2, tracking.MOST_WAITING + 10):  # each of them comes back at once
        tracker.add(record(step))
    (notice,) = tracker.notices
    assert notice.details == {"name": "fake", "count": tracking.MOST_WAITING}
    tracker.close(LONG)  # has given up already, and does not wait
    calls = list(sink.calls)
    sink.free.set()
    assert tracker._wait(LONG)
    assert sink.calls == [*calls, call]  # woken, it finds nothing more to do
    assert tracker.notices == (notice,)  # and what it then fails of is no news


def test_a_failure_during_the_end_is_not_tried_again() -> None:
    sink = Stuck("open", fail_at="open")
    tracker = Tracker("fake", sink.open)
    tracker.add(record(1))
    assert sink.reached.wait(LONG)
    tracker.end()  # waits for the batch, which fails
    sink.free.set()
    assert tracker._wait(LONG)
    tracker.close(LONG)
    assert sink.calls == ["open"]
    assert [notice.key for notice in tracker.notices] == ["tracking_failed"]


def test_an_end_that_does_not_come_is_not_waited_for() -> None:
    sink = Stuck("close")
    tracker = Tracker("fake", sink.open)
    tracker.add(record(1))
    tracker.close(0.05)
    assert [notice.key for notice in tracker.notices] == ["tracking_slow"]
    sink.free.set()
    assert tracker._wait(LONG)


def test_whoever_asks_for_the_end_waits_for_nothing() -> None:
    """The run's own end waited for a tracker that hung, and the page for the run."""
    sink = Stuck("log")
    tracker = Tracker("fake", sink.open, Clock())
    tracker.add(record(1))
    assert sink.reached.wait(LONG)
    tracker.add(record(2))  # its batch has begun already, this one waits for the next
    tracker.end()
    assert not sink.closed
    sink.free.set()
    assert tracker._wait(LONG)
    assert (sink.steps, sink.closed, tracker.notices) == ([1, 2], True, ())
    tracker.end()
    tracker.close(LONG)
    assert sink.calls.count("close") == 1


def test_an_end_behind_a_batch_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "CLOSE_SECONDS", 0.05)
    sink = Stuck("log")
    tracker = Tracker("fake", sink.open)
    tracker.add(record(1))
    assert sink.reached.wait(LONG)
    tracker.end()
    assert tracker._wait(LONG)
    assert [notice.key for notice in tracker.notices] == ["tracking_slow"]
    sink.free.set()


def test_where_no_thread_can_be_had_the_run_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(act: Callable[..., None]) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(tracking, "Work", refuse)
    tracker = Tracker("fake", Recorder().open)
    tracker.add(record(1))
    tracker.close()
    assert "can't start new thread" in str(tracker.notices[0])


def test_a_run_without_a_record_is_opened_and_closed() -> None:
    sink = Recorder()
    tracker = Tracker("fake", sink.open)
    tracker.open(LONG)
    tracker.close(LONG)
    assert sink.calls == ["open", "close"]


def test_only_what_was_measured_is_passed_on() -> None:
    assert "validation/perplexity" not in figures(record(1))
    assert figures(record(1, 4.5))["validation/perplexity"] == 4.5
    assert figures(record(1, 4.5))["validation/bits_per_character"] == 1.0
    assert figures(record(1))["train/perplexity"] == 3.5


def module(name: str, **members: Any) -> ModuleType:
    made = ModuleType(name)
    made.__spec__ = importlib.machinery.ModuleSpec(name, None)
    for member, value in members.items():
        setattr(made, member, value)
    return made


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Put modules in the place of both packages that keep how they are called."""
    calls: dict[str, list[Any]] = {"trackio": [], "tensorboard": []}

    class Run:
        def log(self, metrics: dict[str, float], step: int | None = None) -> None:
            calls["trackio"].append(("log", step, metrics))

        def finish(self) -> None:
            calls["trackio"].append("finish")

    class SummaryWriter:
        def __init__(self, log_dir: str) -> None:
            calls["tensorboard"].append(log_dir)

        def add_text(self, tag: str, text: str) -> None:
            calls["tensorboard"].append((tag, text))

        def add_scalar(self, tag: str, value: float, step: int) -> None:
            calls["tensorboard"].append((tag, value, step))

        def close(self) -> None:
            calls["tensorboard"].append("close")

    def init(project: str, name: str, **more: Any) -> Run:
        calls["trackio"].append((project, name, more))
        return Run()

    monkeypatch.setitem(sys.modules, "trackio", module("trackio", init=init))
    monkeypatch.setitem(sys.modules, "tensorboard", module("tensorboard"))
    written = module("torch.utils.tensorboard", SummaryWriter=SummaryWriter)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", written)
    return calls


def test_trackio_stays_on_this_machine_and_appends_to_a_run_that_goes_on(
    fakes: dict[str, list[Any]], tmp_path: Path
) -> None:
    tracker = open_tracker("trackio", "Book · quick", QUICK, tmp_path)
    assert fakes["trackio"] == []  # nothing is imported or opened before there is something to tell
    tracker.add(record(7, 4.5))
    tracker.close(LONG)
    (project, name, more), log, finish = fakes["trackio"]
    assert (project, name, finish) == ("deeprnn", "Book · quick", "finish")
    assert log == ("log", 7, figures(record(7, 4.5)))
    assert more["resume"] == "allow"
    assert more["config"]["dropout"] == QUICK.model.dropout
    assert not {"space_id", "server_url", "dataset_id", "bucket_id", "webhook_url"} & set(more)
    assert tracker.notices == ()


def test_tensorboard_gets_a_folder_for_each_run(fakes: dict[str, list[Any]], tmp_path: Path) -> None:
    tracker = open_tracker("tensorboard", "../Book · 诗", QUICK, tmp_path)
    tracker.add(record(7))
    tracker.close(LONG)
    folder, (tag, text), *scalars, end = fakes["tensorboard"]
    assert (folder, tag, end) == (str(tmp_path / "___Book___诗"), "settings", "close")
    assert "learning_rate = 0.008" in text
    assert scalars == [(name, value, 7) for name, value in figures(record(7)).items()]


def test_no_name_leads_out_of_the_folder() -> None:
    assert folder_name("../../etc") == "______etc"
    assert folder_name("·") == "_"
    assert folder_name("") == "run"
    assert len(folder_name("x" * 500)) == 80


def test_a_tracker_that_is_unknown_or_not_installed_is_refused_before_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="trackio, tensorboard"):
        check_tracker("wandb")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for kind in TRACKERS:
        with pytest.raises(ConfigError, match=rf"pip install 'deeprnn\[{kind}\]'"):
            check_tracker(kind)


def test_a_package_that_has_gone_since_ends_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that goes on by itself after a restart failed for want of trackio."""
    monkeypatch.setitem(sys.modules, "trackio", None)
    tracker = open_tracker("trackio", "run", QUICK, tmp_path)
    tracker.add(record(1))
    tracker.close(LONG)
    assert [notice.key for notice in tracker.notices] == ["tracking_failed"]
    assert "ModuleNotFoundError" in str(tracker.notices[0])


def test_the_extras_are_declared() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8")
    assert all(f'\n{kind} = ["{kind}>=' in text for kind in TRACKERS)
