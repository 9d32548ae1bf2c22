"""The doctor: facts against naive versions, each rule with a text that triggers it and one that does not."""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import Recipe
from deeprnn.text import catalogue, doctor
from deeprnn.text.corpus import build_corpus
from deeprnn.text.doctor import Finding, Report, examine, unseen_share
from deeprnn.text.doctor.alphabet import script_shares
from deeprnn.text.doctor.language import NAMES, guess_language
from deeprnn.text.doctor.repeats import SHORTEST, count_lines, longest_repeat
from deeprnn.text.doctor.rules import RULES
from deeprnn.training.presets import PRESETS

BALANCED = PRESETS["balanced"]


def check(text: str, **settings: Any) -> Report:
    recipe = BALANCED.replace(**settings)
    return examine(text, build_corpus(text, recipe.text, "x"), recipe)


def keys(report: Report) -> set[str]:
    return {finding.key for finding in report.findings}


def noise(length: int, seed: int = 0, letters: str = "abcdefgh ") -> str:
    return "".join(random.Random(seed).choices(letters, k=length))


def lines_of(count: int, seed: int = 0) -> str:
    return "".join(noise(30, 1000 * seed + number).strip() + "x" * 5 + "\n" for number in range(count))


# facts


@given(st.text(st.sampled_from("ab\n ΑЖ道"), min_size=40, max_size=300))
def test_counts_are_those_of_the_text(text: str) -> None:
    if len(set(text)) < 2:
        return
    report = check(text)
    assert report.characters == len(text) == report.tokens
    assert report.alphabet == tuple(sorted(Counter(text).items(), key=lambda pair: (-pair[1], pair[0])))
    assert set(report.rare) == {character for character, count in Counter(text).items() if count <= 2}
    assert report.lines == len(text.split("\n")) - text.endswith("\n")


@given(st.text(st.sampled_from("ab\n道"), min_size=40, max_size=300), st.lists(st.integers(0, 300), max_size=9))
def test_a_text_in_pieces_is_the_same_text(text: str, cuts: list[int]) -> None:
    if len(set(text)) < 2:
        return
    places = sorted({0, len(text), *(cut % len(text) for cut in cuts)})
    pieces = [text[a:b] for a, b in itertools.pairwise(places)]
    corpus = build_corpus(text, BALANCED.text, "x")
    assert examine(pieces, corpus, BALANCED) == examine(text, corpus, BALANCED)


def naive_repeat(text: str) -> int:
    for length in range(len(text) - 1, 0, -1):
        if len({text[i : i + length] for i in range(len(text) - length + 1)}) < len(text) - length + 1:
            return length
    return 0


@pytest.mark.parametrize("length", [0, 300, 401, 800])
def test_the_longest_repeat_is_found_to_the_last_character(length: int) -> None:
    stretch = noise(length, 5)
    text = noise(500, 1) + "!" + stretch + "?" + noise(700, 2) + ";" + stretch + "." + noise(300, 3)
    found, place = longest_repeat(text)
    assert found == (naive_repeat(text) if length else 0)
    assert text.find(text[place : place + found]) < place or not length


@given(st.text(st.sampled_from("ab\n"), max_size=700))
def test_a_repeat_that_is_found_is_there(text: str) -> None:
    length, place = longest_repeat(text)
    assert length == 0 or length >= SHORTEST
    assert length <= naive_repeat(text)
    assert text.find(text[place : place + length]) < place or length == 0


def test_one_line_over_and_over() -> None:
    assert longest_repeat("ab" * 500)[0] == 998
    assert longest_repeat("") == (0, 0)


@given(st.lists(st.sampled_from(["a" * 25, "b" * 30, "short", " " + "a" * 25]), max_size=12), st.integers(0, 12))
def test_equal_lines_are_counted(lines: list[str], split: int) -> None:
    before, after = ("".join(line + "\n" for line in part) for part in (lines[:split], lines[split:]))
    counted = count_lines(before + after, len(before))
    long = [line.strip() for line in lines if len(line.strip()) >= 20]
    trained = [line.strip() for line in lines[:split]]
    held_out = [line.strip() for line in lines[split:] if len(line.strip()) >= 20]
    assert (counted.long, counted.duplicates) == (len(long), len(long) - len(set(long)))
    assert (counted.validation, counted.shared) == (len(held_out), sum(line in trained for line in held_out))


def test_the_share_of_tokens_never_seen_in_training() -> None:
    corpus = build_corpus("ab" * 45 + "abcabcabcd", BALANCED.text, "x")
    assert unseen_share(corpus) == 0.4
    assert unseen_share(dataclasses.replace(corpus, validation_ids=corpus.train_ids[:0])) == 0.0


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"tokenizer": "word"}, "warning"),
    ({"tokenizer": "word", "min_frequency": 8}, "warning"),
    ({"tokenizer": "character", "max_vocab_size": 5}, "warning"),
    ({"tokenizer": "character", "min_frequency": 20}, "note"),
    ({"tokenizer": "grapheme", "max_vocab_size": 9}, "warning"),
    ({"tokenizer": "byte"}, "note"),
]


@pytest.mark.parametrize(("settings", "severity"), UNKNOWN)
def test_a_token_that_the_vocabulary_leaves_out_was_never_seen_in_training(
    settings: dict[str, Any], severity: str
) -> None:
    """The share used to count `<unk>` as seen: 0 % of a text of which the model knew a tenth."""
    text = lines_of(300) + "zebra quiz\n"
    corpus = build_corpus(text, BALANCED.replace(**settings).text, "x")
    trained, held_out = (
        [corpus.tokenizer.symbol(token) for token in part.tolist()]
        for part in (corpus.train_ids, corpus.validation_ids)
    )
    known = set(trained)
    share = sum(symbol == "<unk>" or symbol not in known for symbol in held_out) / len(held_out)
    report = check(text, **settings)
    assert report.unseen_share == unseen_share(corpus) == share
    assert [finding.severity for finding in report.findings if finding.key == "unseen"] == [severity]
    assert (share > 0.2) == (severity == "warning")


def test_a_long_text_is_judged_by_its_beginning_and_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "BEGINNING", 3000)
    monkeypatch.setattr(doctor, "END", 1000)
    text = noise(1000, 1) + "道" + noise(8000, 2) + "\n" + noise(500, 3)
    assert [check(text[:length]).examined for length in (3999, 4000, 4001, len(text))] == [3999, 4000, 4000, 4000]
    assert check(text).characters == len(text)
    corpus = build_corpus(text, BALANCED.text, "x")

    def pieces() -> Iterator[str]:
        yield from (text[i : i + 777] for i in range(0, len(text), 777))

    assert examine(pieces(), corpus, BALANCED) == examine(text, corpus, BALANCED)
    twice = text[1500:2500] + text + text[1500:2400]
    assert check(twice).longest_repeat >= 900


# script and language

LANGUAGES = {
    "en": "It was the best of times and he had not been in the house for a year, but she said that it was on the way.",
    "de": "Es war einmal ein Mann, der hatte drei Söhne, und der jüngste von ihnen ging mit dem Hund in den Wald.",
    "fr": "Il était une fois un homme qui avait trois fils, et le plus jeune des trois ne savait pas lire les livres.",
    "es": "Había una vez un hombre que tenía tres hijos y el más joven de los tres no sabía leer en los libros.",
    "it": "C'era una volta un uomo che aveva tre figli e il più giovane non sapeva leggere i libri della casa.",
    "ru": "Жил-был человек, и было у него три сына, но он не знал, что с ними делать, и как это вышло.",
    "uk": "Жив собі чоловік, і було в нього три сини, але він не знав, що з ними робити, та як це вийшло.",
    "zh-Hans": "从前有一个人，他们说这时候会对来过的人开门，还没见过这样的东西。",
    "zh-Hant": "從前有一個人，他們說這時候會對來過的人開門，還沒見過這樣的東西。",
    "ja": "むかしむかし、ある所におじいさんとおばあさんが住んでいました。",
    "ko": "옛날 옛적에 한 사람이 살고 있었습니다. 그에게는 세 아들이 있었습니다.",
    "el": "Μια φορά κι έναν καιρό ήταν ένας άνθρωπος που είχε τρεις γιους.",
    "ar": "كان يا ما كان في قديم الزمان رجل له ثلاثة أبناء وكان أصغرهم لا يعرف القراءة",
    "fa": "یکی بود یکی نبود، مردی بود که سه پسر داشت و پسر کوچک‌تر چیزی نمی‌گفت",
    "": "xkcd qwrt zzyx plmn " * 20,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_are_told_apart(language: str) -> None:
    text = LANGUAGES[language]
    assert guess_language(text, script_shares(Counter(text))) == language
    assert language in NAMES


def test_what_nobody_can_tell_is_unsure() -> None:
    for text in ("12 + 34 = 46", "ok", "道" * 9 + "abcdefghi" + "ЖЖЖЖЖЖЖЖЖ"):
        assert guess_language(text, script_shares(Counter(text))) == ""


def test_scripts_are_shares_of_the_letters() -> None:
    assert script_shares(Counter("ab道Ж!! 1")) == (("Latin", 0.5), ("Han", 0.25), ("Cyrillic", 0.25))
    assert script_shares(Counter("12 + 3")) == ()


# rules

PROSE = " ".join(f"{word} went to the {place}." for word in "abcdef" for place in ("sea", "wood", "hill", "town")) * 4
GUTENBERG = "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n"
HAN = "".join(chr(0x4E00 + number) for number in range(1500))
LINES = lines_of(60)
TRIGGERS: list[tuple[str, str, dict[str, Any], dict[str, Any] | str | None]] = [
    ("replaced", PROSE + "a\ufffd", {}, "choose_encoding"),
    ("mojibake", (LANGUAGES["fr"] * 5).encode().decode("cp1252"), {}, "choose_encoding"),
    ("few_letters", LANGUAGES["ru"] * 9 + LANGUAGES["en"], {"letters_only": True}, {"letters_only": False}),
    ("gutenberg", "Project Gutenberg\n" + GUTENBERG + PROSE, {}, {"drop_gutenberg": True}),
    ("shared_lines", LINES + LINES, {}, {"unique_lines": True}),
    ("shared_lines", "the same line again and again\n" * 60, {}, None),
    ("duplicates", LINES + LINES, {}, {"unique_lines": True}),
    ("repeat", PROSE + noise(900) + "\n" + noise(900), {}, None),
    ("accents", PROSE + "cafe\u0301", {}, {"nfc": True}),
    ("quotes", PROSE + '“a” "b" “c” "d" “e”', {}, {"straight_quotes": True}),
    ("blanks", PROSE.replace(". ", ".   "), {}, {"single_blanks": True}),
    ("large_alphabet", HAN * 3, {"embedding_size": None}, {"embedding_size": 128}),
    ("thin", HAN[:600] * 3, {}, {"tokenizer": "byte"}),
    ("unseen", PROSE + "道" * 40 + PROSE[:150], {}, {"tokenizer": "byte"}),
    ("rare", PROSE + "QWXYZ", {}, {"min_frequency": 3}),
    ("rare", PROSE + HAN[:300], {}, None),
    ("small_validation", PROSE, {}, {"validation_fraction": 0.2}),
]


def found(report: Report, key: str) -> Finding:
    return next(finding for finding in report.findings if finding.key == key)


@pytest.mark.parametrize(("key", "text", "settings", "remedy"), TRIGGERS)
def test_a_rule_finds_its_text_and_its_remedy_helps(
    key: str, text: str, settings: dict[str, Any], remedy: dict[str, Any] | str | None
) -> None:
    report = check(text, **settings)
    finding = found(report, key)
    assert str(finding.message)
    if isinstance(remedy, str):
        assert finding.remedy
        assert (finding.remedy.action, finding.remedy.settings) == (remedy, {})
    elif remedy is None:
        assert finding.remedy is None
    else:
        assert finding.remedy
        assert finding.remedy.settings == remedy
        assert key not in keys(check(text, **{**settings, **remedy}))


HEALTHY = lines_of(600, seed=7)


def test_a_text_without_faults_has_no_findings() -> None:
    assert keys(check(HEALTHY)) == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_has_a_text_that_triggers_it(rule: doctor.rules.Rule) -> None:
    assert rule.key.removeprefix("finding_") in {key for key, *_ in TRIGGERS}


NOT_QUITE: list[tuple[str, str, dict[str, Any]]] = [
    ("mojibake", LANGUAGES["fr"] * 5 + "CAFÉ»", {}),
    ("few_letters", LANGUAGES["en"] * 3, {"letters_only": True}),
    ("shared_lines", LINES, {}),
    ("duplicates", "RUTH:\n" + HEALTHY.replace("\n", "\nRUTH:\n"), {}),
    ("quotes", PROSE + "“道” ‘a’ it's", {}),
    ("large_alphabet", HAN * 3, {"embedding_size": 64}),
    ("repeat", noise(400) + "\n" + noise(400) + HEALTHY, {}),
    ("small_validation", PROSE, {"validation_fraction": 0.0}),
]


@pytest.mark.parametrize(("key", "text", "settings"), NOT_QUITE)
def test_a_rule_leaves_the_rest_alone(key: str, text: str, settings: dict[str, Any]) -> None:
    assert key not in keys(check(text, **settings))


# whole texts


def test_the_bundled_and_the_known_texts_are_sound(corpora: Path) -> None:
    wanted = {
        "the_thirsty_bell": ("en", "Latin", set()),
        "cun_feng_de_shitou": ("zh-Hans", "Han", {"thin", "unseen", "rare"}),
        "time_machine": ("en", "Latin", set()),
        "tiny_shakespeare": ("en", "Latin", set()),
    }
    for key, (language, script, findings) in wanted.items():
        report = check(catalogue.load(key).text)
        assert (report.language, report.script[0][0], keys(report)) == (language, script, findings), key


def test_a_small_a_broken_and_a_repeated_text(story: str) -> None:
    assert keys(check(story[:2000])) <= {"small_validation", "rare"}
    assert {"duplicates", "shared_lines", "repeat"} <= keys(check("never the same line twice\n" * 2000))
    assert check("never the same line twice\n" * 2000).findings[0].severity == "warning"
    broken = check(LANGUAGES["zh-Hans"].encode().decode("latin-1") * 20)
    assert "mojibake" in keys(broken)
    assert broken.language == ""


def test_the_chapters_recipe_is_examined_as_it_is_cut() -> None:
    text = LANGUAGES["en"] * 200
    report = examine(text, build_corpus(text, PRESETS["d2l"].text, "x"), PRESETS["d2l"])
    assert (report.characters, report.lines) == (10_000, 1)
    assert "few_letters" not in keys(report)
    assert isinstance(PRESETS["d2l"], Recipe)
