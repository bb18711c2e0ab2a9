"""What must hold after every fault: what was acknowledged is counted, once, and the rollups are a recount."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from analytics.desk import Desk
from tests.faults.readers import ACKED, SENT, Journal

EVENTS = ("page_views", "engagements")
COUNTED: tuple[str, ...] = ("view_facts", "sessions", "article_hours", "article_days", "engaged_days")
COUNTED += ("dimension_days", "site_minutes")


@dataclass(slots=True)
class Checked:
    """Sums of one check. Everything that a test asserts stands here."""

    sent: int
    acked: int
    counted: int
    lost: int
    twice: int
    unsent: int
    is_recount: bool
    bad: int
    quarantined: int

    @property
    def is_exact(self) -> bool:
        return (self.lost, self.twice, self.unsent, self.bad, self.quarantined) == (
            0,
        ) * 5 and self.is_recount


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def check(home: Path, journal: Journal, clock: dt.datetime | None = None) -> Checked:
    """Own the home as a command does, empty the queue, recount, and compare with what the readers know."""
    at = clock or now()  # one instant for both recounts: sessions close with time
    desk = Desk(home, "rollup", lambda: at)
    try:
        while desk.load_queue():
            pass
        desk.recount()
        kept = sums(desk)
        desk.recount(everything=True)
        union = " UNION ALL ".join(f"SELECT event_id::VARCHAR AS id FROM {table}" for table in EVENTS)
        counted = desk.store.frame(union)["id"]
        ids = set(counted)
        sent, acked = journal.ids(SENT), journal.ids(ACKED)
        return Checked(
            sent=len(sent),
            acked=len(acked),
            counted=len(ids),
            lost=len(acked - ids),
            twice=len(counted) - len(ids),
            unsent=len(ids - sent),
            is_recount=kept == sums(desk) and views(desk) == loads(desk),
            bad=desk.store.frame("SELECT count(*)::BIGINT AS n FROM bad_events").item(),
            quarantined=len(list((home / "spool").glob("quarantine/*.db"))),
        )
    finally:
        desk.close()


def sums(desk: Desk) -> dict[str, tuple[int, object]]:
    """Fold every counted table into rows and a sum of hashes, which no order and no pair can hide in."""
    return {
        table: desk.store.frame(
            f"SELECT count(*)::BIGINT AS n, sum(hash(t))::VARCHAR AS h FROM {table} AS t"
        ).row(0)
        for table in COUNTED
    }


def views(desk: Desk) -> int:
    return int(desk.store.frame("SELECT count(*)::BIGINT AS n FROM page_views").item())


def loads(desk: Desk) -> int:
    return int(desk.store.frame("SELECT coalesce(sum(page_loads), 0)::BIGINT AS n FROM article_hours").item())
