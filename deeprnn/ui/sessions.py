"""Which sessions, texts and files of Gradio belong to whom: an ASGI layer between the guard and Gradio.

Gradio takes whatever session name a caller sends, and gives its state and its answers to who names it. Here the name of
the visitor is put before every such name, so that nobody can name a session of another; and the number of an event that
is another's becomes a number that does not exist.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..runs.limits import Limits
from ..runs.visitors import NOBODY, visitor_name
from .visiting import OWNER

API = "/gradio_api/"
SESSION, EVENT = "session_hash", "event_id"
# What the page and programs need; all else of Gradio's, such as links that show a session to others, does not exist.
_POSTED = ("queue/join", "run/", "call/", "cancel", "reset", "upload")
_HIDDEN = ("deep_link", "stream/", "call/v2/", "proxy=", "component_server", "run-history", "dev/")
_HOUR = 3600.0


class Queue(Protocol):
    """Say what is used of Gradio's queue: which events it holds, and which session has which."""

    @property
    def event_ids_to_events(self) -> Mapping[str, Any]:
        """Return the events that have not ended."""

    @property
    def pending_event_ids_session(self) -> Mapping[str, set[str]]:
        """Return the numbers of the events whose end was not yet told."""


class Sessions:
    """Keep visitors apart, and each of them from asking for all there is.

    Args:
        app: what comes after.
        queue: Gradio's.
        limits: what one visitor may ask for.
        clock: seconds that only grow.
    """

    def __init__(self, app: ASGIApp, queue: Queue, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self._queue, self._limits, self._clock = app, queue, limits, clock
        self._asked = Counter[str]()
        self._uploads: dict[str, deque[tuple[float, int]]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or hand the request on under names of the visitor's own."""
        if scope["type"] != "http" or API not in scope["path"]:
            await self.app(scope, receive, send)
            return
        visitor = visitor_name(Headers(scope=scope).get(OWNER))
        base, _, route = scope["path"].partition(API)
        posted = scope["method"] == "POST"
        if route.startswith(_HIDDEN) or (posted and not route.startswith(_POSTED)):
            await _answer(404, "Not Found", scope, receive, send)
        elif not posted:
            await self.app(self._renamed(scope, base, route, visitor), receive, send)
        elif (refusal := self._refusal(visitor, route, scope)) is not None:
            await _answer(429, refusal, scope, receive, send)
        else:
            if route != "upload":
                receive = _replay(self._own(await _whole(receive), visitor), receive)
                scope = _without_length(scope)
            self._asked[visitor] += 1
            try:
                await self.app(scope, receive, send)
            finally:
                self._asked -= Counter({visitor: 1})

    def _refusal(self, visitor: str, route: str, scope: Scope) -> str | None:
        limits = self._limits
        if limits.requests_at_once is not None and self._asked[visitor] >= limits.requests_at_once:
            return "Too many requests at once. Wait for an answer first."
        waits = route.startswith(("queue/join", "call/"))
        if waits and limits.waiting_at_once is not None and self._waiting(visitor) >= limits.waiting_at_once:
            return "Too much is asked for at once. Wait for what was asked for before."
        return self._upload_refusal(visitor, scope) if route == "upload" else None

    def _waiting(self, visitor: str) -> int:
        return sum(is_of(event.session_hash, visitor) for event in list(self._queue.event_ids_to_events.values()))

    def _upload_refusal(self, visitor: str, scope: Scope) -> str | None:
        """Refuse files of who has sent too many within an hour; nobody's files belong to nobody."""
        most = self._limits.upload_bytes_per_hour
        if visitor == NOBODY:
            return "Files are taken from visitors whose browser keeps a token only."
        if most is None:
            return None
        now, sent = self._clock(), self._uploads.setdefault(visitor, deque())
        for name, times in list(self._uploads.items()):
            while times and times[0][0] < now - _HOUR:
                times.popleft()
            if not times and name != visitor:
                del self._uploads[name]
        length = Headers(scope=scope).get("content-length", "")
        size = int(length[:20]) if length.isdecimal() else self._limits.upload_bytes
        if sum(size for _, size in sent) + size > most:
            return "Too many files for one hour. Come back later."
        sent.append((now, size))
        return None

    def _renamed(self, scope: Scope, base: str, route: str, visitor: str) -> Scope:
        """Return what asks for a stream, under the visitor's own names."""
        kind, _, rest = route.partition("/")
        if kind == "heartbeat":
            route = f"heartbeat/{own(rest, visitor)}"
        elif kind == "call" and "/" in rest:
            name, _, event = rest.partition("/")
            route = f"call/{name}/{self._own_event(event, visitor)}"
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        query = urlencode([(key, own(value, visitor) if key == SESSION else value) for key, value in pairs])
        path = f"{base}{API}{route}"
        return {**scope, "path": path, "raw_path": path.encode(), "query_string": query.encode()}

    def _own(self, body: bytes, visitor: str) -> bytes:
        """Return the values of a request under the visitor's own names; what is none of ours is refused further on."""
        try:
            values = json.loads(body)
        except (ValueError, RecursionError):
            return body
        if not isinstance(values, dict):
            return body
        values[SESSION] = own(values.get(SESSION) or secrets.token_hex(16), visitor)
        if EVENT in values:
            values[EVENT] = self._own_event(values[EVENT], visitor)
        return json.dumps(values).encode()

    def _own_event(self, event: Any, visitor: str) -> str:
        """Return the number of an event, or one that does not exist if the event is another's."""
        held = self._queue.event_ids_to_events.get(str(event))
        sessions = self._queue.pending_event_ids_session
        session = held.session_hash if held else next((s for s, ids in list(sessions.items()) if event in ids), "")
        return str(event) if is_of(session, visitor) else secrets.token_hex(16)


def own(session: Any, visitor: str) -> str:
    """Return a session's name as only this visitor can name it."""
    return f"{visitor}.{session}"


def is_of(session: str, visitor: str) -> bool:
    """Tell whether a session is this visitor's."""
    return session.startswith(f"{visitor}.")


async def _answer(status: int, said: str, scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"detail": said}, status_code=status)(scope, receive, send)


async def _whole(receive: Receive) -> bytes:
    """Return the body of a request, whose length the guard has looked at."""
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    return body


def _replay(body: bytes, receive: Receive) -> Receive:
    parts: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return parts.pop() if parts else await receive()

    return replay


def _without_length(scope: Scope) -> Scope:
    headers = [pair for pair in scope["headers"] if pair[0] != b"content-length"]
    return {**scope, "headers": headers}
