"""The life of an article, the ways in, and what is worth a look."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.queries import library, life, ways, worth
from tests.builders import Row, article, comment, engagement, utc, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"
PUBLISHED = utc(f"{DAY} 12:00")


def visits(
    name: str,
    when: dt.datetime,
    count: int,
    of: str = "A1",
    finished: int = 0,
    channel: str | None = "direct",
    source: str | None = None,
) -> list[Row]:
    rows = []
    for n in range(count):
        who = f"{name}{n}"
        rows.append(view(who, when, of, who, channel=channel, source=source))
        ms, scroll = (30_000, 100) if n < finished else (1_000, 5)
        told = when + dt.timedelta(minutes=1)
        rows.append(engagement(who, told, ms, scroll=scroll, acts=1, visitor=who))
    return rows


@pytest.mark.parametrize(
    ("published", "views", "days"),
    [
        (f"{DAY} 12:00", [f"{DAY} 12:10", "2026-05-06 12:00"], ("2026-05-05", "2026-05-06")),
        ("2026-05-03 12:00", [f"{DAY} 12:10"], ("2026-05-03", "2026-05-05")),
        ("2019-03-03 12:00", [f"{DAY} 12:10"], ("2026-05-05", "2026-05-05")),
        (None, ["2026-05-04 12:10", f"{DAY} 12:10"], ("2026-05-04", "2026-05-05")),
        ("2026-05-04 12:00", [], ("2026-05-04", "2026-05-06")),
    ],
)
def test_a_page_covers_the_days_that_hold_something(
    newsroom: Newsroom, published: str | None, views: list[str], days: tuple[str, str]
) -> None:
    at = utc(published) if published else None
    newsroom.take(
        article("A1", published_at=at), *[view(f"v{n}", when, "A1") for n, when in enumerate(views)]
    )
    found = life.lifetime(
        library.article(newsroom.store, newsroom.site, "A1"), newsroom.zone, dt.date(2026, 5, 6)
    )

    assert (found.first.isoformat(), found.last.isoformat()) == days


def test_the_curve_is_followed_only_from_its_publication(newsroom: Newsroom) -> None:
    newsroom.take(article("A1", published_at=PUBLISHED), view("v", PUBLISHED, "A1"))
    known = library.article(newsroom.store, newsroom.site, "A1")

    assert life.is_followed(known, PUBLISHED - dt.timedelta(hours=1))
    assert not life.is_followed(known, PUBLISHED + dt.timedelta(hours=1))
    assert not life.is_followed(known, None)


def test_views_add_up_hour_by_hour_since_publication(newsroom: Newsroom) -> None:
    half_past = PUBLISHED + dt.timedelta(minutes=30)
    newsroom.take(
        article("A1", published_at=half_past),
        *visits("early", PUBLISHED - dt.timedelta(hours=2), 1),
        *visits("a", half_past, 3),
        *visits("b", half_past + dt.timedelta(hours=2), 2),
    )
    until = half_past + dt.timedelta(hours=3)
    frame = life.since_publication(newsroom.store, newsroom.site, "A1", "views", half_past, until)

    assert frame.rows() == [(0, 1), (0.5, 4), (1.5, 4), (2.5, 6), (3, 6)]


def test_milestones_name_the_best_hour_the_half_and_the_first_comment(newsroom: Newsroom) -> None:
    newsroom.take(
        *visits("a", PUBLISHED, 2),
        *visits("b", PUBLISHED + dt.timedelta(hours=1), 5),
        *visits("c", PUBLISHED + dt.timedelta(hours=2), 2),
        comment("c", "published", f"{DAY} 13:20"),
    )
    found = life.milestones(newsroom.store, newsroom.site, "A1")

    assert (found.best_hour, found.best_views) == (utc(f"{DAY} 13:00"), 5)
    assert (found.half_by, found.first_comment) == (utc(f"{DAY} 14:00"), utc(f"{DAY} 13:20"))


def test_an_unread_article_has_no_milestones(newsroom: Newsroom) -> None:
    newsroom.take(article("A1", published_at=PUBLISHED))

    assert life.milestones(newsroom.store, newsroom.site, "A1") == life.Milestones(None, 0, None, None)


def test_comments_stand_in_every_hour_by_their_present_status(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v", PUBLISHED),
        comment("a", "published", f"{DAY} 12:10"),
        comment("b", "spam", f"{DAY} 12:20"),
        comment("c", "pending", f"{DAY} 13:20"),
    )
    frame = life.comments_over_time(newsroom.store, newsroom.site, "A1", newsroom.period(DAY), "hour")

    assert frame.height == 24
    assert frame.row(9, named=True) | {"at": None} == {
        "at": None,
        "published": 1,
        "pending": 0,
        "rejected": 0,
        "other": 1,
    }
    assert frame["pending"].sum() == 1


def test_views_say_what_they_tell(newsroom: Newsroom) -> None:
    newsroom.take(
        view("a", PUBLISHED, "A1", signal="none"),
        view("b", PUBLISHED, "A2", "q", source="Google"),
    )

    def told(of: str) -> tuple[bool, bool]:
        return life.tells(newsroom.store, newsroom.asked(DAY, {"article": (of,)}), newsroom.now)

    assert (told("A1"), told("A2")) == ((False, False), (True, True))


# --- ways in -----------------------------------------------------------------------------------------------


def test_ways_in_have_names_groups_and_changes(newsroom: Newsroom) -> None:
    week_before = PUBLISHED - dt.timedelta(weeks=1)
    newsroom.take(
        view("first", week_before - dt.timedelta(days=1), None),
        *visits("a", week_before, 40, channel="search", source="Google"),
        *visits("b", PUBLISHED, 60, channel="search", source="Google"),
        *visits("c", PUBLISHED, 20, channel="internal"),
    )
    rows = ways.ways_in(newsroom.store, newsroom.asked(DAY), newsroom.now, "previous")

    assert rows.select("name", "group", "views_share", "views_change", "views_is_new").rows() == [
        ("Search", "search", 0.75, 0.5, False),
        ("Own pages", "own", 0.25, None, True),
    ]


def test_under_one_channel_its_sources_are_the_ways_in(newsroom: Newsroom) -> None:
    newsroom.take(
        *visits("a", PUBLISHED, 2, channel="ai", source="ChatGPT"),
        *visits("b", PUBLISHED, 1, channel="ai"),
        *visits("c", PUBLISHED, 4, channel="search"),
    )
    rows = ways.ways_in(newsroom.store, newsroom.asked(DAY, {"channel": ("ai",)}), newsroom.now, "none")
    named = ways.assistants(newsroom.store, newsroom.asked(DAY), newsroom.now)

    assert rows.select("name", "group", "views").rows() == [("ChatGPT", "ai", 2), ("Not named", "ai", 1)]
    assert named.select("id", "views").rows() == [("ChatGPT", 2)]


def test_views_are_stacked_in_every_hour(newsroom: Newsroom) -> None:
    newsroom.take(
        *visits("a", PUBLISHED, 2, channel="direct"),
        *visits("b", PUBLISHED, 1, channel="internal"),
        *visits("c", PUBLISHED, 1, channel=None),
        *visits("d", PUBLISHED, 1, channel="push"),
    )
    frame = ways.over_time(newsroom.store, newsroom.asked(DAY), "hour")

    assert frame.height == 24
    assert (frame["own"][9], frame["unknown"][9], frame["other"][9], frame["own"][10]) == (3, 1, 1, 0)
    assert ways.group_shares(frame)["own"] == 0.6


# --- worth a look ------------------------------------------------------------------------------------------


def test_good_but_unseen_is_finished_by_many_of_few(newsroom: Newsroom) -> None:
    rows: list[Row] = []
    for n in range(1, 9):
        rows += visits(f"a{n}", PUBLISHED, 40 + n, f"A{n}", finished=4)
    rows += visits("gem", PUBLISHED, 36, "GEM", finished=30)
    rows += visits("small", PUBLISHED, 20, "SMALL", finished=20)
    newsroom.take(
        *rows, *[article(key, word_count=50) for key in ("GEM", "SMALL", *[f"A{n}" for n in range(1, 9)])]
    )
    found = worth.worth_a_look(newsroom.store, newsroom.asked(DAY), newsroom.now)

    assert found[0].article_id == "GEM"
    assert found[0].reason == "unseen"
    assert "SMALL" not in [each.article_id for each in found]


def test_hot_talk_needs_enough_reads_and_comments(newsroom: Newsroom) -> None:
    rows = visits("a", PUBLISHED, 40, "HOT", finished=40)
    rows += visits("b", PUBLISHED, 10, "THIN", finished=10)
    talk = [comment(f"h{n}", "published", f"{DAY} 13:00", article="HOT", writer=f"h{n}") for n in range(6)]
    talk += [comment(f"t{n}", "published", f"{DAY} 13:00", article="THIN", writer=f"t{n}") for n in range(5)]
    newsroom.take(*rows, *talk, comment("w", "pending", f"{DAY} 13:30", article="HOT"))
    found = worth.worth_a_look(newsroom.store, newsroom.asked(DAY), newsroom.now)

    assert [(each.reason, each.article_id) for each in found] == [("hot", "HOT"), ("discussed", "THIN")]
    assert worth.waiting(newsroom.store, newsroom.site, ["HOT", "THIN"]) == {
        "HOT": worth.Waiting(1, utc(f"{DAY} 13:30"))
    }


def test_an_old_article_above_its_own_typical_is_rising_again(newsroom: Newsroom) -> None:
    known = [article("OLD", published_at=utc("2025-05-05 12:00")), article("NEW", published_at=PUBLISHED)]
    rows: list[Row] = []
    for week, count in enumerate((60, 2, 3, 2, 4)):
        at = PUBLISHED - dt.timedelta(weeks=week)
        rows += visits(f"o{week}-", at, count, "OLD", finished=count)
        rows += visits(f"n{week}-", at, 1, "REST")
    rows += visits("new", PUBLISHED, 80, "NEW", finished=80)
    newsroom.take(*known, *rows, view("first", "2026-03-01 12:00"))
    found = {
        each.reason: each for each in worth.worth_a_look(newsroom.store, newsroom.asked(DAY), newsroom.now)
    }

    assert (found["rising"].article_id, found["rising"].value) == ("OLD", 60)
    assert found["rising"].usual == (0.0, 1.0, 3.3)  # of eight weeks four had none


def test_little_data_is_worth_nothing(newsroom: Newsroom) -> None:
    newsroom.take(*visits("a", PUBLISHED, 5, finished=5), comment("c", "published", f"{DAY} 13:00"))

    assert worth.worth_a_look(newsroom.store, newsroom.asked(DAY), newsroom.now) == []
