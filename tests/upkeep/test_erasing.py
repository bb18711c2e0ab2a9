"""Erasing: afterwards no file of the home holds what was erased, and all other numbers stand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path

import pytest

from analytics.collect import spool
from analytics.desk import Desk
from analytics.errors import UsageError
from analytics.store.home import ids_key
from analytics.upkeep import erasing
from tests.builders import SITE, article, comment, frames, utc, view
from tests.commands import tearsheet
from tests.newsroom import Newsroom
from tests.upkeep.homes import desk_at, everything_in, home_of, records

SECRET = "zanzibar-secret-story"
DAY = "2026-05-05 12:00"


@pytest.fixture
def home(tmp_path: Path, empty_file: Path) -> Path:
    return home_of(tmp_path / "home", empty_file)


@pytest.fixture
def desk(home: Path) -> Iterator[Desk]:
    opened = desk_at(home)
    yield opened
    opened.close()


def queued(home: Path, *names: str) -> None:
    """Views of the secret story as a collector left them."""
    file, lock, database = spool.create(home, "w1", utc("2026-05-05 12:00"))
    with closing(database):
        rows = records(*(view(name, DAY, SECRET, name) for name in names))
        spool.insert(database, [spool.row_of(seq, each) for seq, each in enumerate(rows, 1)])
        spool.seal(database, len(rows))
    spool.unlock(file, os.dup(lock))
    os.close(lock)


def filled(desk: Desk) -> Newsroom:
    room = Newsroom(desk.store, now=desk.clock())
    queued(desk.home.path, "v1", "v2")
    room.take(
        article(SECRET, title="Of Zanzibar", url=f"https://{SITE}/{SECRET}", aliases=["old-zanzibar"]),
        article("A2", title="Other", translation_of=SECRET),
        view("v3", DAY, SECRET, "q"),
        view("v4", DAY, "old-zanzibar", "r"),
        view("v5", "2026-05-05 12:05", "A2", "q", referrer_host=SITE, referrer_path=f"/{SECRET}"),
        comment("c1", "published", DAY, article=SECRET),
        comment("c2", "published", DAY, article="A2"),
    )
    while desk.load_queue():
        pass
    desk.recount()
    desk.archive.keep(desk.clock())
    desk.backup()
    return room


def test_an_article_is_gone_from_every_file(home: Path) -> None:
    desk = desk_at(home)
    room = filled(desk)
    before = room.value("views", "2026-05-05")
    receipt = desk.erase("article", SECRET, None, with_backups=True)
    desk.close()
    found = everything_in(home)

    assert before == 5
    assert b"zanzibar" not in found.lower()
    assert receipt.rows["page_views"] == 4
    assert receipt.rows["comment_states"] == 1
    assert receipt.remains == []
    assert len(receipt.queue_files) == 1
    assert len(receipt.backups_deleted) == 1
    again = desk_at(home)
    room = Newsroom(again.store, now=again.clock())
    assert room.values_of("article", "views", "2026-05-05") == {"A2": 1}
    assert room.value("comments", "2026-05-05") == 1
    again.close()


def test_without_the_backups_the_receipt_names_them(desk: Desk) -> None:
    filled(desk)
    receipt = desk.erase("article", "old-zanzibar", None)

    assert len(receipt.backups_left) == 1
    assert SECRET not in str(receipt.hash)


def test_a_reader_is_gone_by_the_id_that_was_sent(desk: Desk, home: Path) -> None:
    key = ids_key(home)

    def hashed(kind: str) -> int:
        text = f"{kind}|{SITE}|reader-17".encode()
        return int.from_bytes(blake2b(text, digest_size=8, key=key).digest(), "little")

    room = Newsroom(desk.store, now=desk.clock())
    mine = comment("c1", "published", DAY)
    mine.values["commenter"] = hashed("commenter")
    room.take(
        view("v1", DAY, reader_id=hashed("reader")),
        view("v2", DAY, visitor="q"),
        mine,
        comment("c2", "published", DAY),
    )
    receipt = desk.erase("visitor", "reader-17", None)

    assert receipt.rows == {"page_views": 1, "comment_states": 1}
    assert room.rows("page_views", ["view_id"])["view_id"].to_list() == ["v2"]
    assert (room.value("views", "2026-05-05"), room.value("comments", "2026-05-05")) == (1, 1)
    assert "reader-17" not in everything_in(home).decode("latin-1")


def test_a_reader_is_gone_by_the_number_in_the_tables(desk: Desk) -> None:
    room = Newsroom(desk.store, now=desk.clock())
    room.take(
        view("v1", DAY, visitor="p"), view("v2", DAY, visitor="q"), view("v3", DAY, visitor="q", prev="p")
    )
    number = str(room.rows("page_views", ["visitor"], "view_id")["visitor"][0])
    desk.erase("visitor", number, SITE)

    assert room.rows("page_views", ["view_id", "visitor_prev"], "view_id").rows() == [
        ("v2", None),
        ("v3", None),
    ]


def test_a_site_is_gone_once_the_settings_let_it_go(home: Path) -> None:
    desk = desk_at(home)
    file = home / "tearsheet.toml"
    both = file.read_text() + '[site."zanzibar.example"]\ntimezone = "UTC"\n'
    file.write_text(both)
    desk.settle()
    desk.take(frames([view("v1", DAY, "A1")], site="zanzibar.example"))
    Newsroom(desk.store, now=desk.clock()).take(view("v2", DAY))
    with pytest.raises(UsageError, match="still stands in"):
        desk.erase("site", "zanzibar.example", None)
    file.write_text(both.partition('[site."zanzibar')[0])
    receipt = desk.erase("site", "zanzibar.example", None)
    desk.settle()
    desk.close()

    assert receipt.rows["page_views"] == 1
    assert b"zanzibar" not in everything_in(home)


def test_what_remains_holds_the_id_and_not_a_longer_one(home: Path) -> None:
    (home / "mails").mkdir()
    (home / "mails" / "a.html").write_text("see /story-1234.")
    (home / "mails" / "b.html").write_text("see /story-12345 and my-story-1234b")

    assert erasing.standing(home, "story-1234") == ["mails/a.html"]
    assert erasing.standing(home, "see") == []


def test_what_is_unknown_is_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="No article of"):
        desk.erase("article", "nothing", None)
    with pytest.raises(UsageError, match="Which reader"):
        desk.erase("visitor", " ", None)


def test_the_command_asks_first_and_prints_a_receipt(home: Path) -> None:
    desk = desk_at(home)
    Newsroom(desk.store, now=desk.clock()).take(view("v1", DAY, "A1"))
    desk.close()

    assert tearsheet("erase", home=home).code == 2
    assert tearsheet("erase", "--article", "A1", home=home).code == 1
    done = tearsheet("erase", "--article", "A1", "--yes", home=home)
    assert done.json["rows"]["page_views"] == 1
    assert len(list((home / "receipts").glob("erase-*.json"))) == 1
    nobody = tearsheet("erase", "--visitor", "7", "--yes", home=home)
    assert nobody.json["remains"] == []
    assert "Nothing of it was found" in nobody.err
    log = tearsheet("log", "--find", "erased", "--format", "json", home=home).json
    assert [row["subject"][:16] for row in log] == ["visitor, receipt", "article, receipt"]
    assert tearsheet("log", "--site", "other.example", home=home).code == 1
