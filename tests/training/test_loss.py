"""The loss of a large vocabulary, made in parts, against torch's own over all logits at once."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from deeprnn.config import ModelConfig
from deeprnn.model.network import LanguageModel
from deeprnn.training import loss as room
from deeprnn.training.loss import mean_loss, time_steps_at_once

VOCAB, TIME, BATCH = 50, 11, 4


def make(tied: bool, dtype: torch.dtype = torch.float64) -> tuple[LanguageModel, Tensor, Tensor]:
    network = LanguageModel(ModelConfig(hidden_size=6, embedding_size=5, tie_weights=tied, dropout=0.5), VOCAB, seed=1)
    generator = torch.Generator().manual_seed(0)
    tokens, targets = (torch.randint(VOCAB, (TIME, BATCH), generator=generator) for _ in range(2))
    return network.to(dtype), tokens, targets


def learn(network: LanguageModel, tokens: Tensor, targets: Tensor) -> tuple[Tensor, list[Tensor]]:
    H, _ = network.read(tokens, None, torch.Generator().manual_seed(3))
    loss = mean_loss(network, H, targets)
    return loss, list(torch.autograd.grad(loss, list(network.parameters())))


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("steps", [1, 3, 10])
def test_the_loss_in_parts_is_the_loss_at_once(monkeypatch: pytest.MonkeyPatch, tied: bool, steps: int) -> None:
    network, tokens, targets = make(tied, torch.float32)
    whole, whole_gradients = learn(network, tokens, targets)
    monkeypatch.setattr(room, "LOGIT_BYTES", 4 * BATCH * VOCAB * steps)
    assert time_steps_at_once(BATCH, VOCAB) == steps
    parts, gradients = learn(network, tokens, targets)
    torch.testing.assert_close(parts, whole, rtol=1e-6, atol=0)
    for a, b in zip(gradients, whole_gradients, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-7)
    again, gradients_again = learn(network, tokens, targets)
    assert torch.equal(parts, again)
    assert all(torch.equal(a, b) for a, b in zip(gradients, gradients_again, strict=True))


@pytest.mark.parametrize("tied", [False, True])
def test_below_the_budget_it_is_torchs_own_to_the_last_bit(tied: bool) -> None:
    network, tokens, targets = make(tied, torch.float32)
    logits, _ = network(tokens)
    H, _ = network.read(tokens)
    assert torch.equal(mean_loss(network, H, targets), F.cross_entropy(logits.flatten(0, 1), targets.flatten()))


class LargestSpy(TorchDispatchMode):
    """Note the size of the largest tensor with the vocabulary's width, the backward pass's own among them."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.largest = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and result.shape[-1:] == (VOCAB,):
            self.largest = max(self.largest, result.numel())
        return result


def test_no_tensor_of_logits_passes_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    network, tokens, targets = make(tied=True, dtype=torch.float32)
    H, _ = network.read(tokens)
    for steps, largest in ((TIME, TIME * BATCH * VOCAB), (2, 2 * BATCH * VOCAB)):
        monkeypatch.setattr(room, "LOGIT_BYTES", 4 * BATCH * VOCAB * steps)
        with LargestSpy() as spy:
            mean_loss(network, H.detach().requires_grad_(), targets).backward()
        assert spy.largest == largest


def test_in_half_width_the_parts_stay_near_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    network, tokens, targets = make(tied=True, dtype=torch.float32)
    losses = []
    for steps in (TIME, 2):
        monkeypatch.setattr(room, "LOGIT_BYTES", 4 * BATCH * VOCAB * steps)
        with torch.autocast("cpu", torch.bfloat16):
            H, _ = network.read(tokens)
            losses.append(mean_loss(network, H, targets))
        losses[-1].backward()
    assert losses[1].item() == pytest.approx(losses[0].item(), rel=1e-3)
    assert math.isfinite(losses[1].item())
