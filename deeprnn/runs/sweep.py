"""A sweep: one recipe with several values of one setting, and what its runs say together, with honest words."""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..config import RECIPE_FIELDS, Recipe
from ..errors import ConfigError
from ..messages import Message, message
from ..model.shapes import parameter_count
from .entries import RunEntry
from .job import DONE
from .naming import differing, word

VALUES: dict[str, tuple[int | str, ...]] = {"num_layers": (1, 2, 3), "cell": ("lstm", "gru", "rnn_tanh")}
AXES = (*VALUES, "seed")
REPEATS = 3  # seeds
SEEDS = RECIPE_FIELDS["seed"].metadata["high"] + 1
ALIKE = 1.03  # times as many parameters: as good as equal
DECIDED = 10  # per cent of cases in which chance alone may part two bands that are called apart: three runs each


@dataclass(frozen=True)
class Band:
    """Hold what several runs have reached: their mean, the least and the most."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Band | None:
        """Return the band of some values, None without any."""
        return cls(sum(values) / len(values), min(values), max(values)) if values else None


@dataclass(frozen=True)
class Row:
    """Hold the runs of one value.

    Args:
        value: of the setting that was swept, as it is typed.
        numbers: of its runs.
        measured: how many of them have a best model.
        perplexity: best on the held-out text, of those; None without any.
        bits_per_character: of the same models.
        parameters: that each of its networks learns.
        seconds: time spent training one of its runs, on average.
    """

    value: str
    numbers: tuple[int, ...]
    measured: int
    perplexity: Band | None
    bits_per_character: Band | None
    parameters: int
    seconds: float


@dataclass(frozen=True)
class Summary:
    """Hold the table of a sweep.

    Args:
        axis: the setting that was swept.
        rows: one for each value, in the order in which they were asked for.
        verdict: what the figures say, and what they do not.
    """

    axis: str
    rows: tuple[Row, ...]
    verdict: tuple[Message, ...]


def expand(
    recipe: Recipe, axis: str, *, equal_parameters: bool = False, vocab_size: int, repeats: int = 1
) -> tuple[tuple[str, Recipe], ...]:
    """Return the runs of a sweep, each after what sets it apart, such as "num_layers 1, hidden_size 390".

    Args:
        recipe: what they have in common.
        axis: one of `AXES`.
        equal_parameters: give each as many hidden units as bring it nearest to the parameters of the recipe itself.
        vocab_size: symbols of the tokenizer.
        repeats: train each value with so many seeds, for its band; the axis "seed" has three.

    Raises:
        ConfigError: there is no such axis.
    """
    if axis not in AXES:
        raise ConfigError("not_a_choice", name="axis", value=axis[:60], allowed=", ".join(AXES))
    repeats = REPEATS if axis == "seed" else repeats
    wanted, runs = parameter_count(recipe.with_tying().model, vocab_size), []
    for number, value in itertools.product(range(repeats), VALUES.get(axis, (None,))):  # first all values once
        changes = {} if value is None else {axis: value}
        if repeats > 1:
            changes["seed"] = (recipe.train.seed + number) % SEEDS
        run = recipe.replace(**changes)
        if equal_parameters:
            run = with_parameters(run, wanted, vocab_size)
            changes["hidden_size"] = run.model.hidden_size
        runs.append((", ".join(f"{name} {word(value)}" for name, value in changes.items()), run))
    return tuple(runs)


def with_parameters(recipe: Recipe, wanted: int, vocab_size: int) -> Recipe:
    """Return the recipe with as many hidden units as bring its parameters nearest to a number."""

    def count(size: int) -> int:
        return parameter_count(recipe.replace(hidden_size=size).with_tying().model, vocab_size)

    sizes = range(1, RECIPE_FIELDS["hidden_size"].metadata["high"] + 1)
    at = bisect.bisect_left(sizes, wanted, key=count)
    nearest = min(sizes[max(0, at - 1) : at + 1], key=lambda size: abs(count(size) - wanted))
    return recipe.replace(hidden_size=nearest)


def summarise(entries: Iterable[RunEntry], vocab_size: int) -> Summary:
    """Return the table of a sweep; what was swept is seen from the recipes.

    Args:
        entries: its runs, in any order.
        vocab_size: symbols of the tokenizer.
    """
    ordered = sorted(entries, key=lambda entry: entry.number)
    differ = differing([entry.recipe for entry in ordered])
    axis = next((name for name in AXES if name in differ), "seed")
    groups: dict[str, list[RunEntry]] = {}
    for entry in ordered:
        groups.setdefault(word(entry.recipe.settings()[axis]), []).append(entry)
    rows = tuple(_row(value, group, vocab_size) for value, group in groups.items())
    return Summary(axis, rows, _verdict(axis, rows))


def _row(value: str, entries: Sequence[RunEntry], vocab_size: int) -> Row:
    measured = [entry for entry in entries if entry.state == DONE and entry.best and math.isfinite(entry.best[1])]
    return Row(
        value=value,
        numbers=tuple(entry.number for entry in entries),
        measured=len(measured),
        perplexity=Band.of([entry.best[1] for entry in measured if entry.best]),
        bits_per_character=Band.of([e.bits_per_character for e in measured if e.bits_per_character is not None]),
        parameters=parameter_count(entries[0].recipe.with_tying().model, vocab_size),
        seconds=sum(entry.seconds for entry in entries) / len(entries),
    )


def _verdict(axis: str, rows: Sequence[Row]) -> tuple[Message, ...]:
    """Say what the rows show, and what limits it."""
    done, asked = sum(row.measured for row in rows), sum(len(row.numbers) for row in rows)
    bands = {row.value: row.perplexity for row in rows if row.perplexity}
    said = [message("sweep_unfinished", done=done, asked=asked)] if done < asked else []
    if len(bands) < 2:
        return tuple(said)
    if axis == "seed":
        return (*said, _chance(list(bands.values())))
    better, other = _pair(axis, [row for row in rows if row.perplexity])
    percent = round(100 * 2 / math.comb(better.measured + other.measured, better.measured))
    apart = bands[better.value].high < bands[other.value].low
    decided = apart and percent <= DECIDED
    if axis == "num_layers":
        helps = "sweep_depth_helps" if int(better.value) > int(other.value) else "sweep_depth_hurts"
        said.append(message(helps if decided else "sweep_depth_open"))
    key = "sweep_apart" if decided else "sweep_few" if apart else "sweep_overlap"
    said.append(message(key, percent=percent, **_compared(axis, better, other)))
    sizes = [row.parameters for row in rows]
    if max(sizes) > ALIKE * min(sizes):
        said.append(message("sweep_sizes", low=min(sizes), high=max(sizes)))
    return tuple(said)


def _pair(axis: str, rows: Sequence[Row]) -> tuple[Row, Row]:
    """Return the two rows that answer the question, the better first: the two best; one layer and the best of more."""
    ordered = sorted(rows, key=_mean)
    shallow = [row for row in ordered if row.value == "1"]
    if axis == "num_layers" and shallow:
        deep = next(row for row in ordered if row.value != "1")
        ordered = sorted((shallow[0], deep), key=_mean)
    return ordered[0], ordered[1]


def _mean(row: Row) -> float:
    return row.perplexity.mean if row.perplexity else math.inf


def _chance(bands: Sequence[Band]) -> Message:
    """Say how far runs lie apart that differ in nothing but their seed."""
    low, high = min(band.low for band in bands), max(band.high for band in bands)
    return message("sweep_seeds", low=_figure(low), high=_figure(high), percent=_figure(100 * (high / low - 1), 2))


def _compared(axis: str, better: Row, other: Row) -> dict[str, str]:
    return {
        "better": f"{axis} {better.value}",
        "other": f"{axis} {other.value}",
        "reached": _range(better.perplexity),
        "than": _range(other.perplexity),
    }


def _range(band: Band | None) -> str:
    """Return a band as a person writes it: one figure, or two with a dash."""
    figures = [f"{value:.4g}" for value in (band.low, band.high)] if band else ["–"]
    return "–".join(dict.fromkeys(figures))


def _figure(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
