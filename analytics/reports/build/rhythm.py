"""The gaps of a section or topic: hours of the week with readers and nothing new."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from analytics import wording
from analytics.exports import Cell
from analytics.language import _, begun
from analytics.periods import last_days
from analytics.queries import rhythm
from analytics.reports.build.asked import Asked
from analytics.reports.report import Column, Part, Table, Words

WEEKS = 8  # as on the page Time: one week publishes too little to tell
MOST = 8


def gaps(asked: Asked) -> Table | Words:
    """List the hours with clearly more of the readers than of the pieces, over eight weeks."""
    title, main = _("Readers, and nothing new"), asked.main
    ask = replace(asked.ask(), period=last_days(asked.period.last, 7 * WEEKS, asked.site.zone))
    read, written = (
        rhythm.reading(asked.store, ask, asked.now, main),
        rhythm.publishing(asked.store, ask, asked.now),
    )
    found = rhythm.balance(read, written)
    if not found["place"].count():
        said = _("Too few to tell: it takes 30 pieces and 30 {main} in eight weeks.", main=_(main))
        return Words(title=title, parts=[Part(said)])
    gap = pl.col("read_share") - pl.col("piece_share")
    waits = found.filter(pl.col("place") == "above").sort(gap, descending=True)
    if waits.is_empty():
        return Words(title=title, parts=[Part(_("No hour of the week has clearly more of the readers."))])
    rows: list[list[Cell]] = [
        [f"{wording.weekdays()[row['weekday'] - 1]} {row['hour']:02d}:00", row["reads"], row["read_share"],
         row["pieces"], row["piece_share"]]
        for row in waits.to_dicts()
    ]  # fmt: skip
    columns = [
        Column("hour", _("Hour")),
        Column("reads", begun(_(main)), main, is_shown=False),
        Column("read_share", _("of {main}", main=_(main)), "share"),
        Column("pieces", _("Pieces"), "articles"),
        Column("piece_share", _("of pieces"), "share"),
    ]
    line = _(
        "Hours of the last eight weeks whose share of {main} lies above the 95 % interval of their "
        "share of pieces.",
        main=_(main),
    )
    return Table(title=title, columns=columns, rows=rows, shown=MOST, line=line)
