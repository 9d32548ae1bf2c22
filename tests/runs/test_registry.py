"""Runs by their number: they wait, go on, branch, are renamed, deleted and brought back, and never forgotten."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from deeprnn.errors import CheckpointError, ConfigError, DeepRNNError, JobError, StoreError, TextError
from deeprnn.runs.checkpoints import Checkpoints
from deeprnn.runs.job import DONE, FAILED, RUNNING
from deeprnn.runs.limits import LOCAL
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio

from .test_studio import CPU, ENDLESS, LONG, tiny

Weights = dict[str, torch.Tensor]


def open_studio(home: Path) -> Studio:
    return Studio(Store(home, bundled=home / "none"), CPU)


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(tmp_path)
    yield opened
    assert opened.close(LONG)


@pytest.fixture
def verse(studio: Studio) -> str:
    words = np.random.default_rng(0).choice(["the", "bell", "was", "still", "and", "deep"], 400)
    return studio.add_text("verse.txt", " ".join(words))[0].key


def train_to(studio: Studio, step: int) -> None:
    while studio.run().cursor < step:
        assert not studio.wait(0.01)


def wait_for(studio: Studio, *numbers: int) -> None:
    """Wait until these runs have ended, and well."""
    while {studio.runs.entry(number).state for number in numbers} != {DONE}:
        assert FAILED not in {studio.runs.entry(number).state for number in numbers}
        studio.wait(0.01)


def weights(studio: Studio, number: int) -> Weights:
    return studio.store.load(f"run:{number}:last").network.state_dict()


def equal(one: Weights, other: Weights) -> bool:
    return all(one[name].equal(other[name]) for name in other)


def test_a_run_that_another_program_resumes_ends_as_if_nothing_had_been_between(
    tmp_path: Path, verse: str, studio: Studio
) -> None:
    recipe = tiny(max_epochs=6, dropout=0.2, num_layers=2)
    whole = studio.start(verse, recipe)
    assert studio.wait(LONG)
    number = studio.start(verse, recipe)
    train_to(studio, 7)
    assert studio.close(LONG)
    again = open_studio(tmp_path)
    assert again.run().state == "interrupted"
    assert again.run().number == number
    assert again.curve()["runs"][0]["train"][0][-1] == again.run().cursor
    again.resume()
    assert again.wait(LONG)
    assert again.run().state == DONE
    assert equal(weights(again, number), weights(again, whole))
    total = again.run().total_steps
    for run in (number, whole):
        assert [record.step for record in again.runs.records(run)] == list(range(1, total + 1))
    losses = [[record.loss for record in again.runs.records(run)] for run in (number, whole)]
    assert losses[0] == losses[1]
    assert again.close(LONG)


def test_the_second_run_waits_and_begins_when_the_first_has_ended(studio: Studio, verse: str) -> None:
    first, second, third = (studio.start(verse, ENDLESS), studio.start(verse, tiny()), studio.start(verse, tiny()))
    assert [(e.number, e.state, e.place) for e in studio.runs.entries()][:2] == [(3, "waiting", 2), (2, "waiting", 1)]
    studio.runs.move(third, 1)
    assert [entry.place for entry in studio.runs.entries()] == [1, 2, None]
    studio.runs.cancel(second)
    assert studio.runs.entry(second).state == DONE  # not interrupted: nobody shall go on with it by itself
    train_to(studio, 1)
    studio.stop()
    wait_for(studio, third)
    assert studio.runs.entry(first).state == DONE
    studio.runs.resume(second)  # it never began: it does so now
    wait_for(studio, second)


def test_a_branch_goes_on_from_a_checkpoint_with_what_was_changed(studio: Studio, verse: str) -> None:
    parent = studio.start(verse, tiny(max_epochs=5))
    assert studio.wait(LONG)
    step = studio.runs.view(parent).checkpoints[-1].step
    child = studio.runs.branch(parent, step, {"max_epochs": 8, "learning_rate": 0.001})
    assert studio.wait(LONG)
    entry = studio.runs.entry(child)
    assert (entry.parent, entry.parent_step, entry.state) == (parent, step, DONE)
    assert entry.recipe.train.learning_rate == 0.001
    records = studio.runs.records(child)
    assert records[0].step == step + 1
    assert records[0].learning_rate == 0.001
    drawn = studio.runs.curve(child)["runs"]
    assert [(run["number"], run["ghost"]) for run in drawn] == [(child, False), (parent, True)]
    with pytest.raises(CheckpointError):
        studio.runs.branch(parent, step + 10**6, {})
    with pytest.raises(ConfigError):
        studio.runs.branch(parent, step, {"hidden_size": 8})  # a network cannot shrink within a run


def test_a_branch_outlives_the_checkpoint_it_came_from(studio: Studio, verse: str) -> None:
    """While it waits, its parent goes on, and drops all but the best and the newest of its checkpoints."""
    parent = studio.start(verse, ENDLESS)
    train_to(studio, 3)
    studio.save_now()
    while not studio.runs.view(parent).checkpoints:
        studio.wait(0.01)
    step = studio.runs.view(parent).checkpoints[0].step
    child = studio.runs.branch(parent, step, {"max_epochs": 2})
    studio.stop()
    while studio.runs.entry(parent).state == RUNNING:
        studio.wait(0.01)
    shutil.rmtree(studio.store.checkpoints(parent).folder, ignore_errors=True)
    wait_for(studio, child)
    assert studio.runs.entry(child).step >= step


def test_settings_change_while_it_runs_and_the_curve_has_a_mark(studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS)
    train_to(studio, 2)
    studio.change(learning_rate=0.005, prefix="bell ")
    while len(studio.run().events) < 2:
        studio.wait(0.01)
    last = studio.run().last
    assert last is not None
    train_to(studio, last.step + 1)
    studio.stop()
    assert studio.wait(LONG)
    assert studio.runs.records(number)[-1].learning_rate == 0.005
    assert [event.kind for event in studio.run().events] == ["changed", "changed"]
    assert studio.runs.samples(number)[-1].prefix == "bell "
    with pytest.raises(JobError):
        studio.change(learning_rate=0.1)


def test_a_bad_change_is_refused_and_the_run_goes_on(studio: Studio, verse: str) -> None:
    studio.start(verse, ENDLESS)
    for settings in ({"hidden_size": 8}, {"learning_rate": float("nan")}, {"dropout": 2.0}, {"nonsense": 1}):
        with pytest.raises(ConfigError):
            studio.change(**settings)
    step = studio.run().cursor
    train_to(studio, step + 2)
    assert studio.run().state == RUNNING


def test_a_deleted_run_is_hidden_and_comes_back(studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    studio.runs.rename(number, "  my bell\x00 ")
    studio.runs.annotate(number, "rings well")
    studio.runs.discard(number)
    assert studio.runs.entries() == ()
    assert studio.models() == ()
    [gone] = studio.runs.entries(deleted=True)
    assert gone.deleted
    studio.runs.restore(number)
    [entry] = studio.runs.entries()
    assert (entry.notes, entry.deleted) == ("rings well", None)
    assert entry.name.startswith("my bell")
    assert {model.kind for model in studio.models()} == {"best", "last"}


def test_what_was_deleted_a_day_ago_is_gone_with_its_files(tmp_path: Path, studio: Studio, verse: str) -> None:
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    studio.runs.discard(number)
    studio.store.database.update_run(number, deleted=1.0)
    assert studio.close(LONG)
    again = open_studio(tmp_path)
    assert again.runs.entries(deleted=True) == ()
    assert not (tmp_path / "runs" / f"{number:04d}").exists()
    assert again.close(LONG)


def test_discarding_a_run_that_trains_stops_it(studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS)
    train_to(studio, 1)
    studio.runs.discard(number)
    assert studio.wait(LONG)
    assert [entry.number for entry in studio.runs.entries()] == []


def test_a_sweep_is_one_group_of_runs(studio: Studio, verse: str) -> None:
    numbers = studio.runs.sweep(verse, tiny(max_epochs=1), "num_layers", equal_parameters=True)
    wait_for(studio, *numbers)
    entries = [studio.runs.entry(number) for number in numbers]
    assert [entry.recipe.model.num_layers for entry in entries] == [1, 2, 3]
    assert len({entry.group for entry in entries}) == 1
    assert entries[0].group


def test_every_interrupted_run_goes_on_by_itself_when_asked(tmp_path: Path, studio: Studio, verse: str) -> None:
    first = studio.start(verse, tiny(max_epochs=5))
    second = studio.start(verse, tiny())
    train_to(studio, 2)
    assert studio.close(LONG)
    again = open_studio(tmp_path)
    again.runs.go_on()
    wait_for(again, first, second)
    assert again.close(LONG)


def test_a_text_that_is_another_now_is_refused(tmp_path: Path, studio: Studio, verse: str) -> None:
    number = studio.start(verse, ENDLESS)
    train_to(studio, 1)
    assert studio.close(LONG)
    for file in (tmp_path / "texts").glob("*.txt"):
        file.unlink()
    again = open_studio(tmp_path)
    with pytest.raises(TextError):
        again.runs.resume(number)
    assert again.run().state == "interrupted"
    assert again.close(LONG)


def test_there_is_no_such_run(studio: Studio) -> None:
    for act in (studio.runs.entry, studio.runs.view, studio.runs.curve, studio.runs.records, studio.runs.samples,
                studio.runs.resume, studio.runs.discard):  # fmt: skip
        with pytest.raises(StoreError) as refusal:
            act(7)
        assert refusal.value.message.key == "unknown_run"
    with pytest.raises(JobError):
        studio.runs.cancel(7)


def test_a_branch_that_the_disk_refuses_leaves_no_run(
    tmp_path: Path, studio: Studio, verse: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stood in the list as waiting, and after the next start it began anew, untrained, under the parent's name."""
    parent = studio.start(verse, tiny())
    assert studio.wait(LONG)
    step = studio.runs.view(parent).checkpoints[-1].step

    def refuse(*_: object) -> None:
        raise CheckpointError("cannot_write", path="there", reason="full")

    monkeypatch.setattr(Checkpoints, "save", refuse)
    with pytest.raises(CheckpointError):
        studio.runs.branch(parent, step, {"max_epochs": 8})
    assert [entry.number for entry in studio.runs.entries(deleted=True)] == [parent]


def test_a_branch_without_its_first_checkpoint_never_begins_anew(studio: Studio, verse: str) -> None:
    """The program may die before the copy is on the disk."""
    parent = studio.start(verse, tiny())
    assert studio.wait(LONG)
    row = studio.store.database.run(parent)
    child = studio.store.claim(replace(row, id="b" * 32, parent=parent, parent_step=3, state="interrupted", step=0))
    studio.runs.resume(child)
    assert studio.wait(LONG)
    view = studio.runs.view(child)
    assert view.message is not None
    assert (view.state, view.message.key) == (FAILED, "no_checkpoint")


@pytest.mark.parametrize(("running", "refusal"), [(False, "no_room_for_run"), (True, "too_many_jobs")])
def test_a_branch_that_is_refused_costs_no_run(
    tmp_path: Path, studio: Studio, verse: str, running: bool, refusal: str
) -> None:
    """To make room it removed its own parent, or any other run although it was not allowed to begin."""
    limits = replace(LOCAL, jobs_per_visitor=1, queue=8, visitor_bytes=10**9, kept_runs=2 if running else 1)
    few = Studio(Store(tmp_path / "few", bundled=tmp_path / "none"), CPU, limits=limits)
    key = few.add_text("verse.txt", "the bell was still and deep " * 50)[0].key
    parent = few.start(key, tiny())
    assert few.wait(LONG)
    if running:
        few.start(key, ENDLESS)
    before = [entry.number for entry in few.runs.entries(deleted=True)]
    with pytest.raises(DeepRNNError) as refused:
        few.runs.branch(parent, few.runs.view(parent).checkpoints[-1].step, {"max_epochs": 8})
    assert refused.value.message.key == refusal
    assert [entry.number for entry in few.runs.entries(deleted=True)] == before
    assert few.runs.view(parent).checkpoints
    assert few.close(LONG)


def test_a_deleted_run_that_a_dead_program_left_is_interrupted_when_it_comes_back(
    tmp_path: Path, studio: Studio, verse: str
) -> None:
    """It came back as running, though nothing trained, and could not be stopped."""
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    studio.store.database.update_run(number, state=RUNNING, deleted=time.time())
    assert studio.close(LONG)
    again = open_studio(tmp_path)
    again.runs.restore(number)
    assert again.runs.entry(number).state == "interrupted"
    assert again.close(LONG)


def test_a_run_is_compared_while_it_trains_and_a_branch_after(studio: Studio, verse: str) -> None:
    """The curve was newer than the records beside it, and a branch's began before them."""
    number = studio.start(verse, ENDLESS)
    train_to(studio, 20)
    for _ in range(10):
        [drawn] = studio.runs.compare([number])["runs"]
        assert drawn["tokens"]["train"] == sorted(set(drawn["tokens"]["train"]))
    studio.save_now()
    while not (kept := studio.run().checkpoints):
        studio.wait(0.01)
    studio.stop()
    assert studio.wait(LONG)
    child = studio.runs.branch(number, kept[-1].step, {"max_steps": kept[-1].step + 5})
    wait_for(studio, child)
    [drawn] = studio.runs.compare([child])["runs"]
    assert drawn["train"][0] == [record.step for record in studio.runs.records(child)]
    assert drawn["tokens"]["train"] == [record.tokens for record in studio.runs.records(child)]


def test_curves_are_compared_by_step_by_token_and_by_second(studio: Studio, verse: str) -> None:
    numbers = [studio.start(verse, tiny(seed=seed)) for seed in (0, 1)]
    wait_for(studio, *numbers)
    runs = studio.runs.compare(numbers)["runs"]
    assert [run["number"] for run in runs] == numbers
    for run, number in zip(runs, numbers, strict=True):
        records = {record.step: record for record in studio.runs.records(number)}
        steps = run["train"][0]
        assert run["tokens"]["train"] == [records[step].tokens for step in steps]
        assert run["seconds"]["train"] == [records[step].elapsed_seconds for step in steps]


def test_a_name_says_what_the_user_changed_and_nothing_that_was_found_for_the_run(studio: Studio, verse: str) -> None:
    """The second run was called "precision float32 → auto": the first one's had been chosen when it began."""
    wished = tiny(precision="auto", max_epochs=1, batch_size=4000)  # far too many rows for so short a text
    studio.start(verse, wished)
    assert studio.wait(LONG)
    number = studio.start(verse, wished.replace(learning_rate=0.02))
    assert studio.wait(LONG)
    assert studio.runs.entry(number).name == "verse.txt · learning_rate 0.01 → 0.02"


def test_a_child_writes_its_samples_from_the_beginning_that_its_parent_was_given(studio: Studio, verse: str) -> None:
    parent = studio.start(verse, tiny(max_epochs=1000))
    train_to(studio, 2)
    studio.change(prefix="deep ")
    studio.save_now()
    while not (studio.run().checkpoints and studio.runs.samples(parent)[-1:]) or not studio.run().events:
        studio.wait(0.01)
    studio.stop()
    assert studio.wait(LONG)
    step = studio.runs.view(parent).checkpoints[-1].step
    child = studio.runs.branch(parent, step, {"max_epochs": 1, "learning_rate": 0.001})
    while studio.runs.entry(child).state != DONE:
        studio.wait(0.01)
    assert [kept.step for kept in studio.store.database.checkpoints(parent)][-1] == step
    samples = studio.runs.samples(child)
    assert not samples or {sample.prefix for sample in samples} == {"deep "}


def test_a_run_whose_checkpoints_cannot_be_read_is_not_begun_anew(studio: Studio, verse: str) -> None:
    """Nothing seemed to be kept, so it trained from the first step and wrote over what a repair could have saved."""
    number = studio.start(verse, tiny())
    assert studio.wait(LONG)
    manifests = list(studio.store.home.rglob("manifest.json"))
    for manifest in manifests:
        manifest.write_text("{}")
    studio.runs.resume(number, max_epochs=9)
    assert studio.wait(LONG)
    view = studio.runs.view(number)
    assert (view.state, view.message and view.message.key) == (FAILED, "checkpoint_json")
    assert {manifest.read_text() for manifest in manifests} == {"{}"}
    assert list(studio.store.home.rglob("manifest.json")) == manifests
