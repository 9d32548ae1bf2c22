"""The header and licence that Project Gutenberg puts around a book; knows their wording, and nothing else of a text."""

from __future__ import annotations

import re

from .stages import Stage

WINDOW = 1 << 16  # characters of a book's beginning in which its header must end
REACH = 1 << 9  # characters that a marker takes at most
_NAME = r"PROJECT GUTENBERG(?:['’]S|-TM|™)?"
_MARKER = rf"^[ \t]*\*\*\*[ ]?START OF TH(?:E|IS) {_NAME} E(?:BOOK|TEXT)"
# "*** START OF THE PROJECT GUTENBERG EBOOK ALICE ***", on up to three lines, and what ended the header before 2002.
_START = re.compile(
    rf"{_MARKER}(?:(?:[^*\n]{{0,99}}\n){{0,2}}[^*\n]{{0,99}}\*\*\*)?[^\n]{{0,99}}\n?"
    r"|^\*END\*?[ ]?THE SMALL PRINT![^\n]{0,99}\n?",
    re.I | re.M,
)
_STARRED_END = re.compile(rf"^[ \t]*\*\*\*[ ]?END OF TH(?:E|IS) {_NAME} E(?:BOOK|TEXT)", re.I | re.M)
_END = re.compile(
    rf"{_STARRED_END.pattern}|^End of (?:the |this )?{_NAME}(?: E(?:book|text))?(?=[ ,.\n])",
    re.I | re.M,
)
# What begins the next book of a collection.
_NEXT = re.compile(rf"^\ufeff?\**(?:The )?{_NAME} E(?:book|text),? (?:of|for) |{_MARKER}", re.I | re.M)


class Gutenberg(Stage):
    """Keep the books alone, without header and licence; count the characters removed."""

    def __init__(self) -> None:
        super().__init__()
        self._place, self._began = "head", False
        self._before = "\n"  # the character before what is held: a marker begins a line

    def feed(self, piece: str) -> str:
        """Take the next piece; a head stays here until it is known for one."""
        self._held += piece
        return self._read(ended=False)

    def finish(self) -> str:
        """Return the rest."""
        return self._read(ended=True)

    def _read(self, *, ended: bool) -> str:
        steps = {"head": self._head, "body": self._body, "tail": self._tail}
        kept = []
        while True:
            before = self._place, len(self._held)
            kept.append(steps[self._place](ended))
            if (self._place, len(self._held)) == before:
                return "".join(kept)

    def _head(self, ended: bool) -> str:
        """Drop everything to the end of a header, or find that there is none."""
        if len(self._held) < WINDOW + REACH and not ended:
            return ""
        found = self._find(_START)
        self._place = "body"
        self._began = found is not None and found[0] < WINDOW
        if found and self._began:
            self._drop(found[1])
        return ""

    def _body(self, ended: bool) -> str:
        """Keep everything before the licence; without a header, only the marker with stars begins one."""
        found = self._find(_END if self._began else _STARRED_END)
        if found:
            self._place = "tail"
            return self._take(found[0])
        return self._take(len(self._held) if ended else self._settled())

    def _tail(self, ended: bool) -> str:
        """Drop everything before the next book."""
        found = self._find(_NEXT)
        if found:
            self._place = "head"
        self._drop(found[0] if found else len(self._held) if ended else self._settled())
        return ""

    def _find(self, pattern: re.Pattern[str]) -> tuple[int, int] | None:
        """Return where the first match in what is held begins and ends."""
        match = pattern.search(self._before + self._held, 1)
        return (match.start() - 1, match.end() - 1) if match else None

    def _settled(self) -> int:
        """Return how much of what is held cannot be part of a marker that is still to be completed."""
        line = self._held.rfind("\n") + 1
        return line if len(self._held) - line < REACH else len(self._held)

    def _take(self, length: int) -> str:
        kept, self._held = self._held[:length], self._held[length:]
        self._before = kept[-1:] or self._before
        return kept

    def _drop(self, length: int) -> None:
        self.count += len(self._take(length))
