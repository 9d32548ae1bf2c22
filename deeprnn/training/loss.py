"""The loss of a minibatch, in memory that does not grow with the vocabulary."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint

from ..model.network import LanguageModel

LOGIT_BYTES = 256 << 20  # that logits may take at one time; with their gradient it is some three times as much


def time_steps_at_once(streams: int, vocab_size: int) -> int:
    """Return for how many time steps the logits of so many streams may exist together, at least one."""
    return max(1, LOGIT_BYTES // (4 * streams * vocab_size))


def mean_loss(network: LanguageModel, H: Tensor, targets: Tensor) -> Tensor:
    """Return the mean nats per token.

    Logits that are too many to exist at once are made for some time steps after the other, and once more when the
    gradient is wanted (Chen and others, "Training Deep Nets with Sublinear Memory Cost", 2016).

    Args:
        network: predicts.
        H: (time, batch, hidden), its last layer's outputs.
        targets: (time, batch) int64, the token after each.
    """
    time, batch = targets.shape
    steps = time_steps_at_once(batch, network.vocab_size)
    if steps >= time:
        return F.cross_entropy(network.predict(H).float().flatten(0, 1), targets.flatten())

    def total(H_part: Tensor, wanted: Tensor) -> Tensor:
        return F.cross_entropy(network.predict(H_part).float().flatten(0, 1), wanted.flatten(), reduction="sum")

    parts = zip(H.split(steps), targets.split(steps), strict=True)
    losses = [checkpoint(total, *part, use_reentrant=False, preserve_rng_state=False) for part in parts]
    return torch.stack(losses).sum() / targets.numel()
