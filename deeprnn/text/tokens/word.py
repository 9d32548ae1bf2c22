"""Words as tokens. Everything between words is a token too, except the single blank between two words.

So a text comes back exactly as it was, but for what the vocabulary leaves out, which becomes `<unk>`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np

from ...config import TextConfig
from ..replacement import UNKNOWN, Replacement, name_of, nearest
from .kind import DEFAULTS, Lengths, TokenIds, frequent_symbols, in_pieces, plain_ids
from .symbols import SymbolVocabulary, read_symbols

RAREST = 2  # a word seen once teaches little and would fill half of the vocabulary
# Scripts whose words no blank divides: each of their characters is a token.
_UNDIVIDED = "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_UNDIVIDED += "\uff66-\uff9f\U00020000-\U0003ffff"


@cache
def _pattern() -> re.Pattern[str]:
    """Return what finds the tokens: words with inner apostrophes, marks with a blank on either side, single others.

    Python's own word characters lack the vowel signs of many scripts, which Unicode counts among the marks.
    """
    marks = "".join(chr(c) for c in (*range(0x300, 0x11FFF), *range(0x1D165, 0x1E950), *range(0xE0100, 0xE01F0))
                    if unicodedata.category(chr(c))[0] == "M")  # fmt: skip
    letter = rf"(?:[^\W{_UNDIVIDED}]|[\u200c\u200d{marks}])"
    word = rf"{letter}+(?:['’]{letter}+)*"
    return re.compile(rf"(?P<unknown>{UNKNOWN})|(?P<word>{word})|[{_UNDIVIDED}]| ?(?!{UNKNOWN})[^\w\s] ?|\s", re.DOTALL)


@dataclass(frozen=True)
class WordTokenizer(SymbolVocabulary):
    """Number the words, punctuation marks and blanks of a vocabulary; everything else is token 0.

    Args:
        symbols: `<unk>` first, then tokens as `_pattern` finds them, each once.
    """

    kind: ClassVar[str] = "word"

    @classmethod
    def train(cls, pieces: Iterable[str], config: TextConfig = DEFAULTS) -> WordTokenizer:
        """Build the vocabulary of a text: falling frequency, ties by first appearance."""
        counts: Counter[str] = Counter()
        for piece in in_pieces(pieces):
            counts.update(match[0] for match in _tokens(piece))
        return cls(frequent_symbols(counts, config, RAREST))

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    @cached_property
    def _is_word(self) -> tuple[bool, ...]:
        """Tell of each token whether a blank stands between it and another such."""
        return tuple(number == 0 or _is_word(symbol) for number, symbol in enumerate(self.symbols))

    @cached_property
    def _bare(self) -> frozenset[str]:
        return frozenset(symbol.strip(" ") for symbol in self.symbols)

    def _parts(self, text: str) -> Iterator[tuple[str, int]]:
        """Yield tokens and where each ends; a mark that is unknown only with its blanks comes apart from them."""
        for match in _tokens(text):
            token, end = match[0], match.end()
            core = token.strip(" ")
            if token in self._ids or core == token or core not in self._ids or " " not in self._ids:
                yield token, end
                continue
            for part in re.findall("[^ ]+| ", token):
                begin = end - len(token)
                yield part, begin + len(part)
                token = token[len(part) :]

    def encode(self, text: str) -> TokenIds:
        """Return the (tokens,) token ids of a text; unknown words become 0."""
        known = self._ids.get
        return np.fromiter((known(token, 0) for token, _ in self._parts(text)), self.dtype)

    def lengths(self, text: str) -> Lengths:
        """Return the (tokens,) characters of each token, with the blank before it if it is left out."""
        ends = np.fromiter((end for _, end in self._parts(text)), np.int64)
        ends[-1:] = len(text)  # a blank at the very end, where one is left out, belongs to the last token
        return np.diff(ends, prepend=0).astype(np.uint32)

    def decode(self, ids: Iterable[int] | TokenIds) -> str:
        """Return the text of token ids, token 0 written as `<unk>`."""
        decoder = self.decoder()
        return "".join(map(decoder.feed, plain_ids(ids)))

    def decoder(self) -> WordDecoder:
        """Return a new decoder for a text that comes word by word."""
        return WordDecoder(self.symbols, self._is_word)

    def replace_unknown(self, text: str) -> tuple[str, tuple[Replacement, ...]]:
        """Return the text with another writing of each unknown word, or `<unk>`, and what was replaced."""
        decoder, replaced, written = self.decoder(), dict[str, str](), []
        for token, _ in self._parts(text):
            if token not in self._ids:
                replaced[token] = self._nearest(token)
            written.append(decoder.feed(self._ids[replaced.get(token, token)]))
        said = (Replacement(name_of(old.strip() or old), new.strip() or new) for old, new in replaced.items())
        return "".join(written), tuple(said)

    def _nearest(self, token: str) -> str:
        """Return the known writing nearest to a token: width, case, accents, another mark, other blanks around it."""
        core = token.strip(" ") or token
        forms = dict.fromkeys((core, nearest(core, self._bare), *_writings(core)))
        before, _, after = token.partition(core)
        blanks = dict.fromkeys(((before, after), ("", ""), ("", " "), (" ", ""), (" ", " ")))
        found = (left + form + right for form in forms if form for left, right in blanks)
        return next((form for form in found if form in self._ids), UNKNOWN)

    @classmethod
    def from_dict(cls, values: Any) -> WordTokenizer:
        """Build a tokenizer from what `to_dict` returned, trusting nothing.

        Raises:
            CheckpointError: it is not a vocabulary of words.
        """
        return cls(read_symbols(values, "word", lambda symbol: [m[0] for m in _pattern().finditer(symbol)] == [symbol]))


class WordDecoder:
    """Decode words one by one: a blank goes before a word that follows a word.

    Args:
        symbols: of each token.
        is_word: whether each is a word.
    """

    def __init__(self, symbols: tuple[str, ...], is_word: tuple[bool, ...]) -> None:
        self._symbols, self._is_word = symbols, is_word
        self._after_word = False

    def feed(self, token_id: int) -> str:
        """Return a token with the blank before it."""
        blank = " " if self._after_word and self._is_word[token_id] else ""
        self._after_word = self._is_word[token_id]
        return blank + self._symbols[token_id]

    def finish(self) -> str:
        """Return nothing: every word is whole."""
        return ""


def _tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a text; the single blank between two words is none."""
    blank: re.Match[str] | None = None
    after_word = False
    for match in _pattern().finditer(text):
        is_word = match.lastgroup is not None
        if blank is not None and not is_word:
            yield blank
        blank = match if after_word and match[0] == " " else None
        after_word = is_word
        if blank is None:
            yield match
    if blank is not None:
        yield blank


def _is_word(symbol: str) -> bool:
    match = _pattern().match(symbol)
    return match is not None and match.lastgroup is not None


def _writings(word: str) -> Iterator[str]:
    """Yield other writings of a word, the nearest first."""
    wide = unicodedata.normalize("NFKC", word)
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    for form in (word, word.replace("’", "'"), word.replace("'", "’"), wide, bare):
        yield from (form, form.lower(), form.capitalize(), form.upper())
