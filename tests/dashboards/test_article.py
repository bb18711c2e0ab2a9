"""The page of an article: on the worked example, and on sources that cannot tell everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.catalog.edits import Exclude, File
from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import UsageError
from dashboards.elements import Moved
from dashboards.pages import article as page
from dashboards.pages.article import around, curve, head, numbers, origins, reading, talk
from dashboards.pages.article.shown import drawn
from tests.builders import SITE, Row, article, comment, engagement, utc, view
from tests.dashboards import small
from tests.dashboards.small import at, desk_of, links, said
from tests.newsroom import Newsroom
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

ONE = "/articles/A1?period=2026-05-05"
PANELS = {
    "depth": reading.draw_depth,
    "time": reading.draw_time,
    "around": around.draw_around,
    "devices": around.draw_devices,
    "countries": around.draw_countries,
}
WITH_ROWS = {"depth", "time", "around"}  # of the followed article no device or country is known
PERCENT = " %"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The worked example of metrics.md, with a former counter and a former id of A1."""
    known = article("A1", aliases=("old-1",), balance=(622, "2026-05-04"), url="https://news.example/a1")
    with desk_of(
        tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES[1:], _merged(known)
    ) as opened:
        yield opened


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """An article counted from its publication at 12:00 on: 40 reads in its first hour, 10 in its third."""
    published = utc("2026-05-05 12:00")
    rows: list[Any] = [
        article("N1", title="A pier for everyone", section="local", published_at=published, word_count=50),
        view("before", "2026-05-05 09:00", "X", "x"),
    ]
    rows += _reads("a", published + dt.timedelta(minutes=5), 40)
    rows += _reads("b", published + dt.timedelta(hours=2, minutes=5), 10)
    rows += [view(f"next{n}", published + dt.timedelta(minutes=7), "X", f"a{n}") for n in range(4)]
    with desk_of(tmp_path_factory.mktemp("followed"), *rows) as opened:
        yield opened


@pytest.fixture
def unmeasured(tmp_path: Path) -> Iterator[Desk]:
    """Views of a source that tells no reading time and no way in, of an article no catalogue knows."""
    rows = [view(f"v{n}", "2026-05-05 12:00", "A1", f"p{n}", signal="none", channel=None) for n in range(9)]
    with desk_of(tmp_path, *rows) as opened:
        yield opened


def _merged(extra: Any) -> Any:
    first = ARTICLES[0]
    return article("A1", aliases=extra.aliases, balance=extra.balance, **{**first.given, **extra.given})


def _reads(name: str, when: dt.datetime, count: int) -> list[Row]:
    rows = []
    for n in range(count):
        who = f"{name}{n}"
        rows.append(view(who, when, "N1", who, channel="search", source="Google"))
        told = when + dt.timedelta(minutes=1)
        rows.append(engagement(who, told, 40_000, scroll=100, acts=3, visitor=who))
    return rows


def _figure(part: Any) -> dict[str, Any]:
    found = small._nodes(small._plain(part))
    return next(each["props"]["figure"] for each in found if each["type"] == "Graph")


def _numbers(part: Any) -> list[str]:
    found = small._nodes(small._plain(part))
    return [said(each) for each in found if each["props"].get("className") == "kpi-number"]


# --- head --------------------------------------------------------------------------------------------------


def test_the_head_names_authors_topics_and_the_way_here(desk: Desk) -> None:
    found = links(head.draw_head(desk, at("/articles/A1")))

    assert found["Articles"] == "/articles"
    assert found["politics"] == "/articles?section=politics"
    assert found["Name of u1"] == "/authors/u1"
    assert found["Name of budget"] == "/topics/budget?split=topic"
    assert found["Open article ↗"] == "https://news.example/a1"
    assert found["7 days"] == "/articles/A1?period=7d"


def test_the_counter_says_how_much_the_former_one_counted(desk: Desk) -> None:
    words = said(head.draw_head(desk, at("/articles/A1")))

    assert "Read: 628 of which 622 from the former counter" in words


def test_the_page_covers_the_life_of_the_article(desk: Desk) -> None:
    words = said(head.draw_head(desk, at("/articles/A1")))

    assert "published Mon 4 May 2026, 09:00 · 2 d ago" in words
    assert "Since publication, 4 May to 5 May 2026 · 2 days · America/Sao_Paulo" in words


def test_a_former_id_shows_the_article(desk: Desk) -> None:
    assert _numbers(drawn(numbers.draw_cards)(desk, at("/articles/old-1?period=2026-05-05"))) == _numbers(
        drawn(numbers.draw_cards)(desk, at(ONE))
    )


def test_an_unknown_id_says_so_and_offers_a_way_back(desk: Desk) -> None:
    drawn_ = head.draw_head(desk, at("/articles/nope"))

    assert "There is no such article" in said(drawn_)
    assert links(drawn_)["All articles"] == "/articles"
    assert "Search" in said(drawn_)
    assert drawn(numbers.draw_cards)(desk, at("/articles/nope")) is None
    with pytest.raises(UsageError, match="nope"):
        curve.curve_rows(desk, at("/articles/nope"))


def test_an_article_without_a_catalogue_row_shows_its_address(unmeasured: Desk) -> None:
    words = said(head.draw_head(unmeasured, at("/articles/A1")))

    assert "https://news.example/A1" in words
    assert "not in the catalogue" in words
    assert "Since the first view" in words
    assert "no: only its readers told of it" in said(drawn(around.draw_facts)(unmeasured, at("/articles/A1")))


def test_an_address_that_is_no_web_page_is_not_linked(tmp_path: Path) -> None:
    with desk_of(
        tmp_path, view("v", "2026-05-05 12:00", "A1"), article("A1", url="javascript:alert(1)")
    ) as opened:
        found = links(head.draw_head(opened, at("/articles/A1")))

    assert "Open article ↗" not in found


# --- numbers -----------------------------------------------------------------------------------------------


def test_cards_show_the_worked_example_grey_where_few(desk: Desk) -> None:
    drawn_ = drawn(numbers.draw_cards)(desk, at(ONE))

    assert _numbers(drawn_) == ["3", "6", f"60{PERCENT}", "0:13", f"25{PERCENT}", "1"]
    assert said(drawn_).count("too few") == 3
    assert "1 waiting" in said(drawn_)
    assert "333.3 per 1,000 reads 3 written" in said(drawn_)


def test_of_a_quarter_of_an_hour_counts_alone_are_told(tmp_path: Path) -> None:
    young = article("N1", title="Just out", published_at=utc("2026-05-06 12:50"))
    with desk_of(tmp_path, young, *_reads("a", utc("2026-05-06 12:55"), 40)) as opened:
        drawn_ = drawn(numbers.draw_cards)(opened, at("/articles/N1"))

    assert _numbers(drawn_)[1:3] == ["40", "40"]
    assert said(drawn_).count("early") == 3
    assert "Read rate" not in said(drawn_)


def test_rates_stand_beside_their_interval_and_their_section(followed: Desk) -> None:
    words = said(drawn(numbers.draw_cards)(followed, at("/articles/N1")))

    assert f"93 to 100{PERCENT}, n 50" in words
    assert f"local 100{PERCENT}" in words
    assert "too few" not in words


def test_without_reading_time_visits_are_shown(unmeasured: Desk) -> None:
    words = said(drawn(numbers.draw_cards)(unmeasured, at("/articles/A1")))

    assert "Views" in words
    assert "Sessions" in words
    assert "Median engaged" not in words
    assert "no comments connected" in words


# --- curve and what happened -------------------------------------------------------------------------------


def test_the_curve_adds_up_from_publication(followed: Desk) -> None:
    drawn_ = drawn(curve.draw_curve)(followed, at("/articles/N1"))
    reached = _figure(drawn_)["data"][0]

    by_hour = [(x, y) for x, y in zip(reached["x"], reached["y"], strict=True) if x == int(x)]
    assert by_hour[:4] == [(0, 0), (1, 40), (2, 40), (3, 50)]
    assert (reached["x"][-1], reached["y"][-1]) == (25, 50)
    assert said(drawn_).startswith("Reads since publication")
    assert links(drawn_)["Views"] == "/articles/N1?metric=views"


def test_the_curve_turns_to_views_by_the_clock_stacked_by_way_in(followed: Desk) -> None:
    by_age = drawn(curve.draw_curve)(followed, at("/articles/N1"))
    drawn_ = drawn(curve.draw_curve)(followed, at("/articles/N1?by=clock"))
    searched = _figure(drawn_)["data"][0]

    assert links(by_age)["By the clock"] == "/articles/N1?by=clock"
    assert links(drawn_)["By age"] == "/articles/N1"
    assert "Views by the clock, hour by hour" in said(drawn_)
    assert (searched["name"], sum(searched["y"])) == ("Search", 50)
    assert any("published" in each["text"] for each in _figure(drawn_)["layout"]["annotations"])


def test_an_older_article_is_shown_by_the_clock(desk: Desk) -> None:
    drawn_ = drawn(curve.draw_curve)(desk, at("/articles/A1"))

    assert said(drawn_).startswith("Reads per hour By the clock")
    assert "it was published before counting began" in said(drawn_)


def test_a_chosen_period_is_shown_by_the_clock(followed: Desk) -> None:
    columns, rows = curve.curve_rows(followed, at("/articles/N1?period=2026-05-05"))

    assert columns == ["bucket", "reads"]
    assert ("2026-05-05T09:00:00-03:00", 40) in rows


def test_what_happened_is_told_in_order(followed: Desk) -> None:
    words = said(drawn(curve.draw_events)(followed, at("/articles/N1")))

    assert words.index("Published in local, 50 words") < words.index("Best hour 40 views in it")
    assert "Half of its views within 1" in words
    assert "Latest view" in words
    assert "First view" not in words


def test_a_changed_title_is_told(tmp_path: Path) -> None:
    with desk_of(tmp_path, view("v", "2026-05-05 12:00", "A1"), article("A1", title="Old")) as opened:
        Newsroom(opened.store, now=utc("2026-05-06 13:00")).take(article("A1", title="New"))
        words = said(drawn(curve.draw_events)(opened, at("/articles/A1")))

    assert "2 titles so far" in words
    assert "“Old” became “New”" in words


# --- where from, how far -----------------------------------------------------------------------------------


def test_views_are_stacked_by_way_in(desk: Desk) -> None:
    drawn_ = drawn(origins.draw_ways)(desk, at(ONE))

    # The first event came at 09:00: what lies before is hatched.
    assert [each["name"] for each in _figure(drawn_)["data"]] == [
        "Own pages, direct",
        "Search",
        "not collected",
    ]


def test_each_way_in_says_what_came_of_its_views(followed: Desk, desk: Desk) -> None:
    drawn_ = drawn(origins.draw_ways)(followed, at("/articles/N1"))

    assert f"Way in Views Reads Read rate Search 100{PERCENT} 50 100{PERCENT}" in said(drawn_)
    assert links(drawn_)["Search"] == "/articles/N1?channel=search"
    assert said(drawn(origins.draw_ways)(desk, at(ONE))).index("Direct") < said(
        drawn(origins.draw_ways)(desk, at(ONE))
    ).index("Search 33")


def test_an_unknown_id_is_no_page(desk: Desk) -> None:
    assert page.is_there(desk, at("/articles/A1"))
    assert page.is_there(desk, at("/articles/old-1"))
    assert not page.is_there(desk, at("/articles/A404"))


def test_sources_say_what_came_of_their_views(followed: Desk) -> None:
    drawn_ = drawn(origins.draw_sources)(followed, at("/articles/N1"))

    assert f"Google 50 100{PERCENT} 50 100{PERCENT} 0:40" in said(drawn_)
    assert links(drawn_)["Google"] == "/articles/N1?source=Google"


def test_how_far_they_read_follows_the_steps(followed: Desk) -> None:
    words = said(drawn(reading.draw_depth)(followed, at("/articles/N1")))

    assert f"100{PERCENT} more" in words  # the deepest of the four quarters
    for step in ("Opened 50 views 100", "Read 10 s or more", "Reached half", "Reached the end", "Finished"):
        assert step in words
    assert "30 s to 1 min 50 views 100" in said(drawn(reading.draw_time)(followed, at("/articles/N1")))


def test_a_source_that_tells_nothing_is_said_once(unmeasured: Desk) -> None:
    address = at("/articles/A1")

    assert "This source cannot tell reading time" in said(drawn(reading.draw_depth)(unmeasured, address))
    assert "does not say where its readers came from" in said(drawn(origins.draw_ways)(unmeasured, address))
    assert drawn(origins.draw_sources)(unmeasured, address) is None
    assert drawn(reading.draw_time)(unmeasured, address) is None


def test_a_former_id_leads_to_the_article_that_it_became(desk: Desk) -> None:
    moved = head.draw_head(desk, at("/articles/old-1?period=2026-05-05"))

    assert isinstance(moved, Moved)
    assert small._plain(moved)["props"]["href"] == "/articles/A1?period=2026-05-05"


# --- talk, around ------------------------------------------------------------------------------------------


def test_who_answers_whom_is_counted_and_never_named(tmp_path: Path) -> None:
    said_at = "2026-05-05 12:30"
    rows = [
        view("v", "2026-05-05 12:00", "A1"),
        comment("a", "published", said_at, article="A1", writer="k1"),
        comment("b", "published", said_at, article="A1", writer="k2", parent_id="a"),
        comment("c", "published", said_at, article="A1", writer="k1", parent_id="b"),
        comment("d", "published", said_at, article="A1", writer="k3", parent_id="a"),
    ]
    with desk_of(tmp_path, *rows) as opened:
        with opened.store.write() as cursor:
            staff = "INSERT INTO staff_commenters SELECT DISTINCT site_id, commenter FROM comment_facts"
            cursor.execute(f"{staff} WHERE comment_id = 'b'")
        words = said(drawn(talk.draw_talk)(opened, at("/articles/A1?period=2026-05-05")))

    assert "1 pair, each to the other" in words
    assert "1 reply of the staff" in words
    assert "k1" not in words


def test_comments_stand_by_their_present_status(desk: Desk) -> None:
    drawn_ = drawn(talk.draw_talk)(desk, at(ONE))

    assert "1 shown 1 waiting 1 rejected" in said(drawn_)
    assert f"50{PERCENT} rejected, n 2" in said(drawn_)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "No comments are connected"),
        ([comment("c", "published", "2026-05-05 12:30", article="B")], "No comments yet"),
    ],
)
def test_without_comments_the_card_says_why(tmp_path: Path, rows: list[Row], words: str) -> None:
    with desk_of(tmp_path, view("v", "2026-05-05 12:00", "A1"), *rows) as opened:
        assert words in said(drawn(talk.draw_talk)(opened, at("/articles/A1")))


def test_under_a_source_comments_are_not_shown(followed: Desk) -> None:
    address = at("/articles/N1?source=Google")

    assert "Not shown under a filter" in said(drawn(talk.draw_talk)(followed, address))
    assert "Comments" not in said(drawn(numbers.draw_cards)(followed, address))


def test_readers_went_on_to_another_article(followed: Desk) -> None:
    drawn_ = drawn(around.draw_around)(followed, at("/articles/N1"))

    assert f"8{PERCENT} of views went on to another article" in said(drawn_)
    assert links(drawn_)["X"] == "/articles/X"


def test_devices_and_countries_say_when_they_are_not_known(desk: Desk) -> None:
    assert "Devices not known" in said(drawn(around.draw_devices)(desk, at(ONE)))
    assert "No country is known of these views." in said(drawn(around.draw_countries)(desk, at(ONE)))


def test_facts_lead_analysts_to_the_rows_of_the_article(desk: Desk) -> None:
    with acting(Identity("person", "p", "Anna", {SITE: Role.ANALYST})):
        found = links(drawn(around.draw_facts)(desk, at(ONE)))
    with acting(Identity("person", "p", "Vera", {SITE: Role.EDITOR})):
        hidden = links(drawn(around.draw_facts)(desk, at(ONE)))

    assert "article_id%20%3D%20%27A1%27" in found["Its views, row by row, in SQL"]
    assert "Its views, row by row, in SQL" not in hidden


def test_facts_name_the_former_ids(desk: Desk) -> None:
    words = said(drawn(around.draw_facts)(desk, at(ONE)))

    assert "1 address merged into it" in words
    assert "Former ids old-1" in words
    assert "Words 300" in words


def test_the_foot_names_what_the_catalogue_lacks(desk: Desk) -> None:
    assert "Metadata complete" in said(drawn(head.draw_foot)(desk, at(ONE)))
    assert "No date of publication in the catalogue" in said(
        drawn(head.draw_foot)(desk, at("/articles/A2?period=2026-05-05"))
    )


def test_the_files_of_small_panels_hold_what_they_show(followed: Desk) -> None:
    files = {name: page.DOWNLOADS[f"article-{name}"](followed, at("/articles/N1")) for name in PANELS}
    depth = {step: (share, n) for step, share, n in files["depth"][1]}

    assert depth["opened"] == (1.0, 50)
    assert depth["read"] == (1.0, 50)
    assert {"finished", "reached 50% of the body", "read 75% to 100%"} <= depth.keys()
    assert sum(int(str(views)) for _low, views, _share in files["time"][1]) == 50
    assert [row[:2] for row in files["around"][1]] == [("after", "X")]
    assert files["devices"][0] == ["device", "name", "views", "views_share"]
    for name, draw in PANELS.items():
        assert ("Download" in said(drawn(draw)(followed, at("/articles/N1")))) is (name in WITH_ROWS)


def test_every_slot_is_bound_and_every_download_answers(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[str] = []
    monkeypatch.setattr("dashboards.slots.fill", lambda _app, name, _draw, **_words: bound.append(name))
    page.register(None)  # type: ignore[arg-type]  # nothing is bound, only named
    laid = small._plain(page.layout(at("/articles/A1")))

    assert [each["props"]["id"] for each in laid["props"]["children"]] == bound
    for name, table in page.DOWNLOADS.items():
        columns, rows = table(desk, at(ONE))

        assert name.startswith("article-")
        assert all(len(row) == len(columns) for row in rows), name


def test_what_editors_changed_is_told_with_who_did(tmp_path: Path) -> None:
    known = article("A1", title="Old", kind="live", language="en-GB")
    views = [view("v", "2026-05-05 12:00", "A1"), view("w", "2026-05-05 12:00", "A2")]
    with desk_of(tmp_path, *views, known) as opened:
        with acting(Identity("person", name="Sam", roles={SITE: Role.EDITOR})):
            opened.correct(SITE, Exclude(["A1"]))
            opened.correct(SITE, File(["A1", "A2"], kind="video"))
        changed, other = (
            said(drawn(around.draw_facts)(opened, at(f"/articles/{of}"))) for of in ("A1", "A2")
        )

    assert "Changed by editors" in changed
    assert changed.count("Sam") == 2
    assert other.count("Sam") == 1
    assert "Language English" in changed
