"""What a rule can be narrowed to, by name: what people pick, so that nobody types an id."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.alerts.look import Eyes
from analytics.periods import local_day
from analytics.queries import library, search, watched
from analytics.queries.ask import Filter

MOST = 20
KEPT_S = 60.0


def choices(
    eyes: Eyes, site: str, dimension: str, text: str = "", chosen: Sequence[str] = ()
) -> list[tuple[str, str]]:
    """List sections, authors, topics or articles: what is searched for, else the most viewed of four weeks.

    Args:
        eyes: The store and the clock.
        site: The site.
        dimension: Of `kinds.DIMENSIONS`; the site itself has none.
        text: Words, the begin of a word, an id or an address.
        chosen: Ids that were picked already; they stay among the choices.

    Returns:
        Id and name; what was chosen first, then the best.
    """
    if dimension == "site":
        return []
    if text.strip():
        hits = search.found(eyes.store, site, text, MOST).hits
        listed = [(each.id, each.name) for each in hits if each.kind == dimension]
    else:
        last = local_day(eyes.now, eyes.zone)
        listed = eyes.store.memo(
            ("alert choices", site, dimension),
            lambda: _named(
                eyes,
                site,
                dimension,
                watched.watched_ids(eyes.store, Filter(site), dimension, last, eyes.zone, eyes.now)[:MOST],
            ),
            for_s=KEPT_S,
        )
    return list(dict([*_named(eyes, site, dimension, chosen), *listed]).items())


def _named(eyes: Eyes, site: str, dimension: str, ids: Sequence[str]) -> list[tuple[str, str]]:
    found = library.describe(eyes.store, site, dimension, list(ids))
    return [(key, name) for key, name in found.select("id", "name").iter_rows() if key is not None]
