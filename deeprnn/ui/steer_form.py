"""Between what a page or a program sends to steer a run and settings: everything is checked again; knows no Gradio."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..config import RECIPE_FIELDS
from ..errors import ConfigError
from .form import read_prefix, read_value, shown
from .frames import EXACT
from .steer_frames import BRANCH_SETTINGS, LIVE_SETTINGS


def read_live(values: object) -> dict[str, Any]:
    """Return the changes of a run that learns, the prefix of its samples among them.

    Raises:
        InputError: a name is unknown or a value refused.
    """
    given = dict(values) if isinstance(values, Mapping) else {}
    prefix = {"prefix": read_prefix(given.pop("prefix"))} if "prefix" in given else {}
    return {**_read(given, LIVE_SETTINGS), **prefix}


def read_changes(values: object) -> dict[str, Any]:
    """Return the settings in which a run differs from the one whose checkpoint it goes on from.

    Raises:
        InputError: a name is unknown or a value refused.
    """
    return _read(values if isinstance(values, Mapping) else {}, BRANCH_SETTINGS)


def _read(values: Mapping[Any, Any], allowed: Sequence[str]) -> dict[str, Any]:
    fields = {name: RECIPE_FIELDS[name] for name in allowed}
    return {str(name): read_value(fields, str(name), value) for name, value in values.items()}


def read_name(value: object) -> str | None:
    """Return what a run is to be called, None if that is left to the program.

    Raises:
        ConfigError: it is no text.
    """
    if value is not None and not isinstance(value, str):
        raise ConfigError("not_text", name="name", value=shown(value))
    return value


def read_whole(name: str, value: object) -> int:
    """Return the number of a run or of a step.

    Raises:
        ConfigError: it is none.
    """
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int or abs(value) > EXACT:
        raise ConfigError("not_int", name=name, value=shown(value))
    return value
