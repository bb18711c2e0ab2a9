"""What rows share, worked out once each: agents, countries, pages, ways in, days. Then joined back.

A million rows hold a few thousand agents and quarters of an hour; Python sees only those.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb
import polars as pl

from analytics import reference
from analytics.collect.pages import UTM, Rule, page_of
from analytics.errors import EventError
from analytics.imports.keys import Place
from analytics.imports.mapping import EventMap, Mapping
from analytics.periods import day_begins
from analytics.urls import article_id_of

QUARTER_US = 900_000_000  # offsets since 1972 are multiples of 15 minutes: each lies in one local day
MAX_TEXT = 2000
_TEXT = pl.String()


@dataclass(slots=True)
class Lookups:
    """Joins to put behind `FROM rows`, and the columns that they bring.

    Attributes:
        joins: JOIN clauses.
        columns: Column of an events table -> expression.
    """

    joins: list[str] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


def look_up(
    connection: duckdb.DuckDBPyConnection, mapping: Mapping, texts: dict[str, str], place: Place
) -> Lookups:
    """Make the tables of what the rows share; rows whose page is none, or that are bots, get their fate.

    Args:
        connection: With the table `rows`.
        mapping: The mapping.
        texts: Field -> column of `rows`.
        place: Site, zone, keys.
    """
    found = Lookups()
    if "user_agent" in texts:
        _agents(connection, found, texts["user_agent"], drops_bots=mapping.source.bots == "drop")
    if "country" in texts:
        _countries(connection, found, texts["country"])
    if "url" in texts:
        _pages(connection, found, texts["url"], place.rule)
    if "referrer" in texts:
        _ways(connection, found, texts["referrer"], place.hosts, has_pages="url" in texts)
    section = mapping.section
    lasting = not isinstance(section, EventMap) or section.visitor is not None
    _days(connection, found, place, lasting=lasting)
    return found


def _agents(connection: duckdb.DuckDBPyConnection, found: Lookups, column: str, *, drops_bots: bool) -> None:
    names = _distinct(connection, column)
    agents = [reference.agent_of(name) for name in names]
    frame = pl.DataFrame(
        {
            "text": names,
            "device": [agent.device for agent in agents],
            "browser": [agent.browser for agent in agents],
            "os": [agent.os for agent in agents],
        },
        dict.fromkeys(("text", "device", "browser", "os"), _TEXT),
    )
    _keep(connection, "agents", frame)
    found.joins.append(f"LEFT JOIN agents ON agents.text = rows.{column}")
    found.columns |= {name: f"agents.{name}" for name in ("device", "browser", "os")}
    if drops_bots:
        bots = frame.filter(pl.col("text").str.contains(reference.bot_pattern())).select("text")
        _keep(connection, "bots", bots)
        # An empty agent is a bot from a browser's route, but here it is a source that kept none.
        connection.execute(
            f"UPDATE rows SET fate = 'drop:bot' FROM bots WHERE fate IS NULL AND rows.{column} = bots.text"
        )


def _countries(connection: duckdb.DuckDBPyConnection, found: Lookups, column: str) -> None:
    names = _distinct(connection, column)
    codes = [reference.country_of(name) for name in names]
    _keep(
        connection, "countries", pl.DataFrame({"text": names, "code": codes}, {"text": _TEXT, "code": _TEXT})
    )
    found.joins.append(f"LEFT JOIN countries ON countries.text = rows.{column}")
    found.columns["country"] = "countries.code"


def _pages(connection: duckdb.DuckDBPyConnection, found: Lookups, column: str, rule: Rule) -> None:
    names = _distinct(connection, column)
    schema = dict.fromkeys(("text", "url", "page_id", "commented_id", "refusal", "clicks", *UTM), _TEXT)
    _keep(connection, "pages", pl.DataFrame([_page(name, rule) for name in names], schema, orient="row"))
    connection.execute(
        f"UPDATE rows SET fate = refusal FROM pages WHERE fate IS NULL AND rows.{column} = pages.text "
        "AND refusal IS NOT NULL"
    )
    found.joins.append(f"LEFT JOIN pages ON pages.text = rows.{column}")
    found.columns |= {name: f"pages.{name}" for name in ("url", "page_id", "commented_id", *UTM)}


def _page(text: str, rule: Rule) -> tuple[str | None, ...]:
    try:
        page = page_of(text, rule)
    except EventError as refusal:
        return (text, None, None, None, refusal.code, None, *(None for _ in UTM))
    commented_id = article_id_of(page.url) if page.url else None
    clicks = " ".join(page.clicks) or None
    return (text, page.url, page.article_id, commented_id, None, clicks, *page.campaign)


def _ways(
    connection: duckdb.DuckDBPyConnection,
    found: Lookups,
    column: str,
    hosts: Iterable[str],
    *,
    has_pages: bool,
) -> None:
    """Find channel and source of each pair of referrer and campaign.

    No referrer is direct here: the file has the column, so it would tell.
    """
    campaign = ("utm_medium", "utm_source", "clicks") if has_pages else ()
    asked = ", ".join([f"rows.{column} AS text", *(f"pages.{name}" for name in campaign)])
    pairs = connection.execute(
        f"SELECT DISTINCT {asked} FROM rows {' '.join(join for join in found.joins if ' pages ' in join)} "
        "WHERE fate IS NULL"
    ).pl()
    own = tuple(hosts)
    rows = [_way(own, *pair) for pair in pairs.rows()]
    schema = dict.fromkeys(("host", "path", "channel", "source"), _TEXT)
    _keep(connection, "ways", pairs.hstack(pl.DataFrame(rows, schema, orient="row")))
    same = [f"ways.text IS NOT DISTINCT FROM rows.{column}"]
    same += [f"ways.{name} IS NOT DISTINCT FROM pages.{name}" for name in campaign]
    found.joins.append(f"LEFT JOIN ways ON {' AND '.join(same)}")
    found.columns |= {"referrer_host": "ways.host", "referrer_path": "ways.path"}
    found.columns |= {"channel": "ways.channel", "source": "ways.source"}


def _way(
    own: tuple[str, ...],
    text: str | None,
    medium: str | None = None,
    campaign: str | None = None,
    clicks: str | None = None,
) -> tuple[str | None, ...]:
    referrer = reference.referrer_of(text)
    way = reference.way_in(referrer, own, medium, campaign, (clicks or "").split())
    host, path = (referrer.host, referrer.path[:MAX_TEXT]) if referrer else (None, None)
    return (host, path, way.channel, way.source)


def _days(connection: duckdb.DuckDBPyConnection, found: Lookups, place: Place, *, lasting: bool) -> None:
    """Give every quarter of an hour its local day, and the keys of its visitors."""
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE quarters AS
        SELECT quarter, make_timestamp(quarter * $us) AS began,
            timezone($zone, timezone('UTC', make_timestamp(quarter * $us)))::DATE AS day
        FROM (SELECT DISTINCT epoch_us(event_at) // $us AS quarter FROM rows WHERE fate IS NULL)
        """,
        {"us": QUARTER_US, "zone": place.zone},
    )
    days = connection.execute("SELECT DISTINCT day FROM quarters ORDER BY day").pl()["day"].to_list()
    before = dt.timedelta(days=1)
    frame = pl.DataFrame(
        {
            "day": days,
            # visitor_prev is filled in the first 30 minutes of a local day only (wire-formats.md G.7)
            "early": [day_begins(day, place.zone) + dt.timedelta(minutes=30) for day in days],
            "key": [place.day_key(day, lasting=lasting) for day in days],
            "key_before": [place.day_key(day - before, lasting=lasting) for day in days],
        },
        {"day": pl.Date(), "early": pl.Datetime("us"), "key": _TEXT, "key_before": _TEXT},
    )
    connection.register("frame", frame)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE days AS
        SELECT quarter, day, key, CASE WHEN began < early THEN key_before END AS key_before
        FROM quarters JOIN frame USING (day)
        """
    )
    connection.unregister("frame")
    found.joins.append(f"JOIN days ON days.quarter = epoch_us(rows.event_at) // {QUARTER_US}")
    found.columns["day_local"] = "days.day"


def _distinct(connection: duckdb.DuckDBPyConnection, column: str) -> list[str]:
    frame = connection.execute(f"SELECT DISTINCT {column} AS text FROM rows WHERE {column} IS NOT NULL").pl()
    return frame["text"].to_list()


def _keep(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    connection.register("frame", frame)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM frame")
    connection.unregister("frame")
