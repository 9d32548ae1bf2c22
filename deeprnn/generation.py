"""Writing: how the next token is chosen, and a stream of them; the one place that samples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from .config import SamplingConfig
from .device import one_thread
from .model.equations import State, stacked_step
from .model.network import LanguageModel, Weights
from .text.tokens.kind import TokenIds, Tokenizer

PREFIX_CHARACTERS = 2_000  # of a longer prefix the last ones are read
ALTERNATIVES = 5
HUGE = 1e30  # in place of an infinite logit, which an exploding plain RNN may give


@dataclass(frozen=True)
class GeneratedToken:
    """Report one written token.

    Args:
        text: the characters that it completes; none while a character is still without its last byte.
        token_id: its place in the vocabulary.
        probability: what the model gave it, before temperature, top-k and top-p.
        alternatives: the symbols of the likeliest tokens here and their probabilities, falling.
        symbol: how it stands among the alternatives.
    """

    text: str
    token_id: int
    probability: float
    alternatives: tuple[tuple[str, float], ...]
    symbol: str = ""


def next_token_distribution(logits: Tensor, sampling: SamplingConfig, unknown_id: int | None = 0) -> Tensor:
    """Return the probability with which each token is written next.

    Temperature comes first, then top-k, then top-p on what is left: the likeliest tokens until their sum reaches it.
    Among equals the lower id counts as likelier. `<unk>` is never written.

    Args:
        logits: (vocabulary,).
        sampling: temperature, top_k, top_p; at temperature 0 the likeliest token has probability 1.
        unknown_id: the token that is never written, if there is one.

    Returns:
        (vocabulary,) float64, sum 1.
    """
    return _distribution(_known_logits(logits, unknown_id), sampling)


def _distribution(logits: Tensor, sampling: SamplingConfig) -> Tensor:
    if sampling.temperature == 0:
        return torch.zeros_like(logits).index_fill_(0, logits.argmax(), 1.0)
    probabilities = torch.softmax((logits - logits.max()) / sampling.temperature, dim=0)
    if sampling.top_k == 0 and sampling.top_p == 1:
        return probabilities
    ordered, ids = probabilities.sort(descending=True, stable=True)
    if sampling.top_k:
        ordered[sampling.top_k :] = 0
    ordered /= ordered.sum()
    before = ordered.cumsum(0) - ordered  # the share of all likelier tokens
    ordered[before >= sampling.top_p] = 0
    return torch.zeros_like(ordered).index_copy_(0, ids, ordered / ordered.sum())


def _known_logits(logits: Tensor, unknown_id: int | None) -> Tensor:
    """Return logits in float64 that are finite except for `<unk>`, which is impossible."""
    known = logits.double().nan_to_num(nan=-HUGE, posinf=HUGE, neginf=-HUGE)
    if unknown_id is not None:
        known[unknown_id] = -torch.inf
    return known


def stream_tokens(
    network: LanguageModel, tokenizer: Tokenizer, prefix: str, sampling: SamplingConfig
) -> Iterator[GeneratedToken]:
    """Write on from a prefix, by the equations, one token at a time.

    One seed repeats the same text on the same machine; no global random state is read or changed.

    Args:
        network: it is not changed; its weights are read once, at the first token.
        tokenizer: the network's own.
        prefix: known tokens; only the last `PREFIX_CHARACTERS` are read. An empty one is read as a line break, if
            the vocabulary has one, else as a blank, else as its most frequent token.
        sampling: how to choose, how many tokens, and the seed.
    """
    prompt = tokenizer.encode(prefix[-PREFIX_CHARACTERS:])
    prompt = prompt if len(prompt) else _opening(tokenizer)
    decoder = tokenizer.decoder()
    for known_id in prompt.tolist():
        decoder.feed(known_id)  # what comes after a word, or inside a character, is written otherwise
    generator = torch.Generator().manual_seed(sampling.seed)
    ids = _stream_ids(network, torch.from_numpy(prompt.astype("int64")), sampling, generator, tokenizer.unknown_id)
    for number, (token_id, probability, likeliest) in enumerate(ids, start=1):
        text = decoder.feed(token_id) + (decoder.finish() if number == sampling.max_new_tokens else "")
        alternatives = tuple((tokenizer.symbol(i), p) for i, p in likeliest)
        yield GeneratedToken(text, token_id, probability, alternatives, tokenizer.symbol(token_id))


def generate(network: LanguageModel, tokenizer: Tokenizer, prefix: str, sampling: SamplingConfig) -> Iterator[str]:
    """Write on from a prefix; yield the new text, without the prefix, token by token. Arguments as `stream_tokens`."""
    return (token.text for token in stream_tokens(network, tokenizer, prefix, sampling))


def _opening(tokenizer: Tokenizer) -> TokenIds:
    """Return the ids that stand for no beginning."""
    for start in ("\n", " "):
        ids = tokenizer.encode(start)
        if len(ids) and tokenizer.unknown_id not in ids.tolist():
            return ids
    return np.array([1 if tokenizer.unknown_id == 0 else 0], tokenizer.dtype)


# As a decorator the mode holds only while a token is made, never for the thread of whoever waits for the next one.
@torch.inference_mode()
def _stream_ids(
    network: LanguageModel,
    prompt: Tensor,
    sampling: SamplingConfig,
    generator: torch.Generator,
    unknown_id: int | None,
) -> Iterator[tuple[int, float, list[tuple[int, float]]]]:
    """Yield each token id, its probability at temperature 1, and the likeliest ids with theirs."""
    weights = _prepare(network.weights())
    device = weights.b_q.device
    states = _read(network, prompt[:-1].to(device))
    X = prompt[-1:].to(device)
    for _ in range(sampling.max_new_tokens):
        with one_thread():
            H = weights.inputs(X)
            O_t, states = stacked_step(H, states, weights.step, weights.layers, weights.W_hq, weights.b_q)
            logits = _known_logits(O_t[0].cpu(), unknown_id)
            token_id = _draw(_distribution(logits, sampling), generator)
            model = torch.softmax(logits, dim=0)
            shares, ids = model.topk(min(ALTERNATIVES, len(model) - (unknown_id is not None)))
            X = torch.tensor([token_id], device=device)
        yield token_id, float(model[token_id]), list(zip(ids.tolist(), shares.tolist(), strict=True))


def _draw(distribution: Tensor, generator: torch.Generator) -> int:
    """Draw an id by inverting the cumulative distribution, (vocabulary,) float64."""
    cumulative = distribution.cumsum(0)
    point = torch.rand(1, generator=generator, dtype=torch.float64)
    # The first id whose cumulative share lies above the point: never one of probability zero.
    return int(torch.searchsorted(cumulative / cumulative[-1], point, right=True))


def _read(network: LanguageModel, tokens: Tensor) -> list[State]:
    """Return the state of each layer, each part (1, hidden), after (time,) tokens."""
    state = network.initial_state(1)
    if len(tokens):
        _, state = network.read(tokens[:, None], state)
    return [tuple(part[depth] for part in state) for depth in range(network.config.num_layers)]


def _prepare(weights: Weights) -> Weights:
    """Return the matrices laid out for many products with one row."""
    layers = tuple(replace(W, W_x=W.W_x.contiguous(), W_h=W.W_h.contiguous()) for W in weights.layers)
    return replace(weights, layers=layers)
