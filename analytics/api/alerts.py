"""Alerts for programs: what is open and what was, and the rules; as the page Alerts shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from analytics.alerts.kinds import KINDS
from analytics.alerts.office import SCOPE, Alerts
from analytics.api import shapes
from analytics.api.asked import WrongError
from analytics.api.questions import OfSite, plain, site_of
from analytics.api.sheets import Sheet, answered, instant
from analytics.control.identity import current
from analytics.errors import NotAllowedError
from analytics.queries.ask import CALM_HINT
from analytics.store.sites import SiteRow
from analytics.store.store import Store

Number = float | None
State = Literal["open", "acknowledged", "over", "false alarm"]

router = APIRouter(tags=["Alerts"])


class Desk(Protocol):
    """What these routes ask of the desk."""

    alerts: Alerts


class Which(OfSite):
    """Which alerts."""

    state: Literal["all", "open"] = Field(default="all", description="`open`: only what goes on.")
    alert: str = Field(default="", max_length=40, description="Only of the rule of this id.")
    limit: int = Field(default=50, ge=1, le=1000, description="Rows.")


class Happened(BaseModel):
    """What happened, as it was known when the alert opened; times are local, with their offset."""

    id: str
    alert: str = Field(description="Id of its rule.")
    name: str
    kind: str = Field(examples=list(KINDS))
    site: str
    entity: str = Field(description="Id of the section, article ...; empty: the whole site.")
    entity_name: str
    sentence: str
    metric: str
    value: Number
    low: Number = Field(description="Lower end of what is usual.")
    middle: Number = Field(description="What is usual.")
    high: Number = Field(description="Upper end of what is usual.")
    bound: Number = Field(description="The number that was crossed.")
    n: int | None = Field(description="What the usual range rests on.")
    peak: Number = Field(description="The value farthest outside.")
    since: str
    opened: str | None
    closed: str | None = Field(description="null: it goes on.")
    told: str | None
    state: State
    acknowledged_by: str
    href: str = Field(description="Address of the screen that shows it.")


class History(BaseModel):
    """Alerts, the latest first."""

    site: str
    as_of: str
    open: int = Field(description="Of these rows.")
    rows: list[Happened]


class Watched(BaseModel):
    """A rule."""

    id: str
    name: str
    kind: str
    site: str
    watches: str = Field(description="In words.")
    metric: str = Field(description="Empty where the kind watches no figure.")
    dimension: str = Field(description="site, section, author, topic or article.")
    ids: list[str] = Field(description="Which of the dimension; none: each of them.")
    grain: str
    direction: str
    bound: Number = Field(description="A number of the figure, a share of 1, or minutes.")
    level: int
    readings: int = Field(description="So many in a row.")
    query: str
    repeat: str
    quiet: str
    told: int = Field(description="How many addresses are told.")
    open: int
    is_paused: bool
    muted_until: str | None
    trouble: str = Field(description="Why it could not be read the last time; mostly empty.")


class Rules(BaseModel):
    """The rules of a site, by name."""

    site: str
    as_of: str
    rows: list[Watched]


@router.get("/alerts", responses=shapes.answers(History), summary="What is open, and what was")
async def history(request: Request, asked: Annotated[Which, Query()]) -> Response:
    """List alerts with the number, what was usual, and since when; the latest first."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        site = _site(desk.store, asked.site)
        plain("alert", asked.alert)
        if asked.alert and not desk.alerts.has(asked.alert):
            raise WrongError("unknown_alert", f"There is no alert {asked.alert!r}.", "", status=404)
        rows = desk.alerts.history(
            site.site_id, rule_id=asked.alert, only_open=asked.state == "open", limit=asked.limit
        )
        going = sum(row["closed"] is None for row in rows)
        about: dict[str, Any] = {"site": site.site_id, "as_of": instant(desk.clock()), "open": going}
        return Sheet(about, rows, list(Happened.model_fields))

    return await answered(request, ask)


@router.get("/alerts/rules", responses=shapes.answers(Rules), summary="What is watched")
async def rules(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """List the rules of a site. Addresses of those who are told are not among it."""
    desk = request.app.state.desk

    def ask() -> Sheet:
        site = _site(desk.store, asked.site)
        shown = [watched(row) for row in desk.alerts.listed(site.site_id)]
        about = {"site": site.site_id, "as_of": instant(desk.clock())}
        return Sheet(about, shown, list(Watched.model_fields))

    return await answered(request, ask)


def watched(row: dict[str, Any]) -> dict[str, Any]:
    """Write a rule without the addresses of those who are told."""
    counted = {**row, "told": len(row["recipients"])}
    return {name: counted[name] for name in Watched.model_fields}


def _site(store: Store, name: str) -> SiteRow:
    """Find the site that is asked for; who may write its rules may read them, too.

    Who reads calmly sees no alerts, which are live numbers.
    """
    found = site_of(store, name, also=SCOPE)
    if current().sight(found.site_id).is_calm:
        raise NotAllowedError("Your newsroom reads calmly: no alerts are shown.", CALM_HINT)
    return found
