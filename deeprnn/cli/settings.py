"""Settings on the command line: names, help texts and defaults come from `deeprnn.config`, and so do the refusals."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Mapping
from typing import Any

from ..config import RECIPE_FIELDS, parse_setting
from ..errors import ConfigError

Fields = Mapping[str, dataclasses.Field[Any]]


def add_settings(parser: argparse.ArgumentParser, fields: Fields) -> None:
    """Declare one option for each setting."""
    for name, field in fields.items():
        # Kept as typed: a bad value is refused by the setting itself, in the same words as on the page.
        parser.add_argument(
            f"--{name.replace('_', '-')}", default=argparse.SUPPRESS, metavar="VALUE", help=describe(field)
        )


def describe(field: dataclasses.Field[Any]) -> str:
    """Return the help of a setting with what it allows and its default."""
    rules = field.metadata
    low, high, choices = rules["low"], rules["high"], rules["choices"]
    allowed = f"one of {', '.join(choices)}; " if choices else f"{low:g} to {high:g}; " if low is not None else ""
    return f"{rules['help']} ({allowed}default: {field.default})".replace("%", "%%")


def read_settings(options: argparse.Namespace, fields: Fields) -> dict[str, Any]:
    """Return the settings that were given as options, as their types.

    Raises:
        ConfigError: a value is refused.
    """
    given = vars(options)
    return {name: parse_setting(field, given[name]) for name, field in fields.items() if name in given}


def read_assignments(assignments: list[str]) -> dict[str, Any]:
    """Return the settings of a recipe that were given as NAME=VALUE, as their types.

    Raises:
        ConfigError: there is no equals sign, no such name, or the value is refused.
    """
    values = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not equals:
            raise ConfigError("bad_assignment", value=assignment[:60])
        if name not in RECIPE_FIELDS:
            raise ConfigError("unknown_setting", name=name[:60], allowed=", ".join(RECIPE_FIELDS))
        values[name] = parse_setting(RECIPE_FIELDS[name], text)
    return values
