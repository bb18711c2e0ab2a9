"""Keep the archive: write what is marked, seal days that nothing is expected for, hand out what stands.

Events lie by UTC day of `event_at`, those of the last days by hour, so that a late event costs one hour;
facts and sums by local day; small tables whole. All of a round is read in one transaction.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import duckdb
import msgspec
import polars as pl

from analytics.errors import StoreError
from analytics.language import _
from analytics.store.archive import folders, views
from analytics.store.archive.parts import (
    BY_DAY,
    DAY,
    EVENTS,
    HOUR,
    TABLES,
    WHOLE,
    Part,
    mark_all,
    part_of,
    schema,
)
from analytics.store.archive.views import View
from analytics.store.store import Store

FOLDER = "archive"
MANIFEST = "manifest.json"
VIEWS = "tearsheet.duckdb"
SEALED_AFTER = dt.timedelta(hours=48)  # with the salts of its visitors; trackers gave up a day before
KEPT_S = 300.0  # a replaced file can be read so long by who was handed it; no question may run longer

_NO_DAY = dt.datetime(1970, 1, 1)  # noqa: DTZ001 naive UTC inside
_WRITTEN = {"of_table": pl.String(), "begins": pl.Datetime(), "ends": pl.Datetime(), "gen": pl.Int64()}


class _Manifest(msgspec.Struct, frozen=True):
    """What must outlast a kill: how far the archive is, and what its files hold.

    Attributes:
        stamp: Made anew with every write; the store bears it too, so a store put back from a backup is found.
        before: The stamp before, in case the store was killed before it heard of the new one.
        columns: Digest of the columns of all files.
        as_of: All that was loaded by then is in it; None until it is complete for the first time.
    """

    stamp: str
    before: str
    columns: str
    as_of: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The archive at one instant: every row once. Its files can be read until KEPT_S after they are replaced.

    Attributes:
        files: Table -> files, whose names are never used again; the first is empty and bears the columns.
        as_of: All that was loaded by then is in it, naive UTC.
        is_mixed: Files of an older schema are among them.
        since: While it is written for the first time: days before this one are not all in it yet.
    """

    files: Mapping[str, tuple[Path, ...]]
    as_of: dt.datetime
    is_mixed: bool = False
    since: dt.date | None = None

    @property
    def paths(self) -> list[Path]:
        """All files: what a worker must be allowed to open, and nothing else."""
        return [path for table in self.files.values() for path in table]

    def views(self, *, with_people: bool = False) -> list[View]:
        """Give every table and view over these files, each after those that it stands on.

        Args:
            with_people: Also the columns by which one reader or commenter can be followed, and comment texts.
        """
        named = {table: [str(path) for path in paths] for table, paths in self.files.items()}
        return views.views(named, with_people=with_people, is_mixed=self.is_mixed)


@dataclass(slots=True)
class _Round:
    """What one round did: parts written with the marks that they clear, and what is left."""

    done: list[tuple[Part, int]] = field(default_factory=list)
    waiting: list[Part] = field(default_factory=list)


class Archive:
    """The archive of an open store; `keep` is for one thread, `snapshot` for any."""

    def __init__(self, store: Store, home: Path) -> None:
        """Name the folder; it is neither read nor written before the first `keep`."""
        self.folder = (home / FOLDER).absolute()  # its views are opened from anywhere
        self.waiting = 0
        self._store = store
        self._keeping = threading.Lock()
        self._manifest = _Manifest("", "", "", None)
        self._published: Snapshot | None = None
        self._begun: Snapshot | None = None
        self._current: dict[Part, Path] = {}
        self._replaced: list[tuple[float, Path]] = []
        self._prints: dict[str, tuple[int, str]] = {}
        self._seen = -1
        self._made: list[View] = []
        self._is_open = False

    @property
    def as_of(self) -> dt.datetime | None:
        """Tell up to when it has all that was loaded; None while it is written for the first time."""
        return self._manifest.as_of

    def snapshot(self, *, may_lack_days: bool = False) -> Snapshot:
        """Hand out the archive as it stands.

        Args:
            may_lack_days: While it is written for the first time, the newest days will do.

        Raises:
            StoreError: It is being written for the first time, or anew after a backup was put back.
        """
        found = self._published or (self._begun if may_lack_days else None)
        if found is None:
            raise StoreError(
                _("The archive is being written, {n} files are to come.", n=f"{self.waiting:,}")
                if self.waiting
                else _("The archive is being opened."),
                _("Try again in a moment."),
            )
        return found

    def keep(self, now: dt.datetime, most_s: float = float("inf")) -> int:
        """Bring the archive up to the store.

        Args:
            now: Naive UTC.
            most_s: Begin no other file after so many seconds; the newest come first.

        Returns:
            Files written or removed.

        Raises:
            StoreError: The disk or the store refused; what was written stands, the rest keeps its marks.
        """
        with self._keeping:
            try:
                if not self._is_open:
                    self._open()
                done = self._write_marked(now, time.monotonic() + most_s)
                self._publish(done, now)
            except (OSError, duckdb.IOException) as fault:
                raise StoreError(f"{self.folder} cannot be written: {fault}.", "Check free space.") from fault
            return len(done.done)

    def forget(self) -> None:
        """Remove replaced files at once, not when whoever may read them is done: something was erased."""
        with self._keeping:
            while self._replaced:
                folders.remove(self._replaced.pop()[1])

    # --- opening -------------------------------------------------------------------------------------------

    def _open(self) -> None:
        """See what stands there; what is of another store is removed, of another schema written anew."""
        for name in (folders.MAKING, folders.KEPT, folders.EMPTY):
            folders.empty(self.folder / name)
        self._write_empty()
        known = self._read_manifest()
        if known is None or self._stamp_of_store() not in (known.stamp, known.before):
            known = None
        self._current.clear()
        self._prints.clear()
        self._seen = -1
        for place in list(folders.files(self.folder)):
            part = part_of(place.relative_to(self.folder))
            if known is None or part is None:
                folders.remove(place)
            else:
                self._current[part] = folders.link(place, self.folder, part.folder)
        if known is None or known.columns != _digest():
            with self._store.write([]) as cursor:
                for table in (*EVENTS, *BY_DAY):
                    mark_all(cursor, table)
        self._manifest = known or _Manifest(_stamp(), "", _digest(), None)
        self._published = self._snapshot()
        self._is_open = True

    def _read_manifest(self) -> _Manifest | None:
        try:
            return msgspec.json.decode((self.folder / MANIFEST).read_bytes(), type=_Manifest)
        except (OSError, msgspec.DecodeError):
            return None

    def _stamp_of_store(self) -> str:
        return str(
            self._store.frame("SELECT coalesce(max(stamp), '') AS stamp FROM archive_state")["stamp"][0]
        )

    def _write_empty(self) -> None:
        """Write a file without rows for every table: it bears the columns where there is no other yet."""
        folders.empty(self.folder / folders.EMPTY)
        with self._store.read() as cursor:
            for table in TABLES:
                place = self._empty_of(table)
                place.parent.mkdir(parents=True, exist_ok=True)
                part = Part(table, None if table in WHOLE else _NO_DAY)
                cursor.execute(f"COPY ({part.question()} LIMIT 0) TO {_quoted(place)} (FORMAT parquet)")

    def _empty_of(self, table: str) -> Path:
        part = Part(table, None if table in WHOLE else _NO_DAY)
        return self.folder / folders.EMPTY / part.folder / part.file

    # --- a round -------------------------------------------------------------------------------------------

    def _write_marked(self, now: dt.datetime, until: float) -> _Round:
        self._forget_replaced()
        folders.empty(self.folder / folders.MAKING)  # what a full disk left
        round_ = _Round()
        version = self._store.version
        with self._store.read() as cursor:
            if version != self._seen:
                for table in WHOLE:
                    self._write_if_changed(cursor, table)
            for part, gen in self._to_do(cursor, now):
                if time.monotonic() > until:
                    round_.waiting.append(part)
                    continue
                self._write(cursor, part)
                round_.done.append((part, gen))
        self._seen = version
        return round_

    def _to_do(self, cursor: duckdb.DuckDBPyConnection, now: dt.datetime) -> list[tuple[Part, int]]:
        """List the parts to write with the latest mark of each, the newest days first."""
        marks = cursor.execute(
            "SELECT of_table, begins, max(gen) FROM archive_marks GROUP BY ALL ORDER BY begins"
        ).fetchall()
        found: dict[Part, int] = {}
        for table, begins, gen in marks:
            part = Part(table, begins, is_hour=False)
            if table in EVENTS:
                part = self._sealed(part, now) or Part(table, begins, is_hour=True)
            found[part] = max(gen, found.get(part, 0))
        for part in self._current:
            day = self._sealed(part, now) if part.is_hour else None
            if day is not None:
                found.setdefault(day, 0)
        return sorted(found.items(), key=lambda each: (each[0].begins, each[0].table), reverse=True)

    def _sealed(self, part: Part, now: dt.datetime) -> Part | None:
        """Give the day that an hour belongs to where that day is sealed; once it is, it stays so."""
        if part.begins is None:
            return None
        begins = part.begins.replace(hour=0)
        day = Part(part.table, begins)
        return day if day in self._current or begins + DAY + SEALED_AFTER <= now else None

    def _write_if_changed(self, cursor: duckdb.DuckDBPyConnection, table: str) -> None:
        """Write a small table whole where its rows are others than at the last look."""
        row = cursor.execute(f"SELECT count(*), sum(hash(t))::VARCHAR FROM {table} AS t").fetchone()
        if row is not None and self._prints.get(table) != row:
            self._write(cursor, Part(table))
            self._prints[table] = (row[0], row[1])

    def _write(self, cursor: duckdb.DuckDBPyConnection, part: Part) -> None:
        made, place = folders.fresh(self.folder), self.folder / part.folder / part.file
        hours = [each for each in self._current if each.is_hour and each.folder == part.folder]
        row = cursor.execute(
            f"COPY ({part.question()}) TO {_quoted(made)} (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        if row is None or row[0] == 0:
            made.unlink()
            self._drop(part)
            return
        kept = folders.keep(made, self.folder, part.folder)
        if hours and not part.is_hour:
            folders.put_alone(made, place)
            for hour in hours:
                self._replace(hour, None)
        else:
            folders.put(made, place)
        self._replace(part, kept)

    def _drop(self, part: Part) -> None:
        """Remove a part that has no row left, and the hours of a day."""
        gone = [part] if part.is_hour or part.begins is None else [
            each for each in self._current if each.folder == part.folder
        ]  # fmt: skip
        for each in gone:
            folders.remove(self.folder / each.folder / each.file)
            self._replace(each, None)

    def _replace(self, part: Part, kept: Path | None) -> None:
        before = self._current.pop(part, None)
        if before is not None:
            self._replaced.append((time.monotonic(), before))
        if kept is not None:
            self._current[part] = kept

    def _forget_replaced(self) -> None:
        while self._replaced and self._replaced[0][0] < time.monotonic() - KEPT_S:
            folders.remove(self._replaced.pop(0)[1])

    # --- what is told of it --------------------------------------------------------------------------------

    def _publish(self, done: _Round, now: dt.datetime) -> None:
        """Say what stands now: to those who ask, in the views, in the manifest; then clear the marks."""
        self.waiting = len(done.waiting)
        as_of, columns = self._manifest.as_of, self._manifest.columns
        if not done.waiting:
            as_of, columns = now, _digest()
        elif as_of is not None and all(self._sealed(part, now) for part in done.waiting):
            as_of = now
        is_first = self._manifest.as_of is None
        self._manifest = msgspec.structs.replace(self._manifest, as_of=as_of, columns=columns)
        self._published = self._snapshot()
        self._begun = self._young(done.waiting, now) if self._published is None else None
        self._write_views()
        if done.done or is_first:
            stamp = _stamp()
            self._manifest = msgspec.structs.replace(self._manifest, stamp=stamp, before=self._manifest.stamp)
            folders.write(msgspec.json.encode(self._manifest), self.folder / MANIFEST)
            self._clear(done.done, stamp)

    def _clear(self, done: Iterable[tuple[Part, int]], stamp: str) -> None:
        rows = [
            (part.table, part.begins, part.begins + (HOUR if part.is_hour else DAY), gen)
            for part, gen in done
            if part.begins is not None
        ]
        written = pl.DataFrame(rows, _WRITTEN, orient="row")
        with self._store.write([]) as cursor:  # what was written out is no news to any screen
            cursor.register("written", written)
            cursor.execute(
                """
                DELETE FROM archive_marks AS m USING written AS w
                WHERE m.of_table = w.of_table AND m.begins >= w.begins AND m.begins < w.ends
                    AND m.gen <= w.gen
                """
            )
            cursor.unregister("written")
            cursor.execute("DELETE FROM archive_state")
            cursor.execute("INSERT INTO archive_state VALUES ($stamp)", {"stamp": stamp})

    def _young(self, waiting: list[Part], now: dt.datetime) -> Snapshot | None:
        """Give the newest days once they are whole: parts are written from the newest to the oldest."""
        newest = max(part.begins or _NO_DAY for part in waiting)
        if not all(self._sealed(part, now) for part in waiting):
            return None
        return self._files(now, newest.date() + DAY)

    def _snapshot(self) -> Snapshot | None:
        as_of = self._manifest.as_of
        return self._files(as_of) if as_of is not None else None

    def _files(self, as_of: dt.datetime, since: dt.date | None = None) -> Snapshot:
        files: dict[str, list[Path]] = {table: [self._empty_of(table)] for table in TABLES}
        for part, kept in sorted(self._current.items(), key=lambda each: (each[0].folder, each[0].file)):
            files[part.table].append(kept)
        tables = {table: tuple(paths) for table, paths in files.items()}
        return Snapshot(tables, as_of, self._manifest.columns != _digest(), since)

    def _write_views(self) -> None:
        """Make the file of views anew where other tables have files than before."""
        filled = {part.table for part in self._current}
        files = {
            table: [str(self._empty_of(table)), *([self._pattern(table)] if table in filled else [])]
            for table in TABLES
        }
        made = views.views(files, with_people=True, is_mixed=self._manifest.columns != _digest())
        if made != self._made:
            place = folders.fresh(self.folder)
            views.write(place, made)
            folders.put(place, self.folder / VIEWS)
            self._made = made

    def _pattern(self, table: str) -> str:
        return str(self.folder / (f"{table}.parquet" if table in WHOLE else f"{table}/*/*.parquet"))


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _stamp() -> str:
    return secrets.token_hex(8)


@cache
def _digest() -> str:
    return hashlib.blake2b(repr(schema()).encode(), digest_size=8).hexdigest()
