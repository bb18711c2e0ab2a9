"""The overview: its sentence, cards, chart, lists and boards, on newsrooms small enough to count by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.desk import Desk
from analytics.queries import counts, courses
from dashboards.pages import overview
from dashboards.pages.overview import boards, day, head, hours, look, top
from dashboards.pages.overview.shown import drawn, scope_of
from tests.builders import SITE, Article, Row, article, comment, engagement, utc, view
from tests.dashboards import small
from tests.dashboards.small import at, cells, desk_of, heads, links, said
from tests.newsroom import NOW
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "/?period=2026-05-05"
PERCENT = " %"  # `said` writes every blank alike
WEEKS = 9  # the first of them begins before anything is known


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The worked example of metrics.md, as of 2026-05-06 13:00 UTC, 10:00 in São Paulo."""
    folder = tmp_path_factory.mktemp("home")
    with desk_of(folder, *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened:
        yield opened


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Tuesdays with 30 to 37 reads, then one with 80; ten articles of which one is finished by most."""
    rows: list[Row | Article] = [
        article(f"T{n}", title=f"Story {n}", authors=("u1",), word_count=50) for n in range(10)
    ]
    noon = utc("2026-05-05 15:00")  # 12:00 in São Paulo
    for week in range(WEEKS + 1):
        rows += _visits(f"w{week}-", "T0", 80 if week == 0 else 29 + week, noon - dt.timedelta(weeks=week))
    for n in range(1, 10):
        rows += _visits(f"t{n}-", f"T{n}", 60 - n, noon, finished=40 if n == 9 else 5)
    rows += [
        comment(f"k{n}", "published", "2026-05-05 16:00", article="T5", writer=f"k{n}") for n in range(6)
    ]
    with desk_of(tmp_path_factory.mktemp("busy"), *rows) as opened:
        yield opened


@pytest.fixture
def unmeasured(tmp_path: Path) -> Iterator[Desk]:
    """Views of a source that tells no reading time and no way in."""
    rows = [
        view(f"v{n}", "2026-05-05 12:00", f"A{n % 3}", f"p{n}", signal="none", channel=None) for n in range(9)
    ]
    with desk_of(tmp_path, *rows) as opened:
        yield opened


def _visits(name: str, of: str, count: int, when: dt.datetime, finished: int = 1000) -> list[Row]:
    """Some views of an article; the first `finished` of them are reads to the end."""
    rows = []
    for n in range(count):
        who = f"{name}{n}"
        ms, scroll = (30_000, 100) if n < finished else (2_000, 10)
        rows.append(view(who, when, of, who))
        told = when + dt.timedelta(minutes=1)
        rows.append(engagement(who, told, ms, scroll=scroll, acts=2, visitor=who))
    return rows


def _figures(part: Any) -> list[dict[str, Any]]:
    found = small._nodes(small._plain(part))
    return [each["props"]["figure"] for each in found if each["type"] == "Graph"]


def _chosen(part: Any) -> list[str]:
    found = small._nodes(small._plain(part))
    return [said(each) for each in found if each["props"].get("data-chosen") == "true"]


# --- head --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "address", "title", "line"),
    [
        ("2026-05-06 13:00", "/", "Morning", "Yesterday, Tuesday 5 May 2026"),
        ("2026-05-06 14:00", "/", "Overview", "Today so far, Wednesday 6 May 2026"),
        ("2026-05-06 13:00", "/?period=today", "Overview", "Today so far, Wednesday 6 May 2026"),
        ("2026-05-06 13:00", "/?period=7d", "Overview", "29 Apr to 5 May 2026 · 7 days"),
    ],
)
def test_before_eleven_the_page_is_the_morning_of_yesterday(
    tmp_path: Path, now: str, address: str, title: str, line: str
) -> None:
    with desk_of(tmp_path, *VIEWS, *ARTICLES, now=now) as opened:
        words = said(head.draw_head(opened, at(address)))

    assert words.startswith(f"{title} {line} ·")


def test_the_head_counts_what_was_published_and_names_what_was_refused(desk: Desk) -> None:
    words = said(head.draw_head(desk, at("/?period=2026-05-04..2026-05-05&metric=clicks")))

    assert "1 article published · America/Sao_Paulo" in words
    assert "Not understood in the address, so the default is shown: metric “clicks”." in words


def test_a_filter_can_be_taken_off(desk: Desk) -> None:
    drawn_ = head.draw_head(desk, at(f"{DAY}&channel=other_site"))

    assert links(drawn_)["Channel: Other sites ×"] == "/?period=2026-05-05"


# --- sentence and numbers ----------------------------------------------------------------------------------


def test_the_sentence_says_what_how_much_and_what_carried_it(desk: Desk) -> None:
    drawn_ = day.draw_day(desk, at(DAY))

    assert "Tuesday brought 4 reads ; “https://news.example/A1” and" in said(drawn_)
    assert "brought 4 of them ." in said(drawn_)
    assert links(drawn_)["“https://news.example/A1”"] == "/articles/A1"


def test_cards_show_the_worked_example(desk: Desk) -> None:
    shown = small._nodes(small._plain(day.draw_day(desk, at(DAY))))
    numbers = [said(each) for each in shown if each["props"].get("className") == "kpi-number"]

    assert numbers == ["9", "4", "6", "3 min", "2"]


def test_a_day_above_its_band_says_so(busy: Desk) -> None:
    words = said(day.draw_day(busy, at(DAY)))

    assert "than a typical Tuesday" in words
    assert "▲" in words
    assert "above typical:" in words
    assert f"median and 10–90{PERCENT} of the last 8 Tuesdays" in words


def test_a_longer_period_stands_beside_the_one_before(busy: Desk) -> None:
    words = said(day.draw_day(busy, at("/?period=2026-04-29..2026-05-05")))

    assert "29 Apr to 5 May 2026 brought" in words
    assert "than the 7 days before (30)" in words
    assert "30 the 7 days before" in words


def test_without_a_comparison_numbers_stand_alone(busy: Desk) -> None:
    words = said(day.draw_day(busy, at(f"{DAY}&compare=none")))

    assert "typical Tuesday" not in words
    assert "▲" not in words


def test_a_card_chooses_the_metric_of_the_chart(desk: Desk) -> None:
    drawn_ = day.draw_day(desk, at(f"{DAY}&metric=views"))

    assert links(drawn_)["Reads"] == "/?period=2026-05-05"
    assert links(drawn_)["Readers"] == "/?period=2026-05-05&metric=readers"
    assert [words.split()[0] for words in _chosen(drawn_)] == ["Views"]
    assert said(drawn(hours.draw_chart)(desk, at(f"{DAY}&metric=views"))).startswith("Views per hour")


def test_a_source_without_reading_time_is_shown_by_its_views(unmeasured: Desk) -> None:
    words = said(day.draw_day(unmeasured, at(DAY)))

    assert "Tuesday brought 9 views" in words
    assert "Sessions" in words
    assert "Engaged" not in words
    assert "Read rate" not in heads(drawn(top.draw_top)(unmeasured, at(DAY)))
    assert "Not known This source does not say" in said(drawn(boards.draw_ways)(unmeasured, at(DAY)))


def test_an_empty_home_says_how_readers_come_in(tmp_path: Path) -> None:
    with desk_of(tmp_path) as opened:
        words = said(day.draw_day(opened, at("/")))
        others = [
            drawn(each)(opened, at("/"))
            for each in (hours.draw_chart, look.draw_look, top.draw_top, boards.draw_ways)
        ]

    assert "No readers yet" in words
    assert "tearsheet import table views.csv --mapping views.toml" in words
    assert 'src="/t/tearsheet.js" data-domain="news.example"' in words
    assert "Waiting for the first event" in words
    assert others == [None] * 4


# --- the course --------------------------------------------------------------------------------------------


def test_the_chart_holds_every_hour_its_band_and_the_week_before(busy: Desk) -> None:
    drawn_ = drawn(hours.draw_chart)(busy, at(DAY))
    this, _, low, high, median, before, *_ = _figures(drawn_)[0]["data"]

    assert len(this["x"]) == 24
    assert (this["y"][12], before["y"][12]) == (160, 30)
    assert (low["y"][12], high["y"][12], median["y"][12]) == (30.7, 36.3, 33.5)
    assert f"Band: 10–90{PERCENT} of a typical Tuesday; dashed: Tue 28 Apr" in said(drawn_)


@pytest.mark.parametrize(
    ("days", "place", "href"),
    [
        ("2026-05-05", 9, "/articles?period=2026-05-05&section=politics&hour=9"),
        ("2026-05-04..2026-05-05", 33, "/articles?period=2026-05-05&section=politics&hour=9"),
        ("7d", 6, "/articles?period=2026-05-05&section=politics"),
        ("2026-01-01..2026-05-05", 17, "/articles?period=2026-04-27..2026-05-03&section=politics"),
        ("2026-01-01..2026-05-05", 18, "/articles?period=2026-05-04..2026-05-05&section=politics"),
    ],
)
def test_a_press_on_the_chart_leads_to_the_articles_of_that_hour_or_day(
    busy: Desk, days: str, place: int, href: str
) -> None:
    drawn_ = drawn(hours.draw_chart)(busy, at(f"/?period={days}&section=politics"))

    assert _figures(drawn_)[0]["layout"]["meta"]["leads"][place] == href
    assert href in links(drawn_).values()  # the table of the chart leads there too


def test_hours_that_have_not_come_are_no_zeros(tmp_path: Path) -> None:
    with desk_of(tmp_path, *VIEWS, *ARTICLES, now="2026-05-05 18:30") as opened:
        drawn_ = drawn(hours.draw_chart)(opened, at("/?period=today&metric=views"))
        columns, rows = hours.course_rows(opened, at("/?period=today&metric=views"))
    whole, running = _figures(drawn_)[0]["data"][:2]

    assert [whole["y"][14], whole["y"][15], whole["y"][16]] == [1, None, None]
    assert running["y"][15] == 1
    assert columns[:2] == ["bucket", "views"]
    assert rows[16][1] is None


def test_the_twin_has_the_same_numbers(desk: Desk) -> None:
    words = said(drawn(hours.draw_chart)(desk, at(f"{DAY}&metric=views")))

    assert "View as table" in words
    assert "09:00 3 10:00 0 11:00 1" in words


def test_what_was_published_is_marked(desk: Desk) -> None:
    drawn_ = drawn(hours.draw_chart)(desk, at("/?period=2026-05-04..2026-05-05"))
    labels = [each["text"] for each in _figures(drawn_)[0]["layout"]["annotations"]]

    assert {"• A1", "<b>1</b>"} <= set(labels)  # a number on phones, and below the chart what it stands for
    assert "1 Mon 4 May A1" in said(drawn_)
    assert links(drawn_)["A1"] == "/articles/A1"


# --- worth a look ------------------------------------------------------------------------------------------


def test_good_but_unseen_and_hot_talk_are_found_with_their_grounds(busy: Desk) -> None:
    words = said(drawn(look.draw_look)(busy, at(DAY)))

    assert "Good but unseen Story 9 78 % finished it (65 to 88 %), with only 51 views" in words
    assert "Most discussed Story 5 6 comments on 55 views" in words


def test_findings_lead_to_all_such(busy: Desk) -> None:
    found = links(drawn(look.draw_look)(busy, at(DAY)))

    assert found["All : Good but unseen"] == "/articles?period=2026-05-05&sort=-finish_rate"
    assert found["All : Most discussed"] == "/articles?period=2026-05-05&sort=-comments"


def test_a_finding_says_where_it_stands_and_how_old_it_is(tmp_path: Path) -> None:
    rows: list[Row | Article] = [
        article("T", title="The quay", section="local", published_at=utc("2026-05-05 13:00")),
        *_visits("x", "T", 40, utc("2026-05-05 15:00"), finished=5),
        *[comment(f"k{n}", "published", "2026-05-05 16:00", article="T", writer=f"k{n}") for n in range(6)],
    ]
    with desk_of(tmp_path, *rows) as opened:
        words = said(drawn(look.draw_look)(opened, at(DAY)))

    assert "The quay local · 24 h old 6 comments on 40 views" in words


@pytest.mark.parametrize("search", ["", "?period=today", "?period=yesterday", "?period=28d"])
def test_the_first_reader_finds_the_answers_in_hand(
    search: str, busy: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy.store.forget()
    for look_ in overview.first_looks(busy):
        look_()
    monkeypatch.setattr(counts, "ask_store", lambda *_given, **_named: pytest.fail("asked anew"))

    assert said(day.draw_day(busy, at(f"/{search}")))
    busy.store.forget()
    with pytest.raises(pytest.fail.Exception, match="asked anew"):
        day.draw_day(busy, at(f"/{search}"))


def test_cards_draw_the_last_whole_days(busy: Desk) -> None:
    last, found = courses.recent(busy.store, ["views", "comments"], scope_of(busy, at(DAY)).ask(), utc(NOW))
    drawn_ = small._nodes(small._plain(day.draw_day(busy, at(DAY))))
    labels = [each["props"]["spec"]["label"] for each in drawn_ if "spec" in each["props"]]

    assert str(last) == "2026-05-05"
    assert [found["views"][place] for place in (-1, -2, -8)] == [
        80 + sum(60 - n for n in range(1, 10)),
        0,
        30,
    ]
    assert found["comments"][-1] == 6
    assert "Views a day, 28 days to 5 May" in labels


def test_on_its_first_day_a_newsroom_sees_today(tmp_path: Path) -> None:
    with desk_of(tmp_path, view("first", "2026-05-06 11:30"), now="2026-05-06 12:00") as opened:
        words = said(head.draw_head(opened, at("/")))

    assert words.startswith("Overview Today so far")


def test_little_data_makes_no_finding(desk: Desk) -> None:
    assert "Nothing stands out yet" in said(drawn(look.draw_look)(desk, at(DAY)))


# --- top articles ------------------------------------------------------------------------------------------


def test_top_articles_say_what_they_rest_on(desk: Desk) -> None:
    drawn_ = drawn(top.draw_top)(desk, at(DAY))
    first, second = cells(drawn_)

    assert (first["rank"], first["id"], first["reads_text"], second["reads_text"]) == ("1", "A1", "3", "1")
    assert (first["read_rate_text"], first["read_rate_few"]) == ("60\N{NARROW NO-BREAK SPACE}%", True)
    assert first["read_rate_full"].startswith("n 5, ")
    assert (first["comment_rate_text"], first["comment_rate_under"]) == ("333.3", "1")
    assert (first["href"], first["byline"]) == (
        "/articles/A1",
        "Name of u1, Name of u2 · published Mon 09:00",
    )
    assert second["byline"] == "Name of u1 · not in the catalogue"
    assert "2 of 2, together 100 % of reads" in said(drawn_)


def test_equal_rows_share_a_rank(unmeasured: Desk) -> None:
    drawn_ = drawn(top.draw_top)(unmeasured, at(DAY))

    assert [row["rank"] for row in cells(drawn_)] == ["1=", "1=", "1="]


def test_the_download_has_what_the_table_shows(desk: Desk) -> None:
    columns, rows = top.article_rows(desk, at(DAY))
    found = [dict(zip(columns, row, strict=True)) for row in rows]

    assert [(row["rank"], row["id"], row["views"], row["reads"]) for row in found] == [
        (1, "A1", 6, 3),
        (2, "A2", 3, 1),
    ]


def test_a_filter_that_leaves_nothing_says_which_it_was(desk: Desk) -> None:
    drawn_ = drawn(top.draw_top)(desk, at(f"{DAY}&section=sport"))

    assert "Nothing was read here The filter by section leaves no article." in said(drawn_)
    assert links(drawn_)["Clear the filters"] == "/?period=2026-05-05"


# --- boards ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("credit", "words"),
    [
        ("full", "Full credit each; rows add to 175 % of reads"),
        ("equal", "Equal credit; rows add to 100 % of reads"),
        ("first", "Credit to the first author; rows add to 100 % of reads"),
    ],
)
def test_authors_name_the_credit_and_what_rows_add_to(desk: Desk, credit: str, words: str) -> None:
    assert words in said(drawn(boards.draw_authors)(desk, at(f"{DAY}&credit={credit}")))


def test_authors_lead_to_their_pages_of_the_same_days(desk: Desk) -> None:
    found = links(drawn(boards.draw_authors)(desk, at(DAY)))

    assert found["Name of u1"] == "/authors/u1?period=2026-05-05"
    assert found["All 2"] == "/authors?period=2026-05-05"


def test_topics_stand_with_their_shares(desk: Desk) -> None:
    drawn_ = drawn(boards.draw_topics)(desk, at("/?period=2026-05-04..2026-05-05"))

    assert "○ share of 1 piece ● share of reads; rows add to 175 %" in said(drawn_)
    assert "Name of city 100 % → 100 %" in said(drawn_)
    assert links(drawn_)["Name of budget"] == "/topics/budget?period=2026-05-04..2026-05-05&split=topic"


def test_without_topics_sections_take_their_place(tmp_path: Path) -> None:
    with desk_of(tmp_path, *VIEWS, *ENGAGEMENTS, article("A1", section="politics")) as opened:
        words = said(drawn(boards.draw_topics)(opened, at(DAY)))

    assert words.startswith("Sections")
    assert "politics" in words


def test_ways_in_have_shares_and_lead_to_their_filter(desk: Desk) -> None:
    drawn_ = drawn(boards.draw_ways)(desk, at(DAY))

    assert "Direct 44 % Own pages 22 % Search 22 % Social 11 %" in said(drawn_)
    assert links(drawn_)["Search"] == "/?period=2026-05-05&channel=search"


def test_changes_of_ways_in_are_grey_where_few(busy: Desk) -> None:
    drawn_ = drawn(boards.draw_ways)(busy, at(f"{DAY}&compare=previous"))

    assert "change since Tue 28 Apr" in said(drawn_)
    assert "▲" not in said(drawn_)


def test_ways_in_outside_their_band_are_marked_and_assistants_always_named(busy: Desk) -> None:
    words = said(drawn(boards.draw_ways)(busy, at(DAY)))

    assert "change since the median Tuesday" in words
    assert "Direct 100 % ▲ >10× , above the typical range" in words
    assert "AI assistants: none sent anybody" in words


def test_under_a_channel_its_sources_are_listed_and_comments_leave(desk: Desk) -> None:
    address = f"{DAY}&channel=search"

    assert "Comments" not in said(day.draw_day(desk, at(address)))
    assert "Not known" in said(drawn(boards.draw_ways)(desk, at(address)))
    assert "rows add to" in said(drawn(boards.draw_authors)(desk, at(address)))


# --- foot, frame -------------------------------------------------------------------------------------------


def test_the_foot_counts_what_the_data_cannot_tell(desk: Desk) -> None:
    words = said(head.draw_foot(desk, at(DAY)))

    assert "11 % of views without a signal 13 % without a beacon as of 10:00" in words


def test_the_foot_counts_what_rules_kept_out(tmp_path: Path) -> None:
    with desk_of(tmp_path, *VIEWS) as opened:
        with opened.store.write() as cursor:
            cursor.execute(
                "INSERT INTO dropped_hits SELECT $site, gen_random_uuid(), $at, $day, 'page_views', 'bot', "
                "'monitoring', '{}'",
                {"site": SITE, "at": utc("2026-05-05 12:00"), "day": dt.date(2026, 5, 5)},
            )
        drawn_ = head.draw_foot(opened, at(DAY))

    assert links(drawn_)["1 page load filtered out"] == "/health"


def test_every_slot_has_its_place_and_every_download_its_table(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[str] = []
    monkeypatch.setattr("dashboards.slots.fill", lambda _app, name, _draw, **_words: bound.append(name))
    overview.register(None)  # type: ignore[arg-type]  # nothing is bound, only named
    laid = small._plain(overview.layout(at("/")))

    assert [each["props"]["id"] for each in laid["props"]["children"]] == bound
    assert all(name.startswith("overview-") for name in overview.DOWNLOADS)


def test_every_download_answers(desk: Desk) -> None:
    for name, table in overview.DOWNLOADS.items():
        columns, rows = table(desk, at(DAY))

        assert columns, name
        assert all(len(row) == len(columns) for row in rows), name


def test_numbers_that_are_behind_say_so_under_the_title(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = said(head.draw_head(desk, at("/?period=today")))
    monkeypatch.setattr(desk, "lag_s", lambda: 185.0)
    behind = head.draw_head(desk, at("/?period=today"))

    assert "behind" not in whole
    assert "Data to 09:56, 3 min behind" in said(behind)
    assert any(href.startswith("/health") for href in links(behind).values())
    assert "behind" not in said(head.draw_head(desk, at("/?period=yesterday")))
