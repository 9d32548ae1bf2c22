"""One visitor asks for everything at once, or many come at the same time: nobody else is kept from anything."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import httpx
import pytest

from deeprnn.runs.visitors import ManyVisitors
from deeprnn.training.presets import PRESETS
from deeprnn.ui.visiting import OWNER

from .test_attacks import GREEK, handlers
from .visiting import ENDLESS, PATIENCE, UNHURRIED, new_token, serve

FLOOD = 200  # calls
GUESTS, TEXTS = 12, 2
UNGUARDED = replace(UNHURRIED, requests_at_once=None, waiting_at_once=None, texts_at_once=None)
MODEL = "bundled:time_machine"

Answers = list[httpx.Response]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ManyVisitors, str]]:
    with serve(tmp_path_factory.mktemp("flooded")) as served:
        yield served


def visitor(address: str, token: str) -> httpx.AsyncClient:
    limits = httpx.Limits(max_connections=FLOOD // 2, max_keepalive_connections=0)  # the server may close an idle one
    return httpx.AsyncClient(base_url=address, headers={OWNER: token}, timeout=PATIENCE, limits=limits)


async def flood(address: str, token: str, *, starts: bool = True) -> Answers:
    """Start runs and ask for long texts, all at once."""
    numbers = public(address)
    async with visitor(address, token) as caller:
        calls = []
        for number in range(FLOOD // 2):
            start = {"data": ["the_thirsty_bell", "quick", {}], "fn_index": numbers["start"]}
            text = {"data": ["the ", MODEL, 0.7, 0, 1.0, 1000, number], "fn_index": numbers["generate"]}
            if starts:
                calls.append(caller.post("run/predict", json={**start, "session_hash": "flood"}))
            calls.append(caller.post("queue/join", json={**text, "session_hash": "flood"}))
        return list(await asyncio.gather(*calls))


async def hang_up(address: str, token: str) -> None:
    """Listen to the flood's answers and leave at once: what still waits is forgotten."""
    async with visitor(address, token) as caller, caller.stream("GET", "queue/data?session_hash=flood"):
        pass


async def steer(address: str, token: str) -> tuple[Answers, list[Any]]:
    """Look at a run, stop it, and look again."""
    answers, states = [], []
    numbers = public(address)
    async with visitor(address, token) as caller:
        for name in ("status", "stop", "status"):
            answers.append(await caller.post("run/predict", json={"data": [], "fn_index": numbers[name]}))
            states.append(answers[-1].json()["data"][0]["state"])
    return answers, states


async def ask_one(address: str, token: str) -> httpx.Response:
    """Ask for a short text."""
    text = {"data": ["the ", MODEL, 0.7, 0, 1.0, 10, 0], "fn_index": public(address)["generate"]}
    async with visitor(address, token) as caller:
        return await caller.post("queue/join", json={**text, "session_hash": "mine"})


@cache
def public(address: str) -> dict[str, int]:
    return {one["api_name"]: one["id"] for one in handlers(address) if one["api_visibility"] == "public"}


def test_who_floods_keeps_nobody_from_steering_and_writing(server: tuple[ManyVisitors, str]) -> None:
    visitors, address = server
    ada, eve = new_token(), new_token()
    studio = visitors.studio_of(ada)
    studio.start(studio.add_text("verse.txt", GREEK)[0].key, PRESETS["quick"].replace(**ENDLESS))
    assert studio.settle(60)

    async def both() -> tuple[Answers, Answers, list[Any]]:
        flooding = asyncio.create_task(flood(address, eve))
        await asyncio.sleep(0)  # it begins
        answers, states = await steer(address, ada)
        flooded = await flooding
        answers.append(await ask_one(address, ada))
        await hang_up(address, eve)
        return flooded, answers, states

    flooded, answers, states = asyncio.run(both())
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert states[0] == "running"
    assert set(states[1:]) <= {"stopping", "done"}
    told = Counter(answer.status_code for answer in flooded)
    assert set(told) <= {200, 429, 500}
    assert all(answer.json()["error"] for answer in flooded if answer.status_code == 500)  # refused in a sentence
    assert told[429] > FLOOD // 2


def test_without_a_guard_the_flood_shuts_the_others_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Else the flood above would be none."""

    async def both(address: str, eve: str) -> httpx.Response:
        await flood(address, eve, starts=False)
        answer = await ask_one(address, new_token())
        await hang_up(address, eve)
        return answer

    with serve(tmp_path_factory.mktemp("unguarded"), UNGUARDED) as (_, address):
        assert asyncio.run(both(address, new_token())).status_code == 503


async def ask(address: str, guest: int) -> list[str]:
    """Ask for texts as one of many guests; return what was written."""
    beginning = "time " + chr(ord("a") + guest) * 3 + " "
    async with visitor(address, new_token()) as caller:
        texts = []
        for number in range(TEXTS):
            data = [beginning, MODEL, 0.7, 0, 1.0, 20, number]
            called = await caller.post("call/generate", json={"data": data})
            assert called.status_code == 200, called.text
            said = (await caller.get(f"call/generate/{called.json()['event_id']}")).text
            texts.append(json.loads(said.strip().split("data: ")[-1])[0])
    assert all(text.startswith(beginning) and len(text) > len(beginning) for text in texts), texts
    return texts


def test_many_guests_get_each_their_own_texts(server: tuple[ManyVisitors, str]) -> None:
    async def all_of_them() -> list[list[str]]:
        return await asyncio.gather(*(ask(server[1], guest) for guest in range(GUESTS)))

    texts = asyncio.run(all_of_them())
    assert sum(map(len, texts)) == GUESTS * TEXTS
