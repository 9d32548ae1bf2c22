"""What the curve of a run advises, in words and with a remedy: every rule in one table.

Each rule looks at a bounded number of records, so that advice costs the same after a hundred steps and after a million.
The limits were set beside real curves: the presets' own, and runs that fail in each of these ways.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..config import RECIPE_FIELDS, Recipe
from ..messages import Message, message
from ..text.doctor import ADVICE, NOTE, WARNING, Finding, Remedy
from .event import Event
from .train import Training

# What a remedy does beside its settings: stop and take the best model; go on from the best one in a new run; go on to a
# later end; change the run that trains.
USE_BEST, CONTINUE, TRAIN_LONGER, CHANGE = "use_best", "continue_best", "train_longer", "change"

WINDOW = 100  # steps over which the perplexity of minibatches is averaged
OVERFIT_CHECKS, OVERFIT_RISE = 3, 0.01  # checks since the best, after a window or more; nats that they lie above it
UNIGRAM_SHARE = 0.95  # of the unigram's perplexity: above, a network has learnt nothing from the order of its tokens
STUCK_PART = 0.1  # of a run, before which nothing is said of that
CLIPPED_SHARE, FLAT = 0.9, 0.02  # of the last steps; nats by which the newer half of a run has fallen at most
LAST_PART, FALLING = 0.2, 0.03  # of a run, and the nats by which it must have fallen there to be worth going on
USUAL_RATE = {"adamw": 8e-3, "sgd": 2.0}  # of the presets
UNUSUAL = 2.0  # times the usual rate, or a part of it as small
MORE_DROPOUT, MOST_DROPOUT = 0.1, 0.6
FIRST_DROPOUT = 0.3


@dataclass(frozen=True)
class Evidence:
    """Show what a run has measured so far; the sequences are read, never copied, and may grow meanwhile.

    Args:
        recipe: as it is now.
        step: optimiser updates so far.
        total_steps: planned.
        steps_per_epoch: in one pass over the text.
        ended: whether the run has come to an end, whatever it was.
        best: step and validation perplexity of the best model, None before the first check.
        steps: rising step numbers of the whole curve.
        perplexities: of those minibatches.
        validation_steps: of the validation checks.
        validation_perplexities: of those checks.
        gradient_norms: of the newest steps, in order, before clipping.
        unigram: perplexity of the unigram on the same text, None before it is known.
        failure: why the run failed, None if it did not.
        events: what happened beside the steps, in order.
    """

    recipe: Recipe
    step: int
    total_steps: int
    steps_per_epoch: int
    ended: bool
    best: tuple[int, float] | None
    steps: Sequence[int]
    perplexities: Sequence[float]
    validation_steps: Sequence[int]
    validation_perplexities: Sequence[float]
    gradient_norms: Sequence[float]
    unigram: float | None = None
    failure: Message | None = None
    events: Sequence[Event] = ()

    @classmethod
    def of(
        cls,
        training: Training,
        gradient_norms: Sequence[float],
        unigram: float | None = None,
        *,
        ended: bool = False,
        failure: Message | None = None,
    ) -> Evidence:
        """Return what a training shows now; it may train on meanwhile, on another thread."""
        curve, best = training.curve, training.best
        return cls(
            recipe=training.recipe,
            step=training.step,
            total_steps=training.total_steps,
            steps_per_epoch=training.steps_per_epoch,
            ended=ended,
            best=(best.step, best.perplexity) if math.isfinite(best.perplexity) else None,
            steps=curve.steps,
            perplexities=curve.perplexities,
            validation_steps=curve.validation_steps,
            validation_perplexities=curve.validation_perplexities,
            gradient_norms=gradient_norms,
            unigram=unigram,
            failure=failure,
            events=training.events,
        )

    def loss(self, step: int) -> float | None:
        """Return the mean nats of the minibatches in the window that ends at a step; None where there is none."""
        begin, end = (bisect.bisect_right(self.steps, at) for at in (step - WINDOW, step))
        return _mean_log(self.perplexities[begin : min(end, begin + WINDOW)])

    def reached(self, step: int) -> float | None:
        """Return the nats of the last check until a step, or of the minibatches before it if nothing is held out."""
        if not self.validation_steps:
            return self.loss(step)
        last = bisect.bisect_right(self.validation_steps, step)
        return _mean_log(self.validation_perplexities[last - 1 : last]) if last else None

    @property
    def settled(self) -> bool:
        """Tell whether enough steps have come since the last change to judge it by."""
        return not self.events or self.step - self.events[-1].step >= WINDOW

    @property
    def rate(self) -> float:
        """Return the learning rate, at its highest."""
        return self.recipe.train.learning_rate


def advise(evidence: Evidence) -> tuple[Finding, ...]:
    """Return what would help a run now, the most urgent first; nothing where all is well or too little is known."""
    return tuple(finding for rule in RULES for finding in rule(evidence))


def _exploded(e: Evidence) -> Iterator[Finding]:
    """Lower the rate of a run that has exploded for good."""
    if e.failure is not None and e.failure.key.startswith("exploded"):
        rate = _rate(e.rate / 4)
        yield _finding("advice_exploded", WARNING, _with_rate(e, rate), rate=e.rate, new=rate)


def _overfitting(e: Evidence) -> Iterator[Finding]:
    """Take the best model, or go on from it with more dropout, where validation rises while training still falls."""
    if e.best is None or not e.validation_steps:
        return
    step, best = e.best
    since = len(e.validation_steps) - bisect.bisect_right(e.validation_steps, step)
    now, then, held_out = e.loss(e.step), e.loss(step), _mean_log(e.validation_perplexities[-OVERFIT_CHECKS:])
    if since < OVERFIT_CHECKS or e.step - step < WINDOW or held_out is None or now is None or then is None:
        return
    if held_out < math.log(best) + OVERFIT_RISE or now >= then:
        return
    said = {"checks": since, "now": _figure(e.validation_perplexities[-1]), "step": step, "best": _figure(best)}
    yield _finding("advice_overfitting", ADVICE, Remedy(action=USE_BEST), **said)
    old = e.recipe.model.dropout
    if old < MOST_DROPOUT:
        dropout = _figure(min(MOST_DROPOUT, max(FIRST_DROPOUT, old + MORE_DROPOUT)))
        yield _finding("advice_dropout", ADVICE, Remedy({"dropout": dropout}, CONTINUE), step=step, dropout=dropout)


def _stuck(e: Evidence) -> Iterator[Finding]:
    """Say that no more was learnt than how frequent tokens are; take the usual rate where this one is far from it."""
    now = e.reached(e.step)
    if e.unigram is None or now is None or e.failure is not None or not e.settled:
        return
    if e.step < max(2 * WINDOW, STUCK_PART * e.total_steps) or now < math.log(UNIGRAM_SHARE * e.unigram):
        return
    usual = USUAL_RATE[e.recipe.train.optimizer]
    said = {"step": e.step, "now": _figure(math.exp(now)), "line": _figure(e.unigram), "rate": e.rate}
    if e.rate > UNUSUAL * usual or e.rate < usual / UNUSUAL:
        key = "advice_stuck_high" if e.rate > usual else "advice_stuck_low"
        yield _finding(key, ADVICE, _with_rate(e, usual), usual=usual, **said)
    else:
        yield _finding("advice_stuck", ADVICE, None, **said)


def _rate_too_high(e: Evidence) -> Iterator[Finding]:
    """Halve a rate at which nearly every gradient is clipped, and nothing was learnt in the newer half of the run."""
    norms, limit = e.gradient_norms[-WINDOW:], e.recipe.train.max_grad_norm
    clipped = sum(norm > limit for norm in norms)
    now, before = e.loss(e.step), e.loss(e.step // 2)
    if e.ended or now is None or before is None or not e.settled or clipped < CLIPPED_SHARE * WINDOW:
        return
    if before - now < FLAT:
        rate = _rate(e.rate / 2)
        said = {"clipped": clipped, "steps": len(norms), "since": e.step // 2, "rate": e.rate, "new": rate}
        yield _finding("advice_clipped", ADVICE, _with_rate(e, rate), **said)


def _still_falling(e: Evidence) -> Iterator[Finding]:
    """Go on with a run that came to its planned end while it still learnt fast."""
    if not e.ended or e.step < e.total_steps:
        return
    start = round(e.total_steps * (1 - LAST_PART))
    now, before = e.reached(e.step), e.reached(start)
    if now is None or before is None or before - now < FALLING:
        return
    percent = _figure(100 * (1 - math.exp(now - before)), 2)
    said = {"percent": percent, "steps": e.step - start, "now": _figure(math.exp(now))}
    yield _finding("advice_longer", NOTE, Remedy(_twice(e), TRAIN_LONGER), **said)


# In the order in which they are said; one kind of trouble hides none of the others.
RULES: tuple[Callable[[Evidence], Iterator[Finding]], ...] = (
    _exploded,
    _overfitting,
    _stuck,
    _rate_too_high,
    _still_falling,
)


def _twice(e: Evidence) -> dict[str, int]:
    """Return the settings with which a run is planned twice as long."""
    steps, limit = 2 * e.total_steps, e.recipe.train.max_steps
    epochs = max(e.recipe.train.max_epochs, math.ceil(steps / max(1, e.steps_per_epoch)))
    longer = {"max_epochs": min(epochs, RECIPE_FIELDS["max_epochs"].metadata["high"])}
    return longer if limit is None or limit >= steps else {**longer, "max_steps": steps}


def _with_rate(e: Evidence, rate: float) -> Remedy:
    """Return the way to another rate: live, from the best model, or, if there is none, in the next run."""
    action = CHANGE if not e.ended else CONTINUE if e.best else ""
    return Remedy({"learning_rate": rate}, action)


def _rate(value: float) -> float:
    """Return a rate in three digits, and no smaller than is allowed."""
    return max(_figure(value, 3), float(RECIPE_FIELDS["learning_rate"].metadata["low"]))


def _finding(key: str, severity: str, remedy: Remedy | None, **details: Any) -> Finding:
    return Finding(key, severity, message(key, **details), remedy)


def _mean_log(values: Sequence[float]) -> float | None:
    return sum(map(math.log, values)) / len(values) if values else None


def _figure(value: float, digits: int = 4) -> float:
    return float(f"{value:.{digits}g}")
