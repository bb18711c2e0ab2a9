"""Retention: old rows go by table, the sums that they made stay, also through a recount of everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics.desk import Desk
from analytics.errors import ConfigError
from tests.builders import comment, engagement, view
from tests.commands import tearsheet
from tests.newsroom import Newsroom
from tests.upkeep.homes import desk_at, home_of

OLD, NEW = "2026-01-10", "2026-05-05"
KEPT = '[site."news.example".retention]\npage_views = 60\nengagements = 60\ncomment_states = 60\n'


@pytest.fixture
def home(tmp_path: Path, empty_file: Path) -> Path:
    return home_of(tmp_path / "home", empty_file, KEPT)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = desk_at(home)
    yield opened
    opened.close()


def filled(desk: Desk) -> Newsroom:
    room = Newsroom(desk.store, now=desk.clock())
    for day in (OLD, NEW):
        room.load(
            view(f"v{day}", f"{day} 12:00", visitor="p"),
            engagement(f"v{day}", f"{day} 12:01", 20_000, acts=2),
            comment(f"c{day}", "published", f"{day} 12:30"),
        )
    room.load(comment("long", "pending", f"{OLD} 12:30"), comment("long", "published", f"{NEW} 12:30"))
    room.recount()
    desk.archive.keep(desk.clock())
    return room


def numbers(room: Newsroom) -> list[object]:
    return [room.value(name, day) for name in ("views", "reads", "comments") for day in (OLD, NEW)]


def test_old_events_go_and_the_sums_stay(desk: Desk) -> None:
    room = filled(desk)
    before = numbers(room)
    done = desk.retire()
    desk.recount(everything=True)

    assert done == {"news.example": {"page_views": 1, "engagements": 1, "comment_states": 1}}
    assert numbers(room) == before
    assert room.rows("comment_states", ["comment_id"], "comment_id, state_at")["comment_id"].to_list() == [
        "c2026-05-05",
        "long",
        "long",
    ]
    assert desk.retire() == {}


def test_a_day_that_was_retired_is_not_emptied_by_what_comes_late(desk: Desk) -> None:
    room = filled(desk)
    before = numbers(room)
    desk.retire()
    room.take(view("late", f"{OLD} 13:00", visitor="z"))

    assert numbers(room) == before
    desk.retire()
    assert desk.recount() == 0


def test_the_archive_forgets_too(desk: Desk) -> None:
    filled(desk)
    desk.retire()
    desk.archive.keep(desk.clock())
    files = [str(each) for each in desk.archive.snapshot().files["page_views"]]

    assert not [each for each in files if OLD in each]
    assert [each for each in files if NEW in each]


def test_the_command_counts_before_it_deletes(home: Path) -> None:
    desk = desk_at(home)
    filled(desk)
    desk.close()
    asked = tearsheet("retire", "--check", "--format", "json", home=home)
    done = tearsheet("retire", "--format", "json", home=home)

    assert asked.json == done.json
    assert {row["table"] for row in done.json} == {"page_views", "engagements", "comment_states"}
    assert tearsheet("retire", "--format", "json", home=home).json == []


@pytest.mark.parametrize("wrong", ["pageviews = 60", "page_views = 5", 'page_views = "all"'])
def test_a_retention_that_cannot_be_is_refused(home: Path, wrong: str) -> None:
    file = home / "tearsheet.toml"
    file.write_text(file.read_text().replace("page_views = 60", wrong))

    with pytest.raises(ConfigError):
        desk_at(home)
