"""A Chinese reader meets no English phrase in what is refused: a reason is a message inside a message."""

from __future__ import annotations

import http.client
import re
import shutil
import socket
import ssl
import urllib.error
import urllib.request
from email.message import Message as Headers
from pathlib import Path

import pytest

from deeprnn.config import RECIPE_FIELDS
from deeprnn.errors import ConfigError, DeepRNNError, TextError
from deeprnn.messages import Message, message
from deeprnn.model.checkpoint import load_checkpoint, save_checkpoint
from deeprnn.text import catalogue, download
from deeprnn.ui import texts
from deeprnn.ui.form import read_value
from deeprnn.ui.frames import Frame, message_frame
from tests.model.crafting import make_checkpoint
from tests.model.test_bad_checkpoints import CASES

PHRASE = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")
BOOK = download.Download("book.txt", "http://127.0.0.1/book", "0" * 40)


def in_chinese(frame: Frame) -> str:
    """Return what the browser says of a message, as i18n.js puts it together."""
    details = {name: in_chinese(v) if isinstance(v, dict) else v for name, v in frame["details"].items()}
    return texts.tables()["zh-CN"][f"message.{frame['key']}"].format(**details)


def phrases(said: Message) -> list[str]:
    return PHRASE.findall(in_chinese(message_frame(said)))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("good") / "m"
    save_checkpoint(folder, make_checkpoint())
    return folder


@pytest.mark.parametrize("case", CASES)
def test_a_refused_model_is_told_in_chinese(case: str, good: Path, tmp_path: Path) -> None:
    folder = tmp_path / "m"
    shutil.copytree(good, folder)
    CASES[case][1](folder)
    with pytest.raises(DeepRNNError) as caught:
        load_checkpoint(folder)
    assert phrases(caught.value.message) == []


@pytest.mark.parametrize(
    "error",
    [
        urllib.error.HTTPError(BOOK.url, 404, "Not Found", Headers(), None),
        urllib.error.URLError("no host given"),
        urllib.error.URLError(ConnectionRefusedError(111, "Connection refused")),
        urllib.error.URLError(socket.gaierror(-2, "Name or service not known")),
        urllib.error.URLError(ssl.SSLError(1, "certificate verify failed")),
        urllib.error.URLError(TimeoutError("timed out")),
        TimeoutError("The read operation timed out"),
        http.client.IncompleteRead(b"", 5),
        http.client.RemoteDisconnected("Remote end closed connection without response"),
        ValueError("unknown url type"),
    ],
    ids=repr,
)
def test_a_failed_download_is_told_in_chinese(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(urllib.request, "urlopen", fail)
    with pytest.raises(TextError) as caught:
        download._fetch(BOOK)
    assert phrases(caught.value.message) == []


def test_where_a_text_comes_from_and_a_number_without_end_are_told_in_chinese() -> None:
    for key in catalogue.DOWNLOADS:
        assert phrases(message("public_domain_text", source=message(f"source_{key}"))) == []
    with pytest.raises(ConfigError, match="too large") as caught:
        read_value(RECIPE_FIELDS, "hidden_size", 10**400)
    assert phrases(caught.value.message) == []


def test_a_reason_in_words_travels_as_a_message_and_reads_as_one_english_sentence() -> None:
    said = message("checkpoint_json", name="x", reason=message("why_curve"))
    assert str(said) == "x is not as it was written: its curve is malformed. Get the model again."
    assert message_frame(said)["details"]["reason"] == {"key": "why_curve", "details": {}}
