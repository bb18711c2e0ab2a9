"""The one door to analysts' SQL: page, API, command and reports ask here, under the limits of who asks."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from analytics import wording
from analytics.control import queries
from analytics.control.database import Control
from analytics.control.identity import Identity, Role
from analytics.errors import NotAllowedError, SqlError, StoreError, TearsheetError
from analytics.language import _
from analytics.sql import parameters as values
from analytics.sql.gate import LONGEST
from analytics.sql.jobs import Cut, Job, Told, Value, View
from analytics.sql.limits import BY_ROLE, EXPORT_BYTES, EXPORT_ROWS, Limits
from analytics.sql.pool import RUNNING, WAITING, Pool

SCOPE, EXPORT_SCOPE = "sql", "sql:export"
KEPT_ANSWERS = 8  # of 10 MB at most


@dataclass(frozen=True, slots=True)
class TableAbout:
    """A table in words.

    Attributes:
        name: As queries call it.
        about: What a row is.
        columns: Name, type and meaning of each.
        rows: How many there are; None where nobody counted.
    """

    name: str
    about: str
    columns: tuple[tuple[str, str, str], ...]
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """What can be asked at one instant.

    Attributes:
        views: The tables, and what stands behind them.
        until: All that was loaded by then is in it, naive UTC.
        since: While the archive is written for the first time: days before this one may be missing.
    """

    views: Sequence[View]
    until: dt.datetime
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        names: Of its columns; two may be alike.
        types: Of its columns, in the engine's words.
        table: The rows.
        stream: The same as the bytes of an Arrow stream.
        cut: Which limit cut it, `rows` or `bytes`; empty: it is whole.
        limits: That it ran under.
        elapsed_ms: From its arrival in the worker to its last row.
        cpu_s: Processor time of its process.
        until: How fresh the data was, naive UTC.
        since: Days before this one may be missing, the archive is being written; None: none is.
        run_id: Of the audit.
    """

    names: Sequence[str]
    types: Sequence[str]
    table: pa.Table
    stream: bytes
    cut: str
    limits: Limits
    elapsed_ms: float
    cpu_s: float
    until: dt.datetime
    since: dt.date | None
    run_id: str

    def cut_in_words(self) -> str:
        """Say whether anything was cut, and by what."""
        rows = self.table.num_rows
        if self.cut == "rows":
            return _("The first {rows} rows, the limit; more exist.", rows=wording.full(rows))
        if self.cut == "bytes":
            return _(
                "The first {rows} rows: {most} MB is the limit; more exist.",
                rows=wording.full(rows),
                most=wording.full(self.limits.bytes / 1e6),
            )
        return (
            _("All {rows} rows. Nothing was cut.", rows=wording.full(rows))
            if rows != 1
            else _("One row. Nothing was cut.")
        )


class Asking:
    """The door of one desk.

    Attributes:
        threads: Where those who must not wait let a query wait: `loop.run_in_executor(asking.threads, ...)`.
        control: Keeps the audit, and the queries that people save.
        clock: Gives now, naive UTC.
        zones: Gives the zone of each site of the home.
        everybody: Whom everybody is, in a demo.
        turn: Held by what the desk runs by itself: one at a time, so that people find a worker free.
    """

    def __init__(
        self,
        control: Control,
        folder: Path,
        source: Callable[[bool], Source],
        tables: Callable[[bool], Sequence[TableAbout]],
        zones: Callable[[], Mapping[str, str]],
        clock: Callable[[], dt.datetime],
        *,
        everybody: Identity | None = None,
        by_role: Mapping[Role, Limits] = BY_ROLE,
        ended: Callable[[str], object] = lambda _outcome: None,
    ) -> None:
        """Open it; no process is started before the first query.

        Args:
            control: Keeps the audit.
            folder: The archive, all that a worker may read.
            source: Gives what can be asked now; True: with the columns by which one person can be followed.
            tables: Says of that what it is, likewise.
            zones: Gives the zone of each site of the home.
            clock: Gives now, naive UTC.
            everybody: Whom everybody is, in a demo.
            by_role: Limits of each role.
            ended: Told the outcome of every query, for monitors.
        """
        self.threads = ThreadPoolExecutor(RUNNING + WAITING + 2, thread_name_prefix="sql")
        self.control, self.clock, self.everybody = control, clock, everybody
        self.zones = zones
        self.turn = threading.Lock()
        self._source, self._tables = source, tables
        self._by_role, self._ended = by_role, ended
        self._folder = folder
        self._pool: Pool | None = None
        self._latest: dict[str, Answer] = {}
        self._opening = threading.Lock()
        queries.end_broken_runs(control)

    def ask(
        self,
        identity: Identity,
        text: str,
        parameters: Mapping[str, Value] | None = None,
        *,
        site: str = "",
        door: str = "page",
        seconds: float | None = None,
        rows: int | None = None,
        for_file: bool = False,
        by_desk: bool = False,
    ) -> Answer:
        """Ask, and wait for the answer.

        Args:
            identity: Who asks: their limits, their sites, and in the audit their name.
            text: One SELECT, or EXPLAIN of one.
            parameters: Values of its `$name`; `$site` is `site` where it is not given; text with commas
                where it asks for a list.
            site: The site that a page shows.
            door: Where they ask: page, api, command, quack; report, alert, tile.
            seconds: Narrows the limit.
            rows: Likewise.
            for_file: The answer becomes a file, which may hold more than a screen.
            by_desk: The desk runs it for them (`scheduled.run`): beside what they ask themselves, and an
                answer that a limit cuts is an error.

        Raises:
            NotAllowedError: They may ask nothing, or make no file.
            SqlError: The query was refused, stopped or broke; the audit holds the same words.
            StoreError: The archive is not ready. While it is written for the first time, the page alone gets
                the newest days, and `Answer.since` says so.
        """
        limits = self.limits(identity, for_file=for_file).within(seconds, rows)
        given = values.read(text, {**({"site": site} if site else {}), **(parameters or {})})
        run_id = queries.begin_run(self.control, identity, door, text[:LONGEST], given, self.clock())
        outcome, said = "stopped", "The desk ended while it ran."
        spent: list[float] = []
        try:
            answer = self._answer(
                identity,
                text,
                given,
                limits,
                run_id,
                spent,
                by_desk=by_desk,
                may_lack_days=door == "page" and not for_file,  # who reads it sees that it says so
            )
        except SqlError as refusal:
            outcome, said = refusal.code, str(refusal)
            raise
        except TearsheetError as refusal:
            outcome, said = "failed", str(refusal)
            raise
        else:
            outcome, said = "done", ""
            return answer
        finally:
            self._ended(outcome)
            cpu_s = sum(spent) if spent else None
            if outcome == "done":
                queries.end_run(
                    self.control,
                    run_id,
                    outcome,
                    rows=answer.table.num_rows,
                    is_cut=bool(answer.cut),
                    elapsed_ms=answer.elapsed_ms,
                    cpu_s=cpu_s,
                )
            else:
                queries.end_run(self.control, run_id, outcome, said=said, cpu_s=cpu_s)

    def keep(self, identity: Identity, answer: Answer) -> None:
        """Keep the latest answer of somebody, so that it can be drawn in another way without asking again."""
        with self._opening:
            self._latest.pop(_who(identity), None)
            self._latest[_who(identity)] = answer
            while len(self._latest) > KEPT_ANSWERS:
                del self._latest[next(iter(self._latest))]

    def kept(self, identity: Identity, run_id: str) -> Answer | None:
        """Give the answer that was kept of a run; None where it is gone."""
        with self._opening:
            found = self._latest.get(_who(identity))
        return found if found and found.run_id == run_id else None

    def stop(self, identity: Identity) -> bool:
        """End the query that somebody runs; tell whether there was one."""
        return self.pool.stop(_who(identity))

    def warm(self, identity: Identity) -> None:
        """Have a worker made ready for somebody who is about to ask; nothing while the archive is not."""
        with contextlib.suppress(StoreError):
            self.pool.warm(self._seen(identity)[1])

    def is_asking(self, identity: Identity) -> bool:
        """Tell whether a query of theirs runs or waits."""
        return self.pool.is_asking(_who(identity))

    def limits(self, identity: Identity, *, for_file: bool = False) -> Limits:
        """Give the limits of somebody.

        Raises:
            NotAllowedError: They may ask nothing, or make no file.
        """
        allowed = self.sites(identity)
        if identity.kind == "key":
            found = self._by_role[Role.ANALYST]
            if for_file and not all(identity.opens(EXPORT_SCOPE, site) for site in allowed):
                return found
        else:
            role = min((identity.role(site) or Role.VIEWER for site in allowed), default=Role.ANALYST)
            found = self._by_role[max(role, Role.ANALYST)]
        return replace(found, rows=EXPORT_ROWS, bytes=EXPORT_BYTES) if for_file else found

    def sites(self, identity: Identity) -> list[str]:
        """List the sites whose rows somebody may ask.

        Raises:
            NotAllowedError: There is none.
        """
        found = [site for site in self.zones() if _may_ask(identity, site)]
        if not found and identity.kind == "key":
            raise NotAllowedError(
                _("This needs a key with the scope sql."), _("An admin makes one, under Settings.")
            )
        if not found and not (identity.kind == "command" and not self.zones()):
            raise NotAllowedError(
                _("This needs the role of an analyst."), _("An admin gives it, under Settings.")
            )
        return found

    def tables(self, identity: Identity) -> Sequence[TableAbout]:
        """Give what somebody can ask, in words.

        Raises:
            NotAllowedError: They may ask nothing.
        """
        return self._tables(self._with_people(identity, self.sites(identity)))

    def until(self, identity: Identity) -> dt.datetime:
        """Tell up to when all that was loaded can be asked, naive UTC.

        Raises:
            NotAllowedError: They may ask nothing.
            StoreError: The archive is not ready.
        """
        return self.stands(identity).until

    def stands(self, identity: Identity) -> Source:
        """Give what somebody can ask now; raises as `until` does."""
        return self._source(self._with_people(identity, self.sites(identity)))

    @property
    def pool(self) -> Pool:
        """The workers; made when first needed, for most desks are never asked."""
        with self._opening:
            if self._pool is None:
                self._pool = Pool(self._folder)
            return self._pool

    def close(self) -> None:
        """End all that runs."""
        with self._opening:
            if self._pool:
                self._pool.close()
        self.threads.shutdown(wait=True)

    def _answer(
        self,
        identity: Identity,
        text: str,
        given: dict[str, Value],
        limits: Limits,
        run_id: str,
        spent: list[float],
        *,
        by_desk: bool,
        may_lack_days: bool,
    ) -> Answer:
        source, told = self._seen(identity)
        if source.since is not None and not may_lack_days:
            raise StoreError(
                _("The archive is being written. {since}", since=missing(source.since)),
                _("Try again in a moment."),
            )
        job = Job(
            text=text,
            parameters=given,
            views=told.views,
            sites=told.sites,
            seconds=limits.seconds,
            memory_mib=limits.memory_mib,
            rows=limits.rows,
            bytes=limits.bytes,
        )
        who = f"desk for {_who(identity)}" if by_desk else _who(identity)
        ran = self.pool.run(job, who, spent.append)
        if by_desk and ran.done.cut:
            raise _not_whole(ran.done.cut, limits)
        table = _table(ran.stream, ran.done.rows)
        return Answer(
            names=ran.done.names,
            types=ran.done.types,
            table=table,
            stream=ran.stream,
            cut=ran.done.cut,
            limits=limits,
            elapsed_ms=ran.done.elapsed_ms,
            cpu_s=sum(spent),
            until=source.until,
            since=source.since,
            run_id=run_id,
        )

    def _seen(self, identity: Identity) -> tuple[Source, Told]:
        """Give what stands in the archive now, and what of it somebody may see."""
        allowed = self.sites(identity)
        source = self._source(self._with_people(identity, allowed))
        views = list(source.views)
        if identity.kind == "command" or set(allowed) == set(self.zones()):
            return source, Told(views, None)
        # Rows that name no site may be anybody's.
        return source, Told([view for view in views if view.has_sites or not view.files], allowed)

    def _with_people(self, identity: Identity, allowed: Sequence[str]) -> bool:
        return identity.kind != "key" and all(identity.may(Role.ADMIN, site) for site in allowed)


def missing(since: dt.date) -> str:
    """Say which days are missing while the archive is written for the first time."""
    return _("Days before {day} are not all in it yet.", day=wording.day_dated(since))


def _may_ask(identity: Identity, site: str) -> bool:
    return identity.opens(SCOPE, site) if identity.kind == "key" else identity.may(Role.ANALYST, site)


def _who(identity: Identity) -> str:
    return f"{identity.kind}:{identity.id}"


def _not_whole(cut: Cut, limits: Limits) -> SqlError:
    most = wording.counted(limits.rows, "row") if cut == "rows" else f"{limits.bytes / 1e6:.0f} MB"
    return SqlError(
        "too_large",
        _("The query gives more than {most}, the limit.", most=most),
        _("Group it further, or add a LIMIT."),
    )


def _table(stream: bytes, rows: int) -> pa.Table:
    """Read what a worker sent, and believe none of it before it was checked."""
    try:
        table = pa.ipc.open_stream(stream).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as fault:
        raise SqlError(
            "crashed", _("The engine's answer cannot be read."), _("Simplify the query.")
        ) from fault
    if table.num_rows != rows:
        raise SqlError("crashed", _("The engine's answer is not whole."), _("Ask again."))
    return table
