"""The folder in which the program keeps what is the user's: models, texts, downloads."""

from __future__ import annotations

import os
from pathlib import Path


def home_folder() -> Path:
    """Return the folder named by DEEPRNN_HOME, else `deeprnn` in the user's own; it may not exist yet."""
    return Path(os.environ.get("DEEPRNN_HOME") or Path.home() / "deeprnn")
