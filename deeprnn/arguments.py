"""How every command line of the program reads its arguments, and how it refuses them; knows no verb."""

from __future__ import annotations

import argparse
from typing import NoReturn

BAD_INPUT = 2  # the exit code for what the user can put right


class Parser(argparse.ArgumentParser):
    """Read arguments; say in one line what is wrong with them."""

    def error(self, message: str) -> NoReturn:
        """Print one line and exit with code 2."""
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")
