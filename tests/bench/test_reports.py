"""Reports at a million and at ten million views: built, rendered as a mail, rendered as PDF."""

from __future__ import annotations

import datetime as dt

import pytest

from analytics.control.identity import COMMAND, acting
from analytics.reports import mail, pdf
from analytics.reports.build.asked import Order
from analytics.reports.build.kinds import build
from analytics.reports.mail import Frame
from tests.bench import traffic
from tests.bench.conftest import Counted
from tests.bench.report import Spent, spent, tell

pytestmark = pytest.mark.bench

ROUNDS = 5
SUNDAY, MONDAY = dt.datetime(2026, 5, 31, 5), dt.datetime(2026, 6, 1, 5)
REPORTS = {
    "Morning on Sunday, of Saturday": (Order("morning", traffic.SITE), SUNDAY),
    "Morning on Monday, of three days": (Order("morning", traffic.SITE), MONDAY),
    "Weekly review": (Order("weekly", traffic.SITE), MONDAY),
    "Section, of a week": (Order("section", traffic.SITE, where={"section": ("section 1",)}), MONDAY),
    "Author's tear sheet, of a month": (Order("author", traffic.SITE, where={"author": ("u1",)}), MONDAY),
}
STEPS = ("built", "mail", "PDF")
_costs: dict[int, dict[tuple[str, str], Spent]] = {}


def test_a_report_costs_about_the_same_at_any_size(counted: Counted) -> None:
    found: dict[tuple[str, str], Spent] = {}
    for name, (order, now) in REPORTS.items():
        rounds = [_made(counted, order, now) for _ in range(ROUNDS)]
        for place, step in enumerate(STEPS):
            found[name, step] = sorted((each[place] for each in rounds), key=lambda cost: cost.cpu)[
                ROUNDS // 2
            ]
    _costs[counted.views] = found
    if len(_costs) < 2:
        return
    small, large = (_costs[size] for size in sorted(_costs))
    tell(
        "Reports",
        f"Built by a desk that has just started and has nothing in hand, then rendered; the median of {ROUNDS} by CPU.",
        ("report", "step", "1 M views, CPU ms", "10 M views, CPU ms", "10 M views, wall ms"),
        [
            (
                *each,
                f"{1000 * small[each].cpu:.0f}",
                f"{1000 * large[each].cpu:.0f}",
                f"{1000 * large[each].wall:.0f}",
            )
            for each in small
        ],
        goal="at 10 M views a morning is built in under 1 s, its PDF in under 1 s more.",
    )

    built = [(small[each].cpu, large[each].cpu) for each in small if each[1] == "built"]
    assert max(many / few for few, many in built) < 4


def _made(counted: Counted, order: Order, now: dt.datetime) -> tuple[Spent, Spent, Spent]:
    """Make one report from nothing; gives what building, mail and PDF cost."""
    counted.store.forget()
    with acting(COMMAND):
        with spent() as built:
            report = build(counted.store, order, now)
        with spent() as mailed:
            mail.letter(report, Frame())
        with spent() as printed:
            pdf.pdf(report)
    assert report.numbers()
    return built, mailed, printed
