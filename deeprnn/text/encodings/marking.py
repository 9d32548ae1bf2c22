"""The handler of decoding errors that makes undecodable bytes countable."""

from __future__ import annotations

import codecs

MARK = "deeprnn.mark"  # the name under which codecs know the handler
BAD = "\udcff"  # stands for one undecodable byte; no decoder ever yields it


def _mark_bad_bytes(error: UnicodeError) -> tuple[str, int]:
    """Stand one sign for each undecodable byte, so that they can be counted; knows no state, as it is global."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BAD * (error.end - error.start), error.end


codecs.register_error(MARK, _mark_bad_bytes)
