"""A run of the list goes on from its checkpoint as a child, and who has asked is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deeprnn.device import choose_device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.ui.page import build_page

from .remembered import remember, remember_checkpoint
from .test_runs_desk import Tab, numbers, said

ENDLESS = {"max_steps": 1_000_000, "max_epochs": 1_000_000}
PATIENCE = 60.0  # seconds that a run may take to end on a busy machine


def test_any_run_goes_on_from_its_checkpoint_and_the_answer_says_when(tmp_path: Path) -> None:
    studio = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))
    old = remember_checkpoint(studio.store, "The old one", 20)
    remember(studio.store, "A newer one")
    tab = Tab(studio, build_page())
    tab.known = [[old, -1, "", -1]]
    (packet,) = tab.ask("look")["curves"]["packets"]
    assert [[step, best] for step, _, best in packet["curve"]["kept"]] == [[20, True]]
    tab.known = []
    changes = {"dropout": 0.3, **ENDLESS}
    first = tab.ask("branch", run=old, step=20, changes=changes, ticket=7)
    try:
        assert numbers(first["list"]) == [3]
        assert (said(first), first["list"]["answer"]) == ("branch_begun", {"ticket": 7, "refusal": None})
        child = studio.runs.entry(3)
        assert (child.parent, child.parent_step, child.corpus) == (old, 20, "the_thirsty_bell")
        assert child.recipe.settings() == {**studio.runs.entry(old).recipe.settings(), **changes}
        second = tab.ask("branch", run=float(old), step=20.0, changes={}, ticket=8)
        assert second["list"]["said"] == {"key": "status_queued", "details": {"number": 4, "place": 1}}
        studio.runs.cancel(4)
    finally:
        studio.stop()
        assert studio.wait(PATIENCE)
        studio.store.close()


@pytest.mark.parametrize(
    ("wish", "key"),
    [
        ({"run": 1, "step": 20, "changes": {"dropout": 7}}, "out_of_range"),
        ({"run": 1, "step": 20, "changes": {"hidden_size": 3}}, "unknown_setting"),
        ({"run": 1, "step": 19, "changes": {}}, "no_checkpoint"),
        ({"run": 9, "step": 20, "changes": {}}, "unknown_run"),
        ({"run": "1", "step": 20}, "not_int"),
        ({}, "not_int"),
    ],
    ids=str,
)
def test_a_refusal_reaches_the_panel_and_no_run_begins(tmp_path: Path, wish: dict[str, Any], key: str) -> None:
    studio = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))
    remember_checkpoint(studio.store, "The old one", 20)
    frames = Tab(studio, build_page()).ask("branch", ticket=5, **wish)
    assert said(frames) is None
    assert frames["list"]["answer"]["ticket"] == 5
    assert frames["list"]["answer"]["refusal"]["key"] == key
    assert [entry.number for entry in studio.runs.entries()] == [1]
    studio.store.close()


def test_another_process_uses_the_home_and_no_run_begins(tmp_path: Path) -> None:
    first = Store(tmp_path, bundled=tmp_path / "none")
    remember_checkpoint(first, "The old one", 2)
    studio = Studio(Store(tmp_path, bundled=tmp_path / "none"), choose_device("cpu"))
    frames = Tab(studio, build_page()).ask("branch", run=1, step=2, changes={}, ticket=5)
    assert frames["list"]["answer"]["refusal"]["key"] == "home_in_use"
    assert [entry.number for entry in studio.runs.entries()] == [1]
    studio.store.close()
    first.close()
