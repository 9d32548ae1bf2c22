"""Advice: each rule speaks where it should and is silent beside it, on drawn curves and on runs that really fail so."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np
import pytest

from deeprnn.config import Recipe
from deeprnn.device import Device
from deeprnn.messages import message
from deeprnn.text.baselines import comparison, measure_lines
from deeprnn.text.corpus import build_corpus
from deeprnn.text.doctor import Finding
from deeprnn.training.advice import CHANGE, CONTINUE, RULES, TRAIN_LONGER, USE_BEST, Evidence, advise
from deeprnn.training.event import Event
from deeprnn.training.presets import PRESETS
from deeprnn.training.train import Training

QUICK = PRESETS["quick"]  # rate 0.008, clipped at 1, no dropout, 700 steps at most
TOTAL = 700
Shape = Callable[[float], float]


def drawn(train: Shape, held_out: Shape | None = None, step: int = TOTAL, **more: Any) -> Evidence:
    """Return evidence of curves that are given as functions of the share of the run, with twenty checks in a run."""
    checks = [check for check in range(35, step + 1, 35) if held_out is not None]
    values = [held_out(check / TOTAL) for check in checks] if held_out else []
    best = min(zip(values, checks, strict=True)) if checks else None
    plain: dict[str, Any] = {
        "recipe": QUICK,
        "step": step,
        "total_steps": TOTAL,
        "steps_per_epoch": 70,
        "ended": step == TOTAL,
        "best": best and (best[1], best[0]),
        "steps": range(1, step + 1),
        "perplexities": [train(s / TOTAL) for s in range(1, step + 1)],
        "validation_steps": checks,
        "validation_perplexities": values,
        "gradient_norms": [0.4] * min(step, 100),
        "unigram": 19.4,
    }
    return Evidence(**{**plain, **more})


def keys(evidence: Evidence) -> list[str]:
    return [finding.key for finding in advise(evidence)]


def find(evidence: Evidence, key: str) -> Finding:
    (finding,) = [finding for finding in advise(evidence) if finding.key == key]
    return finding


def learning(share: float) -> float:
    """Fall as the preset "quick" does: from 20 to 4, flat at the end."""
    return 4 + 16 * math.exp(-9 * share)


def by_heart(share: float) -> float:
    """Fall to the best at a third of the run and rise from there."""
    return 6 + 12 * (share - 1 / 3) ** 2


def flat(value: float) -> Shape:
    return lambda share: value


def test_a_run_that_learns_well_gets_no_advice_at_any_step() -> None:
    for step in range(1, TOTAL + 1):
        assert keys(drawn(learning, learning, step)) == []


def test_overfitting_is_said_after_three_worse_checks_with_two_ways_out() -> None:
    curves = (learning, by_heart)
    assert keys(drawn(*curves, step=280)) == []  # the best check was that of step 245
    assert keys(drawn(*curves, step=455)) == ["advice_overfitting", "advice_dropout"]
    first, second = advise(drawn(*curves, step=455))
    assert (first.remedy and first.remedy.action) == USE_BEST
    assert second.remedy
    assert (second.remedy.action, dict(second.remedy.settings)) == (CONTINUE, {"dropout": 0.3})
    assert "for 6 checks" in str(first.message)
    assert "step 245, perplexity 6.003 against 7.203 now" in str(first.message)


def test_a_jump_of_chance_is_no_overfitting() -> None:
    wavering = drawn(learning, lambda share: 5 + (0.02 if share > 0.5 else 0.0), step=560)
    assert keys(wavering) == []


@pytest.mark.parametrize(("every", "checks", "said"), [(70, 2, False), (70, 3, True), (30, 3, False), (30, 4, True)])
def test_it_takes_three_checks_and_a_hundred_steps(every: int, checks: int, said: bool) -> None:
    evidence = drawn(learning, step=280 + every * checks)
    evidence = dataclasses.replace(
        evidence,
        best=(280, 5.0),
        validation_steps=[280 + every * check for check in range(checks + 1)],
        validation_perplexities=[5.0, *[6.0] * checks],
    )
    assert ("advice_overfitting" in keys(evidence)) is said


def test_validation_that_rises_with_training_is_no_overfitting() -> None:
    """A rate that is too high makes both worse, and more dropout would not help."""
    assert keys(drawn(by_heart, by_heart, step=455)) == []


def test_dropout_rises_until_it_is_enough() -> None:
    def advised(dropout: float) -> Any:
        evidence = drawn(learning, by_heart, 455, recipe=QUICK.replace(dropout=dropout))
        return [f.remedy.settings for f in advise(evidence) if f.key == "advice_dropout" and f.remedy]

    assert [advised(dropout) for dropout in (0.1, 0.4, 0.55, 0.6)] == [
        [{"dropout": 0.3}], [{"dropout": 0.5}], [{"dropout": 0.6}], []
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "key", "settings"),
    [
        ({"learning_rate": 1e-5}, "advice_stuck_low", {"learning_rate": 8e-3}),
        ({"learning_rate": 0.2}, "advice_stuck_high", {"learning_rate": 8e-3}),
        ({"optimizer": "sgd", "learning_rate": 0.02}, "advice_stuck_low", {"learning_rate": 2.0}),
        ({"learning_rate": 4e-3}, "advice_stuck", None),
    ],
)
def test_stuck_at_the_unigram(changes: dict[str, Any], key: str, settings: dict[str, Any] | None) -> None:
    stuck = drawn(flat(19.0), flat(19.0), step=300, recipe=QUICK.replace(**changes))
    finding = find(stuck, key)
    assert finding.remedy == (None if settings is None else finding.remedy)
    if finding.remedy:
        assert (finding.remedy.action, finding.remedy.settings) == (CHANGE, settings)
    assert "19.0, is not clearly better than the unigram's, 19.4" in str(finding.message)


def test_nothing_is_said_of_the_unigram_too_early_below_it_or_before_it_is_known() -> None:
    assert keys(drawn(flat(19.0), flat(19.0), step=150)) == []
    assert keys(drawn(flat(18.0), flat(18.0), step=300)) == []
    assert keys(drawn(flat(19.0), flat(19.0), step=300, unigram=None)) == []
    assert keys(drawn(flat(19.0), flat(19.0), step=300, total_steps=5000)) == []
    assert keys(drawn(flat(19.0), step=300)) == ["advice_stuck"]  # nothing held out: the minibatches say it


def test_a_rate_is_halved_only_where_clipping_goes_with_standing_still() -> None:
    clipped = [2.0] * 95 + [0.9] * 5
    halved = find(drawn(flat(9.0), step=300, gradient_norms=clipped), "advice_clipped")
    assert halved.remedy
    assert (halved.remedy.action, halved.remedy.settings) == (CHANGE, {"learning_rate": 4e-3})
    assert "clipped in 95 of the last 100 steps" in str(halved.message)
    assert keys(drawn(flat(9.0), step=300, gradient_norms=[2.0] * 80 + [0.9] * 20)) == []
    assert keys(drawn(learning, step=200, gradient_norms=clipped)) == []  # clipped, and learning well
    assert keys(drawn(flat(9.0), step=300, gradient_norms=clipped, ended=True)) == []  # it trains no more
    assert keys(drawn(flat(9.0), step=60, gradient_norms=[2.0] * 60)) == []  # the first steps are often clipped
    higher = QUICK.replace(max_grad_norm=3.0)
    assert keys(drawn(flat(9.0), step=300, gradient_norms=clipped, recipe=higher)) == []


def test_a_change_has_its_hundred_steps_before_it_is_judged() -> None:
    """Pressed once, the button came back at the next tick and halved the rate again."""
    clipped = drawn(flat(9.0), step=300, gradient_norms=[2.0] * 100)
    assert keys(clipped) == ["advice_clipped"]
    assert keys(dataclasses.replace(clipped, events=[Event(250, "changed")])) == []
    assert keys(dataclasses.replace(clipped, events=[Event(250, "changed")], step=350)) == ["advice_clipped"]
    assert keys(dataclasses.replace(clipped, events=[Event(10, "changed"), Event(250, "changed")])) == []
    stuck = drawn(flat(19.0), flat(19.0), step=300)
    assert keys(dataclasses.replace(stuck, events=[Event(250, "changed")])) == []


def test_a_run_that_ends_while_it_falls_is_worth_twice_the_steps() -> None:
    falling = drawn(lambda share: 9 - 4 * share)
    longer = find(falling, "advice_longer").remedy
    assert longer
    assert (longer.action, dict(longer.settings)) == (TRAIN_LONGER, {"max_epochs": 1000, "max_steps": 1400})
    assert Training.planned_steps(build_corpus("ab" * 35 * 16 * 64, QUICK.text, ""), QUICK.replace(**longer.settings))
    assert keys(dataclasses.replace(falling, ended=False)) == []
    assert keys(dataclasses.replace(falling, step=600, total_steps=700)) == []  # stopped by hand
    assert keys(drawn(learning, learning)) == []


FAR = {"max_epochs": 3, "max_steps": 100_000}


def test_twice_as_long_really_is_twice_as_long() -> None:
    corpus = build_corpus("a bell rang. " * 400, QUICK.text, "bell")
    for limits in ({"max_epochs": 3, "max_steps": None}, {"max_epochs": 1000, "max_steps": 20}, {"max_epochs": 3}, FAR):
        recipe = QUICK.replace(batch_size=4, sequence_length=16, **limits)
        total, epoch = (Training.planned_steps(corpus, recipe.replace(**limit)) for limit in ({}, {"max_epochs": 1}))
        falling = drawn(lambda share: 9 - 4 * share, recipe=recipe)
        falling = dataclasses.replace(falling, total_steps=total, step=total, steps_per_epoch=epoch)
        falling = dataclasses.replace(falling, perplexities=[9 - 4 * s / total for s in range(total)])
        longer = find(dataclasses.replace(falling, steps=range(1, total + 1)), "advice_longer").remedy
        assert longer
        assert Training.planned_steps(corpus, recipe.replace(**longer.settings)) == 2 * total


def test_an_explosion_asks_for_a_quarter_of_the_rate_from_the_best_model_if_there_is_one() -> None:
    at_once = message("exploded_at_once", step=6)
    later = message("exploded", step=300, kept=245)
    fresh = find(drawn(flat(60.0), step=5, ended=True, failure=at_once), "advice_exploded").remedy
    good = find(drawn(learning, learning, 300, ended=True, failure=later), "advice_exploded").remedy
    assert fresh
    assert good
    assert (fresh.action, good.action) == ("", CONTINUE)
    assert fresh.settings == good.settings == {"learning_rate": 2e-3}
    assert keys(drawn(learning, learning, 300, ended=True, failure=message("cancelled"))) == []
    assert keys(drawn(flat(60.0), flat(60.0), 300, ended=True, failure=later)) == ["advice_exploded"]


def test_every_remedy_is_a_recipe_that_is_allowed() -> None:
    """Half of the smallest rate is none that may be set."""
    recipe = QUICK.replace(learning_rate=1e-7, max_epochs=1_000_000)
    for evidence in (
        drawn(flat(9.0), step=300, gradient_norms=[2.0] * 100, recipe=recipe),
        drawn(flat(19.0), flat(19.0), recipe=recipe),
        drawn(lambda share: 9 - 4 * share, recipe=recipe),
        drawn(flat(60.0), step=5, ended=True, failure=message("exploded_at_once", step=6), recipe=recipe),
    ):
        remedies = [finding.remedy for finding in advise(evidence) if finding.remedy]
        assert remedies
        for remedy in remedies:
            recipe.replace(**remedy.settings)


def test_every_rule_is_silent_where_nothing_is_known() -> None:
    nothing = drawn(learning, step=0)
    assert [list(rule(nothing)) for rule in RULES] == [[]] * len(RULES)


class Long(Sequence[float]):
    """A curve of any length that counts how much of it is read."""

    def __init__(self, length: int, read: list[int]) -> None:
        self.length, self.read = length, read

    def __len__(self) -> int:
        return self.length

    @overload
    def __getitem__(self, place: int) -> float: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[float]: ...
    def __getitem__(self, place: int | slice) -> float | Sequence[float]:
        inside = range(self.length)[place]
        self.read.append(len(inside) if isinstance(inside, range) else 1)
        return [19.0] * len(inside) if isinstance(inside, range) else 19.0


def test_advice_reads_as_little_of_a_long_run_as_of_a_short_one() -> None:
    """It is asked for at every tick of every page: a million records must not be gone through each time."""

    def read(steps: int) -> int:
        count: list[int] = []
        checks = steps // 10
        many = drawn(flat(19.0), step=0)
        many = dataclasses.replace(
            many,
            step=steps,
            total_steps=2 * steps,
            best=(10, 18.5),
            steps=range(1, steps + 1),
            perplexities=Long(steps, count),
            validation_steps=range(10, 10 * checks + 10, 10),
            validation_perplexities=Long(checks, count),
            gradient_norms=Long(steps, count),
        )
        assert keys(many) == ["advice_stuck", "advice_clipped"]
        return sum(count)

    assert read(1_000_000) == read(1_000) < 1_000


def train(text: str, **changes: Any) -> tuple[list[list[str]], Training]:
    """Train a small network and return the advice after each step."""
    recipe = Recipe("small").replace(
        hidden_size=48, num_layers=1, embedding_size=16, batch_size=4, sequence_length=24, optimizer="adamw", **changes
    )
    corpus = build_corpus(text, recipe.text, "text")
    unigram = next(line.perplexity for line in measure_lines(comparison(corpus)) if line.key == "unigram")
    training, said, norms = Training(corpus, recipe, Device("cpu", "CPU", 1)), [], []
    for record in training:
        norms.append(record.gradient_norm)
        evidence = Evidence.of(training, norms, unigram, ended=record.step == training.total_steps)
        said.append(keys(evidence))
    return said, training


def test_a_rate_that_is_really_too_low(story: str) -> None:
    said, _ = train(story[:4000], max_steps=260, learning_rate=1e-5)
    assert said[-1][0] == said[210][0] == "advice_stuck_low"
    assert said[150] == []


def test_a_network_that_really_learns_is_left_alone_until_its_end(story: str) -> None:
    said, _ = train(story[:60_000], max_steps=260, learning_rate=0.01)
    assert all(keys == [] for keys in said[:-1])
    assert said[-1] == ["advice_longer"]


def test_dice_are_really_learnt_by_heart() -> None:
    """What falls there in training cannot be anything else; and no rate is to blame, for nothing is clipped."""
    letters = np.random.default_rng(0).choice(list("abcd"), 4000)
    said, training = train("".join(letters), max_steps=240, learning_rate=0.01)
    first = next(step for step, keys in enumerate(said, 1) if "advice_overfitting" in keys)
    assert training.best.step < first < 240
    assert said[-1] == ["advice_overfitting", "advice_dropout", "advice_stuck"]
    assert not any("advice_clipped" in keys for keys in said)
