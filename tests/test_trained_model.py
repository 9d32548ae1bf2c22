from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

import deeprnn
from deeprnn.errors import ConfigError, TextError

TEXT = "the bell was thirsty, and the sea was far away; nobody in the town had heard it ring.\n" * 40
SMALL: dict[str, Any] = {"device": "cpu", "hidden_size": 16, "embedding_size": 8, "max_steps": 8}


@pytest.fixture(scope="module")
def training() -> deeprnn.Training:
    made = deeprnn.train(TEXT, "quick", **SMALL)
    for record in made:
        assert isinstance(record, deeprnn.TrainRecord)
    return made


@pytest.fixture(scope="module")
def model(training: deeprnn.Training) -> deeprnn.TrainedModel:
    return deeprnn.TrainedModel.from_training(training)


def test_settings_by_name_reach_the_recipe(training: deeprnn.Training) -> None:
    settings = training.recipe.settings()
    assert {name: settings[name] for name in SMALL if name != "device"} == {k: SMALL[k] for k in SMALL if k != "device"}
    with pytest.raises(ConfigError, match="hidden_sise"):
        deeprnn.train(TEXT, hidden_sise=3)


def test_a_model_survives_being_saved(model: deeprnn.TrainedModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = deeprnn.load(str(tmp_path / "model"))
    assert loaded.recipe == model.recipe
    assert loaded.metrics == model.metrics
    assert loaded.generate("the ", seed=1, max_new_tokens=50) == model.generate("the ", seed=1, max_new_tokens=50)


def test_the_text_is_the_prefix_and_what_was_streamed(model: deeprnn.TrainedModel) -> None:
    pieces = list(model.stream("the bell", max_new_tokens=12, temperature=0.0))
    assert len(pieces) == 12
    assert model.generate("the bell", max_new_tokens=12, temperature=0.0) == "the bell" + "".join(pieces)
    assert model.generate("THE", max_new_tokens=1).startswith("the")
    with pytest.raises(ConfigError, match="temprature"):
        model.stream("the", temprature=1.0)


def test_a_model_writes_without_a_prefix(model: deeprnn.TrainedModel) -> None:
    assert len(model.generate(max_new_tokens=7)) == 7


def test_evaluation_agrees_with_the_equation_of_its_parts(model: deeprnn.TrainedModel, tmp_path: Path) -> None:
    result = model.evaluate("the bell was thirsty")
    assert (result.tokens, result.characters) == (19, 19)
    assert result.perplexity == pytest.approx(math.exp(result.loss))
    assert result.bits_per_character == pytest.approx(result.loss / math.log(2))
    (tmp_path / "text.txt").write_text("the bell was thirsty")
    assert deeprnn.evaluate(model, tmp_path / "text.txt") == result


def test_a_text_is_evaluated_as_its_recipe_prepares_it() -> None:
    training = deeprnn.train(TEXT, "quick", letters_only=True, **SMALL)
    model = deeprnn.TrainedModel.from_training(training)
    assert model.evaluate("The BELL, was\nthirsty!") == model.evaluate("the bell wasthirsty")
    assert model.count_unknown("The BELL, was\nthirsty!") == 0
    assert model.count_unknown("the zebra's quiz") == 4  # z, q, u, z


def test_what_was_changed_in_a_short_text_is_said() -> None:
    training = deeprnn.train("a short text\nof a few words only, but enough", "quick", **SMALL)
    assert [notice.key for notice in training.corpus.notices if notice.key == "minibatch_shrunk"]
    with pytest.raises(TextError):
        deeprnn.train("too\nshort", "quick", **SMALL)
