"""What editors corrected: who counts as whom, what no list names, and the log of it all."""

from __future__ import annotations

import polars as pl

from analytics.store.memory import CATALOGUE
from analytics.store.store import Store

MOST = 100

# Where the chain of joins ends for each alias; a chain has no circle (`load.editing.joining`).
JOINED = """
    WITH RECURSIVE steps AS (
        SELECT site_id, kind, alias, into_id, 1 AS step FROM joined
        UNION ALL
        SELECT s.site_id, s.kind, s.alias, j.into_id, s.step + 1
        FROM steps AS s JOIN joined AS j
            ON j.site_id = s.site_id AND j.kind = s.kind AND j.alias = s.into_id)
    SELECT site_id, kind, alias, arg_max(into_id, step) AS into_id FROM steps GROUP BY ALL
"""


def excluded(store: Store, site: str) -> tuple[str, ...]:
    """Give the ids of the articles that no list, board or widget names, sorted."""

    def asked() -> tuple[str, ...]:
        rows = store.frame(
            "SELECT article_id FROM excluded_articles WHERE site_id = $site ORDER BY article_id", site=site
        )
        return tuple(rows["article_id"])

    return store.memo(("excluded", site), asked, of=[CATALOGUE])


def excluded_list(store: Store, site: str) -> pl.DataFrame:
    """List the articles that no list names.

    Returns:
        id, title, section, why, who, made_at (naive UTC), edit_id; the latest first.
    """
    return store.frame(
        """
        SELECT x.article_id AS id, coalesce(a.title, a.url, x.article_id) AS title, a.section, x.why,
            e.who, e.made_at, x.edit_id
        FROM excluded_articles AS x LEFT JOIN articles AS a USING (site_id, article_id)
        JOIN edits AS e USING (site_id, edit_id)
        WHERE x.site_id = $site ORDER BY e.made_at DESC, id
        """,
        site=site,
    )


def canonical(store: Store, site: str, kind: str, key: str) -> str:
    """Give the id that an author, a topic or an article counts for; mostly its own."""

    def asked() -> dict[tuple[str, str], str]:
        rows = store.frame(f"SELECT kind, alias, into_id FROM ({JOINED}) WHERE site_id = $site", site=site)
        return {(kind, alias): into for kind, alias, into in rows.rows()}

    return store.memo(("joined", site), asked, of=[CATALOGUE]).get((kind, key), key)


def aliases(store: Store, site: str, kind: str, key: str) -> pl.DataFrame:
    """List what was joined with an author or a topic.

    Args:
        store: The open store.
        site: The site.
        kind: author or topic.
        key: Its id.

    Returns:
        alias, name, who, made_at (naive UTC), edit_id; by name.
    """
    return store.frame(
        f"""
        SELECT j.alias, coalesce(n.name, j.alias) AS name, e.who, e.made_at, j.edit_id
        FROM joined AS j JOIN edits AS e USING (site_id, edit_id)
        LEFT JOIN {kind}s AS n ON n.site_id = j.site_id AND n.{kind}_id = j.alias
        WHERE j.site_id = $site AND j.kind = $kind AND j.into_id = $key ORDER BY name, j.alias
        """,
        site=site,
        kind=kind,
        key=key,
    )


def log(store: Store, site: str, *, article: str = "", most: int = MOST) -> pl.DataFrame:
    """List the corrections, the latest first; of one article alone or of many together, where it is named.

    Returns:
        edit_id, kind, words, who, made_at, undone_at (naive UTC), undone_by, article_id.
    """
    return store.frame(
        """
        SELECT edit_id, kind, words, who, made_at, undone_at, undone_by, article_id FROM edits
        WHERE site_id = $site AND ($article = '' OR article_id = $article
            OR list_contains(json_extract_string(told, '$.articles[*]'), $article))
        ORDER BY made_at DESC, edit_id LIMIT $most
        """,
        site=site,
        article=article,
        most=most,
    )


def kind(store: Store, site: str, edit_id: str) -> str:
    """Tell what a correction is, such as `readmit`; empty where there is none."""
    rows = store.frame(
        "SELECT kind FROM edits WHERE site_id = $site AND edit_id = $edit", site=site, edit=edit_id
    )
    return next(iter(rows["kind"]), "")


def renamed(store: Store, site: str, topic: str) -> tuple[str, str] | None:
    """Give the name that sources give a topic which an editor renamed, and the correction; else None."""
    rows = store.frame(
        "SELECT coalesce(former, topic_id), edit_id FROM renamed_topics "
        "WHERE site_id = $site AND topic_id = $topic",
        site=site,
        topic=topic,
    ).rows()
    return rows[0] if rows else None


def goals(store: Store, site: str) -> dict[str, float]:
    """Give what a week should reach: metric -> target, in the order of their names."""
    rows = store.frame("SELECT metric, target FROM goals WHERE site_id = $site ORDER BY metric", site=site)
    return dict(rows.rows())
