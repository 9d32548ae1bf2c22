"""How well a network predicts a text: one pass with carried state."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ..errors import TextError
from ..messages import Message, message
from ..model.network import LanguageModel
from .loss import time_steps_at_once
from .record import bits_per_character, perplexity

CHUNK_TOKENS = 8192  # tokens in one forward pass, all streams together; fewer where the vocabulary is large
WARM_UP = 64  # tokens that a later stream reads, unscored, to build its state


@dataclass(frozen=True)
class Evaluation:
    """Report how well a text was predicted.

    Args:
        loss: mean nats per predicted token.
        perplexity: exp(loss).
        bits_per_character: total nats / ln 2 / characters.
        tokens: tokens predicted, one less than the text has.
        characters: characters they stand for.
        unknown_tokens: of the tokens predicted, those that the vocabulary leaves out.
    """

    loss: float
    perplexity: float
    bits_per_character: float
    tokens: int
    characters: int
    unknown_tokens: int = 0

    @property
    def notices(self) -> tuple[Message, ...]:
        """Return what limits the figures: unknown tokens are easy to predict, whatever characters they stand for."""
        if not self.unknown_tokens:
            return ()
        percent = f"{100 * self.unknown_tokens / self.tokens:.2g}"
        return (message("bits_do_not_compare", unknown=self.unknown_tokens, tokens=self.tokens, percent=percent),)


@torch.inference_mode()
def evaluate(
    network: LanguageModel,
    token_ids: NDArray[np.unsignedinteger],
    characters: float | None = None,
    streams: int = 1,
    most: int | None = None,
) -> Evaluation:
    """Predict every token of a text from all those before it.

    Args:
        network: it is not changed.
        token_ids: (tokens,) the text.
        characters: those of the text without its first token, which nothing predicts; None if each token is one.
        streams: read the text as so many parts side by side, each after the first warmed up on the tokens before it:
            faster, and within a fraction of a percent of one continuous pass.
        most: score so many tokens at most, the beginning of each part; None scores all.

    Raises:
        TextError: the text has fewer than two tokens.
    """
    count = len(token_ids) - 1
    if count < 1:
        raise TextError("text_too_short", characters=len(token_ids), needed=2)
    streams = max(1, min(streams, count // (4 * WARM_UP)))
    training = network.training
    network.eval()
    try:
        total, scored = _total_loss(network, token_ids, count, streams, most)
    finally:
        network.train(training)
    loss, read = total / scored, scored if characters is None else characters * scored / count
    return Evaluation(loss, perplexity(loss), bits_per_character(loss, scored / read), scored, round(read))


def _total_loss(
    network: LanguageModel, token_ids: NDArray[np.unsignedinteger], count: int, streams: int, most: int | None
) -> tuple[float, int]:
    """Return the nats of all scored tokens together, and how many they are."""
    device = next(network.parameters()).device

    def tokens(positions: Tensor) -> Tensor:  # the array may be on the disk, and larger than the memory
        return torch.from_numpy(token_ids[positions.numpy()].astype(np.int64)).to(device)

    length = -(-count // streams)
    read = length if most is None else min(length, max(1, most // streams))  # of each part
    starts = torch.arange(streams) * length  # (streams,) position of each stream's first input
    state = network.initial_state(streams)
    if streams > 1:
        before = starts[1:] + torch.arange(-WARM_UP, 0)[:, None]  # (WARM_UP, streams - 1)
        _, warm = network(tokens(before))
        for whole, part in zip(state, warm, strict=True):
            whole[:, 1:] = part
    total, number, step = 0.0, 0, min(max(1, CHUNK_TOKENS // streams), time_steps_at_once(streams, network.vocab_size))
    for begin in range(0, read, step):
        positions = starts + torch.arange(begin, min(begin + step, read))[:, None]  # (time, streams)
        scored = positions < count  # the last stream may be shorter
        inputs, targets = tokens(positions.clamp(max=count - 1)), tokens((positions + 1).clamp(max=count))
        logits, state = network(inputs, state)
        losses = F.cross_entropy(logits.float().flatten(0, 1), targets.flatten(), reduction="none")
        total += float(losses.double()[scored.flatten().to(device)].sum())
        number += int(scored.sum())
    return total, number
