"""How long does it take to refuse a file made to hang or fill its reader, and how much memory does the reader reach?

Beside each stands an honest file of its format. A process of its own measures each file, as the system keeps only the
highest memory of all children of one. The makers of the files are those of the tests.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

from deeprnn.errors import TextError
from deeprnn.text.reading import read_bytes
from tests.text.formats.making import make_docx, make_epub, make_pdf, make_zip
from tests.text.formats.test_bombs import BOMBS, HARMLESS

WORDS = "once upon a time there was a bell "
HONEST: dict[str, tuple[str, Callable[[], bytes]]] = {
    "honest csv, 1 MB": ("a.csv", lambda: b"id,text\n" + f"1,{WORDS}\n".encode() * 27_000),
    "honest json, 1 MB": ("a.json", lambda: json.dumps([{"text": WORDS}] * 21_000).encode()),
    "honest docx, 1 MB of text": ("a.docx", lambda: make_docx([WORDS * 10] * 3000)),
    "honest epub, 1 MB of text": ("a.epub", lambda: make_epub({"a": f"<p>{WORDS * 10}</p>" * 3000}, ["a"])),
    "honest pdf, 100 pages": ("a.pdf", lambda: make_pdf([[WORDS] * 40] * 100)),
    "honest zip, 1 MB of text": ("a.zip", lambda: make_zip({f"{n}.txt": WORDS * 1000 for n in range(30)})),
}
FILES = {**HONEST, **BOMBS, **HARMLESS}


def main(options: Sequence[str]) -> None:
    """Print one line for each file."""
    parser = argparse.ArgumentParser("benchmarks bombs")
    parser.add_argument("--one", choices=FILES, help="measure one file and print JSON")
    one = parser.parse_args(options).one
    if one:
        print(json.dumps(measure(one)))
        return
    print(f"{'file':<28}{'MB':>7}{'seconds':>9}{'peak MB':>9}  answer")
    for name in FILES:
        command = [sys.executable, "-m", "benchmarks", "bombs", "--one", name]
        size, seconds, peak, answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
        print(f"{name:<28}{size / 1e6:>7.2f}{seconds:>9.2f}{peak / 1e6:>9.0f}  {answer}", flush=True)


def measure(name: str) -> tuple[int, float, int, str]:
    """Return the bytes of a file, the seconds until it is read or refused, the reader's peak bytes and the answer."""
    import resource

    file, make = FILES[name]
    data = make()
    begin = time.perf_counter()
    try:
        answer = f"{len(read_bytes(data, file).text)} characters"
    except TextError as error:
        answer = error.message.key
    seconds = time.perf_counter() - begin
    unit = 1 if sys.platform == "darwin" else 1024
    return len(data), seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit, answer
