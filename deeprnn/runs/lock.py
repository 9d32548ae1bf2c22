"""Which process owns a home: the first one, until it ends, however it ends."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from ..messages import Message, message

FILE = "lock"
TAKEN = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)  # what the systems say where another has it


class HomeLock:
    """Own a home, unless another process does; the system lets it go when this process ends, even if it is killed.

    Where a lock cannot be had at all, for the disk is read-only or knows none, nobody is kept out.

    Args:
        home: made if it is not there.
    """

    def __init__(self, home: Path) -> None:
        self._home, self._handle = home, -1
        self.held = True
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            return
        try:
            _lock(self._handle)
        except OSError as error:
            self.held = error.errno not in TAKEN
            self.release()

    @property
    def notice(self) -> Message | None:
        """Return what to say where another process owns the home."""
        return None if self.held else message("home_in_use", path=str(self._home))

    def release(self) -> None:
        """Let the home go before this process ends."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def _lock(handle: int) -> None:
    """Lock an open file, or raise OSError at once."""
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
