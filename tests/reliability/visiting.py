"""A public server in this process, and callers that send it what no page would."""

from __future__ import annotations

import json
import secrets
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx

from deeprnn.device import Device
from deeprnn.runs.limits import PUBLIC, Limits
from deeprnn.runs.store import Store
from deeprnn.runs.studio import Studio
from deeprnn.runs.turns import Turns
from deeprnn.runs.visitors import ManyVisitors
from deeprnn.ui.server import launch
from deeprnn.ui.visiting import OWNER

PATIENCE = 60.0
TINY: dict[str, Any] = {"hidden_size": 16, "embedding_size": 8, "batch_size": 4, "sequence_length": 10}
ENDLESS = {**TINY, "max_steps": 10**9, "max_epochs": 10**6}
UNHURRIED = replace(PUBLIC, texts_per_minute=None)  # where the number of calls is not what is tested


@contextmanager
def serve(home: Path, limits: Limits = UNHURRIED) -> Iterator[tuple[ManyVisitors, str]]:
    """Serve a public page; yields its visitors and its address."""
    turns = Turns(limits.slice_seconds)

    def open_studio(folder: Path, limits: Limits) -> Studio:
        store = Store(folder, exports=home / "exports" / secrets.token_hex(16))
        return Studio(store, Device("cpu", "CPU", 1), turns, folder.name, limits)

    visitors = ManyVisitors(home, open_studio, limits)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    page, address = launch(visitors, port=port)
    try:
        yield visitors, f"{address}gradio_api/"
        end = time.monotonic() + PATIENCE
        while page._queue.event_ids_to_events and time.monotonic() < end:  # texts that nobody has waited for
            time.sleep(0.05)
    finally:
        page.close(verbose=False)
        assert visitors.close(60)


def new_token() -> str:
    return secrets.token_hex(32)


@dataclass
class Caller:
    """Somebody with a token, or without one, who calls a server as no page would.

    Args:
        address: of Gradio's endpoints.
        token: sent with every call; None sends none.
        session: the name of the session.
        headers: sent too.
    """

    address: str
    token: str | None = field(default_factory=new_token)
    session: str = field(default_factory=lambda: secrets.token_hex(8))
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        own = {} if self.token is None else {OWNER: self.token}
        self.http = httpx.Client(base_url=self.address, headers={**own, **self.headers}, timeout=PATIENCE)

    def post(self, route: str, **body: Any) -> httpx.Response:
        return self.http.post(route, json=body)

    def join(self, handler: int, data: list[Any], **more: Any) -> httpx.Response:
        """Ask for what is queued."""
        return self.post("queue/join", data=data, fn_index=handler, session_hash=self.session, **more)

    def call(self, handler: Mapping[str, Any], data: list[Any], **more: Any) -> Any:
        """Call a handler, queued or not, and return all that is answered."""
        if handler["queue"] is False:
            body = {"data": data, "fn_index": handler["id"], "session_hash": self.session, **more}
            return self.post("run/predict", **body).json()
        joined = self.join(handler["id"], data, **more)
        assert joined.status_code == 200, joined.text
        return [said.get("output") for said in self.listen(joined.json()["event_id"])]

    def listen(self, event: str) -> list[dict[str, Any]]:
        """Return what the stream of the session says of an event until that has ended."""
        said = []
        with self.http.stream("GET", "queue/data", params={"session_hash": self.session}) as stream:
            for line in stream.iter_lines():
                message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
                if message.get("event_id") == event:
                    said.append(message)
                if message.get("msg") in ("process_completed", "close_stream", "unexpected_error"):
                    break
        return said

    def __enter__(self) -> Caller:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
