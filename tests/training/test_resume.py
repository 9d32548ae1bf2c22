"""N steps against k steps, a new process, N - k steps: equal to the last bit, in weights, moments and all the rest."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch

from deeprnn.errors import CheckpointError, ConfigError
from deeprnn.training.snapshot import Snapshot
from deeprnn.training.train import Training

from .resuming import PARTS, RECIPES, STEPS, digest, make

ROOT = Path(__file__).resolve().parents[2]


def run(verb: str, folder: Path) -> dict[str, str]:
    """Begin the runs, or go on from every snapshot in a folder, in a new process; return the digests at the end."""
    command = [sys.executable, "-m", "tests.training.resuming", verb, str(folder)]
    # Threads that wait must not keep a core busy: where others compute too, that takes a hundred times as long.
    patient = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, cwd=ROOT, env=patient, capture_output=True, encoding="utf-8", timeout=300)
    assert done.returncode == 0, done.stderr
    digests: dict[str, str] = json.loads(done.stdout)
    return digests


def test_a_run_that_goes_on_in_a_new_process_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    """36 of 36 are equal; with any part of the snapshot left out the comparison notices."""
    wanted = run("begin", tmp_path)
    found = run("go-on", tmp_path)
    controls = {f"without {part}" for part in PARTS}
    assert len(wanted.keys() - controls) == 36
    assert {name for name in wanted if found[name] != wanted[name]} == controls


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


NAMED = ("step", "tokens", "seconds", "exploded", "best", "checks_without_better", "feed", "events", "recipe", "corpus")


@pytest.mark.parametrize("value", ["none", None, {"place": -1}, [{"step": 1}]])
def test_a_damaged_snapshot_is_refused_in_words(value: object) -> None:
    training, snapshot = paused()
    for name in NAMED:
        with pytest.raises(CheckpointError):
            make(training.recipe, replace(snapshot, values={**snapshot.values, name: value}))
    for name in snapshot.values:
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
