"""Where a text may be cut so that its tokens stay the same. It knows no kind of token."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

LONGEST = 1 << 20  # characters that may wait for a place to cut
# No kind of token reaches across a line break that follows a character which is none of the blanks.
_END_OF_LINE = re.compile(r"(?<=\S)\n")


def at_line_ends(pieces: Iterable[str], longest: int = LONGEST) -> Iterator[str]:
    r"""Cut a text anew, before line breaks, so that the tokens of the pieces together are those of the whole text.

    Cut elsewhere, the text would come back as exactly, but a token would lie on either side where one was.

    Args:
        pieces: the text, cut anywhere.
        longest: where so many characters have no line break among them, the text is cut as it came.

    Yields:
        pieces; every one but the first begins with a line break, or with what came after too long a line.
    """
    waiting: list[str] = []
    held = 0
    for piece in pieces:
        waiting.append(piece)
        held += len(piece)
        text = "".join(waiting) if _END_OF_LINE.search(piece) or held >= longest else ""
        ends = [match.start() for match in _END_OF_LINE.finditer(text)]
        cut = ends[-1] if ends and ends[-1] else len(text) if held >= longest else 0
        if cut:
            yield text[:cut]
            waiting, held = [text[cut:]], len(text) - cut
    if held:
        yield "".join(waiting)
