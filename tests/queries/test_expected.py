"""Expectation by age: reference sets, score, chip, projection, and what they leave out (metrics.md 7)."""

from __future__ import annotations

import datetime as dt
import math
import statistics
from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from analytics.queries import answers, effects, expected, lists, standing
from analytics.queries.effects import Effect
from analytics.store import ages
from analytics.store.store import Store
from tests.builders import Row, article, engagement, utc, view
from tests.newsroom import Newsroom, another

SET = (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 20, 30, 40, 40, 60, 80, 90, 100, 200)  # metrics.md 7
OWN = 40
PUBLISHED = utc("2026-05-05 12:00")


def read(of: str, at: dt.datetime, count: int = 1, signal: str = "full") -> list[Row]:
    """Reads of an article at one moment."""
    return [
        row
        for n in range(count)
        for row in (
            view(f"{of} {at} {n}", at, of, f"{of} {at} {n}", signal=signal),
            engagement(
                f"{of} {at} {n}", at + dt.timedelta(minutes=1), 20_000, acts=1, visitor=f"{of} {at} {n}"
            ),
        )
    ]


def live_since(newsroom: Newsroom, at: str = "2026-02-01 12:00") -> None:
    """Let the site be collected from a day until now."""
    newsroom.take(view("first", at, None, "first"), view("last", newsroom.now, None, "last"))


def worked_example(newsroom: Newsroom, section: str = "politics", reads: Sequence[int] = SET) -> None:
    """Load the reference set and the article of metrics.md 7, all as old as each other."""
    live_since(newsroom)
    rows: list[object] = []
    for n, count in enumerate([OWN, *reads]):
        name = f"S{n}" if n else "own"
        rows.append(
            article(name, section=section, published_at=PUBLISHED, authors=("u1",) if n < 4 else ("u2",))
        )
        rows += read(name, PUBLISHED + dt.timedelta(minutes=20), count)
    newsroom.take(*rows)  # type: ignore[arg-type]  # rows and articles


def of(newsroom: Newsroom, name: str = "own", **more: object) -> dict[str, object]:
    found = expected.expected(newsroom.store, newsroom.site, newsroom.now, [name], **more)  # type: ignore[arg-type]
    return found.to_dicts()[0] if found.height else {}


def test_the_worked_example(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    found = of(newsroom)

    assert (found["value"], found["n"], found["score"], found["set"]) == (40, 20, 70, "section")
    assert [found["p10"], found["p50"], found["p90"]] == pytest.approx([6.9, 14.5, 91])
    assert found["vs_expected"] == pytest.approx(40 / 14.5)
    assert (found["place"], found["is_early"]) == ("typical", False)


def test_a_score_is_rounded_half_up(newsroom: Newsroom) -> None:
    worked_example(newsroom, reads=[*range(1, 40), OWN])

    assert of(newsroom)["score"] == 99  # 100 x 39.5 / 40 = 98.75
    assert of(newsroom, "S1")["score"] == 0


def test_too_small_a_section_is_compared_with_the_site_and_says_so(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    newsroom.take(
        article("alone", section="culture", published_at=PUBLISHED),
        *read("alone", PUBLISHED + dt.timedelta(minutes=1), 13),
    )
    found = of(newsroom, "alone")

    assert (found["set"], found["n"], found["place"]) == ("site", 21, "typical")
    assert (of(newsroom)["set"], of(newsroom)["n"]) == ("section", 20)


def test_fewer_than_20_are_no_expectation_but_leave_a_grey_score(newsroom: Newsroom) -> None:
    worked_example(newsroom, reads=SET[:14])
    found = of(newsroom)

    assert [found[name] for name in ("set", "p50", "vs_expected", "place")] == [None] * 4
    assert (found["score"], found["n"]) == (96, 14)
    figure = newsroom.figure("score", "2026-05-05", {"article": ("own",)})
    assert figure.value is None
    board = newsroom.board("article", "score", "2026-05-05")
    assert board.rows["rank"].null_count() == board.rows.height


def test_both_sides_are_read_at_the_last_full_step(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    newsroom.take(*read("own", PUBLISHED + dt.timedelta(minutes=40), 100))

    assert of(newsroom.at("2026-05-05 12:44"))["value"] == 40
    assert of(newsroom.at("2026-05-05 12:45"))["value"] == 140
    early = of(newsroom.at("2026-05-05 12:14"))
    assert (early["is_early"], early["value"], early["score"]) == (True, None, None)


def test_what_cannot_be_compared_is_absent(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    newsroom.take(
        article("undated", section="politics"),
        article("before", section="politics", published_at=utc("2026-01-31 12:00")),
        article("page", section="politics", kind="page", published_at=PUBLISHED),
        article("logs", section="politics", published_at=PUBLISHED),
        *[row for name in ("undated", "before", "page") for row in read(name, utc("2026-05-05 13:00"))],
        view("l", "2026-05-05 13:00", "logs", signal="none"),
    )
    asked = ["undated", "before", "page", "logs", "own"]
    found = expected.expected(newsroom.store, newsroom.site, newsroom.now, asked)

    assert found["id"].to_list() == ["own"]
    assert of(newsroom)["n"] == 20
    assert of(newsroom, "logs", base="views")["value"] == 1


def test_a_horizon_compares_all_at_that_age(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    newsroom.take(*read("own", PUBLISHED + dt.timedelta(hours=30), 500))
    day = dt.timedelta(hours=24)

    assert of(newsroom.at("2026-05-07 13:00"), horizon=day)["value"] == 40
    assert of(newsroom)["value"] == 540


def test_a_late_event_of_a_day_long_over_is_seen_at_once(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-20 12:00")
    worked_example(newsroom)
    assert of(newsroom)["value"] == 40
    newsroom.take(*read("own", PUBLISHED + dt.timedelta(minutes=30), 2))

    assert of(newsroom)["value"] == 42


def test_a_projection_multiplies_by_what_others_became(newsroom: Newsroom) -> None:
    live_since(newsroom)
    rows: list[object] = []
    for n in range(21):
        published = utc("2026-04-20 12:00")
        rows += [article(f"S{n}", section="politics", published_at=published)]
        rows += read(f"S{n}", published + dt.timedelta(minutes=10), 4)
        rows += read(f"S{n}", published + dt.timedelta(days=2), n % 5)  # becomes 4 to 8: 1 to 2 times
    rows += [article("own", section="politics", published_at=utc("2026-05-06 12:00"))]
    rows += read("own", utc("2026-05-06 12:10"), 10)
    newsroom.take(*rows)  # type: ignore[arg-type]  # rows and articles
    found = expected.projection(newsroom.store, newsroom.site, "own", newsroom.now)

    assert found is not None
    assert (found.value, found.likely, found.low, found.high) == (10, 15, 10, 20)
    assert (found.n, found.set) == (21, "section")
    over = expected.projection(newsroom.store, newsroom.site, "S1", newsroom.now)
    assert over is None
    back = expected.projection(newsroom.store, newsroom.site, "S1", newsroom.now, age=dt.timedelta(hours=1))
    assert back is not None
    assert (back.value, back.n) == (4, 20)


def test_a_course_ends_where_the_article_stands_and_its_band_goes_on(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-20 12:00")
    worked_example(newsroom)
    newsroom.take(
        article("young", section="politics", published_at=utc("2026-05-20 10:00")),
        *read("young", utc("2026-05-20 10:20"), 3),
    )
    found = expected.course(newsroom.store, newsroom.site, "young", newsroom.now)
    own, band = found.filter(pl.col("value").is_not_null()), found.filter(pl.col("p50").is_not_null())

    assert own["age_h"].max() == 2
    assert (own["value"].to_list()[0], own["value"].to_list()[-1]) == (0, 3)
    assert band["age_h"].max() == 7 * 24
    assert set(band["n"].to_list()) == {21}


def test_groups_stand_by_the_articles_published_in_the_period(newsroom: Newsroom) -> None:
    newsroom.at("2026-05-20 12:00")
    worked_example(newsroom)
    ask = newsroom.asked("2026-05-05", split="author")
    rows = lists.listing(newsroom.store, ["score", "hit_rate"], ask, newsroom.now, sort="-score").rows
    own = {row["id"]: row for row in rows.to_dicts()}

    # u1 wrote "own" and those with 5, 6 and 7 reads; all 21 have an expectation of 20 others.
    assert own["u1"]["score"] == 5  # of {0, 5, 10, 70}: the first that reaches half
    assert (own["u1"]["hit_rate"], own["u1"]["hit_rate_n"]) == (0.25, 4)
    assert own["u2"]["hit_rate_n"] == 17
    assert (own["u2"]["hit_rate_few"], own["u2"]["rank"]) == (True, None)
    last = standing.last_ten(newsroom.store, ask, ["u1"], newsroom.now)
    assert sorted(last["places"].to_list()[0]) == [-1, -1, -1, 1]


def test_the_command_ranks_by_score(newsroom: Newsroom) -> None:
    worked_example(newsroom)
    rows = answers.top(
        newsroom.store,
        board="articles",
        metric="score",
        first="2026-05-05",
        last="2026-05-05",
        now=newsroom.now,
    )

    assert [(row["rank"], row["article"], row["score"]) for row in rows[:2]] == [
        (1, "S20", 100),
        (2, "S19", 95),
    ]


def shifted(newsroom: Newsroom, factor: float) -> Effect:
    """Plant a change: 22 articles lose half of their views each hour; one of them changes after two."""
    live_since(newsroom)
    rows: list[object] = []
    for n in range(22):
        rows.append(article(f"S{n}", section="politics", published_at=PUBLISHED))
        for hour, count in enumerate((80, 40, 20)):
            at = PUBLISHED + dt.timedelta(hours=hour)
            more = round(count * factor) if n == 0 and hour == 2 else count
            rows += [
                view(f"S{n} {hour} {k}", at + k * dt.timedelta(hours=1) / more, f"S{n}", f"{n} {hour} {k}")
                for k in range(more)
            ]
    newsroom.take(*rows)  # type: ignore[arg-type]  # rows and articles
    return effects.title_effect(
        newsroom.store, newsroom.site, "S0", PUBLISHED + dt.timedelta(hours=2), newsroom.now
    )


def test_a_change_is_measured_beyond_what_its_age_does_anyway(newsroom: Newsroom) -> None:
    found = shifted(newsroom, 3)

    assert (found.before, found.after, found.usual, found.n) == (40, 60, 0.5, 21)
    assert found.ratio == pytest.approx(3)
    assert found.low == pytest.approx(3 * math.exp(-1.96 * math.sqrt(1 / 60 + 1 / 40)), rel=1e-4)
    assert found.is_effect


def test_no_change_is_no_effect_and_few_views_say_nothing(newsroom: Newsroom) -> None:
    found = shifted(newsroom, 1)

    assert (found.ratio, found.is_few, found.is_effect) == (1, True, False)
    soon = effects.title_effect(
        newsroom.store, newsroom.site, "S0", newsroom.now - dt.timedelta(minutes=59), newsroom.now
    )
    assert (soon.is_over, soon.ratio) == (False, None)


# --- laws --------------------------------------------------------------------------------------------------


@given(minutes=st.integers(0, 90 * 24 * 60))
def test_ages_and_steps_agree(minutes: int) -> None:
    age = dt.timedelta(minutes=minutes)
    step = ages.step_of(age)
    frame = pl.DataFrame({"age": [age]}).select(
        reached=ages.reached(pl.col("age")), during=ages.during(pl.col("age"))
    )

    assert ages.age_of(step) <= age
    assert step == ages.LAST or age < ages.age_of(step + 1)
    assert frame.row(0) == (step, step + 1 if age < ages.LONGEST else None)


_life = st.tuples(
    st.integers(0, 5 * 24 * 60),  # minutes after the start at which it is published
    st.sampled_from(("politics", "culture")),
    st.lists(st.integers(-60, 4 * 24 * 60), max_size=4, unique=True),  # ages of its reads, minutes
)


@settings(max_examples=8, suppress_health_check=list(HealthCheck), deadline=None, phases=[Phase.generate])
@given(lives=st.lists(_life, min_size=24, max_size=30), own=st.integers(0, 23))
def test_expectation_is_a_query_over_articles_at_the_same_age(
    shared_store: Store, lives: list[tuple[int, str, list[int]]], own: int
) -> None:
    room = another(shared_store, now="2026-05-10 12:00")
    start = utc("2026-04-30 12:00")
    live_since(room, "2026-04-29 12:00")
    rows: list[object] = []
    reads: dict[str, list[dt.timedelta]] = {}
    born: dict[str, dt.datetime] = {}
    for n, (minute, section, seen) in enumerate(lives):
        name = f"A{n}"
        born[name] = start + dt.timedelta(minutes=minute)
        reads[name] = [dt.timedelta(minutes=age) for age in seen]
        rows.append(article(name, section=section, published_at=born[name]))
        for age in reads[name]:
            rows += read(name, born[name] + age)
    room.take(*rows)  # type: ignore[arg-type]  # rows and articles
    name, section = f"A{own}", lives[own][1]
    step = ages.step_of(room.now - born[name])
    at = ages.age_of(step)
    same = {f"A{n}" for n, life in enumerate(lives) if life[1] == section}
    sizes = {
        other: sum(dt.timedelta() <= age < at for age in reads[other])
        for other in born
        if other != name and room.now - born[other] >= at
    }
    near = sorted(sizes[other] for other in sizes.keys() & same)
    values = near if len(near) >= 20 or len(sizes) < 20 else sorted(sizes.values())
    value = sum(dt.timedelta() <= age < at and born[name] + age <= room.now for age in reads[name])
    found = of(room, name)
    below, equal = sum(v < value for v in values), sum(v == value for v in values)

    assert (found["value"], found["n"]) == (value, len(values))
    if values:
        assert found["score"] == math.floor(100 * (below + 0.5 * equal) / len(values) + 0.5)
    if len(values) >= 20:
        tenths = statistics.quantiles(values, n=10, method="inclusive")
        assert [found["p10"], found["p50"], found["p90"]] == pytest.approx([tenths[0], tenths[4], tenths[8]])
    total = shared_store.frame(
        "SELECT sum(reads)::BIGINT AS n FROM article_ages WHERE site_id = $site", site=room.site
    )
    assert (total["n"][0] or 0) == sum(dt.timedelta() <= age for seen in reads.values() for age in seen)
