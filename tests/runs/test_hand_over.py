"""A run that gives way to another owner's: what its owner asks for meanwhile is done, and nobody sees it half gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deeprnn.errors import JobError
from deeprnn.runs.entries import WAITING
from deeprnn.runs.job import DONE, PAUSED, RUNNING
from deeprnn.runs.limits import LOCAL
from deeprnn.runs.saving import Saver
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.turns import Turns
from deeprnn.training.train import Training

from .test_studio import CPU, ENDLESS, LONG

WORDS = "the bell was still and deep under the water of the green lake " * 40


@pytest.fixture
def clock() -> list[float]:
    return [0.0]


@pytest.fixture
def owners(tmp_path: Path, clock: list[float]) -> Iterator[tuple[Studio, Studio]]:
    turns = Turns(slice_seconds=1.0, clock=lambda: clock[0])
    limits = replace(LOCAL, jobs_per_visitor=1, queue=8)
    ada, bob = (
        Studio(Store(tmp_path / name, bundled=tmp_path / "none"), CPU, turns, name, limits) for name in ("ada", "bob")
    )
    yield ada, bob
    bob.close(LONG)
    ada.close(LONG)


def start(studio: Studio) -> int:
    return studio.start(studio.add_text("lake.txt", WORDS)[0].key, ENDLESS)


def train_to(studio: Studio, step: int) -> None:
    while studio.run().state != RUNNING or studio.run().cursor < step:
        studio.wait(0.01)


def meanwhile(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Do something while a run saves where it gives way."""
    save = Saver.save

    def acting(self: Saver, training: Training) -> None:
        act()
        save(self, training)

    monkeypatch.setattr(Saver, "save", acting)


def test_a_run_that_is_stopped_while_it_gives_way_does_not_begin_again(
    owners: tuple[Studio, Studio], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It saved for a second or more then, forgot that it had been stopped, and came back with its next turn."""
    ada, bob = owners
    number = start(ada)
    train_to(ada, 3)
    start(bob)
    meanwhile(monkeypatch, lambda: ada.stop())
    clock[0] = 5.0
    train_to(bob, 1)
    monkeypatch.undo()
    assert ada.run().state == ada.store.database.run(number).state == DONE
    bob.stop()
    assert bob.wait(LONG)
    assert ada.run().state == DONE


def test_a_run_that_gave_way_while_it_was_paused_can_be_stopped(owners: tuple[Studio, Studio]) -> None:
    """There was nothing to stop, and its owner could begin nothing else either."""
    ada, bob = owners
    number = start(ada)
    train_to(ada, 3)
    ada.pause()
    start(bob)
    train_to(bob, 1)
    assert ada.run().state == PAUSED
    with pytest.raises(JobError):
        start(ada)
    ada.stop()
    assert ada.run().state == ada.store.database.run(number).state == DONE
    with pytest.raises(JobError):
        ada.stop()
    start(ada)
    assert ada.run().state == WAITING


def test_a_run_that_lets_go_of_its_network_can_be_looked_at(
    owners: tuple[Studio, Studio], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asked twice whether there was a network got it once, and an error instead of a view."""
    ada, _ = owners
    number = start(ada)
    train_to(ada, 3)
    ada.stop()
    assert ada.wait(LONG)
    run = ada.runs.current()
    assert run is not None
    kept = run.training

    class Leaving(type(run)):  # type: ignore[misc]
        training = property(lambda self: self.__dict__.pop("training", None), lambda self, value: None)

    for look in (lambda: ada.runs.view(number), ada.runs.entries, lambda: ada.runs.curve(number)):
        run.__dict__["training"] = kept
        monkeypatch.setattr(run, "__class__", Leaving)
        look()
        monkeypatch.undo()


def test_a_run_that_is_closed_while_it_begins_is_interrupted(owners: tuple[Studio, Studio]) -> None:
    """What it had been told was forgotten as soon as its thread began: it was listed as done, and never went on."""
    ada, _ = owners
    number = start(ada)
    assert ada.close(LONG)
    assert ada.store.database.run(number).state == "interrupted"
