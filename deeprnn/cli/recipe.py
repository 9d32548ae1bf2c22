"""The options that `train` and `corpus` share: the recipe to start from, and what to change of it."""

from __future__ import annotations

import argparse
from typing import Any

from ..config import RECIPE_FIELDS, Recipe
from ..errors import ConfigError
from ..training.presets import DEFAULT_PRESET, PRESETS, find_preset
from .settings import read_assignments

# The settings of cleaning, in the order in which they are done; all of them are true or false.
CLEANING = tuple(
    name for name in RECIPE_FIELDS if RECIPE_FIELDS[name].metadata["kind"] is bool and name != "tie_weights"
)


def add_recipe(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--preset", default=DEFAULT_PRESET, help=f"one of {', '.join(PRESETS)} (default: {DEFAULT_PRESET})"
    )
    parser.add_argument(
        "--clean",
        metavar="NAME[,NAME]",
        action="append",
        default=[],
        help=f"clean the text so too; may be repeated. Names: {', '.join(CLEANING)}",
    )
    parser.add_argument("--tokenizer", metavar="NAME", help="the kind of tokens; short for --set tokenizer=NAME")
    parser.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help=f"change a setting of the preset; may be repeated. Names: {', '.join(RECIPE_FIELDS)}",
    )


def read_changes(options: argparse.Namespace) -> dict[str, Any]:
    """Return every setting that was given; what has an option of its own wins over --set.

    Raises:
        ConfigError: a name is unknown, or a value is refused.
    """
    settings = read_assignments(options.set)
    for name in filter(None, (name.strip() for names in options.clean for name in names.split(","))):
        if name not in CLEANING:
            raise ConfigError("unknown_setting", name=name[:60], allowed=", ".join(CLEANING))
        settings[name] = True
    if options.tokenizer is not None:
        settings |= read_assignments([f"tokenizer={options.tokenizer}"])
    return settings


def read_recipe(options: argparse.Namespace) -> Recipe:
    """Return the recipe that the options ask for.

    Raises:
        ConfigError: a name is unknown, or a value is refused.
    """
    return find_preset(options.preset).replace(**read_changes(options))
