"""A recount of the visitors who changed comes to what a recount of the whole day gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.jobs import runner, visitors
from analytics.jobs.links import seal
from analytics.jobs.reading import Run
from analytics.jobs.recount import REPLACED, recount
from analytics.store.store import Store
from tests.builders import Article, Row, article, comment, engagement, step, view
from tests.jobs import traffic
from tests.jobs.comparing import close_all_days, counted, differences, mark_all_days
from tests.jobs.test_laws import laws
from tests.newsroom import Newsroom, another

DAY = "2026-05-05"

_times = st.one_of(
    st.integers(0, 4 * 3600), st.integers(105 * 60, 150 * 60), st.integers(24 * 3600, 27 * 3600)
)
_who = st.sampled_from(("p", "p", "q", "r", None))
_prev = st.sampled_from((None, None, None, "p", "q"))
_names = st.sampled_from(("v0", "v1", "v2", "v3", "v4"))


@st.composite
def _told(draw: st.DrawFn) -> Row:
    """Anything a source may send: a view id under two visitors, beacons under another hash, any link."""
    second, name, who, prev = draw(_times), draw(_names), draw(_who), draw(_prev)
    at = traffic.EVENING + dt.timedelta(seconds=second)
    event = f"{name} {who} {second}"
    if draw(st.booleans()):
        page, signal = draw(st.sampled_from(traffic.PAGES)), draw(st.sampled_from(traffic.SIGNALS))
        way = draw(st.sampled_from(("direct", "search", None)))
        return view(
            name, at, page, who, prev=prev, event=event, signal=signal, channel=way, reader_id=second % 3
        )
    of = draw(st.sampled_from((name, name, "unknown", None)))
    mode = draw(st.sampled_from(("max", "sum")))
    return engagement(
        of, at, draw(st.integers(0, 90_000)), 50, 1, visitor=who, prev=prev, mode=mode, event=event
    )


_strange = st.lists(_told(), max_size=14, unique_by=lambda row: row.values["event_at"])


def _in_parts(rows: Sequence[Row | Article], data: st.DataObject) -> list[Sequence[Row | Article]]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=5), label="cuts"))
    return [rows[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True) if begin < end]


@laws
@given(
    loads=traffic.traffic,
    strange=_strange,
    states=traffic.talk,
    typed=traffic.typing,
    changes=st.lists(traffic.catalogues, max_size=1),
    data=st.data(),
)
def test_the_visitors_who_changed_come_to_what_the_whole_day_gives(
    shared_store: Store,
    loads: list[traffic.Load],
    strange: list[Row],
    states: list[tuple[str, str, int, bool]],
    typed: list[tuple[str, str, int]],
    changes: list[Article],
    data: st.DataObject,
) -> None:
    said = {sign.at for sign in traffic.signs(loads)}
    others = [row for row in strange if row.values["event_at"] not in said]  # who came first must be told
    rows: list[Row | Article] = [*(sign.row for sign in traffic.signs(loads)), *others]
    rows += [*traffic.talks(states), *traffic.steps(typed), *changes]
    parts = _in_parts(data.draw(st.permutations(rows)), data)
    ends = traffic.EVENING + dt.timedelta(seconds=data.draw(st.integers(0, 30 * 3600), label="now"))
    room = another(shared_store, now=str(traffic.EVENING))
    for number, part in enumerate(parts, 1):
        room.now = traffic.EVENING + (ends - traffic.EVENING) * number / len(parts)
        room.take(*part)
    close_all_days(room)
    room.recount()
    by_visitors = counted(room)
    mark_all_days(room)
    room.recount()
    whole = counted(room)
    for each in (by_visitors, whole):  # when the day comes round again may be later than it had to be
        del each["rolled_days"]

    assert differences(whole, by_visitors) == {}


# --- whom a recount takes ----------------------------------------------------------------------------------


@pytest.fixture
def whole(monkeypatch: pytest.MonkeyPatch) -> list[dt.date]:
    """The days that are counted whole from here on."""
    days: list[dt.date] = []

    def watched(store: Store, run: Run, now: dt.datetime) -> int:
        days.extend(run.period.days)
        return recount(store, run, now)

    monkeypatch.setattr(runner, "recount", watched)
    return days


def test_a_view_and_its_beacons_count_their_visitor_only(newsroom: Newsroom, whole: list[dt.date]) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), view("v2", "2026-05-05 12:00", visitor="q"))
    del whole[:]
    newsroom.take(engagement("v1", "2026-05-05 12:01", 20_000, acts=1))
    newsroom.take(view("v3", "2026-05-05 12:02", "A2", "r"), view("v4", "2026-05-05 12:03", visitor=None))
    newsroom.take(engagement("v2", "2026-05-05 12:01", 30_000, acts=1, visitor="elsewhere"))

    assert (newsroom.value("reads", DAY), newsroom.value("views", DAY)) == (2, 4)
    assert newsroom.value("readers", DAY) == 3
    assert whole == []
    assert newsroom.rows("dirty_parts").is_empty()


def test_a_session_that_closes_is_counted_with_whoever_changed(
    newsroom: Newsroom, whole: list[dt.date]
) -> None:
    newsroom.at("2026-05-05 12:10").take(view("v1", "2026-05-05 12:00"))
    open_ = newsroom.rows("sessions", ("is_closed",))["is_closed"].to_list()
    del whole[:]
    newsroom.at("2026-05-05 12:40").take(view("v2", "2026-05-05 12:39", visitor="q"))

    assert open_ == [False]
    assert newsroom.rows("sessions", ("is_closed",), "first_view_at")["is_closed"].to_list() == [True, False]
    assert whole == []


@pytest.mark.parametrize(
    "what",
    [
        article("A1", section="politics"),
        article("A1", authors=("u1",)),
        article("B9", aliases=("A1",)),
    ],
)
def test_a_correction_counts_the_whole_day(newsroom: Newsroom, whole: list[dt.date], what: Article) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))
    del whole[:]
    newsroom.take(what, view("v2", "2026-05-05 12:05", visitor="q"))

    assert whole == [dt.date(2026, 5, 5)]


def test_an_article_that_is_new_counts_nobody_else(newsroom: Newsroom, whole: list[dt.date]) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"))
    del whole[:]
    newsroom.take(
        article("A2", section="politics", authors=("u1",)),
        view("v2", "2026-05-05 12:05", "A2", "q", props='{"author":["Ana"],"section":"city"}'),
        view("v3", "2026-05-05 12:05", "A3", "r", props='{"author":["Ana"],"section":"city"}'),
    )

    assert newsroom.ranking("section", "views", DAY) == [(1, "city", 1), (1, "politics", 1), (None, None, 1)]
    assert whole == []


def test_a_fact_is_the_same_alone_and_among_others(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", word_count=17))
    newsroom.take(view("v1", "2026-05-05 12:00"), engagement("v1", "2026-05-05 12:00:30", 1_000, 82, 1))
    facts = ("scroll_depth", "read_depth")
    alone = newsroom.rows("view_facts", facts).rows()
    newsroom.take(
        *(view(f"w{n}", "2026-05-05 12:00", visitor=f"q{n}") for n in range(3)),
        *(engagement(f"w{n}", "2026-05-05 12:00:30", 1_000, 82, 1, visitor=f"q{n}") for n in range(3)),
    )
    newsroom.recount(everything=True)

    assert newsroom.rows("view_facts", facts).rows() == alone * 4


def test_many_rows_at_once_count_the_whole_day(
    newsroom: Newsroom, whole: list[dt.date], monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.take(*(view(f"v{n}", "2026-05-05 12:00", visitor=f"p{n}") for n in range(19)))
    del whole[:]
    monkeypatch.setattr(visitors, "FEW", 0)
    newsroom.take(view("w1", "2026-05-05 12:01", visitor="p1"))
    one = list(whole)
    newsroom.take(*(view(f"w{n}", "2026-05-05 12:02", visitor=f"p{n}") for n in range(2, 6)))

    assert (one, whole) == ([], [dt.date(2026, 5, 5)])


def test_sums_that_cannot_be_right_are_made_anew(newsroom: Newsroom, whole: list[dt.date]) -> None:
    newsroom.take(*(view(name, "2026-05-05 12:00", visitor=name) for name in ("v1", "v2")))
    with newsroom.store.write() as cursor:
        cursor.execute("UPDATE dimension_days SET exits = 0")
    del whole[:]
    newsroom.take(view("v3", "2026-05-05 12:01", "A2", visitor="v1"))

    assert newsroom.value("exit_rate", DAY) == 2 / 3
    assert whole == [dt.date(2026, 5, 5)]


def test_a_day_counted_by_visitors_is_counted_whole_when_it_is_sealed(
    newsroom: Newsroom, whole: list[dt.date]
) -> None:
    newsroom.at("2026-05-05 12:30").take(view("v1", "2026-05-05 12:00"))
    newsroom.at("2026-05-05 13:30").take(view("v2", "2026-05-05 12:05", visitor="q"))
    newsroom.at("2026-05-09 12:00").recount()
    del whole[:]
    sealed = [seal(newsroom.store, newsroom.now)]
    newsroom.recount()
    sealed += [seal(newsroom.store, newsroom.now), seal(newsroom.store, newsroom.now)]

    assert whole == [dt.date(2026, 5, 5)]
    assert sealed == [1, 1, 0]


def test_a_late_event_after_midnight_changes_the_day_before_by_its_visitor(
    newsroom: Newsroom, whole: list[dt.date]
) -> None:
    newsroom.at("2026-05-05 03:01").take(
        view("v1", "2026-05-05 02:50", "A1", "p"), view("v2", "2026-05-05 03:00:30", "A1", "z")
    )
    newsroom.at("2026-05-05 03:03").take(view("v3", "2026-05-05 03:02", "A2", "p2", prev="p"))
    del whole[:]
    newsroom.at("2026-05-05 03:06").take(view("v4", "2026-05-05 03:05", "A3", "p2"))

    assert newsroom.rows("view_facts", ("view_id", "is_recirculated"), "event_at").rows() == [
        ("v1", True),
        ("v2", False),
        ("v3", True),
        ("v4", False),
    ]
    assert newsroom.rows("sessions", ("views",), "first_view_at")["views"].to_list() == [3, 1]
    assert whole == []


def test_rows_of_others_stay_where_they_are(newsroom: Newsroom) -> None:
    newsroom.take(*(view(name, "2026-05-05 12:00", name, name) for name in ("v1", "v2", "v3")))

    def places() -> dict[str, list[int]]:
        return {table: newsroom.rows(table, ("rowid",))["rowid"].to_list() for table in REPLACED}

    before = places()
    newsroom.take(comment("c1", "published", "2026-05-05 12:00"), step("b1", "open", "2026-05-05 12:00"))
    after = places()

    assert {table: after[table] for table in after if table not in {"comment_facts", "box_facts"}} == {
        table: before[table] for table in before if table not in {"comment_facts", "box_facts"}
    }
    assert newsroom.value("comments", DAY) == 1
