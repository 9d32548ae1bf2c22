"""The choices in cleaning a text, what each of them changes, and what it would change. It knows no files, no tokens."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ...config import TextConfig
from ...messages import Message, message
from ..counting import Piece, cut
from ..encodings.decoding import REPLACEMENT
from .gutenberg import Gutenberg
from .stages import (
    EXAMPLES,
    Composition,
    LettersOnly,
    LowerCase,
    SingleBlanks,
    Stage,
    Substitution,
    SurrogatePairs,
    UniqueLines,
)

PREVIEW_CHARACTERS = 1_000_000  # of a longer text, the effect of a choice is shown on so many
CONTEXT, WINDOW = 12, 200  # characters shown around a change; searched at once
_CONTROLS = "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"


@dataclass(frozen=True)
class Choice:
    """Describe one change.

    Args:
        name: the setting that switches it; empty for what is always mended.
        key: of the sentence that counts what it changed.
        stage: makes what does it.
    """

    name: str
    key: str
    stage: Callable[[], Stage]


# In the order in which they are done. The first five mend what no text should hold.
CHOICES = (
    Choice("line_ends", "line_ends", lambda: Substitution(("\r\n|[\r\x0b\x0c\x85]", "\n"), open_ends="\r")),
    Choice("control_characters", "controls_removed", lambda: Substitution((_CONTROLS, ""))),
    Choice("byte_order_marks", "byte_order_marks", lambda: Substitution(("\ufeff", ""))),
    Choice("", "surrogates_joined", SurrogatePairs),
    Choice("", "surrogates_replaced", lambda: Substitution(("[\ud800-\udfff]", REPLACEMENT))),
    Choice("drop_gutenberg", "gutenberg_removed", Gutenberg),
    Choice("nfc", "composed", Composition),
    Choice("straight_quotes", "quotes_straightened", lambda: Substitution(("[‘’‚‛]", "'"), ("[“”„‟]", '"'))),
    Choice("single_blanks", "blanks_removed", SingleBlanks),
    Choice("unique_lines", "lines_removed", UniqueLines),
    Choice("lower_case", "lowered", LowerCase),
    Choice("letters_only", "letters_kept", LettersOnly),
)
NAMES = tuple(choice.name for choice in CHOICES if choice.name)
_MENDED = 5
_ODD = ((0, 9), (11, 0x20), (0x7F, 0xA0), (0xD800, 0xE000), (0xFEFF, 0xFF00))  # first and end of each range


@dataclass(frozen=True)
class Cleaned:
    """Hold a clean text.

    Args:
        text: as the tokenizer will see it.
        changes: what was changed, with counts; none means that nothing was.
    """

    text: str
    changes: tuple[Message, ...]


@dataclass(frozen=True)
class Effect:
    """Show what a choice does to a text, or would do.

    Args:
        name: the setting.
        is_on: whether it is chosen.
        count: places that it changes.
        examples: pairs of a stretch before and after; what cannot be seen is written as a symbol.
        examined: characters that were looked at.
    """

    name: str
    is_on: bool
    count: int
    examples: tuple[tuple[str, str], ...]
    examined: int

    @property
    def message(self) -> Message:
        """Say it in a sentence."""
        before, after = self.examples[0] if self.examples else ("", "")
        key = "cleaning_does" if self.is_on else "cleaning_would"
        return message(key, name=self.name, count=self.count, before=before, after=after)


class Cleaner:
    """Clean a text that comes in pieces; wherever it is cut, the result is the same.

    Args:
        config: the choices. Zero characters and surrogates are mended whatever it says.
        mends: whether there may be anything to mend; False saves the look.
    """

    def __init__(self, config: TextConfig, *, mends: bool = True) -> None:
        stages = [_make(choice, config) for choice in CHOICES]
        self._stages, self._mending = stages, stages[: _MENDED * mends]
        self._chosen = [stage for stage in stages[_MENDED:] if type(stage) is not Stage]

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Yield the pieces of a text cleaned; none is empty."""
        for piece in pieces:
            mends = self._mending and (any(stage.is_waiting for stage in self._mending) or is_odd(piece))
            stages = [*(self._mending if mends else ()), *self._chosen]
            yield from self._feed(stages, piece) if stages else (piece,)
        rest = ""
        for stage in (*self._mending, *self._chosen):
            rest = stage.feed(rest) + stage.finish()
        yield from map(Piece, cut(rest))

    def clean(self, pieces: Iterable[str]) -> Iterator[str]:
        """Yield the pieces of a text cleaned; none is empty."""
        return (piece.text for piece in self.through(Piece(part) for piece in pieces for part in cut(piece)))

    @staticmethod
    def _feed(stages: Iterable[Stage], piece: Piece) -> Iterator[Piece]:
        """Yield what is certain of a piece by now."""
        text = piece.text
        for stage in stages:
            text = stage.feed(text)
        return map(Piece, cut(text))

    @property
    def mends(self) -> bool:
        """Tell whether anything has been mended so far."""
        return any(stage.count for stage in self._mending)

    @property
    def changes(self) -> tuple[Message, ...]:
        """Return what has been changed so far, with counts."""
        counted = zip(CHOICES, self._stages, strict=True)
        return tuple(message(choice.key, count=stage.count) for choice, stage in counted if stage.count)


def clean(text: str, config: TextConfig) -> Cleaned:
    """Clean a whole text.

    Args:
        text: as it was decoded or pasted.
        config: the choices.
    """
    cleaner = Cleaner(config)
    return Cleaned("".join(cleaner.clean([text])), cleaner.changes)


def preview(text: str, config: TextConfig) -> tuple[Effect, ...]:
    """Show what each choice does or would do, on the text as the choices before it leave it.

    Args:
        text: as it was decoded or pasted; of a long one, the beginning is looked at.
        config: the choices.
    """
    text, effects = text[:PREVIEW_CHARACTERS], []
    for choice in CHOICES:
        is_on = not choice.name or getattr(config, choice.name)
        stage = choice.stage()
        changed = stage.whole(text)
        if choice.name:
            examples = tuple(_examples(text, changed, choice, stage)) if stage.count else ()
            effects.append(Effect(choice.name, is_on, stage.count, examples, len(text)))
        text = changed if is_on else text
    return tuple(effects)


def is_odd(piece: Piece) -> bool:
    """Tell whether a piece holds anything that is mended: controls but tab and line feed, marks, surrogates."""
    counts = piece.histogram
    return any(first < len(counts) and bool(counts[first:end].any()) for first, end in _ODD)


def _make(choice: Choice, config: TextConfig) -> Stage:
    """Return what does a choice; what does nothing for one that is off."""
    if not choice.name or getattr(config, choice.name):
        return choice.stage()
    return Substitution(("\0", "")) if choice.name == "control_characters" else Stage()


def _examples(text: str, changed: str, choice: Choice, stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield the first few changes, each with a little of what stands around it."""
    if isinstance(stage, UniqueLines):  # which line goes is known by those before it
        yield from ((_visible(line[: 2 * CONTEXT]), "") for line in stage.removed)
        return
    if isinstance(stage, Gutenberg):
        yield _around(text, changed)
        return
    pieces = (text[begin : begin + WINDOW] for begin in range(0, len(text), WINDOW))
    changes = ((piece, choice.stage().whole(piece)) for piece in pieces)
    yield from itertools.islice((_around(old, new) for old, new in changes if old != new), EXAMPLES)


def _around(old: str, new: str) -> tuple[str, str]:
    """Return the first place in which two stretches differ, and a little around it."""
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    begin, end = max(0, same - CONTEXT), same + CONTEXT + 1
    return _visible(old[begin:end]), _visible(new[begin:end])


def _visible(text: str) -> str:
    """Return a text with a symbol for each character that cannot be seen."""
    return "".join(c if c.isprintable() else _symbol(ord(c)) for c in text)


def _symbol(code: int) -> str:
    """Return a sign for a character; ␊ and its like are missing in most fonts, so that only a line's end has one."""
    return "↵" if code == 10 else f"<U+{code:04X}>"
