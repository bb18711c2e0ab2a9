"""Homes for tests of their upkeep."""

from __future__ import annotations

import shutil
from pathlib import Path

from analytics.collect import spool
from analytics.collect.spool import Record
from analytics.desk import Desk
from analytics.events import RECORDS
from tests.builders import SITE, ZONE, Row, frames, utc
from tests.newsroom import NOW


def home_of(folder: Path, empty_file: Path, more: str = "") -> Path:
    """A home with one site and an empty store."""
    folder.mkdir(exist_ok=True)
    shutil.copy(empty_file, folder)
    (folder / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "{ZONE}"\n{more}', encoding="utf-8")
    return folder


def desk_at(home: Path, what: str = "test") -> Desk:
    """The desk of a home; nothing runs in the background."""
    return Desk(home, what, lambda: utc(NOW))


def records(*rows: Row) -> list[Record]:
    """Events as they stand in the queue."""
    return [
        Record(table, spool.encode(RECORDS[table](**row)))
        for table, frame in frames(rows).items()
        for row in frame.to_dicts()
    ]


def views_in(home: Path) -> list[str]:
    """Empty the queue of a home, and give the ids of all views that are counted then."""
    desk = desk_at(home)
    try:
        while desk.load_queue():
            pass
        return desk.store.frame("SELECT view_id FROM page_views ORDER BY view_id")["view_id"].to_list()
    finally:
        desk.close()


def everything_in(home: Path) -> bytes:
    """All bytes of all files of a home."""
    return b"\n".join(file.read_bytes() for file in sorted(home.rglob("*")) if file.is_file())
