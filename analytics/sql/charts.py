"""Which chart suits an answer: what its owner chose, or a guess. Drawn by the page of SQL and by reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.language import N_
from analytics.sql.ask import Answer
from analytics.sql.summary import is_number, is_time

TABLE = "table"  # the choice to draw nothing, which tiles and reports keep too
KINDS = {
    "bar": N_("Bars"),
    "column": N_("Columns"),
    "stack": N_("Stacked columns"),
    "line": N_("Lines"),
    "area": N_("Stacked areas"),
    "dots": N_("Dots"),
    "heat": N_("Heat map"),
    "spread": N_("Distribution"),
    TABLE: N_("Table only"),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What is drawn: column numbers of the result, -1 for none."""

    kind: str
    x: int
    y: int
    series: int = -1

    def as_names(self, names: Sequence[str]) -> dict[str, str]:
        """Give it by names of columns, as a saved query keeps it."""
        return {
            "kind": self.kind,
            "x": names[self.x],
            "y": names[self.y],
            "series": names[self.series] if self.series >= 0 else "",
        }


def choose(answer: Answer, kept: Mapping[str, str]) -> Choice | None:
    """Take the kept choice where the columns still have those names, else guess; None: nothing to draw."""
    names = list(answer.names)
    columns = [answer.table.column(at) for at in range(len(names))]
    counted = [at for at, column in enumerate(columns) if is_number(column)]
    if kept.get("kind") in KINDS and kept.get("x") in names and kept.get("y") in names:
        series = kept.get("series", "")
        found = Choice(
            kept["kind"],
            names.index(kept["x"]),
            names.index(kept["y"]),
            names.index(series) if series in names else -1,
        )
        if found.y in counted:
            return found
    times = [at for at, column in enumerate(columns) if is_time(column)]
    words = [at for at in range(len(names)) if at not in counted and at not in times]
    if not counted or answer.table.num_rows < 2:
        return None
    if times:
        return Choice("line", times[0], counted[0], words[0] if words else -1)
    if words:
        return Choice("bar", words[0], counted[0])
    return Choice("dots", counted[0], counted[1]) if len(counted) > 1 else None
