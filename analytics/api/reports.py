"""Reports for programs: listed, looked at, sent now, and what became of each."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from analytics.api import shapes
from analytics.api.asked import WrongError
from analytics.api.sheets import PRIVATE, Sheet, answered
from analytics.control.identity import require_scope
from analytics.control.tables import EVERY_SITE
from analytics.reports.files import MEDIA, file
from analytics.reports.office import SCOPE, Office

T = TypeVar("T")

router = APIRouter(tags=["Reports"])


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Look(_Strict):
    """Which form of a report."""

    form: Literal["html", "text", "pdf", "xlsx"] = Field(default="html", description="Of the answer.")
    to: str = Field(default="", max_length=320, description="A recipient, whose own filter then holds.")


class Run(_Strict):
    """To whom."""

    to: str = Field(default="", max_length=320, description="One recipient of it; all where none is named.")


class Past(_Strict):
    """How much of the ledger."""

    limit: int = Field(default=50, ge=1, le=500, description="Runs, the latest first.")


class ReportRow(BaseModel):
    """A report that goes out by itself; `recipients` are masked where an address is a secret."""

    id: str
    name: str
    kind: str
    site: str
    schedule: str = Field(description="In words, with its time zone.")
    period: str
    where: str = Field(description="Its filter: `section=Politics; channel=search`.")
    formats: list[str]
    blocks: list[str] = Field(description="What it holds below its numbers; none named: all.")
    language: str = Field(description="In which it goes out; empty: the newsroom's.")
    holidays: list[str]
    recipients: list[str]
    next: str | None = Field(
        description="Local time of the schedule's zone; null: not known yet, or by hand."
    )
    is_paused: bool
    last: str | None = Field(description="State of its last run: planned, sending, done, skipped or failed.")
    last_why: str


class Reports(BaseModel):
    """The reports of the sites that are open to the caller."""

    rows: list[ReportRow]


class LedgerRow(BaseModel):
    """One delivery; of a run without any, the run itself."""

    id: str
    run: str
    report: str
    about: str = Field(description="The piece and its age, of a report that follows publications; or empty.")
    way: str
    due: str
    by_hand: bool
    to: str
    state: str = Field(description="planned, handed, sent, failed or skipped.")
    why: str
    tries: int
    sent: str | None
    took_ms: int | None
    copy_id: str | None = Field(alias="copy", description="Of what was sent: it opens as it was.")


class Ledger(BaseModel):
    """What was planned, sent, failed and skipped, and why; the latest first."""

    rows: list[LedgerRow]


def _files() -> dict[int | str, dict[str, Any]]:
    found = shapes.answers(Ledger)
    content = {media.partition(";")[0]: {"schema": {"type": "string"}} for media in MEDIA.values()}
    found[200] = {"description": "The report.", "content": content}
    return found


@router.get("/reports", responses=shapes.answers(Reports), summary="Reports that go out by themselves")
async def listed(request: Request) -> Response:
    """List the reports of the sites on which you are an editor, or your key has the scope `reports`."""
    office = office_of(request)

    def ask() -> Sheet:
        rows = office.listed()
        if not rows and not office.is_open():
            require_scope(SCOPE, EVERY_SITE)
        return Sheet({}, rows)

    return await answered(request, ask)


@router.get(
    "/reports/{report_id}/history", responses=shapes.answers(Ledger), summary="The ledger of a report"
)
async def history(request: Request, report_id: str, asked: Annotated[Past, Query()]) -> Response:
    """List what was planned, sent, failed and skipped, and why: a row for each recipient of each run."""
    office = office_of(request)
    return await answered(
        request, lambda: Sheet({}, _of(office, report_id, lambda: office.history(report_id, asked.limit)))
    )


@router.get(
    "/reports/{report_id}/preview",
    responses=_files(),
    response_class=Response,
    summary="A report as it would go out now",
)
async def preview(request: Request, report_id: str, asked: Annotated[Look, Query()]) -> Response:
    """Build and render a report with the data of now, by the same code as its schedule."""
    office = office_of(request)

    def made() -> bytes:
        return file(*_of(office, report_id, lambda: office.preview(report_id, asked.to)), asked.form)

    return Response(await asyncio.to_thread(made), media_type=MEDIA[asked.form], headers=PRIVATE)


@router.post("/reports/{report_id}/run", responses=shapes.answers(Ledger), summary="Send a report now")
async def run(request: Request, report_id: str, asked: Annotated[Run, Query()]) -> Response:
    """Send a report to its recipients, or to one of them, and say what became of it."""
    office = office_of(request)
    return await answered(
        request, lambda: Sheet({}, _of(office, report_id, lambda: office.send(report_id, asked.to)))
    )


def office_of(request: Request) -> Office:
    """Give the office of the desk."""
    found: Office = request.app.state.desk.reports
    return found


def _of(office: Office, report_id: str, do: Callable[[], T]) -> T:
    """Do something with a report that is there; `known` says what it raises."""
    known(office, report_id)
    return do()


def known(office: Office, report_id: str) -> None:
    """Refuse the id of a report that is not there, or not for the caller.

    Raises:
        WrongError: There is none.
        NotAllowedError: The caller may not.
    """
    if not re.fullmatch(r"[a-z0-9]{1,40}", report_id) or not office.has(report_id):
        raise WrongError(
            "not_found", "There is no such report.", "GET /api/v1/reports lists them.", status=404
        )
    office.one(report_id)
