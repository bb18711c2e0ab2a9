"""A report as a mail: HTML that holds in Outlook, Gmail and Apple Mail, a plain part, charts as pictures.

Tables lay it out, styles stand on the tags, numbers are text. A letter is rendered once for all who get the
same figures; what differs from one recipient to the next is put in afterwards (`Letter.to`).
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import css_inline
import jinja2

from analytics import wording
from analytics.exports import Cell
from analytics.language import _, speaking
from analytics.reports import draw
from analytics.reports.report import Chart, Column, Numbers, Plot, Report, Stories, Table, said
from analytics.tokens import colours

LARGEST_HTML = 100_000  # Gmail cuts what is longer than 102 kB
FEWER_ROWS = (50, 25, 10, 5, 3, 1)
WEEK, FEWEST = 7, 3  # the days of a week stay together while other tables have three rows and more
LOGO, TORN = "logo", "torn"
PAGES = ("morning", "weekly", "comments")  # whose screens bear the title of the report


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a report in a letter.

    Attributes:
        open_url: Address of the desk, without a slash at the end; empty: no links.
        sent_url: Where the letter can be opened as it was sent.
        change_url: Where its subscription is changed.
        schedule: "every weekday at 07:00, Europe/Berlin"; empty for a preview.
        left_out: What was too large to attach, in words.
    """

    open_url: str = ""
    sent_url: str = ""
    change_url: str = ""
    schedule: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A rendered mail, but for its recipient.

    Attributes:
        subject: One line.
        html: With `cid:` pictures.
        text: The plain part.
        pictures: Content id -> PNG.
    """

    subject: str
    html: str
    text: str
    pictures: dict[str, bytes]
    _name: str = field(repr=False)
    _stop: str = field(repr=False)

    def to(self, name: str, stop_url: str) -> tuple[str, str]:
        """Give HTML and text for one recipient."""
        html = self.html.replace(self._name, escape(name)).replace(self._stop, escape(stop_url))
        return html, self.text.replace(self._name, name).replace(self._stop, stop_url)

    def page(self, name: str = "") -> str:
        """Give the HTML with its pictures inside, to be looked at in a browser or kept in a folder."""
        html, _text = self.to(name, "#")
        for cid, png in self.pictures.items():
            data = base64.b64encode(png).decode()
            html = html.replace(f'"cid:{cid}"', f'"data:image/png;base64,{data}"')
        return html


def letter(report: Report, frame: Frame) -> Letter:
    """Render a report as a mail, in the language of the report.

    Tables are cut to fewer rows until the HTML is under LARGEST_HTML; what is cut is counted in it.
    """
    with speaking(report.speech()):
        return _letter(report, frame)


def _letter(report: Report, frame: Frame) -> Letter:
    pictures = {LOGO: draw.logo_png(), TORN: draw.torn_png()}
    named = {}
    for place, block in enumerate(report.blocks):
        if isinstance(block, Chart | Plot):
            named[place] = f"cid:chart{place}"
            pictures[f"chart{place}"] = draw.chart_png(block)
    name, stop = (f"x{secrets.token_hex(12)}" for _which in range(2))
    why = (
        _("You get this {schedule}, as {name}.", schedule=frame.schedule, name=name) if frame.schedule else ""
    )
    shared = {
        "report": report,
        "frame": _Around(frame, why, f"{stop}" if frame.schedule else ""),
        "link": lambda href: f"{frame.open_url}{href}" if frame.open_url else "",
        "pictures": named,
        "logo": f"cid:{LOGO}",
        "torn": f"cid:{TORN}",
        "ink": colours("light"),
        "dark": colours("dark"),
        "said": said,
        "against": against,
        "opens": opens,
        "_": _,
        "shown_columns": shown_columns,
    }
    html = ""
    for most in FEWER_ROWS:
        cut = shared | {"shown_rows": _rows_up_to(most), "more": _more_than(most)}
        html = _inliner().inline(_templates().get_template("mail.html.j2").render(cut))
        if len(html.encode()) <= LARGEST_HTML:
            break
    text = _templates().get_template("mail.txt.j2").render(cut)
    return Letter(one_line(report.subject), html, text, pictures, name, stop)


def one_line(text: str, most: int = 200) -> str:
    """Make text safe for a header: one line, no control characters, not longer than anybody reads."""
    plain = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell in words."""

    text: str
    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row in words, with the address of what it is about."""

    cells: list[ShownCell]
    href: str
    is_last: bool


def shown_columns(table: Table) -> list[Column]:
    """Give the columns that a mail or a page has room for."""
    return [column for column in table.columns if column.is_shown]


def shown_rows(table: Table, most: int) -> list[ShownRow]:
    """Give the first rows of a table in words."""
    places = [place for place, column in enumerate(table.columns) if column.is_shown]
    head = table.rows[: _shown(table, most)]
    links = table.links or [""] * len(table.rows)
    return [
        ShownRow(
            [
                ShownCell(
                    cell_said(table.columns[n], row[n]), table.columns[n].label, bool(table.columns[n].unit)
                )
                for n in places
            ],
            href,
            number == len(head) - 1,
        )
        for number, (row, href) in enumerate(zip(head, links, strict=False))
    ]


def _shown(table: Table, most: int) -> int:
    """Say how many rows are shown; a short table is cut last of all."""
    return table.shown if len(table.rows) <= WEEK and most >= FEWEST else min(most, table.shown)


def against(block: Numbers) -> str:
    """Name the column of differences."""
    return block.versus or (_("vs typical") if block.is_typical else _("vs before"))


def opens(report: Report) -> str:
    """Name the button that leads to the screen."""
    if report.kind in PAGES:
        return _("Open the {title} page", title=report.title)
    return _("Open the page")


def more(table: Table, most: int) -> str:
    """Say how many rows are not shown; empty where all are."""
    return of_all(table, _shown(table, most))


def of_all(table: Table, shown: int) -> str:
    """Say that so many rows are shown; empty where these are all."""
    if len(table.rows) <= shown:
        return ""
    return _("{shown} of {rows} rows.", shown=shown, rows=wording.full(len(table.rows)))


def cell_said(column: Column, cell: Cell) -> str:
    """Write a cell in the unit of its column."""
    if column.unit == "change" and (cell is None or isinstance(cell, int | float)):
        return wording.change(cell)
    if column.unit == "gap" and (cell is None or isinstance(cell, int | float)):
        return wording.signed(cell)
    if column.unit and (cell is None or isinstance(cell, int | float)):
        return wording.value(column.unit, cell, "table")
    return wording.NONE if cell is None else str(cell)


@dataclass(frozen=True, slots=True)
class _Around:
    """The frame as the template sees it, with what differs per recipient still open."""

    frame: Frame
    why: str
    stop_url: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.frame, name)


def _rows_up_to(most: int) -> Any:
    return lambda table: shown_rows(table, most)


def _more_than(most: int) -> Any:
    return lambda table: more(table, most)


@cache
def _templates() -> jinja2.Environment:
    folder = Path(str(files("data"))) / "templates"
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=jinja2.select_autoescape(("html.j2",)),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    kinds = {"numbers": Numbers, "chart": Chart | Plot, "stories": Stories, "table": Table}
    for name, kind in kinds.items():
        made.tests[name] = lambda block, kind=kind: isinstance(block, kind)
    return made


@cache
def _inliner() -> css_inline.CSSInliner:
    # The rules for dark mode and narrow screens stay in the head: only there can they work.
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
