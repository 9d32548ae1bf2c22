"""A trained model as files: one folder, or the .zip of one, that rebuilds the model alone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from ..config import Recipe
from ..errors import CheckpointError
from ..text.tokens.choice import read_tokenizer
from ..text.tokens.kind import Tokenizer
from .card import write_card
from .document import Description, parse_json, read_config, read_metrics, write_config, write_json
from .network import LanguageModel
from .package import CARD, CONFIG, METRICS, TOKENIZER, WEIGHTS, Package, open_package, pack_folder, write_folder
from .shapes import MAX_PARAMETERS, parameter_count, parameter_shapes
from .weights_file import read_weights, write_tensors

HASHED = (WEIGHTS, TOKENIZER, METRICS)  # the card is for people, who may edit it


@dataclass(frozen=True)
class Checkpoint:
    """Hold a trained model with all that belongs to it.

    Args:
        name: what people call it.
        network: on the CPU when it was loaded.
        tokenizer: its vocabulary is the network's.
        recipe: how it was made.
        metrics: figures and the curve, as plain JSON values.
        card: what `README.md` says about it.
    """

    name: str
    network: LanguageModel
    tokenizer: Tokenizer
    recipe: Recipe
    metrics: dict[str, Any]
    card: str


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Save a model as a folder, which appears whole or not at all and replaces an older one at the same place.

    Raises:
        CheckpointError: the disk refuses; an older folder is left as it was.
    """
    write_folder(folder, checkpoint_files(checkpoint))


def checkpoint_files(checkpoint: Checkpoint) -> dict[str, bytes]:
    """Return the content of each file of a model's folder."""
    contents = {
        WEIGHTS: write_tensors(checkpoint.network.state_dict()),
        TOKENIZER: write_json(checkpoint.tokenizer.to_dict()),
        METRICS: write_json(checkpoint.metrics),
    }
    config = write_config(checkpoint.name, checkpoint.network.vocab_size, checkpoint.recipe, contents)
    card = (checkpoint.card or build_card(checkpoint)).encode("utf-8", "replace")
    return {**contents, CONFIG: config, CARD: card}


def pack_checkpoint(folder: Path, zip_path: Path) -> None:
    """Pack a saved model into one .zip that `load_checkpoint` reads.

    Raises:
        CheckpointError: a file is missing, or the disk refuses.
    """
    pack_folder(folder, zip_path)


def load_checkpoint(path: Path) -> Checkpoint:
    """Load a model onto the CPU, after everything about its files has been checked.

    The files may come from anybody: nothing in them is run, sizes are known before anything is allocated, and the
    weights must be exactly those that the settings ask for.

    Args:
        path: a folder that `save_checkpoint` wrote, or its .zip.

    Raises:
        CheckpointError: it is not such a folder or .zip, or is damaged; the sentence says what is wrong.
    """
    with open_package(Path(path)) as package:
        described = read_config(package.read(CONFIG), set(HASHED))
        config, vocab_size = described.recipe.model, described.vocab_size
        count = parameter_count(config, vocab_size)
        if count > MAX_PARAMETERS:
            raise CheckpointError("checkpoint_parameters", count=count, limit=MAX_PARAMETERS)
        tokenizer = read_tokenizer(parse_json(_hashed(package, described, TOKENIZER), TOKENIZER))
        if tokenizer.vocab_size != vocab_size:
            raise CheckpointError("checkpoint_vocabulary", found=tokenizer.vocab_size, expected=vocab_size)
        metrics = read_metrics(_hashed(package, described, METRICS))
        card = package.read(CARD).decode("utf-8", "replace")
        weights = read_weights(package, parameter_shapes(config, vocab_size), described.hashes[WEIGHTS])
    network = LanguageModel(config, vocab_size).eval()
    network.load_state_dict(weights)
    _refuse_overflow(network)
    return Checkpoint(described.name, network, tokenizer, described.recipe, metrics, card)


def _hashed(package: Package, described: Description, name: str) -> bytes:
    data = package.read(name)
    if hashlib.sha256(data).hexdigest() != described.hashes[name]:
        raise CheckpointError("checkpoint_changed", name=name)
    return data


@torch.inference_mode()
def _refuse_overflow(network: LanguageModel) -> None:
    logits, _ = network(torch.tensor([[0], [1]]))
    if not bool(logits.isfinite().all()):
        raise CheckpointError("checkpoint_overflow")


def build_card(checkpoint: Checkpoint) -> str:
    """Return a model card in Markdown: what the model is, how it was trained, how well it predicts, how to load it."""
    count = parameter_count(checkpoint.recipe.model, checkpoint.tokenizer.vocab_size)
    return write_card(checkpoint.name, checkpoint.recipe, checkpoint.metrics, checkpoint.tokenizer.vocab_size, count)
