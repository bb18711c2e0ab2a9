import json
from xml.etree import ElementTree

import pytest

from analytics import marks

TOKENS = dict.fromkeys(marks.PAINTS, "#123456")


def circles(mark: marks.Mark) -> list[marks.Shape]:
    return [s for s in mark.shapes if s.tag == "circle"]


def test_a_gauge_puts_the_dot_where_the_value_is() -> None:
    mark = marks.gauge(75, marks.Usual(0, 25, 50, 75, 100), width=108)
    dot = circles(mark)[0]
    block = next(s for s in mark.shapes if s.tag == "rect")

    assert dot.at["cx"] == pytest.approx(79)
    assert dot.fill == "accent"
    assert block.at["x"] == pytest.approx(29)
    assert block.at["width"] == pytest.approx(50)


def test_a_gauge_below_its_block_turns_orange() -> None:
    assert circles(marks.gauge(10, marks.Usual(0, 25, 50, 75, 100)))[0].fill == "c2"


def test_a_gauge_outside_its_track_stays_inside_the_picture() -> None:
    for value in (-500, 900):
        dot = circles(marks.gauge(value, marks.Usual(0, 25, 50, 75, 100), width=150))[0]

        assert 4 <= float(dot.at["cx"]) <= 146


def test_a_gauge_without_value_or_range_still_draws() -> None:
    assert circles(marks.gauge(None, marks.Usual(5, 5, 5, 5, 5))) == []
    assert circles(marks.gauge(5, marks.Usual(5, 5, 5, 5, 5)))[0].at["cx"] == 75


@pytest.mark.parametrize(
    ("pieces", "reads", "paint"), [(0.09, 0.21, "accent"), (0.24, 0.17, "c2"), (0.12, 0.11, "faint")]
)
def test_a_dumbbell_says_who_leads(pieces: float, reads: float, paint: str) -> None:
    hollow, filled = circles(marks.dumbbell(pieces, reads, 0.3))

    assert (hollow.fill, hollow.stroke) == ("card", paint)
    assert filled.fill == paint


def test_the_strip_speaks_without_colour() -> None:
    mark = marks.strip([1, 0, -1, None])

    assert [s.at["y"] for s in mark.shapes] == [0, 4, 8]


def test_a_sparkline_breaks_where_nothing_is_known() -> None:
    mark = marks.sparkline([1, 2, None, 4, 3])
    lines = [s for s in mark.shapes if s.stroke == "accent"]

    assert len(lines) == 2
    assert circles(mark)[0].at["cx"] == pytest.approx(3 + 86 * 3 / 4)


def test_an_empty_sparkline_is_a_rule() -> None:
    assert [s.tag for s in marks.sparkline([None, None]).shapes] == ["line"]


def test_bars_never_leave_their_track() -> None:
    assert [s.at["width"] for s in marks.bar(1.7).shapes] == [64, 64]
    assert len(marks.bar(None).shapes) == 1


def test_the_torn_edge_tears_the_same_way_every_time() -> None:
    assert marks.torn_path(3) == marks.torn_path(3)
    assert marks.torn_path(3) != marks.torn_path(4)


def test_mail_gets_inlined_colours_and_the_page_gets_tokens() -> None:
    mark = marks.bullet(10, 5, 12, 20, label='10 "reads" & more')
    root = ElementTree.fromstring(mark.svg(TOKENS))  # noqa: S314 - our own text

    assert root.attrib["aria-label"] == '10 "reads" & more'
    assert {child.attrib["fill"] for child in root} == {"#123456"}
    assert "var(--ts-band2)" in json.dumps(mark.spec())
    assert "#" not in json.dumps(mark.spec())


def test_unknown_paint_is_refused() -> None:
    mark = marks.Mark(1, 1, (marks.Shape("rect", {"x": 0}, fill="red"),))

    with pytest.raises(ValueError, match="unknown paint"):
        mark.spec()


def test_the_place_is_decided_by_the_band_never_by_the_ratio() -> None:
    usual = marks.Usual(0, 10, 14.5, 91, 200)

    assert [usual.place(v) for v in (9, 10, 40, 91, 92)] == [
        "below",
        "typical",
        "typical",
        "typical",
        "above",
    ]
