"""A model saved and loaded is the same model."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch

from deeprnn.config import Recipe
from deeprnn.model.card import write_card
from deeprnn.model.cells import CELLS
from deeprnn.model.checkpoint import Checkpoint, build_card, load_checkpoint, pack_checkpoint, save_checkpoint
from deeprnn.model.package import FILES

from .crafting import make_checkpoint


def assert_equal(loaded: Checkpoint, saved: Checkpoint) -> None:
    assert (loaded.name, loaded.tokenizer, loaded.recipe) == (saved.name, saved.tokenizer, saved.recipe)
    assert loaded.metrics == saved.metrics
    ours, theirs = loaded.network.state_dict(), saved.network.state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def files_beside(folder: Path) -> set[str]:
    return {path.name for path in folder.parent.iterdir()}


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("embedding_size", [None, 3])
def test_a_saved_model_comes_back_from_its_folder_and_its_zip(
    tmp_path: Path, cell: str, embedding_size: int | None
) -> None:
    saved = make_checkpoint(cell=cell, embedding_size=embedding_size, num_layers=3)
    save_checkpoint(tmp_path / "run" / "best", saved)
    pack_checkpoint(tmp_path / "run" / "best", tmp_path / "model.zip")
    for path in (tmp_path / "run" / "best", tmp_path / "model.zip"):
        loaded = load_checkpoint(path)
        assert_equal(loaded, saved)
        assert not loaded.network.training
        assert loaded.card == build_card(saved)
    assert {path.name for path in (tmp_path / "run" / "best").iterdir()} == set(FILES)
    assert files_beside(tmp_path / "run") == {"run", "model.zip"}


def test_saving_twice_writes_the_same_bytes_and_leaves_nothing_beside(tmp_path: Path) -> None:
    saved, folder = make_checkpoint(), tmp_path / "m"
    save_checkpoint(folder, saved)
    first = {name: (folder / name).read_bytes() for name in FILES}
    save_checkpoint(folder, load_checkpoint(folder))
    assert {name: (folder / name).read_bytes() for name in FILES} == first
    assert files_beside(folder) == {"m"}


def test_a_model_of_half_width_weights_is_loaded_as_float32(tmp_path: Path) -> None:
    for dtype in (torch.float16, torch.bfloat16):
        saved = make_checkpoint()
        saved.network.to(dtype)
        save_checkpoint(tmp_path / "m", saved)
        assert_equal(load_checkpoint(tmp_path / "m"), Checkpoint(**{**vars(saved), "network": saved.network.float()}))


def test_numbers_that_json_lacks_and_names_that_break_a_line_are_made_harmless(tmp_path: Path) -> None:
    saved = make_checkpoint()
    odd = Checkpoint("\ud800\n" * 99, saved.network, saved.tokenizer, saved.recipe, {"loss": float("nan")}, "\udfff")
    save_checkpoint(tmp_path / "m", odd)
    loaded = load_checkpoint(tmp_path / "m")
    assert loaded.metrics == {"loss": None}
    assert loaded.name == "model"
    assert loaded.card == "?"


def test_a_card_says_what_the_model_is_and_takes_no_markup_from_names() -> None:
    checkpoint = make_checkpoint()
    card = build_card(checkpoint)
    count = sum(parameter.numel() for parameter in checkpoint.network.parameters())
    assert f"{count:,} parameters" in card
    assert "| Perplexity on held-out text | 4.5 |" in card
    assert "| `hidden_size` | 5 |" in card
    assert "`text`" not in card
    assert "[link]" not in card


@pytest.mark.parametrize(
    ("settings", "is_said"),
    [({"tokenizer": "word"}, True), ({"max_vocab_size": 50}, True), ({"tokenizer": "byte"}, False), ({}, False)],
)
def test_a_card_says_what_its_figures_are_worth_where_tokens_are_unknown(
    settings: dict[str, object], is_said: bool
) -> None:
    recipe = Recipe().replace(**settings)
    card = write_card("name", recipe, {"validation_bits_per_character": 1.5}, 60, 1000)
    assert ("do not compare with those of other kinds of tokens" in card) == is_said


def test_a_model_is_saved_from_copies(tmp_path: Path) -> None:
    """Saving over the very files that a network was loaded from must not write zeros, as mapped files once did."""
    save_checkpoint(tmp_path / "m", make_checkpoint(seed=4))
    loaded = load_checkpoint(tmp_path / "m")
    save_checkpoint(tmp_path / "m", loaded)
    assert_equal(load_checkpoint(tmp_path / "m"), make_checkpoint(seed=4))


def test_a_model_packs_to_the_same_bytes_whatever_the_hour(tmp_path: Path) -> None:
    """Files dated before 1980, as some package builders leave them, could not be packed at all."""
    save_checkpoint(tmp_path / "m", make_checkpoint())
    pack_checkpoint(tmp_path / "m", tmp_path / "now.zip")
    for name in FILES:
        os.utime(tmp_path / "m" / name, (0, 0))
    pack_checkpoint(tmp_path / "m", tmp_path / "then.zip")
    assert (tmp_path / "now.zip").read_bytes() == (tmp_path / "then.zip").read_bytes()
