"""What tests of imports share: a home to import into, and mappings in few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from analytics.imports import door, inbox, mapping
from analytics.imports.keys import Place
from analytics.imports.summary import Summary
from analytics.store.store import Store

NOW = dt.datetime(2026, 5, 6, 13)
SECRET = b"a secret of thirty-two bytes...."
EVENTS = """
[source]
name = "intranet"
rows = "events"
format = "{kind}"
{source}
[event]
time = {{column = "timestamp", unit = "s"}}
article_id = {{column = "contentId"}}
visitor = {{column = "personId"}}
session = {{column = "sessionId"}}
user_agent = {{column = "userAgent"}}
country = {{column = "userCountry", null = ["--"]}}
commenter = {{column = "personId"}}
kind.column = "eventType"
kind.map = {{"VIEW" = "view", "COMMENT CREATED" = "comment:published", "LIKE" = "like"}}
{event}
"""
HEADER = "timestamp,eventType,contentId,personId,sessionId,userAgent,userCountry"


def events(source: str = "", event: str = "", kind: str = "csv") -> mapping.Mapping:
    """Give the mapping of a reading log, with more lines in its sections."""
    return mapping.parse(EVENTS.format(source=source, event=event, kind=kind), "test.toml")


def row(n: int = 0, kind: str = "VIEW", article: str = "a1", person: str = "p1", agent: str = "") -> str:
    """Give one line of the log, `n` seconds after 2026-05-05 12:00 UTC."""
    return f"{1777982400 + n},{kind},{article},{person},s1,{agent},BR"


@dataclass(slots=True)
class ImportDesk:
    """A home with a store, and a folder for files."""

    store: Store
    home: Path
    files: Path
    zone: str = "America/Sao_Paulo"

    @property
    def place(self) -> Place:
        """Where rows go."""
        return Place(self.home, SECRET, "news.example", self.zone, ("news.example",))

    def file(self, *lines: str | bytes, name: str = "log.csv", header: str = HEADER, end: str = "\n") -> Path:
        """Write a file of lines."""
        path = self.files / name
        parts = [
            line if isinstance(line, bytes) else line.encode()
            for line in ([header, *lines] if header else lines)
        ]
        path.write_bytes(end.encode().join(parts) + end.encode())
        return path

    def take(self, path: Path, meaning: mapping.Mapping | None = None) -> Summary:
        """Import one file."""
        (summary,) = self.take_all([path], meaning)
        return summary

    def take_all(self, paths: Sequence[Path], meaning: mapping.Mapping | None = None) -> list[Summary]:
        """Import files."""
        return door.import_table(self.store, self.place, paths, meaning or events(), NOW)

    def rows(self, table: str = "page_views") -> pl.DataFrame:
        """Read a table whole."""
        return self.store.frame(f"FROM {table}")

    def content(self) -> dict[str, list[tuple[object, ...]]]:
        """Give all events in an order that does not depend on how they came."""
        tables = ("page_views", "engagements", "comment_states", "interactions")
        return {table: sorted(self.rows(table).rows(), key=repr) for table in tables}

    def rejected(self) -> list[tuple[int, str]]:
        """Give line and reason of what could not be read."""
        return sorted(self.rows("bad_events").select("line", "reason").rows())

    def inbox(self) -> list[str]:
        """List what lies in the inbox."""
        return sorted(path.name for path in (self.home / inbox.FOLDER).iterdir())
