"""The JSON files of a checkpoint: written so that people can read them, read back trusting nothing."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..config import MAX_VOCABULARY, Recipe
from ..errors import CheckpointError, ConfigError
from ..messages import Message, message
from .package import CONFIG, METRICS

FORMAT, VERSION = "deeprnn", 1
MAX_NAME = 120  # characters
MAX_POINTS = 20_000  # of a curve
CONFIG_KEYS = {"format", "version", "name", "vocab_size", "recipe", "files", "sha256"}


@dataclass(frozen=True)
class Description:
    """Say what `config.json` says.

    Args:
        name: of the model.
        vocab_size: tokens, `<unk>` included.
        recipe: the settings of the network and of its training.
        hashes: SHA-256 of other files of the checkpoint, by name.
    """

    name: str
    vocab_size: int
    recipe: Recipe
    hashes: Mapping[str, str]


def parse_json(data: bytes, name: str) -> Any:
    """Read JSON strictly: UTF-8, no key twice, no number that is not finite.

    Raises:
        CheckpointError: it is not so.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) != len(keys):
            raise _changed(name, message("why_key_twice"))
        return dict(pairs)

    def finite(word: str) -> float:
        if not math.isfinite(number := float(word)):
            raise _changed(name, message("why_not_finite"))
        return number

    try:
        text = data.decode("utf-8")
        value = json.loads(text, object_pairs_hook=unique, parse_float=finite, parse_constant=finite)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate can hide in an escape
    except (ValueError, RecursionError) as error:
        raise _changed(name, _why(error)) from error
    return value


def _changed(name: str, reason: Message) -> CheckpointError:
    return CheckpointError("checkpoint_json", name=name, reason=reason)


def _why(error: Exception) -> Message:
    """Say why Python's reader refused a JSON file."""
    if isinstance(error, json.JSONDecodeError):
        return message("why_not_json", line=error.lineno, column=error.colno)
    if isinstance(error, UnicodeDecodeError):
        return message("why_not_utf8")
    if isinstance(error, UnicodeEncodeError):
        return message("why_surrogate")
    return message("why_too_deep" if isinstance(error, RecursionError) else "why_long_number")


def write_json(value: Any) -> bytes:
    """Return JSON with one field a line and each list on one; a number that is not finite becomes null."""
    return (_layout(_finite(value)) + "\n").encode("utf-8", "replace")


def _layout(value: Any, indent: str = "") -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    deeper = indent + "  "
    fields = [f"\n{deeper}{json.dumps(name)}: {_layout(part, deeper)}" for name, part in value.items()]
    return "{" + ",".join(fields) + f"\n{indent}}}"


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(part) for key, part in value.items()}
    return [_finite(part) for part in value] if isinstance(value, list | tuple) else value


def write_config(name: str, vocab_size: int, recipe: Recipe, files: Mapping[str, bytes]) -> bytes:
    """Return `config.json`, with the hash of each of the other files given and one of itself."""
    config = {
        "format": FORMAT,
        "version": VERSION,
        "name": "".join(c if c.isprintable() else " " for c in name).strip()[:MAX_NAME] or "model",
        "vocab_size": vocab_size,
        "recipe": recipe.to_dict(),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    return write_json({**config, "sha256": _own_hash(config)})


def read_config(data: bytes, hashed: set[str]) -> Description:
    """Read `config.json`.

    Args:
        data: its content.
        hashed: the files whose hashes it must hold.

    Raises:
        CheckpointError: anything in it is missing, unknown, out of range or changed.
    """
    config = parse_json(data, CONFIG)
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise CheckpointError("checkpoint_format")
    version = config.get("version")
    if type(version) is not int or version != VERSION:
        raise CheckpointError("checkpoint_version", version=ascii(version)[:20], known=VERSION)
    if set(config) != CONFIG_KEYS or config["sha256"] != _own_hash({k: v for k, v in config.items() if k != "sha256"}):
        raise CheckpointError("checkpoint_changed", name=CONFIG)
    name, vocab_size, recipe, files = (config[key] for key in ("name", "vocab_size", "recipe", "files"))
    if not isinstance(name, str) or not name.isprintable() or not 1 <= len(name) <= MAX_NAME:
        raise CheckpointError("checkpoint_config", reason=message("why_name", value=ascii(name)[:60], most=MAX_NAME))
    if type(vocab_size) is not int or not 2 <= vocab_size <= MAX_VOCABULARY:
        wrong = message("out_of_range", name="vocab_size", value=ascii(vocab_size)[:20], low=2, high=MAX_VOCABULARY)
        raise CheckpointError("checkpoint_config", reason=wrong)
    if (
        not isinstance(files, dict)
        or set(files) != hashed
        or not all(isinstance(value, str) for value in files.values())
    ):
        raise CheckpointError("checkpoint_config", reason=message("why_no_hashes"))
    try:
        if not isinstance(recipe, dict):
            raise ConfigError("not_a_recipe")
        return Description(name, vocab_size, Recipe.from_dict(recipe), files)
    except ConfigError as error:
        raise CheckpointError("checkpoint_config", reason=error.message) from error


def _own_hash(config: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(config, sort_keys=True).encode()).hexdigest()


def read_metrics(data: bytes) -> dict[str, Any]:
    """Read `metrics.json`; if it holds a curve, it is one that can be drawn.

    Raises:
        CheckpointError: it is not an object, or its curve is malformed.
    """
    metrics = parse_json(data, METRICS)
    if not isinstance(metrics, dict):
        raise _changed(METRICS, message("why_not_object"))
    if "history" in metrics and not _is_history(metrics["history"]):
        raise _changed(METRICS, message("why_curve"))
    return metrics


def _is_history(history: Any) -> bool:
    if not isinstance(history, dict):
        return False
    numbers = [history.get(name) for name in ("steps_per_epoch", "total_steps", "tokens_per_character")]
    numbers.append(history.get("validation_tokens_per_character", 1.0))  # older files do not have it
    return all(map(_is_series, (history.get("train"), history.get("validation")))) and all(map(_is_number, numbers))


def _is_series(series: Any) -> bool:
    """Tell whether this is [steps, values], of equal length."""
    return (
        isinstance(series, list)
        and len(series) == 2
        and all(isinstance(part, list) and len(part) <= MAX_POINTS for part in series)
        and len(series[0]) == len(series[1])
        and all(_is_number(x) for x in series[0])
        and all(x is None or _is_number(x) for x in series[1])
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
