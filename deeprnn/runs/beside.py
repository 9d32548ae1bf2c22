"""Texts side by side: what several models write from the same prefix with the same seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..config import SamplingConfig
from ..generation import generate
from ..model.checkpoint import Checkpoint
from ..text.prefix import read_prefix
from ..text.replacement import Replacement


@dataclass(frozen=True)
class Written:
    """Show what one of several models wrote.

    Args:
        label: which model, as whoever asked calls it.
        prefix: as this model reads it.
        replacements: characters of the prefix that it does not know, and what they were read as.
        text: what follows.
    """

    label: str
    prefix: str
    replacements: tuple[Replacement, ...]
    text: str


def write_beside(models: Iterable[tuple[str, Checkpoint]], prefix: str, sampling: SamplingConfig) -> Iterator[Written]:
    """Yield what each model writes, as soon as it is written; each begins with the seed afresh.

    Args:
        models: a label and a model each; they are taken one at a time, so that they may be loaded as they are needed.
        prefix: any text.
        sampling: how to choose, how many tokens, and the seed.
    """
    for label, model in models:
        read, replacements = read_prefix(prefix, model.tokenizer, model.recipe.text)
        yield Written(label, read, replacements, "".join(generate(model.network, model.tokenizer, read, sampling)))
