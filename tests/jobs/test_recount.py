"""What makes a day come round again, and what it then says."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.jobs import counting, recount, runner, visitors
from tests.builders import Article, article, comment, engagement, step, utc, view
from tests.newsroom import Newsroom

DAY = "2026-05-05"
# Local midnight of Sao Paulo is 03:00 UTC.


def _dirty(newsroom: Newsroom) -> list[dt.datetime]:
    return newsroom.rows("dirty_hours", ("DISTINCT hour_at",))["hour_at"].to_list()


def test_a_late_ping_turns_a_view_into_a_read(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:00:06", 5_000, acts=1))
    before = newsroom.value("reads", DAY)
    newsroom.take(engagement("v1", "2026-05-05 12:00:16", 15_000, acts=2))

    assert (before, newsroom.value("reads", DAY)) == (0, 1)


def test_an_engagement_makes_the_hour_of_its_view_dirty(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:50"))
    newsroom.load(engagement("v1", "2026-05-05 13:10", 15_000, acts=2))

    assert _dirty(newsroom) == [utc("2026-05-05 12:00"), utc("2026-05-05 13:00")]


def test_what_was_read_belongs_to_the_day_of_the_view(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 02:59"))  # 23:59 of the day before
    newsroom.take(engagement("v1", "2026-05-05 03:05", 60_000, acts=2, visitor="p2", prev="p"))

    assert newsroom.series("engaged", "2026-05-04..2026-05-05", "day") == {"2026-05-04": 60, "2026-05-05": 0}


def test_an_engagement_that_comes_before_its_view_counts(newsroom: Newsroom) -> None:
    newsroom.take(engagement("v1", "2026-05-05 12:00:20", 15_000, acts=2))
    newsroom.take(view("v1", "2026-05-05 12:00"))

    assert newsroom.value("reads", DAY) == 1


@pytest.mark.parametrize(
    ("beacon", "counts"),
    [
        ("2026-05-05 02:59:59", True),  # a clock a second behind
        ("2026-05-06 02:59", True),
        ("2026-05-06 04:00", False),  # a day later: the tracker has given up
        ("2026-05-08 04:00", False),
    ],
)
def test_a_beacon_counts_the_same_however_many_days_are_recounted_at_once(
    newsroom: Newsroom, beacon: str, counts: bool
) -> None:
    newsroom.take(
        *(view(f"day {day}", f"2026-05-0{day} 15:00", visitor="q") for day in (4, 6, 7, 8)),
        view("v1", "2026-05-05 03:00:00"),
        engagement("v1", beacon, 15_000, acts=1, received_at=utc("2026-05-08 05:00")),
    )
    together = newsroom.value("engaged", DAY)
    newsroom.load(view("another", "2026-05-05 15:00", visitor="r"))
    newsroom.recount()  # this day alone

    assert (together, newsroom.value("engaged", DAY)) == ((15, 15) if counts else (0, 0))


def test_nobody_reads_longer_than_since_the_view_began(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:00:20", 600_000, acts=1))
    facts = newsroom.rows("view_facts", ("engaged_s", "is_clipped")).row(0)

    assert facts == (21, True)  # a second of grace


def test_engaged_time_is_capped(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 20:00", 28_000_000, acts=1))

    assert newsroom.rows("view_facts", ("engaged_s", "is_clipped")).row(0) == (7200, True)


def test_a_view_id_counts_once_a_day(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00"),
        view("v1", "2026-05-05 12:00:05", event="sent again under another id"),
        engagement("v1", "2026-05-05 12:00:20", 7_000, mode="sum"),
        engagement("v1", "2026-05-05 12:00:30", 6_000, mode="sum"),
    )

    assert newsroom.value("page_loads", DAY) == 1
    assert newsroom.value("engaged", DAY) == 13


# --- the catalogue applies to all history ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "split", "expected"),
    [
        ({"section": "culture"}, "section", {"culture": 1}),
        ({"authors": ("u2",)}, "author", {"u2": 1}),
        ({"topics": ("t2",)}, "topic", {"t2": 1}),
        ({"section": None}, "section", {None: 1}),
    ],
)
def test_a_changed_article_recounts_its_days(
    newsroom: Newsroom, change: dict[str, object], split: str, expected: dict[str | None, float]
) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00"), article("A1", section="news", authors=("u1",), topics=("t1",))
    )
    newsroom.take(Article("A1", change))

    assert newsroom.values_of(split, "views", DAY) == expected
    assert newsroom.values_of(split, "readers", DAY) == expected


def test_a_changed_length_recounts_what_was_finished(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:01", 30_000, scroll=100, acts=1)
    )
    newsroom.take(article("A1", word_count=300))
    half = newsroom.value("read_depth", DAY)
    newsroom.take(article("A1", word_count=150))

    assert (half, newsroom.value("read_depth", DAY)) == (0.5, 1)
    assert newsroom.value("finished", DAY) == 1


def test_an_article_that_proves_a_page_leaves_views_and_comes_back(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))
    newsroom.take(article("A1", kind="page"))
    as_page = (newsroom.value("views", DAY), newsroom.value("page_loads", DAY))
    newsroom.take(article("A1", kind="article"))

    assert (*as_page, newsroom.value("views", DAY)) == (0, 1, 1)


def test_an_alias_moves_the_views_of_an_address_to_its_article(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00", "u-1"), view("v2", "2026-05-05 12:05", "A1"))
    newsroom.take(article("A1", aliases=("u-1",)))

    assert newsroom.values_of("article", "views", DAY) == {"A1": 2}
    assert newsroom.value("repeat_views", DAY) == 1


def test_a_new_title_recounts_nothing(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), article("A1", title="One"))
    newsroom.load(article("A1", title="Two"))

    assert _dirty(newsroom) == []


# --- sessions that are still open --------------------------------------------------------------------------


def test_an_exit_is_known_once_its_session_has_closed(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-05 12:10").take(view("v1", "2026-05-05 12:00"))
    while_open = (newsroom.value("exit_rate", DAY), newsroom.value("bounce_rate", DAY))
    newsroom.at("2026-05-05 12:30")
    at_the_gap = runner.run_all(newsroom.store, newsroom.now)
    newsroom.at("2026-05-05 12:31")
    after_it = runner.run_all(newsroom.store, newsroom.now)

    assert while_open == (None, None)
    assert (at_the_gap, after_it) == (0, 1)
    assert (newsroom.value("exit_rate", DAY), newsroom.value("bounce_rate", DAY)) == (1, 1)
    assert 0 == runner.run_all(newsroom.store, newsroom.now)


# --- sessions over midnight --------------------------------------------------------------------------------


def _sessions(newsroom: Newsroom) -> list[tuple[object, ...]]:
    return newsroom.rows("sessions", ("day_local", "views", "engaged_s", "is_bounce"), "first_view_at").rows()


def test_a_view_after_midnight_takes_the_exit_from_the_view_before(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 02:50", "A1", "p"))
    alone = newsroom.rows("view_facts", ("view_id", "is_exit", "is_recirculated"), "event_at").rows()
    newsroom.take(view("v2", "2026-05-05 03:10", "A2", "p2", prev="p"))

    assert alone == [("v1", True, False)]
    assert newsroom.rows("view_facts", ("view_id", "is_exit", "is_recirculated"), "event_at").rows() == [
        ("v1", False, True),
        ("v2", True, False),
    ]
    assert _sessions(newsroom) == [(dt.date(2026, 5, 4), 2, 0, False)]


def test_only_a_beacon_may_carry_a_session_over_midnight(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 02:50", "A1", "p"),
        engagement("v1", "2026-05-05 03:15", 60_000, acts=1, visitor="p2", prev="p"),
    )
    newsroom.take(view("v2", "2026-05-05 03:40", "A1", "p2"))  # no longer bears yesterday's hash

    assert _sessions(newsroom) == [(dt.date(2026, 5, 4), 2, 60, False)]
    assert newsroom.series("sessions", "2026-05-04..2026-05-05", "day") == {"2026-05-04": 1, "2026-05-05": 0}
    assert newsroom.rows("view_facts", ("view_id", "is_exit"), "event_at").rows() == [
        ("v1", False),
        ("v2", True),
    ]


def test_a_late_view_before_midnight_makes_a_repeat_after_it(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 02:40", "A2", "p"),
        view("v2", "2026-05-05 02:55", "A2", "p"),
        view("v3", "2026-05-05 03:05", "A1", "p2", prev="p"),
    )
    newsroom.take(view("late", "2026-05-05 02:50", "A1", "p"))

    assert newsroom.series("repeat_views", "2026-05-04..2026-05-05", "day") == {
        "2026-05-04": 1,
        "2026-05-05": 1,
    }


def test_a_page_after_midnight_no_longer_recirculates(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 02:50", "A1", "p"), view("v2", "2026-05-05 03:05", "A2", "p2", prev="p")
    )
    before = newsroom.value("recirculation", "2026-05-04")
    newsroom.take(article("A2", kind="page"))

    assert (before, newsroom.value("recirculation", "2026-05-04")) == (1, 0)


def test_a_beacon_of_no_known_view_keeps_a_session_open_over_midnight(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-05 03:25").take(view("v1", "2026-05-05 02:50", "A1", "p"))
    closed = newsroom.rows("sessions", ("is_closed",)).row(0)
    newsroom.take(engagement(None, "2026-05-05 03:15", 1_000, visitor="p2", prev="p"))

    assert (closed, newsroom.rows("sessions", ("is_closed",)).row(0)) == ((True,), (False,))


def test_a_late_view_joins_two_sessions(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), view("v3", "2026-05-05 12:50"))
    apart = newsroom.value("sessions", DAY)
    newsroom.take(view("v2", "2026-05-05 12:25"))

    assert (apart, newsroom.value("sessions", DAY)) == (2, 1)


def test_a_session_lasts_at_most_24_hours(newsroom: Newsroom) -> None:
    newsroom.now = utc("2026-05-09 12:00")
    began = utc("2026-05-05 04:00")
    times = [
        began + dt.timedelta(minutes=25 * n) for n in range(60)
    ]  # 24 h 35 min, 01:00 to 01:35 the day after
    hashes = {day: f"p{day}" for day in (4, 5, 6, 7)}
    views = []
    for n, at in enumerate(times):
        local = at - dt.timedelta(hours=3)
        is_first = local.hour == 0 and local.minute < 30
        views.append(
            view(f"v{n}", at, "A1", hashes[local.day], prev=hashes[local.day - 1] if is_first else None)
        )
    newsroom.take(*views)

    assert [(row[0], row[1]) for row in _sessions(newsroom)] == [
        (dt.date(2026, 5, 5), 58),
        (dt.date(2026, 5, 6), 2),
    ]


# --- comments ----------------------------------------------------------------------------------------------


def test_a_later_rejection_changes_the_hour_of_writing(newsroom: Newsroom) -> None:
    newsroom.take(comment("c1", "published", "2026-05-01 12:00"))
    newsroom.take(comment("c1", "rejected", "2026-05-05 12:00"))

    assert newsroom.series("comments", "2026-05-01..2026-05-05", "day")["2026-05-01"] == 0
    assert newsroom.value("rejection_rate", "2026-05-01") == 1


def test_a_comment_that_proves_older_leaves_its_former_day(newsroom: Newsroom) -> None:
    newsroom.take(comment("c1", "published", "2026-05-05 12:00"))
    newsroom.take(comment("c1", "pending", "2026-05-03 12:00"))

    assert newsroom.series("comments", "2026-05-03..2026-05-05", "day") == {
        "2026-05-03": 1,
        "2026-05-04": 0,
        "2026-05-05": 0,
    }


def test_an_edit_keeps_the_status_and_takes_the_new_length(newsroom: Newsroom) -> None:
    newsroom.take(
        comment("c1", "published", "2026-05-05 12:00", length=100),
        comment("c1", "published", "2026-05-05 12:10", length=500),
    )

    assert newsroom.rows("comment_facts", ("status", "length")).rows() == [("published", 500)]


def test_the_limit_of_the_comment_decides_what_is_at_it(newsroom: Newsroom) -> None:
    newsroom.take(
        comment("c1", "published", "2026-05-05 12:00", length=95, length_limit=100),
        comment("c2", "published", "2026-05-05 12:00", length=95),
    )

    assert newsroom.value("at_limit_share", DAY) == 0.5


def test_a_box_belongs_to_the_day_of_its_view(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 02:59"))
    newsroom.take(step("b1", "open", "2026-05-05 03:01"), step("b1", "warn", "2026-05-05 03:05"))

    assert newsroom.value("warning_abandon", "2026-05-04") == 1
    assert newsroom.value("warning_abandon", DAY) is None
    newsroom.take(step("b1", "submit", "2026-05-05 03:06"))
    assert newsroom.value("warning_abandon", "2026-05-04") == 0


# --- faults ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [False, True])
def test_a_recount_that_is_killed_midway_changes_nothing(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, everything: bool
) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))
    newsroom.load(view("v2", "2026-05-05 12:30", visitor="q"))
    tables = (*recount.REPLACED, "rolled_days", "dirty_hours", "dirty_parts")
    before = {table: newsroom.rows(table).rows() for table in tables}

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        for way in (recount, visitors):  # of the whole day, and of who changed
            patch.setattr(way, "_mark_neighbours", dies)
        with pytest.raises(KeyboardInterrupt):
            newsroom.recount(everything=everything)

    assert before == {table: newsroom.rows(table).rows() for table in tables}


def test_marks_that_came_meanwhile_stay(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    newsroom.load(view("v1", "2026-05-05 12:00"))
    counts = counting.count

    def slowly(*args: object) -> object:
        if not newsroom.rows("page_views", ("view_id",)).height > 1:
            newsroom.load(view("v2", "2026-05-05 12:30", visitor="q"))
        return counts(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(counting, "count", slowly)
    newsroom.recount()

    assert newsroom.value("views", DAY) == 2
    assert _dirty(newsroom) == []


def test_all_days_can_be_recounted(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), comment("c1", "published", "2026-05-03 12:00"))

    assert newsroom.recount() == 0
    assert newsroom.recount(everything=True) == 2


def test_rows_that_are_the_same_stay_where_they_are(newsroom: Newsroom) -> None:
    newsroom.take(*(view(name, "2026-05-05 12:00", visitor=name) for name in ("v1", "v2", "v3")))
    before = dict(newsroom.rows("view_facts", ("view_id", "rowid")).rows())
    newsroom.take(
        view("v4", "2026-05-05 12:05", visitor="v3"), view("v5", "2026-05-05 12:06", "A2", visitor="q")
    )
    after = dict(newsroom.rows("view_facts", ("view_id", "rowid")).rows())

    assert ["v1", "v2"] == [name for name, place in before.items() if after[name] == place]
    assert after.keys() == {"v1", "v2", "v3", "v4", "v5"}


def test_rows_that_stand_there_twice_or_wrong_are_put_right(newsroom: Newsroom) -> None:
    newsroom.take(*(view(name, "2026-05-05 12:00", visitor=name) for name in ("v1", "v2", "v3")))
    right = {table: newsroom.rows(table).rows() for table in recount.REPLACED}
    with newsroom.store.write() as cursor:
        for table in ("view_facts", "site_minutes", "dimension_days"):
            cursor.execute(f"INSERT INTO {table} FROM {table}")
        cursor.execute("UPDATE view_facts SET engaged_s = 7 WHERE view_id = 'v2'")
    newsroom.recount(everything=True)

    assert right == {table: newsroom.rows(table).rows() for table in recount.REPLACED}
