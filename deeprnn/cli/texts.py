"""Texts on the command line: which ones, and how they are read where there is a choice."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..text.account import Reading

TEXT_HELP = (
    "a file of any format, a folder of them, - for standard input, hub:owner/name for a data set, or the name of a "
    "text that the program knows, such as the_thirsty_bell or time_machine; several are read as one"
)


def add_texts(parser: argparse.ArgumentParser, *, needed: bool = True) -> None:
    """Declare the texts and what can be chosen of them."""
    parser.add_argument("texts", metavar="TEXT", nargs="+" if needed else "*", help=TEXT_HELP)
    parser.add_argument("--encoding", help="the encoding of plain texts, tables and pages (default: found out)")
    parser.add_argument(
        "--column",
        metavar="NAME",
        action="append",
        default=[],
        help="a column of tables or a field of records; may be repeated (default: the one with most text)",
    )


def read_how(options: argparse.Namespace) -> Reading:
    """Return what was chosen."""
    from ..text.account import Reading

    return Reading(options.encoding, tuple(options.column))
