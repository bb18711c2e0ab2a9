"""Controls: everything that changes the view writes the address, nothing keeps state of its own.

Choices of a few are links, each of them an address; long lists and dates are Mantine's controls, which
`assets/desk.js` (`tearsheet.write`) turns into parameters without a round trip. On phones the bar is a
sheet behind the button "Filters".
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import ALL, ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component

from analytics import language, wording
from analytics.language import N_, _
from analytics.queries.ask import filter_label
from dashboards.elements import Child, el
from dashboards.filters import View

PERIODS = (
    ("yesterday", N_("Yesterday")),
    ("7d", N_("7 days")),
    ("28d", N_("28 days")),
    ("90d", N_("90 days")),
)
TODAY, WEEKS = ("today", N_("Today")), ("8w", N_("8 weeks"))
BASIS = (("read_in", N_("Read in period")), ("published_in", N_("Published in period")))
COMPARE = (
    ("typical", N_("Against typical")),
    ("previous", N_("Period before")),
    ("year_ago", N_("Year ago")),
    ("none", N_("No comparison")),
)
HORIZON = (
    ("7d", N_("First 7 days")),
    ("24h", N_("First 24 hours")),
    ("30d", N_("First 30 days")),
    ("to_date", N_("To date")),
)
_ARROW_ROOM, _LETTER, _WIDEST = 40, 6.6, 240  # pixels of a list's button; its words are 13 px high


def worded(choices: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give choices that stand in the code with their labels in the language of the request."""
    return [(value, _(label)) for value, label in choices]


def dimension(name: str) -> str:
    """Name a filter: "Section", "Age"."""
    return filter_label(name)


def bar(*controls: Child) -> Component:
    """Stand the controls of a page in a row; on phones in a sheet with its own button."""
    return el(
        "div",
        el("button", _("Filters"), class_="button filters-button", type="button", data_does="sheet"),
        el(
            "div",
            el("p", _("Filters"), class_="controls-title"),
            *controls,
            el(
                "button",
                _("Done"),
                class_="button primary controls-close",
                type="button",
                data_does="close-sheet",
            ),
            class_="controls",
            role="group",
            aria_label=_("Filters"),
        ),
    )


def segmented(
    view: View, name: str, choices: Sequence[tuple[str, str]], current: str, said: str
) -> Component:
    """Offer a few choices side by side, each an address of its own.

    Args:
        view: The current view.
        name: The parameter that they set.
        choices: Value and label, in order.
        current: The value in force; may be none of the choices.
        said: What is chosen here, for those who do not see it.
    """
    links = [
        el("a", label, href=view.href(**{name: value}), aria_current="true" if value == current else None)
        for value, label in choices
    ]
    return el("div", links, class_="segmented", role="group", aria_label=said)


def period(view: View, current: str, *, with_today: bool = False, with_weeks: bool = False) -> Component:
    """Choose the period: yesterday, 7, 28 or 90 days; some pages offer today, some whole weeks."""
    choices = (
        (TODAY, *PERIODS) if with_today else (*PERIODS[2:3], WEEKS, *PERIODS[3:]) if with_weeks else PERIODS
    )
    return segmented(view, "period", worded(choices), current, _("Period"))


def dates(first: dt.date, last: dt.date, today: dt.date) -> Component:
    """Choose days by the calendar.

    Args:
        first: First day shown.
        last: Last day shown.
        today: The newsroom's local day; later ones cannot be chosen.
    """
    shown = [first.isoformat(), last.isoformat()]
    picker = _calendar({"control": "range", "default": f"{first}..{last}"}, today, value=shown)
    # Mantine words one day as "18 Nov to 18 Nov"; the style sheet shows this text instead
    if first == last:
        text: dict[str, str | int | float] = {"--one-day": f'"{wording.day_short(first)}"'}
        return el(
            "div", picker, class_="control date one-day", role="group", aria_label=_("Days"), style=text
        )
    return el("div", picker, class_="control date", role="group", aria_label=_("Days"))


def other_days(here: Sequence[str], today: dt.date) -> Component:
    """Choose days to stand beside those that are compared (`items` of the address)."""
    said = _("Other days")
    picker = _calendar(_another(here), today, placeholder=said)
    return el("div", picker, class_="control date", role="group", aria_label=said)


def another(here: Sequence[str], choices: Sequence[tuple[str, str]], said: str) -> Component:
    """Find one more by typing, to stand beside those that are compared (`items` of the address)."""
    select = dmc.Select(
        id=_another(here),
        data=[{"value": value, "label": label} for value, label in choices],
        placeholder=said,
        searchable=True,
        limit=50,
        maxDropdownHeight=320,
        nothingFoundMessage=_("Nothing found"),
        comboboxProps={"withinPortal": False, "position": "bottom"},
        **{"aria-label": said},
    )
    return el("div", select, class_="control filter")


def _another(here: Sequence[str]) -> dict[str, str]:
    return {"control": "another", "default": ",".join(here)}


def _calendar(id_: dict[str, str], today: dt.date, **more: Any) -> Component:
    picker = dmc.DatePickerInput(
        id=id_,
        type="range",
        maxDate=today.isoformat(),
        valueFormat=language.pattern("day").replace("d", "D"),
        labelSeparator=_("to"),
        allowSingleDateInRange=True,
        hideOutsideDates=True,
        popoverProps={"withinPortal": False, "position": "bottom-end"},
        ariaLabels={
            "previousMonth": _("Previous month"),
            "nextMonth": _("Next month"),
            "monthLevelControl": _("Choose a month"),
            "previousYear": _("Previous year"),
            "nextYear": _("Next year"),
            "yearLevelControl": _("Choose a year"),
        },
        **more,
    )
    begins = (language.current().week_begins + 1) % 7  # here 0 is Sunday
    spoken = {"locale": language.current().language, "firstDayOfWeek": begins}
    provided: Component = dmc.DatesProvider(picker, settings=spoken)
    return provided


def choice(
    name: str, choices: Sequence[tuple[str, str]], current: str, default: str, said: str, width: int = 150
) -> Component:
    """Choose one of a few values from a list; the default is left out of the address."""
    return _select(name, choices, current, default, said, width)


def pick(
    view: View, name: str, choices: Sequence[tuple[str, str]], all_words: str, width: int = 140
) -> Component:
    """Choose one value of a dimension, or all of them.

    Args:
        view: The current view.
        name: The dimension: "section", "source", "topic".
        choices: Value and label.
        all_words: What no choice is called: "All sections".
        width: In pixels.
    """
    chosen = getattr(view, name)
    current = chosen[0] if len(chosen) == 1 else ""
    several = [(",".join(chosen), _("{chosen} chosen", chosen=len(chosen)))] if len(chosen) > 1 else []
    options = [("", all_words), *several, *choices]
    return _select(name, options, ",".join(chosen) if several else current, "", all_words, width)


def basis(view: View) -> Component:
    """Choose whether events in the period count, or articles published in it."""
    return choice("basis", worded(BASIS), view.basis, "read_in", _("Which articles count"), 172)


def horizon(view: View) -> Component | None:
    """Choose up to which age an article counts; only where the articles of the period are counted."""
    if view.basis != "published_in":
        return None
    return choice("horizon", worded(HORIZON), view.horizon, "7d", _("How long each article counts"), 140)


def compare(view: View) -> Component:
    """Choose what the period is compared with."""
    return choice("compare", worded(COMPARE), view.compare, "typical", _("Compare with"), 160)


def credit(view: View, who: str = "author") -> Component:
    """Choose how several authors or topics share an article."""
    first = _("First author") if who == "author" else _("First topic")
    said = _("How authors share an article") if who == "author" else _("How topics share an article")
    options = (("full", _("Full credit")), ("equal", _("Equal credit")), ("first", first))
    return choice("credit", options, view.credit, "full", said, 130)


def order(view: View, choices: Sequence[tuple[str, str]], *, is_calm: bool = False) -> Component:
    """Choose the order of a list on phones, whose rows have no heads to click on.

    Args:
        view: The current view.
        choices: Value of `sort` and label; the first, with an empty value, is the page's default, the last
            goes by the alphabet.
        is_calm: Whether that is the default.
    """
    # A control tells the address its value whenever it is drawn: it must know every order there is.
    if not choices[0][0] and is_calm:  # the default is alphabetical
        choices = [("", choices[-1][1]), *choices[1:-1]]
    known = [value for value, _label in choices]
    other = [] if view.sort in known else [(view.sort, _("As chosen in the table"))]
    select = choice("sort", [*worded(choices), *other], view.sort, "", _("Order"), 160)
    return el("div", select, class_="phone-only")


def columns(view: View, choices: Sequence[tuple[str, str]], shown: Sequence[str]) -> Component:
    """Choose the columns of a table; each choice is an address, the last column stays.

    Args:
        view: The current view.
        choices: Name and label of each column there is, in their order.
        shown: Names of the columns that are shown.
    """
    links = []
    for name, label in choices:
        left = [each for each, _rest in choices if (each in shown) != (each == name)]
        is_on = name in shown
        mark = el("span", "✓" if is_on else "", class_="tick", aria_hidden="true")
        state = el("span", _(", shown") if is_on else _(", hidden"), class_="hidden-words")
        href = view.href(cols=tuple(left or [name]))
        links.append(el("li", el("a", mark, label, state, href=href, id=f"column-{name}")))
    usual = el("a", _("Back to the usual columns"), href=view.href(cols=())) if view.cols else None
    panel = el("div", el("ul", links), usual, class_="why-panel choices")
    return el("details", el("summary", _("Columns")), panel, class_="why columns")


def search(view: View, said: str, width: int = 190) -> Component:
    """Search in words; the address is written when typing pauses."""
    field = dmc.TextInput(
        id={"control": "q", "default": ""},
        value=view.q,
        placeholder=said,
        debounce=500,
        w={"base": "100%", "sm": width},
        **{"aria-label": said},
    )
    return el("div", field, class_="control search")


def field(name: str, value: str, default: str, said: str, width: int = 130) -> Component:
    """Write a value in words; the address follows when typing pauses, and refuses what it does not know."""
    text = dmc.TextInput(
        id={"control": name, "default": default},
        value=value or default,
        debounce=700,
        w={"base": "100%", "sm": width},
        **{"aria-label": said},
    )
    return el("div", text, class_="control search", title=said)


def chosen(view: View, names: Mapping[str, Mapping[str, str]] | None = None) -> Component | None:
    """Show the filters in force, each removable.

    Args:
        view: The current view.
        names: Dimension -> id -> name, where ids are not what readers call it.
    """
    known = names or {}
    links = [
        el(
            "a",
            f"{_label(name, value, known.get(name, {}))} ×",
            href=view.without(name, value).href(),
            aria_label=_("Remove {label}", label=_label(name, value, known.get(name, {}))),
        )
        for name, values in view.where().items()
        for value in values
    ]
    if view.q:
        links.append(el("a", f"“{view.q}” ×", href=view.href(q=""), aria_label=_("Remove the search")))
    return (
        el("div", links, class_="chosen", role="group", aria_label=_("Filters in force")) if links else None
    )


def register(app: Dash) -> None:
    """Bind every control to the address, in the browser."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("tearsheet", "write"),
        Output("control-sink", "data"),
        Input({"control": ALL, "default": ALL}, "value"),
        prevent_initial_call=True,
    )


def _select(
    name: str, choices: Sequence[tuple[str, str]], current: str, default: str, said: str, width: int
) -> Component:
    longest = len(dict(choices).get(current, ""))  # German says the same in more letters
    select = dmc.Select(
        id={"control": name, "default": default},
        data=[{"value": value or " ", "label": label} for value, label in choices],
        value=current or " ",
        allowDeselect=False,
        searchable=len(choices) > 12,
        checkIconPosition="right",
        withCheckIcon=False,
        maxDropdownHeight=320,
        nothingFoundMessage=_("Nothing found"),
        comboboxProps={"withinPortal": False, "position": "bottom-end", "width": "max-content"},
        w={"base": "100%", "sm": max(width, min(round(_ARROW_ROOM + _LETTER * longest), _WIDEST))},
        **{"aria-label": said},
    )
    return el("div", select, class_="control filter")


def _label(name: str, value: str, names: Mapping[str, str]) -> str:
    """Word a filter: "Section: politics", "not Section: sport"."""
    plain = value.removeprefix("!")
    word = f"{dimension(name)}: {names.get(plain, plain)}"
    return _("not {word}", word=word) if value.startswith("!") else word
