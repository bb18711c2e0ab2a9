"""The queue into the store: every acknowledged event, exactly once.

How far a file of the queue has been loaded is written in the transaction of its rows, so a crash at any
point leaves either both or neither. One row that cannot be read is counted and never stops the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import polars as pl
import structlog

from analytics.collect import spool
from analytics.collect.spool import Row
from analytics.errors import FileUnreadableError, StoreBusyError
from analytics.events import RECORDS, Event
from analytics.load.batch import DROP_COLUMNS, REJECT_COLUMNS, Batch, schema_of
from analytics.load.door import load
from analytics.store.store import Store

BATCH_ROWS = 20_000  # engine-notes.md 2.3: a batch of the loader
REPLAY = dt.timedelta(hours=48)  # longer than the pause between backups: offsets and queue rebuild the rest
SOURCE = "spool"
ADOPT_EVERY = dt.timedelta(minutes=1)

log = structlog.get_logger()


class Drain:
    """Empties the queue of one home; one thread uses it."""

    def __init__(self, store: Store, home: Path, secret: bytes) -> None:
        """Prepare; nothing is read before `once`.

        Args:
            store: The open store.
            home: Folder of the home.
            secret: Key of the hashes that stand for rows that cannot be read.
        """
        self._store, self._home, self._secret = store, home, secret
        self._done: set[Path] = set()
        self.quarantined = 0
        self._adopted: dt.datetime | None = None

    def once(self, now: dt.datetime) -> int:
        """Load one batch of every file that has more; once a minute, seal what dead collectors left.

        Args:
            now: Naive UTC.

        Returns:
            Rows taken from the queue; 0 when it is empty.
        """
        if self._adopted is None or now - self._adopted >= ADOPT_EVERY:
            self._adopted = now
            self.quarantined += len(spool.adopt(self._home)[1])
        files = [file for file in spool.files(self._home) if file not in self._done]
        reached = self._reached()
        return sum(self._take(file, reached.get(file.name, 0), now) for file in files)

    def tidy(self, now: dt.datetime) -> int:
        """Drop whole files that are loaded and older than the replay window.

        Returns:
            Files dropped.
        """
        old = [file for file in self._done if _hour(file) < now - REPLAY]
        for file in old:
            spool.drop(file)
            self._done.discard(file)
        return len(old)

    def _reached(self) -> dict[str, int]:
        return dict(self._store.frame("SELECT file, seq FROM spool_offset WHERE file LIKE 'q-%'").rows())

    def _take(self, file: Path, after: int, now: dt.datetime) -> int:
        is_sealed = spool.is_sealed(file)  # before reading: what is sealed then gets no more rows
        try:
            rows = spool.read(file, after, BATCH_ROWS)
        except (FileNotFoundError, StoreBusyError):
            return 0  # gone, or busy for a moment: the next round looks again
        except FileUnreadableError:
            moved = spool.quarantine(file)
            self.quarantined += 1
            log.exception("queue file damaged", file=moved.name, after=after)
            return 0
        if rows:
            load(self._store, self._batch(file.name, rows), now)
        elif is_sealed:
            self._done.add(file)
        return len(rows)

    def _batch(self, file: str, rows: Sequence[Row]) -> Batch:
        counted: dict[str, list[Event]] = {table: [] for table in RECORDS}
        drops, rejects = [], []
        for row in rows:
            try:
                event = spool.decode(row)
            except (msgspec.DecodeError, KeyError, UnicodeDecodeError):
                digest = hashlib.blake2b(row.body, key=self._secret[:64], digest_size=16).hexdigest()
                rejects.append((None, SOURCE, file, row.seq, "malformed", digest))
                continue
            if row.dropped:
                drops.append(_drop(row, event))
            else:
                counted[row.table].append(event)
        return Batch(
            events={table: frame_of(table, events) for table, events in counted.items() if events},
            drops=pl.DataFrame(drops, DROP_COLUMNS, orient="row") if drops else None,
            rejects=pl.DataFrame(rejects, REJECT_COLUMNS, orient="row") if rejects else None,
            file=file,
            seq=rows[-1].seq,
        )


def frame_of(table: str, events: Sequence[Event]) -> pl.DataFrame:
    """Lay events out as a frame in the columns of their table; mappings become JSON text."""
    columns = {}
    for name, kind in schema_of(table).items():
        values = [getattr(event, name) for event in events]
        if kind == pl.String() and any(isinstance(value, Mapping) for value in values):
            values = [msgspec.json.encode(value).decode() if value is not None else None for value in values]
        columns[name] = pl.Series(name, values, dtype=kind)
    return pl.DataFrame(columns)


def _drop(row: Row, event: Event) -> tuple[object, ...]:
    reason, _, rule = (row.dropped or "").partition(":")
    return (
        event.site_id,
        event.event_id,
        event.received_at,
        event.day_local,
        row.table,
        reason,
        rule or None,
        row.body.decode(),
    )


def _hour(file: Path) -> dt.datetime:
    return dt.datetime.strptime(spool.hour_of(file), "%Y%m%d%H")  # noqa: DTZ007 naive UTC inside
