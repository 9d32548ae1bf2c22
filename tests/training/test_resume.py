"""N steps against k steps, a new process, N - k steps: equal to the last bit, in weights, moments and all the rest."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from deeprnn.errors import CheckpointError, ConfigError
from deeprnn.training.snapshot import Snapshot
from deeprnn.training.train import Training

from .resuming import RECIPES, STEPS, digest, make, write

ROOT = Path(__file__).resolve().parents[2]
POINTS = ("first step", "middle of an epoch", "end of an epoch", "step after it", "after a pause", "after a new rate")
PARTS = ("order", "dropout", "optimizer", "place", "state")
PAUSE, CHANGE = 14, 18  # steps


@contextmanager
def threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def run_through(seed: int) -> tuple[dict[str, tuple[Snapshot, str]], Snapshot]:
    """Run without an interruption, twice; return the six snapshots with what comes of each, and the start.

    The second run gets a new rate on its way, which is then part of the snapshot.
    """
    training, changed = make(RECIPES[seed]), make(RECIPES[seed])
    start, taken, places = training.snapshot(), [], []
    for _ in islice(training, PAUSE):
        taken.append(training.snapshot())
        places.append((training.feed.epoch, training.feed.place))
    for _ in training:  # who has left the records and asks for them again
        taken.append(training.snapshot())
    assert len(taken) == STEPS
    end = next(step for step, (epoch, _) in enumerate(places) if epoch == 1)  # the last step of the first epoch
    assert 3 < end < PAUSE - 2
    list(islice(changed, CHANGE))
    changed.change(learning_rate=0.5 * changed.recipe.train.learning_rate)
    list(islice(changed, 2))
    after_change = changed.snapshot()
    list(changed)
    ended, steps = digest(training), (1, end - 2, end, end + 1, PAUSE + 1)
    points = {point: (taken[step - 1], ended) for point, step in zip(POINTS, steps, strict=False)}
    return {**points, POINTS[-1]: (after_change, digest(changed))}, start


def without(snapshot: Snapshot, start: Snapshot, part: str) -> Snapshot:
    """Return a snapshot in which one part is as it was before the first step."""
    tensors, values = dict(snapshot.tensors), copy.deepcopy(snapshot.values)
    if part == "order":
        values["feed"]["random"] = start.values["feed"]["random"]
    elif part == "place":
        values["feed"]["place"] = 0
    else:
        tensors = {name: value for name, value in tensors.items() if name.split(".")[0] != part}
        tensors |= {name: value for name, value in start.tensors.items() if name.split(".")[0] == part}
    return replace(snapshot, tensors=tensors, values=values)


def go_on(folder: Path) -> dict[str, str]:
    """Go on from every snapshot in a folder, in a new process; return the digests."""
    command = [sys.executable, "-m", "tests.training.resuming", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def test_a_run_that_goes_on_in_a_new_process_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    """36 of 36 are equal; with any part of the snapshot left out the comparison notices."""
    wanted, controls = {}, {}
    for seed in RECIPES:
        for count in (1, 2):
            with threads(count):
                points, start = run_through(seed)
            for point, (snapshot, end) in points.items():
                name = f"{point}, seed {seed}, {count} threads"
                wanted[name] = end
                write(tmp_path / name, snapshot, count)
            if (seed, count) == (0, 1):
                # within the second epoch: there its order is no longer that of the start
                snapshot, end = points["after a pause"]
                for part in PARTS:
                    controls[part] = end
                    write(tmp_path / part, without(snapshot, start, part), count)
    found = go_on(tmp_path)
    assert len(wanted) == 36
    assert {name: found[name] for name in wanted} == wanted
    assert [part for part in controls if found[part] == controls[part]] == []


def test_whoever_leaves_the_records_and_asks_again_goes_on_exactly() -> None:
    """The next step used to be the first of a new epoch, with a state of zeros."""
    whole, parts = make(RECIPES[0]), make(RECIPES[0])
    losses = [record.loss for record in whole]
    again = [record.loss for _ in range(STEPS) for record in islice(parts, 1)]
    assert again == losses
    assert digest(parts) == digest(whole)


def test_a_snapshot_stays_as_it_was_taken() -> None:
    training = make(RECIPES[0])
    list(islice(training, 3))
    taken = training.snapshot()
    before = {name: value.clone() for name, value in taken.tensors.items()}
    values = json.dumps(taken.values)
    list(training)
    assert all(torch.equal(value, before[name]) for name, value in taken.tensors.items())
    assert json.dumps(taken.values) == values


def paused() -> tuple[Training, Snapshot]:
    training = make(RECIPES[0])
    list(islice(training, 7))
    return training, training.snapshot()


def test_a_branch_may_learn_otherwise() -> None:
    _, snapshot = paused()
    recipe = RECIPES[0].replace(dropout=0.1, optimizer="sgd", batch_size=4, seed=9, max_steps=12)
    branch = make(recipe, snapshot)
    assert branch.curve.steps[-1] == branch.step == 7
    assert (branch.feed.epoch, branch.feed.place, branch.state) == (0, 0, None)
    assert branch.network.config.dropout == 0.1
    assert [record.step for record in branch] == [8, 9, 10, 11, 12]
    assert list(branch.curve.steps) == list(range(1, 13))


def test_more_epochs_do_not_disturb_what_has_been() -> None:
    whole = make(RECIPES[1].replace(max_steps=40))  # its rate is constant
    losses = [record.loss for record in whole]
    first = make(RECIPES[1])
    list(first)
    later = make(RECIPES[1].replace(max_steps=40), first.snapshot())
    assert [record.loss for record in later] == losses[STEPS:]


@pytest.mark.parametrize("changes", [{"hidden_size": 16}, {"cell": "gru"}, {"max_tokens": 1000}, {"lower_case": True}])
def test_what_the_network_and_its_text_are_cannot_change(changes: dict[str, object]) -> None:
    _, snapshot = paused()
    with pytest.raises(ConfigError, match=next(iter(changes))):
        make(RECIPES[0].replace(**changes), snapshot)


def test_another_text_is_refused() -> None:
    training, snapshot = paused()
    values = copy.deepcopy(snapshot.values)
    values["corpus"]["sha256"] = "0" * 64
    with pytest.raises(CheckpointError, match="verse is not the text"):
        make(training.recipe, replace(snapshot, values=values))


@pytest.mark.parametrize(
    "name", ["step", "tokens", "seconds", "exploded", "best", "feed", "events", "recipe", "corpus"]
)
@pytest.mark.parametrize("value", ["none", None, [], {"place": -1}, [{"step": 1}]])
def test_a_damaged_snapshot_is_refused_in_words(name: str, value: object) -> None:
    training, snapshot = paused()
    if (name, value) == ("events", []):
        return
    broken = replace(snapshot, values={**snapshot.values, name: value})
    with pytest.raises(CheckpointError):
        make(training.recipe, broken)
    with pytest.raises(CheckpointError):
        make(training.recipe, replace(snapshot, values={k: v for k, v in snapshot.values.items() if k != name}))


@pytest.mark.parametrize(
    "part", ["weights.output.bias", "best.output.bias", "optimizer.output.bias.exp_avg", "dropout"]
)
def test_tensors_of_another_network_are_refused(part: str) -> None:
    training, snapshot = paused()
    with pytest.raises(CheckpointError, match="damaged"):
        make(training.recipe, replace(snapshot, tensors={**snapshot.tensors, part: torch.zeros(3)}))


def test_a_change_is_remembered_and_obeyed() -> None:
    training, _ = paused()
    rate = training.recipe.train.learning_rate
    training.change(learning_rate=rate, dropout=0.0, max_grad_norm=5)
    assert [(event.step, event.kind) for event in training.events] == [(7, "changed")]
    assert str(training.events[0].message) == "Step 7: changed dropout 0.3 → 0.0, max_grad_norm 1.0 → 5.0."
    assert training.network.config.dropout == 0.0
    training.change(learning_rate=rate)
    assert len(training.events) == 1
    for refused in ({"hidden_size": 8}, {"learning_rat": 1.0}, {"learning_rate": 0.0}):
        with pytest.raises(ConfigError):
            training.change(**refused)
    assert training.recipe.train.max_grad_norm == 5.0
