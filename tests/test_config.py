from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import (
    RECIPE_FIELDS,
    SAMPLING_FIELDS,
    ModelConfig,
    Recipe,
    SamplingConfig,
    Settings,
    TextConfig,
    TrainConfig,
    check_setting,
    parse_setting,
)
from deeprnn.errors import ConfigError
from deeprnn.training.presets import PRESETS, find_preset

FIELDS = {**RECIPE_FIELDS, **{f"sampling.{name}": field for name, field in SAMPLING_FIELDS.items()}}
KINDS: list[type[Settings]] = [TextConfig, ModelConfig, TrainConfig, SamplingConfig]
JUNK = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=8), st.none(), st.lists(st.integers(), max_size=2)
)


def allowed(field: dataclasses.Field[Any]) -> st.SearchStrategy[Any]:
    """Draw values that a setting must take, by its own declaration."""
    rules = field.metadata
    low, high = rules["low"], rules["high"]
    drawn: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(low, high),
        float: st.floats(low, high),
        str: st.sampled_from(rules["choices"] or ("word",)),
    }
    return drawn[rules["kind"]] | st.none() if rules["optional"] else drawn[rules["kind"]]


def outcome(read: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returned, or the error with which it refused."""
    try:
        return read(*arguments)
    except ConfigError as error:
        return error


@given(st.sampled_from(sorted(FIELDS)), JUNK)
def test_any_value_is_taken_as_its_type_or_refused_in_words(name: str, value: Any) -> None:
    field = FIELDS[name]
    checked = outcome(check_setting, field, value)
    if isinstance(checked, ConfigError):
        assert field.name in str(checked)
        return
    if checked is None:
        assert field.metadata["optional"]
        return
    assert type(checked) is field.metadata["kind"]
    if isinstance(checked, float):
        assert math.isfinite(checked)
    if field.metadata["low"] is not None:
        assert field.metadata["low"] <= checked <= field.metadata["high"]


@given(st.data())
def test_every_allowed_value_survives_being_typed(data: st.DataObject) -> None:
    field = FIELDS[data.draw(st.sampled_from(sorted(FIELDS)))]
    value = data.draw(allowed(field))
    assert parse_setting(field, str(value)) == value


@given(st.data())
def test_a_recipe_survives_json(data: st.DataObject) -> None:
    drawn = {name: data.draw(allowed(field)) for name, field in RECIPE_FIELDS.items()}
    recipe = Recipe("own").replace(**drawn)
    assert Recipe.from_dict(json.loads(json.dumps(recipe.to_dict()))) == recipe
    assert recipe.settings() == drawn


@given(st.sampled_from(sorted(FIELDS)), st.text(max_size=12))
def test_what_is_typed_is_read_or_refused_in_words(name: str, text: str) -> None:
    field = FIELDS[name]
    read = outcome(parse_setting, field, text)
    assert not isinstance(read, ConfigError) or field.name in str(read)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999", "-1", "", " ", "0x10", "1_0000000000000000000"])
def test_numbers_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="learning_rate"):
        parse_setting(RECIPE_FIELDS["learning_rate"], text)


@pytest.mark.parametrize("value", [True, 1.0, "8", math.nan, None, -1, 0, 10**30])
def test_a_size_is_a_whole_number_in_range(value: Any) -> None:
    with pytest.raises(ConfigError, match="hidden_size"):
        ModelConfig(hidden_size=value)


def test_a_misspelt_setting_is_refused_with_the_allowed_names() -> None:
    with pytest.raises(ConfigError, match=r"no setting called hidden_sise.*hidden_size"):
        Recipe().replace(hidden_sise=3)
    with pytest.raises(ConfigError, match=r"no setting called temprature.*temperature"):
        SamplingConfig.from_dict({"temprature": 1.0})


@pytest.mark.parametrize("values", [{}, {"name": "x"}, {"name": 1, "text": {}, "model": {}, "train": {}}])
def test_a_recipe_of_another_shape_is_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        Recipe.from_dict(values)


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_has_a_help_sentence_and_a_default_it_allows(kind: type[Settings]) -> None:
    for field in dataclasses.fields(kind):
        assert field.metadata["help"].endswith(".")
        assert check_setting(field, field.default) == field.default


def test_presets_are_found_by_their_names() -> None:
    assert list(PRESETS) == ["d2l", "quick", "balanced", "quality"]
    assert all(find_preset(name).name == name for name in PRESETS)
    with pytest.raises(ConfigError, match=r"no recipe called fast.*quick"):
        find_preset("fast")


def test_the_chapters_recipe_is_the_chapters() -> None:
    # "Deep Recurrent Neural Networks" and the sections it builds on, Dive into Deep Learning.
    assert (
        find_preset("d2l").settings()
        | {
            "letters_only": True,
            "max_tokens": 10_000,
            "validation_fraction": 0.0,
            "cell": "lstm",
            "hidden_size": 256,
            "num_layers": 2,
            "embedding_size": None,
            "dropout": 0.0,
            "batch_size": 32,
            "sequence_length": 35,
            "max_epochs": 500,
            "max_steps": None,
            "partition": "sequential",
            "optimizer": "sgd",
            "learning_rate": 2.0,
            "schedule": "constant",
            "max_grad_norm": 1.0,
            "precision": "float32",
        }
        == find_preset("d2l").settings()
    )
