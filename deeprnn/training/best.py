"""The best model of a run so far."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Best:
    """Hold the weights that validation chose.

    Args:
        step: after which they were copied.
        perplexity: on the held-out text; infinite when nothing was measured.
        weights: on the CPU; nobody writes into them.
    """

    step: int
    perplexity: float
    weights: Weights
