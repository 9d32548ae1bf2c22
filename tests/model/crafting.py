"""Make checkpoints that are wrong in one way, with every checksum right, so that only the one check can refuse them."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from deeprnn.config import Recipe
from deeprnn.errors import CheckpointError
from deeprnn.model.checkpoint import Checkpoint, load_checkpoint
from deeprnn.model.network import LanguageModel
from deeprnn.model.package import FILES
from deeprnn.text.tokens.character import CharacterTokenizer

Header = dict[str, Any]
METRICS: dict[str, Any] = {
    "step": 12,
    "perplexity": 3.25,
    "validation_perplexity": 4.5,
    "seconds": 1.5,
    "device": "cpu",
    "precision": "float32",
    "corpus": {"name": "A `text` [link](http://x)", "characters": 11, "sha256": "0" * 64},
    "history": {
        "train": [[1, 2], [9.0, 3.25]],
        "validation": [[2], [4.5]],
        "steps_per_epoch": 2,
        "total_steps": 12,
        "tokens_per_character": 1.0,
    },
}


def make_checkpoint(seed: int = 0, **model: Any) -> Checkpoint:
    recipe = Recipe(name="quick").replace(**{"hidden_size": 5, **model})
    tokenizer = CharacterTokenizer.train("a deep 词元\n")
    network = LanguageModel(recipe.model, tokenizer.vocab_size, seed=seed)
    return Checkpoint("Näme 名", network, tokenizer, recipe, METRICS, "")


def rehash(folder: Path) -> None:
    """Make the checksums in config.json right again."""
    edit_config(folder, lambda config: None)


def edit_config(folder: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    path = folder / "config.json"
    config = json.loads(path.read_bytes())
    for name in config["files"]:
        config["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    edit(config)
    config.pop("sha256")
    config["sha256"] = hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()
    path.write_text(json.dumps(config))


def edit_json(folder: Path, name: str, edit: Callable[[dict[str, Any]], None]) -> None:
    value = json.loads((folder / name).read_bytes())
    edit(value)
    replace(folder, name, json.dumps(value).encode())


def replace(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    rehash(folder)


def split_weights(folder: Path) -> tuple[Header, bytes]:
    data = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + length]), data[8 + length :]


def join_weights(folder: Path, header: Header | str | bytes, numbers: bytes) -> None:
    text = json.dumps(header) if isinstance(header, dict) else header
    head = text.encode() if isinstance(text, str) else text
    replace(folder, "model.safetensors", len(head).to_bytes(8, "little") + head + numbers)


def edit_header(folder: Path, edit: Callable[[Header], None]) -> None:
    header, numbers = split_weights(folder)
    edit(header)
    join_weights(folder, header, numbers)


def edit_numbers(folder: Path, first: bytes) -> None:
    """Put some bytes in place of the first numbers of the first tensor."""
    header, numbers = split_weights(folder)
    join_weights(folder, header, first + numbers[len(first) :])


def zip_of(
    folder: Path, target: Path, packing: int = zipfile.ZIP_STORED, replaced: Mapping[str, bytes] = MappingProxyType({})
) -> None:
    """Pack the files of a folder, some replaced or added."""
    contents = {**{name: (folder / name).read_bytes() for name in FILES}, **replaced}
    with zipfile.ZipFile(target, "w", packing) as archive:
        for name, data in contents.items():
            archive.writestr(name, data)


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as refusal:
        load_checkpoint(path)
    sentence = str(refusal.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    return refusal.value.message.key
