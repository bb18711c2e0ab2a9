"""What can be known at all: from when to when sources were live, and how far the store is loaded."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from analytics.store.store import Store

STILL_LIVE = dt.timedelta(hours=48)  # metrics.md 1: a posting source is live while its last event is younger
SETTLED = dt.timedelta(minutes=10)  # metrics.md 7: a bucket is complete when its end + 10 min is loaded


@dataclass(frozen=True, slots=True)
class Coverage:
    """When something could have been counted, naive UTC. None: no source of that kind at all.

    Attributes:
        views: First and last instant in which a source of views was live.
        comments: The same of comments.
        gaps: Recorded stretches without collection.
        loaded_through: Up to when the store is complete; None in an empty one.
        first_event: Earliest event.
        last_event: Latest event.
    """

    views: tuple[dt.datetime, dt.datetime] | None
    comments: tuple[dt.datetime, dt.datetime] | None
    gaps: tuple[tuple[dt.datetime, dt.datetime], ...]
    loaded_through: dt.datetime | None
    first_event: dt.datetime | None
    last_event: dt.datetime | None

    def knows(self, kind: str, begins: dt.datetime, ends: dt.datetime) -> bool:
        """Say whether a stretch touches the time in which `views` or `comments` were collected."""
        span = self.comments if kind == "comments" else self.views
        if span is None or ends <= span[0] or begins > span[1]:
            return False
        return not any(began <= begins and ends <= ended for began, ended in self.gaps)

    def is_whole(self, begins: dt.datetime, ends: dt.datetime) -> bool:
        """Say whether no recorded gap touches a stretch: what is averaged must not be half there."""
        return not any(began < ends and begins < ended for began, ended in self.gaps)

    def is_complete(self, ends: dt.datetime) -> bool:
        """Say whether all of what happened before `ends` is here."""
        return self.loaded_through is not None and ends + SETTLED <= self.loaded_through


def coverage(store: Store, site: str, now: dt.datetime) -> Coverage:
    """Read what the sources of a site cover."""
    rows, gaps = store.memo(("sources", site), lambda: _read(store, site))  # asked by every figure of a page
    spans: dict[str, tuple[dt.datetime, dt.datetime]] = {}
    last_event = max((row["last_at"] for row in rows), default=None)
    live = False
    for row in rows:
        is_file = row["format"].startswith("import:")
        # Who reads comments from a file with its views would have seen earlier ones; a site that posts may
        # have connected its comments later.
        of_source = [each for each in rows if each["format"] == row["format"]] if is_file else [row]
        posts = not is_file and now - row["last_at"] < STILL_LIVE
        live |= posts
        first = min(each["first_at"] for each in of_source)
        last = now if posts else max(each["last_at"] for each in of_source)
        known = spans.get(row["kind"], (first, last))
        spans[row["kind"]] = (min(known[0], first), max(known[1], last))
    return Coverage(
        views=spans.get("views"),
        comments=spans.get("comments"),
        gaps=gaps,
        loaded_through=now if live else last_event,
        first_event=min((row["first_at"] for row in rows), default=None),
        last_event=last_event,
    )


def _read(
    store: Store, site: str
) -> tuple[list[dict[str, Any]], tuple[tuple[dt.datetime, dt.datetime], ...]]:
    sources = "SELECT kind, format, first_at, last_at FROM sources WHERE site_id = $site"
    gaps = "SELECT began, ended FROM collection_gaps WHERE site_id = $site"
    found = store.frame(gaps, site=site)
    return store.frame(sources, site=site).to_dicts(), tuple((began, ended) for began, ended in found.rows())
