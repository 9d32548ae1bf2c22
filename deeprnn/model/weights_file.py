"""The file of weights: what is written, and everything that is checked before a byte of it is believed.

The format is safetensors: 8 bytes with the length of a JSON header, the header, then the numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from ..errors import CheckpointError
from ..messages import message
from .document import parse_json
from .package import WEIGHTS, Package

MAX_HEADER = 1 << 20  # bytes
MAX_WEIGHT = 1e4  # no training that works leads there; far above it, arithmetic overflows
BYTES = {"F32": 4, "F16": 2, "BF16": 2}
PICKLES = (b"PK", b"\x80", b"\x1f\x8b")  # how PyTorch's own formats begin, new and old, and a gzip of one


def write_weights(weights: Mapping[str, Tensor]) -> bytes:
    """Return the content of a weights file; the tensors are copied to the CPU."""
    return safetensors.torch.save({name: w.detach().cpu().contiguous().clone() for name, w in weights.items()})


def read_weights(package: Package, shapes: Mapping[str, tuple[int, ...]], sha256: str) -> dict[str, Tensor]:
    """Read the weights of a network whose shapes are known, as float32.

    Nothing larger than the header is read before the header has proved to describe exactly these shapes.

    Args:
        package: where the file is.
        shapes: of every tensor by its name.
        sha256: of the whole file.

    Raises:
        CheckpointError: anything about the file is not as it should be.
    """
    _check_header(_read_header(package), shapes, package.sizes[WEIGHTS])
    data = package.read(WEIGHTS)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CheckpointError("checkpoint_changed", name=WEIGHTS)
    try:
        tensors = safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, RuntimeError) as error:
        raise CheckpointError("checkpoint_header", reason=message("why_library")) from error
    weights = {name: tensor.to(torch.float32) for name, tensor in tensors.items()}
    for name, tensor in weights.items():
        if not bool((tensor.abs() <= MAX_WEIGHT).all()):  # false for NaN too
            raise CheckpointError("checkpoint_values", name=name, limit=int(MAX_WEIGHT))
    return weights


def _read_header(package: Package) -> tuple[dict[str, Any], int]:
    """Return the header and the number of bytes before the numbers begin."""
    size = package.sizes[WEIGHTS]
    start = package.read(WEIGHTS, min(size, 9))
    length = int.from_bytes(start[:8], "little")
    if len(start) < 9 or start[8:] != b"{" or length > MAX_HEADER:
        if start.startswith(PICKLES):  # asked only now: a header of 640 bytes begins like a pickle
            raise CheckpointError("checkpoint_pickle", name=WEIGHTS)
        raise CheckpointError("checkpoint_header", reason=message("why_beginning"))
    if length > size - 8:
        raise CheckpointError("checkpoint_truncated", name=WEIGHTS)
    header = parse_json(package.read(WEIGHTS, 8 + length)[8:], WEIGHTS)
    if not isinstance(header, dict):
        raise CheckpointError("checkpoint_header", reason=message("why_header"))
    return header, 8 + length


def _check_header(
    header_and_start: tuple[dict[str, Any], int], shapes: Mapping[str, tuple[int, ...]], size: int
) -> None:
    header, start = header_and_start
    extra = header.pop("__metadata__", {})
    if not isinstance(extra, dict) or not all(isinstance(value, str) for value in extra.values()):
        raise CheckpointError("checkpoint_header", reason=message("why_metadata"))
    for name in sorted(set(header) ^ set(shapes)):
        raise CheckpointError("checkpoint_names", name=ascii(name)[:60])
    spans = sorted(_check_tensor(name, header[name], shape) for name, shape in shapes.items())
    end = 0
    for begin, stop in spans:
        if begin != end:
            raise CheckpointError("checkpoint_header", reason=message("why_gaps"))
        end = stop
    if start + end != size:
        raise CheckpointError("checkpoint_truncated", name=WEIGHTS)


def _check_tensor(name: str, entry: Any, shape: tuple[int, ...]) -> tuple[int, int]:
    """Return where a tensor begins and ends, in bytes after the header."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise CheckpointError("checkpoint_header", reason=message("why_entry", tensor=name))
    dtype, found, span = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in BYTES:
        raise CheckpointError("checkpoint_dtype", name=name, value=ascii(dtype)[:20], allowed=", ".join(BYTES))
    # JSON's true and 1.0 equal 1 in Python, so the written form is compared.
    if json.dumps(found) != json.dumps(shape):
        raise CheckpointError("checkpoint_shape", name=name, found=json.dumps(found)[:60], expected=list(shape))
    if not isinstance(span, list) or len(span) != 2 or not all(type(at) is int and at >= 0 for at in span):
        raise CheckpointError("checkpoint_header", reason=message("why_place", tensor=name))
    if span[1] - span[0] != math.prod(shape) * BYTES[dtype]:
        raise CheckpointError("checkpoint_header", reason=message("why_size", tensor=name))
    return span[0], span[1]
