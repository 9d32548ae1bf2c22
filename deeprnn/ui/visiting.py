"""Whose studio a handler works on: found anew for every call, from the token that the visitor's browser sends."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, TypeVar, cast, get_type_hints

import gradio as gr

from ..runs.studio import Studio
from ..runs.visitors import Visitors

OWNER = "x-deeprnn-owner"  # the header that carries the token, which token.js makes

H = TypeVar("H")


def for_each_visitor(visitors: Visitors, make: Callable[[Studio], H]) -> H:
    """Return handlers that are made for each call, on the studio of the visitor who asks.

    Args:
        visitors: who has which studio.
        make: makes an object whose methods are handlers; what it remembers lives as long as one call.

    Returns:
        something with the methods of what `make` makes, to be connected to events.
    """
    return cast(H, _ForEachVisitor(visitors, make))


class _ForEachVisitor:
    def __init__(self, visitors: Visitors, make: Callable[[Studio], Any]) -> None:
        self._visitors, self._make = visitors, make
        self._pattern = make(visitors.studio_of(None))  # only looked at

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._pattern, name)

        def mine(request: gr.Request) -> Callable[..., Any]:
            handler: Callable[..., Any] = getattr(self._make(self._visitors.studio_of(token_in(request))), name)
            return handler

        def handle(request: gr.Request, *values: Any) -> Any:
            return mine(request)(*values)

        def stream(request: gr.Request, *values: Any) -> Iterator[Any]:
            yield from mine(request)(*values)

        return _asking_for_request(stream if inspect.isgeneratorfunction(method) else handle, method)


def token_in(request: gr.Request) -> str | None:
    """Return the token that a request carries, if any."""
    token = request.headers.get(OWNER)
    return token if isinstance(token, str) else None


def _asking_for_request(handler: Any, method: Callable[..., Any]) -> Callable[..., Any]:
    """Make a handler look like a method that also wants the request: Gradio reads from it what it hands over."""
    signature = inspect.signature(method)
    functools.update_wrapper(handler, method)
    del handler.__wrapped__
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)
    handler.__signature__ = signature.replace(parameters=[request, *signature.parameters.values()])
    handler.__annotations__ = {**get_type_hints(method), "request": gr.Request}
    return cast(Callable[..., Any], handler)
