"""The canonical URL: one address for all the ways in which one page is linked.

Pure, and without any engine, because the collector runs it before its queue. Steps in the order of
wire-formats.md D.3; w3lib does the percent-encoding and the dot segments, and these are what it
leaves alone (checked): NFC, `:443`, `//` inside paths (kept here too: a server may mean it).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from hashlib import blake2b
from urllib.parse import SplitResult, parse_qsl, unquote_to_bytes, urlencode, urlsplit

import idna
from w3lib.url import canonicalize_url

from analytics.errors import EventError

MAX_URL = 2000  # wire-formats.md A.1: `u`
KEEP = frozenset({"p", "page_id", "id", "article", "story"})  # queries that name an article: D.3
_KEPT_VALUE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ASCII_HOST = re.compile(r"[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?")
_ESCAPED = re.compile(r"(?:%[89a-fA-F][0-9a-fA-F])+")  # escapes of non-ASCII letters


def canonical(
    url: str,
    hosts: Collection[str] = (),
    keep: Collection[str] = (),
    moved: Mapping[str, str] | None = None,
    endings: Collection[str] = (),
) -> str:
    """Give the one address of a page.

    Args:
        url: Absolute address as it came.
        hosts: Hosts of the site; empty takes any host, as imports do.
        keep: Names of query parameters that name an article on this site, beside KEEP.
        moved: AMP and mobile hosts of the site -> the host that they stand for.
        endings: Ends of a path to cut, such as `/amp` or `/index.html`; a trailing slash always goes.

    Returns:
        An address with https, without user, default port, `www.`, fragment and foreign query.

    Raises:
        EventError: `bad_url`, `too_long`, or `host` where it is on none of `hosts`.
    """
    if len(url) > MAX_URL:
        raise EventError("too_long", f"The address is longer than {MAX_URL} characters.")
    try:
        parts = _split(url)
        netloc = _netloc(parts, moved or {})
        if hosts and not {netloc, netloc.rpartition(":")[0]} & _netlocs(tuple(hosts)):
            raise EventError("host", "The address is on none of the site's hosts.")
        query = _kept(parts.query, KEEP | set(keep))
        whole = canonicalize_url(f"https://{netloc}{_composed(parts.path)}{'?' if query else ''}{query}")
    except (ValueError, UnicodeError) as fault:  # urlsplit and idna raise both
        raise _bad() from fault
    return _cut(whole, endings)


def article_id_of(canonical_url: str) -> str:
    """Give the id of an article that is known by its canonical address only."""
    digest = blake2b(canonical_url.encode(), digest_size=8).hexdigest()
    return f"u-{digest}"


def _split(url: str) -> SplitResult:
    text = unicodedata.normalize("NFC", url.strip())
    text.encode()  # a lone surrogate raises here
    if any(sign < " " or sign == "\x7f" for sign in text):
        raise _bad()
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _bad()
    return parts


def _netloc(parts: SplitResult, moved: Mapping[str, str]) -> str:
    host = _ascii_host(parts.hostname or "")
    host = _bare(_ascii_host(moved[host]) if host in moved else host)
    usual = {443, 80} if parts.scheme == "http" else {443}
    port = parts.port  # raises ValueError above 65535
    return host if port is None or port in usual else f"{host}:{port}"


@lru_cache(maxsize=256)
def _netlocs(hosts: tuple[str, ...]) -> set[str]:
    return {_netloc(urlsplit(f"//{host}"), {}) for host in hosts}


def _bare(host: str) -> str:
    return host.removeprefix("www.")


def _ascii_host(host: str) -> str:
    host = host.lower().removesuffix(".")
    if ":" in host:
        return f"[{host.strip('[]')}]"
    if host.isascii():
        # idna refuses the underscore, which real hosts have.
        if not _ASCII_HOST.fullmatch(host) or ".." in host:
            raise _bad()
        return host
    return idna.encode(host, uts46=True).decode()


def _kept(query: str, names: Collection[str]) -> str:
    pairs = parse_qsl(query, keep_blank_values=False, max_num_fields=None)
    return urlencode(sorted((k, v) for k, v in pairs if k in names and _KEPT_VALUE.fullmatch(v)))


def _composed(path: str) -> str:
    """Bring escaped letters into NFC too: e + combining accent is one page with its single sign."""
    return unicodedata.normalize("NFC", _ESCAPED.sub(_compose_one, path)) if "%" in path else path


def _compose_one(found: re.Match[str]) -> str:
    try:
        return unquote_to_bytes(found[0]).decode()
    except UnicodeDecodeError:
        return found[0]


def _cut(url: str, endings: Collection[str]) -> str:
    head, mark, query = url.partition("?")
    for ending in endings:
        head = head.removesuffix("/").removesuffix(ending)
    base = head.rstrip("/;")  # an empty `;` is lost by w3lib only where no slash follows
    # Behind `https://host` the root keeps its slash.
    head = base if base.count("/") > 2 else f"{base}/"
    return head + mark + query


def _bad() -> EventError:
    return EventError("bad_url", "This is no address of a page.", "Give a whole http or https URL.")
