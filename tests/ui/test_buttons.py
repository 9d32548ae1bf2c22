"""The buttons of the run: two places, in each state the right words, and nothing to press where nothing may be done."""

from __future__ import annotations

import dataclasses

import pytest

from deeprnn.runs.entries import INTERRUPTED, WAITING
from deeprnn.runs.job import STATES
from deeprnn.runs.view import NO_RUN, RunView
from deeprnn.training.record import TrainRecord
from deeprnn.ui.buttons import button_frames

RECORD = TrainRecord(50, 2.5, 5000, 2.0, 7.4, 2.885, None, 0.01, 0.5, 1000.0, 5.0)
EVERY_STATE = (*STATES, WAITING, INTERRUPTED)


def view(state: str, *, step: int = 50, read_only: bool = False) -> RunView:
    last = dataclasses.replace(RECORD, step=step)
    return dataclasses.replace(NO_RUN, number=1, state=state, last=last, total_steps=200, read_only=read_only)


def shown(run: RunView) -> dict[str, bool]:
    """Return whether each button that is visible may be pressed, in the order of the page."""
    return {name: how["interactive"] for name, how in button_frames(run).items() if how["visible"]}


@pytest.mark.parametrize(
    ("state", "buttons"),
    [
        ("idle", {"train": True, "stop": False}),
        ("starting", {"pause": False, "stop": True, "queue_run": True}),
        ("running", {"pause": True, "stop": True, "queue_run": True}),
        ("pausing", {"pause": False, "stop": True, "queue_run": True}),
        ("paused", {"resume": True, "stop": True, "queue_run": True}),
        ("stopping", {"pause": False, "stop": False, "queue_run": True}),
        ("waiting", {"pause": False, "cancel": True, "queue_run": True}),
        ("done", {"resume": True, "new_run": True}),
        ("failed", {"resume": True, "new_run": True}),
        ("interrupted", {"resume": True, "new_run": True}),
    ],
)
def test_buttons_of_each_state(state: str, buttons: dict[str, bool]) -> None:
    assert shown(view(state)) == buttons


def test_a_run_that_has_reached_its_end_does_not_go_on() -> None:
    assert shown(view("done", step=200)) == {"new_run": True, "stop": False}


@pytest.mark.parametrize("state", EVERY_STATE)
def test_two_places_hold_one_button_each(state: str) -> None:
    visible = [name for name in shown(view(state)) if name != "queue_run"]
    assert len(visible) == 2


@pytest.mark.parametrize("state", EVERY_STATE)
def test_where_another_process_trains_nothing_can_be_pressed(state: str) -> None:
    assert not any(how["interactive"] for how in button_frames(view(state, read_only=True)).values())


def test_of_two_ways_on_the_likelier_is_the_strong_one() -> None:
    strong = {
        state: [name for name in ("resume", "new_run") if button_frames(view(state))[name]["variant"] == "primary"]
        for state in ("done", "interrupted")
    }
    assert strong == {"done": ["new_run"], "interrupted": ["resume"]}
