"""When a run ends before its last step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .event import Event

if TYPE_CHECKING:
    from .train import Training


def stopped(training: Training) -> Event | None:
    """Return by which of its settings a training is over, None while it may go on."""
    config = training.recipe.train
    reached = {
        "target_perplexity": config.target_perplexity is not None and training.lowest <= config.target_perplexity,
        "patience": config.patience is not None and training.checks_without_better >= config.patience,
        "max_minutes": out_of_time(training),
    }
    for name, over in reached.items():
        if over:
            return Event(training.step, "ended", {"name": name, "value": getattr(config, name)})
    return None


def out_of_time(training: Training) -> bool:
    """Tell whether a training has used up its minutes."""
    minutes = training.recipe.train.max_minutes
    return minutes is not None and training.seconds >= 60 * minutes
