"""Both languages say the same things: same keys, same placeholders, nothing missing, nothing left over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from deeprnn.config import RECIPE_FIELDS, SAMPLING_FIELDS
from deeprnn.messages import ENGLISH
from deeprnn.runs.entries import INTERRUPTED, WAITING
from deeprnn.runs.job import STATES
from deeprnn.text.baselines import ORDERS
from deeprnn.text.catalogue import DOWNLOADS
from deeprnn.text.formats.kinds import SUFFIXES
from deeprnn.training.advice import CHANGE, CONTINUE, TRAIN_LONGER, USE_BEST
from deeprnn.training.event import KINDS
from deeprnn.training.presets import PRESETS
from deeprnn.ui import texts
from deeprnn.ui.fields import CLEANING, SETTING_GROUPS
from deeprnn.ui.steer_frames import LIVE_SETTINGS

UI = Path(texts.__file__).parent
SOURCES = [*UI.glob("*.py"), *UI.glob("assets/*.js")]
# Keys that are put together from a word: each prefix with all the words that can follow it.
LINES = ("uniform", *ORDERS, "xz", "entropy")
CHOICES = {word for field in RECIPE_FIELDS.values() for word in field.metadata["choices"]}
BUILT = {
    "state": (*STATES, WAITING, INTERRUPTED),
    "recipe": PRESETS,
    "line": LINES,
    "choice": CHOICES,
    "group": (*SETTING_GROUPS, "cleaning"),
    "model": ("live", "best", "last"),
    "setting": ["prefix", *RECIPE_FIELDS, *(f"sampling.{name}" for name in SAMPLING_FIELDS)],
    "help": [*RECIPE_FIELDS, *(f"sampling.{name}" for name in SAMPLING_FIELDS)],
    "message": ENGLISH,
    "facts": ("characters", "tokens", "symbols", "parameters"),
    "chart": ("log", "linear", "training", "validation"),
    "kind": (*SUFFIXES.values(), "text", "zip", "folder", "files", "hub"),
    "work": ("reading", "encoding", "examining", "cancel", "progress"),
    "doctor": (
        "encoding",
        "characters",
        "language",
        "alphabet",
        "rare",
        "tokens",
        "vocabulary",
        "repeats",
        "use",
        "choose_encoding",
    ),
    "effect": ("does", "would", "nothing"),
    "hub": [f"{name}{hint}" for name in ("name", "split", "column", "characters") for hint in ("", "_hint")],
    "files": ("up", "down", "remove"),
    "train": ("start", "pause", "resume", "new", "stop", "cancel", "queue"),
    "steer": ("change", "save", "sample", "discard", "discard_yes", "keep", "undo", "cancel"),
    "advice": (USE_BEST, CONTINUE, TRAIN_LONGER, CHANGE),
    "mark": (*KINDS, *LIVE_SETTINGS),
    "section": ("studio", "runs"),
    "queue": ("up", "down", "cancel"),
    "sweep": ("num_layers", "cell", "seed"),
    "runs": (
        "name",
        "corpus",
        "settings",
        "state",
        "step",
        "perplexity",
        "bits",
        "time",
        "speed",
        *(
            f"by_{key}"
            for key in ("number", "name", "corpus", "settings", "state", "perplexity", "bits", "time", "speed")
        ),
    ),
}


@pytest.fixture(scope="module")
def english() -> dict[str, str]:
    return texts.tables()["en"]


@pytest.fixture(scope="module")
def chinese() -> dict[str, str]:
    return texts.tables()["zh-CN"]


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def named_keys() -> Iterator[str]:
    """Yield every key that a source names as a whole."""
    for path in SOURCES:
        yield from re.findall(r"[\"']((?:[a-z]+\.)+[a-z_]+)[\"']", path.read_text("utf-8"))


def test_the_languages_have_the_same_keys(english: dict[str, str], chinese: dict[str, str]) -> None:
    assert english.keys() - chinese.keys() == set()
    assert chinese.keys() - english.keys() == set()


def test_a_key_has_the_same_placeholders_in_both(english: dict[str, str], chinese: dict[str, str]) -> None:
    different = {key for key in english if placeholders(english[key]) != placeholders(chinese[key])}
    assert different == set()


def test_no_text_is_empty_but_the_joint_between_chinese_sentences(chinese: dict[str, str]) -> None:
    assert [key for key, text in chinese.items() if not text] == ["chart.joint"]


def test_no_key_is_written_twice() -> None:
    for name in texts.LANGUAGES:
        pairs: list[tuple[str, str]] = []
        json.loads((texts.FOLDER / f"{name}.json").read_text("utf-8"), object_pairs_hook=pairs.extend)
        keys = [key for key, _ in pairs]
        assert len(keys) == len(set(keys))


def test_chinese_is_chinese(chinese: dict[str, str]) -> None:
    same = {"LSTM", "GRU", "SGD", "AdamW", "float32", "bfloat16", "Top-k", "Top-p", "English"}
    same |= {chinese[f"kind.{kind}"] for kind in SUFFIXES.values()}  # formats have one name everywhere
    plain = {key for key, text in chinese.items() if not re.search(r"[一-鿿]", text) and text not in same}
    assert plain == {
        "chart.joint", "doctor.change", "effect.example", "figures.steps", "files.column", "runs.comma",
        "sweep.band", "write.beginnings", "mark.divided", "mark.times", "mark.set",
    }  # fmt: skip


def test_every_key_that_is_used_exists(english: dict[str, str]) -> None:
    used = {f"{prefix}.{word}" for prefix, words in BUILT.items() for word in words}
    files = {path.name for path in UI.rglob("*") if path.is_file()}
    prefixes = {key.split(".")[0] for key in english}
    named = {key for key in named_keys() if key.split(".")[0] in prefixes and key not in files}
    assert (used | named) - english.keys() == set()


def test_every_key_is_used(english: dict[str, str]) -> None:
    used = {f"{prefix}.{word}" for prefix, words in BUILT.items() for word in words} | set(named_keys())
    left = {key for key in english if key not in used and not key.startswith("corpus.")}
    assert left == set()


def test_every_message_is_said_somewhere() -> None:
    package = UI.parent
    code = "".join(path.read_text("utf-8") for path in package.rglob("*.py") if path.name != "messages.py")
    built = {f"status_{state}" for state in (*STATES, WAITING, INTERRUPTED)} | {f"source_{key}" for key in DOWNLOADS}
    built |= {f"line_{key}" for key in LINES} | {f"event_{kind}" for kind in KINDS}
    built |= {f"not_{field.metadata['kind'].__name__}" for field in (RECIPE_FIELDS | SAMPLING_FIELDS).values()}
    assert [key for key in ENGLISH if f'"{key}"' not in code and key not in built] == []


def test_every_setting_has_its_field() -> None:
    assert sorted(name for names in (*SETTING_GROUPS.values(), CLEANING) for name in names) == sorted(RECIPE_FIELDS)


def test_a_label_with_a_placeholder_is_refused() -> None:
    with pytest.raises(KeyError):
        texts.label("sample.step")


def test_gradio_gets_every_label_in_both_languages() -> None:
    given = texts.translations().translations_dict
    assert set(given) == {"en", "zh-CN"}
    assert given["en"]["write.write"] == "Write"
    assert given["zh-CN"]["write.write"] == "续写"
