"""A pass over a text on more than one core: its pieces are looked at beside whoever goes through them."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")

THREADS = 2  # none: everything is done by whoever goes through the pieces
AHEAD = 4  # pieces that are looked at before anyone asks for them


def ahead(look: Callable[[S], T], pieces: Iterable[S]) -> Iterator[T]:
    """Yield what a function makes of each piece, in their order, as `map` does.

    It gains what hashing, numpy and files spend without the interpreter's lock.

    Args:
        look: called on other threads if there are several pieces.
        pieces: iterated on the caller's thread.
    """
    pieces = iter(pieces)
    first = list(itertools.islice(pieces, 2))
    if len(first) < 2 or not THREADS:
        yield from map(look, itertools.chain(first, pieces))
        return
    with ThreadPoolExecutor(THREADS, "deeprnn-ahead") as pool:
        waiting: deque[Future[T]] = deque()
        for piece in itertools.chain(first, pieces):
            waiting.append(pool.submit(look, piece))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
