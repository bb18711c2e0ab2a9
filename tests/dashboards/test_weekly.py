"""The weekly review and the comparison: which week, which items, what stands there and what stays away."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest

from analytics import marks
from analytics.catalog.edits import SetGoal
from analytics.desk import Desk
from analytics.errors import UsageError
from dashboards import figures
from dashboards.pages import compare, weekly
from tests.builders import SITE, Row, article, comment, engagement, utc, view
from tests.dashboards.small import at, desk_of, links, said

WEEK = "/weekly?week=2026-W18"


def read(article_id: str, day: str, times: int) -> list[Row]:
    opened = utc(f"{day} 12:00")
    rows: list[Row] = []
    for n in range(times):
        name = f"{article_id}-{day}-{n}"
        rows.append(view(name, opened, article_id, name, channel="search", source="Google"))
        rows.append(engagement(name, opened + dt.timedelta(minutes=1), 20_000, acts=2, visitor=name))
    return rows


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(
        tmp_path_factory.mktemp("home"),
        article(
            "A1",
            title="The ferry",
            section="Transport",
            authors=("u1",),
            published_at=utc("2026-04-27 11:00"),
        ),
        article(
            "A2", title="The market", section="Local", authors=("u2",), published_at=utc("2026-04-28 11:00")
        ),
        article("A3", title="The wreck", section="Local", published_at=utc("2026-04-28 11:30")),
        article("A4", title="Undated"),
        view("v0", "2026-04-01 12:00", "A9"),
        *read("A1", "2026-04-27", 40),
        *read("A2", "2026-04-28", 60),
        *read("A1", "2026-04-21", 31),
        view("v1", "2026-05-06 12:00", "A4"),
        comment("c1", "published", "2026-04-28 13:00", article="A2"),
    ) as opened:
        yield opened


def test_the_last_complete_week_is_shown_and_others_have_addresses(desk: Desk) -> None:
    shown = weekly.resolved(desk, at("/weekly"))
    found = links(weekly.head(desk, at("/weekly")))

    assert (shown.period.first, shown.period.key) == (dt.date(2026, 4, 27), "2026-W18")
    assert found["Week before"] == "/weekly?week=2026-W17"
    assert found["Week after"] == "/weekly?week=2026-W19"
    assert "not over yet" in said(weekly.head(desk, at("/weekly?week=2026-W19")))
    assert at("/weekly?week=2026-W60").refused


def test_a_week_has_its_sentence_and_says_once_that_no_range_is_known(desk: Desk) -> None:
    words = said(weekly.numbers(weekly.resolved(desk, at(WEEK))))

    assert "brought 100 reads" in words
    assert words.count("no typical range yet") == 1


def test_pieces_ghosts_authors_and_sources_of_a_week(desk: Desk) -> None:
    shown = weekly.resolved(desk, at(WEEK))

    assert list(links(weekly.pieces(shown)))[-3:] == ["The market", "The ferry", "The wreck"]
    assert "The wreck" in said(weekly.ghosts(shown))
    assert said(weekly.authors(shown)).index("Name of u1") < said(weekly.authors(shown)).index("Name of u2")
    assert "Google" in said(weekly.moved(shown))
    assert "Transport" in said(weekly.sections(shown))
    names, rows = weekly.piece_rows(desk, at(WEEK))
    assert [row[names.index("id")] for row in rows] == ["A2", "A1", "A3"]


def test_comments_stay_away_under_a_filter_that_they_do_not_know(desk: Desk) -> None:
    assert "Comments written" in said(weekly.talk(weekly.resolved(desk, at(WEEK))))
    assert weekly.talk(weekly.resolved(desk, at(f"{WEEK}&channel=search"))) is None
    assert "No source of comments was live then." in said(
        weekly.talk(weekly.resolved(desk, at("/weekly?week=2020-W10")))
    )


def test_periods_are_compared_with_the_ones_before_unless_told_otherwise(desk: Desk) -> None:
    address = "/compare?items=2026-W18,2026-W17"
    words = said(compare.numbers(desk, at(address)))

    assert "27 Apr to 3 May 2026" in words
    assert "+223 %" in words  # 100 reads against 31
    assert "Reads per day" in said(compare.course(desk, at(address)))
    assert "29 Apr to 5 May 2026" in said(compare.numbers(desk, at("/compare")))


def test_articles_stand_side_by_side_with_curves_by_age(desk: Desk) -> None:
    address = "/compare?of=articles&items=A1,A2,A4&period=2026-04-01..2026-05-05"
    drawn = compare.numbers(desk, at(address))

    assert links(drawn)["The ferry"] == "/articles/A1"
    assert "Without a date of publication: Undated" in said(compare.course(desk, at(address)))
    names, rows = compare.rows(desk, at(address))
    reads = {row[0]: row[3] for row in rows if row[names.index("metric")] == "reads"}
    assert reads == {"A1": 71, "A2": 60, "A4": 0}


def test_one_more_can_be_added_and_taken_off(desk: Desk) -> None:
    address = "/compare?of=authors&items=u1&period=28d"
    added = links(compare.head(desk, at(address)))

    assert added["Name of u2"] == "/compare?period=28d&of=authors&items=u1,u2"
    assert "Choose authors to compare" in said(compare.numbers(desk, at(address)))
    assert compare.course(desk, at(address)) is None
    three = links(compare.numbers(desk, at("/compare?of=articles&items=A1,A2,A3")))
    assert three["Take off"] == "/compare?of=articles&items=A1,A2"
    two = links(compare.numbers(desk, at("/compare?of=articles&items=A1,A2")))
    assert two["Take off"] == "/compare?of=articles&items=A1"
    assert "Take off" not in links(compare.numbers(desk, at("/compare")))


def test_others_are_found_by_typing_and_other_days_by_the_calendar(desk: Desk) -> None:
    found = repr(compare.head(desk, at("/compare?of=authors&items=u1&period=28d")))
    days = repr(compare.head(desk, at("/compare")))

    assert "{'control': 'another', 'default': 'u1'}" in found
    assert "{'control': 'another', 'default': '7d,2026-04-22..2026-04-28'}" in days


def test_the_curves_have_a_file_and_a_key_of_their_dashes(desk: Desk) -> None:
    names, rows = compare.course_rows(desk, at("/compare?items=2026-W18,2026-W17"))

    assert list(names) == ["id", "name", "day", "reads"]
    assert sum(int(str(row[3])) for row in rows if row[0] == "2026-W18") == 100
    assert len(marks.DASHES) == len(figures._DASHES) == compare.MOST
    assert len({json.dumps(marks.stroke(n).spec()) for n in range(compare.MOST)}) == compare.MOST


@pytest.mark.parametrize(
    "address", ["of=articles&items=A1,nobody", "of=authors&items=nobody", "items=last,7d"]
)
def test_what_is_not_known_is_refused_in_a_sentence(desk: Desk, address: str) -> None:
    with pytest.raises(UsageError):
        compare.numbers(desk, at(f"/compare?{address}"))


def test_goals_are_set_and_say_how_far_the_week_is(desk: Desk) -> None:
    assert "No goals are set" in said(weekly._of_week(weekly.goals)(desk, at("/weekly")))
    done = desk.correct(SITE, SetGoal("views", 2))
    words = said(weekly._of_week(weekly.goals)(desk, at("/weekly")))
    desk.undo(SITE, done.edit_id)

    assert "target 2" in words
    assert "the week is over" in words
    assert "Set reads" in words


def test_the_week_has_its_quadrant_and_decisions(desk: Desk) -> None:
    assert "Production against readership" in said(weekly._of_week(weekly.quadrant)(desk, at("/weekly")))
    assert "No decision was noted in this week." in said(
        weekly._of_week(weekly.decisions)(desk, at("/weekly"))
    )
    assert weekly._of_week(weekly.sent)(desk, at("/weekly")) is None


def test_a_comparison_of_days_that_nobody_knows_says_so(desk: Desk) -> None:
    address = "/compare?items=2026-02-03,2026-02-04"

    assert "No views in this period." in said(compare.numbers(desk, at(address)))
    assert "No curve" in said(compare.course(desk, at(address)))
