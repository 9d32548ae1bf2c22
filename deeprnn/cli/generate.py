"""Write with a trained model: the prefix and the text, nothing else, on standard output."""

from __future__ import annotations

import argparse
import os
import sys

from ..config import SAMPLING_FIELDS
from ..text.replacement import replaced_messages
from .settings import add_settings, read_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    parser.add_argument("checkpoint", metavar="CHECKPOINT", help="folder or .zip of a trained model")
    parser.add_argument("--prefix", default="", help="the text to go on from")
    add_settings(parser, SAMPLING_FIELDS)


def run(options: argparse.Namespace) -> int:
    """Write the prefix and, as it comes, the text."""
    sampling = read_settings(options, SAMPLING_FIELDS)
    from ..trained_model import load

    model = load(options.checkpoint)
    # Where the locale knows ASCII only, Python keeps other bytes as half characters: they are UTF-8 nearly always.
    prefix, replacements = model.read_prefix(os.fsencode(options.prefix).decode("utf-8", "replace"))
    for said in replaced_messages(replacements):
        print(f"deeprnn: {said}", file=sys.stderr)
    print(prefix, end="", flush=True)
    for piece in model.stream(prefix, **sampling):
        print(piece, end="", flush=True)
    print(flush=True)
    return 0
