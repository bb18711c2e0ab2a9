"""Reports set up by programs: made, changed, paused, removed, and who receives them.

Editors may, and keys of the scope `reports`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from msgspec import UNSET, Meta, UnsetType
from pydantic import BaseModel, Field

from analytics.api import sent, shapes
from analytics.api.asked import WrongError
from analytics.api.questions import OfSite, writable
from analytics.api.reports import ReportRow, known, office_of
from analytics.api.sheets import Sheet, answered
from analytics.reports.office import SCOPE, Office

Text = Annotated[str, Meta(max_length=300)]
Several = Annotated[list[Text], Meta(max_length=50)]

router = APIRouter(tags=["Reports"])


class ReportChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a report says; what is left out stays as it is.

    Attributes:
        name: What it is called; empty: as its kind.
        when: Such as `every weekday at 07:00`, or cron; `by hand`: never by itself.
        zone: IANA zone of the schedule.
        period: Its days: workday, yesterday, week, month, 28d, or as in an address.
        where: Its filter: dimension -> values.
        holidays: When it rests: days, spans, or a country such as DE-BE.
        formats: What is attached: pdf, xlsx, csv.
        blocks: What it holds, of the blocks of its kind; none: all.
        language: In which it goes out, en or de; empty: the newsroom's.
        is_paused: Whether it rests.
    """

    name: Text | UnsetType = UNSET
    when: Text | UnsetType = UNSET
    zone: Text | UnsetType = UNSET
    period: Text | UnsetType = UNSET
    where: dict[Text, Several] | UnsetType = UNSET
    holidays: Several | UnsetType = UNSET
    formats: Several | UnsetType = UNSET
    blocks: Several | UnsetType = UNSET
    language: Text | UnsetType = UNSET
    is_paused: bool | UnsetType = UNSET


class ReportSent(ReportChange, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A report as it is made; what is left out is its kind's own.

    Attributes:
        kind: morning, weekly, author, section, topic, comments, query or view.
        query: Id of the saved query or view, of these two kinds.
    """

    kind: Text
    query: Text | UnsetType = UNSET


class ReceiverSent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who receives a report.

    Attributes:
        address: A mail address, the address of a webhook or a chat, or the name of a folder of the home.
        way: mail, chat, webhook or folder.
        name: As a mail greets them; may be empty.
        where: Their own filter, on top of the report's.
    """

    address: Annotated[str, Meta(max_length=2000)]
    way: Annotated[str, Meta(max_length=20)] = "mail"
    name: Text = ""
    where: dict[Text, Several] = {}


class Receiver(BaseModel):
    """Somebody who receives a report; a secret address is masked."""

    id: str
    way: str
    address: str
    name: str
    where: str = Field(description="Their own filter: `section=Politics`.")
    is_confirmed: bool = Field(
        description="Whether they, or the operator, said yes; nothing goes out before."
    )


class Receivers(BaseModel):
    """Who receives a report."""

    rows: list[Receiver]


class RemovedReport(BaseModel):
    """The report that was removed."""

    id: str


@router.post(
    "/reports",
    responses=shapes.answers(ReportRow, 413, 415),
    openapi_extra=shapes.body_of(ReportSent),
    summary="Make a report",
)
async def make(request: Request, asked: Annotated[OfSite, Query()]) -> Response:
    """Make a report that goes out by itself; nobody receives it yet."""
    body = await sent.read(request, ReportSent)

    def do(office: Office) -> dict[str, Any]:
        values = sent.values(body)
        site = writable(request.app.state.desk.store, asked.site, SCOPE)
        return office.add(values.pop("name", ""), values.pop("kind"), site=site, **values)

    return await _done(request, do)


@router.patch(
    "/reports/{report_id}",
    responses=shapes.answers(ReportRow, 413, 415),
    openapi_extra=shapes.body_of(ReportChange),
    summary="Change, pause or resume a report",
)
async def change(request: Request, report_id: str) -> Response:
    """Change what a report says; its kind, its recipients and its ledger stay."""
    body = await sent.read(request, ReportChange)

    def do(office: Office) -> dict[str, Any]:
        known(office, report_id)
        values = sent.values(body)
        is_paused = values.pop("is_paused", None)
        if values:
            office.edit(report_id, **values)
        if is_paused is not None:
            (office.pause if is_paused else office.resume)(report_id)
        return office.row(report_id)

    return await _done(request, do)


@router.delete("/reports/{report_id}", responses=shapes.answers(RemovedReport), summary="Remove a report")
async def remove(request: Request, report_id: str) -> Response:
    """Remove a report; its ledger stays."""

    def do(office: Office) -> dict[str, Any]:
        known(office, report_id)
        office.delete(report_id)
        return {"id": report_id}

    return await _done(request, do)


@router.get(
    "/reports/{report_id}/recipients", responses=shapes.answers(Receivers), summary="Who receives a report"
)
async def recipients(request: Request, report_id: str) -> Response:
    """List who receives a report now."""
    office = office_of(request)

    def ask() -> Sheet:
        known(office, report_id)
        return Sheet({}, office.recipients(report_id), list(Receiver.model_fields))

    return await answered(request, ask)


@router.post(
    "/reports/{report_id}/recipients",
    responses=shapes.answers(Receivers, 413, 415),
    openapi_extra=shapes.body_of(ReceiverSent),
    summary="Let somebody receive a report",
)
async def add(request: Request, report_id: str) -> Response:
    """Let somebody receive a report. Who has no account is asked by mail first, and must say yes."""
    body = await sent.read(request, ReceiverSent)

    def do(office: Office) -> dict[str, Any]:
        known(office, report_id)
        sent.values(body)
        office.add_recipient(report_id, body.way, body.address, body.name, body.where)
        return {"rows": office.recipients(report_id)}

    return await _done(request, do)


@router.delete(
    "/reports/{report_id}/recipients/{recipient_id}",
    responses=shapes.answers(Receivers),
    summary="Send somebody a report no more",
)
async def take_off(request: Request, report_id: str, recipient_id: str) -> Response:
    """Take somebody off the list, by the id that the list gives."""

    def do(office: Office) -> dict[str, Any]:
        known(office, report_id)
        if recipient_id not in {each["id"] for each in office.recipients(report_id)}:
            raise WrongError("not_found", "Nobody of that id receives this report.", "", status=404)
        office.remove_recipient(report_id, recipient_id)
        return {"rows": office.recipients(report_id)}

    return await _done(request, do)


async def _done(request: Request, do: Callable[[Office], dict[str, Any]]) -> Response:
    return await sent.done(lambda: do(office_of(request)))
