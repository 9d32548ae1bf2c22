"""What a tab is sent: the figures of the run itself, not those that a run would have."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

import gradio as gr
import pytest

from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import ModelEntry, RunView
from deeprnn.runs.visitors import OneUser
from deeprnn.training.presets import PRESETS
from deeprnn.ui.form import read_recipe
from deeprnn.ui.page import build_page
from deeprnn.ui.watching import Watch
from deeprnn.ui.wiring import build_app


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))


def test_the_badge_shows_the_precision_of_the_run_on_the_page(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    page = build_page()
    watch = Watch(studio, page, gr.State(None))
    assert watch.load()[page.header]["precision"] == studio.precision
    seen = watch.load()[watch._seen]

    def run(self: Studio, since: int = 0) -> RunView:
        return view

    view = dataclasses.replace(studio.run(), number=1, state="running", precision="bfloat16")
    monkeypatch.setattr(Studio, "run", run)
    assert watch.tick(seen, None)[page.header]["precision"] == "bfloat16"
    view = dataclasses.replace(view, number=2, state="starting", precision="")
    assert watch.load()[page.header]["precision"] == studio.precision


def test_a_page_opened_during_a_run_shows_the_recipe_of_the_run(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second tab said Balanced with its settings though the run on it was Quick."""
    page = build_page()
    watch = Watch(studio, page, gr.State(None))
    assert page.recipe not in watch.load()
    recipe = PRESETS["quick"].replace(hidden_size=77)
    view = dataclasses.replace(studio.run(), number=1, state="running", corpus="the_thirsty_bell", recipe=recipe)
    monkeypatch.setattr(Studio, "run", lambda self, since=0: view)
    shown = watch.load()
    assert shown[page.recipe] == "quick"
    filled = {name: shown[field] for name, field in page.settings.items()}
    assert read_recipe("quick", filled) == recipe
    assert filled["tie_weights"] == ""  # a list or a text holds no missing value
    view = dataclasses.replace(view, recipe=dataclasses.replace(recipe, name="of my own"))
    assert page.recipe not in watch.load()


def test_a_pressed_button_answers_with_what_it_brought_about(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pause and Stop showed up to one and a half seconds later, with the next tick."""
    monkeypatch.setattr("deeprnn.ui.watching.SETTLE_SECONDS", 60.0)  # however busy this machine is
    page = build_page()
    watch = Watch(studio, page, gr.State(None))
    key = studio.add_text("verse", "The bell in the valley had not rung for a year. " * 60)[0].key
    studio.start(key, PRESETS["quick"].replace(hidden_size=16, num_layers=1, max_epochs=10**6, max_steps=10**6))
    while not studio.run().last:
        time.sleep(0.01)
    assert watch.pause("live")[page.status]["state"] == "paused"
    assert watch.resume("live")[page.status]["state"] == "running"
    ended = watch.stop("live")
    assert ended[page.status]["state"] == "done"
    assert ended[page.model]["value"].startswith("run:1:")
    assert ended[watch._seen].run[:2] == (1, "done")


def test_the_form_does_not_take_over_what_a_sweep_has_derived(studio: Studio) -> None:
    """After a reload it held the last run's layers, units and seed, and the next run was trained with them."""
    page = build_page()
    watch = Watch(studio, page, gr.State(None))
    view = dataclasses.replace(studio.run(), number=1, recipe=PRESETS["quick"].replace(num_layers=3))
    field = page.settings["num_layers"]
    assert field in watch._form(view)
    assert watch._form(dataclasses.replace(view, group="num_layers 1")) == {}


def test_a_run_that_fails_at_once_leaves_a_model_that_is_there(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of models went blank: the newest weights of a run that had ended were chosen."""
    page = build_page()
    view = dataclasses.replace(studio.run(), number=1, state="failed")
    monkeypatch.setattr(Studio, "start", lambda self, corpus, recipe: 1)
    monkeypatch.setattr(Studio, "run", lambda self, since=0: view)
    monkeypatch.setattr(Studio, "models", lambda self: (ModelEntry("own:a", "own", "A"),))
    settings = PRESETS["quick"].settings()
    started = Watch(studio, page, gr.State(None)).start("x", "quick", *(settings[name] for name in page.settings))
    assert started[page.model]["value"] == "own:a"


def test_whoever_draws_the_whole_run_may_draw_the_badge(studio: Studio) -> None:
    page = build_app(OneUser(studio))
    for name in ("load", "tick", "start"):
        drawn = [handler.outputs for handler in page.demo.fns.values() if handler.name == name]
        assert any(page.header in outputs for outputs in drawn), name
