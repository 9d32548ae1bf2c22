"""What the doctor looks for: one table of rules over the facts of a text, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...config import RECIPE_FIELDS, Recipe
from ...messages import message
from ..cleaning import Effect
from ..replacement import visible
from .alphabet import RARE
from .finding import ADVICE, CHOOSE_ENCODING, NOTE, WARNING, Finding, Remedy
from .repeats import LineCounts

MANY_UNSEEN = 0.2  # of the validation tokens; a perplexity on them then says little
NAMED = 12  # characters that a sentence lists
LEFT_CHARACTERS = 1000  # a remedy that removes lines must leave so many
# UTF-8 read as Windows-1252 or Latin-1: a lead byte as a letter, its followers as signs. The last is GBK's U+FFFD.
_HIGH = "\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ"
_MOJIBAKE = re.compile(f"[Â-ß][{_HIGH}]|[à-ï][{_HIGH}]{{2}}|[ð-ô][{_HIGH}]{{3}}|锟斤拷")
_CURLY = (("“”„‟", '"'), ("‘’‚‛", "'"))

Details = dict[str, Any]


@dataclass(frozen=True)
class Facts:
    """Hold what was found out about a text.

    Args:
        excerpt: the cleaned text, or beginning and end of a long one.
        raw_characters: before cleaning.
        cleaned_characters: after it, of as much as was read.
        characters: of it that are used.
        alphabet: each character and how often it stands there.
        rare: characters that stand there once or twice.
        lines: how many are equal.
        repeat: the longest stretch found twice, and its beginning.
        effects: of the choices of cleaning, by name.
        validation_tokens: held out.
        unseen_share: of them, those unknown or never seen in training.
        vocab_size: symbols of the tokenizer.
        recipe: every setting.
    """

    excerpt: str
    raw_characters: int
    cleaned_characters: int
    characters: int
    alphabet: Mapping[str, int]
    rare: tuple[str, ...]
    lines: LineCounts
    repeat: tuple[int, str]
    effects: Mapping[str, Effect]
    validation_tokens: int
    unseen_share: float
    vocab_size: int
    recipe: Recipe

    def off(self, name: str) -> Effect | None:
        """Return what a choice would do, if it is off and would do anything."""
        effect = self.effects[name]
        return effect if effect.count and not effect.is_on else None


@dataclass(frozen=True)
class Rule:
    """Describe what is looked for.

    Args:
        key: of the sentence; without its first word, of the finding.
        severity: note, advice or warning.
        find: returns the details of the sentence, or None where there is nothing to say.
        settings: returns the changes of the recipe that help; one that it already has falls out.
        action: what helps instead.
    """

    key: str
    severity: str
    find: Callable[[Facts], Details | None]
    settings: Callable[[Facts], Mapping[str, Any]] = lambda facts: {}
    action: str = ""

    def look(self, facts: Facts) -> Finding | None:
        """Return the finding, if there is one."""
        details = self.find(facts)
        if details is None:
            return None
        now = facts.recipe.settings()
        changes = {k: v for k, v in self.settings(facts).items() if k in RECIPE_FIELDS and now[k] != v}
        remedy = Remedy(changes, self.action) if changes or self.action else None
        return Finding(self.key.partition("_")[2], self.severity, message(self.key, **details), remedy)


def _replaced(facts: Facts) -> Details | None:
    count = facts.alphabet.get("\ufffd", 0)
    return {"count": count} if count else None


def _mojibake(facts: Facts) -> Details | None:
    found = _MOJIBAKE.findall(facts.excerpt)
    many = len(found) >= 3 and len(found) * 1000 > len(facts.excerpt)
    return {"count": len(found), "example": visible(found[0])} if many else None


def _few_letters(facts: Facts) -> Details | None:
    lost = facts.recipe.text.letters_only and 2 * facts.cleaned_characters < facts.raw_characters
    return {"characters": facts.raw_characters, "left": facts.cleaned_characters} if lost else None


def _gutenberg(facts: Facts) -> Details | None:
    effect = facts.off("drop_gutenberg")
    return {"count": effect.count} if effect else None


def _accents(facts: Facts) -> Details | None:
    effect = facts.off("nfc")
    return {"count": effect.count} if effect else None


def _quotes(facts: Facts) -> Details | None:
    for curly, straight in _CURLY:
        counts = sum(facts.alphabet.get(c, 0) for c in curly), facts.alphabet.get(straight, 0)
        if min(counts) >= 3:
            return {"curly": counts[0], "straight": counts[1]}
    return None


def _blanks(facts: Facts) -> Details | None:
    effect = facts.off("single_blanks")
    return {"count": effect.count} if effect and effect.count * 100 > effect.examined else None


def _duplicates(facts: Facts) -> Details | None:
    share = facts.lines.duplicate_characters / max(1, len(facts.excerpt))
    return {"count": facts.lines.duplicates, "percent": round(100 * share)} if share > 0.05 else None


def _shared_lines(facts: Facts) -> Details | None:
    shared, lines = facts.lines.shared, facts.lines.validation
    return {"count": shared, "lines": lines} if shared >= 3 and shared * 10 > lines else None


def _repeat(facts: Facts) -> Details | None:
    length, beginning = facts.repeat
    return {"length": length, "beginning": beginning} if length >= 500 else None


def _unique_lines(facts: Facts) -> Mapping[str, Any]:
    """Return the remedy for what stands there twice, where it helps and leaves enough."""
    left = len(facts.excerpt) - facts.lines.duplicate_characters
    return {"unique_lines": True} if facts.lines.duplicates and left >= LEFT_CHARACTERS else {}


def _unseen(facts: Facts) -> Details | None:
    few = 0.001 <= facts.unseen_share <= MANY_UNSEEN
    return {"percent": round(100 * facts.unseen_share, 2)} if few else None


def _many_unseen(facts: Facts) -> Details | None:
    return {"percent": round(100 * facts.unseen_share, 2)} if facts.unseen_share > MANY_UNSEEN else None


def _large_alphabet(facts: Facts) -> Details | None:
    one_hot = facts.recipe.with_tying().model.vector_size is None
    return {"symbols": facts.vocab_size} if facts.vocab_size >= 1000 and one_hot else None


def _learns_characters(facts: Facts) -> bool:
    """Tell whether every character is a token of its own, or part of no smaller one."""
    return facts.recipe.text.tokenizer in ("character", "grapheme")


def _thin(facts: Facts) -> Details | None:
    each = facts.characters / max(1, len(facts.alphabet))
    thin = len(facts.alphabet) > 300 and each < 50 and _learns_characters(facts)
    return {"distinct": len(facts.alphabet), "each": round(each)} if thin else None


def _rare(facts: Facts) -> Details | None:
    count, least = len(facts.rare), facts.recipe.text.min_frequency or 1
    if count < 3 or count * 10 < len(facts.alphabet) or least > RARE or not _learns_characters(facts):
        return None
    rest = message("and_more", count=count - NAMED) if count > NAMED else ""
    return {"count": count, "characters": " · ".join(map(visible, facts.rare[:NAMED])), "rest": rest}


def _without_rare(facts: Facts) -> Mapping[str, Any]:
    """Return the remedy for rare characters, where it leaves most of the alphabet."""
    return {"min_frequency": RARE + 1} if 2 * len(facts.rare) < len(facts.alphabet) else {}


def _small_validation(facts: Facts) -> Details | None:
    few = 0 < facts.validation_tokens < 1000 and facts.recipe.text.validation_fraction < 0.2
    return {"tokens": facts.validation_tokens} if few else None


RULES = (
    Rule("finding_replaced", WARNING, _replaced, action=CHOOSE_ENCODING),
    Rule("finding_mojibake", WARNING, _mojibake, action=CHOOSE_ENCODING),
    Rule("finding_few_letters", WARNING, _few_letters, lambda facts: {"letters_only": False}),
    Rule("finding_gutenberg", ADVICE, _gutenberg, lambda facts: {"drop_gutenberg": True}),
    Rule("finding_shared_lines", WARNING, _shared_lines, _unique_lines),
    Rule("finding_duplicates", ADVICE, _duplicates, _unique_lines),
    Rule("finding_repeat", NOTE, _repeat, _unique_lines),
    Rule("finding_accents", ADVICE, _accents, lambda facts: {"nfc": True}),
    Rule("finding_quotes", ADVICE, _quotes, lambda facts: {"straight_quotes": True}),
    Rule("finding_blanks", ADVICE, _blanks, lambda facts: {"single_blanks": True}),
    Rule("finding_large_alphabet", ADVICE, _large_alphabet, lambda facts: {"embedding_size": 128}),
    Rule("finding_thin", ADVICE, _thin, lambda facts: {"tokenizer": "byte"}),
    Rule("finding_unseen", WARNING, _many_unseen, lambda facts: {"tokenizer": "byte"}),
    Rule("finding_unseen", NOTE, _unseen, lambda facts: {"tokenizer": "byte"}),
    Rule("finding_rare", NOTE, _rare, _without_rare),
    Rule("finding_small_validation", NOTE, _small_validation, lambda facts: {"validation_fraction": 0.2}),
)


def look_for_all(facts: Facts) -> tuple[Finding, ...]:
    """Return every finding, in the order of the table."""
    found = (rule.look(facts) for rule in RULES)
    return tuple(finding for finding in found if finding is not None)
