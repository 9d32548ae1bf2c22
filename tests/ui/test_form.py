"""The form: a preset fills it, changes override, and nothing that can be sent to it does more than be refused."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import RECIPE_FIELDS, SAMPLING_FIELDS, SamplingConfig
from deeprnn.errors import ConfigError, InputError
from deeprnn.training.presets import PRESETS
from deeprnn.ui.form import (
    fill_form,
    read_prefix,
    read_recipe,
    read_sampling,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("preset", PRESETS)
def test_untouched_form_gives_the_preset_back(preset: str) -> None:
    assert read_recipe(preset, fill_form(preset)) == PRESETS[preset]


def test_what_a_browser_does_to_whole_numbers_changes_nothing() -> None:
    as_floats = {k: float(v) if type(v) is int else v for k, v in fill_form("quick").items()}
    assert read_recipe("quick", as_floats) == PRESETS["quick"]


def test_a_changed_field_overrides_and_the_rest_stays() -> None:
    recipe = read_recipe("balanced", {**fill_form("balanced"), "hidden_size": 64.0, "cell": "gru", "dropout": 0})
    expected = {**PRESETS["balanced"].settings(), "hidden_size": 64, "cell": "gru", "dropout": 0.0}
    assert recipe.settings() == expected
    assert type(recipe.model.dropout) is float


@pytest.mark.parametrize(
    ("name", "value", "key"),
    [
        ("hidden_size", math.nan, "not_int"),
        ("hidden_size", math.inf, "not_int"),
        ("hidden_size", 3.7, "not_int"),
        ("hidden_size", None, "not_int"),
        ("hidden_size", "64", "not_int"),
        ("hidden_size", True, "not_int"),
        ("hidden_size", [64], "not_int"),
        ("hidden_size", 0, "out_of_range"),
        ("hidden_size", 10**12, "out_of_range"),
        ("hidden_size", 1e30, "not_int"),
        ("seed", -1e300, "not_int"),
        pytest.param("hidden_size", 10**5000, "not_int", id="longer than Python prints"),
        ("learning_rate", math.nan, "not_float"),
        ("learning_rate", -math.inf, "not_float"),
        ("learning_rate", 1e308, "out_of_range"),
        pytest.param("learning_rate", 10**400, "not_float", id="larger than any float"),
        ("learning_rate", False, "not_float"),
        ("cell", "LSTM", "not_a_choice"),
        ("cell", None, "not_str"),
        ("cell", {"x": 1}, "not_str"),
        ("no_such_setting", 1, "unknown_setting"),
    ],
)
def test_bad_settings_are_refused_by_name(name: str, value: Any, key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_recipe("balanced", {name: value})
    assert caught.value.message.key == key
    assert caught.value.message.details["name"] == name


@pytest.mark.parametrize("preset", ["", "D2L", None, 3, ["d2l"], math.nan])
def test_unknown_presets_are_refused(preset: Any) -> None:
    for read in (fill_form, lambda name: read_recipe(name, {})):
        with pytest.raises(ConfigError) as caught:
            read(preset)
        assert caught.value.message.key == "unknown_preset"


def test_greedy_is_temperature_zero_whatever_the_field_says() -> None:
    assert read_sampling({"temperature": math.nan, "seed": 3.0}, greedy=True) == SamplingConfig(0.0, seed=3)
    with pytest.raises(ConfigError):
        read_sampling({}, greedy="yes")


def test_an_emptied_optional_number_means_none() -> None:
    assert read_recipe("quick", {"max_steps": None}).train.max_steps is None
    assert read_recipe("quick", {"max_steps": ""}).train.max_steps is None


def test_an_optional_number_may_be_typed() -> None:
    assert read_recipe("quick", {"max_steps": " 1200 "}).train.max_steps == 1200


@pytest.mark.parametrize("typed", ["many", "1.5", "0", "-3", "9" * 20, "9" * 5000])
def test_an_optional_number_that_is_none_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError):
        read_recipe("quick", {"max_steps": typed})


@given(st.dictionaries(st.sampled_from([*RECIPE_FIELDS, "x"]), ANYTHING), st.sampled_from(list(PRESETS)) | ANYTHING)
def test_any_recipe_is_read_or_refused(values: dict[str, Any], preset: Any) -> None:
    settings: dict[str, Any] = {}
    with contextlib.suppress(ConfigError):
        settings = read_recipe(preset, values).settings()
    for name, value in settings.items():
        assert value is None or type(value) is RECIPE_FIELDS[name].metadata["kind"]


@given(st.dictionaries(st.sampled_from([*SAMPLING_FIELDS, "x"]), ANYTHING), ANYTHING)
def test_any_sampling_is_read_or_refused(values: dict[str, Any], greedy: Any) -> None:
    sampling = SamplingConfig()
    with contextlib.suppress(ConfigError):
        sampling = read_sampling(values, greedy=greedy)
    assert 0 <= sampling.temperature <= 5
    assert all(type(getattr(sampling, name)) is f.metadata["kind"] for name, f in SAMPLING_FIELDS.items())


def test_prefix_is_a_text_of_bounded_length() -> None:
    assert read_prefix("time \ud800") == "time \ud800"
    assert read_prefix(None) == ""
    for bad in (3, ["x"], math.nan, "x" * 100_001):
        with pytest.raises(InputError):
            read_prefix(bad)
