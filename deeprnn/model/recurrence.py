"""A whole sequence through one layer whose input product is known; for one-hot input, where that is a row lookup.

torch's own LSTM would need the one-hot tensor. Left to autograd, the loop sums the gradient of W_h step by step; the
written-out backward pass of the LSTM gathers it in one product, which brings the layer near the speed of torch's own.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from .cells import CELLS
from .equations import Layer, State


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
    step, outputs = CELLS[cell].step, []
    for XW_t in XW.unbind(0):
        state = step(XW_t, state, W)
        outputs.append(state[0])
    return torch.stack(outputs), state


class _LSTMSequence(torch.autograd.Function):
    """`lstm_step` over a sequence; h is the hidden size, the gates lie in torch's order i, f, g, o."""

    @staticmethod
    def forward(ctx: Any, XW: Tensor, H: Tensor, C: Tensor, W: Tensor) -> tuple[Tensor, Tensor]:
        """Run the sequence; W is (4 h, h), as torch packs it."""
        time, batch, h = *XW.shape[:2], H.shape[1]
        autocast = torch.is_autocast_enabled(XW.device.type)
        W = W.to(torch.get_autocast_dtype(XW.device.type)) if autocast else W  # products in half width, sums in full
        gates = XW.clone()
        H_all, C_all = W.new_empty(time + 1, batch, h), XW.new_empty(time + 1, batch, h)
        tanh_C = XW.new_empty(time, batch, h)
        H_all[0], C_all[0] = H, C
        for A, H, C, H_next, C_next, tanh in zip(gates, H_all, C_all, H_all[1:], C_all[1:], tanh_C, strict=False):
            _add_product(A, H, W.T)
            i, f, g, o = A.chunk(4, dim=1)
            i.sigmoid_()
            f.sigmoid_()
            g.tanh_()
            o.sigmoid_()
            torch.mul(f, C, out=C_next).addcmul_(i, g)
            torch.tanh(C_next, out=tanh)
            torch.mul(o, tanh, out=H_next)
        ctx.save_for_backward(gates, H_all, C_all, tanh_C, W)
        return H_all[1:], C_all[-1]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dH_all: Tensor, dC: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return the gradients of XW, H, C and W; dX is the gradient of the loss with respect to X."""
        gates, H_all, C_all, tanh_C, W = ctx.saved_tensors
        dA = torch.empty_like(gates, dtype=W.dtype)  # of what enters the gates
        dH = torch.zeros_like(dC)
        steps = zip(gates, C_all, tanh_C, dH_all, dA, strict=False)  # C_all has the state before the first step too
        for A, C, tanh, dH_out, dA_t in reversed(list(steps)):
            i, f, g, o = A.chunk(4, dim=1)
            dA_i, dA_f, dA_g, dA_o = dA_t.chunk(4, dim=1)
            dH = dH + dH_out
            dC = dC + dH * o * (1 - tanh.square())
            torch.mul(dC * g, i * (1 - i), out=dA_i)
            torch.mul(dC * C, f * (1 - f), out=dA_f)
            torch.mul(dC * i, 1 - g.square(), out=dA_g)
            torch.mul(dH * tanh, o * (1 - o), out=dA_o)
            dH = dA_t @ W
            dC = dC * f
        dW = dA.flatten(0, 1).T @ H_all[:-1].flatten(0, 1)
        full = gates.dtype
        return dA.to(full), dH.to(full), dC, dW.to(full)


def _add_product(A: Tensor, H: Tensor, W: Tensor) -> None:
    """Add H W to A in place; the product may be in half width, the sum is not."""
    if H.dtype == A.dtype:
        A.addmm_(H, W)
    else:
        A.add_(H @ W)
