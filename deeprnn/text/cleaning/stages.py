"""One change of a text each, piece by piece; wherever a text is cut, the pieces give what the whole would.

A stage holds back what the next piece may still change. `count` says how many places it has changed so far.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

import numpy as np

from ..repair import join_pairs

_BLANK = re.compile("[ \t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BLANK_RUN = re.compile(f"({_BLANK.pattern}){_BLANK.pattern}+")
UNIQUE_CHARACTERS = 20  # a shorter line may well come twice: a name before what it says, a refrain
_NOT_LETTERS = re.compile("[^A-Za-z]+")
EXAMPLES = 3  # of what was changed, kept to be shown
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LINE_END = re.compile("[\r\n]")
_NOT_LETTERS_OR_ENDS = re.compile("[^A-Za-z\r\n]+")
_SEAM = re.compile(" ?(?:[\r\n] ?)+")
# Nothing before these characters composes with them, and none of them hides a letter's neighbours from `lower`.
_BEFORE_COMPOSED = re.compile(r"(?s).*[\0-\x7f\u4e00-\u9fff]")
_BEFORE_LOWERED = re.compile(r"(?s).*[\s0-9\u4e00-\u9fff]")
_COMPOSABLE = re.compile(r"[\0-\x7f\u4e00-\u9fff]?[^\0-\x7f\u4e00-\u9fff]+")


class Stage:
    """Change the text that is fed and count the places; this one changes nothing."""

    def __init__(self) -> None:
        self.count, self._held = 0, ""

    @property
    def is_waiting(self) -> bool:
        """Tell whether part of what was fed is held back."""
        return self._held != ""

    def feed(self, piece: str) -> str:
        """Take the next piece; return what is certain by now."""
        text = self._held + piece
        keep = self.certain(text)
        self._held = text[keep:]
        return self.change(text[:keep])

    def finish(self) -> str:
        """Return the rest, after the last piece."""
        text, self._held = self._held, ""
        return self.change(text)

    def whole(self, text: str) -> str:
        """Return a text that comes in one piece, changed."""
        return self.feed(text) + self.finish()

    def certain(self, text: str) -> int:
        """Return how many characters of a text can be changed whatever follows."""
        return len(text)

    def change(self, text: str) -> str:
        """Return a text changed, and count."""
        return text


class Substitution(Stage):
    """Replace what patterns match.

    Args:
        rules: pairs of a pattern and what stands for each of its matches.
        open_ends: characters that the next piece may join to a longer match.
    """

    def __init__(self, *rules: tuple[str, str], open_ends: str = "") -> None:
        super().__init__()
        self._rules = [(re.compile(pattern), new) for pattern, new in rules]
        self._open_ends = open_ends

    def certain(self, text: str) -> int:
        """Hold back a last character that may be half of a match."""
        return len(text) - (text[-1:] != "" and text[-1] in self._open_ends)

    def change(self, text: str) -> str:
        """Replace every match."""
        for pattern, new in self._rules:
            text, count = pattern.subn(new, text)
            self.count += count
        return text


class SurrogatePairs(Stage):
    """Join the two surrogates that write one character in UTF-16."""

    def certain(self, text: str) -> int:
        """Hold back a first half."""
        return len(text) - ("\ud800" <= text[-1:] <= "\udbff")

    def change(self, text: str) -> str:
        """Join every pair."""
        text, count = join_pairs(text)
        self.count += count
        return text


class Composition(Stage):
    """Compose letters and their marks (NFC); a place is a stretch of characters beyond ASCII and Han."""

    def certain(self, text: str) -> int:
        """Cut before the last character that nothing composes with."""
        before = _BEFORE_COMPOSED.match(text)
        return before.end() - 1 if before else 0

    def change(self, text: str) -> str:
        """Compose every stretch."""
        return text if unicodedata.is_normalized("NFC", text) else _COMPOSABLE.sub(self._compose, text)

    def _compose(self, match: re.Match[str]) -> str:
        new = unicodedata.normalize("NFC", match.group())
        self.count += new != match.group()
        return new


class SingleBlanks(Stage):
    """Keep the first blank of every run in a line, and count those removed."""

    def feed(self, piece: str) -> str:
        """Take the next piece; one blank at its end stays here."""
        text = self.change(self._held + piece)
        keep = len(text) - (_BLANK.match(text[-1:]) is not None)
        self._held = text[keep:]
        return text[:keep]

    def change(self, text: str) -> str:
        """Shorten every run."""
        new = _BLANK_RUN.sub(r"\1", text)
        self.count += len(text) - len(new)
        return new


class LowerCase(Stage):
    """Write capitals small, a Greek sigma by its place in the word; count the characters that changed."""

    def certain(self, text: str) -> int:
        """Cut after the last character that ends a word, since a sigma's form depends on its neighbours."""
        before = _BEFORE_LOWERED.match(text)
        return before.end() if before else 0

    def change(self, text: str) -> str:
        """Write it small."""
        new = text.lower()
        if new != text:
            self.count += _different(text, new)
        return new


def _different(old: str, new: str) -> int:
    """Return how many characters of a text have another small form."""
    if len(old) != len(new):
        return sum(character.lower() != character for character in old)
    before, after = (np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4") for text in (old, new))
    return int(np.count_nonzero(before != after))


class UniqueLines(Stage):
    """Keep only the first of equal lines with at least 20 characters, and count those removed."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: set[bytes] = set()
        self.removed: list[str] = []  # the first few

    def certain(self, text: str) -> int:
        """Hold back the line that has not ended."""
        return text.rfind("\n") + 1

    def change(self, text: str) -> str:
        """Drop what was there before."""
        return "".join(line for line in _LINE.findall(text) if self._is_new(line))

    def _is_new(self, line: str) -> bool:
        bare = line.strip()
        if len(bare) < UNIQUE_CHARACTERS:
            return True
        digest = blake2b(bare.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if digest in self._seen:
            self.count += 1
            if self.count <= EXAMPLES:
                self.removed.append(bare)
            return False
        self._seen.add(digest)
        return True


class LettersOnly(Stage):
    """Keep letters A to Z as the chapter does, and count the characters removed or changed."""

    def __init__(self) -> None:
        super().__init__()
        self._line_begun = self._gap = False

    def change(self, text: str) -> str:
        """Clean every line and join them; a line may go on in the next piece."""
        first = _LINE_END.search(text)
        if first is None:
            new = self._go_on(text)
        else:
            last = max(text.rfind("\r"), text.rfind("\n"))
            new = self._go_on(text[: first.start()])
            words = _NOT_LETTERS_OR_ENDS.sub(" ", text[first.start() : last + 1])
            new += _SEAM.sub("", words).lower()
            self._line_begun = self._gap = False
            new += self._go_on(text[last + 1 :])
        self.count += len(text) - len(new)
        return new

    def _go_on(self, part: str) -> str:
        """Clean part of a line; a blank at its end waits for a letter after it."""
        words = _NOT_LETTERS.sub(" ", part).lower()
        bare = words.strip()
        if not bare:
            self._gap = self._gap or words != ""
            return ""
        joint = " " if self._line_begun and (self._gap or words[0] == " ") else ""
        self._line_begun, self._gap = True, words[-1] == " "
        return joint + bare


def letters_only(text: str) -> str:
    """Keep letters A to Z as the chapter does: line by line, in lower case, lines joined without anything between."""
    return LettersOnly().whole(text)
