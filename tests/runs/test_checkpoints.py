"""Of a run's checkpoints the newest whole one is found again, and none that is needed goes."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import deeprnn
from deeprnn.errors import CheckpointError
from deeprnn.model.checkpoint import load_checkpoint, pack_checkpoint, save_checkpoint
from deeprnn.model.package import FILES, STATE_FILES
from deeprnn.runs import state
from deeprnn.runs.checkpoints import Checkpoints
from deeprnn.runs.state import load_state, save_state

from ..model.crafting import make_checkpoint
from .states import assert_same, make_snapshot, make_state


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(CheckpointError) as refused:
        action()
    assert len(str(refused.value)) < 400
    return refused.value.message.key


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


# a model with the state of its training


def test_a_state_comes_back_to_the_bit_beside_a_model_that_loads_as_any_other(tmp_path: Path) -> None:
    checkpoint, snapshot = make_state(7)
    save_state(tmp_path / "m", checkpoint, snapshot, 4.5)
    loaded = load_state(tmp_path / "m")
    assert (loaded.step, loaded.perplexity, loaded.fell_back) == (7, 4.5, None)
    assert_same(loaded.snapshot, snapshot)
    assert names(tmp_path / "m") == {*FILES, *STATE_FILES}
    ours, theirs = deeprnn.load(tmp_path / "m").network.state_dict(), checkpoint.network.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)


def test_what_the_model_holds_is_not_written_twice_but_minus_zero_is_not_zero(tmp_path: Path) -> None:
    checkpoint, snapshot = make_state(7)
    name, weight = next(iter(checkpoint.network.state_dict().items()))
    weight.zero_()
    snapshot.tensors[f"best.{name}"] = torch.zeros_like(weight)
    snapshot.tensors[f"weights.{name}"] = -torch.zeros_like(weight)
    save_state(tmp_path / "m", checkpoint, snapshot)
    left_out = json.loads((tmp_path / "m" / "state.json").read_bytes())["in_model"]
    others = {f"weights.{other}": other for other in checkpoint.network.state_dict() if other != name}
    assert left_out == {f"best.{name}": name, **others}
    assert_same(load_state(tmp_path / "m").snapshot, snapshot)


def test_the_zip_of_a_model_has_nothing_of_its_training(tmp_path: Path) -> None:
    save_state(tmp_path / "m", *make_state(7))
    pack_checkpoint(tmp_path / "m", tmp_path / "m.zip")
    load_checkpoint(tmp_path / "m.zip")


def test_a_model_alone_says_that_its_training_cannot_go_on(tmp_path: Path) -> None:
    save_state(tmp_path / "m", *make_state(7))
    save_checkpoint(tmp_path / "m", make_checkpoint())
    assert names(tmp_path / "m") == set(FILES)
    assert refusal(lambda: load_state(tmp_path / "m")) == "no_state"
    assert refusal(lambda: load_state(tmp_path / "nothing")) == "checkpoint_file_missing"


def test_people_may_edit_the_card_of_a_model_but_a_checkpoint_is_theirs_to_leave_alone(tmp_path: Path) -> None:
    checkpoints, (checkpoint, snapshot) = Checkpoints(tmp_path), make_state(7)
    checkpoints.save(checkpoint, snapshot)
    (tmp_path / "step-00000007" / "README.md").write_text("My model")
    assert_same(load_state(tmp_path / "step-00000007").snapshot, snapshot)
    assert refusal(checkpoints.load) == "checkpoint_truncated"


def test_a_value_that_is_not_finite_comes_back_as_none(tmp_path: Path) -> None:
    checkpoint = make_checkpoint()
    save_state(tmp_path / "m", checkpoint, make_snapshot(checkpoint, 1, best=math.inf, norms=(1.0, math.nan)), math.inf)
    loaded = load_state(tmp_path / "m")
    assert (loaded.snapshot.values["best"], loaded.snapshot.values["norms"]) == (None, [1.0, None])
    assert loaded.perplexity is None


# what is checked before a state is believed


def rewrite(folder: Path, edit: Callable[[dict[str, Any]], object] = lambda manifest: None) -> None:
    """Make the manifest right again for what stands in a folder, as version 1 writes it, after an edit."""
    files = [*FILES, "state.safetensors", "state.json"]
    contents = {name: (folder / name).read_bytes() for name in files}
    listed = {name: [len(data), hashlib.sha256(data).hexdigest()] for name, data in contents.items()}
    manifest = {"format": "deeprnn-checkpoint", "version": 1, "step": 7, "perplexity": None, "seconds": 1.5}
    manifest["files"] = listed
    edit(manifest)
    manifest["sha256"] = hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def edit_state(edit: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        value = json.loads((folder / "state.json").read_bytes())
        edit(value)
        (folder / "state.json").write_text(json.dumps(value))
        rewrite(folder)

    return change


def spoil_numbers(folder: Path) -> None:
    """Put a NaN in place of the last number of the state, with every checksum right."""
    data = bytearray((folder / "state.safetensors").read_bytes())
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    start = 8 + int.from_bytes(data[:8], "little") + header["state.0"]["data_offsets"][0]
    data[start : start + 4] = b"\xff\xff\xff\x7f"
    (folder / "state.safetensors").write_bytes(data)
    rewrite(folder)


def spoil_by_a_pickle(folder: Path) -> None:
    (folder / "state.safetensors").write_bytes(b"PK\x03\x04" * 9)
    rewrite(folder)


HEADER = b'{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
WRONG: dict[str, tuple[str, Callable[[Path], object]]] = {
    "a tensor more": ("checkpoint_names", edit_state(lambda s: s["tensors"].update(more=["F32", [1]]))),
    "a tensor less": ("checkpoint_names", edit_state(lambda s: s["tensors"].pop("dropout"))),
    "another type": ("checkpoint_dtype", edit_state(lambda s: s["tensors"].update(dropout=["F32", [16]]))),
    "an unknown type": ("checkpoint_json", edit_state(lambda s: s["tensors"].update(dropout=["C64", [1]]))),
    "another shape": ("checkpoint_shape", edit_state(lambda s: s["tensors"].update({"state.0": ["F32", [24]]}))),
    "a negative shape": ("checkpoint_json", edit_state(lambda s: s["tensors"].update({"state.0": ["F32", [-1]]}))),
    "true for one": ("checkpoint_json", edit_state(lambda s: s["tensors"].update({"state.0": ["F32", [True]]}))),
    "a huge shape": (
        "checkpoint_json",
        edit_state(lambda s: s["tensors"].update({"curve.none": ["F64", [0, 10**15]]})),
    ),
    "eight dimensions": ("checkpoint_json", edit_state(lambda s: s["tensors"].update({"state.0": ["F32", [1] * 8]}))),
    "a tensor twice": ("checkpoint_json", edit_state(lambda s: s["in_model"].update(dropout="output.bias"))),
    "a tensor of no model": ("checkpoint_json", edit_state(lambda s: s["in_model"].update(a="nothing"))),
    "values in a list": ("checkpoint_json", edit_state(lambda s: s.update(values=[]))),
    "a key more": ("checkpoint_json", edit_state(lambda s: s.update(more={}))),
    "tensors without end": (
        "checkpoint_json",
        edit_state(lambda s: s["tensors"].update({str(n): ["F32", [1]] for n in range(5000)})),
    ),
    "no number": ("state_not_finite", spoil_numbers),
    "a pickle": ("checkpoint_pickle", spoil_by_a_pickle),
    "a file cut off": ("checkpoint_truncated", lambda f: os.truncate(f / "state.safetensors", 500)),
    "a file missing": ("checkpoint_file_missing", lambda f: (f / "state.json").unlink()),
    "another manifest": ("checkpoint_json", lambda f: (f / "manifest.json").write_text("{}")),
    "a manifest of a list": ("checkpoint_json", lambda f: (f / "manifest.json").write_text("[1]")),
    "a step below zero": ("checkpoint_json", lambda f: rewrite(f, lambda m: m.update(step=-1))),
    "a size in words": (
        "checkpoint_json",
        lambda f: rewrite(f, lambda m: m["files"].update({"state.json": ["9", ""]})),
    ),
    "a file more": ("checkpoint_json", lambda f: rewrite(f, lambda m: m["files"].update(more=[1, ""]))),
    "a manifest of half a megabyte": (
        "checkpoint_too_large",
        lambda f: (f / "manifest.json").write_bytes(b" " * 500_000),
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_state_that_is_wrong_in_one_way_is_refused(wrong: str, tmp_path: Path) -> None:
    key, spoil = WRONG[wrong]
    save_state(tmp_path / "m", *make_state(7))
    spoil(tmp_path / "m")
    assert refusal(lambda: load_state(tmp_path / "m")) == key


# versions


def test_version_1_is_read_as_it_was_written(tmp_path: Path) -> None:
    """The files are made by hand here, so that a change of what is written today cannot change them too."""
    checkpoint, folder = make_checkpoint(), tmp_path / "step-00000007"
    save_checkpoint(folder, checkpoint)
    weights = checkpoint.network.state_dict()
    in_model = {f"weights.{name}": name for name in weights}
    (folder / "state.json").write_text(
        json.dumps({"values": {"step": 7}, "tensors": {"a": ["F32", [1]]}, "in_model": in_model})
    )
    (folder / "state.safetensors").write_bytes(len(HEADER).to_bytes(8, "little") + HEADER + b"\0\0\x80\x3f")
    rewrite(folder)
    loaded = Checkpoints(tmp_path).load()
    assert (loaded.step, loaded.snapshot.values) == (7, {"step": 7})
    assert loaded.snapshot.tensors["a"].tolist() == [1.0]
    assert all(torch.equal(loaded.snapshot.tensors[f"weights.{name}"], weights[name]) for name in weights)


def test_a_newer_version_is_refused_clearly_instead_of_going_back_to_an_older_step(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    for step in (1, 7):
        checkpoints.save(*make_state(step))
    rewrite(tmp_path / "step-00000007", lambda manifest: manifest.update(version=2, new_field="of another time"))
    with pytest.raises(CheckpointError, match=r"version 2; this program reads version 1\. Update DeepRNN"):
        checkpoints.load()
    assert checkpoints.load(1).step == 1


# one of several


def test_the_newest_whole_checkpoint_is_found_and_says_what_it_stands_for(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)
    states = {step: make_state(step) for step in (10, 20, 30)}
    for checkpoint, snapshot in states.values():
        checkpoints.save(checkpoint, snapshot)
    assert checkpoints.load().fell_back is None
    (tmp_path / "step-00000030" / "state.json").unlink()
    (tmp_path / "step-00000020" / "model.safetensors").write_bytes(b"")
    loaded = checkpoints.load()
    assert_same(loaded.snapshot, states[10][1])
    assert str(loaded.fell_back) == "The checkpoint of step 30 is damaged; the one of step 10 is used instead."
    assert refusal(lambda: checkpoints.load(20)) == "checkpoint_truncated"  # asked for, it is not replaced by another
    shutil.rmtree(tmp_path / "step-00000010")
    assert refusal(checkpoints.load) == "checkpoint_file_missing"


def test_where_nothing_was_saved_there_is_nothing(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        checkpoints = Checkpoints(folder)
        checkpoints.sweep()
        assert checkpoints.kept() == ()
        assert refusal(checkpoints.load) == "no_checkpoint"
    assert names(tmp_path) == set()


def test_one_flipped_bit_in_any_file_is_noticed(tmp_path: Path) -> None:
    checkpoints, draw = Checkpoints(tmp_path), random.Random(0)
    for step in (1, 2):
        checkpoints.save(*make_state(step))
    for name in (*FILES, *STATE_FILES):
        path = tmp_path / "step-00000002" / name
        good = path.read_bytes()
        spoilt = bytearray(good)
        spoilt[draw.randrange(len(good))] ^= 1 << draw.randrange(8)
        path.write_bytes(spoilt)
        loaded = checkpoints.load()
        assert (loaded.step, loaded.fell_back and loaded.fell_back.key) == (1, "fell_back"), name
        path.write_bytes(good)
    assert checkpoints.load().step == 2


def test_the_same_step_again_is_replaced(tmp_path: Path) -> None:
    checkpoints, (checkpoint, snapshot) = Checkpoints(tmp_path), make_state(5)
    checkpoints.save(checkpoint, snapshot)
    changed = make_snapshot(checkpoint, 5, rate=0.5)
    checkpoints.save(checkpoint, changed)
    assert_same(checkpoints.load().snapshot, changed)
    assert names(tmp_path) == {"step-00000005"}


def test_a_save_that_died_between_its_renames_is_still_found_and_put_back(tmp_path: Path) -> None:
    checkpoints, (checkpoint, snapshot) = Checkpoints(tmp_path), make_state(5)
    checkpoints.save(checkpoint, snapshot)
    (tmp_path / "step-00000005").rename(tmp_path / ".step-00000005.deeprnn-old-1")
    (tmp_path / ".step-00000005.deeprnn-new-1").mkdir()
    (tmp_path / "notes of the user").mkdir()
    assert [kept.step for kept in checkpoints.kept()] == [5]
    assert_same(checkpoints.load().snapshot, snapshot)
    checkpoints.sweep()
    assert names(tmp_path) == {"step-00000005", "notes of the user"}
    assert_same(checkpoints.load().snapshot, snapshot)


# what is kept


def quick_save(checkpoints: Checkpoints, step: int, perplexity: float | None) -> None:
    checkpoint, snapshot = SMALL
    snapshot.values["step"] = step
    checkpoints.save(checkpoint, snapshot, perplexity)


SMALL = make_state(1)
SERIES = st.lists(st.tuples(st.integers(-4, 6), st.none() | st.sampled_from([9.0, 5.0, 5.0, 3.0])), max_size=12)


@settings(max_examples=40)
@given(SERIES, st.integers(1, 3))
def test_the_best_and_the_newest_are_kept_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, series: list[tuple[int, float | None]], keep: int
) -> None:
    """A run moves on, or is set back by some steps and takes another way: an independent list says what is left."""
    folder = tmp_path_factory.mktemp("kept")
    checkpoints, line, step = Checkpoints(folder, keep), dict[int, float | None](), 10
    for move, perplexity in series:
        step = max(0, step + move)
        quick_save(checkpoints, step, perplexity)
        line = {**{s: p for s, p in line.items() if s < step}, step: perplexity}
        best = min((p, s) for s, p in line.items() if p is not None)[1] if set(line.values()) - {None} else None
        wanted = {*sorted(line)[-keep:], *({best} - {None})}
        line = {s: p for s, p in line.items() if s in wanted}
        kept = checkpoints.kept()
        assert {(k.step, k.perplexity) for k in kept} == set(line.items())
        assert [k.step for k in kept if k.best] == ([] if best is None else [best])
        assert checkpoints.load().step == step
    assert names(folder) == {f"step-{s:08d}" for s in line}


def test_nothing_goes_before_the_new_one_is_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoints = Checkpoints(tmp_path, keep=1)
    quick_save(checkpoints, 1, None)
    refuse = lambda folder, contents: (_ for _ in ()).throw(RuntimeError("[enforce fail] No space left"))  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(state, "write_folder", refuse)
        with pytest.raises(CheckpointError, match="No space left"):  # torch says a full disk in its own way
            quick_save(checkpoints, 2, None)
    assert checkpoints.load().step == 1
    quick_save(checkpoints, 2, None)
    assert names(tmp_path) == {"step-00000002"}


def test_a_checkpoint_that_cannot_be_read_today_is_left_for_tomorrow(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path, keep=1)
    quick_save(checkpoints, 1, 2.0)
    aside = (tmp_path / "step-00000001" / "manifest.json").rename(tmp_path / "aside")
    quick_save(checkpoints, 2, 9.0)
    quick_save(checkpoints, 3, 9.0)
    aside.rename(tmp_path / "step-00000001" / "manifest.json")
    assert [(kept.step, kept.best) for kept in checkpoints.kept()] == [(1, True), (2, False), (3, False)]
    quick_save(checkpoints, 4, 9.0)
    assert [kept.step for kept in checkpoints.kept()] == [1, 4]


def test_a_disk_that_is_nearly_full_refuses_before_a_byte_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = Checkpoints(tmp_path / "new" / "checkpoints")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: SimpleNamespace(free=10_000))
    with pytest.raises(CheckpointError, match=r"\d MB must be free for a safe save, and 0\.0 MB are") as refused:
        quick_save(checkpoints, 1, None)
    assert refused.value.message.key == "cannot_write"
    assert names(tmp_path) == set()
