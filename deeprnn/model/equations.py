"""One time step of every recurrent cell, in the letters of the book; knows neither sequences nor parameters.

The letters are those of "Dive into Deep Learning": chapters 9.4 (RNN), 10.1 (LSTM), 10.2 (GRU), 10.3 (deep networks).
A layer's gate matrices lie side by side as torch packs them: W_x = [W_xi W_xf W_xc W_xo] for the LSTM,
[W_xr W_xz W_xh] for the GRU, W_xh alone for the RNN; W_h and b likewise. So one product serves all gates.
"""

# ruff: noqa: E741 - the capital I and O are the chapter's input and output gates

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

State = tuple[Tensor, ...]  # (H,), or (H, C) for the LSTM; each (batch, hidden)


@dataclass(frozen=True)
class Layer:
    """Hold the matrices of one layer.

    Args:
        W_x: (inputs, gates * hidden) weights of the input.
        W_h: (hidden, gates * hidden) weights of the hidden state.
        b: (gates * hidden) biases; torch keeps each as a sum of two.
        b_hh: (hidden) the GRU's bias inside the reset gate's bracket, empty for the other cells.
    """

    W_x: Tensor
    W_h: Tensor
    b: Tensor
    b_hh: Tensor


def input_product(X: Tensor, W: Layer) -> Tensor:
    """Return X W_x + b, what the input adds to every gate.

    Args:
        X: (..., inputs) numbers; or (...) int64 token ids, each standing for a one-hot row, whose product with W_x is
            that row of W_x.
        W: the layer.

    Returns:
        (..., gates * hidden).
    """
    if X.dtype == torch.int64:
        return functional.embedding(X, W.W_x) + W.b
    return functional.linear(X, W.W_x.T, W.b)


def rnn_step(XW: Tensor, state: State, W: Layer, phi: Callable[[Tensor], Tensor] = torch.tanh) -> State:
    """Take one step of a plain RNN: H_t = phi(X_t W_xh + H_{t-1} W_hh + b_h).

    Args:
        XW: (batch, hidden) X_t W_xh + b_h.
        state: (H_{t-1},), (batch, hidden).
        W: the layer.
        phi: tanh, or relu.

    Returns:
        (H_t,), (batch, hidden).
    """
    (H,) = state
    H = phi(torch.addmm(XW, H, W.W_h))
    return (H,)


def gru_step(XW: Tensor, state: State, W: Layer) -> State:
    """Take one step of a GRU, with torch's candidate.

    The chapter resets the state before the product, (R * H) W_hh; torch, cuDNN and this function reset the product,
    R * (H W_hh + b_hh), which lets one product serve all gates. The two are different networks of equal power.

    Args:
        XW: (batch, 3 * hidden) X_t W_x + b, in the order R, Z, H_tilde.
        state: (H_{t-1},), (batch, hidden).
        W: the layer.

    Returns:
        (H_t,), (batch, hidden).
    """
    (H,) = state
    XW_r, XW_z, XW_h = XW.chunk(3, dim=1)
    HW_r, HW_z, HW_h = (H @ W.W_h).chunk(3, dim=1)
    R = torch.sigmoid(XW_r + HW_r)
    Z = torch.sigmoid(XW_z + HW_z)
    H_tilde = torch.tanh(XW_h + R * (HW_h + W.b_hh))
    H = Z * H + (1 - Z) * H_tilde
    return (H,)


def lstm_step(XW: Tensor, state: State, W: Layer) -> State:
    """Take one step of an LSTM.

    Args:
        XW: (batch, 4 * hidden) X_t W_x + b, in the order I, F, C_tilde, O (torch calls them i, f, g, o).
        state: (H_{t-1}, C_{t-1}), each (batch, hidden).
        W: the layer.

    Returns:
        (H_t, C_t), each (batch, hidden).
    """
    H, C = state
    A_i, A_f, A_c, A_o = torch.addmm(XW, H, W.W_h).chunk(4, dim=1)  # A_i = X_t W_xi + H_{t-1} W_hi + b_i, ...
    I = torch.sigmoid(A_i)
    F = torch.sigmoid(A_f)
    O = torch.sigmoid(A_o)
    C_tilde = torch.tanh(A_c)
    C = F * C + I * C_tilde
    H = O * torch.tanh(C)
    return H, C


Step = Callable[[Tensor, State, Layer], State]


def stacked_step(
    X: Tensor, states: Sequence[State], step: Step, layers: Sequence[Layer], W_hq: Tensor, b_q: Tensor
) -> tuple[Tensor, list[State]]:
    """Take one step of a deep network: H_t^(l) = phi_l(H_t^(l-1) W_xh^(l) + H_{t-1}^(l) W_hh^(l) + b_h^(l)).

    Args:
        X: (batch, inputs) numbers or (batch,) int64 token ids: H_t^(0).
        states: what each layer keeps of step t-1, from the lowest up.
        step: phi_l, the cell; the same in every layer.
        layers: the matrices of each layer.
        W_hq: (hidden, vocabulary); with shared weights W_hp E^T, where row i of E is the vector of token i.
        b_q: (vocabulary).

    Returns:
        O_t = H_t^(L) W_hq + b_q, (batch, vocabulary), and the layers' states of step t.
    """
    H, new_states = X, []
    for past, W in zip(states, layers, strict=True):
        now = step(input_product(H, W), past, W)
        H = now[0]
        new_states.append(now)
    return torch.addmm(b_q, H, W_hq), new_states
