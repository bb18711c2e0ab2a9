"""Evidence of the two live numbers: the events that they rest on, and their statement for who sees people.

Apart from `evidence`, for these numbers are made of events of the last minutes and of no facts.
"""

from __future__ import annotations

import datetime as dt
from textwrap import dedent

from analytics.language import N_, _
from analytics.queries import live
from analytics.queries.evidence import Evidence, written
from analytics.queries.live import ON_SITE, READING, Question
from analytics.store.store import Store

NUMBERS = ("on_site", "reading_now")
_COLUMNS = {"on_site": "on_site", "reading_now": "reading"}
_OF_PEOPLE = N_("It counts visitors, who are seen in SQL by admins alone.")


def evidence(store: Store, name: str, asked: Question, now: dt.datetime, *, with_people: bool) -> Evidence:
    """Tell what a live number rests on.

    Args:
        store: The open store.
        name: Of NUMBERS.
        asked: Site and sections.
        now: Naive UTC.
        with_people: Whether who asks sees visitors in the analysts' tables.

    Returns:
        The events of the span that counts; of `reading_now` the beacons alone. The statement is of the same
        instant; the archive that it reads is some seconds behind.
    """
    span, tables = (ON_SITE, live.EVENTS) if name == "on_site" else (READING, ("engagements",))
    rows = store.frame(live.events_question(asked, now, span, tables), **live.values_of(asked)).row(0)
    stored, used = int(rows[0]), int(rows[1])
    left_out = ((_("without a visitor"), stored - used),) if stored > used else ()
    said = ", ".join(tables)
    sql = statement(name, asked, now) if with_people else ""
    return Evidence(said, stored, used, left_out, (), sql, "" if sql else _(_OF_PEOPLE))


def statement(name: str, asked: Question, now: dt.datetime) -> str:
    """Write the statement that returns a live number.

    The archive does not link the visitors of two days, so in the first minutes of a day somebody who stayed
    over midnight counts twice.
    """
    text = live.people_question(asked, now).replace("e.visitor_prev", "NULL::UBIGINT AS visitor_prev")
    whole = dedent(text).strip()
    return written(f"SELECT {_COLUMNS[name]} AS {name} FROM (\n{whole})", live.values_of(asked))
