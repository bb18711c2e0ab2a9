"""What the collector is told: `collector.json` in the home, written by the desk, read again when it changes.

Beside the salts and the key for ids this is all that a collector reads. Where the file is missing the sites
of tearsheet.toml hold with the defaults, so that `init` and `collect` are enough to begin.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import structlog

from analytics import config
from analytics.collect.networks import networks_of
from analytics.errors import ConfigError
from analytics.zones import zone_of

FILE = "collector.json"
DAY_S = 86_400
LOOK_EVERY_S = 1.0  # a stat a second, not one an event
Scope = Literal["alerts", "ingest", "catalog", "comments", "notes", "read", "reports", "sql", "sql:export"]
Positive = Annotated[int, msgspec.Meta(ge=0)]

log = structlog.get_logger()


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An API key; only its hash is kept.

    Attributes:
        hash: SHA-256 of the key, hex.
        scopes: What it opens.
        sites: For which sites.
        until: When it is over, naive UTC; None for never.
    """

    hash: str
    scopes: tuple[Scope, ...]
    sites: tuple[str, ...]
    until: dt.datetime | None = None


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """How one site wants its events.

    Attributes:
        zone: IANA zone that decides its days.
        hosts: Hosts whose pages belong to it; the site's own name where none are given.
        keep: Names of query parameters that name an article, beside those of `urls.KEEP`.
        moved: AMP and mobile hosts -> the host that they stand for.
        endings: Ends of a path to cut, such as `/amp`.
        articles: Patterns of paths (`*` stands for anything) that are articles; none: the common rule.
        listings: Patterns of paths that are never articles.
        excluded_paths: Patterns of paths whose events are not wanted at all.
        staff_networks: Networks of the newsroom itself.
        blocked_networks: Networks whose events do not count.
        spam_referrers: Hosts beside the list that ships.
        rules_off: Drop rules that do not hold here: a reason such as `bot`, or one rule, `bot:monitoring`.
        gpc: What Sec-GPC does: the view stays nameless (`anonymous`), goes (`drop`), or nothing (`ignore`).
        reader_ids: Whether ids of consented readers are kept, as keyed hashes.
        visitor_rate: Events a minute of one visitor; none: that of the collector; 0: no limit.
        site_rate: Events a minute of the whole site; 0: no limit.
        comment_limit: Longest comment, in code points.
        comments_from_page: What unsigned states are worth: `pending`; as they say, `trust`; nothing, `off`.
        comment_text_store: Whether the text of comments is kept.
        comment_secret: Secret of signed comments; empty: none are taken.
    """

    zone: str
    hosts: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    moved: dict[str, str] = {}
    endings: tuple[str, ...] = ()
    articles: tuple[str, ...] = ()
    listings: tuple[str, ...] = ()
    excluded_paths: tuple[str, ...] = ()
    staff_networks: tuple[str, ...] = ()
    blocked_networks: tuple[str, ...] = ()
    spam_referrers: tuple[str, ...] = ()
    rules_off: tuple[str, ...] = ()
    gpc: Literal["anonymous", "drop", "ignore"] = "anonymous"
    reader_ids: bool = False
    visitor_rate: Positive | None = None
    site_rate: Positive = 0
    comment_limit: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 512
    comments_from_page: Literal["pending", "trust", "off"] = "pending"
    comment_text_store: bool = False
    comment_secret: str = ""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What bounds the collector.

    Attributes:
        visitor_rate: Events a minute of one visitor; 0: no limit. Also TEARSHEET_VISITOR_RATE.
        trusted_proxies: Addresses or networks whose X-Forwarded-For counts; also TEARSHEET_TRUSTED_PROXIES.
        dedup_window_s: How late a retry may come and still count once.
        reserve_bytes: Free disk below which nothing is taken; None: the larger of 1 GiB and 5 %. Also
            TEARSHEET_RESERVE_MB, in MiB.
        queue_events: Events waiting for the disk at most.
        queue_bytes: Bytes of them at most.
    """

    visitor_rate: Positive = 60  # wire-formats.md A.2
    trusted_proxies: tuple[str, ...] = ()
    dedup_window_s: Positive = 7 * DAY_S  # engine-notes.md 2.3
    reserve_bytes: Positive | None = None
    queue_events: Positive = 20_000
    queue_bytes: Positive = 32 << 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file."""

    sites: dict[str, Site] = {}
    keys: tuple[Key, ...] = ()
    limits: Limits = Limits()


def of_home(described: config.Config) -> Settings:
    """Make settings of what the file of a home says, with the defaults for the rest.

    Raises:
        ConfigError: A `collect` section names something unknown or of a wrong type.
    """
    keys = tuple(Key(hash=each.hash, scopes=each.scopes, sites=each.sites) for each in described.key.values())
    return Settings(sites={name: _of_site(name, site) for name, site in described.site.items()}, keys=keys)


def _of_site(name: str, site: config.Site) -> Site:
    told = {"zone": site.timezone, "hosts": site.hosts, "comment_limit": site.settings().comment_limit}
    try:
        return msgspec.convert({**site.collect, **told}, Site)
    except msgspec.ValidationError as fault:
        raise ConfigError(f"{config.FILE}: collect of {name}: {fault}.") from fault


def read(home: Path, environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings of a home.

    Args:
        home: Folder of the home.
        environ: May hold TEARSHEET_VISITOR_RATE, TEARSHEET_RESERVE_MB and TEARSHEET_TRUSTED_PROXIES, which
            win.

    Raises:
        ConfigError: The file, a zone, a network or a variable is not as it must be.
    """
    path = home / FILE
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Settings)
    except FileNotFoundError:
        found = of_home(config.read(home))
    except (msgspec.DecodeError, UnicodeDecodeError) as fault:
        raise ConfigError(
            f"{path} cannot be read: {fault}.", "The desk writes it; start the desk."
        ) from fault
    except OSError as fault:
        raise ConfigError(f"{path} cannot be read: {fault.strerror}.") from fault
    for site in found.sites.values():
        zone_of(site.zone)
        networks_of(site.staff_networks + site.blocked_networks)
    return msgspec.structs.replace(found, limits=_limits(found.limits, environ))


def write(home: Path, settings: Settings) -> None:
    """Write the settings by atomic rename; secrets stand in them, so only the owner may read.

    Raises:
        ConfigError: The file cannot be written.
    """
    path = home / FILE
    fresh = path.with_name(f"{FILE}.{secrets.token_hex(4)}.new")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(settings)))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as fault:
        fresh.unlink(missing_ok=True)
        raise ConfigError(f"{path} cannot be written: {fault.strerror}.") from fault


class Watched:
    """The settings of a home as they stand now. A broken file changes nothing: the last good one holds."""

    def __init__(
        self,
        home: Path,
        environ: Mapping[str, str] = os.environ,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Read them.

        Raises:
            ConfigError: They cannot be read.
        """
        self._home, self._environ, self._ticks = home, environ, ticks
        self._stamp = self._stamped()
        self._looked = ticks()
        self.settings = read(home, environ)

    def changed(self) -> bool:
        """Look whether the file changed, at most once a second; if so, `settings` are new."""
        now = self._ticks()
        if now - self._looked < LOOK_EVERY_S:
            return False
        self._looked = now
        stamp = self._stamped()
        if stamp == self._stamp:
            return False
        self._stamp = stamp
        try:
            self.settings = read(self._home, self._environ)
        except ConfigError as fault:
            log.error("collector settings kept", reason=str(fault))  # noqa: TRY400 the sentence is enough
            return False
        return True

    def _stamped(self) -> tuple[tuple[int, int, int], ...]:
        stamps = []
        for name in (FILE, config.FILE):
            try:
                found = (self._home / name).stat()
            except OSError:
                stamps.append((0, 0, 0))
            else:
                stamps.append((found.st_mtime_ns, found.st_ino, found.st_size))
        return tuple(stamps)


def _limits(limits: Limits, environ: Mapping[str, str]) -> Limits:
    rate = _number(environ, "TEARSHEET_VISITOR_RATE", "Events a minute; 0: no limit.")
    if rate is not None:
        limits = msgspec.structs.replace(limits, visitor_rate=rate)
    reserve = _number(environ, "TEARSHEET_RESERVE_MB", "MiB of free disk; 0: the disk may run full.")
    if reserve is not None:
        limits = msgspec.structs.replace(limits, reserve_bytes=reserve << 20)
    proxies = environ.get("TEARSHEET_TRUSTED_PROXIES")
    if proxies is not None:
        limits = msgspec.structs.replace(limits, trusted_proxies=tuple(proxies.replace(",", " ").split()))
    networks_of(limits.trusted_proxies)
    return limits


def _number(environ: Mapping[str, str], name: str, meaning: str) -> int | None:
    text = environ.get(name, "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{name}={text!r} is no number.", meaning)
    return int(text)
