"""Measure how well a trained model predicts a text."""

from __future__ import annotations

import argparse
import dataclasses
import json

from .texts import add_texts, read_how


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="folder or .zip of a trained model")
    add_texts(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print loss, perplexity and bits per character."""
    from ..text.source import find_text
    from ..trained_model import load

    model, text = load(options.checkpoint), find_text(options.texts, read_how(options)).text
    result = model.evaluate(text)
    if options.json:
        print(json.dumps(dataclasses.asdict(result), allow_nan=False))
    else:
        print(
            f"perplexity {result.perplexity:.4g}, {result.bits_per_character:.4g} bits per character, "
            f"{result.loss:.4g} nats per token, over {result.tokens} tokens, "
            f"{result.unknown_tokens} of them unknown to the model"
        )
        for notice in result.notices:
            print(notice)
    return 0
