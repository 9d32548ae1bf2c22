"""A prefix is read as the same words in the text were: against the text's own cleaning, for every choice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.config import TextConfig
from deeprnn.text.cleaning import clean
from deeprnn.text.corpus import build_corpus
from deeprnn.text.prefix import read_prefix
from deeprnn.text.tokens.character import CharacterTokenizer

LETTERS = TextConfig(letters_only=True)
STORY = "I don't know, said the Time Traveller; “it's  only” a\u00a0naïve   idea…\n" * 3


def read(prefix: str, config: TextConfig) -> tuple[str, dict[str, str]]:
    corpus = build_corpus(STORY, config, "x")
    text, replacements = read_prefix(prefix, corpus.tokenizer, config)
    return text, {replacement.character: replacement.replaced_by for replacement in replacements}


def test_an_apostrophe_is_read_as_in_the_text() -> None:
    """The text had "don t" and the prefix was read as "dont", a word that the network had never seen."""
    assert read("I don't", LETTERS) == ("i don t", {"I": "i", "'": " "})


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [("time ", "time "), ("time, ", "time "), ("time\n", "time"), ("", ""), (" ", ""), ("时间", ""), ("a\nt", "at")],
)
def test_a_blank_at_the_end_waits_for_a_word(prefix: str, expected: str) -> None:
    assert read(prefix, LETTERS)[0] == expected


def test_what_a_choice_leaves_out_is_said() -> None:
    assert read("know 42", LETTERS)[1] == {"4": " ", "2": " "}
    assert read("know", LETTERS)[1] == {}


@pytest.mark.parametrize("name", ["lower_case", "straight_quotes", "single_blanks", "nfc"])
def test_every_choice_of_the_recipe_is_made(name: str) -> None:
    config = TextConfig.from_dict({name: True})
    prefix = "The Time  “nai\u0308ve”"
    known = CharacterTokenizer.train(prefix + clean(prefix, config).text)
    assert read_prefix(prefix, known, config)[0] == clean(prefix, config).text != prefix


def test_choices_of_whole_texts_do_not_touch_a_prefix() -> None:
    config = TextConfig(unique_lines=True, drop_gutenberg=True)
    line = "said the Time Traveller\n"
    assert read(line * 2, config)[0] == line * 2


def test_nothing_is_said_twice() -> None:
    text, replacements = read("“Zeit”", TextConfig(straight_quotes=True))
    assert list(replacements) == ["“", "”", "Z"]
    assert text[0] == '"'


@given(st.text(max_size=30))
def test_any_prefix_is_known_or_said(prefix: str) -> None:
    tokenizer = CharacterTokenizer.train("once upon a time")
    text, replacements = read_prefix(prefix, tokenizer, LETTERS)
    assert set(text) <= set(tokenizer.symbols)
    assert set(prefix) - set(text) <= {replacement.character for replacement in replacements}
