"""Which settings may change while a network trains, and what a change is called."""

from __future__ import annotations

from dataclasses import asdict
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


def refuse_another_network(before: Recipe, now: Recipe) -> None:
    """Refuse a recipe with which what was learnt with another one cannot go on.

    Raises:
        ConfigError: a setting of the text or the network differs, other than dropout.
    """
    old, new = before.settings(), now.settings()
    for name in (*asdict(before.text), *asdict(before.model)):
        if name != "dropout" and old[name] != new[name]:
            raise ConfigError("cannot_change", name=name, value=old[name])
