"""Synthetic traffic of any size, written by SQL: what is measured is never how it came in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from analytics.config import Config, Site
from analytics.store import sites
from analytics.store.store import Store

SITE, ZONE = "bench.example", "Europe/Berlin"
DAYS, ARTICLES, AUTHORS, TOPICS = 90, 5_000, 60, 120
LAST_DAY = dt.date(2026, 5, 31)
NOW = dt.datetime(2026, 5, 31, 21, 30)  # the last day is still running


def make(folder: Path, views: int) -> Store:
    """Make a store with that many page views in 90 days, one beacon each, and its catalogue; nothing counted.

    Articles are read by a power law and age; visitors come back within a day; a third of a visitor's views
    follow the one before within minutes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder)
    sites.settle(store, Config(site={SITE: Site(timezone=ZONE)}), NOW)
    catalogue(store)
    for back in range(DAYS - 1, -1, -1):
        day(store, LAST_DAY - dt.timedelta(days=back), views // DAYS)
    return store


def catalogue(store: Store) -> None:
    """Write the catalogue of the site."""
    with store.write() as cursor:
        cursor.execute(
            f"""
            INSERT INTO articles (site_id, article_id, title, section, published_at, word_count, catalogued_at)
            SELECT '{SITE}', 'a' || i, 'Article ' || i, 'section ' || (i % 10),
                TIMESTAMP '{LAST_DAY}' - to_hours((i * {DAYS * 24} // {ARTICLES})), 300 + i % 900, '{NOW}'
            FROM range({ARTICLES}) AS t(i);
            INSERT INTO authors SELECT '{SITE}', 'u' || i, 'Author ' || i, NULL FROM range({AUTHORS}) AS t(i);
            INSERT INTO topics SELECT '{SITE}', 't' || i, 'Topic ' || i, 'tag' FROM range({TOPICS}) AS t(i);
            INSERT INTO article_authors SELECT '{SITE}', 'a' || i, 'u' || (i % {AUTHORS}), 1
            FROM range({ARTICLES}) AS t(i);
            INSERT INTO article_topics SELECT '{SITE}', 'a' || i, 't' || ((i * 7 + k) % {TOPICS}), k + 1
            FROM range({ARTICLES}) AS t(i), range(2) AS s(k);
            """
        )


def day(store: Store, day: dt.date, count: int, lasting_s: int = 86_340) -> None:
    """Write the traffic of one local day, so many seconds of it; its hours are marked, not counted."""
    with store.write() as cursor:
        cursor.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE drawn AS
            SELECT i, (hash(i, '{day}') // 2)::BIGINT AS h, hash(i // 3, '{day}', 1) AS person,
                timezone('UTC', timezone('{ZONE}', TIMESTAMP '{day}'))
                    + to_milliseconds((i // 3 * {3 * 1000 * lasting_s // max(count, 1)} + (i % 3) * 90_000)::BIGINT) AS moment
            FROM range({count}) AS t(i);
            INSERT INTO page_views BY NAME
            SELECT '{SITE}' AS site_id, md5(i || '{day}')::UUID AS event_id,
                moment AS event_at, moment AS received_at, DATE '{day}' AS day_local, 'tearsheet' AS format,
                '{day}-' || i AS view_id, 'a' || floor({ARTICLES} * pow((h % 100000) / 100000.0, 3))::INT AS article_id,
                person AS visitor,
                (['search', 'social', 'internal', 'direct', 'newsletter'])[1 + (h // 7) % 5] AS channel,
                (['Google', 'Facebook', 'Front page', 'Bing', 'Letter'])[1 + (h // 7) % 5] AS source,
                (['phone', 'desktop', 'tablet'])[1 + (h // 11) % 3] AS device,
                (['DE', 'AT', 'CH', 'US'])[1 + (h // 13) % 4] AS country, 'full' AS signal
            FROM drawn;
            INSERT INTO engagements BY NAME
            SELECT '{SITE}' AS site_id, md5(i || 'e{day}')::UUID AS event_id,
                moment + to_seconds((h // 17) % 120) AS event_at, event_at AS received_at, DATE '{day}' AS day_local,
                'tearsheet' AS format, '{day}-' || i AS view_id, person AS visitor,
                1000 * ((h // 17) % 120) AS engaged_ms, 'max' AS engaged_mode,
                (h // 19) % 101 AS body_scroll_pct, (h // 23) % 9 AS acts
            FROM drawn;
            INSERT INTO dirty_hours
            SELECT DISTINCT '{SITE}', date_trunc('hour', moment), DATE '{day}', 1 FROM drawn;
            DROP TABLE drawn
            """
        )
        cursor.execute("DELETE FROM sources")
        cursor.execute(
            "INSERT INTO sources SELECT site_id, format, 'views', min(event_at), max(event_at) FROM page_views GROUP BY ALL"
        )
