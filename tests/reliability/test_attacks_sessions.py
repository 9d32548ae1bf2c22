"""What Gradio itself would give to whoever names another's session, event or file; and links that lead to one run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest

from deeprnn.runs.visitors import ManyVisitors, visitor_name
from deeprnn.training.presets import PRESETS
from deeprnn.ui.shared import RUN

from .strangers import ADA, GREEK, NAME, NOTHING, data_for, handlers
from .visiting import PATIENCE, TINY, UNHURRIED, Caller, serve

CHARACTERS = 6000
TRIES = 20  # to stop a text, whose ticket is known only with its first letters


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ManyVisitors, str]]:
    limits = replace(UNHURRIED, written_characters=CHARACTERS, writing_seconds=PATIENCE)
    with serve(tmp_path_factory.mktemp("sessions"), limits) as served:
        yield served


@cache
def find(address: str, name: str, place: str = "") -> dict[str, Any]:
    return next(one for one in handlers(address) if one["name"] == name and one["place"].startswith(place))


def write(page: Caller) -> tuple[dict[str, Any], str]:
    """Ask for a long text and return the handler and the number of the event."""
    handler = find(page.address, "write")
    data = data_for(page, handler, replace(NOTHING, model="bundled:time_machine"))
    data[3 + [part["props"].get("elem_id") for part in handler["parts"][3:]].index("dr-sampling-max-new-tokens")] = (
        20_000
    )
    return handler, page.join(handler["id"], data).json()["event_id"]


def length(said: list[dict[str, Any]]) -> int:
    """Return how many characters a text had at its end."""
    return int(re.findall(r'"characters": (\d+)', json.dumps(said))[-1])


def stop(caller: Caller) -> None:
    handler = find(caller.address, "stop", "dr-stop-writing")
    for _ in range(TRIES):
        caller.call(handler, [None])


Attack = Callable[[Caller, Caller, dict[str, Any], str], None]


def cancel(stranger: Caller, page: Caller, handler: dict[str, Any], event: str) -> None:
    for session in (page.session, stranger.session, f"{visitor_name(ADA)}.{page.session}"):
        stranger.post("cancel", session_hash=session, fn_index=handler["id"], event_id=event)


def listen(stranger: Caller, page: Caller, handler: dict[str, Any], event: str) -> None:
    for session in (page.session, f"{visitor_name(ADA)}.{page.session}"):
        for route in (f"queue/data?session_hash={session}", f"call/write/{event}", f"call/write/{session}"):
            heard: list[str] = []
            with suppress(httpx.RemoteProtocolError), stranger.http.stream("GET", route) as stream:
                heard += stream.iter_text()  # the server ends the stream of a session that does not exist
            assert "generating" not in "".join(heard)


def stop_by_session(stranger: Caller, page: Caller, handler: dict[str, Any], event: str) -> None:
    stranger.session = page.session
    stop(stranger)


@pytest.mark.parametrize("attack", [cancel, listen, stop_by_session])
@pytest.mark.parametrize("token", [None, "b" * 64])
def test_no_stranger_ends_or_reads_a_text(server: tuple[ManyVisitors, str], attack: Attack, token: str | None) -> None:
    with Caller(server[1], ADA) as page, Caller(server[1], token) as stranger:
        handler, event = write(page)
        attack(stranger, page, handler, event)
        assert length(page.listen(event)) == CHARACTERS


def test_its_reader_ends_a_text(server: tuple[ManyVisitors, str]) -> None:
    """Else the strangers above might have come too late to end it."""
    with Caller(server[1], ADA) as page:
        _, event = write(page)
        stop(page)
        assert length(page.listen(event)) < CHARACTERS


def test_what_a_session_remembers_is_the_visitors(server: tuple[ManyVisitors, str]) -> None:
    """A second caller of the same session name was given the first one's text, and could take it apart."""
    paste, edit = find(server[1], "paste"), find(server[1], "edit")
    wish = {"action": "encoding", "index": 0, "value": "latin-1"}
    with Caller(server[1], ADA) as page, Caller(server[1]) as stranger:
        stranger.session = page.session
        added = json.dumps(page.call(paste, [GREEK, NAME, None, ""]))
        key = "own:" + added.split("own:")[1][:12]
        assert NAME not in json.dumps(stranger.call(edit, [None, key], event_data=wish))
        assert key in {entry.key for entry in server[0].studio_of(ADA).corpora()}


@pytest.mark.parametrize(
    "route", ["deep_link?session_hash={session}", "stream/{session}/1/1/playlist.m3u8", "call/v2/status/{event}"]
)
def test_what_the_page_does_not_need_is_not_there(server: tuple[ManyVisitors, str], route: str) -> None:
    with Caller(server[1], ADA) as page:
        assert page.http.get(route.format(session=page.session, event="0" * 32)).status_code == 404
        for posted in ("component_server", "call/v2/status", "stream/x", "vibe-edit"):
            assert page.post(posted, data=[], session_hash=page.session).status_code == 404


def test_files_stand_where_nobody_can_guess(server: tuple[ManyVisitors, str], tmp_path: Path) -> None:
    visitors, address = server
    ada = visitors.studio_of(ADA)
    packed = {token: Path(visitors.studio_of(token).export_model("bundled:time_machine")) for token in (ADA, "c" * 64)}
    folders = [path.relative_to(visitors.exports).parts[0] for path in packed.values()]
    assert len(set(folders)) == 2
    assert all(len(folder) == 32 for folder in folders)
    assert visitor_name(ADA) not in str(packed[ADA])
    with Caller(address) as stranger:
        assert stranger.http.get(f"file={packed[ADA]}").status_code == 200  # whoever is given the link may have it
        for path in (visitors.exports, packed[ADA].parent, ada.store.home, *ada.store.home.iterdir()):
            assert stranger.http.get(f"file={path}").status_code in (403, 404)
        uploaded = Caller(address, ADA).http
        with uploaded:
            [path] = uploaded.post("upload", files={"files": ("a.txt", GREEK.encode())}).json()
        [again] = stranger.http.post("upload", files={"files": ("a.txt", b"x")}).json()
        assert len(Path(path).parent.name) == 64  # a digest of its content and of a secret of this machine
        assert Path(path).parent != Path(again).parent


def test_no_file_of_another_is_taken_for_an_upload(server: tuple[ManyVisitors, str]) -> None:
    visitors, address = server
    ada = visitors.studio_of(ADA)
    ada.add_text(f"{NAME}.txt", GREEK)
    kept = next(ada.store.home.rglob("*.txt"))
    upload = find(address, "upload")
    for path in (kept, Path("/etc/passwd"), kept.parent / ".." / "runs.db"):
        file = {"path": str(path), "orig_name": "a.txt", "meta": {"_type": "gradio.FileData"}}
        with Caller(address) as stranger:
            said = json.dumps(stranger.call(upload, [[file], "", None, ""]), ensure_ascii=False)
            assert "own:" not in said
            assert not re.search("[α-ω]{3}", said)
            assert visitors.studio_of(stranger.token).texts.entries()[-1].kind != "own"


def test_nobody_uploads_without_a_token(server: tuple[ManyVisitors, str]) -> None:
    with Caller(server[1], None) as nobody:
        assert nobody.http.post("upload", files={"files": ("a.txt", b"x")}).status_code == 429


def test_a_link_shows_a_curve_and_samples_and_nothing_else(server: tuple[ManyVisitors, str]) -> None:
    visitors, address = server
    studio = visitors.studio_of(ADA)
    corpus = studio.add_text(f"{NAME}.txt", GREEK)[0].key
    number = studio.start(corpus, PRESETS["quick"].replace(**TINY, max_steps=30))
    assert studio.wait(60)
    run_id = studio.runs.entry(number).id
    shown = find(address, "show_shared")
    with Caller(address, headers={RUN: run_id}) as friend:
        said = json.dumps(friend.call(shown, []), ensure_ascii=False)
        assert '"samples"' in said
        assert '\\"validation\\"' in said
        for secret in (corpus, corpus[4:], ADA, visitor_name(ADA), str(studio.store.home)):
            assert secret not in said
    studio.runs.discard(number)
    nothing = []
    for wrong in (
        run_id,
        run_id[:-1] + "x",
        "",
        "0" * 32,
        "%",
        "../runs.db",
        str(number),
        visitor_name(ADA),
        "x" * 900,
    ):
        with Caller(address, headers={RUN: wrong}) as stranger:
            nothing.append(json.dumps(stranger.call(shown, [])["data"]))
    assert set(nothing) == {nothing[0]}
    assert "no_such_run" in nothing[0]


def test_the_token_is_told_to_nobody(server: tuple[ManyVisitors, str], tmp_path: Path) -> None:
    visitors, address = server
    with Caller(address, ADA) as page:
        page.call(find(address, "tick"), [None, None])
        answers = [page.http.get("info").text, httpx.get(f"{address.removesuffix('gradio_api/')}config").text]
    assert not any(ADA in answer for answer in answers)
    files = [path for path in visitors.exports.parent.rglob("*") if path.is_file()]
    assert files
    assert not any(ADA.encode() in path.read_bytes() for path in files)
