"""What neither a page nor a file can carry, put right and counted: NUL and surrogates. All else is left as it is."""

from __future__ import annotations

import re
from collections import Counter

from ..messages import Message, message
from .encodings.decoding import REPLACEMENT

_PAIRS = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATES = re.compile("[\ud800-\udfff]")


def repair(text: str) -> tuple[str, Counter[str]]:
    """Return a text without what no page and no file can carry, NUL and surrogates, and the count of each change."""
    changes: Counter[str] = Counter()
    if nuls := text.count("\0"):
        text = text.replace("\0", "")
        changes["nuls_removed"] = nuls
    if _SURROGATES.search(text):
        text, pairs = join_pairs(text)
        text, lone = _SURROGATES.subn(REPLACEMENT, text)
        changes.update({"surrogates_joined": pairs, "surrogates_replaced": lone})
    return text, changes


def join_pairs(text: str) -> tuple[str, int]:
    """Return a text in which any two surrogates that write one character in UTF-16 are it, and how many were."""
    return _PAIRS.subn(lambda pair: pair.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le"), text)


def say_changes(changes: Counter[str]) -> tuple[Message, ...]:
    """Say what `repair` changed."""
    return tuple(message(key, count=count) for key, count in changes.items() if count)
