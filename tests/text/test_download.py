"""Downloads against a server on this machine: kept once, checked always, and clear when they fail."""

from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeprnn.errors import TextError
from deeprnn.text import download as module
from deeprnn.text.download import Download, cache_folder, obtain

DATA = b"The Time Traveller for so it will be convenient to speak of him.\n" * 5000


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves DATA, a redirect to it, an answer cut short, and nothing else; counts what was asked for."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/book")
            self.end_headers()
        elif self.path in ("/book", "/short"):
            self.send_response(200)
            self.send_header("Content-Length", str(len(DATA)))
            self.end_headers()
            self.wfile.write(DATA if self.path == "/book" else DATA[:100])
        else:
            self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[str]]]:
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DEEPRNN_CORPORA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    asked: list[str] = []
    handler = type("CountingHandler", (Handler,), {"asked": asked})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}", asked
        listening.shutdown()
        thread.join()


def book(address: str, path: str = "/book", data: bytes = DATA) -> Download:
    return Download("book.txt", address + path, hashlib.sha1(data).hexdigest())


def test_a_file_is_fetched_once_and_kept(server: tuple[str, list[str]]) -> None:
    address, asked = server
    assert obtain(book(address)) == obtain(book(address)) == DATA
    assert asked == ["/book"]
    assert [file.name for file in cache_folder().iterdir()] == ["book.txt"]
    assert (cache_folder() / "book.txt").read_bytes() == DATA


def test_a_redirect_is_followed(server: tuple[str, list[str]]) -> None:
    assert obtain(book(server[0], "/moved")) == DATA


def test_a_damaged_cache_is_fetched_again(server: tuple[str, list[str]]) -> None:
    obtain(book(server[0]))
    (cache_folder() / "book.txt").write_bytes(DATA[:-1])
    assert obtain(book(server[0])) == DATA
    assert len(server[1]) == 2
    assert (cache_folder() / "book.txt").read_bytes() == DATA


def test_another_file_is_refused_and_never_kept(server: tuple[str, list[str]]) -> None:
    with pytest.raises(TextError, match="is not the file it should be"):
        obtain(book(server[0], data=b"other"))
    assert not cache_folder().exists()


@pytest.mark.parametrize("path", ["/short", "/none"])
def test_a_failed_download_says_what_remains(server: tuple[str, list[str]], path: str) -> None:
    with pytest.raises(TextError, match="texts that come with the program remain") as caught:
        obtain(book(server[0], path))
    assert caught.value.message.key == {"/short": "wrong_hash", "/none": "download_failed"}[path]
    assert not cache_folder().exists()


def test_offline_says_what_remains(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path))
    monkeypatch.delenv("DEEPRNN_CORPORA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as closed:
        address = f"http://127.0.0.1:{closed.server_port}"
    with pytest.raises(TextError, match=r"\(there is no connection to the server\).*program remain.*DEEPRNN_CORPORA"):
        obtain(book(address))


def test_too_much_and_too_slow_end_the_download(server: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    with pytest.raises(TextError, match="more than 1000 bytes"):
        obtain(book(server[0]))
    monkeypatch.undo()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(module, "TOTAL_SECONDS", -1.0)
    monkeypatch.setattr(module, "cache_folder", lambda: Path("/nonexistent"))
    with pytest.raises(TextError, match="more than -1 s"):
        obtain(book(server[0]))


def test_a_cache_that_cannot_be_written_does_not_matter(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("a file where the cache's folder would be")
    monkeypatch.setenv("DEEPRNN_HOME", str(tmp_path / "file"))
    assert obtain(book(server[0])) == DATA


def test_a_named_folder_comes_first_and_is_checked(
    server: tuple[str, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, asked = server
    monkeypatch.setenv("DEEPRNN_CORPORA", str(tmp_path))
    (tmp_path / "book.txt").write_bytes(DATA)
    assert obtain(book(address)) == DATA
    assert asked == []
    (tmp_path / "book.txt").write_bytes(b"other")
    with pytest.raises(TextError, match=r"book\.txt is not the file it should be"):
        obtain(book(address))
    (tmp_path / "book.txt").unlink()
    assert obtain(book(address)) == DATA
