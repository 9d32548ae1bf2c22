"""Counting in pieces against `collections.Counter`, wherever the pieces are cut and however wide their characters."""

from __future__ import annotations

import collections

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.text import counting
from deeprnn.text.counting import PAIRED, CharacterCounter, Piece, code_points, cut, utf8_bytes

WIDTHS = {"aZ \n": np.uint8, "aé": np.uint16, "a中": np.uint16, "a𝄞": np.uint32, "\ud800a": np.uint16, "": np.uint8}


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=50), max_size=5))
def test_pieces_count_as_the_whole(pieces: list[str]) -> None:
    counter = CharacterCounter()
    for piece in pieces:
        counter.add(Piece(piece))
    whole = collections.Counter("".join(pieces))
    assert list(counter.counts().items()) == list(whole.items())
    assert counter.characters == whole.total()


@pytest.mark.parametrize("length", [PAIRED - 1, PAIRED, PAIRED + 1, 3 * PAIRED + 1])
def test_counting_in_pairs_is_counting(length: int) -> None:
    text = "".join(map(chr, np.random.default_rng(length).integers(0, 128, length).tolist()))
    counter = CharacterCounter()
    counter.add(Piece(text))
    assert list(counter.counts().items()) == list(collections.Counter(text).items())


def test_surrogates_are_seen_but_not_counted() -> None:
    counter = CharacterCounter()
    counter.add(Piece("a\ud800b\udfffa"))
    assert (counter.characters, counter.counts()) == (5, {"a": 2, "b": 1})


@pytest.mark.parametrize("text", WIDTHS, ids=ascii)
def test_code_points_come_in_the_narrowest_type(text: str) -> None:
    codes = code_points(text)
    assert codes.dtype == WIDTHS[text]
    assert codes.tolist() == [ord(character) for character in text]


@pytest.mark.parametrize("text", [*WIDTHS, "aé中𝄞\x7f\x80\u07ff\u0800\uffff\U00010000"], ids=ascii)
def test_code_points_know_their_size_in_utf8(text: str) -> None:
    assert utf8_bytes(code_points(text)) == len(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("text", ["", "abba\n", "aé中𝄞\x7f\x80"], ids=ascii)
def test_a_piece_is_the_same_from_its_characters_and_from_its_bytes(text: str) -> None:
    for piece in (Piece(text), Piece(utf8=text.encode())):
        assert piece.size == len(text.encode())
        assert piece.codes.tolist() == [ord(character) for character in text]
        assert {chr(code): n for code, n in enumerate(piece.histogram) if n} == collections.Counter(text)
        assert (piece.text, piece.utf8) == (text, text.encode())


@given(st.text(max_size=50), st.integers(1, 9))
def test_cutting_loses_nothing(text: str, size: int) -> None:
    pieces = list(cut(text, size))
    assert "".join(pieces) == text
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(pieces)


def test_pieces_are_bounded() -> None:
    assert max(map(len, cut("x" * (2 * counting.PIECE_CHARACTERS + 1)))) == counting.PIECE_CHARACTERS
