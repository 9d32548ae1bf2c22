"""The optimiser of a recipe, and what it remembers as named tensors."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from ..config import TrainConfig
from ..model.network import LanguageModel


def make_optimizer(network: LanguageModel, config: TrainConfig) -> torch.optim.Optimizer:
    """Build the optimiser of a recipe; weight decay pulls on matrices only, never on biases."""
    if config.optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=config.learning_rate)
    matrices = [p for p in network.parameters() if p.dim() > 1]
    biases = [p for p in network.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": config.weight_decay}, {"params": biases, "weight_decay": 0.0}]
    # The second moment forgets faster than torch's default: a run has hundreds of steps, not hundreds of thousands.
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=(0.9, 0.99))


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
