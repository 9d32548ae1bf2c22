"""The command line: one verb for each public function. It prints and exits; it computes nothing."""

from __future__ import annotations

from .command import main

__all__ = ["main"]
