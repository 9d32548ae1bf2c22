"""What the lists of the page offer: names in the browser's language before, keys for the program behind."""

from __future__ import annotations

from collections.abc import Sequence

from ..runs.view import ModelEntry
from ..text.catalogue import CorpusEntry
from ..training.presets import PRESETS
from .texts import label, tables

Choices = list[tuple[str, str]]


def corpus_choices(entries: Sequence[CorpusEntry]) -> Choices:
    """Return the texts that can be learnt; the user's own keep the name they were given."""
    return [(entry.title if entry.kind == "own" else str(label(f"corpus.{entry.key}")), entry.key) for entry in entries]


def recipe_choices() -> Choices:
    """Return the named recipes."""
    return [(str(label(f"recipe.{name}")), name) for name in PRESETS]


def model_choices(models: Sequence[ModelEntry]) -> Choices:
    """Return the models that can write; those of a run are called by its number."""
    return [(_model_name(entry), entry.key) for entry in models]


def _model_name(entry: ModelEntry) -> str:
    # Gradio translates one text within a string, so the number stands after it.
    if entry.kind in ("live", "best", "last"):
        return f"{label(f'model.{entry.kind}')} {entry.number}"
    if entry.kind == "own":  # it may be a copy of one that is there, under the same name
        return f"{entry.name} {label('model.own')}"
    title = f"corpus.{entry.key.removeprefix('bundled:')}"
    return str(label(title)) if title in tables()["en"] else entry.name  # a model that ships is called as its text
