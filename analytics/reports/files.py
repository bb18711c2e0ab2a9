"""A report as a file: the mail's HTML and text, the PDF, the workbook."""

from __future__ import annotations

from typing import Literal

from analytics.reports.mail import Letter
from analytics.reports.pdf import pdf
from analytics.reports.report import Report
from analytics.reports.sheets import workbook

Form = Literal["html", "text", "pdf", "xlsx"]
MEDIA: dict[Form, str] = {
    "html": "text/html; charset=utf-8",
    "text": "text/plain; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file(report: Report, letter: Letter, form: Form) -> bytes:
    """Render a report in a form."""
    if form == "html":
        return letter.page("you").encode()
    if form == "text":
        return letter.to("you", "…")[1].encode()
    return pdf(report) if form == "pdf" else workbook(report)
