"""Evaluation against the slowest way to do it: one token at a time with the written equations."""

import itertools
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from deeprnn.config import ModelConfig
from deeprnn.errors import TextError
from deeprnn.model.cells import CELLS
from deeprnn.model.network import LanguageModel
from deeprnn.training.evaluate import evaluate


def network(cell: str = "lstm") -> LanguageModel:
    return LanguageModel(ModelConfig(cell=cell, hidden_size=12, num_layers=2, dropout=0.5), vocab_size=9, seed=1)


def token_ids(count: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 9, count).astype(np.uint8)


@pytest.mark.parametrize("cell", CELLS)
def test_equals_one_token_at_a_time(cell: str) -> None:
    net, ids = network(cell).eval(), token_ids(60)
    losses, state = [], net.initial_state(1)
    with torch.no_grad():
        for now, after in itertools.pairwise(ids):
            logits, state = net(torch.tensor([[int(now)]]), state)
            losses.append(F.cross_entropy(logits[0], torch.tensor([int(after)])).item())
    measured = evaluate(net, ids)
    assert measured.tokens == 59
    assert measured.loss == pytest.approx(sum(losses) / 59, rel=1e-5)
    assert measured.perplexity == pytest.approx(math.exp(measured.loss))
    assert measured.bits_per_character == pytest.approx(measured.loss / math.log(2))


def test_long_texts_are_read_in_chunks_with_carried_state(monkeypatch: pytest.MonkeyPatch) -> None:
    net, ids = network(), token_ids(200)
    whole = evaluate(net, ids)
    monkeypatch.setattr("deeprnn.training.evaluate.CHUNK_TOKENS", 7)
    assert evaluate(net, ids).loss == pytest.approx(whole.loss, rel=1e-6)


@pytest.mark.parametrize("count", [900, 1001, 1024])
def test_parallel_streams_score_every_token_once_and_nearly_the_same(count: int) -> None:
    net, ids = network(), token_ids(count)
    one, many = evaluate(net, ids), evaluate(net, ids, streams=3)
    assert many.tokens == one.tokens == count - 1
    assert many.loss == pytest.approx(one.loss, rel=1e-4)


def test_a_part_is_scored_spread_over_the_whole_text() -> None:
    net, ids = network(), token_ids(1201)
    part = evaluate(net, ids, streams=3, most=150)
    assert part.tokens == 150
    pieces = [ids[:51], ids[400 - 64 : 451], ids[800 - 64 : 851]]  # those after the first are warmed up on 64 tokens
    total = 0.0
    for piece in pieces:
        with torch.no_grad():
            logits, _ = net.eval()(torch.from_numpy(piece[:-1].astype(np.int64))[:, None])
        wanted = torch.from_numpy(piece[-50:].astype(np.int64))
        total += F.cross_entropy(logits[-50:, 0], wanted, reduction="sum").item()
    assert part.loss == pytest.approx(total / 150, rel=1e-5)
    assert evaluate(net, ids, streams=3, most=10_000) == evaluate(net, ids, streams=3)


def test_dropout_is_off_and_the_network_is_left_as_it_was() -> None:
    net, ids = network(), token_ids(50)
    net.train()
    assert evaluate(net, ids) == evaluate(net, ids)
    assert net.training


def test_bits_per_character_counts_characters_not_tokens() -> None:
    measured = evaluate(network(), token_ids(50), characters=196)
    assert measured.characters == 196
    assert measured.bits_per_character == pytest.approx(measured.loss / math.log(2) / 4)


def test_one_token_is_refused_in_words() -> None:
    with pytest.raises(TextError, match="at least 2"):
        evaluate(network(), token_ids(1))


def test_a_text_larger_than_the_memory_is_not_copied() -> None:
    """The held-out part of a text on the disk used to be read whole, eight bytes for each token."""
    ids = np.broadcast_to(np.uint8(1), (10**13,))
    measured = evaluate(network(), ids, None, streams=4, most=400)
    assert (measured.tokens, measured.characters) == (400, 400)
    assert measured.loss == pytest.approx(evaluate(network(), np.ones(401, np.uint8)).loss, rel=0.05)
