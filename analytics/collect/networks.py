"""Addresses and networks: whose request this is, and which list it stands on.

An address lives here and in `enrich` only, in memory, and is never written or logged.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from analytics.errors import ConfigError

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
MAX_HOPS = 20  # no honest chain of proxies is longer


def networks_of(texts: Iterable[str]) -> Networks:
    """Read addresses and networks.

    Raises:
        ConfigError: One is neither.
    """
    found = []
    for text in texts:
        try:
            found.append(ip_network(text.strip(), strict=False))
        except ValueError as fault:
            raise ConfigError(f"{text!r} is no address or network.", "Write it like 192.0.2.0/24.") from fault
    return tuple(found)


def address_of(text: str) -> Address | None:
    """Read one address; IPv4 inside IPv6 is IPv4; a port and a zone are cut; None where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def is_in(address: Address | None, networks: Networks) -> int:
    """Find an address in a list; its place counts from 1, 0 is nowhere.

    The place and not the network is what a drop rule names: a network of one address is an address.
    """
    if address is None:
        return 0
    return next((place for place, network in enumerate(networks, 1) if address in network), 0)


@lru_cache(maxsize=4096)
def client_of(peer: str | None, forwarded: str, proxies: Networks) -> Address | None:
    """Find whose request it is: the right-most hop that is no trusted proxy.

    Args:
        peer: Who is connected to us; None behind a Unix socket, which only a proxy of ours can be.
        forwarded: X-Forwarded-For as it came.
        proxies: Whom to believe.

    Returns:
        The address; what stands left of a hop that cannot be read is not believed.
    """
    here = address_of(peer) if peer else None
    if peer and not is_in(here, proxies):
        return here
    for hop in reversed(forwarded.split(",")[-MAX_HOPS:]):
        found = address_of(hop)
        if found is None:
            break
        here = found
        if not is_in(found, proxies):
            break
    return here


def visitor_part(address: Address | None) -> bytes:
    """Give what of an address makes a visitor: IPv4 whole, IPv6 its /64, which is one household."""
    if address is None:
        return b""
    return address.packed[:8] if address.version == 6 else address.packed
