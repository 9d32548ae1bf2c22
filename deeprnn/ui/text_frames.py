"""What the page shows of a text, as plain JSON values: how it was read, what it is, what would help it."""

from __future__ import annotations

from collections.abc import Sequence

from ..messages import Message
from ..runs.view import Plan
from ..text.account import Account
from ..text.doctor import WARNING, Finding, Remedy, Report, by_severity
from ..text.replacement import visible
from .frames import Frame, message_frame, plain

SHOWN = 14  # characters of the alphabet, and of the rare ones
# Offered after those that the bytes themselves suggest.
COMMON_ENCODINGS = (
    "utf-8", "utf-16", "gb18030", "big5", "shift_jis", "cp932", "euc_jp", "euc_kr", "cp949", "koi8-r", "cp1251",
    "cp1252", "cp1250", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859-1", "iso8859-15",
    "mac-roman",
)  # fmt: skip


def facts_frame(plan: Plan) -> Frame:
    """Return what a run would be."""
    return {
        "characters": plan.characters,
        "symbols": plan.symbols,
        "tokens": plan.tokens,
        "parameters": plan.parameters,
        "seconds": plain(plan.seconds),
        "seconds_per_epoch": plain(plan.seconds_per_epoch),
        "memory": plan.memory,
        "free_memory": plan.free_memory,
        "notices": [message_frame(notice) for notice in plan.notices],
    }


def files_frame(account: Account | None, asked: Sequence[str | None] = (), refusal: Message | None = None) -> Frame:
    """Return how the files of a text were read.

    Args:
        account: of the text; None for one that is not the user's own.
        asked: the encoding asked for, for each file that can be read again, None where it was found out.
        refusal: why the last change was not made.
    """
    refused = message_frame(refusal) if refusal else None
    if account is None:
        return {"files": [], "refusal": refused}
    parts = account.parts or (account,)
    can_edit = len(asked) == len(parts)
    whole = set() if account.parts else {notice.key for notice in account.notices}
    return {
        "files": [{**_file_frame(part), "asked": asked[i] if can_edit else None} for i, part in enumerate(parts)],
        "editable": can_edit,
        "encodings": COMMON_ENCODINGS,
        "notices": [message_frame(one) for one in account.notices if one.key not in whole and one.key != "in_file"],
        "refusal": refused,
    }


def _file_frame(part: Account) -> Frame:
    return {
        "name": plain(part.name),
        "kind": part.kind,
        "encoding": part.encoding,
        "guess": part.is_guess,
        "certain": part.certain,
        "undecodable": part.undecodable,
        "candidates": list(part.candidates),
        "columns": [[plain(column.name), column.characters] for column in part.columns],
        "chosen": [plain(name) for name in part.chosen],
        "characters": part.characters,
        "preview": plain(part.preview),
        # What has a place of its own in the list is not said twice.
        "notices": [message_frame(one) for one in part.notices if one.key != "encoding_guessed"],
    }


def doctor_frame(plan: Plan, report: Report, account: Account | None) -> Frame:
    """Return everything that is known of a text and a run over it."""
    return {
        "encoding": None if account is None or account.parts else account.encoding,
        "guess": account is not None and account.is_guess,
        "undecodable": account.undecodable if account else 0,
        "characters": report.characters,
        "lines": report.lines,
        "distinct": len(report.alphabet),
        "frequent": [visible(plain(character)) for character, _ in report.alphabet[:SHOWN]],
        "rare": [visible(plain(character)) for character in report.rare[:SHOWN]],
        "rare_count": len(report.rare),
        "script": [[name, round(share, 4)] for name, share in report.script[:3]],
        "language": report.language,
        "tokens": plan.tokens,
        "held_out": report.tokens - plan.tokens,
        "vocabulary": report.vocab_size,
        "unseen": report.unseen_share,
        "duplicate_lines": report.duplicate_lines,
        "shared_lines": report.shared_lines,
        "longest_repeat": report.longest_repeat,
        "examined": report.examined,
        "findings": [finding_frame(finding) for finding in all_findings(plan, report, account)],
        "effects": [
            {"name": e.name, "on": e.is_on, "count": e.count, "examples": plain(list(e.examples)), "of": e.examined}
            for e in report.effects
        ],
    }


def all_findings(plan: Plan, report: Report | None, account: Account | None) -> tuple[Finding, ...]:
    """Return what its user should know of a text and a run over it: the verdict first, then the gravest."""
    doubts = [
        Finding("encoding", WARNING, notice, Remedy(action="choose_encoding"))
        for notice in (account.notices if account and not account.certain else ())
        if "encoding_guessed" in (notice.key, getattr(notice.details.get("notice"), "key", ""))
    ]
    verdicts = [finding for finding in plan.findings if finding.key.startswith("verdict")]
    others = [finding for finding in plan.findings if finding not in verdicts]
    found = report.findings if report else ()
    return (*verdicts, *by_severity((*others, *doubts, *found)))


def finding_frame(finding: Finding) -> Frame:
    """Return one finding and what its button would do."""
    remedy = finding.remedy
    return {
        "key": finding.key,
        "severity": finding.severity,
        "message": message_frame(finding.message),
        "remedy": None if remedy is None else {"settings": plain(dict(remedy.settings)), "action": remedy.action},
    }


def verdict_frame(findings: Sequence[Finding], *, examining: bool = False) -> Frame:
    """Return the single finding that matters most; the verdict before others of its weight."""
    ordered = by_severity(tuple(findings))
    return {"finding": finding_frame(ordered[0]) if ordered else None, "examining": examining}


def work_frame(ticket: str, doing: str, done: int, total: int) -> Frame:
    """Return how far a long work is, in the place of the verdict.

    Args:
        ticket: what cancels it.
        doing: reading, encoding or examining.
        done: of `total`, which is 0 until it is known.
        total: of the whole work.
    """
    return {"work": {"ticket": ticket, "doing": doing, "share": min(1.0, done / total) if total else None}}
