"""Which settings may change while a network trains, and what a change is called."""

from __future__ import annotations

from typing import Any

from ..config import Recipe
from ..errors import ConfigError

CHANGEABLE = ("learning_rate", "dropout", "max_grad_norm", "patience", "target_perplexity", "max_minutes")


def change(recipe: Recipe, settings: dict[str, Any]) -> tuple[Recipe, str]:
    """Return a recipe with other settings and what is different now, as "name old → new, ..."; empty if nothing is.

    Raises:
        ConfigError: a setting is none of `CHANGEABLE`, or its value is refused.
    """
    before = recipe.settings()
    for name in settings:
        if name not in CHANGEABLE:
            raise ConfigError("cannot_change", name=name[:60], value=before.get(name))
    changed = recipe.replace(**settings)
    now = changed.settings()
    return changed, ", ".join(f"{name} {before[name]} → {now[name]}" for name in settings if before[name] != now[name])
