"""Shared weights against the product written out, what they save, and files that hold them once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from deeprnn.config import ModelConfig, Recipe
from deeprnn.model.checkpoint import load_checkpoint, save_checkpoint
from deeprnn.model.network import LanguageModel
from deeprnn.model.shapes import parameter_count, parameter_table

from .crafting import edit_config, make_checkpoint, refused, split_weights

VOCAB = 13


def make(hidden_size: int = 7, **settings: Any) -> LanguageModel:
    return LanguageModel(ModelConfig(hidden_size=hidden_size, num_layers=2, **settings), VOCAB, seed=2)


@pytest.mark.parametrize("size", [None, 3, 7])
def test_each_token_is_scored_by_its_own_vector(size: int | None) -> None:
    network = make(embedding_size=size, tie_weights=True)
    tokens = torch.randint(VOCAB, (5, 2), generator=torch.Generator().manual_seed(0))
    H, _ = network.read(tokens)
    assert network.embedding is not None
    E, W_hp = network.embedding.weight, network.output.weight
    assert E.shape == (VOCAB, size or 7)
    scores = torch.stack([(H @ W_hp.T * E[token]).sum(-1) + network.output.bias[token] for token in range(VOCAB)], -1)
    torch.testing.assert_close(network(tokens)[0], scores)


def test_the_gradient_of_the_shared_matrix_comes_from_both_ends() -> None:
    network = make(embedding_size=3, tie_weights=True)
    tokens = torch.tensor([[1], [2]])
    F.cross_entropy(network(tokens)[0].flatten(0, 1), torch.tensor([2, 3])).backward()
    assert network.embedding is not None
    assert network.embedding.weight.grad is not None
    assert bool((network.embedding.weight.grad != 0).all())  # every row is pulled by the softmax, read or not


@pytest.mark.parametrize("settings", [{}, {"embedding_size": 3}, {"embedding_size": 3, "tie_weights": True}])
def test_the_table_adds_up_and_a_shared_matrix_counts_once(settings: dict[str, Any]) -> None:
    network, table = make(**settings), parameter_table(make(**settings).config, VOCAB)
    assert sum(table.values()) == parameter_count(network.config, VOCAB)
    assert sum(table.values()) == sum(parameter.numel() for parameter in network.parameters())
    assert table["embedding"] == (VOCAB * 3 if settings else 0)
    assert table["output"] == VOCAB + 7 * (3 if "tie_weights" in settings else VOCAB)


@pytest.mark.parametrize("kind", ["character", "grapheme", "byte", "word", "subword"])
def test_words_and_subwords_share_unless_told_otherwise(kind: str) -> None:
    recipe = Recipe().replace(tokenizer=kind)
    assert recipe.with_tying().model.tie_weights is (True if kind in ("word", "subword") else None)
    for wish in (True, False):
        assert recipe.replace(tie_weights=wish).with_tying().model.tie_weights is wish


def test_a_file_holds_the_shared_matrix_once_and_gives_it_back(tmp_path: Path) -> None:
    checkpoint = make_checkpoint(embedding_size=3, tie_weights=True)
    save_checkpoint(tmp_path / "model", checkpoint)
    header, _ = split_weights(tmp_path / "model")
    vocab = checkpoint.tokenizer.vocab_size
    assert [name for name, entry in header.items() if vocab in entry.get("shape", ())] == [
        "embedding.weight",
        "output.bias",
    ]
    loaded, tokens = load_checkpoint(tmp_path / "model").network, torch.tensor([[1], [2]])
    assert torch.equal(loaded(tokens)[0], checkpoint.network.eval()(tokens)[0])


def test_a_file_that_claims_to_share_and_does_not_is_refused(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "model", make_checkpoint(embedding_size=3))
    edit_config(tmp_path / "model", lambda config: config["recipe"]["model"].update(tie_weights=True))
    assert refused(tmp_path / "model") == "checkpoint_shape"
