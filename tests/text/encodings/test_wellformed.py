"""Proving and counting UTF-8 against Python's decoder, on every short sequence and on texts cut anywhere."""

from __future__ import annotations

import io
import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprnn.text.encodings import wellformed
from deeprnn.text.encodings.wellformed import blocks, count_well_formed

# The bytes on both sides of every limit of the standard's table 3-7, and one in the middle of each range.
EDGES = [0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC]
EDGES += [0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF]


def truth(data: bytes) -> int | None:
    try:
        return len(data.decode())
    except UnicodeDecodeError:
        return None


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_short_sequence_is_judged_as_python_does(length: int) -> None:
    for sequence in itertools.product(EDGES, repeat=length):
        data = bytes(sequence)
        assert count_well_formed(data) == truth(data), data.hex(" ")


def test_every_character_is_well_formed() -> None:
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF]
    assert count_well_formed("".join(characters).encode()) == len(characters)


@given(st.text(), st.binary(max_size=4), st.text())
def test_a_damaged_text_is_not(before: str, damage: bytes, after: str) -> None:
    data = before.encode() + damage + after.encode()
    assert count_well_formed(data) == truth(data)


@given(st.text() | st.binary(), st.integers(1, 9), st.integers(0, 3))
def test_blocks_are_the_file_and_cut_no_character(text: str | bytes, size: int, skip: int) -> None:
    data = text.encode() if isinstance(text, str) else text
    file = io.BytesIO(bytes(skip) + data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wellformed, "BLOCK_BYTES", size + 3)
        found = list(blocks(file, skip))
    assert b"".join(found) == data
    assert all(found)
    if isinstance(text, str):
        assert "".join(block.decode() for block in found) == text


def test_one_wrong_byte_in_a_large_block_is_found() -> None:
    data = ("从前有座山，" * 20_000).encode()
    draw = random.Random(0)
    for _ in range(50):
        place = draw.randrange(len(data))
        damaged = data[:place] + bytes([draw.randrange(256)]) + data[place + 1 :]
        assert count_well_formed(damaged) == truth(damaged)
