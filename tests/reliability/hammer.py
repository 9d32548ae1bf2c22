"""Many threads press everything at once, at random: every answer is one of the defined ones, and one run trains."""

from __future__ import annotations

import faulthandler
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from deeprnn.config import SamplingConfig
from deeprnn.errors import DeepRNNError
from deeprnn.runs.entries import INTERRUPTED, WAITING
from deeprnn.runs.job import STATES
from deeprnn.runs.studio import Studio
from deeprnn.training.train import Training

from .figure import Figure
from .studios import LONG, RECIPE, add_text, open_studio, until

SWITCH_SECONDS = 1e-6  # between two threads of Python; a thousandth of the usual
HANGS_SECONDS = 600.0
PAUSE_SECONDS = 0.02  # between two presses, at most: the run must come to take steps
SELDOM = {"stop": 0.05, "discard": 0.3, "pause": 0.3}  # else no run would come to take a step
SHORT = SamplingConfig(temperature=0.0, max_new_tokens=3)
KNOWN = {*STATES, WAITING, INTERRUPTED}
MOST_RUNS = 60  # further ones are not begun


class Trainers:
    """Count the trainings that take a step at the same moment."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._lock, self._now, self.most, self.steps = threading.Lock(), 0, 0, 0
        real = Training._update

        def update(training: Training, *batch: Any) -> Any:
            with self._lock:
                self._now, self.steps = self._now + 1, self.steps + 1
                self.most = max(self.most, self._now)
            try:
                return real(training, *batch)
            finally:
                with self._lock:
                    self._now -= 1

        patch.setattr(Training, "_update", update)


def measure(threads: int, calls: int, folder: Path) -> Figure:
    """Let so many threads make so many calls each."""
    with pytest.MonkeyPatch.context() as patch, open_studio(folder) as studio:
        trainers, violations, slowest = Trainers(patch), list[str](), [0.0]
        key = add_text(studio)
        studio.start(key, RECIPE)
        until(lambda: trainers.steps, "a step")

        def press(seed: int) -> None:
            draw = random.Random(seed)
            for _ in range(calls):
                possible = actions(studio, key, draw)
                [(name, act)] = draw.choices(possible, [SELDOM.get(name, 1.0) for name, _ in possible])
                begin = time.perf_counter()
                try:
                    with suppress(DeepRNNError):  # an answer
                        act()
                    slowest[0] = max(slowest[0], time.perf_counter() - begin)
                    time.sleep(draw.uniform(0.0, PAUSE_SECONDS))
                    if (state := studio.run().state) not in KNOWN:
                        violations.append(f"after {name} the state is {state}")
                except BaseException as error:
                    violations.append(f"{name}: {type(error).__name__}: {error}")

        workers = [threading.Thread(target=press, args=(seed,), daemon=True) for seed in range(threads)]
        with hurried():
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join(HANGS_SECONDS)
        violations += ["a thread hangs" for worker in workers if worker.is_alive()]
        violations += [f"{trainers.most} trained at once"] if trainers.most != 1 else []
        violations += settled(studio)
    return Figure(threads * calls, tuple(violations), note=f"{trainers.steps} steps, slowest call {slowest[0]:.1f} s")


def actions(studio: Studio, key: str, draw: random.Random) -> list[tuple[str, Callable[[], object]]]:
    """Return everything that can be pressed, with a random run where one must be named."""
    runs, number = studio.runs, draw.randint(1, MOST_RUNS)
    return [
        ("start", lambda: studio.start(key, RECIPE) if len(runs.entries(deleted=True)) < MOST_RUNS else None),
        ("pause", studio.pause),
        ("resume", studio.resume),
        ("stop", studio.stop),
        ("change", lambda: studio.change(learning_rate=draw.uniform(1e-4, 1e-2), prefix="the ")),
        ("save", studio.save_now),
        ("sample", studio.sample_now),
        ("view", studio.run),
        ("curve", studio.curve),
        ("models", studio.models),
        ("write", lambda: list(studio.write("live", "the ", SHORT).tokens)),
        ("entries", runs.entries),
        ("one view", lambda: runs.view(number)),
        ("records", lambda: runs.records(number, draw.randint(0, 50))),
        ("compare", lambda: runs.compare([number, draw.randint(1, MOST_RUNS)])),
        ("resume one", lambda: runs.resume(number)),
        ("branch", lambda: branch(studio, number)),
        ("move", lambda: runs.move(number, draw.randint(1, 9))),
        ("cancel", lambda: runs.cancel(number)),
        ("discard", lambda: runs.discard(number)),
        ("restore", lambda: runs.restore(number)),
        ("rename", lambda: runs.rename(number, "name")),
        ("annotate", lambda: runs.annotate(number, "notes")),
    ]


def branch(studio: Studio, number: int) -> None:
    """Begin a run at the newest checkpoint of another one."""
    if len(studio.runs.entries(deleted=True)) < MOST_RUNS:
        for kept in studio.runs.view(number).checkpoints[-1:]:
            studio.runs.branch(number, kept.step, {"learning_rate": 0.005})


def settled(studio: Studio) -> list[str]:
    """Stop everything; return what is wrong with what is left."""
    for entry in studio.runs.entries(deleted=True):
        with suppress(DeepRNNError):
            studio.runs.cancel(entry.number)
    with suppress(DeepRNNError):
        studio.stop()
    found = [] if studio.wait(LONG) else ["the last run does not end"]
    found += [] if studio.store.recorder.flush(LONG) else ["records are not written"]
    for entry in studio.runs.entries(deleted=True):
        steps = [record.step for record in studio.runs.records(entry.number)]
        first = (entry.parent_step or 0) + 1
        if steps != list(range(first, first + len(steps))):
            found.append(f"run {entry.number} from step {first} on has records of the steps {steps}")
        if entry.state == WAITING and not entry.place:
            found.append(f"run {entry.number} waits in no queue")
    return found


@contextmanager
def hurried() -> Iterator[None]:
    """Let the threads of Python take turns as often as possible; show where they stand if they hang."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    if sys.__stderr__ is not None:
        faulthandler.dump_traceback_later(HANGS_SECONDS, file=sys.__stderr__)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        sys.setswitchinterval(before)
