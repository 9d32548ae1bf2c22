"""Data sets of the Hugging Face Hub: one column of one split, streamed into a file. It trains nothing."""

from __future__ import annotations

import itertools
import os
import re
import socket
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import TextError
from ..messages import Message, message
from .account import Account, Column, Reading, choose_columns, label
from .formats.output import TextFile
from .formats.process import Place
from .meter import Meter, Progress
from .pieces import Pieces, opener

SCHEME = "hub:"
FORM = "hub:owner/name[:configuration][/split][#column][@characters]"
COMMAND = 'pip install "datasets>=4,<6"'  # what the extra `hub` names
CONNECT_SECONDS = 10.0
SAMPLE_ROWS = 100  # that tell which column has most text
_FORM = re.compile(
    r"hub:([a-zA-Z\d][\w.-]*/[a-zA-Z\d][\w.-]*)(?::([\w.-]+))?(?:/([\w.-]+))?(?:#([^@]+))?(?:@([1-9]\d{0,12}))?"
)


@dataclass(frozen=True)
class DatasetName:
    """Name a part of a data set.

    Args:
        repository: owner/name, or a folder with files of records or tables.
        configuration: None for the only or the default one.
        split: None for `train`, or the first where there is none of that name.
        column: None for the one with most text.
        characters: how many to read from its beginning; None for all.
    """

    repository: str
    configuration: str | None = None
    split: str | None = None
    column: str | None = None
    characters: int | None = None


def parse(source: str) -> DatasetName:
    """Read the name of a data set.

    Raises:
        TextError: it has not the form that it must have.
    """
    found = _FORM.fullmatch(source)
    if not found:
        raise TextError("hub_form", name=label(source), form=FORM)
    repository, configuration, split, column, characters = found.groups()
    return DatasetName(repository, configuration, split, column, int(characters) if characters else None)


def open_dataset(wanted: DatasetName, progress: Progress | None = None) -> tuple[Account, Iterable[str]]:
    """Stream a column of a data set into a file of its own, one line or more for each row.

    Args:
        wanted: which one.
        progress: told the bytes read, and 0; what it raises ends the work.

    Returns:
        the account, and the text in pieces, as often as it is iterated.

    Raises:
        TextError: the library or the network is missing; there is no such set, split or column; or it has no text.
    """
    try:
        import datasets
    except ImportError:
        raise TextError("needs_package", what="Hugging Face Hub", command=COMMAND) from None
    if not Path(wanted.repository).is_dir():
        _check_connection()
    try:
        rows = _choose_split(datasets, wanted)
        return _spool(rows, wanted, Meter(progress, 0))
    except datasets.exceptions.DatasetNotFoundError as error:
        raise TextError("hub_not_found", name=label(wanted.repository)) from error
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise TextError("hub_failed", name=label(wanted.repository), reason=reason) from error


def _choose_split(datasets: Any, wanted: DatasetName) -> Iterable[Mapping[str, object]]:
    """Return the rows of the split that was asked for, or of the likeliest; nothing is downloaded as a whole."""
    configurations = datasets.get_dataset_config_names(wanted.repository)
    chosen = wanted.configuration or datasets.get_dataset_default_config_name(wanted.repository)
    if chosen not in configurations:
        raise _unknown("hub_unknown_configuration", wanted, wanted.configuration, configurations)
    splits = datasets.load_dataset(wanted.repository, chosen, streaming=True)
    split = wanted.split or ("train" if "train" in splits else next(iter(splits), ""))
    if split not in splits:
        raise _unknown("hub_unknown_split", wanted, split, splits)
    rows: Iterable[Mapping[str, object]] = splits[split]
    return rows


def _spool(rows: Iterable[Mapping[str, object]], wanted: DatasetName, meter: Meter) -> tuple[Account, Iterable[str]]:
    columns = _measure(itertools.islice(rows, SAMPLE_ROWS))
    how = Reading(columns=(wanted.column,) if wanted.column else ())
    chosen = choose_columns(columns, how, wanted.repository)
    place = Place()
    path, left = place.folder / "text", wanted.characters
    notices: list[Message] = []
    with TextFile(path) as text:
        for row in rows:
            words = row.get(chosen[0])
            if not isinstance(words, str) or not words:
                continue
            line = words if words.endswith("\n") else f"{words}\n"
            text.write(line[:left])
            meter.add(len(line.encode()))
            if left is not None:
                left -= len(line)
                if left <= 0:
                    name = label(wanted.repository)
                    notices.append(message("hub_cut", name=name, characters=wanted.characters))
                    break
    account = Account(kind="hub", columns=columns, chosen=chosen, notices=tuple(notices))
    return text.complete(account, wanted.repository), Pieces(opener(path), "utf-8", kept=place)


def _measure(rows: Iterable[Mapping[str, object]]) -> tuple[Column, ...]:
    totals: Counter[str] = Counter()
    for row in rows:
        for column, value in row.items():
            if isinstance(value, str):
                totals[column] += len(value)
    return tuple(Column(name, characters) for name, characters in totals.items())


def _unknown(key: str, wanted: DatasetName, name: str | None, allowed: Iterable[str]) -> TextError:
    there = ", ".join(label(word) for word in itertools.islice(allowed, 50))
    return TextError(key, name=label(wanted.repository), value=label(name or "–"), allowed=there)


def _check_connection() -> None:
    """Find out within seconds whether the Hub can be reached; its library would try for half a minute."""
    address = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co")
    if os.environ.get("HF_HUB_OFFLINE") or os.environ.get("HTTPS_PROXY") or os.environ.get("https_proxy"):
        return  # the library knows what it has kept, or which way to go
    try:
        socket.create_connection((address.hostname or "", address.port or 443), CONNECT_SECONDS).close()
    except OSError as error:
        raise TextError("hub_offline", name=address.hostname or "") from error
