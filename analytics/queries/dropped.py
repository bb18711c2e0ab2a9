"""The filter ledger: what rules kept out of the counts, and what the counts would be with it."""

from __future__ import annotations

import polars as pl

from analytics.periods import Period
from analytics.store.store import Store


def dropped(store: Store, site_id: str, period: Period) -> pl.DataFrame:
    """Count what each rule kept out; only the last 30 days are kept.

    Args:
        store: The open store.
        site_id: The site.
        period: Local days of the events.

    Returns:
        reason, rule (null where the reason has one only), events, page_loads (Int64: loads of pages among
        them), views (Int64: loads of articles), counted (page loads that count in these days), if_included
        (both), largest first.
    """
    return store.frame(
        """
        WITH counted AS (
            SELECT coalesce(sum(page_loads), 0)::BIGINT AS n FROM dimension_days
            WHERE site_id = $site AND dimension = 'site' AND day_local BETWEEN $first AND $last)
        SELECT d.reason, d.rule, count(*)::BIGINT AS events,
            count(*) FILTER (d.of_table = 'page_views')::BIGINT AS page_loads,
            count(*) FILTER (d.of_table = 'page_views' AND (d.event->>'article_id') IS NOT NULL
                AND coalesce(a.kind, 'article') <> 'page')::BIGINT AS views,
            any_value(c.n) AS counted, any_value(c.n) + page_loads AS if_included
        FROM dropped_hits AS d CROSS JOIN counted AS c
        LEFT JOIN article_aliases AS l ON l.site_id = d.site_id AND l.alias = (d.event->>'article_id')
        LEFT JOIN articles AS a
            ON a.site_id = d.site_id AND a.article_id = coalesce(l.article_id, d.event->>'article_id')
        WHERE d.site_id = $site AND d.day_local BETWEEN $first AND $last
        GROUP BY d.reason, d.rule ORDER BY events DESC, d.reason, d.rule
        """,
        site=site_id,
        first=period.first,
        last=period.last,
    )


def loads(store: Store, site_id: str, period: Period) -> int:
    """Count the loads of pages that rules kept out; see `dropped`."""
    found = store.frame(
        """
        SELECT count(*)::BIGINT AS n FROM dropped_hits
        WHERE site_id = $site AND of_table = 'page_views' AND day_local BETWEEN $first AND $last
        """,
        site=site_id,
        first=period.first,
        last=period.last,
    )
    return int(found.item())


def samples(store: Store, site_id: str, period: Period, most: int = 12) -> pl.DataFrame:
    """Show events that rules kept out: one of each rule first, then the latest.

    Returns:
        received_at (naive UTC), reason, rule, page (path), browser, country; nothing of a person.
    """
    return store.frame(
        """
        WITH numbered AS (
            SELECT received_at, reason, rule, event->>'url' AS url, event->>'browser' AS browser,
                event->>'country' AS country,
                row_number() OVER (PARTITION BY reason, rule ORDER BY received_at DESC, event_id) AS place
            FROM dropped_hits WHERE site_id = $site AND day_local BETWEEN $first AND $last)
        SELECT received_at, reason, rule,
            coalesce(nullif(regexp_extract(url, '^[a-z]+://[^/]+(/[^?#]*)', 1), ''), '/') AS page, browser,
            country
        FROM numbered ORDER BY place > 1, received_at DESC, reason, rule LIMIT $most
        """,
        site=site_id,
        first=period.first,
        last=period.last,
        most=most,
    )
