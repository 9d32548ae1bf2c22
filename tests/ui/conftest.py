"""What Gradio needs of its surroundings in every test of the page."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def event_loop_for_gradio() -> Iterator[None]:
    """Give the main thread an event loop and close it: building a page asks for one and would leave its own open."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()
