"""What a report is: one structure from which mail, text, PDF, workbook and messages are all rendered.

It holds finished words beside plain numbers, so that a stored report opens years later as it was sent, and
so that every rendering says the same. It is kept and sent as JSON, hence structs of msgspec.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import ClassVar

import msgspec

from analytics import language, wording
from analytics.exports import Cell
from analytics.language import Speech, speech
from analytics.wording import Tone


class Part(msgspec.Struct, frozen=True):
    """A piece of a sentence: plain, strong, or a link; `href` begins with "/"."""

    text: str
    is_strong: bool = False
    href: str = ""


class Mark(msgspec.Struct, frozen=True):
    """A chip: text with its arrow, and the tone that paints it."""

    text: str
    tone: Tone = "typical"


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """One figure beside what it is compared with.

    Attributes:
        metric: Identifier of METRICS.
        label: Its name.
        unit: Of `wording.value`.
        value: The number; None is unknown.
        said: The number in words.
        mark: Difference from what is typical, or from before; None without either.
        beside: What it is compared with, in words.
        n: What a rate, median or score rests on.
        is_few: Whether that is too little to say anything (metrics.md 9).
    """

    metric: str
    label: str
    unit: str
    value: float | None
    said: str
    mark: Mark | None = None
    beside: str = ""
    n: float | None = None
    is_few: bool = False

    @property
    def rests(self) -> str:
        """What it rests on, in words; empty for counts."""
        return f"n{wording.THIN}{wording.full(self.n)}" if self.n is not None else ""


class Numbers(msgspec.Struct, frozen=True, kw_only=True, tag="numbers"):
    """The figures of the head: title of their column, of what they stand beside, and of the difference."""

    title: str
    against: str
    rows: list[Number]
    is_typical: bool = False
    versus: str = ""

    @property
    def is_compared(self) -> bool:
        """Whether any of them stands beside something."""
        return any(row.mark or row.beside for row in self.rows)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of a course; None is unknown, never 0."""

    at: dt.datetime
    value: float | None
    p10: float | None = None
    median: float | None = None
    p90: float | None = None
    previous: float | None = None
    is_complete: bool = True


class Moment(msgspec.Struct, frozen=True):
    """Something that was done, as a mark on a course: local time, and the letters beside the mark."""

    at: dt.datetime
    text: str


class Chart(msgspec.Struct, frozen=True, kw_only=True, tag="chart"):
    """A course over time.

    Attributes:
        title: What is drawn.
        line: What one mark is, in words.
        said: The chart in one sentence: its alternative text.
        unit: Of its values.
        grain: hour, day or week.
        points: In order of time, local time.
        moments: Notes of the newsroom that fall into it.
    """

    title: str
    line: str
    said: str
    unit: str
    grain: str
    points: list[Point]
    moments: list[Moment] = []


class Plot(msgspec.Struct, frozen=True, kw_only=True, tag="plot"):
    """The chart of a saved query, as its owner chose it.

    Attributes:
        title: What is drawn: which columns, in words.
        line: How, and what is left out.
        said: The chart in one sentence: its alternative text.
        kind: bar, column, stack, line, area, dots, heat or spread.
        x: Text or number of each mark; times are RFC 3339.
        y: Its number; None is unknown.
        series: To which series it belongs; empty where there is one only.
        x_is: How `x` is laid out: words, time or number.
    """

    title: str
    line: str
    said: str
    kind: str
    x: list[str | float | None]
    y: list[float | None]
    series: list[str] = []
    x_is: str = "words"


class Story(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a list: headline, a line under it, and the number that brought it here.

    Attributes:
        title: The headline.
        href: Its page, begins with "/".
        under: Section, authors, age.
        number: The number in words.
        value: The number itself; None where a row has none, or was written before it was kept.
        words: What the number is.
        mark: A chip beside it.
    """

    title: str
    href: str
    under: str = ""
    number: str = ""
    value: float | None = None
    words: str = ""
    mark: Mark | None = None


class Stories(msgspec.Struct, frozen=True, kw_only=True, tag="stories"):
    """A short list of articles; `line` says what it is where the title does not."""

    title: str
    rows: list[Story]
    line: str = ""


class Column(msgspec.Struct, frozen=True):
    """A column of a table; `unit` empty is text; `is_shown` false stands in the workbook only."""

    name: str
    label: str
    unit: str = ""
    is_shown: bool = True


class Table(msgspec.Struct, frozen=True, kw_only=True, tag="table"):
    """Rows in full; mails and pages show the first of them and say how many there are.

    Attributes:
        title: Of the table.
        columns: In order.
        rows: A cell a column.
        shown: How many of the rows a mail shows.
        line: What it is, and what its rows add to.
        links: Address of each row, empty where there is none.
    """

    title: str
    columns: list[Column]
    rows: list[list[Cell]]
    shown: int = 10
    line: str = ""
    links: list[str] = []


class Words(msgspec.Struct, frozen=True, kw_only=True, tag="words"):
    """A paragraph."""

    title: str
    parts: list[Part]


Block = Numbers | Chart | Plot | Stories | Table | Words


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was built.

    Attributes:
        kind: Of KINDS.
        title: "Morning", or the author's name.
        site_id: The site.
        site_name: Its name.
        zone: Zone of its days.
        first: First local day.
        last: Last local day.
        days: Days and zone in words.
        filtered: The filter in words; empty without one.
        as_of: When it was built, naive UTC.
        as_of_said: The same as local time.
        subject: Subject of the mail; holds the news.
        sentence: The period in one sentence.
        blocks: What follows, in order.
        health: Whether the data can be trusted.
        is_whole: Whether all data of the period are here.
        notes: What the words mean.
        href: The page that shows the same, begins with "/".
        nothing: Why there is nothing to report; empty where there is.
        language: In which its words are written; what is rendered of it later speaks the same.
        locale: How its numbers are written; empty: as usual in the language.
        article_id: The piece that it is about, at an age.
        age: Of that piece: 24h or 7d.
    """

    VERSION: ClassVar[int] = 1

    kind: str
    title: str
    site_id: str
    site_name: str
    zone: str
    first: dt.date
    last: dt.date
    days: str
    as_of: dt.datetime
    as_of_said: str
    subject: str
    sentence: list[Part]
    blocks: list[Block]
    health: str
    is_whole: bool
    notes: list[str]
    href: str
    filtered: str = ""
    nothing: str = ""
    language: str = msgspec.field(default_factory=lambda: language.current().language)
    locale: str = msgspec.field(default_factory=lambda: language.current().locale)
    article_id: str = ""
    age: str = ""

    def speech(self) -> Speech:
        """How it speaks."""
        return speech(self.language, self.locale)

    def plain_sentence(self) -> str:
        """The sentence as text."""
        return said(self.sentence)

    def numbers(self) -> Iterator[Number]:
        """Its figures, over all blocks."""
        for block in self.blocks:
            if isinstance(block, Numbers):
                yield from block.rows


def said(parts: list[Part]) -> str:
    """Write a sentence as text."""
    return "".join(part.text for part in parts)


def pack(report: Report) -> bytes:
    """Write a report to keep it."""
    return msgspec.json.encode(report)


def unpack(data: bytes) -> Report:
    """Read a kept report."""
    return msgspec.json.decode(data, type=Report)
