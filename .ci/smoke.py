"""Start the page as the README says, write and train through its API as a program would, and end it during the run."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

START_SECONDS = 120
STEP_SECONDS = 60
END_SECONDS = 8
ENDLESS = {"hidden_size": 16, "batch_size": 4, "max_steps": 10**9, "max_epochs": 10**6}


def main(command: str) -> None:
    """Start the command, check that it writes and trains, and that it ends in time with the run saved."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as home:
        here = {**os.environ, "GRADIO_SERVER_PORT": str(port), "DEEPRNN_HOME": home}
        page = subprocess.Popen(shlex.split(command), env=here)
        try:
            print(f"the page answered after {wait(page, address):.1f} s")
            print("it writes:", repr(write(address)))
            print("it trains: step", train(address))
            begin = time.monotonic()
            page.send_signal(signal.SIGTERM)
            code = page.wait(END_SECONDS)
            print(f"it ended with code {code} after {time.monotonic() - begin:.1f} s")
            if code or not list(Path(home).rglob("step-*")):
                sys.exit("the run that was going on was not saved")
        finally:
            page.kill()
            page.wait()


def wait(page: subprocess.Popen[bytes], address: str) -> float:
    """Return the seconds until the page answers."""
    begin = time.monotonic()
    while time.monotonic() - begin < START_SECONDS:
        if page.poll() is not None:
            sys.exit(f"the page ended by itself with code {page.returncode}")
        try:
            urllib.request.urlopen(address, timeout=5).read()
            return time.monotonic() - begin
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    sys.exit(f"the page did not answer within {START_SECONDS} s")


def write(address: str) -> str:
    """Return what the page's API writes; it must go on from the prefix."""
    from gradio_client import Client

    client = Client(address, verbose=False)
    text: str = client.predict(prefix="time traveller", max_new_tokens=40, api_name="/generate")
    if not text.startswith("time traveller") or len(text) <= len("time traveller"):
        sys.exit(f"/generate answered {text!r}")
    return text


def train(address: str) -> int:
    """Start a run without end through the page's API and return its step, once it has made one."""
    from gradio_client import Client

    client = Client(address, verbose=False)
    client.predict(corpus="the_thirsty_bell", preset="quick", settings=ENDLESS, api_name="/start")
    begin = time.monotonic()
    while time.monotonic() - begin < STEP_SECONDS:
        step: int | None = client.predict(api_name="/status")["step"]
        if step:
            return step
        time.sleep(0.1)
    sys.exit(f"the run made no step within {STEP_SECONDS} s")


if __name__ == "__main__":
    main(sys.argv[1])
