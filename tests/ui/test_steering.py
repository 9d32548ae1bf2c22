"""Steering a run from the page: each wish reaches the studio once and checked, and a refusal reaches who has asked."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from deeprnn.device import choose_device
from deeprnn.errors import ConfigError, JobError
from deeprnn.runs.entries import KeptCheckpoint
from deeprnn.runs.registry import Runs
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import ModelEntry, RunView
from deeprnn.ui.page import Page, build_page
from deeprnn.ui.steer_form import read_changes, read_live, read_whole
from deeprnn.ui.steering import Steering
from deeprnn.ui.watching import Watch


class Asked:
    """Note what the studio was asked for, instead of doing it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.number = 0  # of the run that begins
        self._patch = monkeypatch

    def on(self, owner: type, name: str, error: Exception | None = None) -> None:
        def note(_self: object, *given: Any, **named: Any) -> int:
            self.calls.append((name, *given, *([named] if named else [])))
            if error is not None:
                raise error
            return self.number

        self._patch.setattr(owner, name, note)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    noted = Asked(monkeypatch)
    for name in ("change", "save_now", "sample_now", "stop", "wait"):
        noted.on(Studio, name)
    for name in ("branch", "discard", "restore", "cancel"):
        noted.on(Runs, name)
    return noted


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))


@pytest.fixture
def page() -> Page:
    return build_page()


@pytest.fixture
def steering(studio: Studio, page: Page) -> Steering:
    return Steering(studio, Watch(studio, page, gr.State(None)))


def wish(**data: Any) -> gr.EventData:
    return gr.EventData(None, data)


def show_run(monkeypatch: pytest.MonkeyPatch, studio: Studio, **changes: Any) -> None:
    kept = (KeptCheckpoint(20, 9.5, True, 0.0), KeptCheckpoint(40, 9.9, False, 0.0))
    view = dataclasses.replace(studio.run(), number=7, state="running", checkpoints=kept, **changes)
    monkeypatch.setattr(Studio, "run", lambda self: view)
    monkeypatch.setattr(Studio, "curve", lambda self, points=300: {"runs": [], "lines": []})


def test_a_change_is_answered_in_the_panel_that_asked(steering: Steering, page: Page, asked: Asked) -> None:
    shown = steering.apply(wish(settings={"dropout": 0.3, "prefix": "the"}, ticket=5), None)
    assert asked.calls == [("change", {"dropout": 0.3, "prefix": "the"})]
    assert shown[page.steer]["answer"] == {"ticket": 5, "refusal": None}


def test_a_refusal_reaches_the_panel_and_nothing_else(steering: Steering, page: Page, asked: Asked) -> None:
    asked.on(Studio, "change", ConfigError("out_of_range", name="dropout", value=7, low=0, high=0.9))
    shown = steering.apply(wish(settings={"dropout": 7}, ticket=6), None)
    assert set(shown) == {page.steer}
    assert shown[page.steer]["answer"]["ticket"] == 6
    assert shown[page.steer]["answer"]["refusal"]["key"] == "out_of_range"


def test_without_a_panel_a_refusal_stands_beside_the_state(steering: Steering, page: Page, asked: Asked) -> None:
    asked.on(Studio, "save_now", JobError("nothing_to_save"))
    assert steering.save(None)[page.status]["message"]["key"] == "nothing_to_save"


def test_a_branch_goes_on_from_the_checkpoint_with_the_changes_alone(steering: Steering, asked: Asked) -> None:
    steering.branch(wish(run=7.0, step=20, changes={"max_epochs": 40.0, "dropout": 0.5}, ticket=1))
    assert asked.calls == [("branch", 7, 20, {"max_epochs": 40, "dropout": 0.5})]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"run": "7", "step": 20},
        {"run": True, "step": 20},
        {"run": 7, "step": math.nan},
        {"run": 7, "step": 10**400},
        {"run": 7, "step": 20, "changes": {"seed": 3}},
        {"run": 7, "step": 20, "changes": {"hidden_size": 3}},
        {"run": 7, "step": 20, "changes": {"max_epochs": 1e30}},
    ],
    ids=str,
)
def test_what_no_panel_sends_is_refused(steering: Steering, page: Page, asked: Asked, data: dict[str, Any]) -> None:
    shown = steering.branch(wish(**data, ticket=2))
    assert shown[page.steer]["answer"]["refusal"] is not None
    assert asked.calls == []


@pytest.mark.parametrize("name", ["discard", "restore", "cancel"])
def test_a_run_is_meant_by_its_number(steering: Steering, asked: Asked, name: str) -> None:
    getattr(steering, name)(wish(number=4), None)
    getattr(steering, name)(wish(number="all"), None)
    assert asked.calls == [(name, 4)]


def test_a_branch_that_waits_says_its_place(
    steering: Steering, page: Page, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.number = 8
    monkeypatch.setattr(Runs, "entry", lambda self, number: SimpleNamespace(place=2))
    shown = steering.branch(wish(run=7, step=20, changes={}, ticket=1))
    assert shown[page.status]["message"] == {"key": "status_queued", "details": {"number": 8, "place": 2}}
    assert shown[page.steer]["answer"] == {"ticket": 1, "refusal": None}


def test_the_advice_to_go_on_from_the_best_ends_the_run_first(
    steering: Steering, studio: Studio, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_run(monkeypatch, studio)
    asked.number = 7
    steering.advise(wish(action="continue_best", settings={"dropout": 0.3}), None)
    assert [call[0] for call in asked.calls] == ["stop", "wait", "branch"]
    assert asked.calls[-1] == ("branch", 7, 20, {"dropout": 0.3})


def test_the_advice_to_train_longer_goes_on_from_the_newest(
    steering: Steering, studio: Studio, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_run(monkeypatch, studio)
    ended: RunView = dataclasses.replace(studio.run(), state="done")
    monkeypatch.setattr(Studio, "run", lambda self: ended)
    asked.number = 7
    steering.advise(wish(action="train_longer", settings={"max_epochs": 9}), None)
    assert asked.calls == [("branch", 7, 40, {"max_epochs": 9})]


def test_the_advice_to_use_the_best_chooses_it_to_write(
    steering: Steering, page: Page, studio: Studio, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_run(monkeypatch, studio)
    models = (ModelEntry("run:7:last", "last", "B", 7), ModelEntry("run:7:best", "best", "B", 7))
    monkeypatch.setattr(Studio, "models", lambda self: models)
    shown = steering.advise(wish(action="use_best", settings={}), "run:7:last")
    assert [call[0] for call in asked.calls] == ["stop", "wait"]
    assert shown[page.model]["value"] == "run:7:best"


def test_an_unknown_advice_does_nothing(steering: Steering, asked: Asked) -> None:
    steering.advise(wish(action="format_the_disk"), None)
    assert asked.calls == []


def test_a_run_without_a_checkpoint_says_so(
    steering: Steering, page: Page, studio: Studio, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    show_run(monkeypatch, studio)
    bare = dataclasses.replace(studio.run(), checkpoints=())
    monkeypatch.setattr(Studio, "run", lambda self: bare)
    shown = steering.advise(wish(action="continue_best", settings={}), None)
    assert shown[page.status]["message"]["key"] == "nothing_to_go_on"


def test_numbers_arrive_as_json_has_them() -> None:
    assert read_whole("step", 20.0) == 20
    assert read_changes(None) == {}
    assert read_live({"learning_rate": 1}) == {"learning_rate": 1}
    for bad in ({"max_epochs": 3}, {"prefix": 3}, {"learning_rate": 10**400}):
        with pytest.raises(ConfigError):
            read_live(bad)
