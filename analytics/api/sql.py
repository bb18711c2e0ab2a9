"""Analysts' SQL for programs: `POST /api/v1/sql`, as wire-formats.md F.3 describes it."""

from __future__ import annotations

import asyncio
import contextvars
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from analytics.api import shapes
from analytics.api.asked import WrongError
from analytics.api.leaving import unless_gone
from analytics.api.sheets import PRIVATE
from analytics.collect import http
from analytics.control.identity import current
from analytics.errors import SqlError
from analytics.sql import formats
from analytics.sql.ask import Answer, Asking
from analytics.sql.formats import Form
from analytics.sql.jobs import Value

STATUS = {"sql_error": 400, "not_allowed": 403, "too_long": 413, "busy": 429}
CLOSED = 499  # nobody reads it; what web servers write into their logs for a client that has gone
STOPPED = 422  # timeout, out_of_memory, crashed, too_large, stopped
MOST_BYTES = 256 << 10  # a statement of 64 KiB, escaped, and its parameters
RETRY_AFTER = {"retry-after": "5"}

router = APIRouter(tags=["SQL"])


class Asked(msgspec.Struct, forbid_unknown_fields=True):
    """A query.

    Attributes:
        sql: One SELECT, or EXPLAIN of one.
        params: Values of its `$name`.
        format: Else what `Accept` says.
        limit: Narrows the rows.
        timeout_s: Narrows the seconds.
        site: Value of `$site`.
    """

    sql: str
    params: dict[str, Value] = {}
    format: Form | None = None
    limit: int | None = None
    timeout_s: float | None = None
    site: str = ""


class Column(BaseModel):
    """A column of a result, with its type in DuckDB's words."""

    name: str
    type: str


class Result(BaseModel):
    """What a query gave."""

    columns: list[Column]
    rows: list[list[Any]] = Field(
        description="In the order of `columns`; large integers and decimals as text."
    )
    row_count: int
    truncated: bool = Field(description="A limit cut the rows; more exist.")
    elapsed_ms: int
    data_until: str = Field(description="How fresh the data was: RFC 3339.")


class Described(BaseModel):
    """A column that can be asked."""

    name: str
    type: str
    about: str


class Table(BaseModel):
    """A table that can be asked."""

    name: str
    about: str
    columns: list[Described]


class Schema(BaseModel):
    """What can be asked."""

    tables: list[Table]
    data_until: str


def _answers() -> dict[int | str, dict[str, Any]]:
    found = shapes.answers(Result, 413, 415, STOPPED)
    files = {media.partition(";")[0]: {"schema": {"type": "string"}} for _, media in formats.FORMATS.values()}
    found[200]["content"] = {media: shape for media, shape in files.items() if media != "application/json"}
    return found


def _body() -> dict[str, Any]:
    (shape,), shared = msgspec.json.schema_components([Asked], ref_template="#/components/schemas/{name}")
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": shape}}},
        "x-schemas": shared,
    }


@router.post("/sql", responses=_answers(), openapi_extra=_body(), summary="Ask the archive in SQL")
async def ask(request: Request) -> Response:
    """Run one SELECT over the archive, in a process of its own, and give all of its rows or an error.

    For analysts, and keys of the scope `sql`; files of a million rows for keys of `sql:export`. `limit` and
    `timeout_s` only narrow. Where a limit cut the rows, `truncated` and `X-Tearsheet-Truncated` say so. Close
    the connection to stop the query.
    """
    asked = await _read(request)
    asking: Asking = request.app.state.desk.asking
    form = asked.format or _accepted(request.headers.get("accept", ""))

    def answer() -> tuple[Answer, bytes]:
        found = asking.ask(
            current(),
            asked.sql,
            asked.params,
            site=asked.site,
            door="api",
            seconds=asked.timeout_s,
            rows=asked.limit,
            for_file=form != "json",
        )
        return found, formats.FORMATS[form][0](found)

    try:
        # Threads of its own: queries that wait must not keep others from theirs.
        context, identity = contextvars.copy_context(), current()
        running = asyncio.get_running_loop().run_in_executor(asking.threads, context.run, answer)
        found, body = await unless_gone(running, lambda: asking.stop(identity), request.receive)
    except SqlError as refusal:
        return _refused(refusal)
    except http.GoneError:
        return Response(status_code=CLOSED)
    headers = PRIVATE | {
        "x-tearsheet-truncated": str(bool(found.cut)).lower(),
        "x-tearsheet-data-until": found.until.isoformat(timespec="seconds") + "Z",
    }
    return Response(body, media_type=formats.FORMATS[form][1], headers=headers)


@router.get("/sql/schema", responses=shapes.answers(Schema), summary="Tables and columns that can be asked")
async def schema(request: Request) -> Response:
    """List what `POST /api/v1/sql` can ask, with the meaning of every table and column."""
    asking: Asking = request.app.state.desk.asking
    found, at = await asyncio.to_thread(lambda: (asking.tables(current()), asking.until(current())))
    tables = [
        {
            "name": table.name,
            "about": table.about,
            "columns": [{"name": name, "type": kind, "about": about} for name, kind, about in table.columns],
        }
        for table in found
    ]
    until = at.isoformat(timespec="seconds") + "Z"
    return JSONResponse({"tables": tables, "data_until": until}, headers=PRIVATE)


async def _read(request: Request) -> Asked:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise WrongError("media_type", "Only application/json is taken here.", status=415)
    try:
        data = await http.body_of(request.receive, http.headers_of(request.scope), MOST_BYTES)
        asked = msgspec.json.decode(data.decode(), type=Asked)
    except http.RefusedError as refusal:
        message = f"The body is larger than {MOST_BYTES >> 10} KiB, or came too slowly."
        raise WrongError(refusal.reason, message, "", refusal.answer.status) from refusal
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        said = str(fault) if isinstance(fault, msgspec.ValidationError) else "The body is no JSON."
        raise WrongError("malformed", said, 'Send {"sql": "SELECT ..."}.') from fault
    for name, value in (("limit", asked.limit), ("timeout_s", asked.timeout_s)):
        if value is not None and not value > 0:
            raise WrongError(f"bad_{name}", f"{name} is {value}.", "Give a number above 0.")
    return asked


def _accepted(accept: str) -> Form:
    kinds = ((form, media.partition(";")[0]) for form, (_, media) in formats.FORMATS.items())
    return next((form for form, media in kinds if media in accept.lower()), "json")


def _refused(refusal: SqlError) -> Response:
    told: dict[str, Any] = {"error": refusal.code, "message": refusal.message, "hint": refusal.hint}
    if refusal.line:
        told |= {"line": refusal.line, "column": refusal.column}
    headers = PRIVATE | (RETRY_AFTER if refusal.code == "busy" else {})
    return JSONResponse(told, STATUS.get(refusal.code, STOPPED), headers=headers)
