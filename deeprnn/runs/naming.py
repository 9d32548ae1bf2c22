"""What runs are called: a name says what changed against the run before, in the words of the settings themselves.

A name is stored, and read in every language: it holds titles, names of settings and their values, and no sentence.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ..config import Recipe
from ..training.presets import PRESETS

NAME_CHARACTERS = 64  # of a name at most, as code points
TITLE_CHARACTERS = 32  # of the text's title, where the changes need the rest
BETWEEN = " · "


def name_run(corpus: str, recipe: Recipe, before: Recipe | None = None, before_corpus: str | None = None) -> str:
    """Return the name of a new run: the text, and what is new about the run.

    After a run with the same text and preset these are the settings that changed, with both values; otherwise it is
    the preset, with the settings in which the run departs from it.

    Args:
        corpus: title of the text.
        recipe: as it was asked for.
        before: the recipe of the run before, None for the first run.
        before_corpus: title of the text of that run.

    Returns:
        1 to 64 printable characters.
    """
    changes: list[str] = []
    if before is not None and before.name == recipe.name and before_corpus == corpus:
        table = differing((before, recipe))
        changes = [f"{name} {word(old)} → {word(new)}" for name, (old, new) in table.items()]
    if not changes:
        changes = [recipe.name, *(f"{name} {word(value)}" for name, value in differs_from_preset(recipe).items())]
    return _join(_printable(corpus), changes)


def differing(recipes: Sequence[Recipe]) -> dict[str, tuple[Any, ...]]:
    """Return the settings in which recipes differ: by name, the value of each recipe, in the order of the settings."""
    each = [recipe.with_tying().settings() for recipe in recipes]
    table = {name: tuple(settings[name] for settings in each) for name in (each[0] if each else {})}
    return {name: values for name, values in table.items() if any(value != values[0] for value in values)}


def differs_from_preset(recipe: Recipe) -> Mapping[str, Any]:
    """Return the settings in which a recipe departs from the preset it is called after; without one, from the defaults.

    What the preset leaves to the program, and what was found for it when the run began, is no departure.
    """
    settings, usual = recipe.with_tying().settings(), PRESETS.get(recipe.name, Recipe()).settings()
    usual["tie_weights"] = recipe.replace(tie_weights=usual["tie_weights"]).with_tying().model.tie_weights
    if usual["precision"] == "auto":
        usual["precision"] = settings["precision"]
    return {name: value for name, value in settings.items() if value != usual[name]}


def word(value: Any) -> str:
    """Return the value of a setting as it is typed on the command line."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def _join(title: str, changes: Sequence[str]) -> str:
    """Return a title and as many changes as there is room for, with the number of those left out."""
    whole = BETWEEN.join((title, ", ".join(changes)))
    if len(whole) <= NAME_CHARACTERS:
        return whole
    title = _shorten(title, TITLE_CHARACTERS)
    for kept in range(len(changes), 0, -1):
        rest = f" +{len(changes) - kept}" if kept < len(changes) else ""
        name = title + BETWEEN + ", ".join(changes[:kept]) + rest
        if len(name) <= NAME_CHARACTERS:
            return name
    return _shorten(title + BETWEEN + changes[0], NAME_CHARACTERS)


def _shorten(text: str, most: int) -> str:
    """Cut a text to so many characters, never between a letter and its accents."""
    if len(text) <= most:
        return text
    end = most - 1
    while end > 0 and unicodedata.combining(text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def _printable(text: str) -> str:
    """Return a text in one line without what cannot be seen; it is never empty."""
    seen = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(seen.split()) or "–"
