"""A whole sequence through one layer whose input product is known; for one-hot input, where that is a row lookup.

torch's own LSTM would need the one-hot tensor. Left to autograd, the loop sums the gradient of W_h step by step; the
written-out backward pass of the LSTM gathers it in one product, which makes the layer as fast as torch's own on a CPU.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .equations import STEPS, Layer, State


def run_layer(cell: str, XW: Tensor, state: State, W: Layer) -> tuple[Tensor, State]:
    """Run one layer over a sequence.

    Args:
        cell: the name of the cell.
        XW: (time, batch, gates * hidden) X W_x + b.
        state: what the layer keeps, each (batch, hidden).
        W: the layer.

    Returns:
        H of every step, (time, batch, hidden), and the last state.
    """
    if cell == "lstm":
        H_all, C = _LSTMSequence.apply(XW, *state, W.W_h.T)  # type: ignore[no-untyped-call]
        return H_all, (H_all[-1], C)
    outputs = []
    for XW_t in XW.unbind(0):
        state = STEPS[cell](XW_t, state, W)
        outputs.append(state[0])
    return torch.stack(outputs), state


class _LSTMSequence(torch.autograd.Function):
    """`lstm_step` over a sequence; h is the hidden size, the gates lie in torch's order i, f, g, o."""

    @staticmethod
    def forward(ctx: Any, XW: Tensor, H: Tensor, C: Tensor, W: Tensor) -> tuple[Tensor, Tensor]:
        """Run the sequence; W is (4 h, h), as torch packs it."""
        time, batch, width = XW.shape
        h = width // 4
        half = torch.get_autocast_dtype(XW.device.type) if torch.is_autocast_enabled(XW.device.type) else W.dtype
        W_t = W.to(half).T
        gates = torch.empty_like(XW)
        H_all, C_all = XW.new_empty(time + 1, batch, h, dtype=half), XW.new_empty(time + 1, batch, h)
        tanh_C = XW.new_empty(time, batch, h)
        H_all[0], C_all[0] = H, C
        for t in range(time):
            torch.add(XW[t], H_all[t] @ W_t, out=gates[t])
            gates[t, :, : 2 * h].sigmoid_()
            gates[t, :, 2 * h : 3 * h].tanh_()
            gates[t, :, 3 * h :].sigmoid_()
            i, f, g, o = gates[t].chunk(4, dim=1)
            torch.mul(f, C_all[t], out=C_all[t + 1]).addcmul_(i, g)
            torch.tanh(C_all[t + 1], out=tanh_C[t])
            torch.mul(o, tanh_C[t], out=H_all[t + 1])
        ctx.save_for_backward(gates, H_all, C_all, tanh_C, W)
        return H_all[1:], C_all[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dH_all: Tensor, dC: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the gradients of XW, H, C and W."""
        gates, H_all, C_all, tanh_C, W = ctx.saved_tensors
        i, f, g, o = gates.chunk(4, dim=2)
        # How each gate's input moves C_t (i, f, g) or H_t (o), for all steps at once.
        slopes = torch.cat([g * i * (1 - i), C_all[:-1] * f * (1 - f), i * (1 - g * g), tanh_C * o * (1 - o)], dim=2)
        C_to_H = o * (1 - tanh_C * tanh_C)
        h = f.shape[2]
        W_half = W.to(H_all.dtype)
        dA = torch.empty_like(gates, dtype=H_all.dtype)
        dH = torch.zeros_like(dC)
        for t in range(len(gates) - 1, -1, -1):
            dH = dH_all[t] + dH
            dC = torch.addcmul(dC, dH, C_to_H[t])
            into_C = dA[t, :, : 3 * h].unflatten(1, (3, h))
            torch.mul(dC[:, None], slopes[t, :, : 3 * h].unflatten(1, (3, h)), out=into_C)
            torch.mul(dH, slopes[t, :, 3 * h :], out=dA[t, :, 3 * h :])
            dH = dA[t] @ W_half
            dC = dC * f[t]
        dW = dA.flatten(0, 1).T @ H_all[:-1].flatten(0, 1)
        return dA.to(gates.dtype), dH.to(dC.dtype), dC, dW.to(W.dtype)
