"""Pickers: articles by search, sections, authors and topics by name, saved queries; no id is typed."""

from __future__ import annotations

import asyncio
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component

from analytics.alerts.office import MOST_IDS, Alerts
from analytics.control.alerts import Rule
from analytics.errors import TearsheetError
from analytics.language import N_, _
from dashboards import scope, slots
from dashboards.elements import el

IDS, DIMENSION = {"alert-field": "ids"}, {"alert-field": "dimension"}
_HOLDERS = {"site": N_("All of it"), "article": N_("Search by title")}
Data = list[dict[str, str]]


def register(app: Dash) -> None:
    """Let the picker list what is searched for, and begin anew when another dimension is chosen."""

    @app.callback(
        Output(IDS, "data"),
        Output(IDS, "value"),
        Output(IDS, "disabled"),
        Output(IDS, "placeholder"),
        Input(DIMENSION, "value"),
        Input(IDS, "searchValue"),
        Input(IDS, "value"),
        State(slots.VIEW, "data"),
        prevent_initial_call=True,
    )
    async def searched(
        dimension: str, text: str | None, chosen: list[str] | None, address: dict[str, str]
    ) -> tuple[Data, Any, bool, str]:
        is_other = ctx.triggered_id == DIMENSION
        kept = [] if is_other else list(chosen or [])
        view = slots.view_of(address)
        data = await asyncio.to_thread(_found, app.server.state.desk, view, dimension, text or "", kept)
        # What is picked meanwhile must stay: only another dimension begins anew.
        return data, [] if is_other else no_update, dimension == "site", holder(dimension)


def entities(alerts: Alerts, rule: Rule) -> Component:
    """Pick some of a dimension; what is named already shows by its name."""
    made: Component = dmc.MultiSelect(
        id=IDS,
        label=_("Only"),
        data=_data(alerts.entities(rule.site_id, rule.dimension, "", rule.ids)),
        value=list(rule.ids),
        disabled=rule.dimension == "site",
        placeholder=holder(rule.dimension),
        searchable=True,
        clearable=True,
        hidePickedOptions=True,
        maxValues=MOST_IDS,
        nothingFoundMessage=_("Nothing found"),
        filter={"function": "keepAll"},  # what the desk found may bear the words in a former title
        comboboxProps={"withinPortal": False},
        clearButtonProps={"aria-label": _("Take all off")},
    )
    return made


def queries(alerts: Alerts, chosen: str) -> Component:
    """Pick one of the saved queries of which whoever asks may make an alert."""
    known = alerts.queries()
    if chosen and chosen not in {each for each, _name in known}:
        known = [(chosen, chosen), *known]
    nothing = _("None of your own yet: the page SQL saves them")
    made: Component = dmc.Select(
        id={"alert-field": "query"},
        label=_("Saved query"),
        data=[{"value": each, "label": name} for each, name in known],
        value=chosen or None,
        searchable=True,
        nothingFoundMessage=_("Nothing found"),
        placeholder=_("Choose one") if known else nothing,
        comboboxProps={"withinPortal": False},
    )
    return made if known else el("div", made, el("a", _("To SQL"), href="/sql"))


def holder(dimension: str) -> str:
    """Say what nothing chosen means."""
    return _(_HOLDERS.get(dimension, N_("Each of them")))


def _found(desk: slots.Desk, view: Any, dimension: str, text: str, chosen: list[str]) -> Data:
    try:
        return _data(desk.alerts.entities(scope.site_of(desk, view).site_id, dimension, text, chosen))
    except TearsheetError:
        return []


def _data(found: list[tuple[str, str]]) -> Data:
    return [{"value": each, "label": name} for each, name in found]
