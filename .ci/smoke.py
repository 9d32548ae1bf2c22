"""Start the page as the README says, write through its API as a program would, and end it as a server is ended."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

START_SECONDS = 120
END_SECONDS = 8


def main(command: str) -> None:
    """Start the command, check that it writes, and that it ends in time."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    page = subprocess.Popen(shlex.split(command), env={**os.environ, "GRADIO_SERVER_PORT": str(port)})
    try:
        print(f"the page answered after {wait(page, address):.1f} s")
        print("it writes:", repr(write(address)))
        begin = time.monotonic()
        page.send_signal(signal.SIGTERM)
        code = page.wait(END_SECONDS)
        print(f"it ended with code {code} after {time.monotonic() - begin:.1f} s")
    finally:
        page.kill()


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


if __name__ == "__main__":
    main(sys.argv[1])
