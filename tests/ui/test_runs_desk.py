"""The section of runs does what its reader wants, once and checked, and sends what a tab lacks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from deeprnn.device import choose_device
from deeprnn.errors import JobError
from deeprnn.runs.registry import Runs
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.tables import records_csv, runs_csv
from deeprnn.training.event import Event
from deeprnn.training.presets import PRESETS
from deeprnn.ui.page import Page, build_page
from deeprnn.ui.runs_desk import RunsDesk
from deeprnn.ui.runs_frames import Sent

from .remembered import GROWTH, STEPS, record, remember, remember_sweep

NOTHING: list[Any] = [
    None,
    1,
    "x",
    [],
    {"number": "1"},
    {"number": True},
    {"number": -1},
    {"number": 1e9},
    {"number": 2**70},
]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))


@pytest.fixture(scope="module")
def page() -> Page:
    return build_page()


class Tab:
    """Ask the desk as a browser does, and keep what it answers."""

    def __init__(self, studio: Studio, page: Page) -> None:
        self.page, self.state = page, gr.State(None)
        self.desk = RunsDesk(studio, page, self.state)
        self.sent, self.seen = Sent(), 0
        self.known: list[Any] = []
        self.group: list[Any] = ["", 0]

    def ask(self, name: str, **wish: Any) -> dict[str, Any]:
        """Return the frames of the answer: "list", "curves" and "file", as far as they came."""
        sent = {"seen": self.seen, "known": self.known, "group": self.group, **wish}
        return self.take(getattr(self.desk, name)(gr.EventData(None, sent), self.sent))

    def take(self, answer: dict[Any, Any]) -> dict[str, Any]:
        self.sent = answer.get(self.state, self.sent)
        places = {"list": self.page.runs, "curves": self.page.curves}
        frames = {name: json.loads(answer[place]) for name, place in places.items() if place in answer}
        self.seen = frames.get("list", {}).get("revision", self.seen)
        return frames | ({"file": answer[self.page.runs_file]} if self.page.runs_file in answer else {})


@pytest.fixture
def tab(studio: Studio, page: Page) -> Tab:
    return Tab(studio, page)


def is_news(frames: dict[str, Any]) -> bool:
    """Tell whether an answer says more than that nothing is new."""
    return frames.keys() != {"list"} or frames["list"].keys() != {"revision", "whole", "gone"}


def numbers(frame: dict[str, Any]) -> list[int]:
    return [values[0] for values in frame.get("runs", [])]


def said(frames: dict[str, Any]) -> str | None:
    message = frames["list"].get("said")
    return str(message["key"]) if message else None


def test_a_tab_gets_everything_once_and_then_what_another_has_changed(studio: Studio, tab: Tab, page: Page) -> None:
    remember(studio.store, "one"), remember(studio.store, "two")
    assert numbers(tab.ask("look")["list"]) == [2, 1]
    assert not is_news(tab.ask("look"))
    Tab(studio, page).ask("act", action="rename", number=1, value=" First light ")
    frames = tab.ask("look")
    assert [values[:2] for values in frames["list"]["runs"]] == [[1, "First light"]]


def test_a_deleted_run_is_gone_and_comes_back_as_it_was(studio: Studio, tab: Tab) -> None:
    remember(studio.store, "one"), remember(studio.store, "two")
    before = tab.ask("look")["list"]["runs"]
    gone = tab.ask("act", action="discard", number=1)["list"]
    assert (numbers(gone), gone["gone"], gone["deleted"]) == ([], [1], [[1, "one"]])
    back = tab.ask("act", action="restore", number=1)["list"]
    assert back["deleted"] == []
    assert back["runs"][0][1] == before[1][1] == "one"


@pytest.mark.parametrize(
    ("action", "method", "value", "given"),
    [
        ("rename", "rename", " a name ", (1, "a name")),
        ("annotate", "annotate", "a note\n", (1, "a note")),
        ("discard", "discard", None, (1,)),
        ("restore", "restore", None, (1,)),
        ("resume", "resume", None, (1,)),
        ("move", "move", 3, (1, 3)),
        ("cancel", "cancel", None, (1,)),
    ],
)
def test_each_wish_reaches_the_studio_once_and_a_refusal_is_said(
    tab: Tab, monkeypatch: pytest.MonkeyPatch, action: str, method: str, value: object, given: tuple[Any, ...]
) -> None:
    calls: list[tuple[Any, ...]] = []

    def refuse(_self: Runs, *values: Any) -> None:
        calls.append(values)
        raise JobError("job_busy")

    monkeypatch.setattr(Runs, method, refuse)
    assert said(tab.ask("act", action=action, number=1, value=value)) == "job_busy"
    assert calls == [given]


@pytest.mark.parametrize("wish", NOTHING)
@pytest.mark.parametrize("action", ["rename", "discard", "resume", "move", "__class__", None, ["rename"]])
def test_a_wish_without_a_run_is_refused(studio: Studio, tab: Tab, wish: object, action: object) -> None:
    remember(studio.store, "one")
    data = {**wish, "action": action} if isinstance(wish, dict) else wish
    frames = tab.take(tab.desk.act(gr.EventData(None, data), tab.sent))
    assert said(frames) == "unknown_run"
    assert [entry.name for entry in studio.runs.entries()] == ["one"]


def test_a_run_of_nobody_cannot_be_renamed(tab: Tab) -> None:
    assert said(tab.ask("act", action="rename", number=7, value="x")) == "unknown_run"


def test_a_curve_comes_with_tokens_seconds_and_samples_and_then_only_what_is_new(studio: Studio, tab: Tab) -> None:
    number = remember(studio.store, "one", best=5.0, speed=640.0)
    studio.store.database.add_event(number, Event(120, "resumed"))
    tab.known = [[number, -1, "", -1]]
    (packet,) = tab.ask("look")["curves"]["packets"]
    curve = packet["curve"]
    truth = {step: record(step, 5.0, 640.0) for step in range(1, STEPS + 1)}
    for part in ("train", "validation"):
        steps = curve[part][0]
        assert curve["tokens"][part] == [truth[step].tokens for step in steps]
        assert curve["seconds"][part] == pytest.approx([truth[step].elapsed_seconds for step in steps])
    assert curve["events"][0]["message"]["key"] == "event_resumed"
    assert packet["lines"] == [["uniform", 60.0], ["unigram", 18.0]]
    assert [text for _, _, text in packet["samples"]] == [f"{text} {number}" for text in GROWTH]
    tab.known = [[number, packet["step"], packet["state"], 150]]
    assert not is_news(tab.ask("look"))
    tab.known = [[number, packet["step"] - 1, packet["state"], 100]]
    (packet,) = tab.ask("look")["curves"]["packets"]
    assert [step for step, _, _ in packet["samples"]] == [150]


def test_the_outcome_of_a_sweep_is_sent_once(studio: Studio, tab: Tab) -> None:
    remember_sweep(studio.store)
    tab.group = ["num_layers 1", 0]
    outcome = tab.ask("look")["curves"]["outcome"]
    assert [(row["value"], row["measured"]) for row in outcome["rows"]] == [("1", 3), ("2", 3), ("3", 3)]
    assert outcome["verdict"][0]["key"] == "sweep_depth_helps"
    tab.group = ["num_layers 1", outcome["digest"]]
    assert not is_news(tab.ask("look"))
    for nonsense in (None, 3, [], ["num_layers 1"], [7, 0], [["g"], 0], ["no such sweep", 0], ["", 0]):
        tab.group = nonsense  # type: ignore[assignment]
        assert not is_news(tab.ask("look"))


@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_what_is_taken_away_is_what_was_chosen(studio: Studio, tab: Tab, form: str) -> None:
    for name in ("one", "two", "three"):
        remember(studio.store, name)
    path = Path(tab.ask("take", form=form, numbers=[3, 1])["file"])
    assert path.is_relative_to(studio.store.home / "exports")
    text = path.read_bytes().decode()
    chosen = [studio.runs.entry(number) for number in (3, 1)]
    if form == "table":
        assert text == "".join(runs_csv(chosen))
    elif form == "csv":
        assert text == "".join(records_csv((entry.number, studio.runs.records(entry.number)) for entry in chosen))
    else:
        assert [(run["name"], len(run["records"])) for run in json.loads(text)["runs"]] == [
            ("three", STEPS),
            ("one", STEPS),
        ]


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"form": "csv", "numbers": [1, 9]}, "unknown_run"),
        ({"form": "csv", "numbers": ["1"]}, "unknown_run"),
        ({"form": "../../x", "numbers": [1]}, "not_a_choice"),
        ({"form": 3, "numbers": [1]}, "not_a_choice"),
        ({}, "not_a_choice"),
    ],
)
def test_what_cannot_be_taken_is_said(studio: Studio, tab: Tab, wish: dict[str, Any], key: str) -> None:
    remember(studio.store, "one")
    frames = tab.ask("take", **wish)
    assert frames["file"] is None
    assert said(frames) == key


def test_a_sweep_has_the_settings_of_the_form(
    studio: Studio, tab: Tab, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def sweep(_self: Runs, corpus: str, recipe: Any, axis: str, **how: Any) -> tuple[int, ...]:
        asked.append((corpus, recipe, axis, how))
        return (1, 2, 3)

    monkeypatch.setattr(Runs, "sweep", sweep)
    settings = PRESETS["quick"].settings()
    values = [48 if name == "hidden_size" else settings[name] for name in page.settings]
    wish = gr.EventData(None, {"axis": "cell", "equal": True, "repeat": True})
    frames = tab.take(tab.desk.sweep(wish, tab.sent, "the_thirsty_bell", "quick", *values))
    assert said(frames) == "sweep_queued"
    assert asked == [
        ("the_thirsty_bell", PRESETS["quick"].replace(hidden_size=48), "cell", {"equal_parameters": True, "repeats": 3})
    ]


def test_a_sweep_of_nothing_is_refused(tab: Tab, page: Page) -> None:
    settings = PRESETS["quick"].settings()
    values = [settings[name] for name in page.settings]
    wish = gr.EventData(None, {"axis": "batch_size"})
    assert said(tab.take(tab.desk.sweep(wish, tab.sent, "the_thirsty_bell", "quick", *values))) == "not_a_choice"
