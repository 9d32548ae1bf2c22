"""Files from anybody: each is wrong in one way, and each is refused with the sentence of that way."""

from __future__ import annotations

import pickle
import shutil
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deeprnn.messages import ENGLISH
from deeprnn.model.package import FILES

from . import crafting
from .crafting import Header, edit_config, edit_header, edit_json, edit_numbers, join_weights, refused, replace

W = "layers.0.weight_ih_l0"
Make = Callable[[Path], object]


def header(edit: Callable[[Header], object]) -> Make:
    return lambda folder: edit_header(folder, lambda value: void(edit(value)))


def config(edit: Callable[[dict[str, Any]], object]) -> Make:
    return lambda folder: edit_config(folder, lambda value: void(edit(value)))


def file(name: str, edit: Callable[[dict[str, Any]], object]) -> Make:
    return lambda folder: edit_json(folder, name, lambda value: void(edit(value)))


def void(value: object) -> None:
    """Turn the value of an expression into none, so that a lambda may edit."""


def bytes_of(name: str, edit: Callable[[bytes], bytes]) -> Make:
    return lambda folder: replace(folder, name, edit((folder / name).read_bytes()))


def field(name: str, value: object) -> Make:
    return header(lambda h: h[W].update({name: value}))


def missing(name: str) -> Make:
    return lambda folder: (folder / name).unlink(missing_ok=True)


def folder_for_file(folder: Path) -> None:
    (folder / "README.md").unlink()
    (folder / "README.md").mkdir()


def duplicate_key(folder: Path) -> None:
    head, numbers = crafting.split_weights(folder)
    text = str(head).replace("'", '"')
    join_weights(folder, text[:-1] + ", " + text[1:], numbers)


def swap_places(folder: Path) -> None:
    """Two tensors in the same bytes: as long together as before, so only the overlap shows."""
    edit_header(
        folder, lambda h: h["layers.0.bias_ih_l0"].update(data_offsets=h["layers.0.bias_hh_l0"]["data_offsets"])
    )


def many_tensors(folder: Path) -> None:
    empty = {f"t{i}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for i in range(12_000)}
    edit_header(folder, lambda h: h.update(empty))


BIG = 10**9
DTYPES: tuple[Any, ...] = ("F64", "BOOL", "F8_E4M3", "I32", 7, [])
SHAPES: tuple[Any, ...] = (
    [0, BIG],
    [10**15, 0],
    [220],
    [20, 11, 1],
    [20, 10],
    [20.0, 11],
    [True, 11],
    [-20, -11],
    "2",
    None,
)
CASES: dict[str, tuple[str, Make]] = {
    # the file of weights
    "a pickle": ("checkpoint_pickle", bytes_of("model.safetensors", lambda _: pickle.dumps({"w": [1.0] * 99}))),
    "a torch archive": ("checkpoint_pickle", bytes_of("model.safetensors", lambda data: b"PK\x03\x04" + data)),
    "a gzip": ("checkpoint_pickle", bytes_of("model.safetensors", lambda data: b"\x1f\x8b" + data)),
    "HDF5": ("checkpoint_header", bytes_of("model.safetensors", lambda data: b"\x89HDF\r\n\x1a\n" + data)),
    "empty": ("checkpoint_header", bytes_of("model.safetensors", lambda _: b"")),
    "eight bytes": ("checkpoint_header", bytes_of("model.safetensors", lambda data: data[:8])),
    "cut off": ("checkpoint_truncated", bytes_of("model.safetensors", lambda data: data[:-1])),
    "cut in its header": ("checkpoint_truncated", bytes_of("model.safetensors", lambda data: data[:40])),
    "trailing bytes": ("checkpoint_truncated", bytes_of("model.safetensors", lambda data: data + b"\0")),
    "a header of 99 999 999 bytes": (
        "checkpoint_header",
        bytes_of("model.safetensors", lambda data: (99_999_999).to_bytes(8, "little") + data[8:]),
    ),
    "a header longer than the file": (
        "checkpoint_truncated",
        bytes_of("model.safetensors", lambda data: (1 << 20).to_bytes(8, "little") + data[8:]),
    ),
    "a header beyond 64 bits": (
        "checkpoint_header",
        bytes_of("model.safetensors", lambda data: b"\xff" * 8 + data[8:]),
    ),
    "a header that is no JSON": ("checkpoint_json", lambda f: join_weights(f, "{nothing}", b"")),
    "a header not in UTF-8": ("checkpoint_json", lambda f: join_weights(f, b'{"\xff": 1}', b"")),
    "a deep header": ("checkpoint_json", lambda f: join_weights(f, '{"a":' + "[" * 99_999, b"")),
    "a name twice": ("checkpoint_json", duplicate_key),
    "12 000 empty tensors": ("checkpoint_names", many_tensors),
    "a tensor too many": ("checkpoint_names", header(lambda h: h.update(x=h[W]))),
    "a tensor missing": ("checkpoint_names", header(lambda h: h.pop(W))),
    "a tensor renamed": ("checkpoint_names", header(lambda h: h.update({W.upper(): h.pop(W)}))),
    "metadata of numbers": ("checkpoint_header", header(lambda h: h.update(__metadata__={"a": 1}))),
    "metadata that are a list": ("checkpoint_header", header(lambda h: h.update(__metadata__=[]))),
    "an entry without a shape": ("checkpoint_header", header(lambda h: h[W].pop("shape"))),
    "an entry that is a number": ("checkpoint_header", header(lambda h: h.update({W: 1}))),
    **{f"numbers of type {dtype}": ("checkpoint_dtype", field("dtype", dtype)) for dtype in DTYPES},
    **{f"shape {shape}": ("checkpoint_shape", field("shape", shape)) for shape in SHAPES},
    "offsets from nowhere": ("checkpoint_header", header(lambda h: h[W].update(data_offsets=[-4, 876]))),
    "offsets of another size": ("checkpoint_header", header(lambda h: h[W].update(data_offsets=[0, 4]))),
    "offsets as numbers with points": ("checkpoint_header", header(lambda h: h[W].update(data_offsets=[0.0, 880.0]))),
    "overlapping tensors": ("checkpoint_header", swap_places),
    "NaN": ("checkpoint_values", lambda f: edit_numbers(f, struct.pack("<f", float("nan")))),
    "infinity": ("checkpoint_values", lambda f: edit_numbers(f, struct.pack("<f", float("-inf")))),
    "a huge weight": ("checkpoint_values", lambda f: edit_numbers(f, struct.pack("<f", 1.1e4))),
    # config.json
    "a config of nothing": ("checkpoint_format", lambda f: (f / "config.json").write_bytes(b"[]")),
    "a config of another program": ("checkpoint_format", lambda f: (f / "config.json").write_bytes(b'{"a": 1}')),
    "a config that is no JSON": ("checkpoint_json", lambda f: (f / "config.json").write_bytes(b"{")),
    "a config beyond its limit": ("checkpoint_too_large", lambda f: (f / "config.json").write_bytes(b" " * 65_537)),
    "a format of tomorrow": ("checkpoint_version", config(lambda c: c.update(version=2))),
    "a version that is true": ("checkpoint_version", config(lambda c: c.update(version=True))),
    "an unknown key": ("checkpoint_changed", config(lambda c: c.update(extra=1))),
    "a missing key": ("checkpoint_changed", config(lambda c: c.pop("name"))),
    "a name that is a number": ("checkpoint_config", config(lambda c: c.update(name=1))),
    "a name of two lines": ("checkpoint_config", config(lambda c: c.update(name="a\nb"))),
    "a name without end": ("checkpoint_config", config(lambda c: c.update(name="a" * 121))),
    "a name with a surrogate": ("checkpoint_json", config(lambda c: c.update(name="\ud800"))),
    "no symbols": ("checkpoint_config", config(lambda c: c.update(vocab_size=0))),
    "more symbols than anybody has": ("checkpoint_config", config(lambda c: c.update(vocab_size=BIG))),
    "no hashes": ("checkpoint_config", config(lambda c: c.update(files={}))),
    "no recipe": ("checkpoint_config", config(lambda c: c.update(recipe=None))),
    "hidden 10^9": ("checkpoint_config", config(lambda c: c["recipe"]["model"].update(hidden_size=BIG))),
    "layers 10^5": ("checkpoint_config", config(lambda c: c["recipe"]["model"].update(num_layers=10**5))),
    "an unknown cell": ("checkpoint_config", config(lambda c: c["recipe"]["model"].update(cell="mamba"))),
    "an unknown setting": ("checkpoint_config", config(lambda c: c["recipe"]["train"].update(evil=1))),
    "dropout as text": ("checkpoint_config", config(lambda c: c["recipe"]["model"].update(dropout="0"))),
    "too many parameters": (
        "checkpoint_parameters",
        config(lambda c: c["recipe"]["model"].update(hidden_size=4096, num_layers=8)),
    ),
    "another hidden size": ("checkpoint_shape", config(lambda c: c["recipe"]["model"].update(hidden_size=6))),
    "another cell": ("checkpoint_shape", config(lambda c: c["recipe"]["model"].update(cell="gru"))),
    "another depth": ("checkpoint_names", config(lambda c: c["recipe"]["model"].update(num_layers=3))),
    "an embedding that is not there": (
        "checkpoint_names",
        config(lambda c: c["recipe"]["model"].update(embedding_size=3)),
    ),
    # tokenizer.json, metrics.json, README.md
    "one symbol more": ("checkpoint_vocabulary", file("tokenizer.json", lambda t: t["symbols"].append("q"))),
    "one symbol less": ("checkpoint_vocabulary", file("tokenizer.json", lambda t: t["symbols"].pop())),
    "a symbol twice": ("tokenizer_symbol", file("tokenizer.json", lambda t: t["symbols"].append("a"))),
    "a tokenizer that is a list": ("tokenizer_shape", lambda f: replace(f, "tokenizer.json", b"[]")),
    "metrics that are a list": ("checkpoint_json", lambda f: replace(f, "metrics.json", b"[]")),
    "metrics with NaN": ("checkpoint_json", lambda f: replace(f, "metrics.json", b'{"loss": NaN}')),
    "metrics with 1e999": ("checkpoint_json", lambda f: replace(f, "metrics.json", b'{"loss": 1e999}')),
    "a number without end": ("checkpoint_json", lambda f: replace(f, "metrics.json", b'{"a": ' + b"9" * 9999 + b"}")),
    "a curve without steps": ("checkpoint_json", file("metrics.json", lambda m: m["history"].update(train=[[], [1]]))),
    "a curve of words": ("checkpoint_json", file("metrics.json", lambda m: m["history"].update(train=[["a"], [1]]))),
    "a curve of nothing": ("checkpoint_json", file("metrics.json", lambda m: m.update(history=[]))),
    "a card beyond its limit": ("checkpoint_too_large", lambda f: (f / "README.md").write_bytes(b" " * (2**20 + 1))),
    **{f"no {name}": ("checkpoint_file_missing", missing(name)) for name in FILES},
    "a folder in place of a file": ("checkpoint_file_missing", folder_for_file),
}


@pytest.mark.parametrize("case", CASES)
def test_a_bad_folder_is_refused_for_what_is_wrong_with_it(case: str, good: Path, tmp_path: Path) -> None:
    key, spoil = CASES[case]
    folder = tmp_path / "m"
    shutil.copytree(good, folder)
    spoil(folder)
    assert refused(folder) == key
    assert key in ENGLISH
