"""What stands in front of a desk: its one server, with every address in its order.

Readers' events come first, because nothing may hold them up; then commands of this machine, public
widgets, doors that bring their own key, the gate, and behind it programs and screens.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import msgspec
import structlog
import uvicorn

from analytics.alerts.doors import mutes
from analytics.api.app import Api
from analytics.api.leaving import unless_gone
from analytics.api.quack import Quack
from analytics.api.widgets import Widgets
from analytics.collect.app import create_collector
from analytics.collect.http import GoneError
from analytics.collect.serve import PatientServer, server_config
from analytics.commands import COMMANDS
from analytics.control.gate import Gate
from analytics.control.identity import COMMAND, acting
from analytics.desk import Desk
from analytics.door import WRONG_USAGE
from analytics.errors import TearsheetError, UsageError
from analytics.reports.doors import mails, stops

MAX_BODY = 1 << 20

log = structlog.get_logger()
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def server(desk: Desk, screens: App, token: str) -> uvicorn.Server:
    """Make the server of a desk.

    Args:
        desk: The open home.
        screens: The ASGI app of the screens.
        token: Of LOCK; commands must bring it.
    """
    gate = Gate(mails(desk.reports, Api(desk, screens)), desk.doors)
    inner = mutes(desk.alerts, stops(desk.reports, Quack(desk, gate)))
    public = Widgets(desk.store, desk.home.path, lambda: desk.described, inner, clock=desk.clock)
    app = create_collector(
        desk.home.path,
        desk.clock,
        inner=commands_in_front(public, desk, token),
        trouble=desk.not_ready,
        meters=desk.meters.text,
    )
    return PatientServer(server_config(app))


def commands_in_front(app: App, desk: Desk, token: str) -> App:
    """Answer `/_desk/<command>` before an ASGI app; everything else goes through.

    Only this machine may ask, with the token that stands in LOCK.
    """

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/_desk/"):
            await app(scope, receive, send)
            return
        try:
            status, answer = await _answer(desk, token, scope, receive)
        except GoneError:
            return
        body = msgspec.json.encode(answer)
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return dispatch


async def _answer(desk: Desk, token: str, scope: Scope, receive: Receive) -> tuple[int, Any]:
    headers = dict(scope["headers"])
    given = headers.get(b"authorization", b"").removeprefix(b"Bearer ")
    is_local = scope.get("client") is None or scope["client"][0] in {"127.0.0.1", "::1"}
    if not is_local or not hmac.compare_digest(given, token.encode()):
        return 401, {"error": "This address is for commands on the same machine.", "hint": ""}
    name = scope["path"].removeprefix("/_desk/")
    command = COMMANDS.get(name)
    if command is None:
        return 404, {"error": "There is no such command.", "hint": ""}
    try:
        body = await _body(receive)
        values = msgspec.json.decode(body or b"{}", type=dict[str, Any])
        with acting(COMMAND):
            running = asyncio.to_thread(command, desk, **values)
            if name == "sql":  # all others are done to their end, whoever waits for it
                running = unless_gone(running, lambda: desk.asking.stop(COMMAND), receive)
            return 200, await running
    except TearsheetError as refusal:
        status = WRONG_USAGE if isinstance(refusal, UsageError) else 409
        return status, {"error": refusal.message, "hint": refusal.hint}
    except (msgspec.DecodeError, TypeError) as fault:
        return 400, {"error": f"The command could not be read: {fault}.", "hint": ""}
    except GoneError:
        raise
    except Exception as fault:  # the edge of a request
        log.exception("command failed", command=scope["path"])
        return 500, {"error": f"The desk failed: {fault}.", "hint": "Its log says more."}


async def _body(receive: Receive) -> bytes:
    parts = bytearray()
    while True:
        message = await receive()
        parts += message.get("body", b"")
        if len(parts) > MAX_BODY:
            raise TearsheetError("The command is too long.")
        if not message.get("more_body"):
            return bytes(parts)
