"""The optimiser of a recipe, and what it remembers as named tensors."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import TypeVar

import torch
from torch import Tensor

from ..config import TrainConfig
from ..model.network import LanguageModel

T = TypeVar("T", bound=torch.optim.Optimizer)


def make_optimizer(network: LanguageModel, config: TrainConfig) -> torch.optim.Optimizer:
    """Build the optimiser of a recipe; weight decay pulls on matrices only, never on biases."""
    if config.optimizer == "sgd":
        return _plain(torch.optim.SGD)(network.parameters(), lr=config.learning_rate)
    matrices = [p for p in network.parameters() if p.dim() > 1]
    biases = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    # The second moment forgets faster than torch's default: a run has hundreds of steps, not hundreds of thousands.
    return _plain(torch.optim.AdamW)(groups, lr=config.learning_rate, betas=(0.9, 0.99))


def _plain(kind: type[T]) -> type[T]:
    """Return a kind of optimiser that does the same without torch's compiler, whose import takes most of a second.

    Its own methods only tell the compiler to leave them alone. Nothing here is compiled; a torch that marks its methods
    in another way imports as it likes.
    """
    for method in vars(torch.optim.Optimizer).values():
        if (marked := getattr(method, "__wrapped__", None)) is not None:
            marked.__dict__.setdefault("__dynamo_disable", marked)
    bare_step = inspect.unwrap(kind.step)

    class Plain(kind):  # type: ignore[misc, valid-type]
        @torch.no_grad()
        def step(self, closure: None = None) -> None:
            bare_step(self, closure)

    return Plain


def read_memory(optimizer: torch.optim.Optimizer, network: LanguageModel) -> dict[str, Tensor]:
    """Return copies on the CPU of what an optimiser remembers of each parameter, as `<parameter>.<what>`."""
    return {
        f"{name}.{what}": value.detach().cpu().clone()
        for name, parameter in network.named_parameters()
        for what, value in optimizer.state.get(parameter, {}).items()
        if isinstance(value, Tensor)
    }


def write_memory(optimizer: torch.optim.Optimizer, network: LanguageModel, memory: Mapping[str, Tensor]) -> None:
    """Let an optimiser remember what `read_memory` returned, and nothing else.

    Raises:
        KeyError, ValueError: it belongs to another network.
    """
    parameters = dict(network.named_parameters())
    optimizer.state.clear()
    for full_name, value in memory.items():
        name, _, what = full_name.rpartition(".")
        parameter = parameters[name]
        if value.dim() and value.shape != parameter.shape:
            raise ValueError(full_name)
        # A count of steps stays on the CPU, where torch keeps it.
        optimizer.state[parameter][what] = value.to(parameter.device, copy=True) if value.dim() else value.clone()
