"""The gate: one ASGI class in front of screens, callbacks, streams and API. Nobody is somebody without it.

In this order: the host must be ours, a write must come from our own pages, who asks must be known. Public
are only the ways in, and what they are drawn with. Readers' events, health, widgets and the tracker are
answered before the gate, by doors of their own.

What a browser brings is a cookie, what a program brings is a header: a request with a key is never asked for
its origin, and its cookies do not count.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import msgspec

from analytics.collect.http import App, Message, Receive, Scope, Send
from analytics.collect.networks import address_of, is_in, is_loopback
from analytics.control.doors import Asked, Doors
from analytics.control.identity import NOBODY, Identity, acting
from analytics.errors import StoreError

PUBLIC = ("/assets/", "/_dash-component-suites/", "/_favicon.ico", "/favicon.ico", "/robots.txt")
WAYS_IN = ("/sign-in", "/sign-out", "/claim", "/join/", "/s/", "/door.css")
SAFE = {"GET", "HEAD", "OPTIONS"}
OF_A_LINK = ("/_dash-layout", "/_dash-dependencies", "/_dash-update-component", "/stream/")
PROGRAMS = ("/_", "/api/", "/stream/", "/download/")  # answered in JSON, and never sent elsewhere
MOST_COOKIES = 8 << 10
SESSION, LINK = "tearsheet", "tearsheet-link"
LOOPBACK_NAMES = {"localhost", "127.0.0.1", "::1"}
BARE = (
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)


class Gate:
    """ASGI: lets in who may come in, and tells the app behind who that is."""

    def __init__(self, inner: App, doors: Doors) -> None:
        """Stand in front of an app."""
        self.inner, self.doors = inner, doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in {"http", "websocket"}:
            await self.inner(scope, receive, send)
            return
        headers = _headers(scope)
        refusal = self._refusal(scope, headers)
        identity = NOBODY
        try:
            identity = NOBODY if refusal else await self._who(scope, headers)
        except StoreError as fault:
            refusal = 503, "unavailable", str(fault)
        refusal = refusal or self._closed_to(scope, headers, identity)
        if refusal and scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        elif refusal:
            await _answer(scope, headers, send, *refusal)
        else:
            with acting(identity):
                await self.inner(scope, receive, self._watched(scope, headers, identity, send))

    # --- who may pass ---------------------------------------------------------------------------------------

    def _refusal(self, scope: Scope, headers: Mapping[str, str]) -> tuple[int, str, str] | None:
        """Refuse what nobody may send; gives status, code and sentence."""
        host = _name_of(headers.get("host", ""))
        if not (host in LOOPBACK_NAMES or host in self.doors.hosts or _is_address(host)):
            return (
                421,
                "wrong_host",
                (
                    f"This desk does not answer to {host[:80] or 'no name'}. "
                    "Name the address under [sign_in] in tearsheet.toml."
                ),
            )
        if len(headers.get("cookie", "")) > MOST_COOKIES:
            return 431, "too_large", "The browser sends too many cookies. Clear those of this site."
        if not _is_plain(scope["path"]):
            return 404, "not_found", "There is no such address."
        if _is_foreign(scope, headers):
            return 403, "other_site", "This request came from another site."
        if not self.doors.is_claimed and not self._is_here(scope, headers):
            return (
                403,
                "not_claimed",
                (
                    "Nobody has claimed this house yet. Open the link that it printed at its start, on its "
                    "own machine; or add somebody there: tearsheet user add."
                ),
            )
        return None

    def _closed_to(
        self, scope: Scope, headers: Mapping[str, str], identity: Identity
    ) -> tuple[int, str, str] | None:
        path = str(scope["path"])
        if path.startswith((*PUBLIC, *WAYS_IN)):
            return None
        if identity.kind == "nobody":
            if "authorization" in headers:
                return 401, "unknown_key", "This key is not known, or it is over."
            return 401, "not_signed_in", "Sign in first, or bring a key: Authorization: Bearer KEY."
        if identity.kind == "link" and not _is_of_link(scope, identity):
            return 403, "not_allowed", "This link shows one view and nothing else."
        return None

    async def _who(self, scope: Scope, headers: Mapping[str, str]) -> Identity:
        asked = self.asked(scope, headers)
        known = self.doors.remembered(asked)
        return known if known is not None else await asyncio.to_thread(self.doors.whoever, asked)

    def asked(self, scope: Scope, headers: Mapping[str, str]) -> Asked:
        """Take from a request what says who asks."""
        peer = scope["client"][0] if scope.get("client") else None
        forwarded = headers.get("x-forwarded-for", "")
        if "authorization" in headers:
            kind, _, key = headers["authorization"].partition(" ")
            return Asked(peer, forwarded, key=key.strip()[:200] if kind.lower() == "bearer" else "-")
        header = self.doors.settings.proxy.header.lower()
        is_signed = bool(header) and (peer is None or is_in(address_of(peer), self.doors.signing) > 0)
        cookies = cookies_of(headers.get("cookie", ""))
        return Asked(
            peer,
            forwarded,
            named=headers.get(header, "").strip()[:254] if is_signed else "",
            session=cookies.get(cookie_name(SESSION, is_https=is_https(self.doors, scope, headers)), ""),
            link=cookies.get(cookie_name(LINK, is_https=is_https(self.doors, scope, headers)), ""),
        )

    def _is_here(self, scope: Scope, headers: Mapping[str, str]) -> bool:
        """Tell whether who asks sits at this machine, with nothing in between."""
        peer = scope["client"][0] if scope.get("client") else None
        is_forwarded = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
        return is_loopback(address_of(peer or "")) and not is_forwarded

    # --- on the way out -------------------------------------------------------------------------------------

    def _watched(self, scope: Scope, headers: Mapping[str, str], identity: Identity, send: Send) -> Send:
        """Add what every answer bears, and end a stream when who watches it has gone."""
        is_public = str(scope["path"]).startswith(PUBLIC)
        by_https = is_https(self.doors, scope, headers)
        asked = self.asked(scope, headers)

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower() for name, _ in message.get("headers", [])}
                more = []
                if not is_public and b"cache-control" not in given:
                    more.append((b"cache-control", b"private, no-store"))
                if by_https:
                    more.append((b"strict-transport-security", b"max-age=31536000"))
                message = dict(message, headers=[*message.get("headers", []), *more])
            elif message.get("more_body") and self.doors.remembered(asked) is None:
                now = await asyncio.to_thread(self.doors.whoever, asked)
                if now.kind != identity.kind or now.id != identity.id:
                    raise OSError("signed out")  # what a server raises when the browser has left
            await send(message)

        return sent


def is_https(doors: Doors, scope: Scope, headers: Mapping[str, str]) -> bool:
    """Tell whether the browser came by https, also where a web server in front ended it."""
    mine = urlsplit(doors.settings.address)
    is_mine = mine.scheme == "https" and _name_of(headers.get("host", "")) == mine.hostname
    return is_mine or scope.get("scheme") in {"https", "wss"}


def cookie_name(name: str, *, is_https: bool) -> str:
    """Name a cookie: over https no other host and no plain page can set it."""
    return f"__Host-{name}" if is_https else name


def cookie(name: str, value: str, *, is_https: bool, lasts_s: int | None = None) -> str:
    """Write a cookie that scripts cannot read and other sites do not send; an empty value takes it away."""
    parts = [f"{cookie_name(name, is_https=is_https)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    parts += ["Secure"] if is_https else []
    if not value:
        lasts_s = 0
    return "; ".join([*parts, *([f"Max-Age={lasts_s}"] if lasts_s is not None else [])])


def cookies_of(text: str) -> dict[str, str]:
    """Read cookies; of one name that comes twice the first, which is the most specific."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value.strip('"'))
    return found


def local_address(text: str) -> str:
    """Give where to go next: an address of this house, else its front page."""
    parts = urlsplit(text) if text.isprintable() and len(text) <= 4_000 else None
    is_ours = parts is not None and not parts.scheme and not parts.netloc and text.startswith("/")
    is_ours = is_ours and not text.startswith(("//", "/\\", *WAYS_IN)) and "\\" not in text
    return text if is_ours else "/"


def _headers(scope: Scope) -> dict[str, str]:
    """Give headers by name; of one that comes twice the last, but forwarding ones and cookies joined."""
    found: dict[str, str] = {}
    for raw_name, raw in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw.decode("latin-1")
        joint = {"cookie": "; ", "x-forwarded-for": ", "}.get(name)
        found[name] = f"{found[name]}{joint}{value}" if joint and name in found else value
    return found


def _name_of(host: str) -> str:
    """Take the port off a Host header, and bring it into lower case."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].rstrip(".")


def _is_address(host: str) -> bool:
    """Tell a bare address, which no foreign name server can bend to this machine."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_plain(path: str) -> bool:
    """Refuse a path that another reader could take for a different one."""
    return path.isprintable() and "\\" not in path and not {".", ".."} & set(path.split("/"))


def _is_foreign(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Tell a write that none of our own pages sent; a browser always says where it comes from."""
    is_read = scope["type"] == "http" and scope["method"] in SAFE
    if is_read or "authorization" in headers:
        return False
    site, origin = headers.get("sec-fetch-site", ""), headers.get("origin", "")
    if site and site != "same-origin":
        return True
    if origin:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    return not site and not headers.get("content-type", "").startswith("application/json")


def _is_of_link(scope: Scope, identity: Identity) -> bool:
    path = str(scope["path"])
    is_read = scope["type"] == "http" and scope["method"] in SAFE
    if is_read or (scope["type"] == "http" and (scope["method"], path) == ("POST", OF_A_LINK[2])):
        return path == urlsplit(identity.address).path or path.startswith(OF_A_LINK)
    return False


async def _answer(
    scope: Scope, headers: Mapping[str, str], send: Send, status: int, code: str, sentence: str
) -> None:
    """Say no: to a person by the way in or a plain sentence, to a program in JSON."""
    path = str(scope["path"])
    more: list[tuple[bytes, bytes]] = [*BARE]
    body = sentence.encode()
    media = b"text/plain; charset=utf-8"
    is_page = scope["method"] in {"GET", "HEAD"} and not path.startswith(PROGRAMS)
    if status == 401 and is_page and "authorization" not in headers:
        query = bytes(scope.get("query_string", b"")).decode("latin-1")
        here = quote(path, safe="/") + (f"?{query}" if query else "")
        after = f"?next={quote(here, safe='')}" if here != "/" else ""
        status, body = 303, b""
        more.append((b"location", f"/sign-in{after}".encode("latin-1", "replace")))
    elif not is_page:
        media = b"application/json"
        message, _, hint = sentence.partition(". ")
        body = msgspec.json.encode({"error": code, "message": message.rstrip(".") + ".", "hint": hint})
    if status == 401:
        more.append((b"www-authenticate", b"Bearer"))
    more += [(b"content-type", media), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": more})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
