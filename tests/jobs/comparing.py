"""What a recount made, to hold beside what another one makes."""

from __future__ import annotations

from analytics.jobs.recount import REPLACED
from tests.newsroom import Newsroom


def counted(room: Newsroom) -> dict[str, list[tuple[object, ...]]]:
    """Read all that a recount makes, without the site, in an order of its own."""
    tables = {table: room.rows(table, ("* EXCLUDE (site_id)",)).rows() for table in REPLACED}
    tables["rolled_days"] = room.rows("rolled_days", ("day_local", "version", "open_until")).rows()
    return tables


def differences(
    expected: dict[str, list[tuple[object, ...]]], actual: dict[str, list[tuple[object, ...]]]
) -> dict[str, tuple[list[tuple[object, ...]], list[tuple[object, ...]]]]:
    return {
        table: (
            [row for row in expected[table] if row not in actual[table]],
            [row for row in actual[table] if row not in expected[table]],
        )
        for table in expected
        if expected[table] != actual[table]
    }


def mark_all_days(room: Newsroom) -> None:
    """Mark all days of one site dirty; `everything` would recount the sites of other examples too."""
    with room.store.write() as cursor:
        cursor.execute(
            "INSERT INTO dirty_hours SELECT site_id, day_local, day_local, 0 FROM rolled_days"
            " WHERE site_id = $site",
            {"site": room.site},
        )


def close_all_days(room: Newsroom) -> None:
    """Ask for a recount of each day in which nobody changed: sessions that closed meanwhile are recounted."""
    with room.store.write() as cursor:
        for table, more in (("dirty_hours", ""), ("dirty_parts", "'none', NULL, NULL, ")):
            moment = "day_local, " if table == "dirty_hours" else ""
            cursor.execute(
                f"INSERT INTO {table} SELECT site_id, {moment}day_local, {more}-1 FROM rolled_days"
                " WHERE site_id = $site",
                {"site": room.site},
            )
