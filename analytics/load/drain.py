"""The queue into the store: every acknowledged event, exactly once.

How far a file of the queue has been loaded is written in the transaction of its rows, so a crash at any
point leaves either both or neither. One row that cannot be read is counted and never stops the others.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import duckdb
import msgspec
import polars as pl
import structlog

from analytics.collect import spool
from analytics.collect.spool import Row
from analytics.errors import FileUnreadableError, StoreBusyError, TearsheetError
from analytics.events import RECORDS, Event
from analytics.load.batch import DROP_COLUMNS, REJECT_COLUMNS, Batch, json_columns, schema_of
from analytics.load.door import load
from analytics.store.store import Store

BATCH_ROWS = 20_000  # engine-notes.md 2.3: a batch of the loader
REPLAY = dt.timedelta(hours=48)  # longer than the pause between backups: offsets and queue rebuild the rest
SOURCE = "spool"
ADOPT_EVERY = dt.timedelta(minutes=1)

log = structlog.get_logger()
_BAD_DATA = (
    duckdb.DataError,
    pl.exceptions.PolarsError,
    OverflowError,
)  # what a value can cause, and no disk


class Drain:
    """Empties the queue of one home; one thread uses it."""

    def __init__(
        self,
        store: Store,
        home: Path,
        secret: bytes,
        loaded: Callable[[int], object] = lambda _rows: None,
    ) -> None:
        """Prepare; nothing is read before `once`.

        Args:
            store: The open store.
            home: Folder of the home.
            secret: Key of the hashes that stand for rows that cannot be read.
            loaded: Told the rows of every batch.
        """
        self._store, self._home, self._secret, self._loaded = store, home, secret, loaded
        self._at = self._reached()
        self._reader = ThreadPoolExecutor(1, "ahead")
        self._ahead: dict[tuple[Path, int], Future[tuple[Sequence[Row], Batch | None, bool]]] = {}
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
        # A clock that was set back must not put this off.
        if self._adopted is None or not dt.timedelta() <= now - self._adopted < ADOPT_EVERY:
            self._adopted = now
            for damaged in spool.adopt(self._home)[1]:
                self.quarantined += 1
                log.error("queue file damaged", file=damaged.name)
        files = [file for file in spool.files(self._home) if file not in self._done]
        self._at = reached = self._reached()
        return sum(self._take(file, reached.get(file.name, 0), now) for file in files)

    def waiting_since(self) -> dt.datetime | None:
        """Tell when the oldest event came that is queued and not loaded; None where none waits.

        Reads the queue only, so that it answers while the store cannot; any thread may ask.
        """
        oldest = None
        for file in spool.files(self._home):
            if file in self._done:
                continue
            try:
                rows = spool.read(file, self._at.get(file.name, 0), 1)
                came = [spool.decode(row).received_at for row in rows]
            except (OSError, TearsheetError, msgspec.DecodeError, KeyError, UnicodeDecodeError):
                continue  # the loader deals with it
            oldest = min([*came, oldest] if oldest else came, default=None)
        return oldest

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
        return reached(self._store)

    def _take(self, file: Path, after: int, now: dt.datetime) -> int:
        try:
            ahead = self._ahead.pop((file, after), None)
            rows, batch, is_sealed = ahead.result() if ahead else self._read(file, after)
        except (FileNotFoundError, StoreBusyError):
            return 0  # gone, or busy for a moment: the next round looks again
        except FileUnreadableError:
            moved = spool.quarantine(file)
            self.quarantined += 1
            log.exception("queue file damaged", file=moved.name, after=after)
            return 0
        if rows:
            if len(rows) == BATCH_ROWS:  # more waits: decoding it takes Python, loading these does not
                place = (file, rows[-1].seq)
                self._ahead[place] = self._reader.submit(self._read, *place)
            self._load(file.name, rows, now, batch)
            self._at[file.name] = rows[-1].seq
            self._loaded(len(rows))
        elif is_sealed:
            self._done.add(file)
        return len(rows)

    def _read(self, file: Path, after: int) -> tuple[Sequence[Row], Batch | None, bool]:
        """Read rows, as a batch where there are any; and whether the file was sealed before that."""
        is_sealed = spool.is_sealed(file)  # what is sealed then gets no more rows
        rows = spool.read(file, after, BATCH_ROWS)
        return rows, self._batch(file.name, rows) if rows else None, is_sealed

    def _load(self, file: str, rows: Sequence[Row], now: dt.datetime, batch: Batch | None = None) -> None:
        """Load rows; what the store cannot hold is searched by halves, so that the others go in."""
        try:
            load(self._store, batch or self._batch(file, rows), now)
        except _BAD_DATA as fault:
            if len(rows) > 1:
                middle = len(rows) // 2
                self._load(file, rows[:middle], now)
                self._load(file, rows[middle:], now)
                return
            log.error("event refused by the store", file=file, seq=rows[0].seq, kind=type(fault).__name__)  # noqa: TRY400 its text may hold values
            refused = pl.DataFrame([self._reject(file, rows[0])], REJECT_COLUMNS, orient="row")
            load(self._store, Batch(rejects=refused, file=file, seq=rows[0].seq), now)

    def _reject(self, file: str, row: Row) -> tuple[object, ...]:
        digest = hashlib.blake2b(row.body, key=self._secret[:64], digest_size=16).hexdigest()
        return (None, SOURCE, file, row.seq, "malformed", digest)

    def _batch(self, file: str, rows: Sequence[Row]) -> Batch:
        counted: dict[str, list[Event]] = {table: [] for table in RECORDS}
        drops, rejects = [], []
        for row in rows:
            try:
                event = spool.decode(row)
            except (msgspec.DecodeError, KeyError, UnicodeDecodeError):
                rejects.append(self._reject(file, row))
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


def reached(store: Store) -> dict[str, int]:
    """Tell up to which row each file of the queue is in the store."""
    return dict(store.frame("SELECT file, seq FROM spool_offset WHERE file LIKE 'q-%'").rows())


def refused(store: Store) -> int:
    """Count the rows that could not be read or stored, of the queue and of imports."""
    return int(store.frame("SELECT count(*)::BIGINT AS n FROM bad_events")["n"][0])


def frame_of(table: str, events: Sequence[Event]) -> pl.DataFrame:
    """Lay events out as a frame in the columns of their table; mappings become JSON text."""
    schema, as_text = schema_of(table), json_columns(table)
    names = [field.name for field in msgspec.structs.fields(RECORDS[table])]
    columns = []
    for name, values in zip(names, zip(*map(msgspec.structs.astuple, events), strict=True), strict=True):
        if name in as_text:
            values = tuple(each and msgspec.json.encode(each).decode() for each in values)  # noqa: PLW2901
        columns.append(pl.Series(name, values, dtype=schema[name]))
    return pl.DataFrame(columns).select(list(schema))


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
