"""Starts and ends the web page: host, port, who may enter, how much, and what happens on Ctrl-C."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NoReturn

from ..arguments import BAD_INPUT
from ..errors import DeepRNNError
from ..messages import message
from ..runs.limits import LOCAL, PUBLIC, Limits
from .options import is_space, parse

if TYPE_CHECKING:
    import gradio as gr
    from starlette.middleware import Middleware

    from ..runs.studio import Studio
    from ..runs.visitors import Visitors
    from .guard import Door

SAVE_SECONDS = 6.5  # of the 8 that a stop may take; the rest is for the process to end
LOOKS_AT_DISK = 600.0  # seconds between two looks at how full it is
LOOKS_AT_UPLOADS = 600  # and at how old uploaded files are
# Of what Gradio offers by itself: nothing leaves the machine, nothing is remembered that nobody asked for.
QUIET: dict[str, Any] = {
    "prevent_thread_lock": True,
    "quiet": True,
    "share": False,
    "ssr_mode": False,
    "mcp_server": False,
    "pwa": False,
    "run_history": False,
    "enable_monitoring": False,
    "show_error": False,
    "footer_links": [],
    "state_session_capacity": 500,  # browser tabs whose small state is remembered
}


def main(argv: Sequence[str] | None = None, program: str = "app.py") -> NoReturn:
    """Start the page and stay until Ctrl-C or SIGTERM; then save, and end the process.

    Args:
        argv: the command line without the program's name; None takes that of the process.
        program: what the user called it by.
    """
    options = parse(argv, program)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGINT, _end)
    code, visitors = 0, None
    try:
        visitors = open_visitors(options.home, options.device, public=options.public, track=options.track)
        _, url = launch(visitors, options.host, options.port, allowed=options.allow_host)
        sys.stdout.write(f"DeepRNN is ready: {url}\n")
        sys.stdout.flush()
        warm_up(visitors.studio_of(None))
        if options.auto_resume:
            visitors.go_on()
        while True:
            time.sleep(LOOKS_AT_DISK)
            with contextlib.suppress(OSError):  # what the disk refuses now it may allow later
                visitors.sweep()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except (DeepRNNError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        code = BAD_INPUT
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    saved = visitors is None or end_runs(visitors)
    sys.stdout.flush()
    sys.stderr.flush()
    # Open connections of browsers must not hold back the end: everything that matters is on the disk by now.
    os._exit(code if saved else 1)


def open_visitors(home: Path | None, device: str, *, public: bool, track: str | None = None) -> Visitors:
    """Open the studio of a folder on a device, or in public one for each visitor.

    Args:
        home: None takes the user's own.
        device: where networks train.
        public: whether the visitors are strangers to each other.
        track: what else is told of every run's records.

    Raises:
        InputError: there is no such device, or no such tracker.
    """
    from ..device import choose_device
    from ..home import home_folder
    from ..runs.store import Store
    from ..runs.studio import Studio
    from ..runs.tracking import check_tracker
    from ..runs.turns import Turns
    from ..runs.visitors import ManyVisitors, OneUser

    if track is not None:
        check_tracker(track)
    chosen, place = choose_device(device), home or home_folder()
    if not public:
        return OneUser(Studio(Store(place, track=track), chosen))
    turns = Turns(PUBLIC.slice_seconds)

    def open_studio(folder: Path, limits: Limits) -> Studio:
        exports = place / "exports" / secrets.token_hex(16)  # who knows a path there can have what stands there
        return Studio(Store(folder, exports=exports, track=track), chosen, turns, folder.name, limits)

    return ManyVisitors(place, open_studio)


def launch(
    visitors: Visitors, host: str = "127.0.0.1", port: int | None = None, *, allowed: Sequence[str] = ()
) -> tuple[gr.Blocks, str]:
    """Serve the page in the background.

    Args:
        visitors: who has which studio.
        host: address to listen on.
        port: None takes the first free one.
        allowed: further host names that the page answers to.

    Returns:
        the page, to be closed, and its address.

    Raises:
        OSError: the port is taken.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read by Gradio when it is imported, and later
    from .theme import looks
    from .wiring import build_app

    demo, limits = build_app(visitors).demo, visitors.limits
    door = make_door(host, allowed, os.environ, limits)
    demo.delete_cache = (LOOKS_AT_UPLOADS, limits.uploads_live_seconds)
    bypass_proxy(host, os.environ)
    _, url, _ = demo.launch(
        server_name=host,
        server_port=port,
        allowed_paths=[str(visitors.exports)],
        max_file_size=door.max_upload,
        app_kwargs={"middleware": make_layers(demo, door, visitors)},
        **QUIET,
        **looks(),
    )
    return demo, url


def make_layers(demo: gr.Blocks, door: Door, visitors: Visitors) -> list[Middleware]:
    """Return what a request goes through before Gradio sees it, the outermost first."""
    from starlette.middleware import Middleware

    from .early import EarlyHead
    from .guard import Guard
    from .sessions import Sessions
    from .theme import early_head

    layers = [Middleware(Guard, door=door)]
    if visitors.public:
        layers.append(Middleware(Sessions, queue=demo._queue, limits=visitors.limits))
    return [*layers, Middleware(EarlyHead, markup=early_head())]


def bypass_proxy(host: str, environment: MutableMapping[str, str]) -> None:
    """Keep the page's own address off any proxy: Gradio asks it once, and a proxy knows no loopback of ours."""
    old = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    names = [name.strip() for name in old.split(",") if name.strip()]
    names += [name for name in ("127.0.0.1", "localhost", host) if name not in names]
    environment["no_proxy"] = environment["NO_PROXY"] = ",".join(names)


def warm_up(studio: Studio) -> None:
    """Load the first model and let it write one token, so that the first reader does not wait for it."""
    from ..config import SamplingConfig
    from .frames import first_model

    model = first_model(studio.models())
    if model:
        with contextlib.suppress(DeepRNNError):  # a damaged model says so when it is asked to write
            next(studio.write(model, "", SamplingConfig(max_new_tokens=1)).tokens, None)


def end_runs(visitors: Visitors) -> bool:
    """Save what trains, and tell whether it was done in time; to its one user it is also said."""
    return visitors.close(SAVE_SECONDS) if visitors.public else end_run(visitors.studio_of(None))


def end_run(studio: Studio) -> bool:
    """Save the run if there is one, say so in one line, and tell whether it was done in time."""
    from ..runs.job import ACTIVE

    active = studio.run().state in ACTIVE
    in_time = studio.close(SAVE_SECONDS)
    if active:
        view = studio.run()
        step = view.last.step if view.last else 0
        saved = f"run:{view.number}:best" in {entry.key for entry in studio.models()}
        said = message("run_not_saved", number=view.number, step=step)
        if saved:
            said = message("run_saved", number=view.number, step=step, folder=str(studio.store.home))
        elif in_time and not step:
            said = message("status_nothing_learnt")
        with contextlib.suppress(OSError):  # a terminal that is gone must not hold back the end
            sys.stderr.write(f"{said}\n")
    return in_time


def make_door(host: str, allowed: Sequence[str], environment: Mapping[str, str], limits: Limits = LOCAL) -> Door:
    """Return who may enter and with how much, given the address that the page listens on."""
    from .guard import EVERYWHERE, LOOPBACK, Door

    names = {*LOOPBACK, *(name.lower() for name in allowed)}
    everywhere = host in EVERYWHERE
    names.add(socket.gethostname().lower() if everywhere else host.lower())
    if is_space(environment):
        names.add(environment.get("SPACE_HOST", ".hf.space").lower())
    return Door(frozenset(names), everywhere, limits.request_bytes, limits.upload_bytes)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(130 if number == signal.SIGINT else 0)
