"""The look at a run before it starts: is the network right for the text, and does it fit the memory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..config import Recipe
from ..device import Device, choose_precision
from ..errors import ConfigError
from ..messages import message
from ..model.shapes import parameter_count
from ..text.corpus import Corpus, fit_recipe
from ..text.doctor import ADVICE, NOTE, WARNING, Finding, Remedy
from .memory import memory_finding, refuse_what_does_not_fit

# Parameters for each character of the training part. The tuned presets lie at some 6 and 12 with dropout 0.4: kept at
# their best check, they predict better than smaller ones; beyond, or without dropout, a text is learnt by heart.
MANY, TOO_MANY, ENOUGH_DROPOUT = 4, 20, 0.3
FEW = 1 / 20  # with fewer, a text has more to teach than the network can hold
SMALL: Mapping[str, Any] = {"num_layers": 1, "hidden_size": 128, "dropout": 0.3}
LARGER: Mapping[str, Any] = {"hidden_size": 512, "num_layers": 2}


def preflight(corpus: Corpus, recipe: Recipe, device: Device) -> tuple[Finding, ...]:
    """Return what the user should know of a run before it starts; the first finding is the verdict.

    Args:
        corpus: the text, as tokens.
        recipe: as it would be trained.
        device: where.

    Raises:
        ConfigError: the run would surely need more memory than is free.
    """
    return (verdict(corpus, recipe), *check_memory(corpus, recipe, device))


def check_memory(corpus: Corpus, recipe: Recipe, device: Device) -> tuple[Finding, ...]:
    """Refuse a run that surely does not fit the memory; return a warning for one that hardly does.

    Raises:
        ConfigError: it does not fit.
    """
    run = _as_trained(corpus, recipe, device)
    refuse_what_does_not_fit(*run)
    finding = memory_finding(*run)
    return (finding,) if finding else ()


def _as_trained(corpus: Corpus, recipe: Recipe, device: Device) -> tuple[Recipe, int, Device, int]:
    """Return what the memory of a run hangs on: its recipe with nothing left open, symbols, device, tokens."""
    fitted, _ = fit_recipe(recipe, corpus)
    fitted = fitted.replace(precision=choose_precision(fitted.train.precision, device))
    return fitted, corpus.tokenizer.vocab_size, device, len(corpus.train_ids) + len(corpus.validation_ids)


def foresee(corpus: Corpus, recipe: Recipe, device: Device) -> tuple[tuple[Finding, ...], bool]:
    """Return what `preflight` does, or the reason for its refusal as a finding, and whether the run fits the memory."""
    try:
        return preflight(corpus, recipe, device), True
    except ConfigError as refusal:
        tight = memory_finding(*_as_trained(corpus, recipe, device))
        remedy = tight.remedy if tight else None
        return (Finding("not_enough_memory", WARNING, refusal.message, remedy), verdict(corpus, recipe)), False


def verdict(corpus: Corpus, recipe: Recipe) -> Finding:
    """Weigh the network against the text, in words, with the settings that suit it better."""
    characters = corpus.train_characters
    parameters = parameter_count(recipe.with_tying().model, corpus.tokenizer.vocab_size)
    ratio, details = parameters / max(1, characters), {"characters": characters, "parameters": parameters}
    if ratio > TOO_MANY:
        return _advise("verdict_small", ADVICE, recipe, SMALL, details)
    if ratio > MANY and recipe.model.dropout < ENOUGH_DROPOUT:
        return _advise("verdict_memorised", ADVICE, recipe, {"dropout": 0.4}, details)
    if ratio < FEW:
        return _advise("verdict_large", NOTE, recipe, LARGER, details)
    return Finding("verdict_fits", NOTE, message("verdict_fits", **details))


def _advise(key: str, severity: str, recipe: Recipe, settings: Mapping[str, Any], details: dict[str, Any]) -> Finding:
    """Advise settings, as far as the recipe has others."""
    now = recipe.settings()
    changes = {name: value for name, value in settings.items() if now[name] != value}
    return Finding(key, severity, message(key, **details), Remedy(changes) if changes else None)
