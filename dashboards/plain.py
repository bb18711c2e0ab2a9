"""Folds what never changes by itself into one component, so that a page stays quick in the browser.

Dash's renderer has every component listen to every change of the page: a thousand spans of cards and tables
are a thousand listeners, called some hundred times while the page fills. Most of a page are HTML elements
that no callback names. `fold` takes runs of such elements together into one `tearsheet.Plain`, which draws
the same elements (assets/plain.js); everything with an id, a control or a chart stays as it is.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from dash.development.base_component import Component

from dashboards.elements import Child, InlineSvg, OwnComponent

Node: TypeAlias = "str | list[Any]"  # text, or [tag, attributes, *nodes]; the tag of a mark is MARK

MARK = "Mark"
_HTML = "dash_html_components"
_LIVE = {"id", "n_clicks", "disable_n_clicks"}  # what a callback may name or listen to


class Plain(OwnComponent):
    """What `tearsheet.Plain` draws.

    Args:
        nodes: Siblings.
    """

    def __init__(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        super().__init__("Plain", nodes=nodes)


def fold(child: Child) -> Child:
    """Give the same content with as few components as can be; components are changed in place."""
    folded = _siblings(child)
    return folded[0] if len(folded) == 1 else folded or None


def _siblings(child: Child) -> list[Component | str]:
    """Fold what stands side by side."""
    found: list[Component | str] = []
    run: list[Node] = []
    for each in _each(child):
        node = _node(each)
        if node is None:
            found += _taken(run)
            run = []
            found.append(each)
        else:
            run.append(node)
    return found + _taken(run)


def _taken(run: list[Node]) -> list[Component | str]:
    """Take a run together; text alone needs no component."""
    texts = [node for node in run if isinstance(node, str)]
    return [*texts] if len(texts) == len(run) else [Plain(run)]


def _node(each: Component | str) -> Node | None:
    """Write a component as a node, or fold what is inside of it and give None."""
    if isinstance(each, str):
        return each
    # What `to_plotly_json` gives, but that asks every element for each of the sixty attributes it could have.
    attributes = {
        name: value
        for name, value in vars(each).items()
        if value is not None and not name.startswith(("_", "available_"))
    }
    children = attributes.pop("children", None)
    if isinstance(each, InlineSvg):
        return [MARK, attributes]
    inside = _siblings(children)
    if each._namespace == _HTML and not _LIVE & attributes.keys():  # noqa: SLF001 Dash has no other way
        nodes = _nodes(inside)
        if nodes is not None:
            return [each._type.lower(), attributes, *nodes]  # noqa: SLF001 likewise
    if children is not None:
        each.children = inside[0] if len(inside) == 1 else inside
    return None


def _nodes(parts: list[Component | str]) -> list[Node] | None:
    """Give the nodes of what has been folded wholly; None where something live stands in between."""
    nodes: list[Node] = []
    for part in parts:
        if isinstance(part, str):
            nodes.append(part)
        elif isinstance(part, Plain):
            nodes += part.nodes
        else:
            return None
    return nodes


def _each(child: Any) -> list[Component | str]:
    """List siblings, flat, numbers as their text."""
    if child is None:
        return []
    if isinstance(child, list | tuple):
        return [each for part in child for each in _each(part)]
    return [child if isinstance(child, str | Component) else str(child)]
