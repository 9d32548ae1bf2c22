"""Web pages: what a reader sees of them, one line for each paragraph, without scripts, styles and markup."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

from ..account import Account, Reading
from ..pieces import opener, scan

UNSEEN = {"script", "style", "template", "noscript", "head", "svg", "math", "object", "iframe", "select", "textarea"}
BLOCKS = {
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"),
    *("dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"),
    *(
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
    ),
    "ul",
}
PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table", "ul", "ol", "dl", "figure"}
CELLS = {"td", "th"}
MAX_MARKUP_CHARACTERS = 2 * 10**6  # of one tag, comment or script
MAX_REST_CHARACTERS = 4096  # of one that the file ends in
# What a page says and every browser reads: the narrower name stands for the wider encoding.
_MEANT = {
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
    "iso-8859-11": "cp874",
}
_MEANT |= {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "ks_c_5601-1987": "cp949"}
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w.:-]{1,40})|<\?xml[^>]{0,100}encoding=[\"']([\w.-]{1,40})", re.I
)
_CLOSES_HEAD = {"body", "p", "div", "h1", "h2", "table", "ul", "main", "article", "section", "header"}


class VisibleText(HTMLParser):
    """Write what is visible of the markup that is fed; it keeps no tree, so depth costs nothing."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__(convert_charrefs=True)
        self._write = write
        self._unseen: list[str] = []
        self._pre = 0
        self._breaks = 2  # line ends that stand before the next word; a text begins without any
        self._begun = self._blank = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where lines and hidden parts begin."""
        if tag in UNSEEN:
            self._unseen.append(tag)
        elif tag in _CLOSES_HEAD and self._unseen == ["head"]:  # whose end may be left out
            self._unseen.clear()
        if tag == "pre":
            self._pre += 1
        if tag == "br":
            self._breaks = min(2, self._breaks + 1)
        self._border(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a line break; an element without content hides nothing."""
        if tag not in UNSEEN:
            self.handle_starttag(tag, attrs)
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note where lines and hidden parts end."""
        if tag in self._unseen:
            while self._unseen.pop() != tag:
                pass
        if tag == "pre":
            self._pre = max(0, self._pre - 1)
        self._border(tag)

    def take_as_text(self) -> None:
        """Take what was not parsed for words: a tag that never ends would be sought again from each of its signs."""
        rest, self.rawdata = self.rawdata, ""
        self.handle_data(unescape(rest))

    def handle_data(self, data: str) -> None:
        """Write what is seen; blanks and line ends of the markup are one blank."""
        if self._unseen:
            return
        if self._pre:
            self._say(data)
            return
        words = _BLANKS.sub(" ", data)
        if words[:1] == " ":
            self._blank = True
        if said := words.strip(" "):
            self._say(said)
            self._blank = words[-1] == " "

    def _say(self, words: str) -> None:
        if self._breaks:
            self._write("\n" * self._breaks if self._begun else "")
        elif self._blank:
            self._write(" ")
        self._write(words)
        self._begun, self._blank, self._breaks = True, False, 0

    def _border(self, tag: str) -> None:
        if tag in PARAGRAPHS:
            self._breaks = 2
        elif tag in BLOCKS:
            self._breaks = max(1, self._breaks)
        elif tag in CELLS and not self._breaks:
            self._blank = True


def read(path: Path, name: str, how: Reading, write: Callable[[str], None]) -> Account:
    """Write the visible text of a page.

    Raises:
        TextError: it is not a text, or not in the encoding asked for.
    """
    with path.open("rb") as file:
        charset = declared_encoding(file.read(4096))
    account, pieces = scan(opener(path), name, how.encoding, charset)
    write_visible(pieces, write)
    return replace(account, kind="html")


def declared_encoding(head: bytes) -> str:
    """Return the encoding that a page says it has, nothing if it does not say."""
    declared = _CHARSET.search(head)
    name = next((found.decode() for found in declared.groups() if found), "") if declared else ""
    return _MEANT.get(name.lower(), name)


def write_visible(markup: Iterable[str], write: Callable[[str], None]) -> None:
    """Write the visible text of markup that comes in pieces."""
    parser = VisibleText(write)
    for piece in markup:
        parser.feed(piece)
        if len(parser.rawdata) > MAX_MARKUP_CHARACTERS:
            parser.take_as_text()
    if len(parser.rawdata) > MAX_REST_CHARACTERS:
        parser.take_as_text()
    parser.close()
    write("\n")
