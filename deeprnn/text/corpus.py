"""A corpus: a text as token ids, split for training and validation. It knows no files and no encodings."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..config import Recipe, TextConfig
from ..errors import TextError
from ..messages import Message, message
from .batches import batches_per_epoch
from .tokenizer import MAX_SYMBOLS, count_characters
from .tokens.choice import train_tokenizer
from .tokens.kind import TokenIds, Tokenizer

MIN_TOKENS = 32  # less than this teaches nothing
MIN_STEPS, MIN_STREAMS = 8, 8  # what a short text's minibatch keeps as long as it can
_NOT_LETTERS = re.compile("[^A-Za-z]+")
_LINE_END = re.compile("\r\n|\r|\n")


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


def build_corpus(text: str, config: TextConfig, name: str, entropy_floor: float | None = None) -> Corpus:
    """Turn a text into token ids.

    The vocabulary comes from the whole text, also when `max_tokens` keeps only its beginning, as in the chapter.

    Args:
        text: clean text.
        config: what to keep of it.
        name: its title.
        entropy_floor: nats per character of the source it was drawn from, if known.

    Raises:
        TextError: too little of the text is left to learn from.
    """
    prepared = prepare_text(text, config)
    notices = _check(text, prepared, config)
    tokenizer = train_tokenizer([prepared], config)
    ids, lengths = tokenizer.encode(prepared)[: config.max_tokens], tokenizer.lengths(prepared)[: config.max_tokens]
    held_out = int(len(ids) * config.validation_fraction)
    split = len(ids) - (held_out if held_out >= 2 else 0)
    if tokenizer.unknown_id is not None and config.tokenizer == "word":
        notices += unknown_words(int((ids == tokenizer.unknown_id).sum()), len(ids))
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    floor = entropy_floor if prepared == text else None
    characters = int(lengths[:split].sum()), int(lengths[split:].sum())
    return Corpus(name, tokenizer, ids[:split], ids[split:], *characters, digest, floor, notices)


def unknown_words(unknown: int, tokens: int) -> tuple[Message, ...]:
    """Say what a vocabulary of words loses: how many tokens come back as `<unk>`; nothing if none does."""
    if not unknown:
        return ()
    return (message("unknown_words", unknown=unknown, tokens=tokens, percent=round(100 * unknown / tokens, 1)),)


def prepare_text(text: str, config: TextConfig) -> str:
    """Return a text as the tokenizer will see it; what it is cut to comes later."""
    return letters_only(text) if config.letters_only else text


def letters_only(text: str) -> str:
    """Keep letters A to Z as the chapter does: line by line, in lower case, lines joined without anything between."""
    lines = _LINE_END.split(text)
    return "".join(_NOT_LETTERS.sub(" ", line).strip().lower() for line in lines)


def _check(text: str, prepared: str, config: TextConfig) -> tuple[Message, ...]:
    """Refuse what cannot be learnt; return what the user should know of the rest."""
    if config.letters_only and len(prepared) < MIN_TOKENS <= len(text):
        raise TextError("no_letters", characters=len(text), left=len(prepared))
    if len(prepared) < MIN_TOKENS:
        raise TextError("text_too_short", characters=len(prepared), needed=MIN_TOKENS)
    if config.max_tokens is not None and config.max_tokens < MIN_TOKENS:
        raise TextError("max_tokens_too_small", value=config.max_tokens, needed=MIN_TOKENS)
    distinct = len(count_characters(prepared))
    if distinct < 2:
        raise TextError("one_character", characters=len(prepared))
    notices = []
    if config.letters_only and len(prepared) < len(text) // 2:
        notices.append(message("few_letters", characters=len(text), left=len(prepared)))
    if distinct >= MAX_SYMBOLS and config.tokenizer == "character":
        notices.append(message("rare_characters", distinct=distinct, kept=MAX_SYMBOLS - 1))
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
