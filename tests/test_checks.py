"""Format, lint and types are tests too, so that one command runs every check."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHECKS = {"format": ["ruff", "format", "--check"], "lint": ["ruff", "check"], "types": ["mypy"]}


@pytest.mark.parametrize("check", CHECKS)
def test_check(check: str) -> None:
    tool, *arguments = CHECKS[check]
    if importlib.util.find_spec(tool) is None:
        pytest.skip(f"{tool} is missing: pip install -r requirements-dev.txt")
    done = subprocess.run([sys.executable, "-m", tool, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{tool} {' '.join(arguments)}\n{done.stdout}{done.stderr}"
