"""What the doctor hands out: findings, each with its remedy, and the report that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...messages import Message
from ..cleaning import Effect

NOTE, ADVICE, WARNING = "note", "advice", "warning"
CHOOSE_ENCODING = "choose_encoding"


@dataclass(frozen=True)
class Remedy:
    """Say what one press would do.

    Args:
        settings: changes of the recipe, by the names of the settings.
        action: what else to do with the text: "choose_encoding", or nothing.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    action: str = ""


@dataclass(frozen=True)
class Finding:
    """Say one thing about a text or a plan.

    Args:
        key: names it, for programs.
        severity: note, advice or warning.
        message: the sentence.
        remedy: what would help; None where nothing needs to, or can.
    """

    key: str
    severity: str
    message: Message
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Report:
    """Describe a text as its tokenizer sees it.

    Args:
        characters: of the cleaned text.
        lines: line feeds, and one more for a last line without.
        alphabet: each character and how often it stands there, the most frequent first.
        rare: those that stand there once or twice.
        script: the share of each script among the letters, the largest first.
        language: its code, such as en or zh-Hans; empty if nobody can tell.
        duplicate_lines: lines of at least 20 characters that stood before.
        shared_lines: lines of the validation part that stand in the training part too.
        longest_repeat: characters of the longest stretch found twice.
        tokens: of both parts together.
        vocab_size: symbols of the tokenizer.
        unseen_share: of the validation tokens, those unknown or never seen in training; 0 if there are none.
        examined: characters in which lines and repeats were looked for; a longer text is judged by beginning and end.
        effects: what each choice of cleaning does or would do.
        findings: what the user should know, the gravest first.
    """

    characters: int
    lines: int
    alphabet: tuple[tuple[str, int], ...]
    rare: tuple[str, ...]
    script: tuple[tuple[str, float], ...]
    language: str
    duplicate_lines: int
    shared_lines: int
    longest_repeat: int
    tokens: int
    vocab_size: int
    unseen_share: float
    examined: int
    effects: tuple[Effect, ...]
    findings: tuple[Finding, ...]


def by_severity(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return findings with the gravest first, otherwise in their order."""
    order = (WARNING, ADVICE, NOTE)
    return tuple(sorted(findings, key=lambda finding: order.index(finding.severity)))
