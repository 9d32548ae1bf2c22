"""Choosing the next token against a naive version of it, and the stream against the network's own outputs."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from deeprnn.config import ModelConfig, SamplingConfig
from deeprnn.generation import GeneratedToken, generate, next_token_distribution, stream_tokens
from deeprnn.model.cells import CELLS
from deeprnn.model.equations import State
from deeprnn.model.network import LanguageModel
from deeprnn.text.tokens.character import CharacterTokenizer

TOKENIZER = CharacterTokenizer(("<unk>", *"etaoin shrdlu\n"))
SETTINGS = SamplingConfig(temperature=1.0, max_new_tokens=40)
LOGITS = st.lists(st.floats(-30, 30, width=32), min_size=2, max_size=20)


def make_network(cell: str = "lstm", embedding_size: int | None = None, seed: int = 0) -> LanguageModel:
    network = LanguageModel(
        ModelConfig(cell=cell, hidden_size=12, num_layers=2, embedding_size=embedding_size), TOKENIZER.vocab_size, seed
    )
    with torch.no_grad():
        network.output.weight *= 8  # sharper than a fresh network, so that greedy and random choices differ
    return network


def write(network: LanguageModel, prefix: str, sampling: SamplingConfig) -> list[GeneratedToken]:
    return list(stream_tokens(network, TOKENIZER, prefix, sampling))


def naive_distribution(logits: list[float], temperature: float, top_k: int, top_p: float) -> list[float]:
    """Keep tokens one by one from the likeliest down, in plain Python."""
    order = sorted(range(1, len(logits)), key=lambda i: (-logits[i], i))
    if temperature == 0:
        order = order[:1]
    weights = {i: math.exp((logits[i] - logits[order[0]]) / (temperature or 1)) for i in order}
    order = order[: top_k or None]
    total, kept, share = sum(weights[i] for i in order), [], 0.0
    for i in order:
        if share >= top_p:
            break
        kept.append(i)
        share += weights[i] / total
    total = sum(weights[i] for i in kept)
    return [weights[i] / total if i in kept else 0.0 for i in range(len(logits))]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(LOGITS, st.sampled_from([0.0, 0.3, 1.0, 2.5]), st.integers(0, 25), st.sampled_from([0.013, 0.37, 0.9, 1.0]))
def test_the_distribution_is_that_of_the_naive_version(
    logits: list[float], temperature: float, top_k: int, top_p: float
) -> None:
    chosen = next_token_distribution(torch.tensor(logits), SamplingConfig(temperature, top_k, top_p))
    assert chosen.dtype == torch.float64
    assert chosen.tolist() == pytest.approx(naive_distribution(logits, temperature, top_k, top_p), abs=1e-9)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([math.nan, math.inf, -math.inf, 3e38, 0.0]), min_size=2, max_size=6))
def test_logits_that_are_not_finite_still_give_a_distribution_without_unknown(logits: list[float]) -> None:
    for temperature, top_k, top_p in itertools.product((0.0, 1e-9, 1.0), (0, 1), (0.5, 1.0)):
        chosen = next_token_distribution(torch.tensor(logits), SamplingConfig(temperature, top_k, top_p))
        assert chosen.sum().item() == pytest.approx(1)
        assert chosen[0] == 0
        assert bool((chosen >= 0).all())


def exact_logits(network: LanguageModel, prefix: str, text: str) -> Tensor:
    """The network's own logits, (tokens, vocabulary), at each place of the text that follows the prefix."""
    tokens = torch.from_numpy(TOKENIZER.encode(prefix + text).astype("int64"))
    with torch.no_grad():
        logits: Tensor = network(tokens[:, None])[0]
    return logits[len(prefix) - 1 : -1, 0]


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding_size", [None, 5])
@pytest.mark.parametrize("prefix", ["the trail", "t"])
def test_probabilities_and_alternatives_are_the_networks_own(
    cell: str, embedding_size: int | None, prefix: str
) -> None:
    network = make_network(cell, embedding_size)
    tokens = write(network, prefix, dataclasses.replace(SETTINGS, temperature=0.5, top_k=3))
    logits = exact_logits(network, prefix, "".join(token.text for token in tokens))
    logits[:, 0] = -torch.inf
    for token, expected in zip(tokens, torch.softmax(logits.double(), dim=1), strict=True):
        assert token.text == TOKENIZER.symbols[token.token_id]
        assert token.probability == pytest.approx(expected[token.token_id].item(), abs=1e-5)
        shares = dict(token.alternatives)
        assert list(shares.values()) == pytest.approx(expected.sort(descending=True).values[:5].tolist(), abs=1e-5)
        assert list(shares.values()) == sorted(shares.values(), reverse=True)
        for text, share in shares.items():
            assert share == pytest.approx(expected[TOKENIZER.symbols.index(text)].item(), abs=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_greedy_writing_takes_the_networks_likeliest_token_whatever_the_seed(cell: str) -> None:
    network = make_network(cell)
    texts = {
        "".join(generate(network, TOKENIZER, "the ", SamplingConfig(0.0, seed=s, max_new_tokens=60))) for s in (0, 1)
    }
    assert len(texts) == 1
    text = texts.pop()
    logits = exact_logits(network, "the ", text)
    logits[:, 0] = -torch.inf
    assert TOKENIZER.decode(logits.argmax(dim=1).tolist()) == text


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.text("etaoin", max_size=6), st.integers(0, 2**32 - 1), st.sampled_from([0.4, 1.0, 3.0]), st.integers(0, 9))
def test_one_seed_repeats_the_same_text(prefix: str, seed: int, temperature: float, top_k: int) -> None:
    sampling = SamplingConfig(temperature, top_k, 0.95, max_new_tokens=12, seed=seed)
    network, before = make_network(), torch.get_rng_state()
    first = write(network, prefix, sampling)
    assert write(network, prefix, sampling) == first
    assert len(first) == 12
    assert torch.equal(torch.get_rng_state(), before)


def test_different_seeds_write_different_texts() -> None:
    network = make_network()
    texts = {"".join(generate(network, TOKENIZER, "t", dataclasses.replace(SETTINGS, seed=seed))) for seed in range(8)}
    assert len(texts) == 8


def test_frequencies_are_those_of_the_distribution() -> None:
    """Chi-squared over 4000 first tokens; beyond 40 lies one in 7000 of such trials with 13 degrees of freedom."""
    network, count = make_network(), 4000
    sampling = [SamplingConfig(1.3, seed=seed, max_new_tokens=1) for seed in range(count)]
    seen = Counter(token.token_id for setting in sampling for token in write(network, "t", setting))
    with torch.no_grad():
        logits, _ = network(torch.from_numpy(TOKENIZER.encode("t").astype("int64"))[:, None])
    expected = count * next_token_distribution(logits[0, 0], sampling[0])
    surprise = sum((seen[i] - e) ** 2 / e for i, e in enumerate(expected.tolist()) if e > 0)
    assert surprise < 40
    assert seen[0] == 0


def test_unknown_is_never_written_even_if_it_is_likeliest() -> None:
    network = make_network()
    with torch.no_grad():
        network.output.bias[0] = 50
    for temperature in (0.0, 0.1, 5.0):
        tokens = write(network, "", SamplingConfig(temperature, max_new_tokens=50))
        assert all(token.token_id != 0 for token in tokens)
        assert not any(text == "<unk>" for token in tokens for text, _ in token.alternatives)


@pytest.mark.parametrize(("symbols", "opening"), [("ab\n ", "\n"), ("ab ", " "), ("ba", "b")])
def test_an_empty_prefix_is_read_as_the_start_of_a_line(symbols: str, opening: str) -> None:
    tokenizer = CharacterTokenizer(("<unk>", *symbols))
    network = LanguageModel(ModelConfig(hidden_size=6), tokenizer.vocab_size)
    empty, named = (list(stream_tokens(network, tokenizer, prefix, SETTINGS)) for prefix in ("", opening))
    assert empty == named


def test_of_a_long_prefix_the_last_2000_characters_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    network, long = make_network(), "the nurse is here " * 200
    heard: list[Tensor] = []
    read = network.read

    def listen(tokens: Tensor, state: State) -> tuple[Tensor, State]:
        heard.append(tokens)
        return read(tokens, state)

    monkeypatch.setattr(network, "read", listen)
    assert write(network, long, SETTINGS) == write(network, long[-2000:], SETTINGS)
    # the last one goes through the equations, as every written one does
    assert [TOKENIZER.decode(tokens[:, 0].tolist()) for tokens in heard] == [long[-2000:-1]] * 2


def test_a_vocabulary_of_one_character_has_one_alternative() -> None:
    tokenizer = CharacterTokenizer(("<unk>", "a"))
    network = LanguageModel(ModelConfig(hidden_size=4), 2)
    tokens = list(stream_tokens(network, tokenizer, "a", SETTINGS))
    assert {(token.text, token.probability, token.alternatives) for token in tokens} == {("a", 1.0, (("a", 1.0),))}


def test_writing_is_lazy_and_leaves_gradients_and_network_alone() -> None:
    network = make_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    stream = stream_tokens(network, TOKENIZER, "the", SETTINGS)
    next(stream)
    assert torch.is_grad_enabled()
    assert not torch.is_inference_mode_enabled()
    network(torch.ones(2, 1, dtype=torch.int64))[0].sum().backward()
    next(stream)
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_a_network_that_overflows_still_writes_known_characters() -> None:
    network = make_network("rnn_relu")
    with torch.no_grad():
        for layer in network.layers:
            list(layer.parameters())[1].fill_(9.0)  # of the hidden state
    tokens = write(network, "the", dataclasses.replace(SETTINGS, max_new_tokens=80))
    assert len(tokens) == 80
    assert all(0 < token.token_id < TOKENIZER.vocab_size for token in tokens)
    assert all(0 <= share <= 1 for token in tokens for _, share in token.alternatives)
