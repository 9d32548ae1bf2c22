"""What runs are called: what changed, in a form that is stored and read in any language."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import RECIPE_FIELDS, Recipe
from deeprnn.runs.naming import NAME_CHARACTERS, differing, differs_from_preset, name_run
from deeprnn.training.presets import PRESETS

BALANCED = PRESETS["balanced"]
BOOK = "The Time Machine"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"dropout": 0.2}, "The Time Machine · dropout 0.4 → 0.2"),
        ({"num_layers": 3, "learning_rate": 2e-5}, "The Time Machine · num_layers 2 → 3, learning_rate 0.008 → 2e-05"),
        ({"embedding_size": None}, "The Time Machine · embedding_size 64 → none"),
        ({"lower_case": True}, "The Time Machine · lower_case false → true"),
        ({}, "The Time Machine · balanced"),
    ],
)
def test_a_name_says_what_changed_against_the_run_before(changes: dict[str, Any], name: str) -> None:
    assert name_run(BOOK, BALANCED.replace(**changes), BALANCED, BOOK) == name


def test_a_first_run_and_one_on_another_text_are_called_after_their_preset() -> None:
    assert name_run(BOOK, BALANCED) == "The Time Machine · balanced"
    assert name_run(BOOK, BALANCED.replace(dropout=0.2)) == "The Time Machine · balanced, dropout 0.2"
    assert name_run(BOOK, BALANCED, PRESETS["quick"], BOOK) == "The Time Machine · balanced"
    assert name_run("诗", BALANCED, BALANCED.replace(dropout=0.2), BOOK) == "诗 · balanced"


def test_what_does_not_fit_is_counted() -> None:
    changed = BALANCED.replace(dropout=0.2, num_layers=3, hidden_size=300, cell="gru", batch_size=8)
    name = name_run("An Account of the Strange Voyage to the End of the River", changed, BALANCED, None)
    assert name == "An Account of the Strange Voyag… · balanced, cell gru +4"


def test_a_long_title_is_whole_where_there_is_room() -> None:
    title = "An Account of the Strange Voyage to the End"
    assert name_run(title, BALANCED) == f"{title} · balanced"
    assert name_run("\n", BALANCED) == "– · balanced"


def test_a_title_is_not_cut_between_a_letter_and_its_accents() -> None:
    title = "x" * 30 + "e" + "\u0301" * 3 + "y" * 60
    assert name_run(title, BALANCED).startswith("x" * 30 + "… · ")


@given(
    st.text(max_size=100), st.dictionaries(st.sampled_from(["seed", "batch_size", "hidden_size"]), st.integers(1, 4096))
)
def test_any_name_is_short_printable_and_in_one_line(title: str, changes: dict[str, Any]) -> None:
    for before in (None, BALANCED):
        name = name_run(title, BALANCED.replace(**changes), before, title)
        assert 0 < len(name) <= NAME_CHARACTERS
        assert name.isprintable()


def test_only_what_differs_is_in_the_table() -> None:
    recipes = (BALANCED, BALANCED.replace(dropout=0.2), PRESETS["quick"])
    table = differing(recipes)
    assert table == {"dropout": (0.4, 0.2, 0.0), "max_epochs": (25, 25, 1000), "max_steps": (4000, 4000, 700)}
    assert list(table) == [name for name in RECIPE_FIELDS if name in table]
    assert differing(recipes[:1]) == differing(()) == {}


def test_what_the_program_chose_itself_is_no_departure_from_the_preset() -> None:
    """A run keeps the precision that was measured as the fastest; its name said so of every run."""
    words = BALANCED.replace(tokenizer="word")
    trained = words.with_tying().replace(precision="bfloat16")
    assert trained.model.tie_weights is True
    assert differs_from_preset(trained) == differs_from_preset(words) == {"tokenizer": "word"}
    assert differing((trained, words)) == {"precision": ("bfloat16", "auto")}
    assert differs_from_preset(words.replace(tie_weights=False)) == {"tokenizer": "word", "tie_weights": False}
    assert differs_from_preset(BALANCED.replace(tie_weights=True)) == {"tie_weights": True}
    assert differs_from_preset(PRESETS["d2l"].replace(precision="bfloat16")) == {"precision": "bfloat16"}


def test_a_recipe_of_no_known_preset_is_held_against_the_defaults() -> None:
    assert differs_from_preset(Recipe("mine")) == {}
    assert name_run(BOOK, Recipe("mine").replace(num_layers=1)) == "The Time Machine · mine, num_layers 1"
