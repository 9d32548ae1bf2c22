"""Snapshots of a training that never was, with every kind of tensor and value that a real one has."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from deeprnn.model.checkpoint import Checkpoint
from deeprnn.training.snapshot import Snapshot

from ..model.crafting import make_checkpoint

BIG = 2**127 + 1  # the random state of NumPy's generator is as large


def make_snapshot(checkpoint: Checkpoint, step: int, **values: Any) -> Snapshot:
    weights = checkpoint.network.state_dict()
    other = torch.Generator().manual_seed(step)
    tensors: dict[str, Tensor] = {f"weights.{name}": weight.clone() for name, weight in weights.items()}
    for name, weight in weights.items():
        tensors[f"best.{name}"] = torch.randn(weight.shape, generator=other)
        tensors[f"optimizer.{name}.exp_avg"] = torch.randn(weight.shape, generator=other)
        tensors[f"optimizer.{name}.step"] = torch.tensor(float(step))
    tensors["state.0"] = torch.randn(2, 3, 4, generator=other)
    tensors["dropout"] = other.get_state()
    tensors["curve.steps"] = torch.arange(step)
    tensors["curve.norms"] = torch.tensor([1.0, math.inf], dtype=torch.float64)
    tensors["curve.none"] = torch.empty(0, dtype=torch.float64)
    return Snapshot(tensors, {"step": step, "rng": {"state": BIG}, "place": [1, 2], "rate": 0.1 + 0.2, **values})


def make_state(step: int, seed: int = 0) -> tuple[Checkpoint, Snapshot]:
    checkpoint = make_checkpoint(seed=seed + step)
    return checkpoint, make_snapshot(checkpoint, step)


def bits(tensor: Tensor) -> bytes:
    return bytes(tensor.contiguous().numpy().tobytes())


def assert_same(found: Snapshot, wanted: Snapshot) -> None:
    assert found.values == wanted.values
    assert set(found.tensors) == set(wanted.tensors)
    for name, tensor in wanted.tensors.items():
        other = found.tensors[name]
        assert (other.dtype, other.shape, bits(other)) == (tensor.dtype, tensor.shape, bits(tensor)), name
