"""The program is killed in each state that a run can be in, and started again: every run is listed and can go on.

`python -m tests.reliability.killed_states FOLDER` makes one home for each state, each by a process that kills itself.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprnn.device import set_threads
from deeprnn.runs.entries import INTERRUPTED, WAITING
from deeprnn.runs.job import DONE, PAUSED, PAUSING, RUNNING, STARTING, STOPPING
from deeprnn.runs.run import Run
from deeprnn.runs.studio import Studio
from deeprnn.training.train import Training

from .figure import Figure
from .studios import LONG, RECIPE, add_text, open_studio, until

STATES = (STARTING, RUNNING, PAUSING, PAUSED, STOPPING, DONE, WAITING)
STEPS = 6  # of the run that ends by itself, and after which the others are interrupted


def measure(folder: Path) -> Figure:
    """Kill once in each state, start again, and let every run go on."""
    command = [sys.executable, "-m", "tests.reliability.killed_states", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    failures = [f"{state}: {failure}" for state in STATES if (failure := go_on(folder / state, state))]
    return Figure(len(STATES), tuple(failures))


def kill_in_every_state(folder: Path) -> None:
    """Make a home for each state."""
    for state in STATES:
        child = os.fork()
        if child == 0:
            try:
                reach(folder / state, state)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"the state {state} was not reached"


def reach(home: Path, state: str) -> None:
    """Bring a run into a state, and kill this process there."""
    with pytest.MonkeyPatch.context() as patch, open_studio(home) as studio:
        key = add_text(studio)
        hold = Hold(patch, Run if state == STARTING else Training)
        recipe = RECIPE.replace(max_steps=STEPS) if state == DONE else RECIPE
        number = studio.start(key, recipe)
        if state == DONE:
            assert studio.wait(LONG)
        elif state != STARTING:
            until(lambda: studio.run().cursor >= STEPS, "some steps")
            studio.save_now()
            until(lambda: studio.store.kept(number), "a checkpoint")
        if state in (PAUSING, STOPPING):
            hold.at_the_next()
        steer: dict[str, Callable[[], object]] = {
            PAUSING: studio.pause,
            PAUSED: studio.pause,
            STOPPING: studio.stop,
            WAITING: lambda: studio.start(key, RECIPE),
        }
        steer.get(state, lambda: None)()
        until(lambda: state in {entry.state for entry in studio.runs.entries()}, state)
        assert studio.store.recorder.flush(LONG)  # what follows within its second is lost, and trained again
        os.kill(os.getpid(), signal.SIGKILL)


class Hold:
    """Let a training stand still in the middle of something: of its beginning, or of a step."""

    def __init__(self, patch: pytest.MonkeyPatch, owner: type[Any]) -> None:
        self._armed, self._inside = threading.Event(), threading.Event()
        if owner is Run:
            self._armed.set()
        name = "_make_training" if owner is Run else "_update"
        real = getattr(owner, name)

        def held(this: Any, *args: Any) -> Any:
            if self._armed.is_set():
                self._inside.set()
                threading.Event().wait(LONG)
            return real(this, *args)

        patch.setattr(owner, name, held)

    def at_the_next(self) -> None:
        """Stand still in the next step, and wait until that is so."""
        self._armed.set()
        assert self._inside.wait(LONG)


def go_on(home: Path, state: str) -> str:
    """Start again and let every run go on; return what is wrong, empty if nothing is."""
    with open_studio(home) as studio:
        entries = sorted(studio.runs.entries(), key=lambda entry: entry.number)
        wanted = [DONE] if state == DONE else [INTERRUPTED] * (1 + (state == WAITING))
        if [entry.state for entry in entries] != wanted:
            return f"listed are {[entry.state for entry in entries]}"
        for entry in entries:
            kept = studio.store.kept(entry.number)
            if bool(kept) != (state != STARTING and entry.number == 1):
                return f"run {entry.number} has {len(kept)} checkpoints"
            step = kept[-1].step if kept else 0
            if failure := go_on_from(studio, entry.number, step):
                return f"run {entry.number}, from step {step}: {failure}"
    return ""


def go_on_from(studio: Studio, number: int, step: int) -> str:
    """Resume a run, let it take some steps and stop it; return what is wrong, empty if nothing is."""
    more = {"max_steps": 10 * STEPS} if studio.runs.entry(number).state == DONE else {}
    studio.runs.resume(number, **more)
    until(lambda: studio.runs.entry(number).step >= step + STEPS or studio.runs.view(number).message, "steps")
    if said := studio.runs.view(number).message:
        return str(said)
    run = studio.runs.current()
    assert run is not None
    assert run.number == number
    studio.stop()
    assert run.job.join(LONG)
    assert studio.store.recorder.flush(LONG)
    steps = [record.step for record in studio.runs.records(number)]
    if steps != list(range(1, studio.runs.entry(number).step + 1)):
        return f"its records have the steps {steps}"
    resumed = [event.step for event in studio.runs.view(number).events if event.kind == "resumed"]
    return "" if resumed == ([step] if step else []) else f"resumed at {resumed}"


if __name__ == "__main__":
    set_threads(1)  # a fork has none of its parent's other threads, and would wait for them
    kill_in_every_state(Path(sys.argv[1]))
