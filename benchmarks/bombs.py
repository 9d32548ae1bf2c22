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
from pathlib import Path
from tempfile import TemporaryDirectory

from deeprnn.errors import TextError
from deeprnn.text.reading import open_pieces
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
    parser = argparse.ArgumentParser(prog="python -m benchmarks bombs", description=__doc__)
    parser.add_argument("--make", choices=FILES, help="write one file to --at")
    parser.add_argument("--at", type=Path, help="measure this file and print JSON")
    given = parser.parse_args(options)
    if given.at:
        print(given.at.write_bytes(FILES[given.make][1]()) if given.make else json.dumps(measure(given.at)))
        return
    print(f"{'file':<28}{'MB':>7}{'seconds':>9}{'busy':>7}{'peak MB':>9}  answer")
    for name in FILES:
        with TemporaryDirectory() as folder:
            path = Path(folder) / FILES[name][0]
            command = [sys.executable, "-m", "benchmarks", "bombs", "--at", str(path)]
            subprocess.run([*command, "--make", name], check=True, capture_output=True)
            seconds, busy, peak, answer = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            size = path.stat().st_size / 1e6
        print(f"{name:<28}{size:>7.2f}{seconds:>9.2f}{busy:>7.2f}{peak / 1e6:>9.0f}  {answer}", flush=True)


def measure(path: Path) -> tuple[float, float, int, str]:
    """Return the seconds until a file is read or refused, those of them that a core was busy, the peak, the answer.

    The peak of a process begins with the size of the one that started it, so this one must be small.
    """
    import resource

    begin, busy = time.perf_counter(), time.process_time()
    try:
        answer = f"{open_pieces(path)[0].characters} characters"
    except TextError as error:
        answer = error.message.key
    seconds = time.perf_counter() - begin
    reader = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = time.process_time() - busy + reader.ru_utime + reader.ru_stime
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, busy, reader.ru_maxrss * unit, answer
