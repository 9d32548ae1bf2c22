"""A text while it is being written: paced for the wire, stoppable, ended by the clock; knows no Gradio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ..config import SamplingConfig
from ..messages import Message, message
from ..runs.studio import Studio
from .frames import Frame, replaced_messages, token_frame, writer_frame

T = TypeVar("T")
Clock = Callable[[], float]

PACE_SECONDS = 0.05  # between two frames; the eye sees a stream, the wire few messages
MAX_PACE_SECONDS = 0.5
MAX_SECONDS = 300.0
MAX_SECONDS_SHARED = 15.0  # where strangers share one machine
MAX_STOPS = 10_000


@dataclass
class Stops:
    """Remember which texts their readers have stopped; a ticket is secret, so nobody stops another's text."""

    tickets: dict[str, None] = field(default_factory=dict)

    def stop(self, ticket: str) -> None:
        """Ask for the end of a text."""
        self.tickets[ticket] = None
        while len(self.tickets) > MAX_STOPS:  # stops of texts that had ended before
            self.tickets.pop(next(iter(self.tickets)), None)

    def forget(self, ticket: str) -> None:
        """Drop a ticket that has served."""
        self.tickets.pop(ticket, None)

    def __contains__(self, ticket: object) -> bool:
        return ticket in self.tickets


@dataclass(frozen=True)
class Wish:
    """Hold what a reader asked for.

    Args:
        model: the key of the model.
        prefix: the beginning.
        sampling: how tokens are chosen.
        ticket: tells this text from all others.
    """

    model: str
    prefix: str
    sampling: SamplingConfig
    ticket: str


def paced(items: Iterator[T], clock: Clock = time.perf_counter) -> Iterator[list[T]]:
    """Yield the items in batches: the first item at once, then what has come whenever a pace is over.

    The pace slows down where a batch takes long to be sent, so that sending never takes more than a fifth of the time.
    """
    waiting: list[T] = []
    due = float("-inf")
    for item in items:
        waiting.append(item)
        if clock() < due:
            continue
        begin = clock()
        yield waiting
        now = clock()
        due = now + min(max(PACE_SECONDS, 4 * (now - begin)), MAX_PACE_SECONDS)
        waiting = []
    if waiting:
        yield waiting


def write_frames(
    studio: Studio, wish: Wish, stops: Stops, *, seconds: float = MAX_SECONDS, clock: Clock = time.perf_counter
) -> Iterator[Frame]:
    """Yield the writer's value as the text grows; the last one is marked as done.

    Raises:
        DeepRNNError: the model is not there, or its files are refused.
    """
    notices: list[Message] = []
    tokens: list[list[Any]] = []
    prefix, begin = wish.prefix, clock()
    try:
        writing = studio.write(wish.model, wish.prefix, wish.sampling)
        prefix = writing.prefix
        notices.extend(replaced_messages(writing.replacements))
        for batch in paced(until(writing.tokens, lambda: wish.ticket in stops or clock() - begin > seconds), clock):
            tokens.extend(token_frame(token) for token in batch)
            yield writer_frame(wish.ticket, prefix, tokens, notices)
        if clock() - begin > seconds:
            notices.append(message("out_of_time", seconds=round(seconds)))
    finally:
        stops.forget(wish.ticket)
    characters = sum(len(token[0]) for token in tokens)
    speed = len(tokens) / max(clock() - begin, 1e-9)
    foot = {"characters": characters, "speed": round(speed, 1), "seed": wish.sampling.seed}
    yield writer_frame(wish.ticket, prefix, tokens, notices, foot)


def until(items: Iterator[T], ended: Callable[[], bool]) -> Iterator[T]:
    """Yield the items until told to end; asked after each."""
    for item in items:
        yield item
        if ended():
            return
