"""A training's state beside its model: one folder from which the model writes and the training goes on.

Tensors that the model's own file holds already are not written twice; `state.json` names them.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..disk import standing
from ..errors import CheckpointError
from ..messages import Message, message
from ..model.checkpoint import Checkpoint, checkpoint_files, load_checkpoint
from ..model.document import parse_json
from ..model.package import CARD, MANIFEST, TENSORS, VALUES, Package, write_folder
from ..model.weights_file import Expected, read_tensors, write_tensors
from ..training.snapshot import Snapshot
from .manifest import LISTED, Manifest, read_manifest, verify

TYPES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "U8": 1, "BOOL": 1}
NAMES = {torch.float64: "F64", torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16",
         torch.int64: "I64", torch.int32: "I32", torch.uint8: "U8", torch.bool: "BOOL"}  # fmt: skip
MAX_TENSORS, MAX_RANK, MAX_TENSOR_NAME = 4096, 4, 200
MAY_BE_INFINITE = "curve."  # what a run once measured, while nothing that it computes with may be
ROOM = 2.5  # times what is written must be free: the older one stays until the new one is there
KEYS = {"values", "tensors", "in_model"}


@dataclass(frozen=True)
class Loaded:
    """Hold what a training goes on from.

    Args:
        step: of the training.
        checkpoint: its model as it was saved.
        snapshot: everything else of it.
        perplexity: on the held-out text at this step, None where it was not measured then.
        fell_back: says that a newer checkpoint is damaged and this one was taken instead.
    """

    step: int
    checkpoint: Checkpoint
    snapshot: Snapshot
    perplexity: float | None = None
    fell_back: Message | None = None


def save_state(folder: Path, checkpoint: Checkpoint, snapshot: Snapshot, perplexity: float | None = None) -> Manifest:
    """Save a model and the state of its training as one folder, which appears whole or not at all.

    Args:
        folder: replaced if it holds a model.
        checkpoint: the model that the folder is for others.
        snapshot: its values hold the "step"; a value that is not finite comes back as None.
        perplexity: on the held-out text at this step, None where it was not measured.

    Raises:
        CheckpointError: anything at all went wrong; an older folder is left as it was.
    """
    try:
        contents, manifest = state_files(checkpoint, snapshot, perplexity)
        _refuse_full_disk(folder, sum(map(len, contents.values())))
        write_folder(folder, contents)
        return manifest
    except CheckpointError:
        raise
    except Exception as error:  # torch answers a full disk with a RuntimeError, and a training must outlive any
        reason = f"{type(error).__name__}: {error}"[:200]
        raise CheckpointError("cannot_write", path=str(folder), reason=reason) from error


def state_files(
    checkpoint: Checkpoint, snapshot: Snapshot, perplexity: float | None
) -> tuple[dict[str, bytes], Manifest]:
    """Return the content of each file that `save_state` writes, and what its manifest says."""
    contents = checkpoint_files(checkpoint)
    contents |= _pack(snapshot, checkpoint.network.state_dict())
    manifest = Manifest.of(int(snapshot.values["step"]), perplexity, contents)
    return {**contents, MANIFEST: manifest.to_bytes()}, manifest


def load_state(folder: Path, *, card_too: bool = False) -> Loaded:
    """Load what `save_state` saved, after everything about the files has been checked.

    Args:
        folder: of the model.
        card_too: doubt the folder even if only the model card differs, which people may edit.

    Raises:
        CheckpointError: there is a model without a state, or none; something in it is damaged or not as it should be.
    """
    place = standing(Path(folder))
    if not (place / MANIFEST).exists() and (place / "config.json").exists():
        raise CheckpointError("no_state", path=str(folder))
    manifest = read_manifest(place)
    package = verify(place, manifest, [name for name in LISTED if card_too or name != CARD])
    checkpoint = load_checkpoint(place)
    snapshot = _read_snapshot(package, checkpoint.network.state_dict(), manifest.files[TENSORS][1])
    return Loaded(manifest.step, checkpoint, snapshot, manifest.perplexity)


def _pack(snapshot: Snapshot, weights: Mapping[str, Tensor]) -> dict[str, bytes]:
    in_model = {name: own for name, tensor in snapshot.tensors.items() if (own := _same(name, tensor, weights))}
    others = {name: tensor for name, tensor in snapshot.tensors.items() if name not in in_model}
    described = {name: [NAMES[tensor.dtype], list(tensor.shape)] for name, tensor in others.items()}
    values = {"values": _finite(snapshot.values), "tensors": described, "in_model": in_model}
    return {TENSORS: write_tensors(others), VALUES: json.dumps(values, allow_nan=False).encode()}


def _same(name: str, tensor: Tensor, weights: Mapping[str, Tensor]) -> str | None:
    """Return the name of the model's tensor with these bits, None if it has none."""
    own = name.partition(".")[2]
    weight = weights.get(own)
    if weight is None or weight.dtype != torch.float32 or tensor.dtype != torch.float32:
        return None
    ours, theirs = tensor.detach().cpu().contiguous(), weight.detach().cpu().contiguous()
    # zero equals minus zero as a number, so the bits are compared
    equal = ours.shape == theirs.shape and torch.equal(ours.view(torch.int32), theirs.view(torch.int32))
    return own if equal else None


def _read_snapshot(package: Package, weights: Mapping[str, Tensor], sha256: str) -> Snapshot:
    state = parse_json(package.read(VALUES), VALUES)
    if not _is_state(state) or not set(state["in_model"].values()) <= set(weights):
        raise CheckpointError("checkpoint_json", name=VALUES, reason=message("why_not_state"))
    expected = {name: Expected(tuple(shape), {kind: TYPES[kind]}) for name, (kind, shape) in state["tensors"].items()}
    tensors = read_tensors(package, TENSORS, expected, sha256)
    for name, tensor in tensors.items():
        if not name.startswith(MAY_BE_INFINITE) and not bool(tensor.isfinite().all()):
            raise CheckpointError("state_not_finite", name=name)
    tensors.update({name: weights[own].clone() for name, own in state["in_model"].items()})
    return Snapshot(tensors, state["values"])


def _is_state(state: Any) -> bool:
    """Tell whether `state.json` is one, with descriptions of tensors that could be."""
    if not isinstance(state, dict) or set(state) != KEYS or not all(isinstance(part, dict) for part in state.values()):
        return False
    tensors, in_model = state["tensors"], state["in_model"]
    names = [*tensors, *in_model]
    return (
        len(set(names)) == len(names) <= MAX_TENSORS
        and all(0 < len(name) <= MAX_TENSOR_NAME for name in names)
        and all(isinstance(own, str) for own in in_model.values())
        and all(map(_is_description, tensors.values()))
    )


def _is_description(entry: Any) -> bool:
    return (
        isinstance(entry, list)
        and len(entry) == 2
        and isinstance(entry[0], str)
        and entry[0] in TYPES
        and isinstance(entry[1], list)
        and len(entry[1]) <= MAX_RANK
        and all(type(size) is int and 0 <= size < 1 << 31 for size in entry[1])
    )


def _finite(value: Any) -> Any:
    """Return plain JSON values; JSON knows no number that is not finite."""
    if isinstance(value, float):
        return value if value - value == 0.0 else None
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def _refuse_full_disk(folder: Path, size: int) -> None:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < ROOM * size:
        needed, there = (f"{count / 1e6:.1f}" for count in (ROOM * size, free))
        raise CheckpointError(
            "cannot_write", path=str(folder), reason=message("why_no_room", needed=needed, free=there)
        )
