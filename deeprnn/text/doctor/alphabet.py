"""The characters of a text: how often each stands there, and the scripts that its letters belong to."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

RARE = 2  # a character that stands there no more often is hardly learnt

# The first word of a letter's name in Unicode is its script, but for these.
_SCRIPTS = {"CJK": "Han", "IDEOGRAPHIC": "Han", "FULLWIDTH": "Latin", "HALFWIDTH": "Katakana", "KANGXI": "Han"}
_SCRIPTS |= {"MASCULINE": "Latin", "FEMININE": "Latin", "MICRO": "Greek"}


def sort_alphabet(counts: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Return characters with their counts, the most frequent first."""
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def script_shares(counts: Mapping[str, int]) -> tuple[tuple[str, float], ...]:
    """Return the share of each script among the letters of a text, the largest first.

    Args:
        counts: how often each character stands there.
    """
    scripts: Counter[str] = Counter()
    for character, count in counts.items():
        if character.isalpha():
            scripts[script_of(character)] += count
    letters = sum(scripts.values())
    return tuple((script, count / letters) for script, count in scripts.most_common())


@lru_cache(1 << 16)
def script_of(letter: str) -> str:
    """Return the script of a letter, such as Latin, Han or Cyrillic."""
    word = unicodedata.name(letter, "UNKNOWN").split()[0].split("-")[0]
    return _SCRIPTS.get(word, word.capitalize())
