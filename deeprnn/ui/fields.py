"""One input for each setting, made from its declaration; knows no layout."""

from __future__ import annotations

import dataclasses
from typing import Any

import gradio as gr
from gradio.components import Component

from ..config import RECIPE_FIELDS, SAMPLING_FIELDS
from .texts import label

SETTING_GROUPS: dict[str, tuple[str, ...]] = {
    "network": ("cell", "num_layers", "hidden_size", "embedding_size", "tie_weights", "dropout"),
    "reading": (
        "tokenizer", "max_vocab_size", "min_frequency", "max_tokens", "validation_fraction",
        "batch_size", "sequence_length", "partition",
    ),
    "learning": (
        "optimizer", "learning_rate", "weight_decay", "schedule", "warmup_fraction", "max_grad_norm", "precision",
    ),
    "length": (
        "max_epochs", "max_steps", "max_minutes", "target_perplexity", "patience", "evaluations", "seed",
    ),
}  # fmt: skip


# These stand beside what is known of the text.
CLEANING = (
    "line_ends", "control_characters", "byte_order_marks", "drop_gutenberg", "nfc", "straight_quotes",
    "single_blanks", "unique_lines", "lower_case", "letters_only",
)  # fmt: skip


def setting_field(name: str, value: Any) -> Component:
    """Build the input of one setting of a recipe.

    Args:
        name: one of `RECIPE_FIELDS`.
        value: what it holds at first.
    """
    return _field(RECIPE_FIELDS[name], value, f"setting.{name}", f"help.{name}", f"dr-{name.replace('_', '-')}")


def sampling_field(name: str) -> Component:
    """Build the input of one setting of sampling, holding its default.

    Args:
        name: one of `SAMPLING_FIELDS`.
    """
    field = SAMPLING_FIELDS[name]
    keys = f"setting.sampling.{name}", f"help.sampling.{name}"
    return _field(field, field.default, *keys, f"dr-sampling-{name.replace('_', '-')}")


def field_value(name: str, value: Any) -> Any:
    """Return the value of a setting as its field holds it: where it may be missing, fields hold words."""
    if name not in RECIPE_FIELDS or not RECIPE_FIELDS[name].metadata["optional"]:
        return value
    return "" if value is None else str(value).lower()


def _field(field: dataclasses.Field[Any], value: Any, name_key: str, help_key: str, elem_id: str) -> Component:
    rules = field.metadata
    about: dict[str, Any] = {"label": label(name_key), "info": label(help_key), "elem_id": elem_id}
    about |= {"value": value, "interactive": True}
    if rules["kind"] is bool and rules["optional"]:
        words = [(label("choice.auto"), ""), (label("choice.true"), "true"), (label("choice.false"), "false")]
        about["value"] = "" if value is None else str(value).lower()
        return gr.Dropdown(choices=words, filterable=False, min_width=0, **about)
    if rules["kind"] is bool:
        return gr.Checkbox(**about)
    if rules["choices"]:
        words = [(label(f"choice.{word}"), word) for word in rules["choices"]]
        return gr.Dropdown(choices=words, filterable=False, min_width=0, **about)
    if rules["optional"]:  # Gradio turns a missing number into 0 as soon as its field is shown; a text stays missing
        about["value"] = "" if value is None else str(value)
        return gr.Textbox(max_lines=1, min_width=0, placeholder=label("setting.none"), **about)
    whole = rules["kind"] is int
    # Limits are not given to Gradio: it would refuse in English; the settings themselves refuse in any language.
    return gr.Number(precision=0 if whole else None, step=1 if whole else 0.01, min_width=0, **about)
