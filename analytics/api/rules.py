"""Alerts written by programs: rules made, changed, muted, tried and removed; alerts acknowledged.

Editors may, and keys of the scope `alerts`; what every house watches of itself belongs to admins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET, Meta, UnsetType
from pydantic import BaseModel, ConfigDict, Field

from analytics.alerts.office import DRY_DAYS, SCOPE, Alerts
from analytics.api import sent, shapes
from analytics.api.alerts import Happened, Watched, watched
from analytics.api.asked import WrongError
from analytics.api.questions import OfSite, writable
from analytics.api.sheets import Sheet, answered, instant
from analytics.control.identity import require_scope
from analytics.control.tables import EVERY_SITE

Text = Annotated[str, Meta(max_length=300)]

router = APIRouter(tags=["Alerts"])


class ToSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who is told.

    Attributes:
        address: A mail address, the address of a webhook or a chat, or the name of a folder of the home.
        way: mail, chat, webhook or folder.
        name: As a mail greets them; may be empty.
    """

    address: Annotated[str, Meta(max_length=2000)]
    way: Annotated[str, Meta(max_length=20)] = "mail"
    name: Text = ""


class ChangeSent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a rule says; what is left out stays as it is.

    Attributes:
        name: What it is called; empty: as its kind.
        metric: What is counted; of the kind.
        dimension: site, section, author, topic or article.
        ids: Which of the dimension, 50 at most; none: each of them.
        grain: hour or day.
        direction: above, below or either.
        bound: A number of the figure, a share of 1, or minutes; null where a saved query fires on any row.
        level: 1, 2 or 3 times the usual distance.
        readings: So many in a row.
        repeat: once, hourly or daily.
        quiet: Local hours without messages, 22:00-07:00; empty: none.
        query: Id of a saved query.
        is_paused: Nothing is read meanwhile.
    """

    name: Text | UnsetType = UNSET
    metric: Text | UnsetType = UNSET
    dimension: Text | UnsetType = UNSET
    ids: list[Text] | UnsetType = UNSET
    grain: Text | UnsetType = UNSET
    direction: Text | UnsetType = UNSET
    bound: float | UnsetType | None = UNSET
    level: int | UnsetType = UNSET
    readings: int | UnsetType = UNSET
    repeat: Text | UnsetType = UNSET
    quiet: Text | UnsetType = UNSET
    query: Text | UnsetType = UNSET
    is_paused: bool | UnsetType = UNSET


class RuleSent(ChangeSent, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule; what is left out is its kind's own.

    Attributes:
        kind: learned, expected, rising, drop, level, change, storm, backlog, source or query.
        to: Who is told.
    """

    kind: Text
    to: Annotated[list[ToSent], Meta(max_length=50)] = []


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Rest(_Strict):
    """For how long."""

    hours: float = Field(default=24, ge=0, le=24 * 366, description="0 ends it.")


class Back(_Strict):
    """How far back."""

    days: int = Field(default=DRY_DAYS, ge=1, le=DRY_DAYS, description="Complete days and the one that runs.")


class Judged(_Strict):
    """What it was."""

    verdict: Literal["", "false"] = Field(
        default="", description="`false`: it should not have fired; the answer says what would have helped."
    )


class Removed(BaseModel):
    """What was removed."""

    id: str


class Muted(BaseModel):
    """Until when nobody is told."""

    id: str
    muted_until: str | None = Field(description="UTC; null: it is not muted any more.")


class Delivery(BaseModel):
    """What became of a message."""

    to: str
    state: str = Field(description="planned, handed, sent, failed or skipped.")
    why: str
    sent: str | None


class Deliveries(BaseModel):
    """A row for each that is told."""

    rows: list[Delivery]


class Fired(BaseModel):
    """An alert that there would have been."""

    at: str
    sentence: str
    href: str


class DryRun(BaseModel):
    """What a rule would have told."""

    days: int
    said: str
    rows: list[Fired]


class Told(BaseModel):
    """Somebody who is told; a secret address is masked."""

    id: str
    way: str
    address: str
    name: str
    is_confirmed: bool = Field(description="False: they were asked by mail, and are told once they say yes.")


class Recipients(BaseModel):
    """Who is told of a rule."""

    rows: list[Told]


class Acknowledged(Happened):
    """An alert that somebody looks after, and the least change of its rule that would have kept it still."""

    suggests: str = Field(description="In words; empty where nothing would have, or nobody asked.")
    change: dict[str, float | int] = Field(description="The same as fields of the rule.")


@router.post(
    "/alerts/rules",
    responses=shapes.answers(Watched, 413, 415),
    openapi_extra=shapes.body_of(RuleSent),
    summary="Watch something",
)
async def make(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Make a rule; it watches from now on. `dry-run` says what it would have told before."""
    body = await sent.read(request, RuleSent)

    def do(alerts: Alerts) -> dict[str, Any]:
        values = sent.values(body)
        is_paused = values.pop("is_paused", False)
        to = [(each.way, each.address) for each in values.pop("to")]
        site = writable(request.app.state.desk.store, asked.site, SCOPE)
        row = alerts.add(values.pop("kind"), site=site, to=to, **values)
        if is_paused:
            alerts.pause(row["id"])
        return watched({**row, "is_paused": is_paused, "recipients": to})

    return await _done(request, do)


@router.patch(
    "/alerts/rules/{rule_id}",
    responses=shapes.answers(Watched, 413, 415),
    openapi_extra=shapes.body_of(ChangeSent),
    summary="Change a rule",
)
async def change(request: Request, rule_id: str) -> Response:
    """Change what a rule says; its kind, its recipients and its history stay."""
    body = await sent.read(request, ChangeSent)

    def do(alerts: Alerts) -> dict[str, Any]:
        values = sent.values(body)
        is_paused = values.pop("is_paused", None)
        _known(alerts, rule_id)
        alerts.change(rule_id, **values)
        if is_paused is not None:
            (alerts.pause if is_paused else alerts.resume)(rule_id)
        return watched(next(each for each in alerts.listed() if each["id"] == rule_id))

    return await _done(request, do)


@router.delete("/alerts/rules/{rule_id}", responses=shapes.answers(Removed), summary="Remove a rule")
async def remove(request: Request, rule_id: str) -> Response:
    """Remove a rule; its history stays."""

    def do(alerts: Alerts) -> dict[str, Any]:
        _known(alerts, rule_id)
        alerts.delete(rule_id)
        return {"id": rule_id}

    return await _done(request, do)


@router.post("/alerts/rules/{rule_id}/mute", responses=shapes.answers(Muted), summary="Mute a rule")
async def mute(request: Request, rule_id: str, asked: Annotated[Rest, Query()]) -> Response:
    """Tell nobody of a rule for some hours; it is read all the same, and its history goes on."""

    def do(alerts: Alerts) -> dict[str, Any]:
        _known(alerts, rule_id)
        until = alerts.mute(rule_id, asked.hours)
        return {"id": rule_id, "muted_until": instant(until)}

    return await _done(request, do)


@router.post(
    "/alerts/rules/{rule_id}/test", responses=shapes.answers(Deliveries), summary="Send a test message"
)
async def test(request: Request, rule_id: str) -> Response:
    """Send a test by all ways of a rule, and say what became of it."""

    def do(alerts: Alerts) -> dict[str, Any]:
        _known(alerts, rule_id)
        return {"rows": alerts.test(rule_id)}

    return await _done(request, do)


@router.get(
    "/alerts/rules/{rule_id}/dry-run", responses=shapes.answers(DryRun), summary="What a rule would have told"
)
async def dry_run(request: Request, rule_id: str, asked: Annotated[Back, Query()]) -> Response:
    """Say when a rule would have fired in the last days."""
    alerts: Alerts = request.app.state.desk.alerts

    def ask() -> Sheet:
        _known(alerts, rule_id)
        found = alerts.dry_run(alerts.rule(rule_id), asked.days)
        return Sheet({"days": found.days, "said": found.said}, found.times, list(Fired.model_fields))

    return await answered(request, ask)


@router.get("/alerts/rules/{rule_id}/recipients", responses=shapes.answers(Recipients), summary="Who is told")
async def recipients(request: Request, rule_id: str) -> Response:
    """List who is told of a rule, for those who may change it."""
    alerts: Alerts = request.app.state.desk.alerts

    def ask() -> Sheet:
        _known(alerts, rule_id)
        return Sheet({}, alerts.recipients(rule_id), list(Told.model_fields))

    return await answered(request, ask)


@router.post(
    "/alerts/rules/{rule_id}/recipients",
    responses=shapes.answers(Recipients, 413, 415),
    openapi_extra=shapes.body_of(ToSent),
    summary="Tell somebody",
)
async def tell(request: Request, rule_id: str) -> Response:
    """Let somebody be told of a rule."""
    body = await sent.read(request, ToSent)

    def do(alerts: Alerts) -> dict[str, Any]:
        _known(alerts, rule_id)
        alerts.add_recipient(rule_id, body.way, body.address, body.name)
        return {"rows": alerts.recipients(rule_id)}

    return await _done(request, do)


@router.delete(
    "/alerts/rules/{rule_id}/recipients/{recipient_id}",
    responses=shapes.answers(Recipients),
    summary="Tell somebody no more",
)
async def tell_no_more(request: Request, rule_id: str, recipient_id: str) -> Response:
    """Take somebody off those who are told, by the id that the list gives."""

    def do(alerts: Alerts) -> dict[str, Any]:
        _known(alerts, rule_id)
        if recipient_id not in {each["id"] for each in alerts.recipients(rule_id)}:
            raise WrongError("not_found", "Nobody of that id is told of this alert.", "", status=404)
        alerts.remove_recipient(rule_id, recipient_id)
        return {"rows": alerts.recipients(rule_id)}

    return await _done(request, do)


@router.post(
    "/alerts/{alert_id}/acknowledge",
    responses=shapes.answers(Acknowledged),
    summary="Say that somebody looks after it",
)
async def acknowledge(request: Request, alert_id: str, asked: Annotated[Judged, Query()]) -> Response:
    """Acknowledge an alert of the history: it is not told again, and the bell counts it no more."""

    def do(alerts: Alerts) -> dict[str, Any]:
        if not alerts.history(episode_id=alert_id):
            _none(alerts, "There is no such alert in the history.", "GET /api/v1/alerts lists them.")
        said, values = "", dict[str, Any]()
        if asked.verdict:
            said, values = alerts.false_alarm(alert_id)
        else:
            alerts.acknowledge(alert_id)
        (row,) = alerts.history(episode_id=alert_id)
        return {**row, "suggests": said, "change": values}

    return await _done(request, do)


async def _done(request: Request, do: Callable[[Alerts], dict[str, Any]]) -> Response:
    return await sent.done(lambda: do(request.app.state.desk.alerts))


def _known(alerts: Alerts, rule_id: str) -> None:
    """Refuse the id of a rule that is not there for the caller."""
    if not alerts.has(rule_id):
        _none(alerts, "There is no such alert.", "GET /api/v1/alerts/rules lists them.")


def _none(alerts: Alerts, words: str, hint: str) -> None:
    if not alerts.is_open():
        require_scope(SCOPE, EVERY_SITE)
    raise WrongError("not_found", words, hint, status=404)
