"""What is folded draws the same elements; what lives stays a component."""

from __future__ import annotations

from typing import Any

from dash import dcc
from dash.development.base_component import Component

from dashboards.elements import el, icon
from dashboards.plain import MARK, Plain, fold


def written(child: object) -> Any:
    assert isinstance(child, Component)
    return child.to_plotly_json()  # type: ignore[no-untyped-call]


def test_elements_without_a_name_become_one_component() -> None:
    folded = fold(el("div", el("h2", "Reads"), el("p", "a ", el("b", "word")), class_="card", aria_label="x"))

    assert isinstance(folded, Plain)
    assert folded.nodes == [
        [
            "div",
            {"className": "card", "aria-label": "x"},
            ["h2", {}, "Reads"],
            ["p", {}, "a ", ["b", {}, "word"]],
        ]
    ]


def test_what_a_callback_may_name_stays_and_keeps_its_place() -> None:
    folded = fold(
        [el("p", "before"), el("section", el("h2", "T"), dcc.Graph(id="g")), el("p", "after", id="x")]
    )

    assert isinstance(folded, list)
    before, section, after = folded
    assert isinstance(before, Plain)
    assert written(section)["type"] == "Section"
    title, graph = written(section)["props"]["children"]
    assert (title.nodes, written(graph)["type"]) == ([["h2", {}, "T"]], "Graph")
    assert written(after)["props"] == {"children": "after", "id": "x"}


def test_a_clicked_button_stays() -> None:
    button = el("button", "Go", n_clicks=0)

    assert fold(button) is button


def test_marks_are_drawn_inside() -> None:
    folded = fold(el("span", icon("sun"), "Day"))

    assert isinstance(folded, Plain)
    assert [node[0] if isinstance(node, list) else node for node in folded.nodes[0][2:]] == [MARK, "Day"]


def test_folding_twice_is_folding_once() -> None:
    once = fold([el("p", "a"), dcc.Store(id="s"), el("p", "b")])

    assert written(el("div", fold(once))) == written(el("div", once))


def test_nothing_and_text_need_no_component() -> None:
    assert fold(None) is None
    assert fold([]) is None
    assert fold("text") == "text"
    assert fold(["a", ["b", None]]) == ["a", "b"]
