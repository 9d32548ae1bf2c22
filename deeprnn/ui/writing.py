"""A text while it is being written: paced for the wire, stoppable, ended by the clock; knows no Gradio."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from ..config import SamplingConfig
from ..generation import GeneratedToken
from ..messages import message
from ..runs.studio import Studio
from ..text.replacement import replaced_messages
from .frames import Frame, token_line, writer_frame

T = TypeVar("T")
Clock = Callable[[], float]

PACE_SECONDS = 0.05  # between two frames; the eye sees a stream, the wire few messages
MAX_PACE_SECONDS = 0.5
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


@dataclass(frozen=True)
class Written:
    """Hold a text as far as it has come.

    Args:
        text: the beginning and what was written.
        frame: the writer's value.
    """

    text: str
    frame: Frame


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


def write_on(studio: Studio, wish: Wish, stops: Stops, clock: Clock = time.perf_counter) -> Iterator[Written]:
    """Yield the text as it grows; its last frame is marked as done.

    Raises:
        DeepRNNError: the model is not there, its files are refused, or its reader asks for too much.
    """
    begin, count, limits = clock(), 0, studio.limits
    try:
        with studio.allowance.text():
            writing = studio.write(wish.model, wish.prefix, wish.sampling)
            notices = list(replaced_messages(writing.replacements))
            text, lines = writing.prefix, ""
            tokens = up_to(limits.written_characters, writing.tokens)
            tokens = until(tokens, lambda: wish.ticket in stops or clock() - begin > limits.writing_seconds)
            for batch in paced(tokens, clock):
                text += "".join(token.text for token in batch)
                lines += "".join(map(token_line, batch))
                count += len(batch)
                yield Written(text, writer_frame(wish.ticket, writing.prefix, lines, notices))
    finally:
        stops.forget(wish.ticket)
    if clock() - begin > limits.writing_seconds:
        notices.append(message("out_of_time", seconds=round(limits.writing_seconds)))
    characters, most = len(text) - len(writing.prefix), limits.written_characters
    if most is not None and characters >= most:
        notices.append(message("out_of_characters", most=most))
    speed = round(count / max(clock() - begin, 1e-9), 1)
    foot = {"characters": characters, "speed": speed, "seed": wish.sampling.seed}
    yield Written(text, writer_frame(wish.ticket, writing.prefix, lines, notices, foot))


def up_to(characters: int | None, tokens: Iterator[GeneratedToken]) -> Iterator[GeneratedToken]:
    """Yield the tokens up to the one with which there are so many characters; None yields all."""
    written = 0
    for token in tokens:
        yield token
        written += len(token.text)
        if characters is not None and written >= characters:
            return


def until(items: Iterator[T], ended: Callable[[], bool]) -> Iterator[T]:
    """Yield the items until told to end; asked after each."""
    for item in items:
        yield item
        if ended():
            return
