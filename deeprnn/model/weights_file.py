"""Files of tensors: what is written, and everything that is checked before a byte of it is believed.

The format is safetensors: 8 bytes with the length of a JSON header, the header, then the numbers.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Expected:
    """Say what a tensor in a file must be.

    Args:
        shape: exactly.
        types: one of these, each with its bytes per number.
    """

    shape: tuple[int, ...]
    types: Mapping[str, int] = field(default_factory=lambda: BYTES)


def write_tensors(tensors: Mapping[str, Tensor]) -> bytes:
    """Return the content of a file of tensors; they are copied to the CPU."""
    return safetensors.torch.save({name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()})


def read_weights(package: Package, shapes: Mapping[str, tuple[int, ...]], sha256: str) -> dict[str, Tensor]:
    """Read the weights of a network whose shapes are known, as float32.

    Args:
        package: where the file is.
        shapes: of every tensor by its name.
        sha256: of the whole file.

    Raises:
        CheckpointError: anything about the file is not as it should be.
    """
    tensors = read_tensors(package, WEIGHTS, {name: Expected(shape) for name, shape in shapes.items()}, sha256)
    weights = {name: tensor.to(torch.float32) for name, tensor in tensors.items()}
    for name, tensor in weights.items():
        if not bool((tensor.abs() <= MAX_WEIGHT).all()):  # false for NaN too
            raise CheckpointError("checkpoint_values", name=name, limit=int(MAX_WEIGHT))
    return weights


def read_tensors(package: Package, file: str, expected: Mapping[str, Expected], sha256: str) -> dict[str, Tensor]:
    """Read a file of tensors that are known but for their numbers.

    Nothing larger than the header is read before the header has proved to describe exactly these tensors.

    Args:
        package: where the file is.
        file: its name.
        expected: every tensor by its name.
        sha256: of the whole file.

    Raises:
        CheckpointError: anything about the file is not as it should be.
    """
    _check_header(_read_header(package, file), expected, package.sizes[file], file)
    data = package.read(file)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise CheckpointError("checkpoint_changed", name=file)
    try:
        return safetensors.torch.load(data)
    except (safetensors.SafetensorError, ValueError, RuntimeError) as error:
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_library")) from error


def _read_header(package: Package, file: str) -> tuple[dict[str, Any], int]:
    """Return the header and the number of bytes before the numbers begin."""
    size = package.sizes[file]
    start = package.read(file, min(size, 9))
    length = int.from_bytes(start[:8], "little")
    if len(start) < 9 or start[8:] != b"{" or length > MAX_HEADER:
        if start.startswith(PICKLES):  # asked only now: a header of 640 bytes begins like a pickle
            raise CheckpointError("checkpoint_pickle", name=file)
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_beginning"))
    if length > size - 8:
        raise CheckpointError("checkpoint_truncated", name=file)
    header = parse_json(package.read(file, 8 + length)[8:], file)
    if not isinstance(header, dict):
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_header"))
    return header, 8 + length


def _check_header(
    header_and_start: tuple[dict[str, Any], int], expected: Mapping[str, Expected], size: int, file: str
) -> None:
    header, start = header_and_start
    extra = header.pop("__metadata__", {})
    if not isinstance(extra, dict) or not all(isinstance(value, str) for value in extra.values()):
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_metadata"))
    for name in sorted(set(header) ^ set(expected)):
        raise CheckpointError("checkpoint_names", name=ascii(name)[:60])
    spans = sorted(_check_tensor(file, name, header[name], wanted) for name, wanted in expected.items())
    end = 0
    for begin, stop in spans:
        if begin != end:
            raise CheckpointError("checkpoint_header", name=file, reason=message("why_gaps"))
        end = stop
    if start + end != size:
        raise CheckpointError("checkpoint_truncated", name=file)


def _check_tensor(file: str, name: str, entry: Any, wanted: Expected) -> tuple[int, int]:
    """Return where a tensor begins and ends, in bytes after the header."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_entry", tensor=name))
    dtype, found, span = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in wanted.types:
        raise CheckpointError("checkpoint_dtype", name=name, value=ascii(dtype)[:20], allowed=", ".join(wanted.types))
    # JSON's true and 1.0 equal 1 in Python, so the written form is compared.
    if json.dumps(found) != json.dumps(wanted.shape):
        raise CheckpointError("checkpoint_shape", name=name, found=json.dumps(found)[:60], expected=list(wanted.shape))
    if not isinstance(span, list) or len(span) != 2 or not all(type(at) is int and at >= 0 for at in span):
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_place", tensor=name))
    if span[1] - span[0] != math.prod(wanted.shape) * wanted.types[dtype]:
        raise CheckpointError("checkpoint_header", name=file, reason=message("why_size", tensor=name))
    return span[0], span[1]
