"""The corpus doctor: what a text is, what is wrong with it, and what would help. It knows no network and no files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from ...config import Recipe
from ..cleaning import PREVIEW_CHARACTERS, Cleaner, preview
from ..corpus import Corpus
from ..counting import CharacterCounter, Piece
from .alphabet import RARE, script_shares, sort_alphabet
from .finding import ADVICE, NOTE, WARNING, Finding, Remedy, Report, by_severity
from .language import guess_language
from .repeats import count_lines, longest_repeat
from .rules import Facts, look_for_all

__all__ = ["ADVICE", "NOTE", "WARNING", "Finding", "Remedy", "Report", "by_severity", "examine"]

# In a longer text, lines and repeats are looked for in its beginning and its end, where the validation part is.
BEGINNING, END = 3_000_000, 1_000_000
SHOWN = 40  # characters of a repeat
CHUNK = 1 << 22  # token ids at once


def examine(text: str | Iterable[str], corpus: Corpus, recipe: Recipe) -> Report:
    """Examine a text before it is trained on.

    Args:
        text: as it was read, whole or in pieces; it is cleaned here as the recipe says.
        corpus: built from it with the recipe's text settings.
        recipe: what would be trained.
    """
    reading = _Reading(Cleaner(recipe.text), corpus.characters)
    reading.run([text] if isinstance(text, str) else text)
    facts = _facts(reading, corpus, recipe)
    script, findings = script_shares(facts.alphabet), look_for_all(facts)
    is_damaged = any(finding.key == "mojibake" for finding in findings)
    return Report(
        characters=facts.characters,
        lines=facts.alphabet.get("\n", 0) + (not facts.excerpt.endswith("\n")),
        alphabet=sort_alphabet(facts.alphabet),
        rare=facts.rare,
        script=script,
        language="" if is_damaged else guess_language(facts.excerpt, script),
        duplicate_lines=facts.lines.duplicates,
        shared_lines=facts.lines.shared,
        longest_repeat=facts.repeat[0],
        tokens=len(corpus.train_ids) + len(corpus.validation_ids),
        vocab_size=facts.vocab_size,
        unseen_share=facts.unseen_share,
        examined=len(facts.excerpt),
        effects=tuple(facts.effects.values()),
        findings=by_severity(findings),
    )


def _facts(reading: _Reading, corpus: Corpus, recipe: Recipe) -> Facts:
    """Take a closer look at what was read."""
    excerpt, counts, held_out = reading.excerpt, reading.counts, len(corpus.validation_ids)
    split = corpus.train_characters
    if len(excerpt) < corpus.characters:  # the validation part may reach back before the end, or not fill it
        split = max(BEGINNING, len(excerpt) - (corpus.characters - split))
    repeat, place = longest_repeat(excerpt)
    return Facts(
        excerpt=excerpt,
        raw_characters=reading.raw_characters,
        cleaned_characters=reading.cleaned_characters,
        characters=reading.characters,
        alphabet=counts,
        rare=tuple(character for character, count in counts.items() if count <= RARE),
        lines=count_lines(excerpt, split),
        repeat=(repeat, " ".join(excerpt[place : place + SHOWN].split())),
        effects={effect.name: effect for effect in preview(reading.head, recipe.text)},
        validation_tokens=held_out,
        unseen_share=unseen_share(corpus),
        vocab_size=corpus.tokenizer.vocab_size,
        recipe=recipe,
    )


class _Reading:
    """Read a text once, in pieces: count its characters and keep what a closer look needs.

    Args:
        cleaner: for this text alone.
        limit: characters of the cleaned text that are used; what comes after is not looked at.
    """

    def __init__(self, cleaner: Cleaner, limit: int) -> None:
        self._cleaner, self._limit = cleaner, limit
        self.raw_characters = self.cleaned_characters = self.characters = 0
        self.head = self._beginning = self._end = ""
        self._counter = CharacterCounter()

    def run(self, pieces: Iterable[str]) -> None:
        """Read the pieces until the limit is reached."""
        for piece in self._cleaner.clean(self._raw(pieces)):
            self.cleaned_characters += len(piece)
            piece = piece[: self._limit - self.characters]
            self.characters += len(piece)
            self._counter.add(Piece(piece))
            room = BEGINNING + END - len(self._beginning)
            self._beginning += piece[:room]
            self._end = (self._end + piece[room:])[-END:]
            if self.characters == self._limit:
                return

    def _raw(self, pieces: Iterable[str]) -> Iterator[str]:
        for piece in pieces:
            self.raw_characters += len(piece)
            self.head += piece[: PREVIEW_CHARACTERS - len(self.head)]
            yield piece

    @property
    def counts(self) -> dict[str, int]:
        """Return how often each character stands in the text."""
        return self._counter.counts()

    @property
    def excerpt(self) -> str:
        """Return the text, or beginning and end of a long one."""
        if self.characters <= BEGINNING + END:
            return self._beginning
        return self._beginning[:BEGINNING] + (self._beginning[BEGINNING:] + self._end)[-END:]


def unseen_share(corpus: Corpus) -> float:
    """Return the share of the validation tokens that are unknown or never occur in the training part; 0 without any."""
    train_ids, validation_ids, tokenizer = corpus.train_ids, corpus.validation_ids, corpus.tokenizer
    if not len(validation_ids):
        return 0.0
    seen = np.zeros(tokenizer.vocab_size, bool)
    for begin in range(0, len(train_ids), CHUNK):
        seen[train_ids[begin : begin + CHUNK]] = True
    if tokenizer.unknown_id is not None:  # what it stands for differs each time
        seen[tokenizer.unknown_id] = False
    unseen = sum(
        np.count_nonzero(~seen[validation_ids[begin : begin + CHUNK]]) for begin in range(0, len(validation_ids), CHUNK)
    )
    return float(unseen) / len(validation_ids)
