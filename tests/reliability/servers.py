"""The real program trains; connections to it are dropped, it gets SIGTERM at a random moment, and is started again."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deeprnn.runs.entries import INTERRUPTED

from .figure import Figure
from .studios import LONG, open_studio, until

ROOT = Path(__file__).parents[2]
COMMAND = (sys.executable, "app.py", "--device", "cpu", "--home")
# The program becomes the first process of its own system, as in a container, where nothing ends it but itself.
FIRST = (
    ("unshare", "--fork", "--pid", "--mount-proc"),
    ("unshare", "--map-root-user", "--fork", "--pid", "--mount-proc"),
)
ENDLESS = {"max_steps": 10**9, "max_epochs": 10**6}
END_SECONDS = 8.0  # a Space kills after ten
LATEST = 4.0  # seconds from Start to the signal
DROPS = 10
TEXT = 20_000  # tokens that nobody waits for


@dataclass(frozen=True)
class Server:
    """Reach a program that serves.

    Args:
        process: what was started.
        pid: of the program itself.
        address: of its page.
    """

    process: subprocess.Popen[str]
    pid: int
    address: str

    def call(self, name: str, *values: Any) -> Any:
        """Call an endpoint that answers at once."""
        return self.ask(f"run/{name}", values)["data"][0]

    def ask(self, path: str, values: Sequence[Any]) -> Any:
        """Send values to an address of Gradio's and return what it answers."""
        data, kind = json.dumps({"data": values}).encode(), {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.address}gradio_api/{path}", data, kind)
        with urllib.request.urlopen(request, timeout=LONG) as answer:
            return json.load(answer)

    def step(self) -> int:
        """Return how far the run is."""
        return int(self.call("status")["step"] or 0)


@contextmanager
def serve(home: Path, before: Sequence[str] = ()) -> Iterator[Server]:
    """Start the program and wait for its page; it is killed at the end, if it still lives."""
    log = home.with_suffix(".log")
    with (
        log.open("w") as err,
        subprocess.Popen(
            [*before, *COMMAND, str(home)], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=err
        ) as process,
    ):
        try:
            assert process.stdout is not None
            address = next((line.split()[-1] for line in process.stdout if "http://" in line), "")
            assert address, log.read_text()
            yield Server(process, inner(process.pid) if before else process.pid, address)
        finally:
            process.kill()
            if before:
                subprocess.run(["kill", "-9", str(inner(process.pid))], capture_output=True)


def inner(pid: int) -> int:
    """Return the process that another one has started, or that one itself if there is none."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    started = children.read_text().split() if children.exists() else []
    return int(started[0]) if started else pid


def measure_ends(trials: int, folder: Path, drops: int = 0) -> tuple[Figure, Figure]:
    """Send SIGTERM so many times at random moments, and once more to the first process of a system of its own.

    Args:
        trials: beside that once.
        folder: for the homes.
        drops: connections that are dropped before the last of these ends.

    Returns:
        what became of the runs, and of the run whose watchers were dropped.
    """
    draw, failures, seconds, dropped = random.Random(0), list[str](), list[float](), list[str]()
    first = next((command for command in FIRST if can_run(command)), ())
    for trial in range(trials + 1):
        last = trial == trials
        home = folder / str(trial)
        with serve(home, first if last else ()) as server:
            server.call("start", "the_thirsty_bell", "quick", ENDLESS)
            until(server.step, "a first step")
            if last:
                dropped += [failure for _ in range(drops) if (failure := drop(server))]
            time.sleep(draw.uniform(0.0, LATEST))
            step = server.step()
            failure, took = end(server)
        seconds.append(took)
        if failure := failure or look(home, step):
            failures.append(f"trial {trial}: {failure}")
            dropped += [failure] if last and drops else []
    note = f"{max(seconds):.1f} s at most{', once as process 1' if first else ''}"
    return Figure(trials + 1, tuple(failures), note=note), Figure(drops, tuple(dropped))


def can_run(command: Sequence[str]) -> bool:
    """Tell whether this user may start a system of its own."""
    try:
        return subprocess.run([*command, "true"], capture_output=True).returncode == 0
    except OSError:  # there is no such command here
        return False


def end(server: Server) -> tuple[str, float]:
    """Send SIGTERM and wait; return what is wrong, empty if nothing is, and the seconds until the end."""
    begin = time.monotonic()
    os.kill(server.pid, signal.SIGTERM)
    try:
        code = server.process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        return f"still there after {END_SECONDS} s", END_SECONDS
    return f"ended with code {code}" if code else "", time.monotonic() - begin


def look(home: Path, step: int) -> str:
    """Start again and look at the run; return what is wrong, empty if nothing is.

    Args:
        home: of the program.
        step: that the run had reached.
    """
    with open_studio(home) as studio:
        (entry,) = studio.runs.entries()
        loaded = studio.store.checkpoints(entry.number).load()
        steps = [record.step for record in studio.runs.records(entry.number)]
    if entry.state != INTERRUPTED or loaded.fell_back:
        return f"it is listed as {entry.state}, {loaded.fell_back}"
    if loaded.step < step:
        return f"step {step} was reached, step {loaded.step} is kept"
    missing = sorted(set(range(1, loaded.step + 1)) - set(steps))
    return f"{len(missing)} points are missing, the first is {missing[0]}" if missing else ""


def drop(server: Server) -> str:
    """Break a connection off while the page writes to it; return what is wrong with the run afterwards."""
    before = server.step()
    event = server.ask("call/generate", ["the ", None, 0.7, 0, 1.0, TEXT, 0])["event_id"]
    place = urlsplit(server.address)
    assert place.hostname is not None
    with socket.create_connection((place.hostname, place.port or 80), timeout=LONG) as connection:
        connection.sendall(f"GET /gradio_api/call/generate/{event} HTTP/1.1\r\nHost: {place.netloc}\r\n\r\n".encode())
        with connection.makefile("rb") as stream:
            if not any(line.startswith(b"data:") for line in stream):
                return "nothing was written"
    try:
        until(lambda: server.step() > before, "steps")
    except TimeoutError:
        return f"the run stands at step {before}"
    return ""
