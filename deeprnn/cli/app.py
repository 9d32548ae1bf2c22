"""Start the web page."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare nothing: the page reads its own arguments."""


def run(options: argparse.Namespace) -> int:
    """Serve the page until it is told to stop."""
    from ..ui.server import main

    return main(options.arguments, "deeprnn app")
