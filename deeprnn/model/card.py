"""The model card: what people read about a model, in the form that the Hugging Face Hub shows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..config import Recipe, TextConfig
from .cells import CELLS

FRONT_MATTER = """\
---
library_name: deeprnn
pipeline_tag: text-generation
tags:
- recurrent-neural-network
- {cell}
- deeprnn
---
"""
LOADING = """\
## Use

```python
import deeprnn

model = deeprnn.load("path/of/this/folder")
print(model.generate("", max_new_tokens=200, temperature=0.7, seed=0))
```
"""
FIGURES = {
    "validation_perplexity": "Perplexity on held-out text",
    "validation_bits_per_character": "Bits per character on held-out text",
    "perplexity": "Perplexity of the last epoch's minibatches, dropout on",
    "bits_per_character": "Bits per character of those minibatches",
}
UNKNOWN_TOKENS = """
Tokens that the vocabulary leaves out are read as `<unk>`. Bits per character count each as one symbol, whatever it
stands for, and do not compare with those of other kinds of tokens.
"""


def write_card(name: str, recipe: Recipe, metrics: Mapping[str, Any], vocab_size: int, parameters: int) -> str:
    """Return a model card in Markdown; what the metrics do not say is left out.

    Args:
        name: of the model.
        recipe: how it was made.
        metrics: its figures, as `metrics.json` keeps them.
        vocab_size: tokens, `<unk>` included.
        parameters: numbers that the network learnt.
    """
    network = f"{recipe.model.num_layers} x {recipe.model.hidden_size} {CELLS[recipe.model.cell].title}"
    about = (
        f"# {_plain(name)}\n\nA stacked recurrent network ({network}, {vocab_size} symbols, {parameters:,} parameters) "
        f"that writes text {recipe.text.tokenizer} by {recipe.text.tokenizer}, trained with DeepRNN.\n"
    )
    parts = [
        FRONT_MATTER.format(cell=recipe.model.cell.replace("_", "-")) + "\n" + about,
        _corpus(metrics.get("corpus")),
        _figures(metrics) + _caveat(recipe.text, metrics),
        _recipe(recipe),
        LOADING,
        "## Limits\n\nThe network knows only the text it was trained on, and may repeat passages of it.\n",
    ]
    return "\n".join(part for part in parts if part)


def _corpus(corpus: Any) -> str:
    if not isinstance(corpus, Mapping):
        return ""
    lines = [f"- {key}: {_plain(corpus[key])}" for key in ("name", "characters", "sha256") if key in corpus]
    return "## Text\n\n" + "\n".join(lines) + "\n"


def _figures(metrics: Mapping[str, Any]) -> str:
    rows = [f"| {label} | {metrics[key]:.4g} |" for key, label in FIGURES.items() if _is_number(metrics.get(key))]
    if _is_number(metrics.get("step")):
        rows.append(f"| Training steps | {metrics['step']} |")
    if _is_number(metrics.get("seconds")):
        machine = _plain(f"{metrics.get('device', '')} {metrics.get('precision', '')}").strip()
        rows.append(f"| Training time | {metrics['seconds']:.0f} s ({machine}) |")
    return "\n".join(["## Figures\n", "| | |", "|---|---|", *rows, ""]) if rows else ""


def _caveat(text: TextConfig, metrics: Mapping[str, Any]) -> str:
    """Say what bits per character are worth where the vocabulary leaves tokens out."""
    limited = text.max_vocab_size is not None or text.min_frequency is not None
    leaves_out = text.tokenizer == "word" or (text.tokenizer in ("character", "grapheme") and limited)
    return UNKNOWN_TOKENS if leaves_out and any(_is_number(metrics.get(name)) for name in FIGURES) else ""


def _recipe(recipe: Recipe) -> str:
    rows = [f"| `{name}` | {'none' if value is None else value} |" for name, value in recipe.settings().items()]
    head = f"## Recipe\n\nNamed `{_plain(recipe.name)}`; every setting:\n"
    return "\n".join([head, "| Setting | Value |", "|---|---|", *rows, ""])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _plain(value: Any) -> str:
    """Return words that Markdown shows as they are: on one line, without its marks."""
    return "".join(" " if c in "`|<>[]*_#\\" or not c.isprintable() else c for c in str(value))[:120]
