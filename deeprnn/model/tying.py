"""The output layer that shares the vectors of the tokens with the input."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class TiedOutput(nn.Linear):
    """Score each token by its own vector: O_t = H_t W_hp E^T + b_q, where row i of E is the vector of token i.

    W_hp turns the hidden state into something as long as a vector; with it, E need not be both at once.

    Press and Wolf, "Using the Output Embedding to Improve Language Models", 2017.

    Args:
        hidden_size: of the hidden state.
        size: of the vectors.
        vocab_size: tokens.
    """

    def __init__(self, hidden_size: int, size: int, vocab_size: int) -> None:
        super().__init__(hidden_size, size, bias=False)  # its weight is W_hp^T, (size, hidden)
        self.bias = nn.Parameter(torch.empty(vocab_size))

    def scores(self, H: Tensor, E: Tensor) -> Tensor:
        """Return the logits, (..., vocabulary), of H^(L), (..., hidden), and the vectors, (vocabulary, size)."""
        return functional.linear(functional.linear(H, self.weight), E, self.bias)

    def rows(self, E: Tensor) -> Tensor:
        """Return W_hq^T = E W_hp^T, (vocabulary, hidden)."""
        return E @ self.weight
