"""The texts that the program knows by name: bundled, downloadable, drawn from a source. It knows no tokens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import TextError
from ..messages import ENGLISH, Message, message
from .download import Download, obtain
from .reading import read_bytes, read_file
from .synthetic import SOURCES, draw_text

FOLDER = Path(__file__).parent / "corpora"
CC0, PUBLIC_DOMAIN = "CC0-1.0", "public domain"


@dataclass(frozen=True)
class CorpusEntry:
    """Describe a text that can be learnt.

    Args:
        key: names it everywhere.
        kind: bundled, download, synthetic or own.
        title: in English.
        title_zh: in Chinese.
        language: its code; zxx if it is none.
        licence: under which it may be used; empty if nobody said.
        source: who wrote it, or where it comes from, in English.
    """

    key: str
    kind: str
    title: str
    title_zh: str
    language: str = ""
    licence: str = ""
    source: str = ""


@dataclass(frozen=True)
class LoadedText:
    """Hold a text of the catalogue.

    Args:
        text: clean text.
        entropy_floor: nats per character that nothing can beat, if known exactly.
        notices: what was changed in reading it.
    """

    text: str
    entropy_floor: float | None = None
    notices: tuple[Message, ...] = ()


# A bundled text is the file <key>.txt beside this module, in corpora/.
CORPORA = (
    CorpusEntry(
        "the_thirsty_bell", "bundled", "The Thirsty Bell", "《口渴的钟》（英文）", "en", CC0, "written for DeepRNN"
    ),
    CorpusEntry(
        "cun_feng_de_shitou",
        "bundled",
        "The Stones That Kept the Wind (Chinese)",
        "《存风的石头》",
        "zh",
        CC0,
        "written for DeepRNN",
    ),
    CorpusEntry(
        "time_machine",
        "download",
        "The Time Machine",
        "《时光机器》（英文）",
        "en",
        PUBLIC_DOMAIN,
        ENGLISH["source_time_machine"],
    ),
    CorpusEntry(
        "tiny_shakespeare",
        "download",
        "Tiny Shakespeare",
        "莎士比亚选段（英文）",
        "en",
        PUBLIC_DOMAIN,
        ENGLISH["source_tiny_shakespeare"],
    ),
    CorpusEntry("markov", "synthetic", "Jumps around a ring", "环上的跳跃", "zxx", CC0, "drawn by DeepRNN"),
    CorpusEntry("brackets", "synthetic", "Nested brackets", "嵌套的括号", "zxx", CC0, "drawn by DeepRNN"),
    CorpusEntry("counting", "synthetic", "Counting", "数数", "zxx", CC0, "drawn by DeepRNN"),
    CorpusEntry("copying", "synthetic", "Copying after a delay", "延迟复写", "zxx", CC0, "drawn by DeepRNN"),
)
DOWNLOADS = {
    "time_machine": Download(
        "timemachine.txt",
        "http://d2l-data.s3-accelerate.amazonaws.com/timemachine.txt",
        "090b5e7e70c295757f55df93cb0a180b9691891a",
    ),
    "tiny_shakespeare": Download(
        "tinyshakespeare.txt",
        "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
        "04486597058d11dcc2c556b1d0433891eb639d2e",
    ),
}


def entries() -> tuple[CorpusEntry, ...]:
    """Return every text that the program knows, the bundled ones first."""
    return CORPORA


def find_entry(key: str) -> CorpusEntry:
    """Return the entry of a key.

    Raises:
        TextError: there is no text of that key.
    """
    for entry in CORPORA:
        if entry.key == key:
            return entry
    raise TextError("unknown_corpus", name=str(key)[:60])


def own_entry(key: str, name: str) -> CorpusEntry:
    """Return the entry of a text that the user brought."""
    return CorpusEntry(key, "own", name, name)


def title(key: str) -> str:
    """Return the English title of a key.

    Raises:
        TextError: there is no text of that key.
    """
    return find_entry(key).title


def load(key: str) -> LoadedText:
    """Return a text, downloading it if it is not here yet.

    Raises:
        TextError: there is no text of that key, or it cannot be had.
    """
    entry = find_entry(key)
    kind = entry.kind
    if kind == "synthetic":
        return LoadedText(draw_text(key), SOURCES[key].entropy)
    if kind == "download":
        read = read_bytes(obtain(DOWNLOADS[key]), DOWNLOADS[key].file)
        whose = message("public_domain_text", source=message(f"source_{key}"))
        return LoadedText(read.text, None, (whose, *read.notices))
    read = read_file(FOLDER / f"{key}.txt")
    return LoadedText(read.text, None, read.notices)
