"""Say what a text is before it is trained on: characters, language, faults, and what would help."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..errors import Cancelled
from .interruption import Interruption
from .recipe import add_recipe, read_recipe
from .texts import add_texts, read_how

if TYPE_CHECKING:
    from ..config import Recipe
    from ..device import Device
    from ..text.account import Account
    from ..text.corpus import Corpus
    from ..text.doctor import Finding, Report
    from ..text.source import NamedPieces

SHOWN = 12  # characters of the alphabet on the card
LABEL = 14  # columns of the card's labels


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    add_texts(parser)
    add_recipe(parser)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or mps (default: auto)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the doctor's card; the encoded text stays in the cache."""
    recipe = read_recipe(options)
    from ..device import choose_device
    from ..text.corpus import build_corpus, fit_recipe
    from ..text.doctor import examine
    from ..text.source import find_pieces
    from .encoding import show_encoding

    begin, device = time.perf_counter(), choose_device(options.device)
    with Interruption() as interruption:
        try:
            with show_encoding(interruption, options.json) as progress:
                found = find_pieces(options.texts, read_how(options), progress)
                corpus = build_corpus(found.pieces, recipe.text, found.name, found.entropy_floor, progress)
        except Cancelled as error:
            print(f"deeprnn: {error}", file=sys.stderr)
            return 128 + interruption.signal
    recipe, changed = fit_recipe(recipe, corpus)
    report = examine(found.pieces, corpus, recipe)
    values = describe(found, corpus, report, recipe, device)
    values["notices"] = [str(notice) for notice in (*found.notices, *corpus.notices, *changed)]
    values["seconds"] = round(time.perf_counter() - begin, 3)
    print(json.dumps(values, ensure_ascii=False, allow_nan=False) if options.json else "\n".join(card(values)))
    return 0


def describe(found: NamedPieces, corpus: Corpus, report: Report, recipe: Recipe, device: Device) -> dict[str, Any]:
    """Return everything that is known of a text and a run over it, as plain JSON values."""
    from ..device import free_memory
    from ..model.shapes import parameter_count
    from ..training.memory import predict_memory
    from ..training.preflight import foresee

    vocab_size = corpus.tokenizer.vocab_size
    foreseen, _ = foresee(corpus, recipe, device)  # the card says what does not fit; only a training refuses
    return {
        "name": found.name,
        **reading_of(found.account),
        "characters": report.characters,
        "distinct_characters": len(report.alphabet),
        "lines": report.lines,
        "alphabet": dict(report.alphabet),
        "rare": list(report.rare),
        "script": dict(report.script),
        "language": report.language,
        "tokens": report.tokens,
        "validation_tokens": len(corpus.validation_ids),
        "vocab_size": vocab_size,
        "unseen_share": report.unseen_share,
        "duplicate_lines": report.duplicate_lines,
        "shared_lines": report.shared_lines,
        "longest_repeat": report.longest_repeat,
        "examined": report.examined,
        "parameters": parameter_count(recipe.with_tying().model, vocab_size),
        "memory_bytes": predict_memory(recipe, vocab_size, report.tokens).total,
        "free_bytes": free_memory(device),
        "findings": [plain(finding) for finding in (*foreseen, *report.findings)],
        "cleaning": [dataclasses.asdict(effect) for effect in report.effects],
    }


def reading_of(account: Account) -> dict[str, Any]:
    """Return what is known of how a text was read."""
    encodings = dict.fromkeys(part.encoding for part in account.parts or (account,))
    return {
        "format": account.kind,
        "encoding": ", ".join(filter(None, encodings)),
        "certain": account.certain,
        "undecodable_bytes": account.undecodable,
        "columns": list(account.chosen),
    }


def plain(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON values."""
    remedy = finding.remedy
    return {
        "key": finding.key,
        "severity": finding.severity,
        "message": str(finding.message),
        "remedy": None if remedy is None else {"settings": dict(remedy.settings), "action": remedy.action},
    }


def card(values: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the card that a person reads."""
    yield values["name"]
    for label, text in rows(values):
        yield f"  {label:<{LABEL}}{text}"
    for notice in values["notices"]:
        yield f"  {'notice':<{LABEL}}{notice}"
    for finding in values["findings"]:
        yield f"  {finding['severity']:<{LABEL}}{finding['message']}"
        settings = (finding["remedy"] or {}).get("settings", {})
        if settings:
            given = " ".join(f"--set {name}={str(value).lower()}" for name, value in settings.items())
            yield f"  {'':<{LABEL}}{given}"


def rows(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the facts of the card, each with its label."""
    from ..text.doctor.language import NAMES
    from ..text.replacement import visible

    bad, guess = values["undecodable_bytes"], "" if values["certain"] else ", a guess"
    encoding = f", {values['encoding']}{guess}" if values["encoding"] else ""
    yield "read as", values["format"] + encoding + (f", {number(bad)} bytes undecodable" if bad else "")
    yield "characters", f"{number(values['characters'])} in {number(values['lines'])} lines"
    frequent = " ".join(visible(character) for character in list(values["alphabet"])[:SHOWN])
    yield "alphabet", f"{number(values['distinct_characters'])}, the most frequent: {frequent}"
    if values["rare"]:
        yield "rare", " ".join(map(visible, values["rare"][:SHOWN])) + (" …" if len(values["rare"]) > SHOWN else "")
    scripts = ", ".join(f"{script} {100 * share:.0f} %" for script, share in list(values["script"].items())[:3])
    yield "language", f"{NAMES[values['language']]}; {scripts or 'no letters'}"
    trained = values["tokens"] - values["validation_tokens"]
    yield "tokens", f"{number(trained)} to train on, {number(values['validation_tokens'])} held out"
    yield (
        "vocabulary",
        f"{number(values['vocab_size'])}; {round(100 * values['unseen_share'], 2):g} % held out unknown or untrained",
    )
    lines = f"{number(values['duplicate_lines'])} stood before, {number(values['shared_lines'])} are in both parts"
    yield "equal lines", f"{lines}; longest repeat {number(values['longest_repeat'])} characters"
    free = "" if values["free_bytes"] is None else f" of {values['free_bytes'] / 1e9:.1f} GB free"
    yield "network", f"{number(values['parameters'])} parameters, {values['memory_bytes'] / 1e9:.1f} GB{free}"


def number(value: int) -> str:
    """Return a number with its thousands apart."""
    return f"{value:,}".replace(",", " ")
