"""A trained model as a Python program uses it, and the few functions that lead to one.

It knows no page, no threads and no prints: it joins the rooms of text, model, training and generation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .config import SamplingConfig
from .device import choose_device
from .generation import generate
from .model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from .text.account import Reading
from .text.corpus import build_corpus, fit_recipe, prepare_text
from .text.meter import Progress
from .text.prefix import read_prefix
from .text.reading import AS_IT_COMES
from .text.replacement import Replacement
from .text.source import Source, find_pieces, find_text
from .text.tokens.kind import TokenIds
from .training import evaluate as evaluation
from .training.presets import DEFAULT_PRESET, find_preset
from .training.report import make_checkpoint
from .training.train import Training


class TrainedModel:
    """Write with a trained network, measure it, keep it.

    Args:
        checkpoint: the network with its tokenizer, recipe and figures; each of them is an attribute of the model.
    """

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint = checkpoint
        self.name = checkpoint.name
        self.network = checkpoint.network
        self.tokenizer = checkpoint.tokenizer
        self.recipe = checkpoint.recipe
        self.metrics = checkpoint.metrics

    @classmethod
    def from_training(cls, training: Training, *, best: bool = True) -> TrainedModel:
        """Return a copy of what a training has learnt so far.

        Args:
            training: between two of its records, or at its end.
            best: the weights with the lowest validation perplexity so far instead of the newest.
        """
        return cls(make_checkpoint(training, training.corpus.name, best=best))

    def read_prefix(self, prefix: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return a prefix as the model reads it, cleaned as its text was, with the characters that became others."""
        return read_prefix(prefix, self.tokenizer, self.recipe.text)

    def generate(self, prefix: str = "", **sampling: Any) -> str:
        """Write on from a prefix; return the prefix, as the model reads it, with the new text.

        Args:
            prefix: any text.
            sampling: settings of `SamplingConfig`: temperature, top_k, top_p, max_new_tokens, seed.

        Raises:
            ConfigError: a setting is unknown or refused.
        """
        return self.read_prefix(prefix)[0] + "".join(self.stream(prefix, **sampling))

    def stream(self, prefix: str = "", **sampling: Any) -> Iterator[str]:
        """Write on from a prefix; yield the new text piece by piece, as it is chosen.

        Args:
            prefix: any text.
            sampling: settings of `SamplingConfig`: temperature, top_k, top_p, max_new_tokens, seed.

        Raises:
            ConfigError: a setting is unknown or refused.
        """
        config = SamplingConfig.from_dict(sampling)
        return generate(self.network, self.tokenizer, self.read_prefix(prefix)[0], config)

    def evaluate(self, text: str) -> evaluation.Evaluation:
        """Measure how well the model predicts a text, each token from all those before it.

        Where tokens are unknown, `unknown_tokens` counts them and `notices` says what the figures are worth.

        Args:
            text: the text itself; it is prepared as the recipe says (letters only, for example).

        Raises:
            TextError: it is too short.
        """
        prepared = prepare_text(text, self.recipe.text)
        lengths, ids = self.tokenizer.lengths(prepared), self.tokenizer.encode(prepared)
        result = evaluation.evaluate(self.network, ids, int(lengths[1:].sum()) or 1)
        return dataclasses.replace(result, unknown_tokens=self._count_unknown(ids[1:]))

    def count_unknown(self, text: str) -> int:
        """Count the tokens of a text that the model has never seen and reads as unknown."""
        return self._count_unknown(self.tokenizer.encode(prepare_text(text, self.recipe.text)))

    def save(self, folder: str | Path) -> None:
        """Save the model as a folder that `load` reads.

        Raises:
            CheckpointError: it cannot be written.
        """
        save_checkpoint(Path(folder), self.checkpoint)

    def _count_unknown(self, ids: TokenIds) -> int:
        unknown = self.tokenizer.unknown_id
        return 0 if unknown is None else int((ids == unknown).sum())


def load(path: str | Path) -> TrainedModel:
    """Load a trained model.

    Args:
        path: a folder, or the .zip of one; it is checked whole before anything of it is used.

    Raises:
        CheckpointError: it is not a model, or damaged.
    """
    return TrainedModel(load_checkpoint(Path(path)))


def train(
    source: Source,
    preset: str = DEFAULT_PRESET,
    *,
    device: str = "auto",
    how: Reading = AS_IT_COMES,
    progress: Progress | None = None,
    **settings: Any,
) -> Training:
    """Prepare a training; iterate over it to train, one `TrainRecord` for each step.

    `training.corpus.notices` says what was changed in the text, or in a recipe too large for it.

    Args:
        source: a path of a file or a folder, or several, or `-`; the key of a text that the program knows;
            `hub:owner/name`; or, if it has a line break or more than 255 characters, the text itself.
        preset: the recipe to start from: d2l, quick, balanced or quality.
        device: auto, cpu, cuda or mps.
        how: which encoding and which columns to read, where that shall not be found out.
        progress: told how far a text is read, then encoded, as `build_corpus` says; what it raises ends that.
        settings: changes to the recipe, such as hidden_size=128; the fields of `TextConfig`, `ModelConfig` and
            `TrainConfig`, each called by its own name.

    Raises:
        ConfigError: a name is unknown, or a value refused.
        TextError: the text cannot be found, read or learnt.
    """
    recipe = find_preset(preset).replace(**settings)
    chosen = choose_device(device)
    found = find_pieces(source, how, progress)
    corpus = build_corpus(found.pieces, recipe.text, found.name, found.entropy_floor, progress)
    recipe, notices = fit_recipe(recipe, corpus)
    corpus = dataclasses.replace(corpus, notices=(*found.notices, *corpus.notices, *notices))
    return Training(corpus, recipe, chosen)


def evaluate(model: TrainedModel | str | Path, source: Source) -> evaluation.Evaluation:
    """Measure how well a model predicts a text.

    Args:
        model: a loaded model, or the path of one.
        source: a path of a file or a folder, or several, or `-`; the key of a text that the program knows;
            `hub:owner/name`; or, if it has a line break or more than 255 characters, the text itself.

    Raises:
        CheckpointError: the model cannot be loaded.
        TextError: the text cannot be found or read, or is too short.
    """
    loaded = model if isinstance(model, TrainedModel) else load(model)
    return loaded.evaluate(find_text(source).text)
