import json
from typing import Any

import plotly
import pytest
from dash.development.base_component import Component

from analytics import wording
from analytics.marks import Usual
from dashboards import components, controls
from dashboards.components import Why
from dashboards.elements import el
from dashboards.filters import View, parse


def drawn(part: Component | list[Component]) -> str:
    return json.dumps(part, cls=plotly.utils.PlotlyJSONEncoder, ensure_ascii=False)


def props(part: Component) -> dict[str, Any]:
    return dict(json.loads(drawn(part))["props"])


def test_elements_take_aria_and_data_and_drop_what_is_none() -> None:
    made = el(
        "nav", [None, "a", [el("b", "c")]], class_="x", aria_label="Pages", data_does="twin", title=None
    )

    assert props(made).keys() == {"children", "className", "aria-label", "data-does"}
    assert len(props(made)["children"]) == 2


def test_a_number_stands_beside_what_is_typical() -> None:
    usual = Usual(27_000, 31_000, 34_000, 36_800, 42_000)
    text = drawn(
        components.kpi(
            "Reads",
            "reads",
            38_900,
            wording.change_chip(0.14, "above"),
            usual=usual,
            words=["above typical: 31.0k to 36.8k"],
        )
    )

    assert "38.9k" in text
    assert "above the typical range" in text
    assert "typical 31.0k to 36.8k, median 34.0k" in text


def test_a_missing_number_is_a_dash() -> None:
    assert wording.NONE in drawn(components.kpi("Comments", "comments", None))


def test_why_answers_with_definition_rows_and_sql() -> None:
    why = Why(
        "Reads",
        "Views of 10 s.",
        "count",
        "v1",
        "18 Nov",
        61_412,
        (("no reading signal", 1_290),),
        "select 1",
    )
    text = drawn(components.why_panel(why))

    for part in ("Why this number?", "61,412", "Left out: no reading signal", "1,290", "select 1"):
        assert part in text


def test_a_card_with_a_twin_offers_the_table() -> None:
    text = drawn(components.card("Reads per hour", "chart", twin=el("table")))

    assert "View as table" in text
    assert '"hidden": true' in text
    assert "View as table" not in drawn(components.card("Reads per hour", "chart"))


def test_the_current_page_is_marked() -> None:
    links = [props(link) for link in components.nav_links("/articles/a1")]

    assert [link["href"] for link in links if "aria-current" in link] == ["/articles"]


def test_a_failure_names_its_reference_and_offers_retry() -> None:
    text = drawn(components.failed("this chart", "c8cbc9"))

    assert "Could not load this chart" in text
    assert "c8cbc9" in text
    assert "retry" in text


def test_segments_are_addresses_and_one_is_current() -> None:
    text = drawn(controls.period(parse("/", "?section=politics"), "7d"))

    assert '"/?period=28d&section=politics"' in text
    assert text.count('"aria-current": "true"') == 1


def test_filters_in_force_can_be_removed_one_by_one() -> None:
    bar = controls.chosen(parse("/articles", "?section=politics,!sport"))

    assert bar is not None
    assert '"/articles?section=!sport"' in drawn(bar)
    assert "not Section: sport" in drawn(bar)
    assert controls.chosen(View()) is None


@pytest.mark.parametrize("place", ["above typical: 1 to 2", "no signal: 2.1 % of views"])
def test_phones_drop_only_the_place(place: str) -> None:
    text = drawn(components.kpi("Reads", "reads", 3, words=[place]))

    assert ('"place"' in text) is place.startswith("above typical")
