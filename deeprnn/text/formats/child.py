"""The process in which a file of a complex format is read: it limits itself, reads one file, and ends.

It takes a request as JSON on standard input and leaves `text` and `account.json` in its working folder.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ...errors import DeepRNNError
from ...messages import message
from .. import ahead
from ..account import Account, Reading, label, plain_message, to_plain
from .output import MAX_OUTPUT_BYTES, TextFile
from .readers import read_any

TEXT, ACCOUNT = "text", "account.json"


def main() -> int:
    """Read the file that standard input asks for."""
    request = json.load(sys.stdin)
    ahead.THREADS = 0  # their stacks would count as memory that the file takes
    limit_process(request["memory_bytes"], request["seconds"])
    try:
        answer: dict[str, Any] = {"account": to_plain(_read(request))}
    except DeepRNNError as error:
        answer = {"error": plain_message(error.message)}
    except MemoryError:
        answer = {"error": plain_message(message("needs_too_much_memory", name=label(request["name"])))}
    except RecursionError:
        answer = {"error": plain_message(message("nested_too_deeply", name=label(request["name"])))}
    except Exception as error:  # a file that no reader of ours or of others foresaw: refused, not a fault
        answer = {
            "error": plain_message(message("reader_failed", name=label(request["name"]), kind=type(error).__name__))
        }
    Path(ACCOUNT).write_text(json.dumps(answer), "utf-8")
    return 0


def _read(request: dict[str, Any]) -> Account:
    how = Reading(request["encoding"], tuple(request["columns"]))
    with TextFile(Path(TEXT)) as text:
        account = read_any(Path(request["path"]), request["name"], how, text.write, Path())
    return text.complete(account, request["name"])


def limit_process(memory_bytes: int, seconds: int) -> None:
    """Limit what this process may take, where the system has such limits; its parent's clock limits it everywhere.

    Args:
        memory_bytes: beside what it has by now, which depends on the machine: a library reserves some for each core.
        seconds: of a core.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    own = 0
    with suppress(OSError):  # only Linux says so, and only Linux counts what is reserved
        own = int(Path("/proc/self/statm").read_text().split()[5]) * resource.getpagesize()
    for kind, most in (("DATA", own + memory_bytes), ("CPU", seconds), ("FSIZE", MAX_OUTPUT_BYTES), ("CORE", 0)):
        with suppress(ValueError, OSError):  # a system may refuse one, or have a lower limit already
            resource.setrlimit(getattr(resource, f"RLIMIT_{kind}"), (most, most))


if __name__ == "__main__":
    sys.exit(main())
