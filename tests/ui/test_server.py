"""Start and end of the page: the command line, who may enter, and a SIGTERM that loses nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gradio_client import Client  # type: ignore[import-untyped]

from deeprnn.device import choose_device
from deeprnn.errors import CheckpointError
from deeprnn.runs.limits import PUBLIC
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.view import ModelEntry, Writing
from deeprnn.ui.options import is_space, parse
from deeprnn.ui.server import bypass_proxy, make_door, warm_up

ROOT = Path(__file__).parents[2]
ENDLESS = {"hidden_size": 16, "batch_size": 4, "max_steps": 10**9, "max_epochs": 10**6}


@contextmanager
def start(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Start a server that is ended with the test, however that ends: leaving `Popen` waits for it without limit."""
    command = [sys.executable, "app.py", "--home", str(home), "--device", "cpu", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, text=True, **pipes) as server:  # type: ignore[call-overload]
        try:
            yield server
        finally:
            server.kill()


def address_of(server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    return next(line for line in server.stdout if "http://" in line).split()[-1]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_saves_the_run_and_ends_with_one_line(tmp_path: Path, number: int, code: int) -> None:
    with start(tmp_path) as server:
        client = Client(address_of(server), verbose=False)
        client.predict(corpus="the_thirsty_bell", preset="quick", settings=ENDLESS, api_name="/start")
        while not client.predict(api_name="/status")["step"]:
            pass
        server.send_signal(number)
        _, said = server.communicate(timeout=20)
    assert server.returncode == code
    assert said.startswith("Run 1 was stopped at step ")
    assert str(tmp_path) in said
    assert said.count("\n") == 1
    saved = Store(tmp_path, bundled=tmp_path / "none")
    assert list(saved.models()) == ["run:1:best", "run:1:last"]
    assert saved.load("run:1:last").metrics["step"] > 0


def test_a_port_that_is_taken_is_told_in_one_line(tmp_path: Path) -> None:
    with start(tmp_path) as first:
        port = address_of(first).rstrip("/").rsplit(":", 1)[1]
        with start(tmp_path, "--port", port) as second:
            _, said = second.communicate(timeout=60)
        assert second.returncode == 2
        assert port in said
        assert "Traceback" not in said
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0


def test_an_unknown_tracker_is_told_in_one_line_before_anything_starts(tmp_path: Path) -> None:
    with start(tmp_path, "--track", "nothing") as server:
        _, said = server.communicate(timeout=60)
    assert server.returncode == 2
    assert "trackio, tensorboard" in said
    assert said.count("\n") == 1


def test_a_dead_proxy_does_not_keep_the_page_from_starting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio asks its own address once, through the proxy: the page ended with a traceback of httpx."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with start(tmp_path) as server:
        assert "127.0.0.1" in address_of(server)
        server.send_signal(signal.SIGTERM)
        assert server.wait(20) == 0


def test_what_a_user_keeps_off_the_proxy_stays_off() -> None:
    environment = {"NO_PROXY": "intranet.example, localhost"}
    for _ in range(2):
        bypass_proxy("192.168.1.5", environment)
    assert environment["no_proxy"] == environment["NO_PROXY"] == "intranet.example,localhost,127.0.0.1,192.168.1.5"


def test_an_unknown_device_is_told_in_one_line(tmp_path: Path) -> None:
    with start(tmp_path, "--device", "abacus") as server:
        _, said = server.communicate(timeout=60)
    assert server.returncode == 2
    assert "abacus" in said
    assert "Traceback" not in said


def test_a_damaged_first_model_does_not_end_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def write(self: Studio, key: str, *_: object) -> Writing:
        asked.append(key)
        raise CheckpointError("checkpoint_changed", name="model.safetensors")

    monkeypatch.setattr(Studio, "models", lambda self: (ModelEntry("run:1:best", "best", "T", 1),))
    monkeypatch.setattr(Studio, "write", write)
    warm_up(Studio(Store(tmp_path), choose_device("cpu")))
    assert asked == ["run:1:best"]


def test_the_command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert (parse([]).host, parse([]).port) == ("127.0.0.1", None)
    assert not parse([]).public
    assert not parse([]).auto_resume
    assert parse(["--public"]).public
    assert parse(["--auto-resume"]).auto_resume
    monkeypatch.setenv("SPACE_ID", "me/deeprnn")
    assert (parse([]).host, parse([]).port) == ("0.0.0.0", 7860)
    assert parse([]).public
    assert parse([]).auto_resume
    assert is_space(os.environ)
    for bad in ("0", "65536", "-1", "x"):
        with pytest.raises(SystemExit, match="2"):
            parse(["--port", bad])
        said = capsys.readouterr().err
        assert said.startswith("app.py: ")
        assert said.count("\n") == 1


def test_the_door_follows_the_address() -> None:
    local = make_door("127.0.0.1", ["Studio.Example"], {})
    assert local.answers_to("localhost:7860")
    assert local.answers_to("studio.example")
    assert not local.answers_to("192.168.1.5")
    network = make_door("0.0.0.0", [], {})
    assert network.answers_to("192.168.1.5:7860")
    assert not network.answers_to("evil.example")
    space = make_door("0.0.0.0", [], {"SPACE_ID": "me/x", "SPACE_HOST": "me-x.hf.space"}, PUBLIC)
    assert space.answers_to("me-x.hf.space")
    assert not space.answers_to("other-x.hf.space")
    assert space.max_upload < local.max_upload
