"""One visitor asks for everything at once, or many come at the same time: nobody else is kept from anything."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx

from deeprnn.runs.visitors import ManyVisitors
from deeprnn.training.presets import PRESETS
from deeprnn.ui.visiting import OWNER

from .figure import Figure
from .strangers import GREEK, handlers
from .visiting import ENDLESS, PATIENCE, UNHURRIED, new_token, serve

UNGUARDED = replace(UNHURRIED, requests_at_once=None, waiting_at_once=None, texts_at_once=None)
MODEL = "bundled:time_machine"
ROOT = Path(__file__).parents[2]
CONNECTIONS = 100
LOOKS = 10  # at the run, before and after it is stopped
LETTERS = "abcdefghijklmnopqrstuvwxyz"

Answers = list[tuple[int, str]]  # status and text of each
T = TypeVar("T")


def visitor(address: str, token: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=0)  # the server may close an idle one
    return httpx.AsyncClient(base_url=address, headers={OWNER: token}, timeout=PATIENCE, limits=limits)


@cache
def public(address: str) -> dict[str, int]:
    return {one["api_name"]: one["id"] for one in handlers(address) if one["api_visibility"] == "public"}


async def flood(address: str, token: str, calls: int, *, starts: bool = True) -> Answers:
    """Start runs and ask for long texts, all at once."""
    numbers = public(address)
    async with visitor(address, token) as caller:
        asked: list[Awaitable[httpx.Response]] = []
        for number in range(calls // (2 if starts else 1)):
            start = {"data": ["the_thirsty_bell", "quick", {}], "fn_index": numbers["start"]}
            text = {"data": ["the ", MODEL, 0.7, 0, 1.0, 1000, number], "fn_index": numbers["generate"]}
            if starts:
                asked.append(caller.post("run/predict", json={**start, "session_hash": "flood"}))
            asked.append(caller.post("queue/join", json={**text, "session_hash": "flood"}))
        return [(answer.status_code, answer.text) for answer in await asyncio.gather(*asked)]


async def hang_up(address: str, token: str) -> None:
    """Listen to the flood's answers and leave at once: what still waits is forgotten."""
    async with visitor(address, token) as caller, caller.stream("GET", "queue/data?session_hash=flood"):
        pass


async def steer(address: str, token: str) -> tuple[list[str], list[float]]:
    """Look at a run, stop it, and look again; return what was answered, and how long each answer took."""
    states, seconds = [], []
    numbers = public(address)
    async with visitor(address, token) as caller:
        for name in (*["status"] * LOOKS, "stop", *["status"] * LOOKS):
            begin = time.perf_counter()
            answer = await caller.post("run/predict", json={"data": [], "fn_index": numbers[name]})
            seconds.append(time.perf_counter() - begin)
            said = answer.json()
            states.append(said["data"][0]["state"] if "data" in said else f"{answer.status_code}: {answer.text[:80]}")
    return states, seconds


async def ask_one(address: str, token: str) -> int:
    """Ask for a short text and return the status of the answer."""
    text = {"data": ["the ", MODEL, 0.7, 0, 1.0, 10, 0], "fn_index": public(address)["generate"]}
    async with visitor(address, token) as caller:
        return (await caller.post("queue/join", json={**text, "session_hash": "mine"})).status_code


def run_apart(wanted: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a thread of its own: the browser of other tests keeps a loop on this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, wanted).result()


def measure(calls: int, folder: Path) -> Figure:
    """Let one visitor make so many calls at once while another steers a run, and then asks for a text.

    The control is the same flood on a server that lets everybody ask for everything: no text is to be had there.
    """
    with serve(folder / "guarded") as served:
        flooded, states, seconds, status = run_apart(_while_flooded(served, calls))
    failures = [f"{state} before it was stopped" for state in states[:LOOKS] if state != "running"]
    failures += [f"{state} after it was stopped" for state in states[LOOKS:] if state not in ("stopping", "done")]
    failures += [] if status == 200 else [f"a text was refused with {status}"]
    failures += [text for status, text in flooded if not is_answered(status, text)]
    with serve(folder / "unguarded", UNGUARDED) as (_, address):
        control = run_apart(_shut_out(address, calls))
    refused = sum(status != 200 for status, _ in flooded)
    note = f"slowest answer {max(seconds):.2f} s while {refused} of {calls} calls were refused"
    return Figure(len(states) + 1, tuple(failures), int(control == 503), 1, note)


async def _while_flooded(served: tuple[ManyVisitors, str], calls: int) -> tuple[Answers, list[str], list[float], int]:
    visitors, address = served
    ada, eve = new_token(), new_token()
    studio = visitors.studio_of(ada)
    studio.start(studio.add_text("verse.txt", GREEK)[0].key, PRESETS["quick"].replace(**ENDLESS))
    studio.settle(PATIENCE)
    with flood_from_elsewhere(address, eve, calls) as end:
        states, seconds = await steer(address, ada)
        flooded = end()
    status = await ask_one(address, ada)
    await hang_up(address, eve)
    return flooded, states, seconds, status


@contextmanager
def flood_from_elsewhere(address: str, token: str, calls: int) -> Iterator[Callable[[], Answers]]:
    """Flood from a process of its own, which keeps nobody here waiting; yields what waits for its answers."""
    command = [sys.executable, "-m", "tests.reliability.floods", address, token, str(calls)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()  # it is ready
        other.stdin.write("go\n")
        other.stdin.flush()
        yield lambda: [(status, text) for status, text in json.loads(other.stdout.readline() if other.stdout else "[]")]


async def _shut_out(address: str, calls: int) -> int:
    eve = new_token()
    await flood(address, eve, calls, starts=False)
    status = await ask_one(address, new_token())
    await hang_up(address, eve)
    return status


def is_answered(status: int, text: str) -> bool:
    """Tell whether a call was answered: done, refused as one too many, or refused in a sentence."""
    return status in (200, 429) or bool(json.loads(text).get("error"))


def measure_guests(guests: int, texts: int, folder: Path) -> Figure:
    """Let so many visitors ask for so many texts each, all at the same time; each must get their own."""
    begin = time.perf_counter()
    with serve(folder) as (_, address):
        everything = run_apart(_all(lambda guest: _guest(address, guest, texts), guests))
    failures = tuple(failure for failures in everything for failure in failures)
    return Figure(guests * texts, failures, note=f"{time.perf_counter() - begin:.0f} s for all")


async def _all(act: Callable[[int], Awaitable[Any]], count: int) -> list[Any]:
    return list(await asyncio.gather(*(act(number) for number in range(count))))


async def _guest(address: str, guest: int, texts: int) -> list[str]:
    """Ask for texts that begin as nobody else's; return what went wrong."""
    beginning = f"time {LETTERS[guest % 26]}{LETTERS[guest // 26]}{LETTERS[guest % 26]} "
    failures = []
    async with visitor(address, new_token()) as caller:
        for number in range(texts):
            data = [beginning, MODEL, 0.7, 0, 1.0, 20, number]
            called = await caller.post("call/generate", json={"data": data})
            if called.status_code != 200:
                failures.append(called.text)
                continue
            said = (await caller.get(f"call/generate/{called.json()['event_id']}")).text
            text = json.loads(said.strip().split("data: ")[-1])[0]
            if not text.startswith(beginning) or len(text) == len(beginning):
                failures.append(f"{text!r} for {beginning!r}")
    return failures


if __name__ == "__main__":  # the process that floods
    where, who, count = sys.argv[1:]
    public(where)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(asyncio.run(flood(where, who, int(count)))), flush=True)
