"""Reference lists: devices and browsers, bots, countries, channels.

For one event (the collector) and as mappings for whole frames (imports resolve each distinct value
once and join). Knows neither Polars nor DuckDB, because the collector needs neither.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Literal
from urllib.parse import urlsplit

import crawleruseragents
import idna
import ua_parser

from analytics import language

Device = Literal["phone", "tablet", "desktop", "tv"]

# wire-formats.md G.4. TV stands first, since an Android TV says Android without Mobile; "Tablet PC"
# is what desktops with old Internet Explorers say.
_TV = re.compile(r"\btv\b|smart-?tv|hbbtv|appletv|googletv|\bbravia\b|\baft[a-z]{1,4}\b", re.IGNORECASE)
_TABLET = re.compile(r"iPad|Tablet(?! PC)|Android(?!.*Mobile)")
_PHONE = re.compile(r"Mobile|iPhone")
# wire-formats.md G.5; amp. and lm. lead to the same place as the host behind them
_PREFIX = re.compile(r"^(?:www|m|l|lm|out|amp)\.(?=.+\.)")
_ENDING = re.compile(r"(?:(?:co|com|net|org)\.)?[a-z]{2}")  # of a country: de, co.uk

_MEDIA = {
    "email": "newsletter",
    "newsletter": "newsletter",
    "push": "push",
    "cpc": "paid",
    "ppc": "paid",
    "display": "paid",
    "affiliate": "paid",
    "social": "social",
}
CLICK_IDS = {
    "gclid": ("Google", "paid"),
    "gbraid": ("Google", "paid"),
    "wbraid": ("Google", "paid"),
    "msclkid": ("Bing", "paid"),
    "yclid": ("Yandex", "paid"),
    "ttclid": ("TikTok", "paid"),
    "twclid": ("X", "paid"),
    "li_fat_id": ("LinkedIn", "paid"),
    "fbclid": ("Facebook", "social"),  # alone it is no proof of an ad
}


@dataclass(frozen=True, slots=True)
class Agent:
    """What a user agent tells. `browser` is family and major version; null where it tells nothing."""

    device: Device | None = None
    browser: str | None = None
    os: str | None = None


@dataclass(frozen=True, slots=True)
class Referrer:
    """A referring page: ASCII host and path; the query and the user are never kept."""

    host: str
    path: str


@dataclass(frozen=True, slots=True)
class WayIn:
    """How a reader came: one channel of the closed set, and the source within it, where it has a name."""

    channel: str
    source: str | None = None


@lru_cache(maxsize=10_000)
def agent_of(text: str | None) -> Agent:
    """Read device class, browser and system from a user agent; no agent tells nothing."""
    if not text:
        return Agent()
    found = ua_parser.parse(text)
    browser, system = found.user_agent, found.os
    name = " ".join(part for part in (browser.family, browser.major) if part) if browser else None
    return Agent(_device(text), name, system.family if system else None)


@lru_cache(maxsize=10_000)
def is_bot(agent: str) -> bool:
    """Tell whether a user agent is on the list of crawlers."""
    return bool(crawleruseragents.is_crawler(agent))


@cache
def bot_pattern() -> str:
    """Give the list of crawlers as one expression for whole frames; it hits what `is_bot` hits."""
    return "|".join(f"(?:{crawler['pattern']})" for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA)


def country_of(code: str | None) -> str | None:
    """Give the ISO 3166-1 alpha-2 code in capitals; what is none is unknown."""
    found = (code or "").strip().upper()
    return found if found in countries() else None


@cache
def countries() -> dict[str, str]:
    """Give the ISO 3166-1 alpha-2 codes with their English names."""
    return {row["code"]: row["name"] for row in _rows("countries.csv")}


def country_names() -> dict[str, str]:
    """Give the countries as the language of the request calls them: code -> name."""
    return language.named("territories", countries())


def language_names() -> dict[str, str]:
    """Give the languages as the language of the request calls them: code -> name."""
    return language.named("languages", languages())


@cache
def languages() -> dict[str, str]:
    """Give common ISO 639-1 codes with their English names."""
    return {row["code"]: row["name"] for row in _rows("languages.csv")}


def referrer_of(url: str | None) -> Referrer | None:
    """Read host and path of a referrer; null unless it is http, https or android-app."""
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname or ""
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in {"http", "https", "android-app"} or not host:
        return None
    return Referrer(host.lower(), parts.path or "/")


def way_in(
    referrer: Referrer | None,
    own_hosts: Collection[str],
    utm_medium: str | None = None,
    utm_source: str | None = None,
    click_ids: Collection[str] = (),
) -> WayIn:
    """Find channel and source of a view by the ordered table of wire-formats.md G.5; the first match wins.

    Args:
        referrer: Page that the reader came from; null is none or unreadable.
        own_hosts: Hosts of the site.
        utm_medium: Campaign medium as it came.
        utm_source: Campaign source as it came.
        click_ids: Names of the query parameters; those of advertisers count.

    Returns:
        newsletter, push, paid, social, internal, ai, search, email, other_site or direct, and the source.
    """
    campaign = _listed_source(utm_source)
    medium = (utm_medium or "").strip().lower()
    channel = "paid" if medium.startswith("paid") else _MEDIA.get(medium)
    if channel:
        return WayIn(channel, campaign.source if campaign else utm_source)
    clicked = next((CLICK_IDS[name] for name in CLICK_IDS if name in click_ids), None)
    if clicked:
        return WayIn(clicked[1], clicked[0])
    if campaign:
        return campaign
    if referrer is None:
        return WayIn("direct")
    if bare_host(referrer.host) in {bare_host(host.lower()) for host in own_hosts}:
        return WayIn("internal")
    return _listed(referrer.host, referrer.path) or WayIn("other_site", bare_host(referrer.host))


def is_spam(host: str) -> bool:
    """Tell whether a referring host is on the list of referrer spam, itself or by a domain above it."""
    labels = host.split(".")
    return any(".".join(labels[first:]) in _spam() for first in range(len(labels) - 1))


def bare_host(host: str) -> str:
    """Cut what leads to the same place: www, m, l, lm, out and amp in front."""
    return _PREFIX.sub("", host)


def _device(text: str) -> Device:
    if _TV.search(text):
        return "tv"
    if _TABLET.search(text):
        return "tablet"
    return "phone" if _PHONE.search(text) else "desktop"


def _listed_source(utm_source: str | None) -> WayIn | None:
    """Look a campaign source up as a host (chatgpt.com) or as the name of a source (facebook)."""
    text = (utm_source or "").strip().lower()
    return (_listed(text, "/") or _by_name().get(text)) if text else None


@lru_cache(maxsize=10_000)
def _listed(host: str, path: str) -> WayIn | None:
    """Find the longest listed suffix by whole labels; an entry with a path goes first."""
    table, with_path = _channels()
    for suffix in _suffixes(bare_host(host).split(".")):
        for place, way in with_path.get(suffix, ()):
            if path == place or path.startswith(f"{place}/"):
                return way
        if suffix in table:
            return table[suffix]
    return None


def _suffixes(labels: list[str]) -> Iterator[str]:
    """List what a host may stand under, longest first; `google.*` is google.de, google.co.uk and so on."""
    for first in range(len(labels)):
        yield ".".join(labels[first:])
        for last in (1, 2):
            if _ENDING.fullmatch(".".join(labels[-last:])) and first < len(labels) - last:
                yield ".".join(labels[first:-last]) + ".*"


@cache
def _channels() -> tuple[dict[str, WayIn], dict[str, list[tuple[str, WayIn]]]]:
    table: dict[str, WayIn] = {}
    with_path: dict[str, list[tuple[str, WayIn]]] = {}
    for row in _rows("channels.csv"):
        host, slash, path = row["suffix"].partition("/")
        way = WayIn(row["channel"], row["source"])
        if slash:
            with_path.setdefault(host, []).append((f"/{path}", way))
        else:
            table[host] = way
    return table, with_path


@cache
def _by_name() -> dict[str, WayIn]:
    return {way.source.lower(): way for way in _channels()[0].values() if way.source}


@cache
def _spam() -> frozenset[str]:
    return frozenset(row["suffix"] for row in _rows("referrer_spam.csv"))


def _rows(name: str) -> Iterator[dict[str, str]]:
    """Read a list that ships; its first line names origin, date and licence."""
    text = files("data").joinpath("reference", name).read_text(encoding="utf-8")
    return iter(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
