"""What the page can be told when it is started."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..arguments import Parser

SPACE_PORT = 7860


def parse(argv: Sequence[str] | None = None, program: str = "app.py") -> argparse.Namespace:
    """Read the command line of the page."""
    space = is_space(os.environ)
    parser = Parser(prog=program, description="Open DeepRNN in the browser.")
    parser.add_argument("--host", default="0.0.0.0" if space else "127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=SPACE_PORT if space else None, help="default: the first free one")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps")
    parser.add_argument("--home", type=Path, default=None, help="folder of runs and texts (default: ~/deeprnn)")
    parser.add_argument("--allow-host", action="append", default=[], metavar="NAME", help="answer to this name too")
    parser.add_argument(
        "--public", action="store_true", default=space, help="each visitor has runs and texts of their own, and limits"
    )
    parser.add_argument(
        "--auto-resume", action="store_true", default=space, help="go on by itself with runs that were interrupted"
    )
    parser.add_argument("--track", metavar="NAME", help="follow every run in trackio or tensorboard too")
    options = parser.parse_args(argv)
    if options.port is not None and not 0 < options.port < 65536:
        parser.error(f"--port is {options.port}, but must be between 1 and 65535")
    return options


def is_space(environment: Mapping[str, str]) -> bool:
    """Tell whether this is a Hugging Face Space, where strangers share one machine."""
    return bool(environment.get("SPACE_ID"))
