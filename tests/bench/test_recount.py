"""Recounting: all days, one day, one hour, against the same group-bys run bare by DuckDB."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from analytics.jobs import counting, rollups
from analytics.jobs.reading import Run, read
from analytics.jobs.recount import recount
from analytics.jobs.visitors import recount_visitors
from analytics.load.door import one
from analytics.metrics import VIEWS, FormulaSettings, bases_of
from analytics.periods import Period
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import spent, tell

pytestmark = pytest.mark.bench

ROUNDS = 5

# What a rollup must find out at least: hours, days by five dimensions, readers by eight, sessions.
BARE = (
    "SELECT date_trunc('hour', event_at), article_id, count(*) FROM page_views WHERE {when} GROUP BY ALL",
    "SELECT day_local, article_id, channel, source, device, country, count(*) FROM page_views WHERE {when} GROUP BY ALL",
    *(
        f"SELECT day_local, {name}, count(DISTINCT visitor) FROM page_views WHERE {{when}} GROUP BY ALL"
        for name in ("site_id", "article_id", "channel", "device", "country")
    ),
    *(
        f"SELECT day_local, b.{key}, count(DISTINCT visitor) FROM page_views AS v JOIN {bridge} AS b "
        "USING (site_id, article_id) WHERE {when} GROUP BY ALL"
        for bridge, key in (("article_authors", "author_id"), ("article_topics", "topic_id"))
    ),
    """
    SELECT day_local, section, count(DISTINCT visitor) FROM page_views AS v
    JOIN articles AS a USING (site_id, article_id) WHERE {when} GROUP BY ALL
    """,
    """
    SELECT day_local, sum((gap IS NULL OR gap > INTERVAL 30 MINUTE)::INT) FROM (
        SELECT day_local, event_at - lag(event_at) OVER (PARTITION BY visitor, day_local ORDER BY event_at) AS gap
        FROM page_views WHERE {when}) GROUP BY ALL
    """,
    "SELECT view_id, max(engaged_ms), max(body_scroll_pct), max(acts) FROM engagements WHERE {when} GROUP BY ALL",
)


def _bare(counted: Counted, when: str) -> float:
    with counted.store.read() as cursor, spent() as cost:
        for question in BARE:
            cursor.execute(question.format(when=when)).pl()
    return cost.cpu


def _touch(counted: Counted, day: dt.date, number: int) -> None:
    """Let one in a hundred readers of a day load another page, and mark them as a load does."""
    with counted.store.write() as cursor:
        cursor.execute(
            """
            CREATE OR REPLACE TEMP TABLE came AS
            SELECT * REPLACE (uuid() AS event_id, view_id || '-' || $number AS view_id,
                event_at + to_seconds(60 + $number) AS event_at)
            FROM page_views WHERE day_local = $day AND hash(view_id, $number) % 100 = 0 AND view_id NOT LIKE '%-%-%-%-%'
            """,
            {"day": day, "number": number},
        )
        cursor.execute("INSERT INTO page_views FROM came")
        gen = one(cursor, "SELECT nextval('load_gen')")
        cursor.execute(
            "INSERT INTO dirty_hours SELECT DISTINCT site_id, date_trunc('hour', event_at), $day, $gen FROM came",
            {"day": day, "gen": gen},
        )
        cursor.execute(
            "INSERT INTO dirty_parts SELECT DISTINCT site_id, $day, 'visitor', visitor, NULL, $gen FROM came",
            {"day": day, "gen": gen},
        )


def test_recounting_costs_a_few_times_the_bare_group_bys(counted: Counted) -> None:
    day = traffic.LAST_DAY - dt.timedelta(days=3)
    run = Run(traffic.SITE, Period(day, day, traffic.ZONE), 1, FormulaSettings(), 10**9)
    rounds, counts, touched = [], [], []
    for number in range(ROUNDS):  # now and then one of them waits for the store to fold its log in
        _touch(counted, day, 2 * number)
        with spent() as cost:
            recount(counted.store, run, traffic.NOW)
        rounds.append(cost)
        with counted.store.read() as cursor:
            rows = read(cursor, run)
        with spent() as cost:
            frames = counting.count(rows, run, traffic.NOW).frames
            counting.sums(frames["view_facts"], frames["sessions"], rows)
        counts.append(cost)
        _touch(counted, day, 2 * number + 1)
        with spent() as cost:
            views = recount_visitors(counted.store, run, traffic.NOW)
        touched.append(cost)
    one_day, one_count, one_touched = (
        sorted(each, key=lambda cost: cost.cpu)[ROUNDS // 2] for each in (rounds, counts, touched)
    )
    facts = counted.store.frame("FROM view_facts WHERE day_local = $day", day=day)
    hour = facts.filter(pl.col("hour_at") == facts["hour_at"].mode()[0])
    with spent() as one_hour:
        rollups.article_hours(rollups.counted(hour).lazy()).collect()
    with counted.store.read() as cursor, spent() as hour_bare:
        picks = ", ".join(f"count({base.value or '*'})" for base in bases_of(VIEWS))
        cursor.execute(
            f"SELECT article_id, {picks} FROM view_facts WHERE hour_at = $hour AND day_local = $day GROUP BY ALL",
            {"hour": hour["hour_at"][0], "day": day},
        ).pl()
    all_bare, day_bare = _bare(counted, "true"), _bare(counted, f"day_local = DATE '{day}'")
    tell(
        f"Recount at {counted.views // 1_000_000} M views",
        f"{traffic.DAYS} days, {traffic.ARTICLES:,} articles, one beacon a view. A recount reads events, makes "
        "facts, sessions, rollups and readers, and replaces what changed: of the one day, before each of the rounds, one "
        "view in a hundred is new. Who changed is recounted alone where nothing else did. The reference is the same group-bys by DuckDB, with nothing stored.",
        ("what", "views", "recount, CPU s", "bare, CPU s", "ratio"),
        [
            (
                "all days",
                f"{counted.views:,}",
                f"{counted.full.cpu:.1f}",
                f"{all_bare:.2f}",
                f"{counted.full.cpu / all_bare:.1f}",
            ),
            (
                "one day",
                f"{facts.height:,}",
                f"{one_day.cpu:.3f}",
                f"{day_bare:.3f}",
                f"{one_day.cpu / day_bare:.1f}",
            ),
            (
                "of which facts, sessions, readers, sums",
                f"{facts.height:,}",
                f"{one_count.cpu:.3f}",
                f"{day_bare:.3f}",
                f"{one_count.cpu / day_bare:.1f}",
            ),
            (
                "one day, who changed",
                f"{views or 0:,}",
                f"{one_touched.cpu:.3f}",
                f"{day_bare:.3f}",
                f"{one_touched.cpu / day_bare:.1f}",
            ),
            (
                "one hour's articles, from facts",
                f"{hour.height:,}",
                f"{one_hour.cpu:.4f}",
                f"{hour_bare.cpu:.4f}",
                f"{one_hour.cpu / hour_bare.cpu:.1f}",
            ),
        ],
        goal="at 10 M views the hour's articles under 0.1 s of CPU, the day's facts, sessions and readers under 0.5 s.",
    )

    assert views
    assert counted.full.cpu < 20 * all_bare
