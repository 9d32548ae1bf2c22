"""The page as programs see it: its named endpoints on a real server, and whatever can be sent to them."""

from __future__ import annotations

import inspect
import itertools
import json
import math
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from gradio_client import Client  # type: ignore[import-untyped]
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

from deeprnn.config import SAMPLING_FIELDS, Recipe, SamplingConfig
from deeprnn.device import Device
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.visitors import OneUser
from deeprnn.training.presets import PRESETS
from deeprnn.ui.api import Api
from deeprnn.ui.server import launch

TINY: dict[str, Any] = {"hidden_size": 16, "embedding_size": 8, "batch_size": 4, "sequence_length": 10}
PUBLIC = [
    "/branch", "/change", "/discard", "/generate", "/pause", "/resume", "/resume_run", "/runs", "/save", "/start",
    "/status", "/stop",
]  # fmt: skip


def test_the_endpoint_says_the_ranges_of_its_settings_and_has_their_defaults() -> None:
    said, usual = inspect.getdoc(Api.generate) or "", SamplingConfig()
    for name, field in SAMPLING_FIELDS.items():
        low, high = (f"{field.metadata[end]:.15g}" for end in ("low", "high"))
        assert re.search(rf"^ +{name}: .*\b{re.escape(low)} to {re.escape(high)}\b", said, re.M), name
        assert inspect.signature(Api.generate).parameters[name].default == getattr(usual, name)
    assert all(name in (inspect.getdoc(Api.start) or "") for name in PRESETS)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    home = tmp_path_factory.mktemp("api")
    opened = Studio(Store(home, bundled=home / "none"), Device("cpu", "CPU", 1))
    words = np.random.default_rng(0).choice(["the", "bell", "was", "still", "and", "deep"], 400)
    opened.add_text("verse.txt", " ".join(words))
    opened.start(own_text(opened), recipe(max_steps=30))
    assert opened.wait(60)
    yield opened
    assert opened.close(60)


@pytest.fixture(scope="module")
def address(studio: Studio) -> Iterator[str]:
    page, url = launch(OneUser(studio), port=free_port())
    yield url
    page.close(verbose=False)


@pytest.fixture
def client(address: str) -> Iterator[Client]:
    opened = Client(address, verbose=False)
    yield opened
    opened.close()


def free_port() -> int:
    """Return a free port: in looking for one itself, Gradio leaves a socket open for each that is taken."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def recipe(**changes: Any) -> Recipe:
    return PRESETS["quick"].replace(**TINY, **changes)


def own_text(studio: Studio) -> str:
    return next(entry.key for entry in studio.corpora() if entry.kind == "own")


def send(address: str, endpoint: str, *data: Any) -> tuple[str, Any]:
    """Call an endpoint as no client would, and return the last event: its name and its data."""
    body = json.dumps({"data": data})  # NaN and Infinity too, which is not JSON, but which Python's server reads
    call = f"{address}gradio_api/call/{endpoint}"
    started = httpx.post(call, content=body, headers={"content-type": "application/json"})
    assert started.status_code == 200, started.text
    answer = httpx.get(f"{call}/{started.json()['event_id']}", timeout=60).text
    name, value = answer.strip().split("\n\n")[-1].split("\n")
    return name.removeprefix("event: "), json.loads(value.removeprefix("data: "))


def test_only_these_endpoints_are_offered_with_their_descriptions(client: Client) -> None:
    offered = client.view_api(return_format="dict", print_info=False)
    assert isinstance(offered, dict)
    assert sorted(offered["named_endpoints"]) == PUBLIC
    assert offered["unnamed_endpoints"] == {}
    for endpoint in offered["named_endpoints"].values():
        assert endpoint["description"].split("\n")[0].endswith(".")
    types = {
        p["parameter_name"]: p["python_type"]["type"] for p in offered["named_endpoints"]["/generate"]["parameters"]
    }
    assert types["prefix"] == "str"
    assert types["temperature"] == "float"
    assert types["max_new_tokens"] == "int"
    assert offered["named_endpoints"]["/generate"]["returns"][0]["python_type"]["type"] == "str"


def test_generate_streams_the_text_so_far_and_agrees_with_the_studio(client: Client, studio: Studio) -> None:
    job = client.submit(prefix="the ", temperature=0.0, max_new_tokens=40, api_name="/generate")
    parts = list(job)
    assert len(parts) > 1
    assert all(later.startswith(earlier) for earlier, later in itertools.pairwise(parts))
    tokens = studio.write(studio.models()[0].key, "the ", SamplingConfig(temperature=0.0, max_new_tokens=40)).tokens
    assert parts[-1] == "the " + "".join(token.text for token in tokens)


def test_a_run_through_the_api(client: Client, studio: Studio) -> None:
    settings = {**TINY, "max_steps": 10**9, "max_epochs": 10**6, "evaluations": 1}
    begun = client.predict(corpus=own_text(studio), preset="quick", settings=settings, api_name="/start")
    assert begun["state"] in ("starting", "running")
    assert "live" in begun["models"]
    assert client.predict(api_name="/pause")["state"] in ("pausing", "paused")
    assert client.predict(api_name="/resume")["state"] == "running"
    assert client.predict(api_name="/stop")["state"] in ("stopping", "done")
    assert studio.wait(60)
    ended = client.predict(api_name="/status")
    assert (ended["state"], ended["number"]) == ("done", begun["number"])
    assert f"run:{begun['number']}:best" in ended["models"]
    for endpoint in ("/pause", "/stop"):
        with pytest.raises(AppError, match="nothing to"):
            client.predict(api_name=endpoint)


def test_a_run_is_steered_through_the_api(client: Client, studio: Studio) -> None:
    settings = {**TINY, "max_steps": 10**9, "max_epochs": 10**6, "evaluations": 1}
    corpus = own_text(studio)
    number = client.predict(corpus=corpus, preset="quick", settings=settings, api_name="/start")["number"]
    client.predict(corpus=corpus, preset="quick", settings=TINY, api_name="/start")
    waiting = client.predict(api_name="/runs")[0]
    assert (waiting["number"], waiting["state"], waiting["place"]) == (number + 1, "waiting", 1)
    client.predict(number=waiting["number"], api_name="/discard")
    client.predict(settings={"learning_rate": 0.004}, api_name="/change")
    client.predict(api_name="/save")
    kept: list[int] = []
    while not kept:
        kept = client.predict(api_name="/status")["checkpoints"]
    client.predict(api_name="/stop")
    assert studio.wait(60)
    assert studio.run().events[0].kind == "changed"
    child = client.predict(number=number, step=kept[0], settings={"max_steps": kept[0] + 3}, api_name="/branch")
    assert studio.wait(60)
    assert studio.runs.entry(child["number"]).parent == number
    last = client.predict(api_name="/status")
    assert (last["number"], last["step"]) == (child["number"], kept[0] + 3)
    client.predict(number=number, api_name="/resume_run")
    assert studio.run().number == number
    client.predict(api_name="/stop")
    assert studio.wait(60)
    listed = {run["number"]: run for run in client.predict(api_name="/runs")}
    assert waiting["number"] not in listed
    assert (listed[child["number"]]["parent"], listed[child["number"]]["parent_step"]) == (number, kept[0])


@pytest.mark.parametrize(
    ("endpoint", "data", "word"),
    [
        ("branch", [10**9, 1, None, None], "no run"),
        ("branch", ["x", 1, None, None], "number"),
        ("branch", [1, math.nan, None, None], "step"),
        ("branch", [1, 1, {"hidden_size": 4}, None], "no setting"),
        ("branch", [1, 1, None, ["a"]], "name"),
        ("resume_run", [10**9], "no run"),
        ("resume_run", [None], "number"),
        ("change", [{"seed": 3}], "no setting"),
        ("change", [None], "nothing"),
        ("save", [], "nothing"),
        ("discard", [10**9], "no run"),
        ("discard", [10**400], "number"),
    ],
)
def test_bad_steering_is_refused_in_one_sentence(address: str, endpoint: str, data: list[Any], word: str) -> None:
    event, said = send(address, endpoint, *data)
    assert event == "error"
    assert word in said["error"].lower()
    assert "\n" not in said["error"]


@pytest.mark.parametrize(
    ("place", "value", "word"),
    [
        (0, 7, "prefix"),
        (0, "x" * 100_001, "100000"),
        (1, "../../etc/passwd", "no model"),
        (1, {"path": "/etc/passwd"}, "no model"),
        (2, math.nan, "finite"),
        (2, -math.inf, "finite"),
        (2, 1e308, "between"),
        (2, "hot", "finite"),
        (2, True, "finite"),
        (2, None, "finite"),
        (3, 3.7, "whole"),
        (3, 10**400, "whole"),
        (4, 0.0, "between"),
        (5, 10**9, "between"),
        (5, [400], "whole"),
        (6, -1, "between"),
    ],
)
def test_bad_values_are_refused_in_one_sentence(address: str, place: int, value: Any, word: str) -> None:
    data: list[Any] = ["the ", None, 0.7, 0, 1.0, 20, 0]
    data[place] = value
    event, said = send(address, "generate", *data)
    assert event == "error"
    assert word in said["error"]
    assert "\n" not in said["error"]


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (["no such text", "quick", None], "no text"),
        ([None, "quick", None], "no text"),
        (["own", "slow", None], "no recipe"),
        (["own", math.nan, None], "no recipe"),
        (["own", "quick", {"hiden_size": 3}], "no setting"),
        (["own", "quick", {"hidden_size": math.nan}], "whole"),
        (["own", "quick", {"learning_rate": math.inf}], "finite"),
        (["own", "quick", {"dropout": 7}], "between"),
        (["own", "quick", [1, 2]], "no setting"),
    ],
)
def test_bad_runs_are_refused_and_nothing_starts(address: str, studio: Studio, data: list[Any], word: str) -> None:
    before = studio.run().number
    event, said = send(address, "start", own_text(studio) if data[0] == "own" else data[0], *data[1:])
    assert event == "error"
    assert word in said["error"]
    assert studio.run().number == before


def test_private_handlers_survive_what_no_page_would_send(address: str, studio: Studio) -> None:
    """Every handler is reachable by number, so each must answer, not crash, whatever its inputs hold."""
    config = httpx.get(f"{address}config").json()
    before = studio.run().number
    junk: list[Any] = [None, math.nan, 10**400, "x" * 1000, ["a"], {"path": "nowhere"}]
    reached = 0
    with httpx.Client(timeout=60) as caller:
        for handler in config["dependencies"]:
            if handler["queue"] is not False or not handler["backend_fn"]:
                continue
            for value in junk:
                data = [value] * len(handler["inputs"])
                body = {"data": data, "fn_index": handler["id"], "session_hash": "junk", "trigger_id": None}
                headers = {"content-type": "application/json"}
                answer = caller.post(f"{address}gradio_api/run/predict", content=json.dumps(body), headers=headers)
                assert answer.status_code == 200 or answer.json()["error"], (handler["api_name"], value, answer.text)
                reached += 1
    assert reached > 30
    assert studio.run().number == before


def test_the_page_comes_guarded_and_with_its_early_script(address: str, studio: Studio) -> None:
    page = httpx.get(address)
    assert page.status_code == 200
    head = page.text.split("<head>")[1]
    assert head.lstrip().startswith("<style>")
    assert head.index("window.deeprnn") < head.index("gradio_config")
    assert httpx.get(address, headers={"host": "evil.example"}).status_code == 400
    foreign = httpx.post(
        f"{address}gradio_api/call/stop", json={"data": []}, headers={"origin": "https://evil.example"}
    )
    assert foreign.status_code == 403
    secret = Path(studio.store.home) / "texts"
    for path in (*secret.iterdir(), Path("/etc/passwd"), Path("pyproject.toml").resolve()):
        assert httpx.get(f"{address}gradio_api/file={path}").status_code in (403, 404)
