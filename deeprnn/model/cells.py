"""The one table of the cells: all that the network, its parameters and its card need to know of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from .equations import Step, gru_step, lstm_step, rnn_step


@dataclass(frozen=True)
class Cell:
    """Describe a cell.

    Args:
        title: what people call it.
        step: its equations.
        gates: how many matrices lie side by side in W_x and in W_h.
        state_parts: how many tensors it keeps from step to step, H the first.
        module: makes the fast layer of the same equations from its inputs and its hidden size; it is called and names
            its parameters as torch's do.
    """

    title: str
    step: Step
    gates: int
    state_parts: int
    module: Callable[[int, int], nn.Module]


CELLS = {
    "lstm": Cell("LSTM", lstm_step, 4, 2, nn.LSTM),
    "gru": Cell("GRU", gru_step, 3, 1, nn.GRU),
    "rnn_tanh": Cell("RNN (tanh)", rnn_step, 1, 1, nn.RNN),
    "rnn_relu": Cell("RNN (ReLU)", partial(rnn_step, phi=torch.relu), 1, 1, partial(nn.RNN, nonlinearity="relu")),
}
