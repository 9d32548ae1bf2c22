"""A prefix as a model reads it: cleaned as its text was, then written with known tokens. The one place for that."""

from __future__ import annotations

import dataclasses
import re

from ..config import TextConfig
from .cleaning import clean
from .replacement import Replacement, name_of
from .tokens.kind import Tokenizer

_OPEN_END = re.compile(r"[^A-Za-z\r\n]\Z")  # of a line that goes on


def read_prefix(prefix: str, tokenizer: Tokenizer, config: TextConfig) -> tuple[str, tuple[Replacement, ...]]:
    """Read a prefix as the text was read that the model has learnt.

    Args:
        prefix: what a user typed.
        tokenizer: of the model.
        config: how its text was cleaned.

    Returns:
        the text with known tokens only, and each character or token that became another, in order of appearance.
    """
    config = dataclasses.replace(config, drop_gutenberg=False, unique_lines=False)  # which are of a whole text
    cleaned = clean(prefix, config).text
    if config.letters_only and cleaned and _OPEN_END.search(prefix):
        cleaned += " "  # a word follows
    kept = set(cleaned)
    gone = [character for character in dict.fromkeys(prefix) if character not in kept]
    changes = [Replacement(name_of(c), tokenizer.replace_unknown(_alone(c, config))[0]) for c in gone]
    read, unknown = tokenizer.replace_unknown(cleaned)
    return read, (*changes, *(old for old in unknown if old.character in prefix))


def _alone(character: str, config: TextConfig) -> str:
    """Return what becomes of a character in a word."""
    text = clean(f"a{character}a", config).text
    return text[1:-1] if text[:1] == text[-1:] == "a" else clean(character, config).text
