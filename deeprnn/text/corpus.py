"""A corpus: a text as token ids, split for training and validation. It knows no formats and no encodings."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass

from ..config import Recipe, TextConfig
from ..errors import TextError
from ..messages import Message, message
from .batches import batches_per_epoch
from .cleaning import clean
from .counting import CharacterCounter
from .encoding import CountedText, EncodedText, encode_text
from .meter import Meter, Progress
from .prepared import Pieces, PreparedText
from .spool import Spool
from .tokens.kind import TokenIds, Tokenizer

MIN_TOKENS = 32  # less than this teaches nothing
MIN_STEPS, MIN_STREAMS = 8, 8  # what a short text's minibatch keeps as long as it can
LEARNT = ("grapheme", "word", "subword")  # kinds of tokens whose vocabulary takes one more pass over the text


@dataclass(frozen=True, eq=False)
class Corpus:
    """Hold a text that is ready for training.

    Args:
        name: its title.
        tokenizer: made from the whole text.
        train_ids: (tokens,) of the smallest unsigned type.
        validation_ids: (tokens,) the part after it that is never trained on; may be empty.
        train_characters: characters that the training part stands for.
        validation_characters: characters that the held-out part stands for.
        sha256: of the text as it came, in UTF-8.
        entropy_floor: nats per character that nothing can beat; None when nobody knows.
        notices: what the user should know.
    """

    name: str
    tokenizer: Tokenizer
    train_ids: TokenIds
    validation_ids: TokenIds
    train_characters: int
    validation_characters: int
    sha256: str
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()

    @property
    def characters(self) -> int:
        """Return the length of both parts together."""
        return self.train_characters + self.validation_characters

    @property
    def tokens_per_character(self) -> float:
        """Return the tokens of a character of the training part: 1 for a character tokenizer."""
        return len(self.train_ids) / max(1, self.train_characters)

    @property
    def validation_tokens_per_character(self) -> float:
        """Return the tokens of a character of the held-out part, or of the other if nothing is held out."""
        if not self.validation_characters:
            return self.tokens_per_character
        return len(self.validation_ids) / self.validation_characters


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
    passes = 3 if config.tokenizer in LEARNT else 2
    meter = Meter(progress, passes * getattr(text, "total_bytes", 0))
    with Spool(config.max_tokens or sys.maxsize, meter.total // passes) as spool:
        counted = CountedText(PreparedText(text, config, meter), CharacterCounter(), spool)
        floor = _count(counted, config, entropy_floor)
        meter.total = passes * meter.done
        prepared, counter = counted.prepared, counted.counter
        changes = (change for change in prepared.changes if change.key != "letters_kept")
        notices = (*changes, *_check(prepared.characters, counter, config))
        encoded = encode_text(counted, config, meter)
    if encoded.tokenizer.vocab_size < 2:
        raise TextError("empty_vocabulary")
    ids = encoded.ids
    held_out = int(len(ids) * config.validation_fraction)
    split = len(ids) - (held_out if held_out >= 2 else 0)
    first, whole = encoded.characters(split), encoded.characters(len(ids))
    notices = (*notices, *encoded.notices, *lost_tokens(encoded, counter))
    parts = ids[:split], ids[split:], first, whole - first
    return Corpus(name, encoded.tokenizer, *parts, prepared.sha256, floor, notices)


def _count(text: CountedText, config: TextConfig, entropy_floor: float | None) -> float | None:
    """Go through a text for the first time; return the entropy that is left, which is unknown once it is changed."""
    digest = hashlib.sha256()
    for piece in text.prepared.pieces():
        text.counter.add(piece)
        if config.tokenizer == "character":
            text.spool.add(piece.codes)
        if entropy_floor is not None:
            digest.update(piece.utf8)
    return entropy_floor if digest.hexdigest() == text.prepared.sha256 else None


def lost_tokens(encoded: EncodedText, counter: CharacterCounter) -> tuple[Message, ...]:
    """Say what a vocabulary loses of a text: characters that it leaves out, or tokens that come back as `<unk>`."""
    distinct, tokens = len(counter.counts()), len(encoded.ids)
    percent = round(100 * encoded.unknown / tokens, 1)
    if encoded.tokenizer.kind == "character" and distinct >= (size := encoded.tokenizer.vocab_size):
        share = {"unknown": encoded.unknown, "percent": percent}
        return (message("rare_characters", distinct=distinct, kept=size - 1, **share),)
    if encoded.unknown:
        return (message("unknown_tokens", unknown=encoded.unknown, tokens=tokens, percent=percent),)
    return ()


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
    return tuple(notices)


def fit_recipe(recipe: Recipe, corpus: Corpus) -> tuple[Recipe, tuple[Message, ...]]:
    """Decide what a recipe leaves open, and shrink its minibatch until a short text fills one in every epoch.

    Args:
        recipe: what was asked for.
        corpus: built with the recipe's text settings.

    Returns:
        the recipe that can be trained, and what was changed.

    Raises:
        TextError: not even the smallest minibatch can be filled.
    """
    notices, recipe = [], recipe.with_tying()
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
