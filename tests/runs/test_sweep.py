"""Sweeps: equal numbers of parameters, counted in networks that were made; verdicts that claim no more than is so."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from deeprnn.config import Recipe
from deeprnn.errors import ConfigError
from deeprnn.model.network import LanguageModel
from deeprnn.model.shapes import parameter_count
from deeprnn.runs.entries import RunEntry
from deeprnn.runs.job import DONE, FAILED, RUNNING
from deeprnn.runs.sweep import AXES, Band, Summary, expand, summarise, with_parameters
from deeprnn.training.presets import PRESETS

QUICK = PRESETS["quick"]
VOCABULARY = 60


def entry(number: int, recipe: Recipe, perplexity: float | None, state: str = DONE) -> RunEntry:
    return RunEntry(
        number=number,
        id="",
        name="",
        notes="",
        corpus="book",
        corpus_name="Book",
        recipe=recipe,
        differs={},
        state=state,
        place=None,
        step=100,
        total_steps=100,
        best=None if perplexity is None else (90, perplexity),
        bits_per_character=None if perplexity is None else perplexity / 2,
        seconds=10.0 * number,
        tokens_per_second=1000.0,
        created=0.0,
    )


def depths(*reached: Sequence[float]) -> Summary:
    """Return the summary of runs with 1, 2, 3 layers that reached these perplexities, one for each seed."""
    runs = [(n, s, p) for n, many in enumerate(reached, 1) for s, p in enumerate(many)]
    entries = [entry(i, QUICK.replace(num_layers=n, seed=s), p) for i, (n, s, p) in enumerate(runs, 1)]
    return summarise(entries, VOCABULARY)


def keys(summary: Summary) -> list[str]:
    return [said.key for said in summary.verdict if said.key != "sweep_sizes"]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("tokenizer", ["character", "word"])
@pytest.mark.parametrize("axis", ["num_layers", "cell"])
def test_equal_parameters_are_equal_in_the_networks_themselves(preset: str, tokenizer: str, axis: str) -> None:
    recipe = PRESETS[preset].replace(tokenizer=tokenizer)
    vocabulary = 3000 if tokenizer == "word" else VOCABULARY
    runs = expand(recipe, axis, equal_parameters=True, vocab_size=vocabulary)
    counts = [
        sum(p.numel() for p in LanguageModel(run.with_tying().model, vocabulary, seed=0).parameters())
        for run in (recipe, *(run for _, run in runs))
    ]
    assert len(counts) == 4
    assert max(counts) <= 1.03 * min(counts)


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_the_number_of_units_is_the_nearest_of_all(layers: int) -> None:
    small, wanted = QUICK.replace(num_layers=layers), 9_000

    def distance(size: int) -> int:
        return abs(parameter_count(small.replace(hidden_size=size).model, VOCABULARY) - wanted)

    assert with_parameters(small, wanted, VOCABULARY).model.hidden_size == min(range(1, 400), key=distance)


def test_without_equal_parameters_nothing_else_changes() -> None:
    assert expand(QUICK, "num_layers", vocab_size=VOCABULARY) == tuple(
        (f"num_layers {n}", QUICK.replace(num_layers=n)) for n in (1, 2, 3)
    )
    assert [label for label, _ in expand(QUICK, "cell", vocab_size=VOCABULARY)] == [
        "cell lstm", "cell gru", "cell rnn_tanh"
    ]  # fmt: skip


def test_the_recipe_itself_is_one_of_the_equal_ones() -> None:
    runs = dict(expand(QUICK, "num_layers", equal_parameters=True, vocab_size=VOCABULARY))
    assert runs["num_layers 2, hidden_size 256"] == QUICK


def test_seeds_count_on_from_the_recipes_own_and_never_leave_what_is_allowed() -> None:
    last = QUICK.replace(seed=2**32 - 2)
    assert [run.train.seed for _, run in expand(last, "seed", vocab_size=VOCABULARY)] == [2**32 - 2, 2**32 - 1, 0]


def test_repeats_bring_every_value_once_before_any_comes_again() -> None:
    runs = expand(QUICK, "num_layers", vocab_size=VOCABULARY, repeats=3)
    assert [(run.train.seed, run.model.num_layers) for _, run in runs] == [*itertools.product(range(3), (1, 2, 3))]
    assert runs[3][0] == "num_layers 1, seed 1"
    assert len({label for label, _ in runs}) == 9


def test_an_unknown_axis_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"axis is dropout, .*num_layers, cell, seed"):
        expand(QUICK, "dropout", vocab_size=VOCABULARY)
    assert all(expand(QUICK, axis, vocab_size=VOCABULARY) for axis in AXES)


def test_the_table_has_mean_and_band_of_each_value() -> None:
    summary = depths((5.0, 5.2, 5.4), (4.0, 4.1, 4.5))
    assert summary.axis == "num_layers"
    one, two = summary.rows
    assert (one.value, two.value) == ("1", "2")
    assert two.numbers == (4, 5, 6)
    assert two.perplexity == Band((4.0 + 4.1 + 4.5) / 3, 4.0, 4.5)
    assert two.bits_per_character == Band((2.0 + 2.05 + 2.25) / 3, 2.0, 2.25)
    assert two.seconds == pytest.approx(50.0)
    network = LanguageModel(QUICK.model, VOCABULARY, seed=0)
    assert two.parameters == sum(p.numel() for p in network.parameters()) > one.parameters


def test_bands_apart_with_three_runs_each_decide_and_say_how_far() -> None:
    assert keys(depths((5.0, 5.2, 5.4), (4.0, 4.1, 4.5))) == ["sweep_depth_helps", "sweep_apart"]
    assert keys(depths((4.0, 4.1, 4.5), (5.0, 5.2, 5.4))) == ["sweep_depth_hurts", "sweep_apart"]
    said = depths((5.0, 5.2, 5.4), (4.0, 4.1, 4.5)).verdict[1]
    # Of the 20 ways to deal six runs to two values, one parts them so and one the other way round.
    assert said.details["percent"] == 10
    assert "num_layers 2 is better than num_layers 1: perplexity 4–4.5 against 5–5.4" in str(said)


def test_bands_that_touch_decide_nothing() -> None:
    assert keys(depths((4.4, 4.6, 5.0), (4.0, 4.2, 4.4))) == ["sweep_depth_open", "sweep_overlap"]


def test_one_run_each_decides_nothing_however_far_apart() -> None:
    """With one seed each a difference was called a fact that the next seed turned round."""
    summary = depths((9.0,), (4.0,), (6.0,))
    assert keys(summary) == ["sweep_depth_open", "sweep_few"]
    assert summary.verdict[1].details["percent"] == 100


def test_depth_is_judged_against_one_layer_not_between_the_deeper() -> None:
    said = depths((9.0, 9.1, 9.2), (4.0, 4.1, 4.2), (4.3, 4.4, 4.5)).verdict[1]
    assert (said.details["better"], said.details["other"]) == ("num_layers 2", "num_layers 1")


def test_different_sizes_are_a_caveat_and_equal_ones_are_none() -> None:
    assert depths((5.0,), (4.0,)).verdict[-1].key == "sweep_sizes"
    equal = expand(QUICK, "num_layers", equal_parameters=True, vocab_size=VOCABULARY)
    entries = [entry(n, run, 5.0 - n) for n, (_, run) in enumerate(equal)]
    assert all(said.key != "sweep_sizes" for said in summarise(entries, VOCABULARY).verdict)


def test_a_run_that_failed_or_still_trains_counts_for_nothing() -> None:
    recipes = [run for _, run in expand(QUICK, "cell", vocab_size=VOCABULARY)]
    states = (DONE, RUNNING, FAILED)
    summary = summarise([entry(n, r, 4.0, s) for n, (r, s) in enumerate(zip(recipes, states, strict=True))], VOCABULARY)
    assert [row.measured for row in summary.rows] == [1, 0, 0]
    assert summary.rows[1].perplexity is summary.rows[2].bits_per_character is None
    assert [str(said) for said in summary.verdict] == ["1 of 3 runs have a result so far."]


def test_a_run_that_validated_nothing_has_no_place_in_a_band() -> None:
    assert depths((float("inf"),), (4.0,)).rows[0].perplexity is None


def test_three_seeds_say_what_chance_does() -> None:
    entries = [entry(n, QUICK.replace(seed=n), 4.0 + n / 10) for n in (2, 0, 1)]
    summary = summarise(entries, VOCABULARY)
    assert [row.value for row in summary.rows] == ["0", "1", "2"]
    assert [said.key for said in summary.verdict] == ["sweep_seeds"]
    assert summary.verdict[0].details == {"low": 4.0, "high": 4.2, "percent": 5.0}


def test_nothing_to_summarise_is_an_empty_table() -> None:
    assert summarise([], VOCABULARY) == Summary("seed", (), ())
