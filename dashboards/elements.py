"""HTML elements in one short call, and the marks drawn inline.

`el("nav", links, class_="nav", aria_label="Pages")` instead of Dash's typed constructors, which refuse
`aria-` and `data-` attributes to a strict type checker. Children may be nested, None is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, TypeAlias

from dash import html
from dash.development.base_component import Component

from analytics.marks import Mark

Child: TypeAlias = "Component | str | Sequence[Child] | None"
Attribute: TypeAlias = "str | int | float | bool | dict[str, str | int | float] | None"


class OwnComponent(Component):
    """A component of our own, drawn by `window.tearsheet` of the assets.

    Args:
        name: Of the React component.
        children: What Dash itself puts inside, for a component that takes it.
        **props: What the component is given, in its own names.
    """

    def __init__(self, name: str, children: Component | None = None, /, **props: object) -> None:
        self._namespace = "dash"  # for Dash's checks, which would look for a package "tearsheet" at each one
        self._type = name
        self._children_props = []
        self._base_nodes = ["children"]
        self._prop_names = ["children", *props]
        self._valid_wildcard_attributes = []
        self.available_properties = self._prop_names
        self.available_wildcard_properties = []
        given = props if children is None else props | {"children": children}
        super().__init__(**given)  # type: ignore[no-untyped-call]
        self._namespace = "tearsheet"


class InlineSvg(OwnComponent):
    """A mark drawn inline by React (`tearsheet.Mark` in assets/marks.js).

    A component of our own instead of the dash-svg package: that one is of 2023, brings a bundle of sixty
    tags, and grid cells could not share it. Ours draws four allow-listed tags, in pages and cells alike.
    """

    def __init__(self, spec: dict[str, object], class_name: str = "") -> None:
        super().__init__("Mark", spec=spec, className=class_name)


def el(tag: str, *children: Child, **attributes: Attribute) -> Component:
    """Make an HTML element.

    Args:
        tag: Its name, such as "section"; one of `dash.html`.
        *children: Components and text, nested as they come; None is left out.
        **attributes: `class_` is the class; underscores of `aria_` and `data_` become hyphens;
            None leaves an attribute out.
    """
    named: dict[str, Any] = {
        _attribute(name): given for name, given in attributes.items() if given is not None
    }
    inside = list(_flat(children))
    named["children"] = inside[0] if len(inside) == 1 else inside or None
    make, blank = _checked(tag, tuple(named))
    made = make.__new__(make)
    vars(made).update(blank, **named)
    return made


@cache
def _checked(tag: str, names: tuple[str, ...]) -> tuple[type[Component], dict[str, Any]]:
    """Have Dash check once that an element may bear such attributes: it is slow, and a page has a thousand.

    Returns:
        Its class, and what every such element is made with.
    """
    make: type[Component] = getattr(html, tag.capitalize())
    made = make(**dict.fromkeys(names, ""))
    return make, {name: value for name, value in vars(made).items() if name not in names}


class Moved(OwnComponent):
    """Puts another address into the place of this one: what stands at it has moved there."""

    def __init__(self, href: str) -> None:
        super().__init__("Moved", None, href=href)


def mark(drawing: Mark, class_name: str = "") -> Component:
    """Draw a mark inline."""
    return InlineSvg(drawing.spec(), class_name)


def icon(name: str, size: int = 20) -> Component:
    """Draw a line icon in the colour of its text; decoration only, words stand beside it."""
    line = {
        "stroke": "currentColor",
        "stroke-width": "1.5",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    }
    shapes = [["path", {"d": d} | line] for d in _ICONS[name]]
    return InlineSvg({"w": size, "h": size, "box": 20, "label": "", "shapes": shapes}, "icon")


def wordmark() -> Component:
    """Show the brand: a small torn sheet and the name."""
    sheet = "M2 1h14v17l-2.3-1.6L11.4 18l-2.3-1.6L6.7 18l-2.3-1.6L2 18z"
    lines = {"stroke": "var(--ts-card)", "stroke-width": "1.4"}
    shapes = [
        ["path", {"d": sheet, "fill": "var(--ts-accent)"}],
        *[["path", {"d": d} | lines] for d in ("M5 5.5h8", "M5 8.5h8", "M5 11.5h5")],
    ]
    return el(
        "a",
        InlineSvg({"w": 18, "h": 19, "label": "", "shapes": shapes}),
        "Tearsheet",
        href="/",
        class_="wordmark",
    )


def _attribute(name: str) -> str:
    if name == "class_":
        return "className"
    return name.replace("_", "-") if name.startswith(("aria_", "data_")) else name


def _flat(children: Sequence[Child]) -> Iterator[Component | str]:
    for child in children:
        if isinstance(child, str | Component):  # text first: a Component is asked of its abstract base
            yield child
        elif child is not None:
            yield from _flat(child)


_ICONS: dict[str, tuple[str, ...]] = {
    "sun": ("M3 15h14", "M6 15a4 4 0 0 1 8 0", "M10 4v3", "M4 7.5l2 2", "M16 7.5l-2 2"),
    "pulse": ("M2 11h4l2.5-6 3 10 2.5-7 1.5 3H18",),
    "sheet": ("M5 3h10v14l-1.7-1.2-1.6 1.2-1.7-1.2L8.3 17l-1.6-1.2L5 17z", "M8 7h4", "M8 10h4"),
    "talk": ("M3 4h14v9H9l-4 4v-4H3z", "M6 7.5h8", "M6 10h5"),
    "grid": ("M4 4h5v5H4z", "M11 4h5v5h-5z", "M4 11h5v5H4z", "M11 11h5v5h-5z"),
    "lens": ("M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11z", "M13 13l4 4"),
    "bell": ("M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13z", "M8.5 17.5h3"),
    "moon": ("M16 12.5A6.5 6.5 0 1 1 8 4a5 5 0 0 0 8 8.5z",),
    "day": (
        "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
        "M10 3v1",
        "M10 16v1",
        "M3 10h1",
        "M16 10h1",
        "M5 5l1 1",
        "M14 14l1 1",
        "M5 15l1-1",
        "M14 6l1-1",
    ),
}
