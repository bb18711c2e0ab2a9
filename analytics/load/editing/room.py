"""Where a correction is made: the open transaction, and what each kind of correction needs to know."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import duckdb
import msgspec

from analytics.errors import UsageError
from analytics.language import _
from analytics.store.store import ask

Before: TypeAlias = "dict[str, Any]"  # JSON


@dataclass(frozen=True, slots=True)
class Room:
    """One correction in the making.

    Attributes:
        cursor: The writing cursor.
        site: The site.
        zone: Its zone.
        edit_id: Of the correction.
        gen: Generation of the marks that it leaves.
        now: Naive UTC.
    """

    cursor: duckdb.DuckDBPyConnection
    site: str
    zone: str
    edit_id: str
    gen: int
    now: dt.datetime

    def rows(self, question: str, **values: Any) -> list[dict[str, Any]]:
        """Ask; `$site` is known."""
        return ask(self.cursor, question, site=self.site, **values).to_dicts()

    def do(self, statement: str, **values: Any) -> None:
        """Write; `$site` is known."""
        self.cursor.execute(statement, {"site": self.site, **values})

    def swap(
        self, table: str, test: str, values: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Put rows in the place of others.

        Args:
            table: Whose.
            test: Which rows go; `$site` is asked for anyway.
            values: Of the test.
            rows: What stands there afterwards; times may be text.

        Returns:
            What stood there, as JSON objects.
        """
        gone = self.rows(f"FROM {table} WHERE site_id = $site AND {test}", **values)
        self.do(f"DELETE FROM {table} WHERE site_id = $site AND {test}", **values)
        for row in rows:
            names = ", ".join(row)
            places = ", ".join(f"${name}" for name in row)
            self.cursor.execute(f"INSERT INTO {table} ({names}) VALUES ({places})", dict(row))
        told: list[dict[str, Any]] = msgspec.to_builtins(gone)
        return told

    def title(self, article: str) -> str:
        """Name an article of the catalogue.

        Raises:
            UsageError: The site has none of that id.
        """
        found = self.rows(
            "SELECT coalesce(title, url, article_id) AS title FROM articles "
            "WHERE site_id = $site AND article_id = $id",
            id=article,
        )
        if not found:
            raise UsageError(
                _("No article of {site} has the id {article!r}.", site=self.site, article=article),
                _("Search for its title."),
            )
        return str(found[0]["title"])
