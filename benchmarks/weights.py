"""Finish the card of a model that ships: its held-out figures by one continuous pass, its hash, its command.

Train each with the command that its card names, then run `python -m benchmarks weights`.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import deeprnn
from deeprnn.model.checkpoint import build_card, load_checkpoint
from deeprnn.text import catalogue
from deeprnn.text.corpus import build_corpus
from deeprnn.training.evaluate import evaluate

WEIGHTS = Path(__file__).parent.parent / "weights"
# What each folder was trained with, besides `--seed 0 --device cpu`.
OPTIONS = {
    "time_machine": "time_machine --preset balanced",
    "the_thirsty_bell": "the_thirsty_bell --preset balanced",
}
PREFIXES = {"time_machine": "time traveller", "the_thirsty_bell": "Hester "}
SECTION = """\
## How this model was made

`OMP_NUM_THREADS=1 python -m deeprnn train {options} --set precision=float32 --seed 0 --device cpu --out weights/{name}`

| | |
| --- | --- |
| Perplexity on the last tenth of the text, never trained on, in one continuous pass | {perplexity:.3f} |
| Bits per character there | {bits:.3f} |
| Text | {title}: {licence}, {source} |
| SHA-256 of `model.safetensors` | `{digest}` |
| Licence of the weights | CC0-1.0 |

Written after "{prefix}" at temperature 0.6 with seed 0:

```text
{sample}
```
"""


def main(arguments: Sequence[str]) -> None:
    """Rewrite the card of every model in `weights/` and print its figures."""
    argparse.ArgumentParser(prog="python -m benchmarks weights", description=__doc__).parse_args(arguments)
    for folder in sorted(path for path in WEIGHTS.iterdir() if path.is_dir()):
        print(finish(folder))


def finish(folder: Path) -> str:
    """Write the card of one model; return one line about it."""
    start = time.perf_counter()
    checkpoint = load_checkpoint(folder)
    seconds = time.perf_counter() - start
    corpus = build_corpus(catalogue.load(folder.name).text, checkpoint.recipe.text, checkpoint.name)
    measured = evaluate(checkpoint.network, corpus.validation_ids)
    entry = catalogue.find_entry(folder.name)
    model = deeprnn.load(folder)
    section = SECTION.format(
        options=OPTIONS[folder.name],
        name=folder.name,
        perplexity=measured.perplexity,
        bits=measured.bits_per_character,
        title=entry.title,
        licence=entry.licence,
        source=entry.source,
        prefix=PREFIXES[folder.name],
        digest=hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
        sample=model.generate(PREFIXES[folder.name], temperature=0.6, seed=0, max_new_tokens=300),
    )
    card = build_card(checkpoint).replace("library_name:", "license: cc0-1.0\nlibrary_name:", 1)
    (folder / "README.md").write_text(f"{card}\n{section}", encoding="utf-8")
    size = (folder / "model.safetensors").stat().st_size / 1e6
    figures = f"held-out perplexity {measured.perplexity:.3f}, {measured.bits_per_character:.3f} bits per character"
    return f"{folder.name}: {figures}, {size:.1f} MB, loaded in {seconds:.2f} s"
