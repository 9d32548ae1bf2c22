"""What can be done with a run, as JSON: its checkpoints and marks, advice, the queue, and what can be undone."""

from __future__ import annotations

import dataclasses
import json
import time
from typing import Any

import pytest

from deeprnn.config import Recipe
from deeprnn.messages import message
from deeprnn.runs.entries import KeptCheckpoint, RunEntry
from deeprnn.runs.limits import PUBLIC
from deeprnn.runs.view import NO_RUN, chart_run
from deeprnn.text.doctor import ADVICE, Finding, Remedy
from deeprnn.training.event import Event
from deeprnn.ui.steer_frames import banner_frame, marked_curve, parent_text, steer_frame

VIEW = dataclasses.replace(
    NO_RUN,
    number=3,
    state="running",
    recipe=Recipe().replace(dropout=0.25),
    checkpoints=(KeptCheckpoint(20, 9.5, True, 0.0), KeptCheckpoint(40, None, False, 0.0)),
    events=(Event(30, "changed", {"changes": "dropout 0.0 → 0.25"}),),
    saved_seconds_ago=70.0,
)
HISTORY = {
    "train": [[1, 50], [20.0, 7.4]], "validation": [[40], [8.0]],
    "steps_per_epoch": 20, "total_steps": 200, "tokens_per_character": 1.0,
}  # fmt: skip


def entry(number: int, **changes: Any) -> RunEntry:
    made = RunEntry(number, "", f"Run {number}", "", "bell", "Bell", Recipe(), {}, "done", None, 5, 9, None, None, 1.0,
                    2.0, created=100.0 * number)  # fmt: skip
    return dataclasses.replace(made, **changes)


def curve(*others: dict[str, Any]) -> dict[str, Any]:
    return {"runs": [chart_run(VIEW, HISTORY), *others], "lines": []}


def test_the_curve_carries_what_can_be_done_on_it_and_no_more() -> None:
    run = json.loads(json.dumps(marked_curve(curve(), VIEW)))["runs"][0]
    assert run["number"] == 3
    assert run["kept"] == [[20, 9.5, True], [40, None, False]]
    assert run["events"][0]["step"] == 30
    assert run["events"][0]["message"]["details"]["changes"] == "dropout 0.0 → 0.25"
    assert set(run["settings"]) == {"learning_rate", "dropout", "max_grad_norm", "max_epochs", "max_steps"}
    assert run["settings"]["dropout"] == 0.25


def test_where_another_process_trains_there_is_no_way_on() -> None:
    view = dataclasses.replace(VIEW, read_only=True)
    assert marked_curve(curve(), view)["runs"][0]["kept"] is None
    said = banner_frame(view, "/somewhere")
    assert said is not None
    assert said["notices"][0]["details"] == {"path": "/somewhere"}
    assert banner_frame(VIEW, "/somewhere") is None
    shared = banner_frame(VIEW, "/somewhere", PUBLIC)
    assert shared is not None
    assert shared["notices"] == [{"key": "shared_machine", "details": {"megabytes": 250, "minutes": 10}}]


def test_the_parent_travels_apart_from_the_ticks() -> None:
    parent = chart_run(dataclasses.replace(VIEW, number=1), HISTORY, main=False, ghost=True)
    assert [run["number"] for run in marked_curve(curve(parent), VIEW)["runs"]] == [3]
    sent = parent_text(VIEW, curve(parent))
    assert sent is not None
    pale = json.loads(sent)
    assert (pale["child"], pale["number"], pale["ghost"], pale["kept"]) == (3, 1, True, None)
    assert parent_text(VIEW, curve()) is None


def test_the_line_says_what_the_panel_needs() -> None:
    frame = steer_frame(VIEW, [entry(3)])
    assert frame["settings"] == {"learning_rate": 2.0, "dropout": 0.25, "max_grad_norm": 1.0}
    assert frame["saved"] == 70.0
    assert (frame["advice"], frame["waiting"], frame["discarded"], frame["answer"]) == ([], None, None, None)


def test_advice_carries_its_remedies() -> None:
    said = message("status_idle")
    findings = (
        Finding("a", ADVICE, said, Remedy(action="use_best")),
        Finding("b", ADVICE, said, Remedy({"dropout": 0.3}, "continue_best")),
        Finding("c", ADVICE, said),
    )
    shown = steer_frame(dataclasses.replace(VIEW, advice=findings), [])["advice"]
    assert [one["remedy"] for one in shown] == [
        {"action": "use_best", "settings": {}},
        {"action": "continue_best", "settings": {"dropout": 0.3}},
    ]


def test_the_next_of_the_queue_is_another_than_the_run_on_the_page() -> None:
    queue = [entry(6, place=2), entry(5, place=1), entry(3, place=3)]
    assert steer_frame(VIEW, queue)["waiting"] == {"number": 5, "place": 1, "count": 2}


@pytest.mark.parametrize(
    ("ago", "begun_since", "offered"), [(60.0, False, 4), (25 * 3600.0, False, None), (60.0, True, None)]
)
def test_what_was_discarded_can_be_undone_for_a_day_or_until_the_next_run(
    ago: float, begun_since: bool, offered: int | None
) -> None:
    now = time.time()
    entries = [entry(4, deleted=now - ago, created=now - 90000.0)]
    entries += [entry(5, created=now)] if begun_since else [entry(3)]
    assert steer_frame(VIEW, entries)["discarded"] == offered
