"""What happened today: crossings, new sources, titles, silence; newest first."""

from __future__ import annotations

import datetime as dt

from analytics.queries import moments
from tests.builders import Row, article, engagement, utc, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"
NOW = f"{DAY} 20:00"


def reads(name: str, when: dt.datetime, count: int, of: str, source: str | None = None) -> list[Row]:
    rows = []
    for n in range(count):
        who = f"{name}{n}"
        rows.append(view(who, when, of, who, source=source, channel="other_site"))
        rows.append(engagement(who, when + dt.timedelta(minutes=1), 20_000, acts=1, visitor=who))
    return rows


def told(newsroom: Newsroom, *ids: str) -> list[moments.Moment]:
    return moments.moments(newsroom.store, newsroom.site, newsroom.zone, newsroom.now, ids)


def test_an_article_that_rises_above_all_others_is_told_with_its_time(newsroom: Newsroom) -> None:
    newsroom.at(NOW)
    old = utc("2026-05-01 12:00")
    others = [article(f"A{n}", published_at=old) for n in range(20)]
    rows = [row for n in range(20) for row in reads(f"a{n}-", old + dt.timedelta(minutes=5), 2, f"A{n}")]
    published = utc(f"{DAY} 14:00")
    rows += reads("hit", published + dt.timedelta(minutes=40), 40, "HIT")
    newsroom.take(
        *others, article("HIT", title="A hit", published_at=published), *rows, view("v", "2026-04-01 12:00")
    )
    found = told(newsroom, "HIT", "A1")

    assert [(each.kind, each.article_id, each.name) for each in found] == [("crossed", "HIT", "A hit")]
    assert found[0].at == published + dt.timedelta(minutes=45)


def test_a_source_is_new_when_the_article_was_there_without_it(newsroom: Newsroom) -> None:
    newsroom.at(NOW)
    noon = utc(f"{DAY} 12:00")
    known = article("A1", title="Known", published_at=noon - dt.timedelta(days=1))
    rows = reads("y", noon - dt.timedelta(hours=20), 5, "A1", "Google")
    rows += reads("g", noon, 40, "A1", "Google")
    rows += reads("f", noon + dt.timedelta(hours=1), 12, "A1", "Forum")
    rows += reads("s", noon + dt.timedelta(hours=1), 3, "A1", "Small")
    newsroom.take(known, *rows, *reads("later", noon + dt.timedelta(hours=2), 30, "A1", "Google"))
    found = told(newsroom, "A1")

    assert [(each.kind, each.detail, each.at) for each in found] == [
        ("source", "Forum", noon + dt.timedelta(hours=1))
    ]
    assert found[0].share == 12 / 45


def test_new_titles_and_silence_are_told_newest_first(newsroom: Newsroom) -> None:
    newsroom.settle(collection_gaps=[{"began": "2026-05-05T13:00:00Z", "ended": "2026-05-05T14:00:00Z"}])
    newsroom.at(f"{DAY} 10:00").take(view("v", f"{DAY} 03:00", "A1"), article("A1", title="Old"))
    newsroom.at(f"{DAY} 18:00").take(article("A1", title="New"))
    found = told(newsroom.at(NOW))

    assert [(each.kind, each.name, each.detail) for each in found] == [
        ("title", "Old", "New"),
        ("gap", "", ""),
    ]
    assert (found[1].at, found[1].ends) == (utc(f"{DAY} 13:00"), utc(f"{DAY} 14:00"))
    assert told(newsroom.at("2026-05-06 20:00")) == []
