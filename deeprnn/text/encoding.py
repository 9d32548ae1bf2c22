"""A prepared text to token ids: in memory if they are few, else on the disk. It knows no formats and no split."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from ..config import TextConfig
from ..errors import CheckpointError, TextError
from ..messages import Message, message
from .ahead import ahead
from .counting import CharacterCounter, CodePoints, at_line_starts
from .encoded import Header, digest, encoded_folder, key_of, make_room, open_encoded, write_encoded
from .meter import Meter
from .prepared import PreparedText
from .spool import Spool
from .tokens.character import CharacterTokenizer
from .tokens.choice import read_tokenizer, train_tokenizer
from .tokens.kind import TokenIds, Tokenizer

MEMORY_TOKENS = 8_000_000  # fewer are made anew in a moment, and are no burden
MARK_TOKENS = 4096  # between two marks on the disk
ANYWHERE = ("character", "byte")  # kinds of tokens that do not mind where a text is cut

Places = NDArray[np.int64]


@dataclass(frozen=True)
class EncodedText:
    """Hold a text as token ids.

    Args:
        tokenizer: made from the whole text.
        ids: (tokens,) of the smallest unsigned type.
        unknown: tokens that its vocabulary leaves out.
        marks: (2, marks) numbers of tokens, and the characters that so many tokens from the beginning stand for.
        notices: what was found wrong with the ids on the disk.
    """

    tokenizer: Tokenizer
    ids: TokenIds
    unknown: int
    marks: tuple[tuple[int, ...], tuple[int, ...]]
    notices: tuple[Message, ...] = ()

    def characters(self, tokens: int) -> int:
        """Return the characters of the first tokens; between two marks, which only long texts have, by proportion."""
        return round(float(np.interp(tokens, *self.marks)))


@dataclass(frozen=True)
class CountedText:
    """Hold a text after the first pass.

    Args:
        prepared: to go through it again.
        counter: has counted its characters.
        spool: holds its code points, if its tokens are characters.
    """

    prepared: PreparedText
    counter: CharacterCounter
    spool: Spool


class Tally:
    """Count the tokens of a text and the characters that they stand for.

    Args:
        tokenizer: whose tokens they are.
        every: tokens between two marks.
    """

    def __init__(self, tokenizer: Tokenizer, every: int) -> None:
        self.unknown, self.positions, self.characters = 0, [0], [0]
        self._tokenizer, self._every = tokenizer, every

    def parts(self, pieces: Iterable[str], left: int) -> Iterator[TokenIds]:
        """Yield the ids of a text piece by piece, at most so many as are left."""
        for piece in pieces:
            if len(ids := self._tokenizer.encode(piece)[:left]):
                ends = np.append(np.arange(self._every, len(ids), self._every), len(ids))
                read = np.cumsum(self._tokenizer.lengths(piece)[: len(ids)], dtype=np.int64)[ends - 1]
                yield self._counted(ids, ends, read)
            left -= len(ids)
            if left == 0:
                return

    def single(self, parts: Iterable[TokenIds]) -> Iterator[TokenIds]:
        """Yield the ids of a text each of whose tokens is one character."""
        for ids in parts:
            yield self._counted(ids, ends := np.array([len(ids)]), ends)

    def _counted(self, ids: TokenIds, ends: Places, read: Places) -> TokenIds:
        """Enter some ids, and after how many of them so many characters have been read."""
        if self._tokenizer.unknown_id is not None:
            self.unknown += int(np.count_nonzero(ids == self._tokenizer.unknown_id))
        self.characters += (self.characters[-1] + read).tolist()
        self.positions += (self.positions[-1] + ends).tolist()
        return ids

    @property
    def marks(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return what `EncodedText` holds."""
        return tuple(self.positions), tuple(self.characters)


def encode_text(text: CountedText, config: TextConfig, meter: Meter) -> EncodedText:
    """Make the tokenizer of a text and encode it, or find both on the disk.

    Args:
        text: that was read once.
        config: kind and number of the tokens.
        meter: counts the bytes of every pass.

    Raises:
        TextError: it changes meanwhile, or the disk refuses.
    """
    most = config.max_tokens or sys.maxsize
    if min(text.prepared.bytes, most) <= MEMORY_TOKENS:  # no kind has more tokens than the text has bytes
        tokenizer = _train(text, config)
        tally = Tally(tokenizer, 1)
        ids = np.concatenate([*_parts(text, tokenizer, tally, config, meter)])
        return EncodedText(tokenizer, ids, tally.unknown, tally.marks)
    settings = {name: value for name, value in asdict(config).items() if name != "validation_fraction"}
    key, damage = key_of(text.prepared.sha256, settings), list[Message]()
    try:
        if found := _find(key, meter):
            return found
    except (TextError, CheckpointError):
        damage.append(message("encoded_damaged", path=str(encoded_folder() / f"{key}.ids")))
    tokenizer = _train(text, config)
    tally = Tally(tokenizer, MARK_TOKENS)

    def describe(tokens: int, crc32: int) -> Header:
        values = tokenizer.to_dict()
        identity = text.prepared.sha256, settings, values, digest(values)
        return Header(*identity, tokens, tokenizer.dtype.name, crc32, tally.unknown, tally.marks)

    tokens = text.counter.characters if config.tokenizer == "character" else text.prepared.bytes
    make_room(min(tokens, most) * tokenizer.dtype.itemsize)
    ids = write_encoded(key, describe, _parts(text, tokenizer, tally, config, meter))
    return EncodedText(tokenizer, ids, tally.unknown, tally.marks, tuple(damage))


def _find(key: str, meter: Meter) -> EncodedText | None:
    found = open_encoded(key, meter.tell)
    if found is None:
        return None
    header, ids = found
    encoded = EncodedText(read_tokenizer(header.tokenizer), ids, header.unknown, header.marks)
    meter.add(meter.total - meter.done)
    return encoded


def _train(text: CountedText, config: TextConfig) -> Tokenizer:
    if config.tokenizer == "character":
        return CharacterTokenizer.from_counts(text.counter.counts(), config)
    return train_tokenizer(_pieces(text, config), config)


def _parts(
    text: CountedText, tokenizer: Tokenizer, tally: Tally, config: TextConfig, meter: Meter
) -> Iterator[TokenIds]:
    """Return the ids of a text piece by piece, and let them be counted."""
    if isinstance(tokenizer, CharacterTokenizer):
        return tally.single(ahead(tokenizer.encode_codes, _told(text.spool, meter)))
    return tally.parts(_pieces(text, config), config.max_tokens or sys.maxsize)


def _told(spool: Spool, meter: Meter) -> Iterator[CodePoints]:
    """Yield the pieces of a spool and tell the meter, up to its total."""
    begin, done = meter.done, 0
    for codes in spool:
        done += len(codes)
        meter.add(begin + (meter.total - begin) * done // spool.characters - meter.done)
        yield codes


def _pieces(text: CountedText, config: TextConfig) -> Iterable[str]:
    return text.prepared if config.tokenizer in ANYWHERE else at_line_starts(text.prepared)
