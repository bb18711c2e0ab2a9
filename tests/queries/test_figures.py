"""How counts fold into metrics: what may be added up and what may not."""

from __future__ import annotations

import pytest

from tests.builders import article, comment, engagement, view
from tests.newsroom import Newsroom


def test_a_commenter_of_two_days_counts_once_in_their_week(newsroom: Newsroom) -> None:
    newsroom.take(
        comment("c1", "published", "2026-05-04 12:00", writer="k1"),
        comment("c2", "published", "2026-05-05 12:00", writer="k1"),
        comment("c3", "published", "2026-05-05 12:00", writer="k2"),
        comment("c4", "rejected", "2026-05-05 12:00", writer="k3"),
    )

    assert newsroom.series("commenters", "2026-05-04..2026-05-06", "day") == {
        "2026-05-04": 1,
        "2026-05-05": 2,
        "2026-05-06": 0,
    }
    assert newsroom.series("commenters", "2026-05-04..2026-05-06", "week") == {"2026-05-04": 2}
    assert newsroom.value("commenters", "2026-05-04..2026-05-06") == 2
    assert newsroom.values_of("article", "commenters", "2026-05-04..2026-05-06") == {"A1": 2}


def test_a_lag_stands_on_the_day_of_the_decision(newsroom: Newsroom) -> None:
    newsroom.take(
        comment("c1", "pending", "2026-05-04 20:00"),
        comment("c1", "published", "2026-05-05 20:00"),
        comment("c2", "pending", "2026-05-05 19:00"),
        comment("c2", "rejected", "2026-05-05 20:00"),
        comment("c3", "pending", "2026-05-03 12:00", article="A2"),
        comment("c3", "rejected", "2026-05-06 12:00", article="A2"),
    )
    lags = newsroom.series("moderation_lag", "2026-05-04..2026-05-06", "day")

    assert lags == {"2026-05-04": None, "2026-05-05": 60, "2026-05-06": 3 * 24 * 60}
    assert newsroom.values_of("article", "moderation_lag", "2026-05-06") == {"A2": 3 * 24 * 60}


def test_rates_of_a_week_are_the_sum_over_the_sum(newsroom: Newsroom) -> None:
    newsroom.take(
        *(view(f"a{n}", "2026-05-04 12:00", visitor=f"a{n}") for n in range(2)),
        engagement("a0", "2026-05-04 12:01", 20_000, acts=1, visitor="a0"),
        *(view(f"b{n}", "2026-05-05 12:00", visitor=f"b{n}") for n in range(4)),
    )

    assert newsroom.series("read_rate", "2026-05-04..2026-05-05", "day") == {
        "2026-05-04": 0.5,
        "2026-05-05": 0,
    }
    assert newsroom.series("read_rate", "2026-05-04..2026-05-05", "week") == {
        "2026-05-04": pytest.approx(1 / 6)
    }


def test_the_median_of_a_week_is_exact(newsroom: Newsroom) -> None:
    seconds = {"2026-05-04": (1, 2, 3), "2026-05-05": (50, 60)}
    newsroom.take(
        *(
            view(f"{day}-{s}", f"{day} 12:00", visitor=f"{s}")
            for day, times in seconds.items()
            for s in times
        ),
        *(
            engagement(f"{day}-{s}", f"{day} 12:05", s * 1000, acts=1, visitor=f"{s}")
            for day, times in seconds.items()
            for s in times
        ),
    )

    assert newsroom.series("engaged_median", "2026-05-04..2026-05-05", "day") == {
        "2026-05-04": 2,
        "2026-05-05": 50,
    }
    assert newsroom.series("engaged_median", "2026-05-04..2026-05-05", "week") == {"2026-05-04": 3}


@pytest.mark.parametrize("where", [{"article": ("A1",)}, {"section": ("news",)}, {"author": ("u1",)}])
def test_people_of_one_value_are_the_same_from_rollup_and_from_facts(
    newsroom: Newsroom, where: dict[str, tuple[str, ...]]
) -> None:
    newsroom.take(
        view("v1", "2026-05-05 12:00", "A1", "p"),
        view("v2", "2026-05-05 12:05", "A2", "p"),
        view("v3", "2026-05-05 13:00", "A1", "q"),
        article("A1", section="news", authors=("u1",)),
    )
    metrics = ("readers", "sessions", "bounce_rate")
    rolled = [newsroom.value(metric, "2026-05-05", where) for metric in metrics]
    counted = [newsroom.value(metric, "2026-05-05", {**where, "device": ("!none",)}) for metric in metrics]

    assert rolled == counted == [2, 2, 0.5]
