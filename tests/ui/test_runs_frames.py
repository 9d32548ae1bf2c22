"""The frames of the section of runs: a tab that puts them together has the list that is there, whatever got lost."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.messages import message
from deeprnn.runs.entries import RunEntry
from deeprnn.runs.sweep import summarise
from deeprnn.runs.view import NO_RUN, Sample, chart_run
from deeprnn.training.presets import PRESETS
from deeprnn.ui import runs_frames as frames

REST = frames.rest_frame([], [])
HISTORY = {
    "train": [[1, 2], [60.0, 50.0]],
    "validation": [[2], [55.0]],
    "steps_per_epoch": 10,
    "total_steps": 100,
    "tokens_per_character": 1.0,
}


def entry(number: int, **changes: Any) -> RunEntry:
    values: dict[str, Any] = {
        "number": number,
        "id": f"{number:032x}",
        "name": f"The Time Machine · hidden_size {number}",
        "notes": "",
        "corpus": "time_machine",
        "corpus_name": "The Time Machine",
        "recipe": PRESETS["quick"].replace(hidden_size=number),
        "differs": {"hidden_size": number},
        "state": "done",
        "place": None,
        "step": 6000,
        "total_steps": 6000,
        "best": (5000 + number, 5.4321 + number / 1000),
        "bits_per_character": 2.4423,
        "seconds": 1234.5,
        "tokens_per_second": 14432.1,
        "created": 1.8e9,
    }
    return RunEntry(**{**values, **changes})


class Tab:
    """What a browser makes of the frames, written a second time."""

    def __init__(self) -> None:
        self.revision, self.rows = 0, dict[int, dict[str, Any]]()

    def take(self, text: str) -> None:
        frame = json.loads(text)
        if frame["whole"]:
            self.rows.clear()
        for values in frame.get("runs", []):
            row: dict[str, Any] = dict.fromkeys(frame["fields"])
            row |= zip(frame["fields"], values, strict=False)
            for name, table in frame["tables"].items():
                row[name] = table[row[name]]
            self.rows[row["number"]] = row
        for number in frame["gone"]:
            del self.rows[number]
        self.revision = frame["revision"]


def truth(entries: list[RunEntry]) -> dict[int, dict[str, Any]]:
    """Return what the rows say, straight from the entries."""
    return {
        e.number: {
            "number": e.number,
            "name": e.name,
            "corpus": e.corpus,
            "differs": dict(e.differs),
            "state": e.state,
            "step": e.step,
            "total": e.total_steps,
            "perplexity": float(f"{e.best[1]:.4g}") if e.best else None,
            "bits": None if e.bits_per_character is None else float(f"{e.bits_per_character:.4g}"),
            "seconds": round(e.seconds),
            "speed": float(f"{e.tokens_per_second:.4g}"),
            "place": e.place,
            "parent": e.parent,
            "parent_step": e.parent_step,
            "group": e.group or None,
            "notes": e.notes or None,
        }
        for e in entries
    }


CHANGES = st.sampled_from(
    [
        {"step": 7},
        {"name": "Ünï 诗 \ud800", "notes": "${x} {{y}} <b>"},
        {"state": "waiting", "place": 2, "best": None, "bits_per_character": None},
        {"parent": 1, "parent_step": 3},
        {"group": "g", "differs": {}},
        {"corpus": "own:1", "corpus_name": "Mine"},
    ]
)
EVENTS = st.lists(
    st.tuples(st.sampled_from(["change", "add", "remove"]), st.integers(1, 6), CHANGES, st.booleans()), max_size=25
)


@given(EVENTS)
def test_a_tab_has_every_run_as_it_is_however_many_answers_got_lost(events: list[tuple[str, int, Any, bool]]) -> None:
    there, tab, sent = {1: entry(1)}, Tab(), frames.Sent()
    for what, number, change, lost in events:
        if what == "remove":
            there.pop(number, None)
        elif what == "add" or number in there:
            there[number] = dataclasses.replace(there.get(number, entry(number)), **change)
        text, sent = frames.list_frame([*there.values()], REST, sent, tab.revision)
        if not lost:
            tab.take(text)
    text, sent = frames.list_frame([*there.values()], REST, sent, tab.revision)
    tab.take(text)
    wanted = truth([*there.values()])
    for row in wanted.values():
        row["name"] = row["name"].replace("\ud800", "�")
    assert tab.rows == wanted
    nothing, _ = frames.list_frame([*there.values()], REST, sent, tab.revision)
    assert json.loads(nothing).keys() == {"revision", "whole", "gone"}


def test_answers_that_overtake_each_other_leave_nothing_old() -> None:
    """A look that began before a rename and ended after it brought the old name back for good."""
    before, after = [entry(1, name="old")], [entry(1, name="new")]
    tab = Tab()
    text, sent = frames.list_frame([entry(1)], REST, frames.Sent(), 0)
    tab.take(text)
    late, _ = frames.list_frame(before, REST, sent, tab.revision)
    soon, kept = frames.list_frame(after, REST, sent, tab.revision)
    tab.take(soon)
    tab.take(late)
    text, _ = frames.list_frame(after, REST, kept, tab.revision)
    tab.take(text)
    assert tab.rows[1]["name"] == "new"


def test_three_hundred_runs_take_no_more_than_thirty_kilobytes() -> None:
    """With every value of a run written out they took 48."""
    runs = [
        entry(n, differs={"hidden_size": 1 + n % 7}, name=f"The Time Machine · hidden_size {n}")
        for n in range(300, 0, -1)
    ]
    text, _ = frames.list_frame(runs, REST, frames.Sent(), 0)
    assert len(json.dumps({"data": [text]}, ensure_ascii=False).encode()) <= 30_000


def test_a_tick_sends_the_run_that_moved_and_no_other() -> None:
    entries = [entry(n) for n in range(300, 0, -1)]
    _, sent = frames.list_frame(entries, REST, frames.Sent(), 0)
    entries[5] = dataclasses.replace(entries[5], step=6001)
    text, _ = frames.list_frame(entries, REST, sent, sent.revision)
    assert [values[0] for values in json.loads(text)["runs"]] == [295]
    assert len(text) < 500


def test_figures_without_a_number_are_missing() -> None:
    row = frames.row(entry(1, best=(3, math.inf), bits_per_character=math.nan, tokens_per_second=math.nan))
    assert [row[frames.FIELDS.index(name)] for name in ("perplexity", "bits")] == [None, None]
    json.loads(frames.encode(row))


def test_an_answer_is_sent_even_where_nothing_has_changed() -> None:
    _, sent = frames.list_frame([entry(1)], REST, frames.Sent(), 0)
    text, _ = frames.list_frame([entry(1)], REST, sent, sent.revision, message("job_busy"))
    assert json.loads(text)["said"]["key"] == "job_busy"


def test_only_curves_that_have_moved_are_wanted() -> None:
    entries = [entry(1), entry(2, state="running", step=50), entry(3)]
    known = [[1, 6000, "done", 6000], [2, 49, "running", 40], [3, -1, "", -1], [4, -1, "", -1]]
    assert [(one.number, after) for one, after in frames.wanted(known, entries)] == [(2, 40), (3, -1)]


@pytest.mark.parametrize(
    "known",
    [None, 1, "x", {}, [1], [[1]], [["1", 0, "", 0]], [[1, 0, "", None]], [[True, 0, "", 0]], [[1e400, 0, "", 0]]],
)
def test_whatever_a_browser_sends_wants_nothing(known: object) -> None:
    assert frames.wanted(known, [entry(2)]) == []


def test_no_more_curves_are_wanted_than_a_picture_holds() -> None:
    entries = [entry(n) for n in range(1, 40)]
    known = [[n, -1, "", -1] for n in range(1, 40)]
    assert len(frames.wanted(known, entries)) == frames.MOST_COMPARED


def test_a_packet_holds_the_samples_that_are_new() -> None:
    samples = [Sample("the ", "a" * 9999, step) for step in (0, 100, 200)]
    made = frames.packet(entry(1), chart_run(NO_RUN, HISTORY), [("uniform", 70.0)], samples, 100)
    assert [step for step, _, _ in made["samples"]] == [200]
    assert len(made["samples"][0][2]) == frames.SAMPLE_CHARACTERS
    assert made["settings"] == entry(1).recipe.settings()
    assert made["id"] == entry(1).id  # the link to it is made of this
    json.loads(frames.curves_frame([made], None))


def test_another_outcome_has_another_digest() -> None:
    recipe = PRESETS["quick"]
    runs = [entry(n, recipe=recipe.replace(num_layers=n), group="g") for n in (1, 2)]
    before = frames.outcome_frame("g", summarise(runs, 60))
    runs[0] = dataclasses.replace(runs[0], best=(1, 3.0))
    after = frames.outcome_frame("g", summarise(runs, 60))
    assert before["axis"] == "num_layers"
    assert [row["value"] for row in after["rows"]] == ["1", "2"]
    assert before["digest"] != after["digest"]
    assert after == frames.outcome_frame("g", summarise(runs, 60))
