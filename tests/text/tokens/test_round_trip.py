"""What every kind of token promises of any text: it comes back, whole or in a stream, and no character is lost."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from deeprnn.config import TextConfig
from deeprnn.errors import CheckpointError, TextError
from deeprnn.text.counting import at_line_starts
from deeprnn.text.tokens.choice import KINDS, read_tokenizer, train_tokenizer
from deeprnn.text.tokens.kind import Tokenizer

# Everything that UTF-8 can write, and more of what tokens are made of: blanks, marks, joiners, flags.
PARTS = "aàéZ \t\n\r'’-.,\u0301\u200d\ufe0f👩👧🇨🇳한दि中文"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from(PARTS), max_size=60)
STORY = "The bell rang, and the bell's rope – an old one – tore.\n\n“Well…” he said.  道可道，非常道。名可名。\n" * 3


def make(kind: str, text: str = STORY, **limits: int) -> Tokenizer:
    return train_tokenizer([text], TextConfig(tokenizer=kind, **{"min_frequency": 1, **limits}))  # type: ignore[arg-type]


def scalar_values() -> str:
    return "".join(chr(code) for code in range(0x110000) if not 0xD800 <= code <= 0xDFFF)


@pytest.fixture(scope="module")
def trained() -> dict[str, Tokenizer]:
    return {kind: make(kind) for kind in KINDS}


@given(ANY_TEXT)
@example("\r\n \r\n")
@example("a  b   c d")
@example("don't 'tis o’ clock’s")
@example("学LSTM 的 人  a学")
@example("👩\u200d👧 🇨🇳🇨 e\u0301\u0301")
@pytest.mark.parametrize("kind", KINDS)
def test_a_text_of_known_tokens_comes_back_exactly(kind: str, text: str) -> None:
    tokenizer = make(kind, text)
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == tokenizer.decode(ids.tolist()) == text
    assert tokenizer.replace_unknown(text) == (text, ())
    assert ids.dtype == tokenizer.dtype
    assert all(0 <= i < tokenizer.vocab_size for i in ids.tolist())


@given(ANY_TEXT)
@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_bytes_and_subwords_bring_back_texts_they_were_not_made_from(
    trained: dict[str, Tokenizer], kind: str, text: str
) -> None:
    assert trained[kind].decode(trained[kind].encode(text)) == text


@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_every_unicode_scalar_value_comes_back(trained: dict[str, Tokenizer], kind: str) -> None:
    text = scalar_values()
    tokenizer = trained[kind]
    assert tokenizer.decode(tokenizer.encode(text)) == text
    assert int(tokenizer.lengths(text).sum(dtype=np.int64)) == len(text)


@given(ANY_TEXT)
@pytest.mark.parametrize("kind", KINDS)
def test_every_character_belongs_to_one_token(trained: dict[str, Tokenizer], kind: str, text: str) -> None:
    lengths = trained[kind].lengths(text)
    assert int(lengths.sum()) == len(text) if len(lengths) else text in ("", " ")
    assert len(lengths) == len(trained[kind].encode(text))


@given(st.lists(st.integers(0, 2**31)))
@pytest.mark.parametrize("kind", KINDS)
def test_a_stream_of_any_tokens_is_their_text(trained: dict[str, Tokenizer], kind: str, numbers: list[int]) -> None:
    tokenizer = trained[kind]
    ids = [number % tokenizer.vocab_size for number in numbers]
    decoder = tokenizer.decoder()
    written = [decoder.feed(token_id) for token_id in ids]
    assert "".join(written) + decoder.finish() == tokenizer.decode(ids)


@pytest.mark.parametrize("kind", ["byte", "subword"])
def test_a_character_appears_when_it_is_complete(trained: dict[str, Tokenizer], kind: str) -> None:
    decoder = trained[kind].decoder()
    parts = [decoder.feed(byte) for byte in "é词👍".encode()]
    assert parts == ["", "é", "", "", "词", "", "", "", "👍"]
    assert decoder.finish() == ""
    assert [decoder.feed(byte) for byte in (0xE8, 0xAF, ord("a"), 0xFF)] == ["", "", "\ufffda", "\ufffd"]
    decoder.feed(0xF0)
    assert decoder.finish() == "\ufffd"


@given(st.text(st.sampled_from("ab é中\n\r.'\u0301"), max_size=80), st.lists(st.integers(0, 80), max_size=5))
@pytest.mark.parametrize("kind", KINDS)
def test_cut_anew_the_pieces_give_the_tokens_of_the_whole(
    trained: dict[str, Tokenizer], kind: str, text: str, places: list[int]
) -> None:
    places = sorted({0, len(text), *(place for place in places if place < len(text))})
    pieces = [text[begin:end] for begin, end in pairwise(places)]
    cut = list(at_line_starts(pieces))
    assert "".join(cut) == text
    tokenizer = trained[kind]
    assert [i for piece in cut for i in tokenizer.encode(piece).tolist()] == tokenizer.encode(text).tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_a_vocabulary_survives_json_and_is_the_same_from_pieces(trained: dict[str, Tokenizer], kind: str) -> None:
    tokenizer = trained[kind]
    assert read_tokenizer(json.loads(json.dumps(tokenizer.to_dict()))) == tokenizer
    lines = TextConfig(tokenizer=kind, min_frequency=1)
    assert train_tokenizer(at_line_starts(STORY.splitlines(keepends=True)), lines) == tokenizer


@pytest.mark.parametrize("kind", KINDS)
def test_lone_surrogates_reach_no_text(trained: dict[str, Tokenizer], kind: str) -> None:
    tokenizer = trained[kind]
    read, replaced = tokenizer.replace_unknown("the \ud800 bell \udc00")
    read.encode("utf-8")
    assert [one.character[:2] for one in replaced] == ["U+", "U+"]
    tokenizer.decode(tokenizer.encode("the \ud800 bell")).encode("utf-8")


@pytest.mark.parametrize("kind", ["character", "grapheme", "word"])
def test_limits_keep_the_frequent(kind: str) -> None:
    text = "b a a a . . c\n" * 2 + "d "
    assert make(kind, text, max_vocab_size=3).vocab_size == 3
    rare = make(kind, text, min_frequency=2)
    assert rare.unknown_id == 0
    assert rare.decode(rare.encode("d")) == "<unk>"
    assert rare.decode(rare.encode("c")) == "c"


def test_subwords_have_room_for_more_than_bytes() -> None:
    with pytest.raises(TextError, match="257"):
        make("subword", max_vocab_size=256)
    assert make("subword", max_vocab_size=257).vocab_size == 257


@pytest.mark.parametrize("kind", KINDS)
def test_the_novel_comes_back(kind: str, corpora: Path) -> None:
    text = (corpora / "timemachine.txt").read_text("utf-8")
    tokenizer = make(kind, text)
    assert tokenizer.decode(tokenizer.encode(text)) == text


HOSTILE = [
    {"kind": "word", "symbols": ["<unk>", "two words"]},
    {"kind": "word", "symbols": ["<unk>", "x" * 129]},
    {"kind": "word", "symbols": ["<unk>", "a", "a"]},
    {"kind": "word", "symbols": ["<unk>", "\ud800"]},
    {"kind": "grapheme", "symbols": ["<unk>", "ab"]},
    {"kind": "grapheme", "symbols": ["<unk>", ""]},
    {"kind": "byte", "symbols": []},
    {"kind": "subword", "merges": 7},
    {"kind": "subword", "merges": [[0]]},
    {"kind": "subword", "merges": [[0, 256]]},
    {"kind": "subword", "merges": [[-1, 3]]},
    {"kind": "subword", "merges": [[True, 3]]},
    {"kind": "subword", "merges": [[1.0, 3]]},
    {"kind": "subword", "merges": ["ab"]},
    {"kind": "subword", "merges": [[97, 98], [97, 98]]},
    {"kind": "subword", "merges": [[97, 98]], "vocab": {}},
    # Each token twice as long as the last: forty of them would fill any memory.
    {"kind": "subword", "merges": [[97, 97], *([i, i] for i in range(256, 296))]},
    {"kind": "subword", "merges": [[97, 98]] * 50_000},
    {"kind": "pickle", "symbols": ["<unk>", "a"]},
    {"kind": None},
    {},
    7,
]


@pytest.mark.parametrize("values", HOSTILE, ids=lambda values: ascii(values)[:50])
def test_hostile_vocabularies_are_refused_in_words(values: object) -> None:
    with pytest.raises(CheckpointError) as caught:
        read_tokenizer(values)
    str(caught.value).encode()
