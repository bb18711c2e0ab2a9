"""The way out over the web: webhooks.

An address is written by people and must not lead into our own network: HTTPS only, the host is resolved once,
every address that is not public is refused, and the request goes to the address that was checked. Redirects
are not followed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec

from analytics.errors import UsageError
from analytics.language import _
from analytics.reports.send.faults import SendError

TIMEOUT_S = 10
MOST_ANSWER = 2 << 20
Resolve = Callable[[str, int], list[str]]


def masked(address: str) -> str:
    """Write an address so that nobody can use it: scheme and host only."""
    scheme, _colon, rest = address.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]
    return f"{scheme}://{host}/…" if scheme == "https" else f"{scheme}://…"


def check_webhook(address: str) -> str:
    """Check the form of a webhook's address.

    Raises:
        UsageError: It is no HTTPS address with a host.
    """
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as fault:
        raise UsageError(_("The webhook is no address."), _("Write https://host/path.")) from fault
    if url.scheme != "https" or not url.host or url.userinfo:
        raise UsageError(_("A webhook needs an address that begins with https://, without a login in it."))
    return str(url)


def public_address(host: str, port: int, resolve: Resolve | None = None) -> str:
    """Resolve a host once, and refuse it where any of its addresses is not public.

    Raises:
        SendError: It has none, or one of our own network.
    """
    try:
        found = (resolve or _resolve)(host, port)
    except OSError as fault:
        raise SendError(_("The host {host} cannot be found.", host=host)) from fault
    for text in found:
        at = ipaddress.ip_address(text.partition("%")[0])
        mapped = getattr(at, "ipv4_mapped", None)
        if not (mapped or at).is_global or (mapped or at).is_multicast:
            raise SendError(
                _("{host} is no public address: reports are not sent into networks.", host=host),
                is_lasting=True,
            )
    if not found:
        raise SendError(_("The host {host} cannot be found.", host=host))
    return found[0]


def post(
    address: str,
    body: Mapping[str, Any],
    key: str,
    *,
    resolve: Resolve | None = None,
    transport: httpx.BaseTransport | None = None,
) -> None:
    """Post JSON to a webhook.

    Args:
        address: Checked by `check_webhook`.
        body: The JSON.
        key: The same whenever this is sent: `Idempotency-Key`.
        resolve: Finds the addresses of a host.
        transport: Carries the request; the network by default.

    Raises:
        SendError: It was not taken.
    """
    url = httpx.URL(check_webhook(address))
    ip = public_address(url.host, url.port or 443, resolve)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Content-Type": "application/json",
        "User-Agent": "Tearsheet",
        "Idempotency-Key": key,
    }
    try:
        with (
            httpx.Client(timeout=TIMEOUT_S, transport=transport, trust_env=False) as client,
            client.stream(
                "POST",
                url.copy_with(host=ip),
                content=msgspec.json.encode(body),
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as answer,
        ):
            taken = 0
            for part in answer.iter_raw():
                taken += len(part)
                if taken > MOST_ANSWER:
                    break
            status = answer.status_code
    except httpx.HTTPError as fault:
        raise SendError(
            _(
                "The webhook {address} cannot be reached: {name}.",
                address=masked(address),
                name=type(fault).__name__,
            )
        ) from fault
    if status >= 300:
        is_lasting = status < 500 and status not in {408, 425, 429}
        raise SendError(
            _("The webhook {address} answered {status}.", address=masked(address), status=status),
            is_lasting=is_lasting,
        )


def _resolve(host: str, port: int) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
