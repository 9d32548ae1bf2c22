"""The guard against foreign pages: the attacks that reached a Gradio page without it, and the uses that must pass."""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from deeprnn.ui.guard import Door, Guard, names_web_file

DOOR = Door(max_json=1000, max_upload=5000)


async def count(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


def client(door: Door = DOOR, host: str = "localhost:7860") -> TestClient:
    app = Starlette(routes=[Route("/", count, methods=["GET", "POST"])])
    return TestClient(Guard(app, door), base_url=f"http://{host}", raise_server_exceptions=False)


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:7860", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST", "localhost."]
)
def test_own_names_are_answered(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "192.168.1.5:7860", "127.0.0.1.evil.example", "", "[::1", "[x]:1"],
)
def test_foreign_names_are_refused(host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 400


def test_a_page_for_the_network_answers_to_addresses_but_not_to_foreign_names() -> None:
    door = Door(any_address=True)
    assert client(door).get("/", headers={"host": "192.168.1.5:7860"}).status_code == 200
    assert client(door).get("/", headers={"host": "evil.example"}).status_code == 400


def test_a_name_with_a_dot_stands_for_all_below_it() -> None:
    door = Door(names={".hf.space"})
    assert door.answers_to("me-deeprnn.hf.space")
    assert not door.answers_to("hf.space.evil.example")
    assert not door.answers_to("evilhf.space")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": "http://localhost:3000"},
        {"origin": "http://localhost"},
        {"origin": "http://127.0.0.1:7860"},
        {"origin": "http://localhost:x"},
        {"origin": "ftp://localhost:7860"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "content-type": "text/plain"},
        {"origin": "https://evil.example", "content-type": "multipart/form-data; boundary=x"},
    ],
)
def test_foreign_pages_cannot_post(headers: dict[str, str]) -> None:
    assert client().post("/", content=b"{}", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "headers", [{}, {"origin": "http://localhost:7860", "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_own_page_and_programs_can_post(headers: dict[str, str]) -> None:
    answer = client().post("/", content=b'{"data": [1]}', headers=headers)
    assert (answer.status_code, answer.text) == (200, "13")


def test_an_address_of_another_machine_is_no_own_page() -> None:
    door = Door(any_address=True)
    for origin, code in (("http://192.168.1.5:7860", 200), ("http://192.168.1.9:7860", 403), ("http://8.8.8.8", 403)):
        answer = client(door, "192.168.1.5:7860").post("/", content=b"{}", headers={"origin": origin})
        assert answer.status_code == code


def test_behind_a_proxy_that_ends_tls_the_default_port_is_that_of_the_page() -> None:
    door = Door(names={".hf.space"})
    for host in ("me-x.hf.space", "me-x.hf.space:443", "ME-X.hf.space"):
        sent = {"host": host, "origin": "https://me-x.hf.space"}
        assert client(door).post("/", content=b"{}", headers=sent).status_code == 200
    for origin in ("https://you-x.hf.space", "https://huggingface.co", "https://me-x.hf.space:8443"):
        sent = {"host": "me-x.hf.space", "origin": origin}
        assert client(door).post("/", content=b"{}", headers=sent).status_code == 403


def test_bodies_are_capped_by_what_comes_and_not_by_what_is_declared() -> None:
    def drip() -> Any:
        for _ in range(20):
            yield b"x" * 100

    files = {"content-type": "multipart/form-data; boundary=x"}
    assert client().post("/", content=b"x" * 1001).status_code == 413
    assert client().post("/", content=drip()).status_code == 413
    assert client().post("/", content=b"x" * 5001, headers=files).status_code == 413
    assert client().post("/", content=b"x" * 2000, headers=files).text == "2000"
    assert client().post("/", headers={"content-length": "9" * 5000}).status_code == 413
    long = client(Door(max_upload=1500)).post("/", content=drip(), headers=files)
    assert long.status_code >= 400


def test_files_are_never_fetched_from_an_address() -> None:
    nested = {"data": [[{"x": {"path": "HTTPS://10.0.0.1/x", "meta": {"_type": "gradio.FileData"}}}]]}
    assert client().post("/", content=json.dumps(nested)).status_code == 403
    disguised = json.dumps(nested).replace('"path"', '"\\u0070ath"')
    assert client().post("/", content=disguised).status_code == 403
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"):
        assert client().post("/", content=json.dumps(nested).encode(encoding)).status_code == 403
    spoken = {"data": ['"path": "http://example.org" is only a text']}
    assert client().post("/", content=json.dumps(spoken)).status_code == 200
    assert not names_web_file(b'{"path": "/tmp/a.txt"}')
    assert not names_web_file(b'["path", ' * 500)


def test_answers_carry_the_headers_that_browsers_obey() -> None:
    headers = client().get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors" in headers["content-security-policy"]
