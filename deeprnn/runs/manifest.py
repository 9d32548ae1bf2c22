"""The manifest of a checkpoint: what tells a whole one from a spoilt one, before anything else in it is read."""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import CheckpointError
from ..messages import message
from ..model.document import parse_json, write_json
from ..model.package import FILES, MANIFEST, TENSORS, VALUES, Package, open_folder

FORMAT, VERSION = "deeprnn-checkpoint", 1
LISTED = (*FILES, TENSORS, VALUES)
BLOCK = 1 << 20  # bytes read at a time


@dataclass(frozen=True)
class Manifest:
    """Say what a checkpoint holds.

    Args:
        step: of the training.
        perplexity: on the held-out text at this step, None where it was not measured then.
        seconds: when it was saved, since the epoch of Unix.
        files: size in bytes and SHA-256 of every other file, by name.
    """

    step: int
    perplexity: float | None
    seconds: float
    files: Mapping[str, tuple[int, str]]

    @classmethod
    def of(cls, step: int, perplexity: float | None, contents: Mapping[str, bytes]) -> Manifest:
        """Return the manifest of what is about to be saved."""
        measured = float(perplexity) if perplexity is not None and math.isfinite(perplexity) else None
        files = {name: (len(data), hashlib.sha256(data).hexdigest()) for name, data in contents.items()}
        return cls(step, measured, time.time(), files)

    def to_bytes(self) -> bytes:
        """Return the content of `manifest.json`."""
        value = {"format": FORMAT, "version": VERSION, **asdict(self)}
        return write_json({**value, "sha256": _own_hash(value)})


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a checkpoint; the other files are not looked at.

    Raises:
        CheckpointError: it is missing, changed, or of a version that this program does not know.
    """
    value = parse_json(open_folder(folder, (MANIFEST,)).read(MANIFEST), MANIFEST)
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise CheckpointError("checkpoint_json", name=MANIFEST, reason=message("why_not_manifest"))
    version = value.get("version")
    if type(version) is not int or version != VERSION:
        raise CheckpointError("checkpoint_version", version=ascii(version)[:20], known=VERSION)
    if value.pop("sha256", None) != _own_hash(value):
        raise CheckpointError("checkpoint_changed", name=MANIFEST)
    if not _is_manifest(value):
        raise CheckpointError("checkpoint_json", name=MANIFEST, reason=message("why_not_manifest"))
    files = {name: (size, sha256) for name, (size, sha256) in value["files"].items()}
    return Manifest(value["step"], value["perplexity"], value["seconds"], files)


def _is_manifest(value: Mapping[str, Any]) -> bool:
    """Tell whether every field is there and of its type; version 1 has no other."""
    return (
        set(value) == {"format", "version", "step", "perplexity", "seconds", "files"}
        and type(value["step"]) is int
        and value["step"] >= 0
        and isinstance(value["perplexity"], float | int | None)
        and isinstance(value["seconds"], float | int)
        and isinstance(value["files"], dict)
        and set(value["files"]) == set(LISTED)
        and all(isinstance(entry, list) and list(map(type, entry)) == [int, str] for entry in value["files"].values())
    )


def verify(folder: Path, manifest: Manifest, names: Collection[str] = LISTED) -> Package:
    """Prove that files are the ones that were saved, and return them to be read.

    Args:
        folder: of the checkpoint.
        manifest: its own.
        names: the files to prove.

    Raises:
        CheckpointError: one is missing or differs by a bit; the disk refuses.
    """
    package = open_folder(folder, LISTED)
    for name in names:
        size, sha256 = manifest.files[name]
        if package.sizes[name] != size:
            raise CheckpointError("checkpoint_truncated", name=name)
        if _hash(folder / name) != sha256:
            raise CheckpointError("checkpoint_changed", name=name)
    return package


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise CheckpointError("checkpoint_unreadable", path=str(path), reason=str(error.strerror)) from error
    return digest.hexdigest()


def _own_hash(manifest: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
