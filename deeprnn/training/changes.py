"""What may change in a training while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..config import Recipe
from ..errors import ConfigError

CHANGEABLE = ("learning_rate", "dropout", "max_grad_norm", "patience", "target_perplexity", "max_minutes")


def change_recipe(recipe: Recipe, settings: Mapping[str, Any]) -> Recipe:
    """Return a recipe with settings changed that may change while a training runs.

    Raises:
        ConfigError: a setting is another, or its value is refused.
    """
    for name in settings:
        if name not in CHANGEABLE:
            raise ConfigError("cannot_change", name=name[:60], value=recipe.settings().get(name))
    return recipe.replace(**settings)


def differences(before: Recipe, now: Recipe) -> str:
    """Return the settings in which two recipes differ, as "name old → new, ..."; empty if they do not."""
    new = now.settings().items()
    return ", ".join(
        f"{name} {old} → {value}"
        for (name, value), old in zip(new, before.settings().values(), strict=True)
        if old != value
    )


def refuse_another_network(before: Recipe, now: Recipe) -> None:
    """Refuse a recipe with which what was learnt with another one cannot go on.

    Raises:
        ConfigError: a setting of the text or the network differs, other than dropout.
    """
    old, new = before.settings(), now.settings()
    for name in (*asdict(before.text), *asdict(before.model)):
        if name != "dropout" and old[name] != new[name]:
            raise ConfigError("cannot_change", name=name, value=old[name])
