"""Addresses and networks: whose request this is, and which list it stands on.

An address lives here and in `enrich` only, for as long as its request, and is never written, logged or kept
in a cache. It is its packed bytes, four or sixteen: the address objects of the standard library cost more
than all that is asked of them here.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_network

from analytics.errors import ConfigError

Address = bytes
MAX_HOPS = 20  # no honest chain of proxies is longer
MAPPED = bytes(10) + b"\xff\xff"  # IPv4 inside IPv6
LOOPBACK_6 = bytes(15) + b"\x01"


@dataclass(frozen=True, slots=True)
class Network:
    """Addresses with the same first bits."""

    length: int
    first: int
    mask: int

    def holds(self, address: Address) -> bool:
        """Tell whether an address is in it."""
        return len(address) == self.length and int.from_bytes(address) & self.mask == self.first


Networks = tuple[Network, ...]


def networks_of(texts: Iterable[str]) -> Networks:
    """Read addresses and networks.

    Raises:
        ConfigError: One is neither.
    """
    found = []
    for text in texts:
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError as fault:
            raise ConfigError(f"{text!r} is no address or network.", "Write it like 192.0.2.0/24.") from fault
        length = network.max_prefixlen // 8
        found.append(Network(length, int(network.network_address), int(network.netmask)))
    return tuple(found)


def address_of(text: str) -> Address | None:
    """Read one address; IPv4 inside IPv6 is IPv4; a port and a zone are cut; None where it is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    colons = text.count(":")
    try:
        if colons < 2:
            return socket.inet_pton(socket.AF_INET, text.partition(":")[0] if colons else text)
        packed = socket.inet_pton(socket.AF_INET6, text.partition("%")[0])
    except (OSError, ValueError):
        return None
    return packed[12:] if packed.startswith(MAPPED) else packed


def text_of(address: Address) -> str:
    """Write an address, for the one look-up that wants text."""
    return socket.inet_ntop(socket.AF_INET if len(address) == 4 else socket.AF_INET6, address)


def is_loopback(address: Address | None) -> bool:
    """Tell whether an address is this machine's own."""
    return address is not None and (address == LOOPBACK_6 or (len(address) == 4 and address[0] == 127))


def is_in(address: Address | None, networks: Networks) -> int:
    """Find an address in a list; its place counts from 1, 0 is nowhere.

    The place and not the network is what a drop rule names: a network of one address is an address.
    """
    if address is None:
        return 0
    return next((place for place, network in enumerate(networks, 1) if network.holds(address)), 0)


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
    if not forwarded or (peer and not is_in(here, proxies)):
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
    return address[:8] if address else b""
