"""The demo newsroom: the same on every draw, unchanged by a later end, and plausible."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import Counter
from uuid import UUID
from zlib import crc32
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from analytics.events import RECORDS
from data.demo import SEED, SITE, ZONE, Newsroom, almanac, chance, newsroom, stories
from data.demo.headlines import patterns, variants_of
from data.demo.people import SECTIONS
from data.demo.stories import SHELF_DAYS
from data.demo.story import DEBATE

END = dt.datetime.fromisoformat("2026-11-22T09:40")
CLOCK_CHANGE = dt.date(2026, 10, 25)  # Europe/London: 25 hours
MANY = 90 * 11_000  # page loads of a full demo

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def courier() -> Newsroom:
    return Newsroom(SEED, 21, END)


@pytest.fixture(scope="module")
def days(courier: Newsroom) -> dict[dt.date, Tables]:
    return {day: courier.day(day) for day in courier.local_days()}


@pytest.fixture(scope="module")
def tables(days: dict[dt.date, Tables]) -> Tables:
    return {table: pl.concat(day[table] for day in days.values()) for table in RECORDS}


@pytest.fixture(scope="module")
def views(tables: Tables) -> pl.DataFrame:
    told = tables["engagements"].select("view_id", "engaged_ms", "acts", left_at="event_at")
    views = tables["page_views"].join(told, on="view_id", how="left")
    read = (pl.col("engaged_ms") >= 10_000) & (pl.col("acts") > 0) & pl.col("article_id").is_not_null()
    return views.with_columns(is_read=read.fill_null(value=False))


@pytest.fixture(scope="module")
def last_states(tables: Tables) -> pl.DataFrame:
    states = tables["comment_states"].sort("state_at", "event_id")
    return states.group_by("comment_id", maintain_order=True).last()


def test_two_draws_are_equal(courier: Newsroom) -> None:
    day = dt.date(2026, 11, 17)
    first = courier.day(day)
    newsroom._begun_on.cache_clear()
    second = Newsroom(SEED, 21, END).day(day)

    for table in RECORDS:
        assert_frame_equal(first[table], second[table])


def test_another_seed_is_another_newsroom(courier: Newsroom) -> None:
    day = dt.date(2026, 11, 17)
    other = Newsroom(SEED + 1, 21, END).day(day)["page_views"]

    assert not other.equals(courier.day(day)["page_views"])


def test_the_mixer_is_splitmix64_on_integers_and_on_columns() -> None:
    # the first word of the reference implementation for seed 0
    assert chance.mix(0) == 0xE220A8397B1DCDAF

    keys = [0, 1, 622, 2**63, 2**64 - 1]
    offset = crc32(b"device") * chance.GAMMA
    words = pl.DataFrame({"key": pl.Series(keys, dtype=pl.UInt64)}).select(chance.column("device"))
    assert words.to_series().to_list() == [chance._finish((key + offset) % chance.WORD) for key in keys]


def test_a_day_does_not_depend_on_the_end() -> None:
    day = dt.date(2026, 11, 12)
    near, far = (
        Newsroom(SEED, 3, dt.datetime.fromisoformat("2026-11-13T08:00")),
        Newsroom(SEED, 60, dt.datetime.fromisoformat("2027-01-02")),
    )

    for table, frame in near.day(day).items():
        assert_frame_equal(frame, far.day(day)[table])


def test_an_end_within_the_day_only_cuts_it_off() -> None:
    day, end = dt.date(2026, 11, 12), dt.datetime.fromisoformat("2026-11-12T14:30")
    cut, whole = Newsroom(SEED, 3, end).day(day), Newsroom(SEED, 3, END).day(day)

    for table, frame in cut.items():
        assert_frame_equal(frame, whole[table].filter(pl.col("event_at") <= end))
        assert 0 < frame.height < whole[table].height


def test_a_later_end_only_adds_articles() -> None:
    early, late = Newsroom(SEED, 21, END), Newsroom(SEED, 22, END + dt.timedelta(days=1))
    known = {str(row["id"]): row for row in early.catalogue()}
    later = {str(row["id"]): row for row in late.catalogue()}

    assert known == {key: later[key] for key in known}
    assert len(later) > len(known)


def test_the_columns_are_those_of_the_records(days: dict[dt.date, Tables]) -> None:
    for day in days.values():
        assert list(RECORDS) == list(day)
        for table, frame in day.items():
            assert list(RECORDS[table].__struct_fields__) == frame.columns
            assert pl.Null not in frame.dtypes
    kinds = days[END.date()]["page_views"].schema
    assert kinds["visitor"] == pl.UInt64
    assert kinds["event_at"] == pl.Datetime("us")
    assert kinds["day_local"] == pl.Date
    assert kinds["props"] == pl.String


def test_ids_are_unique_and_uuids_valid(tables: Tables) -> None:
    for frame in tables.values():
        assert frame.height == frame["event_id"].n_unique()
        assert frame["event_id"][0] == str(UUID(frame["event_id"][0]))
        assert frame["event_id"].str.len_chars().unique().to_list() == [36]
    assert tables["page_views"].height == tables["page_views"]["view_id"].n_unique()
    assert tables["page_views"]["view_id"].str.contains("^[A-Za-z0-9_-]{8,36}$").all()
    assert tables["engagements"].height == tables["engagements"]["view_id"].n_unique()


def test_the_size_is_that_of_a_million_in_ninety_days(tables: Tables) -> None:
    full = MANY * 21 / 90

    assert 0.85 * full < tables["page_views"].height < 1.35 * full


def test_events_lie_within_their_local_day(days: dict[dt.date, Tables]) -> None:
    for day, frames in days.items():
        begin, after = almanac.bounds(day)
        for frame in frames.values():
            assert frame["day_local"].unique().to_list() == [day]
            assert frame["event_at"].is_between(begin, min(after, END), closed="both").all()
            assert frame["event_at"].max() != after
            assert frame["event_at"].is_sorted()
            assert (frame["received_at"] >= frame["event_at"]).all()


def test_the_day_of_the_clock_change_has_25_hours() -> None:
    begin, after = almanac.bounds(CLOCK_CHANGE)
    assert after - begin == dt.timedelta(hours=25)

    views = Newsroom(SEED, 90, END).day(CLOCK_CHANGE)["page_views"]
    local = views["event_at"].dt.replace_time_zone("UTC").dt.convert_time_zone(ZONE)
    assert local.dt.date().unique().to_list() == [CLOCK_CHANGE]
    assert views["event_at"].dt.truncate("1h").n_unique() == 25


def test_yesterdays_hash_lives_for_half_an_hour_and_links_sessions(days: dict[dt.date, Tables]) -> None:
    linked = 0
    for day, frames in days.items():
        begin, _ = almanac.bounds(day)
        for frame in frames.values():
            young = frame["event_at"] < begin + dt.timedelta(minutes=30)
            known = frame["visitor"].is_not_null()
            assert (frame["visitor_prev"].is_not_null() == (young & known)).all()
        before = days.get(day - dt.timedelta(days=1))
        if before:
            late = frames["page_views"].select("visitor_prev").drop_nulls()
            linked += late.join(
                before["page_views"], left_on="visitor_prev", right_on="visitor", how="semi"
            ).height
    assert linked > 50


def test_a_visitor_is_another_every_day(days: dict[dt.date, Tables]) -> None:
    first, second = (set(days[day]["page_views"]["visitor"]) for day in list(days)[3:5])

    assert not first & second


def test_engagement_stays_within_its_bounds(views: pl.DataFrame, tables: Tables) -> None:
    told = tables["engagements"]
    for scroll in ("body_scroll_pct", "page_scroll_pct"):
        assert told[scroll].drop_nulls().is_between(0, 100).all()
    assert (told["acts"] >= 0).all()
    assert (told["engaged_ms"] >= 0).all()
    assert told["engaged_mode"].unique().to_list() == ["max"]
    elapsed = (pl.col("left_at") - pl.col("event_at")).dt.total_milliseconds()
    assert views.filter(pl.col("engaged_ms") > elapsed).is_empty()
    assert views.filter((pl.col("signal") == "none") & pl.col("engaged_ms").is_not_null()).is_empty()


def test_no_story_is_read_before_it_is_out(courier: Newsroom, views: pl.DataFrame) -> None:
    out = pl.DataFrame(
        [
            (str(row["id"]), dt.datetime.fromisoformat(str(row["published_at"])))
            for row in courier.catalogue()
        ],
        schema={"article_id": pl.String, "out_at": pl.Datetime("us", "UTC")},
        orient="row",
    ).with_columns(pl.col("out_at").dt.replace_time_zone(None))
    read = views.filter(pl.col("article_id").is_not_null()).join(out, on="article_id", how="left")

    assert read["out_at"].null_count() == 0
    assert read.filter(pl.col("event_at") < pl.col("out_at")).is_empty()


def test_readers_come_as_to_a_newspaper(views: pl.DataFrame) -> None:
    article_views = views.filter(pl.col("article_id").is_not_null())
    readers = views.group_by("day_local").agg(pl.col("visitor").n_unique())["visitor"].sum()
    assert 0.3 * views.height < readers < 0.7 * views.height
    assert 0.5 < views["is_read"].sum() / article_views.height < 0.75
    assert 0.01 < (views["signal"] == "none").mean() < 0.04  # type: ignore[operator]
    silent = views.filter((pl.col("signal") == "full") & pl.col("engaged_ms").is_null())
    assert 0.01 < silent.height / views.height < 0.10

    shares = dict(article_views["channel"].value_counts(normalize=True).iter_rows())
    assert {"search", "social", "internal", "direct", "newsletter", "ai", "other_site", "push"} == set(shares)
    assert 0.18 < shares["search"] < 0.38
    assert 0.25 < shares["internal"] < 0.50
    assert 0.015 < shares["ai"] < 0.08


def test_channels_and_referrers_agree(views: pl.DataFrame) -> None:
    own, direct, mail = (views.filter(channel=name) for name in ("internal", "direct", "newsletter"))
    assert own["referrer_host"].unique().to_list() == [SITE]
    assert own["referrer_path"].str.starts_with("/").all()
    assert direct["referrer_host"].count() + direct["source"].count() == 0
    assert mail["utm_medium"].unique().to_list() == ["newsletter"]
    assert {"Google", "Google News", "Bing"} < set(views.filter(channel="search")["source"])
    assert {"ChatGPT", "Perplexity"} < set(views.filter(channel="ai")["source"])


def test_mornings_are_busy_and_nights_are_not(days: dict[dt.date, Tables]) -> None:
    views = days[dt.date(2026, 11, 18)]["page_views"]
    hours = Counter(views["event_at"].dt.hour())  # London keeps UTC in November

    assert max(hours[7], hours[8]) == max(hours.values())
    assert hours[20] > hours[15] > hours[3] * 5


def test_comments_go_through_sane_states(
    tables: Tables, last_states: pl.DataFrame, views: pl.DataFrame
) -> None:
    shares = dict(last_states["status"].value_counts(normalize=True).iter_rows())
    assert 0.80 < shares["published"] < 0.95
    assert 0.05 < shares["rejected"] < 0.14
    assert shares["spam"] < 0.07
    assert shares["deleted"] < 0.04
    assert last_states.filter(status="pending").height > 0
    assert last_states.filter(status="pending")["created_at"].min() > END - dt.timedelta(hours=20)  # type: ignore[operator]

    states = tables["comment_states"]
    assert (states["state_at"] >= states["created_at"]).all()
    assert states["length"].is_between(1, 512).all()
    assert states["text"].count() == 0
    assert 4 < 1000 * last_states.filter(status="published").height / views["is_read"].sum() < 16


def test_replies_answer_older_comments_of_the_same_story(last_states: pl.DataFrame) -> None:
    parents = last_states.select(
        parent_id="comment_id", parent_article="article_id", parent_created="created_at"
    )
    replies = last_states.drop_nulls("parent_id").join(parents, on="parent_id", how="inner")
    odd = (pl.col("article_id") != pl.col("parent_article")) | (
        pl.col("created_at") < pl.col("parent_created")
    )

    assert replies.filter(odd).is_empty()
    assert 0.15 < replies.height / last_states.height < 0.5


def test_each_step_of_a_box_is_told_once(tables: Tables) -> None:
    boxes = tables["interactions"].filter(kind="comment_box")
    steps = boxes.select("view_id", pl.col("props").str.json_path_match("$.step").alias("step"))
    assert steps.height == steps.n_unique()
    assert {"open", "type", "limit", "warn", "submit"} == set(steps["step"])
    assert {"step", "box"} <= set(json.loads(boxes["props"][0]))

    warned = steps.filter(step="warn").join(steps.filter(step="submit"), on="view_id", how="left")
    assert 0.2 < warned["step_right"].null_count() / warned.height < 0.8


def test_the_catalogue_is_that_of_a_newsroom() -> None:
    full = Newsroom(SEED, 90, END)
    rows = full.catalogue()
    first = full.local_days()[0]
    fresh = [row for row in rows if str(row["published_at"])[:10] >= str(first)]
    assert len(fresh) >= 600
    assert len(rows) == len({row["id"] for row in rows}) == len({row["url"] for row in rows})
    assert len(rows) == len({row["title"] for row in rows})
    assert {section.name for section in SECTIONS} == {row["section"] for row in rows}
    assert {"en", "ka", "az", "ru", "ar"} == {row["language"] for row in rows}
    authors = [[author["id"] for author in row["authors"]] for row in rows]  # type: ignore[attr-defined]
    assert len({key for keys in authors for key in keys}) >= 30
    assert {0, 1, 2} == {len(keys) for keys in authors}
    assert len({topic for row in rows for topic in row["topics"]}) >= 40  # type: ignore[attr-defined]
    assert all(dt.datetime.fromisoformat(str(row["published_at"])).tzinfo for row in rows)
    assert 10 < sum("opening" in row for row in rows) < 40


@pytest.mark.parametrize("section", [section.name for section in SECTIONS])
def test_headlines_do_not_repeat_within_a_window(section: str) -> None:
    table = patterns(section)
    turns = (90 + SHELF_DAYS) * 10 / len(table)

    assert math.gcd(len(table), 10) == 1
    assert all(variants_of(pattern) >= turns for pattern, _ in table)


def test_great_days_and_comebacks_lie_in_every_window() -> None:
    for shift in range(28):
        days = [END.date() + dt.timedelta(days=shift - back) for back in range(28)]
        assert any(almanac.viral_number(day) is not None for day in days)
        assert any(almanac.big_number(day) is not None for day in days)
        assert max(almanac.revival(days[0], place, 60) for place in range(60)) > 0.3


def test_an_old_story_is_on_its_way_up(views: pl.DataFrame) -> None:
    old = stories.evergreens(SEED)
    risen = max(range(len(old)), key=lambda place: almanac.revival(END.date(), place, len(old)))
    by_day = views.filter(article_id=old[risen].article_id).group_by("day_local").len()
    yesterday, a_week_before = (END.date() - dt.timedelta(days=back) for back in (1, 8))

    assert by_day.filter(day_local=yesterday)["len"].sum() > 100
    assert by_day.filter(day_local=a_week_before)["len"].sum() < 30


def test_gems_and_debates_stand_out(views: pl.DataFrame, last_states: pl.DataFrame) -> None:
    week = [END.date() - dt.timedelta(days=back) for back in range(1, 8)]
    fresh = [story for day in week for story in stories.published_on(SEED, day)]
    gems = [story for story in fresh if story.quality > 1.2]
    debates = [story.article_id for story in fresh if story.patience == DEBATE.patience]
    assert len(gems) >= 3
    assert len(debates) >= 3

    by_article = views.drop_nulls("article_id").group_by("article_id").agg(pl.len(), pl.col("is_read").sum())
    reads, seen = (dict(by_article.select("article_id", name).iter_rows()) for name in ("is_read", "len"))
    usual = sum(story.section.reading * seen[story.article_id] for story in gems)
    assert sum(reads[story.article_id] for story in gems) > 1.15 * usual
    talked = last_states.filter(pl.col("article_id").is_in(debates)).height
    assert 1000 * talked / sum(reads[key] for key in debates) > 20


def test_local_days_end_with_the_day_of_the_end() -> None:
    days = Newsroom(SEED, 3, dt.datetime.fromisoformat("2026-06-30T23:30")).local_days()

    assert [dt.date(2026, 6, 29), dt.date(2026, 6, 30), dt.date(2026, 7, 1)] == days
    assert dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC).astimezone(ZoneInfo(ZONE)).date() == days[-1]


def test_nothing_happens_after_the_end() -> None:
    later = Newsroom(SEED, 3, END).day(END.date() + dt.timedelta(days=1))

    assert all(frame.is_empty() for frame in later.values())
