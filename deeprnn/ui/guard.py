"""Who may talk to the page, and how much: an ASGI layer before Gradio; knows nothing of what the requests mean."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..runs.limits import LOCAL

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EVERYWHERE = frozenset({"0.0.0.0", "::"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
Refusal = tuple[int, str]  # status and reason
_FOREIGN: Refusal = (403, "Requests from other sites are refused.")
_TOO_LARGE: Refusal = (413, "The request is too large.")
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self' https://huggingface.co https://*.hf.space"),
)


@dataclass(frozen=True)
class Door:
    """Say which names the page answers to, and how large a request may be.

    Args:
        names: host names, lower-case and without port; one that begins with a dot stands for all names below it.
        any_address: also answer to bare IP addresses, as a page offered to the local network must.
        max_json: bytes of a request that carries values.
        max_upload: bytes of a request that carries files.
    """

    names: Collection[str] = LOOPBACK
    any_address: bool = False
    max_json: int = LOCAL.request_bytes
    max_upload: int = LOCAL.upload_bytes

    def answers_to(self, host: str) -> bool:
        """Tell whether this host name, as a browser sends it, is one of ours.

        A foreign page can make its own name point at this machine (DNS rebinding); it cannot change the name sent.
        """
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".") if _is_splittable(host) else ""
        if name in self.names or any(own.startswith(".") and name.endswith(own) for own in self.names):
            return True
        return self.any_address and _is_address(name)


class Guard:
    """Refuse requests from foreign pages, for foreign names, of too many bytes, or that name files elsewhere.

    Args:
        app: what comes after.
        door: what is let through.
    """

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or hand the request on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # the page has no web sockets
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = Headers(scope=scope)
        refusal = self._refusal(scope["method"], headers)
        if refusal is None and scope["method"] not in _READING:
            if _has_files(headers):
                receive = self._counted(receive)
            else:
                body, refusal = await self._body(receive)
                receive = _replay(body, receive)
        if refusal is None:
            await self.app(scope, receive, _with_headers(send))
        else:
            await PlainTextResponse(refusal[1], status_code=refusal[0])(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> Refusal | None:
        if not self.door.answers_to(headers.get("host", "")):
            return 400, "This page does not answer to that host name. Start it with --allow-host NAME to allow it."
        if method in _READING:
            return None
        origin = headers.get("origin")
        if origin is not None and not is_same_origin(origin, headers.get("host", "")):
            return _FOREIGN
        if origin is None and headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return _FOREIGN
        most = self.door.max_upload if _has_files(headers) else self.door.max_json
        return _TOO_LARGE if _length(headers) > most else None

    async def _body(self, receive: Receive) -> tuple[bytes, Refusal | None]:
        """Read a body of values whole, to look into it."""
        body, more = b"", True
        while more:
            part = await receive()
            if part["type"] != "http.request":
                break
            body, more = body + part.get("body", b""), part.get("more_body", False)
            if len(body) > self.door.max_json:
                return b"", _TOO_LARGE
        if names_web_file(body):
            return b"", (403, "Files are uploaded, never fetched from an address.")
        return body, None

    def _counted(self, receive: Receive) -> Receive:
        """Return a receive that ends the request when it carries more than it may, whatever length it declared."""
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            part = await receive()
            seen += len(part.get("body", b""))
            return {"type": "http.disconnect"} if seen > self.door.max_upload else part

        return counted


def names_web_file(body: bytes) -> bool:
    """Tell whether a JSON body holds a file value whose path is a web address, which Gradio would fetch."""
    try:
        waiting: list[Any] = [json.loads(body)]  # UTF-8, 16 or 32, as what comes after reads it too
    except (ValueError, RecursionError):
        return False  # what is no JSON is refused further on
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            path = value.get("path")
            if isinstance(path, str) and "://" in path:
                return True
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
    return False


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that hands out a body that was read before."""
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return parts.pop() if parts else await receive()

    return replay


def _with_headers(send: Send) -> Send:
    async def sending(part: Message) -> None:
        if part["type"] == "http.response.start":
            part = {**part, "headers": [*part.get("headers", ()), *_HEADERS]}
        await send(part)

    return sending


def _has_files(headers: Headers) -> bool:
    """Tell whether a request carries files: they come as multipart and are streamed, values are not."""
    return headers.get("content-type", "").lower().startswith("multipart/form-data")


def _length(headers: Headers) -> int:
    declared = headers.get("content-length", "0")
    return int(declared[:20]) if declared.isdecimal() else 0


def is_same_origin(origin: str, host: str) -> bool:
    """Tell whether a page of this origin was served by this very host and port, not by a neighbour on another port.

    Behind a proxy that ends TLS the scheme here is not the browser's, so the default port is that of the origin.
    """
    default = {"http": 80, "https": 443}.get(origin.partition("://")[0].lower())
    place = _place(origin, default) if default else None
    return place is not None and place == _place(f"//{host}", default)


def _place(address: str, default: int | None) -> tuple[str, int | None] | None:
    """Return host name and port of an address, None if it has none."""
    try:
        parts = urlsplit(address)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    return (name.rstrip("."), default if port is None else port) if name else None


def _is_splittable(address: str) -> bool:
    try:
        urlsplit(address if "//" in address else f"//{address}").hostname  # noqa: B018  (raises for a bad address)
    except ValueError:
        return False
    return True


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
