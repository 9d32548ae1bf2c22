"""Cleaning: each choice against a naive version on the whole text, and pieces against the whole."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import TextConfig
from deeprnn.text.cleaning import CHOICES, NAMES, Cleaner, clean, is_odd, preview
from deeprnn.text.cleaning.gutenberg import REACH, WINDOW, Gutenberg
from deeprnn.text.cleaning.stages import (
    UNIQUE_CHARACTERS,
    Composition,
    LettersOnly,
    LowerCase,
    SingleBlanks,
    UniqueLines,
)
from deeprnn.text.counting import Piece

OFF = dict.fromkeys(NAMES, False)
BLANKS = " \t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
LINE = "the same line of more than twenty characters"
# Pieces of text in which each choice finds something, also at their seams.
BITS = st.sampled_from(
    [
        "\r",
        "\n",
        "\r\n",
        "\x00",
        "\x0b",
        "\x85",
        "\x1b",
        "\ufeff",
        "�",
        "�",
        "😀",
        "é",
        "́",
        "A",
        "Σ",
        "ας",
        " ",
        "  ",
        "\t",
        "\u3000",
        "\u2028",
        "'",
        "’",
        "“",
        "가",
        "ᄀ",
        "ᅡ",
        "ᆨ",
        "道",
        "İ",
        "b.",
        "-",
        LINE + "\n",
        "\n" + LINE,
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
        "End of Project Gutenberg's X\n",
        "*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n",
        "*END*THE SMALL PRINT! FOR ETEXTS*Ver.04.29.93*END*\n",
    ]
)
TEXTS = st.lists(BITS, max_size=30).map("".join)
CONFIGS = st.builds(TextConfig, **dict.fromkeys(NAMES, st.booleans()))


def pieces_of(text: str, cuts: list[int]) -> list[str]:
    places = sorted({cut % (len(text) + 1) for cut in cuts} | {0, len(text)})
    return [text[a:b] for a, b in itertools.pairwise(places)]


@given(TEXTS | st.text(), CONFIGS, st.lists(st.integers(0, 10_000), max_size=40))
def test_pieces_cut_anywhere_give_what_the_whole_gives(text: str, config: TextConfig, cuts: list[int]) -> None:
    cleaner = Cleaner(config)
    assert "".join(cleaner.clean(pieces_of(text, cuts))) == clean(text, config).text
    assert cleaner.changes == clean(text, config).changes


@given(TEXTS | st.text(), CONFIGS)
def test_no_change_means_the_same_text_and_odd_characters_never_pass(text: str, config: TextConfig) -> None:
    cleaned = clean(text, config)
    assert cleaned.text == text or cleaned.changes or config.letters_only  # which says what it removed, not the case
    assert not re.search("[\0\ud800-\udfff]", cleaned.text)
    cleaned.text.encode()


def naive_mending(text: str) -> tuple[str, dict[str, int]]:
    """Return what the default choices leave of a text, and what they change: one rule after the other."""
    rules = (
        ("line_ends", "\r\n|[\r\x0b\x0c\x85]", "\n"),
        ("controls_removed", "[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]", ""),
        ("byte_order_marks", "\ufeff", ""),
        ("surrogates_joined", "[\ud800-\udbff][\udc00-\udfff]", None),
        ("surrogates_replaced", "[\ud800-\udfff]", "\ufffd"),
    )
    changes: dict[str, int] = {}
    for key, pattern, new in rules:
        found = re.findall(pattern, text)
        for old in found:
            text = text.replace(old, old.encode("utf-16", "surrogatepass").decode("utf-16") if new is None else new, 1)
        changes |= {key: len(found)} if found else {}
    return text, changes


@given(TEXTS | st.text())
def test_the_default_choices_mend_what_no_text_should_hold(text: str) -> None:
    cleaned = clean(text, TextConfig())
    said = {change.key: change.details["count"] for change in cleaned.changes}
    assert (cleaned.text, said) == naive_mending(text)
    assert clean(cleaned.text, TextConfig()).changes == ()


@pytest.mark.parametrize(
    ("key", "count", "text", "expected"),
    [
        ("line_ends", 3, "a\r\nb\rc\x85d\n", "a\nb\nc\nd\n"),
        ("line_ends", 2, "a\x0bb\x0cc", "a\nb\nc"),
        ("controls_removed", 2, "ab\x1b\x9fc\t", "abc\t"),
        ("byte_order_marks", 2, "a\ufeffb\ufeff", "ab"),
    ],
)
def test_each_thing_mended_is_counted(key: str, count: int, text: str, expected: str) -> None:
    cleaned = clean(text, TextConfig())
    assert cleaned.text == expected
    assert [(change.key, change.details) for change in cleaned.changes] == [(key, {"count": count})]


@given(TEXTS | st.text())
def test_the_quick_look_misses_nothing(text: str) -> None:
    changed = clean(text, TextConfig()).text != text
    assert is_odd(Piece(text)) or not changed


# What each choice does, said once more without pieces.
def naive_letters(text: str) -> str:
    return "".join(re.sub("[^A-Za-z]+", " ", line).strip().lower() for line in re.split("\r\n|\r|\n", text))


def naive_blanks(text: str) -> str:
    return "".join(c for i, c in enumerate(text) if not (c in BLANKS and i and text[i - 1] in BLANKS))


def naive_lines(text: str) -> str:
    seen: set[str] = set()
    kept = []
    for line in re.split("(?<=\n)", text):
        if len(line.strip()) < UNIQUE_CHARACTERS or line.strip() not in seen:
            kept.append(line)
        seen.add(line.strip())
    return "".join(kept)


NAIVE = [
    (Composition, lambda text: unicodedata.normalize("NFC", text)),
    (LowerCase, str.lower),
    (SingleBlanks, naive_blanks),
    (UniqueLines, naive_lines),
    (LettersOnly, naive_letters),
]


@pytest.mark.parametrize(("stage", "naive"), NAIVE, ids=lambda value: getattr(value, "__name__", ""))
@given(text=TEXTS | st.text())
def test_a_choice_is_its_naive_version(stage: type, naive, text: str) -> None:  # type: ignore[no-untyped-def]
    made = stage()
    assert made.whole(text) == naive(text)
    assert (made.count > 0) == (naive(text) != text) or stage is LettersOnly


COUNTED = [
    ("line_ends", "line_ends", 3, "a\r\nb\rc\x85", "a\nb\nc\n"),
    ("control_characters", "controls_removed", 2, "a\x1bb\0\t", "ab\t"),
    ("byte_order_marks", "byte_order_marks", 1, "a\ufeffb", "ab"),
    ("nfc", "composed", 2, "cafe\u0301 na\u0308iv", "café näiv"),
    ("straight_quotes", "quotes_straightened", 4, "‘a’ “b”", "'a' \"b\""),
    ("single_blanks", "blanks_removed", 3, "a   b\n\n\u3000\u3000c", "a b\n\n\u3000c"),
    ("unique_lines", "lines_removed", 2, f"{LINE}\nRUTH:\n{LINE}\nRUTH:\n {LINE}", f"{LINE}\nRUTH:\nRUTH:\n"),
    ("lower_case", "lowered", 4, "ΟΔΟΣ.", "οδος."),
    ("letters_only", "letters_kept", 3, "Ab, cd.\n", "ab cd"),
]


@pytest.mark.parametrize(("name", "key", "count", "text", "wanted"), COUNTED)
def test_each_choice_counts_what_it_changes(name: str, key: str, count: int, text: str, wanted: str) -> None:
    cleaned = clean(text, TextConfig(**{**OFF, name: True}))  # type: ignore[arg-type]
    assert cleaned.text == wanted
    assert [(change.key, change.details) for change in cleaned.changes] == [(key, {"count": count})]
    assert clean(text.replace("\0", ""), TextConfig(**OFF)).changes == ()  # type: ignore[arg-type]


def test_every_choice_is_a_setting() -> None:
    assert sorted(NAMES) == sorted(set(TextConfig.__dataclass_fields__) & set(NAMES))
    assert {name for name in NAMES if getattr(TextConfig(), name)} == {
        "line_ends",
        "control_characters",
        "byte_order_marks",
    }
    assert len(CHOICES) == len(NAMES) + 2


HEADER = "The Project Gutenberg eBook of A Bell\n\nThis eBook is for the use of anyone anywhere.\n\n"
START = "*** START OF THE PROJECT GUTENBERG EBOOK A BELL ***\n"
BOOK = "A BELL\n\nThe bell was thirsty, says Project Gutenberg's reader.\n"
END = "*** END OF THE PROJECT GUTENBERG EBOOK A BELL ***\n\nSection 1. General Terms of Use\nand so on\n"
SMALL = "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nwhy?\n"
SMALL += "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n"
BOOKS = [
    (HEADER + START + BOOK + END, BOOK),
    (
        HEADER
        + "***START OF THIS PROJECT GUTENBERG EBOOK A BELL***\n"
        + BOOK
        + "***END OF THIS PROJECT GUTENBERG EBOOK",
        BOOK,
    ),
    (HEADER + "*** START OF THIS PROJECT GUTENBERG EBOOK A BELL OF\nMANY TONES ***\n" + BOOK, BOOK),
    ("**The Project Gutenberg Etext of A Bell**\n" + SMALL + BOOK + "End of Project Gutenberg's A Bell\nmore\n", BOOK),
    (HEADER + START + BOOK + "End of the Project Gutenberg EBook of A Bell, by X\n\n\n" + END, BOOK),
    (2 * (HEADER + START + BOOK + END), 2 * BOOK),
    (START + BOOK, BOOK),
    (BOOK + END, BOOK),
    (BOOK, BOOK),
    (BOOK + "End of Project Gutenberg's hour\n" + BOOK, BOOK + "End of Project Gutenberg's hour\n" + BOOK),
    ("a " + START + BOOK, "a " + START + BOOK),
    ("x" * (WINDOW + 9) + "\n" + START + BOOK, "x" * (WINDOW + 9) + "\n" + START + BOOK),
    (HEADER + START + "y" * 3 * WINDOW + " *** END OF THE PROJECT GUTENBERG EBOOK\nz\n", None),
    ("", ""),
]


@pytest.mark.parametrize(("text", "wanted"), BOOKS)
def test_the_header_and_licence_of_a_book_go(text: str, wanted: str | None) -> None:
    wanted = text[len(HEADER + START) :] if wanted is None else wanted
    for size in (1, 7, REACH, len(text) + 1):
        if size == 1 and len(text) > 5000:
            continue
        stage = Gutenberg()
        read = "".join(stage.feed(text[i : i + size]) for i in range(0, len(text), size)) + stage.finish()
        assert read == wanted
        assert stage.count == len(text) - len(wanted)


def test_a_preview_counts_what_cleaning_would_count() -> None:
    text = HEADER + START + "“Oh”,  said\tCafe\u0301\r\n" + f"{LINE}\n{LINE}\n\x07" + END
    effects = {effect.name: effect for effect in preview(text, TextConfig())}
    assert set(effects) == set(NAMES)
    assert {name for name, effect in effects.items() if effect.is_on} == {
        "line_ends",
        "control_characters",
        "byte_order_marks",
    }
    for name, effect in effects.items():
        changes = clean(text, TextConfig(**{name: True})).changes  # type: ignore[arg-type]
        wanted = {choice.key: choice.name for choice in CHOICES}
        counts = {wanted[change.key]: change.details["count"] for change in changes}
        assert effect.count == counts.get(name, 0)
        assert bool(effect.examples) == bool(effect.count)
        assert all(
            before != after and before.isprintable() and after.isprintable() for before, after in effect.examples
        )
    assert str(effects["straight_quotes"].message).startswith("straight_quotes would change 2 places, for example ")
    assert str(effects["line_ends"].message).startswith("line_ends changes 1 places")
    assert effects["unique_lines"].count == 1


def test_a_preview_of_a_book_shows_a_few_examples() -> None:
    effects = {effect.name: effect for effect in preview("A “quoted” word. " * 1000, TextConfig())}
    assert effects["straight_quotes"].count == 2000
    assert len(effects["straight_quotes"].examples) == 3
    assert effects["straight_quotes"].examples[0] == ("A “quoted” word", 'A "quoted” word'.replace("”", '"'))


def test_the_end_of_a_line_is_shown_by_a_sign_that_fonts_have() -> None:
    """The signs of the block that is meant for this were empty boxes."""
    effects = {effect.name: effect for effect in preview("One\r\ntwo\x07\n", TextConfig())}
    assert effects["line_ends"].examples[0] == ("One<U+000D>↵two<U+0007>↵", "One↵two<U+0007>↵")
