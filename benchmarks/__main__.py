"""Run measurements by their names: `python -m benchmarks chapter`, `python -m benchmarks tune --preset quick`."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

NAMES = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if not file.stem.startswith("_"))


def main(arguments: Sequence[str]) -> int:
    """Run the named measurements, a single one with the options that follow it; or list them."""
    names = list(itertools.takewhile(lambda word: not word.startswith("-"), arguments))
    options = list(arguments[len(names) :])
    if not names or not set(names) <= set(NAMES) or (options and len(names) > 1):
        print("usage: python -m benchmarks NAME [OPTIONS], or NAME NAME ...\nnames:", " ".join(NAMES))
        return 2
    for name in names:
        importlib.import_module(f"benchmarks.{name}").main(options)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
