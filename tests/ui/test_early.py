"""The early script: first in the head of pages, absent everywhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from deeprnn.ui.early import EarlyHead

PAGE = "<html><head><title>x</title></head><body>时间 <head></body></html>"


async def whole(_: Request) -> Response:
    return HTMLResponse(PAGE)


async def parts(_: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        for byte in PAGE.encode():
            yield bytes([byte])

    return StreamingResponse(pieces(), media_type="text/html")


async def values(_: Request) -> Response:
    return JSONResponse({"markup": "<head>"})


def client() -> TestClient:
    routes = [Route("/whole", whole), Route("/parts", parts), Route("/values", values)]
    return TestClient(EarlyHead(Starlette(routes=routes), "<script>early('é')</script>"))


def test_script_comes_first_in_the_head_and_once() -> None:
    expected = PAGE.replace("<head>", "<head><script>early('é')</script>", 1)
    for path in ("/whole", "/parts"):
        answer = client().get(path)
        assert answer.text == expected
        assert int(answer.headers["content-length"]) == len(expected.encode())


def test_what_is_no_page_is_left_alone() -> None:
    assert client().get("/values").json() == {"markup": "<head>"}
