"""The reference lines of a run, measured in a child process of low priority: training keeps its threads.

Run as a module, this file is the child. It keeps no file, and ends with whoever has started it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from ..errors import JobError
from ..messages import message
from ..text.baselines import Comparison, ReferenceLine, comparison, measure_lines
from ..text.corpus import Corpus

HOUSE = Path(__file__).parents[2]  # the folder that holds the package
IDLE_PRIORITY = getattr(subprocess, "IDLE_PRIORITY_CLASS", 0)  # on Windows; elsewhere it is lowered after the start
NICENESS = 14  # takes a twenty-fourth of a busy core, more of an idle one: training may lose 5 % at most
LOOK_SECONDS = 1.0  # between two looks of the child whether its parent still lives


class LineMeasurement:
    """Measure the lines of a corpus: iterate over it, on a thread that may wait, for each line as soon as it is known.

    Args:
        corpus: the text; little of a large one is used, see `deeprnn.text.baselines`.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._child: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def __iter__(self) -> Iterator[ReferenceLine]:
        """Yield the lines as the child measures them.

        Raises:
            JobError: the child could not be started, or ended before its time.
        """
        task = comparison(self._corpus)
        try:
            child = subprocess.Popen(
                [sys.executable, "-m", __name__],
                cwd=HOUSE,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                creationflags=IDLE_PRIORITY,
            )
        except OSError as error:
            raise JobError("lines_failed", reason=error.strerror or str(error)) from error
        with child:
            try:
                _lower(child)
                yield from self._lines(child, task)
            finally:
                child.kill()
                with contextlib.suppress(OSError):  # what it had not yet read is lost with it
                    child.stdin.close()  # type: ignore[union-attr]

    def _lines(self, child: subprocess.Popen[bytes], task: Comparison) -> Iterator[ReferenceLine]:
        assert child.stdin is not None
        assert child.stdout is not None
        self._child = child
        if self._cancelled:  # before there was a child to end
            return
        with contextlib.suppress(BrokenPipeError):  # it has ended already; how, its code tells
            write_comparison(child.stdin, task)
            child.stdin.flush()
        for line in child.stdout:
            yield ReferenceLine(*json.loads(line))
        if child.wait() and not self._cancelled:
            raise JobError("lines_failed", reason=message("why_child", code=child.returncode))

    def cancel(self) -> None:
        """End the child now, from any thread; the iteration ends with it."""
        self._cancelled = True
        if self._child is not None:
            self._child.kill()


def _lower(child: subprocess.Popen[bytes]) -> None:
    """Give a child a low priority before it has imported anything, which takes longer than a short text's lines."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):  # it has ended already; how, its code tells
            os.setpriority(os.PRIO_PROCESS, child.pid, NICENESS)


def write_comparison(file: IO[bytes], task: Comparison) -> None:
    """Write what is measured as one line of JSON, two arrays and two texts."""
    arrays = [task.train_ids, task.held_out_ids]
    texts = [task.train_text, task.held_out_text]
    head = {
        "vocab_size": task.vocab_size,
        "entropy": task.entropy,
        "arrays": [[array.dtype.str, len(array)] for array in arrays],
        "texts": [len(text) for text in texts],
    }
    file.write(json.dumps(head).encode() + b"\n")
    for array in arrays:
        file.write(np.ascontiguousarray(array).data)
    for text in texts:
        file.write(text)


def read_comparison(file: IO[bytes]) -> Comparison:
    """Read what `write_comparison` has written."""
    head: dict[str, Any] = json.loads(file.readline())
    arrays = [np.frombuffer(file.read(np.dtype(kind).itemsize * count), kind) for kind, count in head["arrays"]]
    texts = [file.read(length) for length in head["texts"]]
    return Comparison(arrays[0], arrays[1], texts[0], texts[1], head["vocab_size"], head["entropy"])


def main() -> None:
    """Measure what standard input describes and write each line as JSON to standard output."""
    end_with(os.getppid())
    try:
        for line in measure_lines(read_comparison(sys.stdin.buffer)):
            sys.stdout.buffer.write(json.dumps([line.key, line.perplexity]).encode() + b"\n")
            sys.stdout.buffer.flush()
    finally:
        if hasattr(signal, "setitimer"):  # an alarm after Python has put its handlers away would kill the process
            signal.setitimer(signal.ITIMER_REAL, 0.0)


def end_with(parent: int) -> None:
    """End within a second or two of a parent that was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    if not hasattr(signal, "setitimer"):  # Windows; the work is short
        return

    def look(*_: object) -> None:
        if os.getppid() != parent:
            os._exit(1)

    signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, LOOK_SECONDS, LOOK_SECONDS)


if __name__ == "__main__":
    main()
