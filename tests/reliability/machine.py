"""Random actions on a studio, beside a model of what it must be: after each, every run is in the state of the model.

The trainer is a false one that takes steps until it is told to end: nothing but the order of the actions decides.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from deeprnn.errors import DeepRNNError
from deeprnn.runs.entries import INTERRUPTED, WAITING
from deeprnn.runs.job import DONE, FAILED, PAUSED, RUNNING
from deeprnn.runs.run import Run
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from ..runs.test_studio import CPU
from .figure import Figure
from .studios import LONG, RECIPE, add_text, until

MEMORY = Path("/dev/shm")
CHOICES = st.integers(0, 11)  # of a run; the last is one that is not there
SOON = 10.0  # seconds in which a run must have come to the state in which it must be
STEPS, TOTAL = 1, 10  # what the false trainer says that it has done, unless it ended by itself


class FalseTrainer:
    """Take the place of a training: the run says that it takes steps until it is told to end."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._orders: dict[int, str] = {}
        patch.setattr(Run, "items", lambda run: self._items(run))

    def order(self, number: int, end: str) -> None:
        """Let a run end by itself, well or not."""
        self._orders[number] = end

    def _items(self, run: Run) -> Iterator[int]:
        run._leaves_as = ""
        run._write_row(RUNNING)
        self._orders.pop(run.number, None)
        return self._steps(run)

    def _steps(self, run: Run) -> Iterator[int]:
        step, tick = STEPS, threading.Event()
        end, error = "", None
        try:
            while not (end := self._orders.get(run.number, "")):
                tick.wait(0.0005)
                yield step
            step = TOTAL if end == DONE else STEPS
            if end == FAILED:
                raise ArithmeticError("told to fail")
        except ArithmeticError as raised:
            error = raised
            raise
        finally:
            run._leaves_as = "" if step == TOTAL else run._leaves_as
            state = FAILED if error else run._leaves_as or DONE
            run._store.write_row(run.number, state=state, step=step, total_steps=TOTAL)


class Machine(RuleBasedStateMachine):
    """Press what can be pressed; remember what every run must be."""

    actions = 0

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.trainer = FalseTrainer(self.patch)
        self.home = Path(mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.states: dict[int, str] = {}
        self.deleted: set[int] = set()
        self.complete: set[int] = set()  # runs that have taken all their steps
        self.queue: list[int] = []
        self.current: int | None = None
        self.open()

    def open(self) -> None:
        """Start the program."""
        self.studio = Studio(Store(self.home, bundled=self.home / "none"), CPU)
        self.key = add_text(self.studio)

    def teardown(self) -> None:
        """End the program, and remove what it kept."""
        assert self.studio.close(LONG)
        self.patch.undo()
        shutil.rmtree(self.home, ignore_errors=True)

    # what is pressed

    @initialize(count=st.integers(0, 3))
    def start_some(self, count: int) -> None:
        """Start with some runs, one of which trains."""
        for _ in range(count):
            self.start()

    @rule()
    def start(self) -> None:
        """Start a run: it trains, or waits."""
        number = len(self.states) + 1
        assert self.studio.start(self.key, RECIPE) == number
        self.enter(number)

    @rule()
    def pause(self) -> None:
        """Pause the run that trains."""
        if self.answers(self.studio.pause, self.current is not None):
            self.states[self.current or 0] = PAUSED

    @rule()
    @precondition(lambda self: self.current is not None)
    def go_on(self) -> None:
        """Go on with the run that trains or is paused."""
        self.studio.resume()
        self.states[self.current or 0] = RUNNING

    @rule()
    def stop(self) -> None:
        """Stop the run that trains."""
        if self.answers(self.studio.stop, self.current is not None):
            self.end(DONE)

    @rule(how=st.sampled_from([DONE, FAILED]))
    @precondition(lambda self: self.states.get(self.current) == RUNNING)
    def end_by_itself(self, how: str) -> None:
        """Let the run that trains come to its end, or fail."""
        assert self.current is not None
        self.complete |= {self.current} if how == DONE else set()
        self.trainer.order(self.current, how)
        self.end(how)

    @rule(choice=CHOICES)
    def resume(self, choice: int) -> None:
        """Let some run go on."""
        number = self.pick(choice)
        possible = number in self.states and number not in self.deleted | self.complete and number not in self.queue
        if self.answers(lambda: self.studio.runs.resume(number), possible):
            if number == self.current:
                self.states[number] = RUNNING
            else:
                self.enter(number)

    @rule(choice=CHOICES)
    def cancel(self, choice: int) -> None:
        """Take some run out of the queue."""
        number = self.pick(choice)
        if self.answers(lambda: self.studio.runs.cancel(number), number in self.queue):
            self.leave(number)

    @rule(choice=CHOICES, place=st.integers(0, 4))
    def move(self, choice: int, place: int) -> None:
        """Give some run another place in the queue."""
        number = self.pick(choice)
        self.studio.runs.move(number, place)
        if number in self.queue:
            self.queue.remove(number)
            self.queue.insert(max(0, place - 1), number)

    @rule(choice=CHOICES)
    def discard(self, choice: int) -> None:
        """Delete some run."""
        number = self.pick(choice)
        if self.answers(lambda: self.studio.runs.discard(number), number in self.states):
            self.deleted.add(number)
            if number in self.queue:
                self.leave(number)
            if number == self.current:
                self.end(DONE)

    @rule(choice=CHOICES)
    def restore(self, choice: int) -> None:
        """Bring some run back."""
        number = self.pick(choice)
        if self.answers(lambda: self.studio.runs.restore(number), number in self.states):
            self.deleted.discard(number)

    @rule()
    def restart(self) -> None:
        """End the program and start it again."""
        assert self.studio.close(LONG)
        ends = (RUNNING, PAUSED, WAITING)
        self.states = {n: INTERRUPTED if state in ends else state for n, state in self.states.items()}
        self.queue, self.current = [], None
        self.open()

    def pick(self, choice: int) -> int:
        """Return the number of a run, rather of one that waits; sometimes of none."""
        there = [*self.queue, *self.queue, *self.states]
        return len(self.states) + 1 if choice == 11 or not there else there[choice % len(there)]

    # what must be

    def answers(self, act: Callable[[], object], possible: bool) -> bool:
        """Press something that is possible or must be refused; return which."""
        if possible:
            act()
        else:
            with pytest.raises(DeepRNNError):
                act()
        return possible

    def enter(self, number: int) -> None:
        """Let a run train if nothing else does, or what does is paused and nothing waits; else it waits."""
        if self.states.get(self.current or 0) == PAUSED and not self.queue:
            self.current = None  # it stays paused, and can go on later
        self.states[number] = RUNNING if self.current is None else WAITING
        if self.current is None:
            self.current = number
        else:
            self.queue.append(number)

    def leave(self, number: int) -> None:
        """Take a run out of the queue."""
        self.queue.remove(number)
        self.states[number] = DONE

    def end(self, state: str) -> None:
        """End the run that trains, and let the next one begin."""
        self.states[self.current or 0] = state
        self.current = self.queue.pop(0) if self.queue else None
        if self.current is not None:
            self.states[self.current] = RUNNING

    @invariant()
    def every_run_is_what_it_must_be(self) -> None:
        """Compare the list of runs with the model."""
        Machine.actions += 1
        places = {number: self.queue.index(number) + 1 if number in self.queue else None for number in self.states}
        wanted = {n: (state, places[n], n in self.deleted) for n, state in self.states.items()}
        found: dict[int, tuple[str, int | None, bool]] = {}

        def agrees() -> bool:
            nonlocal found
            entries = self.studio.runs.entries(deleted=True)
            found = {e.number: (e.state, e.place, e.deleted is not None) for e in entries}
            return found == wanted

        with suppress(TimeoutError):
            until(agrees, "the model", SOON)
        if found != wanted:
            raise AssertionError(f"{found} instead of {wanted}")


def measure(examples: int, steps: int) -> Figure:
    """Take so many random ways of so many actions."""
    Machine.actions = 0
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    try:
        run_state_machine_as_test(Machine, settings=chosen)  # type: ignore[no-untyped-call]
    except AssertionError as error:
        return Figure(Machine.actions, (str(error),))
    return Figure(Machine.actions, ())
