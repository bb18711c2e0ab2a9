"""What a saved query gives, for the alert of it: run for its owner, under the owner's rights and limits."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from analytics.control.alerts import Rule
from analytics.sql import scheduled
from analytics.sql.ask import Asking


@dataclass(frozen=True, slots=True)
class Answer:
    """What a saved query gave: its name, its rows, and its number where it is one."""

    name: str
    rows: int
    number: float | None = None


def of_query(asking: Asking, rule: Rule) -> Answer:
    """Run the query of a rule.

    Raises:
        TearsheetError: It is gone, or was refused, stopped or broke.
    """
    saved, answer = scheduled.run(asking, rule.query, "alert", site=rule.site_id)
    number = None
    if answer.table.num_rows == 1 and answer.table.num_columns == 1:
        value = answer.table.column(0)[0].as_py()
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        number = float(value) if is_number else None
    return Answer(saved.name, answer.table.num_rows, number)
