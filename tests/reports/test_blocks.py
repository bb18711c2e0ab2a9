from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import msgspec
import pytest

from analytics.control.identity import COMMAND, acting
from analytics.errors import TearsheetError
from analytics.load import notes
from analytics.queries.notes import Draft
from analytics.reports import draw
from analytics.reports.build import parts
from analytics.reports.build.asked import Asked, Order
from analytics.reports.build.kinds import KINDS, build
from analytics.reports.office import Office
from analytics.reports.report import Chart, Numbers, Report, Stories
from analytics.store.store import Store
from tests.newsroom import Newsroom
from tests.reports.post import Office as House
from tests.reports.test_build import WHERE
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

DAY = "2026-05-05"


@pytest.fixture(scope="module")
def noted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    """The worked example, and a push at 10:05 of its day; tests only read it."""
    store = Store(tmp_path_factory.mktemp("noted"))
    room = Newsroom(store)
    room.settle()
    room.take(*VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES)
    pushed = Draft("push", "to everybody", dt.datetime(2026, 5, 5, 13, 5), "A1")
    notes.add(store, room.site, pushed, "Mara Lind", room.now)
    yield room
    store.close()


def built(room: Newsroom, kind: str, *blocks: str) -> Report:
    order = Order(kind, period=DAY, where=WHERE.get(kind, {}), blocks=blocks)
    return build(room.store, order, room.now)


@pytest.mark.parametrize("kind", [name for name, each in KINDS.items() if each.blocks])
def test_every_block_that_a_kind_names_is_one_that_it_builds(
    noted: Newsroom, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    offered: list[str] = []

    def keep(_asked: Asked, offers: parts.Offers) -> list[Numbers]:
        offered.extend(offers)
        return []

    monkeypatch.setattr(parts, "chosen", keep)
    built(noted, kind)

    assert sorted(offered) == sorted(KINDS[kind].blocks)
    assert set(offered) <= set(parts.BLOCKS)


def test_a_report_holds_its_numbers_and_what_was_chosen_in_its_own_order(noted: Newsroom) -> None:
    report = built(noted, "morning", "sources", "top")

    assert [block.title for block in report.blocks] == ["That day", "Most read", "Sources"]


def test_what_was_decided_is_followed_up_and_marks_the_chart(noted: Newsroom) -> None:
    report = built(noted, "morning", "course", "decisions")
    chart = next(block for block in report.blocks if isinstance(block, Chart))
    follow_ups = report.blocks[-1]

    assert [each.text for each in chart.moments] == ["10:05"]
    assert chart.line.endswith("Marks: 10:05 Push sent: to everybody.")
    assert isinstance(follow_ups, Stories)
    assert (follow_ups.title, len(follow_ups.rows)) == ("Follow-ups", 1)
    (row,) = follow_ups.rows
    assert (row.title, row.href) == ("Push sent: to everybody", "/articles/A1?site=news.example")
    assert "Tue 5 May 10:05 · Mara Lind" in row.under
    assert row.mark is not None
    assert row.mark.text == "too few"


def test_a_filter_that_the_note_is_not_of_leaves_it_out(noted: Newsroom) -> None:
    order = Order("morning", period=DAY, where={"section": ("culture",)}, blocks=("course", "decisions"))

    _, chart = build(noted.store, order, noted.now).blocks

    assert isinstance(chart, Chart)
    assert chart.moments == []


def test_a_marked_chart_can_be_drawn(noted: Newsroom) -> None:
    chart = next(block for block in built(noted, "morning", "course").blocks if isinstance(block, Chart))

    assert "10:05" in draw.chart_svg(chart)
    assert "10:05" not in draw.chart_svg(msgspec.structs.replace(chart, moments=[]))


def test_the_blocks_of_a_report_are_kept_and_checked(office: House) -> None:
    with acting(COMMAND):
        desk = Office(office.rounds)
        made = desk.add("", "morning", period=DAY, blocks=["sources", "top"])
        kept = desk.edit(made["id"], name="Short morning")
        report, _ = desk.preview(made["id"])
        with pytest.raises(TearsheetError, match="has no block 'tops'"):
            desk.edit(made["id"], blocks=["tops"])

    assert (kept["name"], kept["blocks"]) == ("Short morning", ["top", "sources"])
    assert [block.title for block in report.blocks] == ["That day", "Most read", "Sources"]
