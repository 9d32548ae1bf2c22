"""Each kind of token against a second truth: a naive encoder, the library's own decoder, the rules of Unicode."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import decoders
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel

from deeprnn.config import TextConfig
from deeprnn.text.replacement import Replacement, replaced_messages
from deeprnn.text.tokens.byte import ByteTokenizer
from deeprnn.text.tokens.grapheme import GraphemeTokenizer, clusters
from deeprnn.text.tokens.subword import LETTERS, SubwordTokenizer
from deeprnn.text.tokens.word import WordTokenizer

TEXT = "Low lower lowest, newer newest; the widest. 低的、更低的！\n" * 4
WORDS = TextConfig(tokenizer="word", min_frequency=1)


def naive_encode(tokenizer: SubwordTokenizer, text: str) -> list[int]:
    """Join the earliest merge there is, again and again, within each stretch that the library takes for a word."""
    rank = {merge: 256 + number for number, merge in enumerate(tokenizer.merges)}
    ids: list[int] = []
    for word, _ in ByteLevel(add_prefix_space=False).pre_tokenize_str(text):
        parts = [LETTERS.index(letter) for letter in word]
        while pairs := [(rank[pair], i) for i, pair in enumerate(pairwise(parts)) if pair in rank]:
            joined, i = min(pairs)
            parts[i : i + 2] = [joined]
        ids += parts
    return ids


def test_subwords_are_those_of_a_naive_encoder() -> None:
    tokenizer = SubwordTokenizer.train([TEXT])
    assert len(tokenizer.merges) > 30
    for text in (TEXT, "slow  lowliest é 更新 🙂\n\n x"):
        assert tokenizer.encode(text).tolist() == naive_encode(tokenizer, text)


def test_the_librarys_own_decoder_reads_our_ids(corpora: Path) -> None:
    text = (corpora / "timemachine.txt").read_text("utf-8")
    ours = SubwordTokenizer.train([text], TextConfig(max_vocab_size=1000))
    written = ["".join(LETTERS[byte] for byte in symbol) for symbol in ours.symbols]
    merges = [(written[left], written[right]) for left, right in ours.merges]
    library = LibraryTokenizer(BPE({symbol: i for i, symbol in enumerate(written)}, merges))
    library.decoder = decoders.ByteLevel()
    assert library.decode(ours.encode(text).tolist()) == text
    assert set(LETTERS) == set(ByteLevel.alphabet())
    assert ours.vocab_size == 1000


def test_the_first_merges_are_the_most_frequent_pairs() -> None:
    tokenizer = SubwordTokenizer.train(["ab ab ab cd cd ab"], TextConfig(max_vocab_size=258, min_frequency=1))
    assert tokenizer.symbols[256] == b"ab"


@pytest.mark.parametrize("kind", ["subword", "word", "grapheme"])
def test_training_gives_the_same_vocabulary_in_every_process(kind: str) -> None:
    code = (
        "import json; from deeprnn.config import TextConfig; from deeprnn.text.tokens.choice import train_tokenizer;"
        f"print(json.dumps(train_tokenizer([{TEXT!r}], TextConfig(tokenizer={kind!r})).to_dict()))"
    )
    said = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout for _ in range(2)]
    assert said[0] == said[1]
    assert json.loads(said[0])["kind"] == kind


def test_bytes_are_those_of_utf8() -> None:
    tokenizer = ByteTokenizer()
    assert tokenizer.encode("é词👍\n").tolist() == list("é词👍\n".encode())
    assert tokenizer.lengths("é词").tolist() == [1, 0, 1, 0, 0]
    assert [tokenizer.symbol(byte) for byte in (0x61, 0xE8)] == ["a", "<E8>"]


# One for each rule of Unicode's Annex 29 that a text is likely to meet.
CLUSTERS = [
    ["a", "b", " ", "中"],
    ["\r\n", "\n", "\r", "\t"],
    ["e\u0301", "e\u0301\u0323", "x"],
    ["각", "\u1100\u1161\u11a8", "\u1100\u1161"],
    ["🇨🇳", "🇩🇪", "🇫"],
    ["👩\u200d👩\u200d👧\u200d👦", "👍🏽", "❤\ufe0f"],
    ["कि", " ", "กำ", "ก"],
]


@pytest.mark.parametrize("expected", CLUSTERS, ids=ascii)
def test_clusters_are_those_of_unicode(expected: list[str]) -> None:
    assert clusters("".join(expected)) == expected


def test_a_text_without_joins_needs_no_rules() -> None:
    text = "".join(chr(c) for c in range(0x20, 0x250)) + "Привет, 世界！カタカナ"
    assert clusters(text) == list(text)
    assert clusters(text + "\u0301")[-1] == text[-1] + "\u0301"


def test_an_unknown_cluster_is_read_as_its_characters() -> None:
    tokenizer = GraphemeTokenizer.train(["ee\u0301 👩👧\u200d"])
    assert tokenizer.decode(tokenizer.encode("e\u0301e👩")) == "e\u0301e👩"
    assert tokenizer.replace_unknown("É🇨🇳") == (
        "e\u0301",
        (Replacement("É", "e\u0301"), Replacement("🇨", ""), Replacement("🇳", "")),
    )


def test_words_marks_and_blanks() -> None:
    tokenizer = WordTokenizer.train(["Don't go, he said  - no. 我们go home\n"], WORDS)
    text = "Don't go home, he said.\n"
    assert [tokenizer.symbol(i) for i in tokenizer.encode(text).tolist()] == [
        "Don't", "go", "home", ", ", "he", "said", "<unk>", "\n",
    ]  # fmt: skip
    assert [tokenizer.symbol(i) for i in tokenizer.encode("我们go  - no").tolist()] == [
        "我", "们", "go", " ", " - ", "no",
    ]  # fmt: skip


def test_a_mark_that_is_unknown_only_with_its_blanks_comes_apart_from_them() -> None:
    tokenizer = WordTokenizer.train(["a  b(c)d"], WORDS)
    assert tokenizer.decode(tokenizer.encode("a (b) c")) == "a (b) c"
    assert tokenizer.lengths("a (b) c").tolist() == [1, 1, 1, 1, 1, 1, 1]


def test_words_of_scripts_with_vowel_signs_are_whole() -> None:
    for words in ("हिन्दी भाषा", "தமிழ் மொழி", "עִבְרִית שפה", "كِتَاب جديد"):
        tokenizer = WordTokenizer.train([words], WORDS)
        assert [tokenizer.symbol(i) for i in tokenizer.encode(words).tolist()] == words.split()


def test_the_blank_before_a_word_belongs_to_it() -> None:
    tokenizer = WordTokenizer.train(["one two, three"], WORDS)
    assert tokenizer.lengths("one two, three ").tolist() == [3, 4, 2, 5, 1]


def test_unknown_words_are_read_as_their_nearest_writing() -> None:
    tokenizer = WordTokenizer.train(['the Bell, said "he" café naive\n'], WORDS)
    text, replaced = tokenizer.replace_unknown("The BELL said “he” cafe naïve zebra, <unk>")
    assert text == 'the Bell said "he" <unk> naive <unk>, <unk>'
    assert {one.character: one.replaced_by for one in replaced} == {
        "The": "the", "BELL": "Bell", "“": '"', "”": '"', "cafe": "<unk>", "naïve": "naive", "zebra": "<unk>",
    }  # fmt: skip
    said = [str(one) for one in replaced_messages(replaced)]
    assert "The → the" in said[0]
    assert said[1] == "Not in this model's vocabulary, read as <unk>: cafe · zebra."
    assert tokenizer.encode(text).tolist().count(0) == 3
