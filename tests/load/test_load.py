"""The loader: once, whole, and with everything that must come round again marked dirty."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import duckdb
import polars as pl
import pytest

from analytics.errors import StoreError
from analytics.load import Batch, Loaded, load, schema_of
from analytics.queries import health, library
from analytics.store.store import Store
from tests.builders import Reject, article, batch, comment, engagement, step, utc, view
from tests.newsroom import Newsroom
from tests.store.test_store import FailingOnce

DAY = "2026-05-05"
TABLES = ("page_views", "engagements", "comment_states", "interactions")


def _titles(newsroom: Newsroom) -> list[str]:
    return newsroom.rows("page_views", ("title",), "event_at")["title"].to_list()


# --- once --------------------------------------------------------------------------------------------------


def test_every_kind_of_event_is_loaded(newsroom: Newsroom) -> None:
    done = newsroom.load(
        view("v1", "2026-05-05 12:00"),
        engagement("v1", "2026-05-05 12:01", 20_000),
        comment("c1", "published", "2026-05-05 12:00"),
        step("b1", "open", "2026-05-05 12:00"),
    )

    assert done == Loaded(rows=dict.fromkeys(TABLES, 1), repeated=dict.fromkeys(TABLES, 0))
    assert [newsroom.rows(table, ("event_id",)).height for table in TABLES] == [1, 1, 1, 1]


def test_a_repeat_inside_a_batch_counts_once_and_the_first_body_wins(newsroom: Newsroom) -> None:
    done = newsroom.load(
        *(view(f"v{n}", "2026-05-05 12:00", event="same", title=f"title {n}") for n in range(50))
    )

    assert (done.rows, done.repeated) == ({"page_views": 1}, {"page_views": 49})
    assert _titles(newsroom) == ["title 0"]


def test_an_id_in_capitals_is_the_same_id(newsroom: Newsroom) -> None:
    row = view("v1", "2026-05-05 12:00")
    capitals = dataclasses.replace(
        row, values={**row.values, "event_id": str(row.values["event_id"]).upper()}
    )

    assert newsroom.load(row, capitals).rows == {"page_views": 1}
    assert newsroom.load(capitals).repeated == {"page_views": 1}


def test_the_same_batch_twice_counts_once(newsroom: Newsroom) -> None:
    rows = (view("v1", "2026-05-05 12:00"), view("v2", "2026-05-05 12:01"))
    newsroom.load(*rows)
    again = newsroom.load(*rows)

    assert (again.rows, again.repeated, again.new) == ({"page_views": 0}, {"page_views": 2}, 0)


def test_a_retry_within_the_window_counts_once(newsroom: Newsroom) -> None:
    first = view("v1", "2026-05-01 12:00")
    retry = view("v1", "2026-05-01 12:00", received_at=utc("2026-05-08 12:00"))
    newsroom.load(first)

    assert newsroom.load(retry).repeated == {"page_views": 1}


def test_an_id_beyond_the_window_is_a_new_event(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-01 12:00"))
    later = view("v1", "2026-05-01 12:00", received_at=utc("2026-05-08 12:00:01"))

    assert newsroom.load(later).rows == {"page_views": 1}


def test_an_id_of_another_site_is_another_event(store: Store, newsroom: Newsroom) -> None:
    other = Newsroom(store, "other.example")
    other.settle()
    newsroom.load(view("v1", "2026-05-05 12:00"))

    assert other.load(view("v1", "2026-05-05 12:00")).rows == {"page_views": 1}


def test_a_file_of_events_loads_like_a_frame(newsroom: Newsroom, tmp_path: Path) -> None:
    frame = batch(*(view(f"v{n}", "2026-05-05 12:00") for n in range(3))).events["page_views"]
    assert isinstance(frame, pl.DataFrame)
    path = tmp_path / "it's a batch.parquet"
    pl.concat([frame, frame.head(1).with_columns(title=pl.lit("later"))]).write_parquet(path)
    done = load(newsroom.store, Batch(events={"page_views": path}), newsroom.now)
    again = load(newsroom.store, Batch(events={"page_views": path}), newsroom.now)

    assert (done.rows, done.repeated) == ({"page_views": 3}, {"page_views": 1})
    assert again.rows == {"page_views": 0}
    assert _titles(newsroom) == [None] * 3


# --- how far a source was read -----------------------------------------------------------------------------


def test_a_position_that_was_reached_is_skipped(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 12:00"), file="q.db", seq=5)
    skipped = [newsroom.load(view("v2", "2026-05-05 12:00"), file="q.db", seq=seq) for seq in (5, 4)]
    taken = newsroom.load(view("v3", "2026-05-05 12:00"), file="q.db", seq=6)

    assert skipped == [Loaded(), Loaded()]
    assert taken.rows == {"page_views": 1}
    assert newsroom.store.frame("SELECT file, seq FROM spool_offset").rows() == [("q.db", 6)]


@pytest.mark.parametrize("is_durable", [True, False])
def test_a_batch_of_unknown_outcome_counts_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, is_durable: bool
) -> None:
    monkeypatch.setattr(
        newsroom.store, "_connection", FailingOnce(newsroom.store._connection, is_durable=is_durable)
    )
    newsroom.load(view("v1", "2026-05-05 12:00"), file="q.db", seq=1)
    newsroom.recount()

    assert newsroom.value("views", DAY) == 1
    assert newsroom.store.frame("SELECT seq FROM spool_offset").rows() == [(1,)]


def test_rows_without_a_position_come_right_after_an_unknown_outcome(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        newsroom.store, "_connection", FailingOnce(newsroom.store._connection, is_durable=True)
    )
    newsroom.take(view("v1", "2026-05-05 12:00"), article("A1", title="One"))

    assert newsroom.value("views", DAY) == 1
    assert newsroom.rows("article_titles", ("title",)).rows() == [("One",)]


def test_a_batch_that_fails_leaves_nothing(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object) -> None:
        raise duckdb.IOException("IO Error: No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("analytics.load.door.merge_catalogue", refuses)
        with pytest.raises(StoreError, match="Check free space"):
            newsroom.load(view("v1", "2026-05-05 12:00"), article("A1", title="One"), file="q.db", seq=1)

    for table in ("page_views", "articles", "dirty_hours", "sources"):
        assert newsroom.rows(table).is_empty()
    assert newsroom.store.frame("FROM spool_offset").is_empty()
    assert newsroom.load(view("v1", "2026-05-05 12:00"), file="q.db", seq=1).rows == {"page_views": 1}


def test_a_frame_of_other_columns_is_refused_in_a_sentence(newsroom: Newsroom) -> None:
    frame = pl.DataFrame(schema={**schema_of("page_views"), "visitor": pl.Int64()})

    with pytest.raises(StoreError, match="wrong columns: visitor is Int64, not UInt64"):
        load(newsroom.store, Batch(events={"page_views": frame}), newsroom.now)
    with pytest.raises(StoreError, match="no table of events named articles"):
        load(newsroom.store, Batch(events={"articles": frame}), newsroom.now)


def test_lines_that_could_not_be_read_are_counted_by_reason(newsroom: Newsroom) -> None:
    newsroom.load(Reject("bad_time", 7), Reject("bad_time", 9), Reject("no_url", 12))

    assert health.status(newsroom.store, newsroom.now)["rejected"] == {"bad_time": 2, "no_url": 1}
    assert newsroom.rows("bad_events", ("line", "reason"), "line").rows()[0] == (7, "bad_time")


# --- what must be counted again ----------------------------------------------------------------------------


def _dirty(newsroom: Newsroom) -> list[tuple[dt.datetime, dt.date]]:
    return newsroom.rows("dirty_hours", ("DISTINCT hour_at", "day_local")).rows()


def test_a_view_makes_its_hour_dirty_and_a_repeat_makes_none(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 12:34"))
    once = _dirty(newsroom)
    newsroom.recount()
    newsroom.load(view("v1", "2026-05-05 12:34"))

    assert once == [(utc("2026-05-05 12:00"), dt.date(2026, 5, 5))]
    assert _dirty(newsroom) == []


def test_a_late_engagement_makes_the_day_of_its_view_dirty(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 02:50"))
    newsroom.load(engagement("v1", "2026-05-05 03:20", 20_000))

    assert [day for _, day in _dirty(newsroom)] == [dt.date(2026, 5, 4), dt.date(2026, 5, 5)]


def test_a_later_state_makes_the_hour_of_writing_dirty(newsroom: Newsroom) -> None:
    newsroom.take(comment("c1", "pending", "2026-05-01 12:10"))
    newsroom.load(comment("c1", "published", "2026-05-05 15:00"))

    assert (utc("2026-05-01 12:00"), dt.date(2026, 5, 1)) in _dirty(newsroom)


# --- articles that nobody told us of -----------------------------------------------------------------------


def test_an_unknown_article_is_registered_by_its_readers(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 12:00", "u-1", title="From the page"))
    found = library.article(newsroom.store, newsroom.site, "u-1")

    assert (found.title, found.url, found.is_catalogued) == (
        "From the page",
        "https://news.example/u-1",
        False,
    )


def test_an_article_is_registered_once(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 12:00"), comment("c1", "pending", "2026-05-05 12:00"))
    newsroom.load(view("v2", "2026-05-05 12:01"))

    assert newsroom.rows("articles", ("article_id",)).rows() == [("A1",)]


# --- the catalogue -----------------------------------------------------------------------------------------


def _article(newsroom: Newsroom, *columns: str) -> tuple[object, ...]:
    return newsroom.rows("articles", columns).row(0)


def test_the_catalogue_says_what_it_changed(newsroom: Newsroom) -> None:
    created = newsroom.load(article("A1", title="One"), article("A2", title="Two"))
    second = newsroom.load(article("A1", title="One"), article("A2", title="Other"), article("A3"))

    assert (created.created, created.updated, created.unchanged) == (2, 0, 0)
    assert (second.created, second.updated, second.unchanged) == (1, 1, 1)


def test_an_absent_field_keeps_its_value_and_null_clears_it(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", title="One", section="news", word_count=100))
    newsroom.load(article("A1", section=None))

    assert _article(newsroom, "title", "section", "word_count") == ("One", None, 100)


def test_the_catalogue_keeps_the_title_that_readers_told(newsroom: Newsroom) -> None:
    newsroom.load(view("v1", "2026-05-05 12:00", title="From the page"))
    newsroom.load(article("A1", section="news"))

    assert _article(newsroom, "title", "section") == ("From the page", "news")


def test_lists_are_replaced_whole(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", authors=("u1", "u2"), topics=("t1",)))
    newsroom.load(article("A1", authors=("u3", "u1")))
    newsroom.load(article("A1", topics=()))

    assert newsroom.rows("article_authors", ("author_id", "position"), "position").rows() == [
        ("u3", 1),
        ("u1", 2),
    ]
    assert newsroom.rows("article_topics").is_empty()


def test_an_equal_list_is_no_change(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00"), article("A1", authors=("u1", "u2")))
    again = newsroom.load(article("A1", authors=("u1", "u2")))

    assert (again.updated, again.unchanged) == (0, 1)
    assert _dirty(newsroom) == []


def test_former_titles_are_kept(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-05 12:00").load(article("A1", title="One"))
    newsroom.at("2026-05-05 13:00").load(article("A1", title="Two"))
    newsroom.at("2026-05-05 14:00").load(article("A1", title="Two", section="news"))

    assert library.article(newsroom.store, newsroom.site, "A1").titles == (
        (utc("2026-05-05 12:00"), "One"),
        (utc("2026-05-05 13:00"), "Two"),
    )


def test_a_balance_is_replaced(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", balance=(622, "2026-05-04")))
    newsroom.load(article("A1", balance=(700, "2026-05-05")), article("A2", balance=(1, "2026-05-05")))

    assert newsroom.rows("opening_balances", ("article_id", "views", "as_of"), "article_id").rows() == [
        ("A1", 700, dt.date(2026, 5, 5)),
        ("A2", 1, dt.date(2026, 5, 5)),
    ]


def test_an_address_that_is_claimed_moves_its_reads(newsroom: Newsroom) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", "u-1"),
        engagement("v1", "2026-05-05 12:01", 20_000, acts=1),
        comment("c1", "published", "2026-05-05 12:00", article="u-1"),
    )
    newsroom.take(article("A1", title="One", aliases=("u-1",)))

    assert newsroom.values_of("article", "reads", DAY) == {"A1": 1}
    assert newsroom.values_of("article", "comments", DAY) == {"A1": 1}
    assert newsroom.rows("articles", ("article_id",)).rows() == [("A1",)]
    assert library.article(newsroom.store, newsroom.site, "u-1").article_id == "A1"


def test_views_of_a_claimed_address_register_no_article(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", aliases=("u-1",)))
    newsroom.take(view("v1", "2026-05-05 12:00", "u-1"))

    assert newsroom.rows("articles", ("article_id",)).rows() == [("A1",)]
    assert newsroom.values_of("article", "views", DAY) == {"A1": 1}


def test_an_alias_of_an_alias_means_the_same_article(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00", "u-1"), view("v2", "2026-05-05 13:00", "old"))
    newsroom.take(article("old", aliases=("u-1",)))
    newsroom.take(article("A1", aliases=("old",)))

    assert newsroom.values_of("article", "views", DAY) == {"A1": 2}


def test_an_alias_that_moves_on_takes_its_views_along(newsroom: Newsroom) -> None:
    newsroom.take(view("v1", "2026-05-05 12:00", "u-1"), article("A1", aliases=("u-1",)))
    newsroom.take(article("A2", aliases=("u-1",)))

    assert newsroom.values_of("article", "views", DAY) == {"A2": 1}


def test_authors_keep_their_names_when_a_source_gives_only_ids(newsroom: Newsroom) -> None:
    newsroom.load(article("A1", authors=("u1",)))
    nameless = batch(article("A2", authors=("u1",))).catalogue
    assert nameless is not None
    unnamed = dataclasses.replace(
        nameless, authors=nameless.authors.with_columns(name=pl.lit(None, pl.String))
    )
    load(newsroom.store, Batch(catalogue=unnamed), newsroom.now)

    assert newsroom.rows("authors", ("author_id", "name")).rows() == [("u1", "Name of u1")]
