"""The live page: what it says of a site right now, and of one that is quiet, blind or new."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analytics.desk import Desk
from analytics.queries import typical
from dashboards.pages import live
from dashboards.pages.live import day, head, state
from tests.builders import SITE, ZONE, Article, Row, article, comment, engagement, utc, view
from tests.dashboards.small import at, desk_of, links, said
from tests.newsroom import NOW


def ago(minutes: float) -> dt.datetime:
    return utc(NOW) - dt.timedelta(minutes=minutes)


def crowd(name: str, count: int, minutes: float, of: str = "A1", **more: Any) -> list[Row]:
    return [view(f"{name}{n}", ago(minutes), of, f"{name}{n}", **more) for n in range(count)]


BUSY: tuple[Row | Article, ...] = (
    article("A1", title="Ferry talks", section="Transport", published_at=ago(120)),
    article("A2", title="School plan", section="City", published_at=utc("2026-05-03 12:00")),
    *crowd("a", 24, 3, "A1", channel="search"),
    *crowd("b", 12, 20, "A1", channel="direct"),
    *crowd("c", 2, 4, "A2", channel="ai"),
    *[engagement(f"a{n}", ago(0.5), 15_000, acts=1, visitor=f"a{n}") for n in range(5)],
    comment("new", "pending", "2026-05-06 12:14"),
    comment("old", "published", "2026-05-05 12:14"),
)


def told(desk: Desk, address: str = "/live") -> Any:
    return msgspec.json.decode(state.state(desk, at(address)))


def test_a_busy_site_in_words(tmp_path: Path) -> None:
    with desk_of(tmp_path, *BUSY) as desk:
        found = told(desk)

    assert found["at"] == "10:00"
    assert found["now"]["large"] == {"value": "5", "words": "reading now"}
    assert found["now"]["small"]["value"] == "26"
    assert found["now"]["said"] == "5 reading now, 26 on the site"
    assert found["now"]["peak"] == "peak today 26 at 10:00"
    assert (found["list"]["title"], found["list"]["end"]) == ("Last 30 minutes", "2 of 2")
    first = found["list"]["rows"][0]
    assert (first["title"], first["value"], first["second"]) == ("Ferry talks", "36", "5")
    assert first["line"] == "Transport · 2\N{NARROW NO-BREAK SPACE}h old · mostly search"
    assert first["chip"]["text"] == "▲ 2.0×"
    assert first["chip"]["said"] == "rising, 24 in 15 minutes, 12 in the 15 before"
    assert found["list"]["rows"][1]["line"].endswith("mostly AI assistants")
    assert found["list"]["rows"][1]["chip"] is None
    assert (sum(found["minutes"]["bars"]), found["minutes"]["dark"]) == (38, 5)
    assert [(row["title"], row["value"]) for row in found["published"]["rows"]] == [("Ferry talks", "5")]
    assert [each[:2] for each in found["comments"]["facts"]] == [
        ["1", "written in the last hour"],
        ["1", "waiting for a decision"],
        ["46\N{NARROW NO-BREAK SPACE}min", "waits the oldest"],
    ]
    assert [row["label"] for row in found["ways"]["rows"]] == ["Search", "Direct", "AI assistants"]
    assert found["late"] == ""


def test_quiet_hours_are_said_in_the_heading(tmp_path: Path) -> None:
    with desk_of(tmp_path, *crowd("a", 3, 100)) as desk:
        found = told(desk)

    assert found["list"]["title"] == "Last 4 hours"
    assert found["list"]["line"].startswith("Quiet: under 10 on the site, so 4 h instead of 30 min.")
    assert (found["now"]["large"]["value"], found["minutes"]["dark"]) == ("0", 1)
    assert found["list"]["rows"][0]["value"] == "3"


def test_a_source_without_timed_beacons_shows_who_is_here_and_says_why(tmp_path: Path) -> None:
    with desk_of(tmp_path, *crowd("a", 11, 1, signal="none", format="pixel")) as desk:
        found = told(desk)

    assert found["now"]["large"] == {"value": "11", "words": "on the site in the last 5 minutes"}
    assert found["now"]["small"] is None
    assert "no source sends its time by the clock" in found["now"]["why"]
    assert found["list"]["rows"][0]["second"] == "—"


def test_a_silent_source_says_since_when_and_gives_no_number(tmp_path: Path) -> None:
    with desk_of(tmp_path, *crowd("a", 3, 3 * 24 * 60)) as desk:
        found = told(desk)

    assert found["now"]["large"]["value"] == "—"
    assert found["late"] == "Nothing since Sun 10:00"
    assert "peak" not in found["now"] or not found["now"]["peak"]
    assert found["comments"]["empty"][0] == "No comments are connected."


def test_events_that_wait_are_said_to_be_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk_of(tmp_path, *crowd("a", 3, 1)) as desk:
        monkeypatch.setattr(desk, "lag_s", lambda: 75.0)

        assert told(desk)["late"] == "Events wait 1:15 to be counted"


def test_a_new_site_says_what_to_do(tmp_path: Path) -> None:
    with desk_of(tmp_path) as desk:
        assert "Nothing has been counted yet. No source of views is connected" in said(
            state.draw(desk, at("/live"))
        )
        assert day.draw(desk, at("/live")) is None


def test_section_and_window_stand_in_every_address(tmp_path: Path) -> None:
    with desk_of(tmp_path, *BUSY) as desk:
        drawn = state.draw(desk, at("/live?section=City&window=10&wall=on"))
        found = told(desk, "/live?section=City&window=10")
        top = head.draw_head(desk, at("/live?section=City&window=10"))
        empty = told(desk, "/live?section=Sport")

    assert drawn.href == "/stream/live?section=City&window=10"  # type: ignore[union-attr]
    assert drawn.once == "/stream/live.json?section=City&window=10"  # type: ignore[union-attr]
    assert drawn.first["file"]["href"] == "/download/live.csv?section=City&window=10&path=/live"  # type: ignore[union-attr]
    assert [row["title"] for row in found["list"]["rows"]] == ["School plan"]
    assert links(top)["60 min"] == "/live?section=City&window=60"
    assert links(top)["30 min"] == "/live?section=City"
    assert empty["list"]["empty"][1].endswith(" in Sport.")


def test_a_bad_window_opens_the_page_and_is_named(tmp_path: Path) -> None:
    with desk_of(tmp_path, *BUSY) as desk:
        assert "window “7”" in said(head.draw_head(desk, at("/live?window=7")))


def test_the_file_holds_every_article_of_the_window(tmp_path: Path) -> None:
    many = [view(f"v{n}", ago(2), f"B{n:02}", f"p{n}") for n in range(30)]
    with desk_of(tmp_path, *many) as desk:
        columns, rows = live.DOWNLOADS["live"](desk, at("/live"))

    assert len(rows) == 30
    assert {"id", "title", "fresh_views", "reads", "velocity", "channel"} <= set(columns)


def test_the_curve_adds_up_and_stops_now(tmp_path: Path) -> None:
    rows: list[Row] = []
    for week in range(6):  # today and five Wednesdays before
        for n in range(10 * week or 4):
            moment = utc("2026-05-06 11:05") - dt.timedelta(weeks=week)
            rows.append(view(f"{week} {n}", moment, "A1", f"{week} {n}", signal="none"))
    rows += [view("later", "2026-04-29 20:00", "A1", "later")]
    with desk_of(tmp_path, view("first", "2026-03-25 12:00"), *rows) as desk:
        frame = typical.so_far(desk.store, "views", SITE, dt.date(2026, 5, 6), ZONE, utc(NOW))
        card = day.draw(desk, at("/live"))

    def row(when: str) -> tuple[object, ...]:
        return frame.filter(frame["at"] == utc(when)).select("value", "p10", "median", "p90").row(0)

    assert row("2026-05-06 00:00") == (0, 0, 0, 0)
    assert row("2026-05-06 08:10") == (4, pytest.approx(14), 30, pytest.approx(46))
    assert row("2026-05-06 10:00")[0] == 4
    assert row("2026-05-06 10:10")[0] is None or row("2026-05-06 10:20")[0] is None
    assert row("2026-05-07 00:00")[1:] == (pytest.approx(14.6), 30, pytest.approx(46))
    assert "since midnight; typical by now: 14 to 46" in said(card)
