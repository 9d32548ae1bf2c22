"""One visitor against another: every endpoint there is, by every way in that a stranger could try, and none leads in.

What a stranger is answered must be what is answered about things that do not exist. The victim's own call, with the
victim's token, must be answered otherwise: else a success would not have been seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from deeprnn.runs.studio import Studio
from deeprnn.runs.visitors import NOBODY, ManyVisitors, visitor_name
from deeprnn.training.presets import PRESETS
from deeprnn.ui.shared import RUN

from .figure import Figure
from .visiting import ENDLESS, TINY, Caller, new_token, serve

ADA = "a" * 64
GREEK = "αβγ δεζη θι κλμν ξο πρστ υφχψ ω " * 60  # whatever is written, drawn or told of it shows a Greek letter
NAME = "zauberquelle"

OWN = "shows or changes what is the visitor's own"
FORM = "reads only what it is sent"
REMEMBERED = "acts on what the session remembers, or on what a secret ticket names"
LINK = "shows a run to whoever has its link"
# By the name of its handler, or by that and what it is connected to. An endpoint without a row fails: whoever adds one
# says here what it could do to others.
ENDPOINTS = {
    "generate": OWN, "start": OWN, "status": OWN, "pause": OWN, "resume": OWN, "stop": OWN, "runs": OWN,
    "resume_run": OWN, "branch": OWN, "change": OWN, "save": OWN, "discard": OWN, "load": OWN, "tick": OWN,
    "show_model": OWN, "cancel_shown": OWN, "sample": OWN, "restore": OWN, "cancel": OWN, "advise": OWN, "plan": OWN,
    "show": OWN, "write": OWN, "take_out": OWN, "look": OWN, "act": OWN, "sweep": OWN, "take": OWN,
    "apply": FORM, "apply dr-steer.apply": OWN, "fill": FORM, "paste": FORM, "upload": FORM, "fetch": FORM,
    "begin": FORM, "take_in": FORM, "edit": REMEMBERED, "cancel dr-verdict.cancel": REMEMBERED,
    "stop dr-stop-writing.click": REMEMBERED, "show_shared": LINK,
}  # fmt: skip
SECRET = re.compile(f"[α-ω]{{3}}|{NAME}|{visitor_name(ADA)}|{ADA}")
LAST = ("pause", "stop", "discard")  # in the victim's own hands: after them there is less to see


@dataclass(frozen=True)
class Known:
    """Hold what a stranger may have guessed, seen over a shoulder, or found in a log."""

    number: int
    corpus: str
    model: str
    event: str = ""
    session: str = ""


NOTHING = Known(977, "own:0123456789ab", "run:978:best")


@dataclass(frozen=True)
class Victim:
    """Hold the victim's studio, what is known of it, and the id of the run that trains."""

    studio: Studio
    known: Known
    run_id: str


def make_victim(served: tuple[ManyVisitors, str]) -> Victim:
    """Give a visitor a text, a finished run, one that trains without end, and an open page with an event."""
    visitors, address = served
    studio = visitors.studio_of(ADA)
    studio.store.database.begin_after(440)  # numbers that stand nowhere else in an answer
    corpus = studio.add_text(f"{NAME}.txt", GREEK)[0].key
    studio.start(corpus, PRESETS["quick"].replace(**TINY, max_steps=30))
    assert studio.wait(60)
    number = studio.start(corpus, PRESETS["quick"].replace(**ENDLESS))
    assert studio.settle(60)
    plan = next(one for one in handlers(address) if one["api_name"] == "plan")
    with Caller(address, ADA) as page:
        event = page.join(plan["id"], data_for(page, plan, Known(number, corpus, ""))).json()["event_id"]
        page.listen(event)
        known = Known(number, corpus, "run:441:best", event, page.session)
    return Victim(studio, known, studio.runs.entry(number).id)


def handlers(address: str) -> list[dict[str, Any]]:
    """Return every endpoint of the server as its own configuration lists them, private ones among them."""
    config = httpx.get(f"{address.removesuffix('gradio_api/')}config").json()
    places = {part["id"]: part for part in config["components"]}
    found = [one for one in config["dependencies"] if one["backend_fn"]]
    for one in found:
        one["parts"] = [places[number] for number in one["inputs"]]
        triggers = ((places.get(part, {}).get("props", {}).get("elem_id"), event) for part, event in one["targets"])
        one["place"] = next((f"{part}.{event}" for part, event in triggers), "")
        one["name"] = re.sub(r"_\d+$", "", one["api_name"])
    return found


def row_of(handler: Mapping[str, Any]) -> str | None:
    name = handler["name"]
    return ENDPOINTS.get(f"{name} {handler['place']}") or ENDPOINTS.get(name)


def data_for(caller: Caller, handler: Mapping[str, Any], known: Known) -> list[Any]:
    """Return what a page would send, with what is known of the victim in every place that names something."""
    if handler["api_visibility"] == "public":
        info = caller.http.get("info").json()["named_endpoints"][f"/{handler['api_name']}"]
        values = {
            "corpus": known.corpus, "model": known.model, "number": known.number, "run": known.number, "step": 1,
            "settings": {}, "changes": {}, "preset": "quick", "prefix": "α", "max_new_tokens": 5,
        }  # fmt: skip
        names = [(part["parameter_name"], part.get("parameter_default")) for part in info["parameters"]]
        return [values.get(name, default) for name, default in names]
    values = {"dr-corpus": known.corpus, "dr-model": known.model, "dr-prefix": "α", "dr-max-new-tokens": 5}
    return [values.get(part["props"].get("elem_id"), part["props"].get("value")) for part in handler["parts"]]


def told_with(known: Known) -> dict[str, Any]:
    """Return what an event of the page carries, with what is known of the victim."""
    return {
        "number": known.number, "run": known.number, "step": 1, "settings": {}, "changes": {}, "action": "rename",
        "value": "stolen", "ticket": known.event, "seen": None, "known": [[known.number, 0]], "group": None,
        "axis": "seed", "form": "csv", "numbers": [known.number],
    }  # fmt: skip


def ask(caller: Caller, handler: Mapping[str, Any], known: Known) -> str:
    """Call a handler and return what was said, without what is chance and with one name for what was asked about."""
    more = {"event_id": known.event} if known.event else {}
    answer = caller.call(handler, data_for(caller, handler, known), event_data=told_with(known), **more)
    return plain(answer, known)


def plain(answer: Any, known: Known) -> str:
    text = json.dumps(said_in(answer), ensure_ascii=False, sort_keys=True)
    names = (known.corpus, known.corpus.removeprefix("own:"), known.model, known.event, str(known.number))
    for name in filter(None, names):
        text = text.replace(name, "?")
    return text


def said_in(answer: Any) -> Any:
    """Return an answer without what differs from call to call whoever asks."""
    if isinstance(answer, dict):
        chance = (
            "duration",
            "average_duration",
            "id",
            "ticket",
            "nonce",
            "seconds",
            "speed",
            "render_config",
            "revision",
        )
        return {key: said_in(value) for key, value in answer.items() if key not in chance}
    if isinstance(answer, list):
        return [said_in(value) for value in answer]
    if isinstance(answer, str) and answer.startswith("{"):
        return said_in(json.loads(answer))
    return answer


Attack = Callable[[str, Victim], Caller]
ATTACKS: dict[str, Attack] = {
    "with the victim's session": lambda address, victim: Caller(address, session=victim.known.session),
    "with the victim's event": lambda address, victim: Caller(address),
    "with guessed numbers and keys": lambda address, victim: Caller(address),
    "without a token": lambda address, victim: Caller(address, None, victim.known.session),
    "with a wrong token": lambda address, victim: Caller(address, ADA[:-1] + "b", victim.known.session),
    "with a link and what is no token": lambda address, victim: Caller(
        address, visitor_name(ADA), victim.known.session, {RUN: victim.run_id}
    ),
}


def usual_answers(address: str) -> dict[bool, list[str]]:
    """Return what every endpoint answers about what does not exist: to a new visitor, and to one without a token."""
    answers = {}
    for token in (new_token(), None):
        with Caller(address, token) as fresh:
            answers[token is None] = [ask(fresh, handler, NOTHING) for handler in handlers(address)]
    return answers


def successes(address: str, victim: Victim, usual: dict[bool, list[str]], attack: str) -> list[str]:
    """Attack every endpoint in one way and return where a stranger came in, or changed anything."""
    before, models = state_of(victim), {entry.key for entry in victim.studio.models()}
    known, found = victim.known if "event" in attack else replace(victim.known, event=""), list[str]()
    with ATTACKS[attack](address, victim) as stranger:
        expected = usual[visitor_name(stranger.token) == NOBODY]
        for handler, about_nothing in zip(handlers(address), expected, strict=True):
            if row_of(handler) == LINK:
                continue
            answer = ask(stranger, handler, known)
            if answer != about_nothing or SECRET.search(answer) or victim.run_id in answer:
                found.append(f"{handler['api_name']} {attack}: {answer[:200]} instead of {about_nothing[:200]}")
    if state_of(victim) != before or not models <= {entry.key for entry in victim.studio.models()}:
        found.append(f"{attack}: something of the victim's is not as it was")
    return found


def unseen(address: str, victim: Victim) -> list[str]:
    """Return the endpoints at which a success would not be seen: the victim is answered there as a stranger is."""
    found = [one for one in handlers(address) if row_of(one) == OWN]
    found.sort(key=lambda one: LAST.index(one["name"]) if one["name"] in LAST else -1)
    same = []
    for handler in found:
        with Caller(address, ADA) as own, Caller(address) as stranger:
            mine, theirs = ask(own, handler, replace(victim.known, event="")), ask(stranger, handler, NOTHING)
        if mine == theirs:
            same.append(handler["api_name"])
    return same


def state_of(victim: Victim) -> Any:
    """Return what no stranger may have changed."""
    studio = victim.studio
    entries = [(e.number, e.name, e.notes, e.state, e.recipe, e.deleted) for e in studio.runs.entries(deleted=True)]
    return entries, [entry.key for entry in studio.corpora()]


def measure(folder: Path) -> Figure:
    """Attack every endpoint in every way; the control is that the victim's own calls are answered otherwise."""
    with serve(folder) as served:
        address, victim = served[1], make_victim(served)
        usual = usual_answers(address)
        failures = [found for attack in ATTACKS for found in successes(address, victim, usual, attack)]
        own = [one for one in handlers(address) if row_of(one) == OWN]
        blind = unseen(address, victim)
        failures += [f"{name}: a success would not be seen there" for name in blind]
        trials = len(ATTACKS) * sum(row_of(one) != LINK for one in handlers(address))
    return Figure(trials, tuple(failures), len(own) - len(blind), len(own), f"{len(ATTACKS)} attacks")
