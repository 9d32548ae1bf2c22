"""Which buttons of the run are there, and which may be pressed: a pure function of the run's view."""

from __future__ import annotations

from ..runs import job
from ..runs.entries import INTERRUPTED, WAITING
from ..runs.view import RunView
from .frames import Frame


def button_frames(view: RunView) -> dict[str, Frame]:
    """Return for each button of the run whether it is visible and whether it may be pressed.

    Besides `stop` or `cancel` one is visible, or `resume` and `new_run` where a run has ended before its time. All
    stand in two places: only the word changes, never the place.
    """
    state, over = view.state, view.state in (job.DONE, job.FAILED, INTERRUPTED)
    step = view.last.step if view.last else 0
    goes_on = state == INTERRUPTED or (over and 0 < step < view.total_steps)
    offered = {job.IDLE: "train", job.PAUSED: "resume"}
    shown = {"resume", "new_run"} if goes_on else {"new_run" if over else offered.get(state, "pause")}
    active = state not in (job.STARTING, job.PAUSING, job.STOPPING, WAITING) and not view.read_only
    buttons: dict[str, Frame] = {
        name: {"visible": name in shown, "interactive": active} for name in ("train", "pause", "resume", "new_run")
    }
    stops = state in job.ACTIVE and state != job.STOPPING and not view.read_only
    buttons["stop"] = {"visible": not goes_on and state != WAITING, "interactive": stops}
    buttons["cancel"] = {"visible": state == WAITING, "interactive": not view.read_only}
    queues = state in job.ACTIVE or state == WAITING
    buttons["queue_run"] = {"visible": queues, "interactive": not view.read_only}
    first = "new_run" if state == job.DONE else "resume"
    for name in ("resume", "new_run"):
        buttons[name]["variant"] = "primary" if name == first or len(shown) == 1 else "secondary"
    return buttons
