"""A report as a PDF, laid out by Typst for print, in any script that our fonts hold.

All words go in as JSON (`sys_inputs`) and are set as they stand: a title that looks like markup is a title.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec
import typst

from analytics.language import _, isolated, speaking
from analytics.reports import draw, fonts
from analytics.reports.mail import against, of_all, shown_columns, shown_rows
from analytics.reports.report import Block, Chart, Numbers, Plot, Report, Stories, Table
from analytics.tokens import colours

MOST_ROWS = 200  # of a table; all rows stand in the workbook


def pdf(report: Report) -> bytes:
    """Set a report as PDF in its own language, tagged for screen readers.

    The file depends on the report alone: its date is the report's.
    """
    with speaking(report.speech()):
        inputs = {"report": msgspec.json.encode(_told(report)).decode()}
    made = report.as_of.replace(microsecond=0, tzinfo=dt.UTC)  # typst takes whole seconds only
    source = (Path(str(files("data"))) / "templates" / "report.typ").read_bytes()
    done = typst.compile(source, font_paths=_fonts(), sys_inputs=inputs, format="pdf", timestamp=made)
    assert isinstance(done, bytes)  # noqa: S101 one document was asked for, without a file
    return done


@cache
def _fonts() -> typst.Fonts:
    folder = fonts.ensure()
    # Finding the system's fonts takes longer than the page: they stand in only where ours are missing.
    return typst.Fonts(include_system_fonts=folder is None, font_paths=[folder] if folder else [])


def _told(report: Report) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "subject": report.subject,
        "title": report.title,
        "site": report.site_name,
        "days": report.days,
        "filtered": report.filtered,
        "language": report.language,
        "as_of": _("As of {when}, {zone}", when=report.as_of_said, zone=report.zone),
        "page_of": _("1 of 1"),
        "sentence": msgspec.to_builtins(report.sentence),
        "nothing": report.nothing,
        "is_whole": report.is_whole,
        "health": report.health,
        "notes": report.notes,
        "ink": colours("light"),
        "logo": draw.SHEET,
        "blocks": [_block(block) for block in report.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Chart | Plot):
        plain = {"title": block.title, "line": block.line, "said": block.said}
        return {"type": "chart", **plain, "svg": draw.chart_svg(block)}
    if isinstance(block, Table):
        columns = [{"label": each.label, "is_number": bool(each.unit)} for each in shown_columns(block)]
        rows = [[isolated(cell.text) for cell in row.cells] for row in shown_rows(block, MOST_ROWS)]
        cut = [of_all(block, shown) for shown in range(len(rows) + 1)]  # how many fit is seen when it is set
        plain = {"title": block.title, "line": block.line}
        return {"type": "table", **plain, "columns": columns, "rows": rows, "cut": cut}
    told: dict[str, Any] = msgspec.to_builtins(block)
    if isinstance(block, Stories):
        for row in told["rows"]:
            row["title"] = isolated(row["title"])
    if isinstance(block, Numbers):
        told["vs"] = against(block) if block.is_compared else ""
        told["against"] = block.against if block.is_compared else ""
        for row, each in zip(told["rows"], block.rows, strict=True):
            row["rests"] = each.rests
    return told
