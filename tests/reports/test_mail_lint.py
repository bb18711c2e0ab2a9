"""The mail's HTML against caniemail.com: whatever a mail program does not know, the mail stands without."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analytics import npm
from analytics.reports import draw
from analytics.reports.mail import Frame, letter
from tests import fetched
from tests.reports.sample import report

LINTER = Path(__file__).parent / "linter"
# Feature that some program lacks -> why the mail holds without it.
BORNE = {
    "@media": "dark and narrow only; the mail is one column of 600 pixels without",
    "<body> element": "its colours stand on the outer table too",
    "display:none": "of the preview line, which is one pixel high besides",
    "opacity": "of the preview line, as above",
    "overflow": "of the preview line, as above",
    "role attribute": "for screen readers of programs that know it",
    "border-spacing": "nothing but what border-collapse says already",
    "white-space": "a number may break in two lines",
    "border-radius": "corners are square",
}


def test_a_mail_uses_only_what_mail_programs_know_or_can_do_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(draw, "chart_png", lambda _chart: draw.logo_png())
    urls = ("https://s.example", "https://s.example/report/sent/x", "https://s.example/reports")
    html, _ = letter(report(), Frame(*urls, "every weekday at 07:00")).to("Ada", "https://s.example/r/stop/x")
    (tmp_path / "mail.html").write_text(html, encoding="utf-8")

    linter = fetched.program(LINTER, "lint.mjs")
    command = [npm.program("node"), str(linter), str(tmp_path / "mail.html")]
    said = npm.run("the mail linter", command, linter.parent)
    lacking = set(re.findall(r"^`([^`]+)` is not supported", said, re.MULTILINE))

    assert lacking == set(BORNE)
