"""The front door: `analytics.cli` plus what needs screens, `serve` and `demo`."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import logging
import os
import socket
import threading
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from analytics import caretaker, doorkeeper, watchkeeper  # noqa: F401  (their commands join the line)
from analytics.cli import app, errors, existing, spoken
from analytics.errors import ConfigError
from analytics.language import N_
from analytics.logs import log_from

if TYPE_CHECKING:
    from analytics.desk import Desk
    from dashboards.statics import Asgi

__all__ = ["app", "main"]  # docs are printed from the whole command line

PORT = 8622
TRIES = 20

HostOption = Annotated[str, typer.Option(help="Address to listen on; this machine only by default.")]
PortOption = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any free one.")]


@app.command()
@spoken
def serve(context: typer.Context, host: HostOption = "127.0.0.1", port: PortOption = PORT) -> None:
    """Own the home, keep its days counted, and show the screens."""
    from analytics.collect.serve import end_on_signal
    from analytics.desk import Desk

    end_on_signal()
    listening = _listen(host, port)
    desk = Desk(existing(context), "serve")
    try:
        desk.start()
        _run(desk, listening, opens=False)
    finally:
        desk.close()


@app.command()
@spoken
def demo(
    context: typer.Context,
    port: PortOption = PORT,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
    days: Annotated[int, typer.Option(min=2, max=400, help="Days of readers before today.")] = 90,
    until: Annotated[str, typer.Option(help="Fixed end of the data, RFC 3339; also TEARSHEET_NOW.")] = "",
    no_live: Annotated[bool, typer.Option("--no-live", help="Nobody reads but you.")] = False,
) -> None:
    """Start a demo newsroom in a home of its own and open it in the browser.

    Its readers go on reading while it runs; its pages stand at /sample/, to be read by hand.
    """
    from analytics import config
    from analytics.collect.serve import end_on_signal
    from analytics.desk import Desk
    from dashboards.demo import FOLDER, Feeder, prepare

    end_on_signal()

    def clock() -> dt.datetime:
        return config.utc(until, "--until") if until else config.now()

    folder: Path = context.obj.home or FOLDER
    if folder.resolve() == Path(config.DEFAULT_HOME).resolve():
        raise ConfigError(f"{folder} is for your own newsroom.", "The demo takes another folder.")
    listening = _listen("127.0.0.1", port, next_free=True)
    held, said = prepare(folder, days, clock())
    if said:
        errors.print(said, markup=False)
    os.environ["TEARSHEET_TRUSTED_PROXIES"] = "127.0.0.1"  # its readers say whence they come
    desk = Desk(folder, "demo", clock)
    is_live = not (no_live or until or os.environ.get("TEARSHEET_NOW"))
    feeder = Feeder(desk, held, listening.getsockname()[:2] if is_live else None)
    feeder.start()
    try:
        _run(desk, listening, opens=not no_browser, has_sample=True)
    finally:
        feeder.stop()
        desk.close()


def main() -> None:
    """Run the tearsheet command."""
    app()


def _listen(host: str, port: int, *, next_free: bool = False) -> socket.socket:
    """Take the port before anything is opened, so that a taken one is said at once."""
    for candidate in range(port, port + (TRIES if next_free and port else 1)):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, candidate))
            listening.listen()  # who asks while the screens are still being made waits, and is answered
        except OSError as fault:
            listening.close()
            reason = fault.strerror
            continue
        if candidate != port:
            errors.print(f"Port {port} is taken; this is {candidate}.")
        return listening
    raise ConfigError(f"{host}:{port} cannot be listened on: {reason}.", "Choose another with --port.")


def _run(desk: Desk, listening: socket.socket, *, opens: bool, has_sample: bool = False) -> None:
    """Serve until a signal comes; commands in front, screens behind."""
    from analytics import front
    from dashboards.app import create_app
    from dashboards.pages import overview

    log_from(logging.INFO)
    host, port = listening.getsockname()[:2]
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 comparing, not binding
    if has_sample:
        from dashboards.sample import FRONT, Sample

        screens: Asgi = Sample(create_app(desk, links=[(N_("Sample site"), FRONT)]), desk.clock)
    else:
        screens = create_app(desk)
    desk.doors.here = url
    desk.make_ready(*overview.first_looks(desk))
    server = front.server(desk, screens, desk.home.announce(url).token)
    errors.print(f"Tearsheet: {url}   (Ctrl-C ends it)", markup=False)
    if not desk.doors.is_claimed:
        link = f"{url}/claim?token={desk.doors.claim}"
        errors.print(f"Nobody has claimed this house yet. On this machine, open: {link}", markup=False)
    if opens:
        threading.Timer(1.0, lambda: webbrowser.open(url)).start()
    gc.collect()
    gc.freeze()  # a collection that walks over all that was imported stops everything for a tenth of a second
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
