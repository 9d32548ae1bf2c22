"""The nearest known writing of unknown characters. It knows no token ids."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from ..messages import Message, message

# Characters of one group stand for each other; the nearest comes first.
TYPOGRAPHY = (
    "'’‘‚‛′`´ʼ",
    '"“”„‟″«»「」『』',
    "-–—―‐‑‒−",
    ",，、",
    ".。．｡",
    ";；",
    "\n\u2028\u2029\x0b\x0c\x85",
    " \t\n\u00a0\u2002\u2003\u2009\u200a\u202f\u205f\u3000\u2028\u2029\x0b\x0c\x85",
)
SPELLED = {"…": ("...", "。。。", ". . ."), "—": ("--", "-"), "–": ("-",), "\t": (" ",), "œ": ("oe",), "Œ": ("Oe",)}
SPELLED |= {"æ": ("ae",), "Æ": ("Ae",), "ß": ("ss",), "ø": ("o",), "Ø": ("O",), "ł": ("l",), "Ł": ("L",), "đ": ("d",)}
FULL_WIDTH = 0xFEE0  # from ASCII to its full-width form
UNKNOWN = "<unk>"  # what stands for everything that a vocabulary leaves out
NOTHING = ("", UNKNOWN)
NAMED = 20  # characters that a message lists
_CLUSTER = re.compile(r".[\u0300-\u036f]+|.", re.DOTALL)


@dataclass(frozen=True)
class Replacement:
    """Say what stands for an unknown character.

    Args:
        character: the unknown character, with its combining marks; a lone surrogate is named, as in U+D800.
        replaced_by: known characters, or nothing when it was dropped.
    """

    character: str
    replaced_by: str


def replace_characters(text: str, known: Collection[str]) -> tuple[str, tuple[Replacement, ...]]:
    """Write a text with known characters only.

    Args:
        text: any text.
        known: the characters that may stay.

    Returns:
        the new text, and each replacement once, in order of first appearance.
    """
    if all(character in known for character in set(text)):
        return text, ()
    clusters = _CLUSTER.findall(text)
    replaced: dict[str, str] = {}
    written = {cluster: _write(cluster, known, replaced) for cluster in dict.fromkeys(clusters)}
    new_text = "".join(map(written.__getitem__, clusters))
    return new_text, tuple(Replacement(name_of(old), new) for old, new in replaced.items())


def _write(cluster: str, known: Collection[str], replaced: dict[str, str]) -> str:
    """Return the known writing of a cluster, and enter what that replaces."""
    if all(character in known for character in cluster):
        return cluster
    new = [
        part if part in known else replaced.setdefault(part, nearest(part, known)) for part in _parts(cluster, known)
    ]
    return "".join(new)


def _parts(cluster: str, known: Collection[str]) -> tuple[str, ...]:
    """Return a letter with its marks whole if that has a known writing, else its code points."""
    return (cluster,) if len(cluster) > 1 and nearest(cluster, known, strip=False) else tuple(cluster)


def nearest(character: str, known: Collection[str], *, strip: bool = True) -> str:
    """Return the known writing nearest to a character, or nothing.

    Args:
        character: one code point, or a letter with combining marks.
        known: the characters that may be used.
        strip: whether accents may be lost.
    """
    for candidate in _candidates(character, strip=strip):
        if candidate and (candidate in known or all(part in known for part in candidate)):
            return candidate
    return ""


def _candidates(character: str, *, strip: bool) -> Iterator[str]:
    """Yield other writings, the nearest first: width and form, case, accents, punctuation."""
    forms = [unicodedata.normalize(form, character) for form in ("NFC", "NFKC", "NFD", "NFKD")]
    compatible, bare = forms[1], "".join(c for c in forms[3] if not unicodedata.combining(c))
    if len(character) == 1 and "!" <= character <= "~":
        forms.append(chr(ord(character) + FULL_WIDTH))
    yield from _cases(forms)
    if strip:
        yield from _cases([bare, *SPELLED.get(character, ())])
        for group in TYPOGRAPHY:
            if character in group or compatible in group:
                yield from group


def _cases(forms: Sequence[str]) -> Iterator[str]:
    yield from forms
    for form in forms:
        yield form.lower()
        yield form.upper()


def name_of(character: str) -> str:
    """Return a character, or the name of a lone surrogate, which cannot be shown."""
    lone = len(character) == 1 and "\ud800" <= character <= "\udfff"
    return f"U+{ord(character):04X}" if lone else character


def replaced_messages(replacements: Sequence[Replacement]) -> tuple[Message, ...]:
    """Say which characters were read as others, and which were left out: one sentence each, if there are any."""
    unknown = [visible(r.character) for r in replacements if r.replaced_by == UNKNOWN]
    left_out = [visible(r.character) for r in replacements if not r.replaced_by]
    read = [f"{visible(r.character)} → {visible(r.replaced_by)}" for r in replacements if r.replaced_by not in NOTHING]
    said = []
    for key, words in (("replaced", read), ("replaced_by_unknown", unknown), ("removed", left_out)):
        if words:
            rest = message("and_more", count=len(words) - NAMED) if len(words) > NAMED else ""
            said.append(message(key, characters=" · ".join(words[:NAMED]), rest=rest))
    return tuple(said)


def visible(characters: str) -> str:
    """Return characters as they are, or named as in U+0007 where a reader would see nothing of them."""
    bare = not characters.isprintable() or characters.isspace() or unicodedata.category(characters[:1] or "a")[0] == "M"
    return " ".join(f"U+{ord(character):04X}" for character in characters) if bare else characters
