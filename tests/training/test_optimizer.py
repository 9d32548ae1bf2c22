"""Our optimisers against torch's own, and what a first step may not cost."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest
import torch

from deeprnn.config import ModelConfig, TrainConfig
from deeprnn.model.network import LanguageModel
from deeprnn.training.optimizer import make_optimizer

PROGRAM = """
import sys
from deeprnn import train
next(iter(train("once upon a time\\n" * 20, hidden_size=8, num_layers=1, optimizer=sys.argv[1], device="cpu")))
print(sorted(name for name in ("torch._dynamo", "sympy", "torch.distributed.fsdp") if name in sys.modules))
"""


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_the_first_step_does_not_import_torchs_compiler(optimizer: str) -> None:
    """It took a second of the first run of every process, to mark methods that shall not be compiled."""
    done = subprocess.run([sys.executable, "-c", PROGRAM, optimizer], capture_output=True, text=True)
    assert done.stdout == "[]\n", done.stderr


@pytest.mark.parametrize("name", ["sgd", "adamw"])
def test_the_steps_are_torchs(name: str) -> None:
    config = TrainConfig(optimizer=name, learning_rate=0.01, weight_decay=0.1)
    network = LanguageModel(ModelConfig(hidden_size=8, num_layers=1), 5)
    other = copy.deepcopy(network)
    matrices, biases = ([p for p in other.parameters() if (p.dim() > 1) == wanted] for wanted in (True, False))
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": biases, "weight_decay": 0.0}]
    theirs = (
        torch.optim.SGD(other.parameters(), 0.01)
        if name == "sgd"
        else torch.optim.AdamW(groups, lr=0.01, betas=(0.9, 0.99))
    )
    ours = make_optimizer(network, config)
    tokens = torch.tensor([[0], [3], [4]])
    for _ in range(3):
        for model, optimizer in ((network, ours), (other, theirs)):
            optimizer.zero_grad()
            model(tokens)[0].square().sum().backward()
            optimizer.step()
    for mine, his in zip(network.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(mine, his, rtol=0, atol=0)
