"""The sites of a home: from tearsheet.toml into tables at every start, and back as values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import msgspec

from analytics.config import Config, Site
from analytics.errors import ConfigError, did_you_mean
from analytics.language import _
from analytics.metrics import FormulaSettings
from analytics.periods import local_day
from analytics.store.archive.parts import EVENTS, mark_all
from analytics.store.memory import CATALOGUE
from analytics.store.store import Store

FIRST_DAY = dt.date(1970, 1, 1)  # version 1 holds for all history


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site as the store knows it: domain, name on screen, IANA zone, hosts of its pages."""

    site_id: str
    name: str
    zone: str
    hosts: list[str]


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of a site's formula settings, in force from a local day on."""

    site_id: str
    version: int
    from_day: dt.date
    settings: FormulaSettings


def sites(store: Store) -> list[SiteRow]:
    """List the sites, by id."""
    question = "SELECT site_id, name, zone, hosts FROM sites ORDER BY site_id"
    rows = store.memo("sites", lambda: store.frame(question), of=[CATALOGUE])  # every panel asks for them
    return [SiteRow(**row) for row in rows.to_dicts()]


def site(store: Store, name: str | None) -> SiteRow:
    """Find a site; it may be left unnamed where there is one.

    Raises:
        ConfigError: There is no such site, none at all, or several to choose from.
    """
    known = {each.site_id: each for each in sites(store)}
    if name is None and len(known) == 1:
        return next(iter(known.values()))
    if not known:
        raise ConfigError(
            _("This home has no site yet."),
            _("Make one: tearsheet init --site news.example --timezone Europe/Berlin"),
        )
    if name is None:
        raise ConfigError(
            _("This home has several sites."), _("Choose with --site: {words}.", words=", ".join(known))
        )
    if name.lower() not in known:
        raise ConfigError(
            _("There is no site {name!r}.", name=name),
            f"{did_you_mean(name, known)} "
            + _("Or make it: tearsheet init --site {name} --timezone ZONE", name=name),
        )
    return known[name.lower()]


def definitions(store: Store) -> dict[str, list[Definition]]:
    """List the definition versions of every site, by site."""
    found: dict[str, list[Definition]] = {}
    for row in store.frame("SELECT * FROM definitions ORDER BY site_id, version").to_dicts():
        row["settings"] = msgspec.json.decode(row["settings"], type=FormulaSettings)
        found.setdefault(row["site_id"], []).append(Definition(**row))
    return found


def settle(store: Store, config: Config, now: dt.datetime) -> None:
    """Bring the tables in line with the file.

    A changed formula opens a new definition version from today on; history stays as it was counted.
    A changed zone moves every event to its new local day and makes all of them dirty.

    Args:
        store: The open store.
        config: What the file says.
        now: Naive UTC.
    """
    known = {each.site_id: each for each in sites(store)}
    versions = definitions(store)
    changed = {
        name: wanted
        for name, wanted in config.site.items()
        if name not in known or not _stands(store, known[name], wanted, versions.get(name, []))
    }
    if not changed:  # a command that only reads writes nothing
        return
    with store.write() as cursor:
        for name, wanted in changed.items():
            if name in known and known[name].zone != wanted.timezone:
                _move_days(cursor, name, wanted.timezone)
            _write_site(cursor, name, wanted)
            _write_definition(cursor, name, wanted, versions.get(name, []), now)


def _stands(store: Store, known: SiteRow, wanted: Site, versions: list[Definition]) -> bool:
    """Tell whether the tables hold already what the file says of a site."""
    days = store.frame("SELECT day_local, why FROM excluded_days WHERE site_id = $site", site=known.site_id)
    gaps = store.frame(
        "SELECT began, ended, edit_id FROM collection_gaps WHERE site_id = $site", site=known.site_id
    ).rows()
    of_file = {(_naive(gap.began), _naive(gap.ended)) for gap in wanted.collection_gaps}
    by_hand = {(began, ended) for began, ended, edit in gaps if edit is not None}
    return (
        known == _row(known.site_id, wanted)
        and dict(days.rows()) == dict(wanted.excluded_days)
        and {(began, ended) for began, ended, edit in gaps if edit is None} == of_file - by_hand
        and bool(versions)
        and versions[-1].settings == wanted.settings()
    )


def _row(name: str, wanted: Site) -> SiteRow:
    return SiteRow(name, wanted.name or name, wanted.timezone, list(wanted.hosts or (name, f"www.{name}")))


def settle_staff(store: Store, site_id: str, people: Sequence[int]) -> None:
    """Keep the keyed hashes of the newsroom's own commenters; writes only where they changed."""
    known = store.frame("SELECT commenter FROM staff_commenters WHERE site_id = $site", site=site_id)
    if sorted(known["commenter"]) == list(people):
        return
    with store.write() as cursor:
        cursor.execute("DELETE FROM staff_commenters WHERE site_id = $site", {"site": site_id})
        cursor.execute(
            "INSERT INTO staff_commenters SELECT $site, unnest($people::VARCHAR[])::UBIGINT",
            {"site": site_id, "people": [str(each) for each in people]},
        )


def _write_site(cursor: duckdb.DuckDBPyConnection, name: str, wanted: Site) -> None:
    for table, of_file in (("sites", ""), ("excluded_days", ""), ("collection_gaps", "AND edit_id IS NULL")):
        cursor.execute(f"DELETE FROM {table} WHERE site_id = $site {of_file}", {"site": name})
    row = _row(name, wanted)
    cursor.execute(
        "INSERT INTO sites VALUES ($site, $name, $zone, $hosts)",
        {"site": row.site_id, "name": row.name, "zone": row.zone, "hosts": row.hosts},
    )
    for day, why in wanted.excluded_days.items():
        cursor.execute(
            "INSERT INTO excluded_days VALUES ($site, $day, $why)", {"site": name, "day": day, "why": why}
        )
    for gap in wanted.collection_gaps:
        cursor.execute(
            "INSERT INTO collection_gaps (site_id, began, ended) SELECT $site, $began, $ended "
            "WHERE NOT EXISTS (FROM collection_gaps "
            "WHERE site_id = $site AND began = $began AND ended = $ended)",
            {"site": name, "began": _naive(gap.began), "ended": _naive(gap.ended)},
        )


def _write_definition(
    cursor: duckdb.DuckDBPyConnection, name: str, wanted: Site, known: list[Definition], now: dt.datetime
) -> None:
    settings = wanted.settings()
    if known and known[-1].settings == settings:
        return
    begins = local_day(now, wanted.timezone) if known else FIRST_DAY
    # Today is counted anew under it; days before stay as they were counted.
    cursor.execute(
        """
        INSERT INTO dirty_hours
        SELECT site_id, day_local::TIMESTAMP, day_local, 0 FROM rolled_days
        WHERE site_id = $site AND day_local >= $day
        """,
        {"site": name, "day": begins},
    )
    cursor.execute(
        "INSERT INTO definitions VALUES ($site, $version, $day, $settings)",
        {
            "site": name,
            "version": len(known) + 1,
            "day": begins,
            "settings": msgspec.json.encode(settings).decode(),
        },
    )


def _move_days(cursor: duckdb.DuckDBPyConnection, name: str, zone: str) -> None:
    values = {"site": name, "zone": zone}
    for table in EVENTS:
        cursor.execute(
            f"""
            UPDATE {table} SET day_local = timezone($zone, timezone('UTC', event_at))::DATE
            WHERE site_id = $site
            """,
            values,
        )
        mark_all(cursor, table, name)
    hours = " UNION ".join(
        f"SELECT time_bucket(INTERVAL 15 MINUTE, event_at) AS moment FROM {t} WHERE site_id = $site"
        for t in EVENTS
    )
    cursor.execute("DELETE FROM dirty_hours WHERE site_id = $site", {"site": name})
    cursor.execute(
        f"""
        INSERT INTO dirty_hours
        SELECT DISTINCT $site, moment - (local - date_trunc('hour', local)), local::DATE, 0
        FROM (SELECT moment, timezone($zone, timezone('UTC', moment)) AS local FROM ({hours}))
        UNION
        SELECT site_id, day_local::TIMESTAMP, day_local, 0 FROM rolled_days WHERE site_id = $site
        """,
        values,
    )


def _naive(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at
