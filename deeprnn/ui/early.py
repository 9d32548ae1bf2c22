"""A script that runs before anything of Gradio does: an ASGI layer that puts it first in the page's head."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_MARK = b"<head>"


class EarlyHead:
    """Insert markup right after `<head>` of every HTML answer; Gradio's own `head=` arrives after the language is set.

    Args:
        app: what comes after.
        markup: a whole element, for example one inline script.
    """

    def __init__(self, app: ASGIApp, markup: str) -> None:
        self.app, self._markup = app, markup.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, and change the answer if it is a page."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Inserting(send, self._markup))


class _Inserting:
    """Hold back the head of one answer until its body is whole, if it is a page; pass on anything else untouched."""

    def __init__(self, send: Send, markup: bytes) -> None:
        self._send, self._markup = send, markup
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, part: Message) -> None:
        if part["type"] == "http.response.start" and _is_page(part):
            self._start = part
        elif self._start is None or part["type"] != "http.response.body":
            await self._send(part)
        else:
            self._body += part.get("body", b"")
            if not part.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        body = self._body.replace(_MARK, _MARK + self._markup, 1)
        others = [pair for pair in start["headers"] if pair[0].lower() != b"content-length"]
        await self._send({**start, "headers": [*others, (b"content-length", str(len(body)).encode())]})
        await self._send({"type": "http.response.body", "body": body})


def _is_page(start: Message) -> bool:
    headers = {name.lower(): value for name, value in start.get("headers", ())}
    return headers.get(b"content-type", b"").startswith(b"text/html") and b"content-encoding" not in headers
