"""A corpus: a text as token ids, split for training and validation. It knows no formats and no encodings."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

import numpy as np

from ..config import Recipe, TextConfig
from ..errors import TextError
from ..messages import Message, message
from .batches import batches_per_epoch
from .characters import CharacterCounter
from .cleaning import clean
from .encoded import Header, digest, key_of, make_room, open_encoded, write_encoded
from .meter import Meter, Progress
from .prepared import Pieces, PreparedText
from .tokenizer import MAX_SYMBOLS, CharacterTokenizer, TokenIds

MIN_TOKENS = 32  # less than this teaches nothing
MIN_STEPS, MIN_STREAMS = 8, 8  # what a short text's minibatch keeps as long as it can
MEMORY_TOKENS = 8_000_000  # fewer are made anew in a moment, and are no burden


@dataclass(frozen=True, eq=False)
class Corpus:
    """Hold a text that is ready for training.

    Args:
        name: its title.
        tokenizer: made from the whole text.
        train_ids: (tokens,) of the smallest unsigned type.
        validation_ids: (tokens,) the part after it that is never trained on; may be empty.
        characters: length of both parts together.
        tokens_per_character: 1 for a character tokenizer.
        sha256: of the text as it came, in UTF-8.
        entropy_floor: nats per character that nothing can beat; None when nobody knows.
        notices: what the user should know.
    """

    name: str
    tokenizer: CharacterTokenizer
    train_ids: TokenIds
    validation_ids: TokenIds
    characters: int
    tokens_per_character: float
    sha256: str
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()


def build_corpus(
    text: Pieces, config: TextConfig, name: str, entropy_floor: float | None = None, progress: Progress | None = None
) -> Corpus:
    """Turn a text into token ids; those of a long one lie on the disk, where the next run finds them.

    The vocabulary comes from the whole text, also when `max_tokens` keeps only its beginning, as in the chapter.

    Args:
        text: clean text, or its pieces, which are gone through more than once.
        config: what to keep of it.
        name: its title.
        entropy_floor: nats per character of the source it was drawn from, if known.
        progress: told the bytes done and their total, which is 0 until it is known (pieces may have `total_bytes`);
            what it raises, `Cancelled` for one, ends the work and leaves nothing behind.

    Raises:
        TextError: too little of the text is left to learn from, it changes meanwhile, or the disk refuses.
    """
    meter = Meter(progress, 2 * getattr(text, "total_bytes", 0))
    prepared = PreparedText(text, config, meter)
    counter, digest = CharacterCounter(), hashlib.sha256()
    for piece in prepared:
        counter.add(piece)
        if entropy_floor is not None:
            digest.update(piece.encode("utf-8", "surrogatepass"))
    meter.total = 2 * meter.done
    changes = (change for change in prepared.changes if change.key != "letters_kept")
    notices = (*changes, *_check(prepared.characters, counter, config))
    tokenizer, ids, damage = _encode(prepared, counter, config, meter)
    held_out = int(len(ids) * config.validation_fraction)
    split = len(ids) - (held_out if held_out >= 2 else 0)
    floor = entropy_floor if digest.hexdigest() == prepared.sha256 else None
    parts = ids[:split], ids[split:]
    return Corpus(name, tokenizer, *parts, len(ids), 1.0, prepared.sha256, floor, (*notices, *damage))


def _encode(
    text: PreparedText, counter: CharacterCounter, config: TextConfig, meter: Meter
) -> tuple[CharacterTokenizer, TokenIds, tuple[Message, ...]]:
    """Return the tokenizer, the ids of the whole text, and what was found wrong with those on the disk."""
    tokenizer = CharacterTokenizer.from_counts(counter.counts())
    parts, damage = _parts(text, tokenizer, config.max_tokens or sys.maxsize), []
    tokens = min(counter.characters, config.max_tokens or sys.maxsize)
    if tokens <= MEMORY_TOKENS:
        return tokenizer, np.concatenate([*parts]), ()
    settings = {name: value for name, value in asdict(config).items() if name != "validation_fraction"}
    key = key_of(text.sha256, settings)
    try:
        if found := open_encoded(key, meter.tell):
            meter.add(meter.total - meter.done)
            return CharacterTokenizer.from_dict(found[0].tokenizer), found[1], ()
    except TextError as error:
        damage.append(error.message)

    def describe(count: int, crc32: int) -> Header:
        values = tokenizer.to_dict()
        known = settings, values, digest(values), counter.characters
        return Header(text.sha256, *known, count, tokenizer.dtype.name, crc32)

    make_room(tokens * tokenizer.dtype.itemsize)
    return tokenizer, write_encoded(key, describe, parts), tuple(damage)


def _parts(text: Iterable[str], tokenizer: CharacterTokenizer, left: int) -> Iterator[TokenIds]:
    """Yield the ids of a text piece by piece, at most so many as are left."""
    for piece in text:
        ids = tokenizer.encode(piece)[:left]
        yield ids
        left -= len(ids)
        if left == 0:
            return


def prepare_text(text: str, config: TextConfig) -> str:
    """Return a text as the tokenizer will see it; what it is cut to comes later."""
    return clean(text, config).text


def _check(characters: int, counter: CharacterCounter, config: TextConfig) -> tuple[Message, ...]:
    """Refuse what cannot be learnt; return what the user should know of the rest."""
    left, distinct = counter.characters, len(counter.counts())
    if config.letters_only and left < MIN_TOKENS <= characters:
        raise TextError("no_letters", characters=characters, left=left)
    if left < MIN_TOKENS:
        raise TextError("text_too_short", characters=left, needed=MIN_TOKENS)
    if config.max_tokens is not None and config.max_tokens < MIN_TOKENS:
        raise TextError("max_tokens_too_small", value=config.max_tokens, needed=MIN_TOKENS)
    if distinct < 2:
        raise TextError("one_character", characters=left)
    notices = []
    if config.letters_only and left < characters // 2:
        notices.append(message("few_letters", characters=characters, left=left))
    if distinct >= MAX_SYMBOLS:
        notices.append(message("rare_characters", distinct=distinct, kept=MAX_SYMBOLS - 1))
    return tuple(notices)


def fit_recipe(recipe: Recipe, corpus: Corpus) -> tuple[Recipe, tuple[Message, ...]]:
    """Shrink the minibatch of a recipe until a short text fills at least one in every epoch.

    Args:
        recipe: what was asked for.
        corpus: built with the recipe's text settings.

    Returns:
        the recipe that can be trained, and what was changed.

    Raises:
        TextError: not even the smallest minibatch can be filled.
    """
    notices = []
    if recipe.text.validation_fraction > 0 and len(corpus.validation_ids) < 2:
        recipe = recipe.replace(validation_fraction=0.0)
        notices.append(message("no_validation", characters=corpus.characters))
    tokens, old = len(corpus.train_ids), recipe.train
    if batches_per_epoch(tokens, old.batch_size, old.sequence_length) == 0:
        batch, length = _largest_minibatch(tokens, old.batch_size, old.sequence_length)
        if batch == 0:
            raise TextError("text_too_short", characters=tokens, needed=MIN_TOKENS)
        recipe = recipe.replace(batch_size=batch, sequence_length=length)
        notices.append(
            message(
                "minibatch_shrunk",
                tokens=tokens,
                batch_size=batch,
                sequence_length=length,
                old_batch_size=old.batch_size,
                old_sequence_length=old.sequence_length,
            )
        )
    return recipe, tuple(notices)


def _largest_minibatch(tokens: int, batch_size: int, sequence_length: int) -> tuple[int, int]:
    """Return (batch_size, sequence_length) that fit: time is halved first, then streams go, then time goes below 8."""
    streams, length = min(batch_size, MIN_STREAMS), sequence_length
    while length > MIN_STEPS and batches_per_epoch(tokens, streams, length) == 0:
        length = max(MIN_STEPS, length // 2)
    while length > 1 and batches_per_epoch(tokens, 1, length) == 0:
        length //= 2
    return min(batch_size, batches_per_epoch(tokens, 1, length)), length
