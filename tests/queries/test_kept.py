"""What is kept of earlier questions is what would be told anew, whatever was written meanwhile."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import pytest

from analytics.queries import articles, comparison, counts, courses, expected, figures, library, worth
from tests.builders import article, comment, engagement, utc, view
from tests.newsroom import Newsroom

METRICS = ("views", "reads", "readers", "engaged", "comments", "comments_pending", "moderation_lag")
STEPS: list[Callable[[Newsroom], object]] = [
    lambda room: room.take(view("v1", room.now, "A1", "r1"), engagement("v1", room.now, 30_000, acts=1)),
    lambda room: room.load(view("v2", "2026-05-05 09:00", "A2", "r2")),
    lambda room: room.recount(),
    lambda room: room.take(view("v3", "2026-05-01 09:00", "A1", "r3", channel="search")),
    lambda room: room.take(view("v4", "2026-05-06 10:00", "A9", "r4", title="Told by its page")),
    lambda room: room.load(article("A2", title="Another", section="sport", authors=("u1",))),
    lambda room: room.take(comment("c1", "pending", "2026-05-05 10:00")),
    lambda room: room.take(comment("c1", "published", "2026-05-06 10:00")),
]


def _told(newsroom: Newsroom) -> list[str]:
    """Ask what the panels of a screen ask."""
    store, now, found = newsroom.store, newsroom.now, list[object]()
    for period in ("today", "7d"):
        ask = newsroom.asked(period)
        found += comparison.totals(store, METRICS, ask, now, "typical").items()
        found.append(courses.course(store, "reads", ask, "day", now, "typical"))
        found.append(worth.worth_a_look(store, ask, now))
        for split in ("article", "author", "topic", "channel"):
            by = newsroom.asked(period, split=split)
            names = ["views", "reads", *(["published"] if split in {"author", "topic"} else [])]
            found.append(figures.ranking(store, names, by, now, order="views"))
        found += [articles.scroll_reach(store, ask), articles.depth_spread(store, ask)]
        found.append(articles.engaged_spread(store, ask))
        found += articles.before_and_after(store, newsroom.site, "A1", ask.period).values()
        found += courses.recent(store, ["views", "comments"], ask, now)
    found.append(library.describe(store, newsroom.site, "article", ["A1", "A2", "A9"]))
    found.append(library.describe(store, newsroom.site, "author", ["u1"]))
    found.append(expected.expected(store, newsroom.site, now, ["A1", "A2"]).sort("id"))
    with pl.Config(tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=80):
        return [str(each) for each in found]


def test_what_is_kept_is_what_would_be_told_anew(newsroom: Newsroom) -> None:
    weeks = ("2026-04-01", "2026-04-08", "2026-04-15", "2026-04-22", "2026-04-29", "2026-05-06")
    newsroom.take(
        *(
            article(name, section="news", published_at=utc("2026-05-05 06:00"), authors=("u1",))
            for name in ("A1", "A2")
        ),
        *(view(day, f"{day} 08:00", "A1", day) for day in weeks),
    )
    before = _told(newsroom)
    for step in STEPS:
        step(newsroom)
        kept = _told(newsroom)
        newsroom.store.forget()

        assert _told(newsroom) == kept
    assert before != kept


def test_a_recount_of_today_asks_nothing_anew_of_yesterday(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.take(view("v1", "2026-05-05 09:00", "A1", "r1"), view("v2", newsroom.now, "A1", "r2"))
    ranked = newsroom.figure("views", "yesterday"), newsroom.figure("readers", "yesterday")
    newsroom.take(view("v3", newsroom.now, "A1", "r3"))
    monkeypatch.setattr(counts, "ask_store", lambda *_given, **_named: pytest.fail("asked anew"))

    assert ranked == (newsroom.figure("views", "yesterday"), newsroom.figure("readers", "yesterday"))
    with pytest.raises(pytest.fail.Exception, match="asked anew"):
        newsroom.figure("views", "today")
