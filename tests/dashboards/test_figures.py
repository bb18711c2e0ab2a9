"""Figures are tested by their data, their labels and the tokens they name, never by pixels."""

import datetime as dt
import json
from collections.abc import Callable, Sequence
from itertools import pairwise

import plotly.graph_objects as go
import polars as pl
import pytest

from dashboards import figures as drawn
from dashboards.figures import Dot, Event


class Checked:
    """The figures as Plotly understands them, which refuses what it does not know."""

    def __getattr__(self, name: str) -> Callable[..., go.Figure]:
        return lambda *given, **named: go.Figure(getattr(drawn, name)(*given, **named))


figures = Checked()

DAY = dt.datetime(2026, 11, 18)
HOURS = [DAY + dt.timedelta(hours=n) for n in range(6)]


def hours(**columns: Sequence[float | None]) -> pl.DataFrame:
    return pl.DataFrame({"at": HOURS, **columns}, strict=False)


def words(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_the_first_trace_is_this_period() -> None:
    figure = figures.course(
        hours(value=[1, 2, 3, 4, 5, 6], previous=[2, 2, 2, 2, 2, 2]), unit="reads", grain="hour"
    )

    assert list(figure.data[0].y) == [1, 2, 3, 4, 5, 6]
    assert figure.data[0].line.color == "var(--ts-accent)"
    assert list(figure.data[5].y) == [2] * 6
    assert figure.data[5].line.dash == "4px,4px"


def test_no_figure_carries_a_colour_of_its_own() -> None:
    drawn = [
        figures.course(
            hours(value=[1, 2, 3, 4, 5, 6], p10=[1] * 6, median=[2] * 6, p90=[3] * 6),
            unit="reads",
            grain="hour",
        ),
        figures.stack(
            hours(own=[1] * 6), parts=[("own", "Own front pages", "c1")], unit="views", grain="hour"
        ),
        figures.quadrant([Dot("Transport", 0.09, 0.21, 750, "accent")], x_title="share of pieces"),
        figures.heat(pl.DataFrame({"weekday": [1], "hour": [0], "value": [3]}), unit="reads"),
        figures.scroll_curve([1, 0.6, 0.4], [1, 0.5, 0.3]),
    ]
    for figure in drawn:
        text = json.dumps(figure.to_plotly_json(), default=str)

        assert "#" not in text
        assert "rgb(" not in text


def test_counts_start_at_zero_and_the_range_is_set_by_hand() -> None:
    figure = figures.course(hours(value=[900, 950, 3300, 990, 980, 970]), unit="reads", grain="hour")

    assert figure.layout.yaxis.range[0] == 0
    assert figure.layout.yaxis.range[1] >= 3300
    assert list(figure.layout.yaxis.ticktext) == ["0", "1.0k", "2.0k", "3.0k"]
    assert list(figure.layout.xaxis.range) == [HOURS[0], HOURS[-1]]


def test_a_gap_breaks_the_line() -> None:
    figure = figures.course(hours(value=[1, None, 3, 4, 5, 6]), unit="reads", grain="hour")

    assert figure.data[0].y[1] is None
    assert figure.data[0].connectgaps is False


def test_an_unfinished_bucket_is_dotted_and_hollow() -> None:
    frame = hours(value=[1, 2, 3, 4, None, None], is_complete=[True, True, True, False, False, False])
    figure = figures.course(frame, unit="reads", grain="hour")
    whole, rest = figure.data[0], figure.data[1]

    assert list(whole.y) == [1, 2, 3, None, None, None]
    assert list(rest.y) == [None, None, 3, 4, None, None]
    assert rest.line.dash == "dot"
    assert list(rest.marker.size) == [0, 0, 0, 8, 0, 0]
    assert rest.marker.color == "var(--ts-card)"


def test_lines_are_named_at_their_end_and_names_do_not_overlap() -> None:
    frame = hours(
        value=[1, 2, 3, 4, 5, 5], previous=[1, 2, 3, 4, 5, 5], p10=[1] * 6, median=[4] * 6, p90=[9] * 6
    )
    figure = figures.course(frame, unit="reads", grain="hour", labels=("Wed 18 Nov", "Wed 11 Nov"))
    heights = sorted((a.y for a in figure.layout.annotations), reverse=True)
    top = figure.layout.yaxis.range[1]

    assert "<b>Wed 18 Nov</b>" in words(figure)
    assert "Wed 11 Nov" in words(figure)
    assert all(a - b >= 17 / 234 * top * 0.99 for a, b in pairwise(heights))
    assert figure.layout.template.layout.showlegend is False


def test_events_are_staggered_and_at_most_six() -> None:
    events = [
        Event(HOURS[n % 6] + dt.timedelta(minutes=n), f"event {n}", "word" if n < 4 else "") for n in range(8)
    ]
    figure = figures.course(hours(value=[1] * 6), unit="reads", grain="hour", events=events)
    told = [a for a in figure.layout.annotations if "event" in a.text]
    narrow = [a for a in figure.layout.annotations if a.name == "narrow"]

    assert len(figure.layout.shapes) == 6
    assert {a.yshift for a in told} == {8, 26}
    assert [a.visible for a in narrow] == [False, False, False]


def test_the_hover_says_value_range_and_difference() -> None:
    frame = hours(value=[114] * 6, p10=[90] * 6, median=[100] * 6, p90=[110] * 6)
    text = figures.course(frame, unit="reads", grain="hour").data[0].hovertext[0]

    assert text.startswith("<b>Wed 18 Nov, 00:00</b><br>114")
    assert "typical 90 to 110" in text
    assert "+14" in text


def test_days_are_worded_by_date() -> None:
    days = [dt.date(2026, 11, 1) + dt.timedelta(days=n) for n in range(28)]
    figure = figures.course(pl.DataFrame({"at": days, "value": [1.0] * 28}), unit="reads", grain="day")

    assert figure.layout.xaxis.ticktext[0] == "1 Nov"
    assert len(figure.layout.xaxis.ticktext) <= 8
    assert len(figure.layout.meta["narrow"]["xaxis.ticktext"]) <= 5


def test_an_empty_frame_still_draws() -> None:
    figure = figures.course(pl.DataFrame({"at": [], "value": []}), unit="reads", grain="hour")

    assert list(figure.data[0].y) == []


def test_hours_of_engaged_time_are_worded_as_hours() -> None:
    figure = figures.course(hours(value=[36_000, 7_200, 0, 0, 0, 72_000]), unit="h", grain="hour")

    assert figure.layout.yaxis.ticktext[1].endswith("h")


def test_the_age_curve_marks_now_and_the_projection() -> None:
    frame = pl.DataFrame(
        {
            "age_h": [0.0, 24.0, 48.0, 72.0],
            "value": [0.0, 5_000.0, None, None],
            "p10": [0.0, 1_000.0, 1_500.0, 2_000.0],
            "median": [0.0, 2_000.0, 3_000.0, 4_000.0],
            "p90": [0.0, 3_000.0, 5_000.0, 6_000.0],
            "low": [None, 5_000.0, 7_000.0, 9_100.0],
            "middle": [None, 5_000.0, 7_500.0, 9_800.0],
            "high": [None, 5_000.0, 8_000.0, 10_600.0],
        }
    )
    figure = figures.age_curve(
        frame,
        unit="reads",
        until_h=72,
        now_words="now 5,000",
        end_words=("9.8k at 72 h", "9.1k to 10.6k"),
        stories="288 stories",
    )

    assert "<b>now 5,000</b>" in words(figure)
    assert "<b>9.8k at 72 h</b><br>9.1k to 10.6k" in words(figure)
    assert (list(figure.data[-1].x), list(figure.data[-1].y)) == ([24.0], [5_000.0])
    assert list(figure.layout.xaxis.range) == [0, 72]


def test_a_stack_keeps_the_order_and_colours_of_its_parts() -> None:
    parts = [("own", "Own front pages", "c1"), ("search", "Search", "c2"), ("none", "Nothing", "c6")]
    figure = figures.stack(hours(own=[1] * 6, search=[2] * 6), parts=parts, unit="views", grain="hour")

    assert [bar.name for bar in figure.data] == ["Own front pages", "Search", "Nothing"]
    assert [bar.marker.color for bar in figure.data] == ["var(--ts-c1)", "var(--ts-c2)", "var(--ts-c6)"]
    assert figure.layout.barmode == "stack"
    assert figure.layout.yaxis.range[1] >= 3


def test_the_quadrant_has_its_diagonal_and_both_sides_named() -> None:
    figure = figures.quadrant(
        [
            Dot("Transport", 0.09, 0.21, 750, "accent"),
            Dot("Local", 0.24, 0.17, 220, "c2"),
            Dot("Politics", 0.13, 0.12, 270),
        ],
        x_title="share of pieces published",
    )
    diagonal = figure.layout.shapes[1]

    assert (diagonal.x0, diagonal.y0) == (0, 0)
    assert diagonal.x1 == diagonal.y1 == figure.layout.xaxis.range[1]
    assert {"<b>read more than produced</b>", "<b>Transport</b>", "<b>Local</b>"} <= set(words(figure))
    assert [list(trace.x) for trace in figure.data] == [[0.09], [0.13], [0.24]]


def test_words_of_late_events_stand_on_their_left() -> None:
    events = [Event(HOURS[0], "early event", "one"), Event(HOURS[-1], "late event", "two", "/articles/a1")]
    figure = figures.course(hours(value=[1, 2, 3, 4, 5, 6]), unit="reads", grain="hour", events=events)

    assert {each.text: each.xanchor for each in figure.layout.annotations if "event" in each.text} == {
        "• early event": "left",
        "late event •": "right",
    }
    assert figure.layout.meta["opens"] == {"late event •": "/articles/a1"}


def _boxes(
    figure: go.Figure, width: int, height: int, screen: str
) -> list[tuple[float, float, float, float]]:
    """Give what each name covers, in pixels from the lower left: left, right, foot, top."""
    (left, right), (foot, top) = figure.layout.xaxis.range, figure.layout.yaxis.range
    made = []
    for each in figure.layout.annotations:
        if each.name != screen:
            continue
        wide = 6.2 * len(each.text.replace("<b>", "").replace("</b>", ""))
        x = (each.x - left) / (right - left) * width + (each.xshift or 0)
        y = (each.y - foot) / (top - foot) * height + (each.yshift or 0)
        x -= {"left": 0, "right": wide}.get(each.xanchor, wide / 2)
        y -= {"bottom": 0, "top": 12}.get(each.yanchor, 6)
        made.append((x, x + wide, y, y + 12))
    return made


@pytest.mark.parametrize(("screen", "width", "height"), [("wide", 370, 440), ("narrow", 268, 264)])
def test_names_of_the_quadrant_cover_no_dot_on_any_screen(screen: str, width: int, height: int) -> None:
    dots = [
        Dot("Economy", 0.12, 0.084, 108, "c2"), Dot("Sport", 0.17, 0.086, 68, "c2"),
        Dot("Service", 0.036, 0.063, 108), Dot("Politics", 0.081, 0.064, 89),
        Dot("Culture", 0.11, 0.045, 93, "c2"), Dot("Local", 0.22, 0.16, 74, "c2"),
    ]  # fmt: skip
    figure = figures.quadrant(dots, x_title="share of pieces")
    top = figure.layout.xaxis.range[1]
    boxes = _boxes(figure, width, height, screen)

    assert len(boxes) >= 5  # where all places are taken one may go without
    for left, right, foot, high in boxes:
        for dot in dots:
            x, y = dot.x / top * width, dot.y / top * height
            assert not (left - 3 < x < right + 3 and foot < y < high), dot.name


def test_names_of_the_map_stand_where_they_cover_fewest_dots() -> None:
    crowd = [Dot("", 100 * 1.1**n, 10, 1) for n in range(1, 30)]
    lone = Dot("A name of some length", 100, 10, 1, "c2", is_named=True)
    crowd = [Dot("", each.x, each.y, 1, is_named=False) for each in crowd]
    figure = figures.plane(
        [lone, *crowd, Dot("", 1, 1, 1, is_named=False)], (50, 5), [("Cold", "bottom left")]
    )
    (name,) = [each for each in figure.layout.annotations if each.text == lone.name]

    assert name.xanchor == "right" or name.yshift  # not over the row of dots on its right


def test_a_heat_map_leaves_unknown_hours_empty() -> None:
    figure = figures.heat(pl.DataFrame({"weekday": [1, 7], "hour": [0, 23], "value": [3, 9]}), unit="reads")

    assert figure.data[0].z[0][0] == 3
    assert figure.data[0].z[6][23] == 9
    assert figure.data[0].z[3][3] is None


@pytest.mark.parametrize("highest", [0, 1, 3, 7, 10, 34, 99, 1_204, 61_412, 1_300_000])
def test_axes_have_a_few_round_lines_that_cover_the_data(highest: float) -> None:
    figure = figures.course(hours(value=[0, 0, 0, 0, 0, highest]), unit="reads", grain="hour")
    ticks = list(figure.layout.yaxis.tickvals)

    assert figure.layout.yaxis.range[1] >= max(highest, 1)
    assert 2 <= len(ticks) <= 6
    assert len(set(figure.layout.yaxis.ticktext)) == len(ticks)
    assert all(tick == int(tick) for tick in ticks)


def test_what_was_not_collected_is_hatched_and_named() -> None:
    gap = [False, False, True, True, False, False]
    frame = hours(value=[1, 2, None, None, 5, 6]).with_columns(pl.Series("is_gap", gap))
    figure = figures.course(frame, unit="reads", grain="hour")
    hatched = figure.data[-1]
    half = dt.timedelta(minutes=30)

    assert hatched.fillpattern.shape == "/"
    assert [at for at in hatched.x if at] == [HOURS[2] - half] * 2 + [HOURS[3] + half] * 2
    assert "not collected" in words(figure)


def test_a_stack_and_a_curve_by_age_hatch_too() -> None:
    frame = hours(own=[1, 2, 0, 0, 5, 6]).with_columns(pl.Series("is_gap", [True] + [False] * 5))
    stack = figures.stack(frame, parts=[("own", "Own", "c1")], unit="views", grain="hour")
    ages = pl.DataFrame({"age_h": [0.0, 10.0], "value": [0, 5]})
    curve = figures.age_curve(ages, unit="reads", until_h=12, now_words="now", gaps=[(1, 2), (2, 3)])

    assert stack.data[-1].name == curve.data[-1].name == "not collected"
    assert [x for x in curve.data[-1].x if x is not None] == [1, 1, 3, 3]
    assert figures.stack(frame.drop("is_gap"), parts=[], unit="views", grain="hour").data == ()
