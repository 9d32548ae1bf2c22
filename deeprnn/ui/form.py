"""Between the values of a form and settings: everything that arrives is checked again; knows no Gradio."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from ..config import RECIPE_FIELDS, SAMPLING_FIELDS, Recipe, SamplingConfig, parse_setting
from ..errors import ConfigError, InputError
from ..messages import message
from ..runs.limits import LOCAL
from ..training.presets import find_preset
from .frames import EXACT

MAX_DIGITS = 20


def fill_form(preset: object) -> dict[str, Any]:
    """Return what a recipe puts into each field of the form, by the names of the settings.

    Raises:
        ConfigError: there is no such recipe.
    """
    return find_preset(read_choice(preset)).settings()


def read_recipe(preset: object, values: Mapping[str, Any]) -> Recipe:
    """Build a recipe from a preset and the fields of the form.

    Args:
        preset: the name of the recipe that the form began with.
        values: what the fields hold now, by the names of the settings; a name left out keeps the preset's value.

    Raises:
        ConfigError: there is no such recipe or setting, or a value is refused.
    """
    recipe = find_preset(read_choice(preset))
    settings = recipe.settings()
    read = {str(name): read_value(RECIPE_FIELDS, str(name), value) for name, value in values.items()}
    return recipe.replace(**{name: value for name, value in read.items() if value != settings[name]})


def read_sampling(values: Mapping[str, Any], *, greedy: object = False) -> SamplingConfig:
    """Build the way of choosing tokens from the fields of the form.

    Args:
        values: what the fields hold, by the names of the settings; a name left out keeps its default.
        greedy: whether to take the likeliest token always.

    Raises:
        ConfigError: there is no such setting, or a value is refused.
    """
    if type(greedy) is not bool:
        raise ConfigError("not_bool", name="greedy", value=shown(greedy))
    read = {str(name): read_value(SAMPLING_FIELDS, str(name), value) for name, value in values.items()}
    return SamplingConfig.from_dict({**read, "temperature": 0.0} if greedy else read)


def read_value(fields: Mapping[str, dataclasses.Field[Any]], name: str, value: Any) -> Any:
    """Return one value in the type of its setting, as far as JSON blurs types: 256.0 is a whole number.

    What it cannot read it hands on, for the setting itself to refuse.

    Raises:
        ConfigError: there is no such setting, or what was typed or sent cannot be a number of it.
    """
    if name not in fields:
        raise ConfigError("unknown_setting", name=name[:60], allowed=", ".join(fields))
    rules = fields[name].metadata
    if rules["kind"] is int and type(value) is float and math.isfinite(value) and value.is_integer():
        value = int(value)  # before its size is looked at: 1e30 arrives as a float
    if isinstance(value, int) and abs(value) > EXACT:
        raise ConfigError(f"not_{rules['kind'].__name__}", name=name, value=message("why_too_large"))
    if rules["optional"] and isinstance(value, str) and len(value) <= MAX_DIGITS:
        return parse_setting(fields[name], value)  # the field of a number that may be missing is one of text
    return value


def read_choice(value: object) -> str:
    """Return the word chosen in a list; anything else becomes a word that no list has."""
    return value if isinstance(value, str) else shown(value)


def read_prefix(value: object, most: int = LOCAL.prefix_characters) -> str:
    """Return the beginning of a text.

    Args:
        value: what the field holds.
        most: characters that it may have.

    Raises:
        InputError: it is no text, or too long.
    """
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ConfigError("not_text", name="prefix", value=shown(value))
    if len(value) > most:
        raise InputError("prefix_too_long", length=len(value), most=most)
    return value


def shown(value: object) -> str:
    """Return how to name a value of any kind in a message, in at most 60 characters."""
    try:
        return repr(value)[:60]
    except ValueError:  # Python does not print whole numbers of thousands of digits
        return type(value).__name__
