"""The tokenizer against the chapter's vocabulary, a dictionary, and damaged checkpoints."""

from __future__ import annotations

import collections
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.errors import CheckpointError
from deeprnn.text.counting import PAIRED
from deeprnn.text.tokenizer import MAX_SYMBOLS, CharacterTokenizer, count_characters

ANY_TEXT = st.text(min_size=1, max_size=200)


@given(ANY_TEXT)
def test_vocabulary_is_the_chapters(text: str) -> None:
    counter = collections.Counter(text)
    chapter = [token for token, _ in sorted(counter.items(), key=lambda x: x[1], reverse=True)]
    assert CharacterTokenizer.train(text).symbols == ("<unk>", *chapter)


@given(ANY_TEXT)
def test_round_trip_is_exact(text: str) -> None:
    tokenizer = CharacterTokenizer.train(text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == tokenizer.decode(ids.tolist()) == text
    assert CharacterTokenizer.from_dict(json.loads(json.dumps(tokenizer.to_dict()))) == tokenizer


@given(ANY_TEXT, ANY_TEXT)
def test_encode_matches_a_dictionary(text: str, other: str) -> None:
    tokenizer = CharacterTokenizer.train(text)
    numbers = {symbol: number for number, symbol in enumerate(tokenizer.symbols[1:], start=1)}
    assert tokenizer.encode(other).tolist() == [numbers.get(character, 0) for character in other]


@pytest.mark.parametrize("length", [PAIRED - 1, PAIRED, PAIRED + 1])
def test_encoding_in_pairs_is_encoding(length: int) -> None:
    text = "".join(map(chr, np.random.default_rng(length).integers(0, 128, length).tolist()))
    tokenizer = CharacterTokenizer.train("once upon a time")
    numbers = {symbol: number for number, symbol in enumerate(tokenizer.symbols)}
    assert tokenizer.encode(text).tolist() == [numbers.get(character, 0) for character in text]


def test_counting_crosses_chunks() -> None:
    text = "ab" * 700_000 + "c𝄞" * 10 + "a"
    assert count_characters(text) == collections.Counter(text)
    assert list(count_characters(text)) == ["a", "b", "c", "𝄞"]
    tokenizer = CharacterTokenizer.train(text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


@pytest.mark.parametrize(("symbols", "dtype"), [(2, "uint8"), (256, "uint8"), (257, "uint16"), (50_000, "uint16")])
def test_ids_take_the_smallest_type(symbols: int, dtype: str) -> None:
    tokenizer = CharacterTokenizer(("<unk>", *map(chr, range(0xE000, 0xE000 + symbols - 1))))
    last = tokenizer.symbols[-1]
    ids = tokenizer.encode(last)
    assert ids.dtype == np.dtype(dtype)
    assert ids.tolist() == [symbols - 1]


def test_every_unicode_scalar_value_is_read_and_the_rare_ones_are_unknown() -> None:
    text = "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF) + "zz"
    tokenizer = CharacterTokenizer.train(text)
    assert tokenizer.vocab_size == MAX_SYMBOLS
    assert tokenizer.symbols[:3] == ("<unk>", "z", "\0")
    ids = tokenizer.encode(text)
    assert np.count_nonzero(ids) == MAX_SYMBOLS - 1 + 2


def test_lone_surrogates_are_unknown_and_never_learnt() -> None:
    tokenizer = CharacterTokenizer.train("ab\ud800\udfff")
    assert tokenizer.symbols == ("<unk>", "a", "b")
    assert tokenizer.encode("a\udc00b").tolist() == [1, 0, 2]
    assert tokenizer.decode([1, 0]) == "a<unk>"


DAMAGED: list[Any] = [
    None,
    [],
    {"kind": "character"},
    {"kind": "word", "symbols": ["<unk>", "a"]},
    {"kind": "character", "symbols": "<unk>"},
    {"kind": "character", "symbols": ["<unk>", "a"], "more": 1},
    {"kind": "character", "symbols": ["<unk>"]},
    {"kind": "character", "symbols": ["a", "<unk>"]},
    {"kind": "character", "symbols": ["<unk>", "a", "a"]},
    {"kind": "character", "symbols": ["<unk>", "ab"]},
    {"kind": "character", "symbols": ["<unk>", ""]},
    {"kind": "character", "symbols": ["<unk>", "\ud800"]},
    {"kind": "character", "symbols": ["<unk>", 7]},
    {"kind": "character", "symbols": ["<unk>", ["a"]]},
    {"kind": ["character"], "symbols": ["<unk>", "a"]},
    {"kind": "character", "symbols": ["<unk>", *map(chr, range(0x10000, 0x10000 + MAX_SYMBOLS))]},
]


@pytest.mark.parametrize("values", DAMAGED, ids=lambda values: ascii(values)[:50])
def test_damaged_vocabulary_is_refused(values: Any) -> None:
    with pytest.raises(CheckpointError) as caught:
        CharacterTokenizer.from_dict(values)
    str(caught.value).encode()  # can be written anywhere
