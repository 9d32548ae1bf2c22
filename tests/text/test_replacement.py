"""Unknown characters of a prefix: the nearest known writing, or nothing, and always said."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.text.replacement import NAMED, Replacement, replaced_messages, visible
from deeprnn.text.tokens.character import CharacterTokenizer

LETTERS = CharacterTokenizer(("<unk>", " ", *string.ascii_lowercase))

NEAREST = [
    ("width", "abc123", "ＡＢ１", "ab1"),
    ("case down", "abc", "ABC", "abc"),
    ("case up", "ABC", "abc", "ABC"),
    ("accent and case", "abcdefi", "Éï", "ei"),
    ("case before accent", "eé", "É", "é"),
    ("composed", "é", "e\u0301", "é"),
    ("decomposed", "e\u0301", "é", "e\u0301"),
    ("mark lost", "e", "e\u0301", "e"),
    ("ligature", "fi", "ﬁ", "fi"),
    ("curly quotes", "'\"", "‘’“”", "''\"\""),
    ("straight to curly", "’", "'", "’"),
    ("dash", "-", "—", "--"),
    ("hyphens", "-", "‐−", "--"),
    ("ellipsis", ".", "…", "..."),
    ("space", " ", "\t\u00a0\u3000\n", "    "),
    ("Chinese full stop from ASCII", "，。！", ",.!", "，。！"),
    ("half-width kana", "カ", "ｶ", "カ"),
    ("dropped", "ab", "a中b", "ab"),
    ("surrogate", "ab", "a\ud800b", "ab"),
]


@pytest.mark.parametrize(("known", "typed", "written"), [c[1:] for c in NEAREST], ids=[c[0] for c in NEAREST])
def test_nearest_writing(known: str, typed: str, written: str) -> None:
    text, replacements = CharacterTokenizer.train(known).replace_unknown(typed)
    assert text == written
    assert replacements


def test_each_replacement_is_said_once_in_order() -> None:
    text, replacements = LETTERS.replace_unknown("Time, Time! Été 中")
    assert text == "time time ete "
    assert replacements == (
        Replacement("T", "t"),
        Replacement(",", ""),
        Replacement("!", ""),
        Replacement("É", "e"),
        Replacement("é", "e"),
        Replacement("中", ""),
    )


def test_a_lone_surrogate_is_named() -> None:
    assert LETTERS.replace_unknown("\udead")[1] == (Replacement("U+DEAD", ""),)


@given(st.text(alphabet=st.characters(), max_size=60), st.text(min_size=1, max_size=60))
def test_result_is_always_known(typed: str, known: str) -> None:
    tokenizer = CharacterTokenizer.train(known)
    text, replacements = tokenizer.replace_unknown(typed)
    assert 0 not in tokenizer.encode(text)
    assert tokenizer.replace_unknown(text) == (text, ())
    for replacement in replacements:
        replacement.character.encode()
        assert set(replacement.replaced_by) <= set(known)


@given(st.text(min_size=1, max_size=60))
def test_known_text_stays_as_it_is(text: str) -> None:
    assert CharacterTokenizer.train(text).replace_unknown(text) == (text, ())


def test_one_sentence_per_kind_names_the_characters() -> None:
    """Beyond five, the page said that the others "were replaced": neither named, nor true of those left out."""
    said = replaced_messages(
        [Replacement("é", "e"), Replacement("世", ""), Replacement("\t", " "), Replacement("😀", "")]
    )
    assert [str(each) for each in said] == [
        "Not in this model's alphabet, read as the nearest: é → e · U+0009 → U+0020.",
        "Not in this model's alphabet, left out: 世 · 😀.",
    ]
    assert replaced_messages([]) == ()
    (many,) = replaced_messages([Replacement(chr(0x4E00 + i), "") for i in range(NAMED + 1)])
    assert str(many).endswith(f"{chr(0x4E00 + NAMED - 1)} and 1 more.")


@pytest.mark.parametrize(
    ("characters", "shown"),
    [
        ("\x07", "U+0007"),
        ("\u202e", "U+202E"),
        ("\u0301", "U+0301"),
        ("e\u0301", "e\u0301"),
        ("U+D800", "U+D800"),
        ("", ""),
    ],
)
def test_what_nobody_sees_is_named(characters: str, shown: str) -> None:
    assert visible(characters) == shown
