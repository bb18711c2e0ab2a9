"""The sites as the collector works with them: settings made ready, and what their addresses say, cached."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import lru_cache
from zoneinfo import ZoneInfo

from analytics import reference
from analytics.collect import pages, settings
from analytics.collect.networks import Networks, networks_of
from analytics.collect.pages import Page, Rule
from analytics.reference import Referrer, WayIn
from analytics.zones import zone_of

CACHED = 4096  # distinct addresses, and referrers; at 2,000 characters each some MB at most
Came = tuple[Referrer | None, WayIn, str | None]  # the page before, channel and source, host of a spammer


@dataclass(frozen=True, slots=True, eq=False)
class KnownSite:
    """One site, ready for use. Equal only to itself, so that changed settings empty the caches.

    Attributes:
        id: Name of the site.
        settings: As they stand in the file.
        zone: Decides its days.
        rule: How it reads addresses.
        excluded: Paths whose events are not wanted.
        staff: Networks of the newsroom.
        blocked: Networks that do not count.
        spam: Hosts of spam referrers beside the list.
        rules_off: Drop rules that do not hold here.
        latest: The local day of this quarter of an hour, as `today` found it.
    """

    id: str
    settings: settings.Site
    zone: ZoneInfo
    rule: Rule
    excluded: re.Pattern[str] | None
    staff: Networks
    blocked: Networks
    spam: frozenset[str]
    rules_off: frozenset[str]
    latest: dict[tuple[int, int, int, int], dt.date] = field(default_factory=dict, repr=False)

    def page(self, url: str, *, hash_mode: bool = False) -> Page:
        """Read an address of this site.

        Raises:
            EventError: It is none.
        """
        return _page(self, url, hash_mode)

    def owns(self, origin: str) -> bool:
        """Tell whether an Origin header names one of its hosts."""
        return _owns(self, origin)

    def way_in(self, referrer: str | None, page: Page) -> Came:
        """Find where a reader came from."""
        return _way_in(self, referrer, page.campaign[0], page.campaign[1], page.clicks)

    def day(self, at: dt.datetime) -> dt.date:
        """Give the local day of a time in naive UTC."""
        return self.local(at).date()

    def today(self, now: dt.datetime) -> dt.date:
        """Give the local day of now: the same as `day`, but asked with every event, so kept for a while."""
        # No zone turns its day or its clock within a quarter of an hour.
        quarter = (now.month, now.day, now.hour, now.minute // 15)
        kept = self.latest.get(quarter)
        if kept is None:
            self.latest.clear()
            kept = self.latest[quarter] = self.day(now)
        return kept

    def local(self, at: dt.datetime) -> dt.datetime:
        """Give the local time of a time in naive UTC."""
        return at.replace(tzinfo=dt.UTC).astimezone(self.zone)


def known_sites(file: settings.Settings) -> dict[str, KnownSite]:
    """Make the sites of a settings file ready."""
    return {name: _known(file, name) for name in file.sites}


def reading(file: settings.Settings, name: str, *, words: bool = False) -> Rule:
    """Give the rule by which a site reads its addresses; `words` as in Rule."""
    site = file.sites[name]
    return Rule(
        hosts=site.hosts or (name,),
        keep=site.keep,
        moved=site.moved or None,
        endings=site.endings,
        articles=pages.pattern_of(site.articles),
        listings=pages.pattern_of(site.listings),
        words=words,
    )


def _known(file: settings.Settings, name: str) -> KnownSite:
    site = file.sites[name]
    return KnownSite(
        id=name,
        settings=site,
        zone=zone_of(site.zone),
        rule=reading(file, name),
        excluded=pages.pattern_of(site.excluded_paths),
        staff=networks_of(site.staff_networks),
        blocked=networks_of(site.blocked_networks),
        spam=frozenset(reference.bare_host(host.lower()) for host in site.spam_referrers),
        rules_off=frozenset(site.rules_off),
    )


@lru_cache(maxsize=CACHED)
def _page(site: KnownSite, url: str, hash_mode: bool) -> Page:
    return pages.page_of(url, site.rule, hash_mode=hash_mode)


@lru_cache(maxsize=CACHED)
def _owns(site: KnownSite, origin: str) -> bool:
    return pages.is_on(origin, site.rule.hosts)


@lru_cache(maxsize=CACHED)
def _way_in(
    site: KnownSite,
    referrer: str | None,
    utm_source: str | None,
    utm_medium: str | None,
    clicks: tuple[str, ...],
) -> Came:
    found = reference.referrer_of(referrer)
    way = reference.way_in(found, site.rule.hosts, utm_medium, utm_source, clicks)
    host = reference.bare_host(found.host) if found else ""
    return found, way, host if host and (host in site.spam or reference.is_spam(host)) else None
