"""Reach and talk: corners cut at the medians, few in none of them, brushes and corners pick the same."""

from __future__ import annotations

import datetime as dt

from analytics.queries import reach
from tests.builders import Row, article, comment, engagement, utc, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"


def read(article_id: str, times: int, comments: int = 0) -> list[Row]:
    opened = utc("2026-05-05 12:00")
    rows: list[Row] = []
    for n in range(times):
        name = f"{article_id}-{n}"
        rows.append(view(name, opened, article_id, name))
        rows.append(engagement(name, opened + dt.timedelta(minutes=1), 20_000, acts=2, visitor=name))
    said = [
        comment(f"{article_id}-c{n}", "published", "2026-05-05 13:00", article=article_id)
        for n in range(comments)
    ]
    return [*rows, *said]


def placed(newsroom: Newsroom, **where: tuple[str, ...]) -> reach.Plane | None:
    return reach.plane(newsroom.store, newsroom.asked(DAY, where=where), newsroom.now)


def test_an_article_moves_corner_when_comments_arrive(newsroom: Newsroom) -> None:
    newsroom.take(
        *read("H", 60, 6), *read("Q", 50, 1), *read("N", 40, 8), *read("C", 30), *read("few", 29, 20)
    )
    found = placed(newsroom)

    assert found is not None
    assert found.reads == 45
    assert dict(found.dots.select("id", "corner").rows()) == {
        "H": "hot", "Q": "quiet", "N": "niche", "C": "cold", "few": None,
    }  # fmt: skip
    newsroom.take(*[comment(f"more{n}", "published", "2026-05-05 14:00", article="Q") for n in range(20)])
    after = placed(newsroom)
    assert after is not None
    assert dict(after.dots.select("id", "corner").rows())["Q"] == "hot"


def test_a_brush_around_a_corner_picks_its_articles(newsroom: Newsroom) -> None:
    newsroom.take(*read("H", 60, 6), *read("Q", 50, 1), *read("N", 40, 8), *read("C", 30))
    found = placed(newsroom)

    assert found is not None
    assert found.inside("hot", ()) == found.inside("", (45, 100, 60, 500)) == ["H"]
    assert found.inside("", (1000, 2000, 0, 1)) == []
    assert found.counts() == {"hot": 1, "quiet": 1, "niche": 1, "cold": 1}


def test_where_half_have_no_comment_none_is_little(newsroom: Newsroom) -> None:
    newsroom.take(*read("A", 60), *read("B", 50), *read("C", 40, 1))
    found = placed(newsroom)

    assert found is not None
    assert found.rate == 0
    assert dict(found.dots.select("id", "corner").rows()) == {"A": "quiet", "B": "quiet", "C": "niche"}


def test_without_comments_or_under_a_filter_that_they_do_not_know_there_is_no_map(newsroom: Newsroom) -> None:
    newsroom.take(article("A", title="The ferry"), *read("A", 40))
    assert placed(newsroom) is None
    newsroom.take(comment("c", "published", "2026-05-05 13:00", article="A"))
    assert placed(newsroom) is not None
    assert placed(newsroom, channel=("search",)) is None
