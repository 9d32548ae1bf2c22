"""Run one measurement by its name: `python -m benchmarks chapter`."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Run the named measurements, or list them."""
    names = sorted(f.stem for f in Path(__file__).parent.glob("*.py") if not f.stem.startswith("_"))
    if not sys.argv[1:] or not set(sys.argv[1:]) <= set(names):
        print("usage: python -m benchmarks NAME [NAME ...]\nnames:", " ".join(names))
        return 2
    for name in sys.argv[1:]:
        importlib.import_module(f"benchmarks.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
