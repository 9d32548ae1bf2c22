"""What a tab is sent: the figures of the run itself, not those that a run would have."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import gradio as gr
import pytest

from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import RunView
from deeprnn.training.presets import PRESETS
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
    assert {name: shown[field] for name, field in page.settings.items()} == recipe.settings()
    view = dataclasses.replace(view, recipe=dataclasses.replace(recipe, name="of my own"))
    assert page.recipe not in watch.load()


def test_whoever_draws_the_whole_run_may_draw_the_badge(studio: Studio) -> None:
    page = build_app(studio, shared=False)
    for name in ("load", "tick", "start"):
        drawn = [handler.outputs for handler in page.demo.fns.values() if handler.name == name]
        assert any(page.header in outputs for outputs in drawn), name
