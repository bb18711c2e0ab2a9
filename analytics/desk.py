"""The desk: the one process that owns a home. It holds LOCK and the store, and keeps the days counted.

What it can be asked stands in `commands`, what stands in front of its server in `front`.
"""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import structlog

from analytics import config
from analytics.catalog.edits import Edit, Readmit
from analytics.catalog.rows import catalogue_of
from analytics.collect import settings as collecting
from analytics.collect import spool
from analytics.control import audit, keys, queries
from analytics.control.database import Control
from analytics.control.doors import Doors
from analytics.control.identity import COMMAND, DEMO, Role, acting, current, require, require_scope
from analytics.errors import UsageError
from analytics.imports import inbox
from analytics.imports.keys import Place
from analytics.jobs import runner
from analytics.jobs.links import seal
from analytics.jobs.pace import Pace
from analytics.language import Speech, speech
from analytics.load import Batch, Loaded, editing, load, notes, retiring
from analytics.load.drain import Drain, refused
from analytics.load.editing import Edited
from analytics.load.erasing import Target, article
from analytics.meters import Meters
from analytics.periods import local_day
from analytics.queries import corrections, curves, health
from analytics.queries.notes import Draft
from analytics.sql import scheduled
from analytics.sql import source as archived
from analytics.sql.ask import Asking
from analytics.sql.tiles import Tiles
from analytics.store import sites
from analytics.store.archive.archive import FOLDER, Archive
from analytics.store.home import Home, ids_key
from analytics.store.store import Store
from analytics.upkeep import backups, erasing, restoring
from analytics.upkeep.backups import Backup
from analytics.upkeep.erasing import Receipt

if TYPE_CHECKING:
    from analytics.alerts.office import Alerts
    from analytics.reports.office import Office

BEHIND_S = 300  # wire-formats.md F.4: not ready when the loader is more than 5 min behind
LAG_EVERY_S = 1.0  # how often asking for the lag may look at the queue
LOAD_EVERY_S = 0.25  # design.md 3: the loader waits 250 to 1,000 ms
LOOK_S = 1.5  # how often sessions that close are looked for while nothing comes in
PACE_S = 1.0  # docs/decisions/0007: from one recount of the running day to the next, at least so long ...
PACE_SHARE = 4  # ... and over time at most a quarter of one core (docs/decisions/0021) ...
PACE_SAVED_S = 6.0  # ... of which 24 seconds' may be used at once after a pause
ARCHIVE_EVERY_S = 10.0  # half a minute behind at most, with room for a slow disk ...
ARCHIVE_SHARE = 5  # ... and a fifth of one core while much waits ...
FIRST_SHARE = 2  # ... or a half, as long as analysts have nothing to ask at all
ARCHIVE_MOST_S = 1.0  # a reader's cursor is lent so long
ROUND_S = 15  # a report goes out at most so long after it is due
RUNS_KEPT = dt.timedelta(days=400)  # what analysts asked: a year, and time to compare with it
WATCH_S = 30  # an alert is read at most so long after its reading is due
BACKUP_LOOK_S, BACKUP_AGAIN_S = 60.0, 3600.0

log = structlog.get_logger()
Clock = Callable[[], dt.datetime]


class Desk:
    """An open home.

    Attributes:
        home: Folder and lock.
        store: The store.
        control: The control database: people, keys, what they save.
        doors: Who may come in, and how.
        clock: Gives now, naive UTC.
        progress: What long work is going on: words, done, total; None when there is none.
        trouble: The sentence of the last failed recount, until one succeeds.
        stuck: The sentence of the last failed load, until one succeeds.
        archive: The open copy for analysts.
        asking: Their SQL.
        tiles: What their saved queries show on the Overview.
        unkept: The sentence of the last failed write of the archive, until one succeeds.
        meters: What monitors are told.
        described: The sites as tearsheet.toml describes them; settled into the store.
        quack: Whether other DuckDBs may attach it.
    """

    def __init__(self, path: Path, what: str, clock: Clock = config.now) -> None:
        """Take the home, bring its tables in line with its file, and open the store.

        Raises:
            StoreBusyError: Another process owns it.
            ConfigError: Its tearsheet.toml cannot be read.
            StoreError: The store cannot be opened.
        """
        self.clock = clock
        self.progress: tuple[str, int, int] | None = None
        self.trouble = self.stuck = self.unkept = ""
        self.described: Mapping[str, config.Site] = {}
        self.quack = False
        self.home = Home(path, what)
        self._stopping, self._came = threading.Event(), threading.Event()
        self._counting, self._backing = threading.Lock(), threading.Lock()
        self._threads: list[threading.Thread] = []
        self._first: deque[Callable[[], object]] = deque()
        try:
            restoring.finish(path)  # one that was killed while files moved
            self.control = Control(path, config.control_url(config.read(path)))
            try:
                self.store = Store(path)
            except BaseException:
                self.control.close()
                raise
        except BaseException:
            self.home.close()
            raise
        try:
            self.meters = Meters(
                self.lag_s,
                lambda: len(list((path / spool.FOLDER).glob("quarantine/*.db"))),
                self.archive_age_s,
            )
            self.asking = Asking(
                self.control,
                path / FOLDER,
                lambda with_people: archived.of_archive(
                    self.archive.snapshot(may_lack_days=True), with_people=with_people
                ),
                lambda with_people: archived.described(with_people=with_people),
                lambda: {each.site_id: each.zone for each in self.sites()},
                clock,
                everybody=DEMO if what == "demo" else None,
                ended=self.meters.asked,
            )
            self.tiles = Tiles(self.asking)
            described = self.settle()
            self.doors = Doors(
                self.control,
                described.sign_in,
                clock,
                proxies=collecting.read(path).limits.trusted_proxies,
                everybody=DEMO if what == "demo" else None,
                file_keys=described.key,
                tell=self.settle,
                secret=ids_key(path),
            )
            self._lag: tuple[float, float] = (float("-inf"), 0.0)
            self.archive = Archive(self.store, path)
            self._drain = Drain(self.store, path, ids_key(path), self.meters.batch.observe)
            # What a crash left in the inbox is posted and not yet loaded, or loaded and not yet removed.
            inbox.load_inbox(self.store, path, inbox.waiting(path), clock())
        except BaseException:
            self.close()
            raise

    @property
    def is_running(self) -> bool:
        """Tell whether the background work goes on."""
        return bool(self._threads)

    @cached_property
    def reports(self) -> Office:
        """What goes out by itself; made at the first use, for its engines take half a second to import."""
        from analytics.reports.office import Office
        from analytics.reports.send.rounds import Rounds

        rounds = Rounds(
            self.control,
            self.store,
            self.home.path,
            lambda: config.mail(config.read(self.home.path)),
            lambda: (self.doors.settings.address or self.doors.here).rstrip("/"),
            self.clock,
            asking=self.asking,
            speech=self.speech,
            ended=self.meters.reported,
        )
        return Office(rounds)

    @cached_property
    def alerts(self) -> Alerts:
        """What is watched; made at the first use, like reports."""
        from analytics.alerts.asked import of_query
        from analytics.alerts.office import Alerts
        from analytics.alerts.watch import Watch

        watch = Watch(
            self.reports.rounds,
            self.reports.overdue,
            lambda site_id: self.described[site_id].widgets.excluded if site_id in self.described else (),
            self._troubles,
            lambda: bool(self.trouble or self.not_ready()),
            self.home.what == "serve",
            lambda rule: of_query(self.asking, rule),
        )
        return Alerts(watch, self.reports, lambda key: scheduled.chosen(self.asking, current(), key))

    def _troubles(self) -> list[tuple[str, str]]:
        """Name the work of the desk that failed, each with a sentence."""
        failed = (
            ("recount", "Days are not counted", self.trouble),
            ("load", "What comes in waits in the queue", self.stuck),
            ("archive", "The archive that SQL reads is not kept up", self.unkept),
        )
        return [(name, f"{words}: {why}") for name, words, why in failed if why]

    def sites(self) -> list[sites.SiteRow]:
        """List the sites of the home."""
        return sites.sites(self.store)

    @property
    def site_name(self) -> str:
        """Name of the first site, for the frame of the screens."""
        return next((each.name for each in self.sites()), "Tearsheet")

    @property
    def zone(self) -> str:
        """Zone of the first site."""
        return next((each.zone for each in self.sites()), "UTC")

    def counter_metric(self, site_id: str) -> str:
        """Name the metric of a site's public counter."""
        described = self.described.get(site_id)
        return described.counter if described else "views"

    def speech(self, site_id: str) -> Speech:
        """Tell how mails, alerts and widgets of a site speak; of the house: as its first site."""
        described = self.described.get(site_id) or next(iter(self.described.values()), None)
        return described.speech() if described else speech()

    def last_event(self, site_id: str) -> dt.datetime | None:
        """Tell when the latest event of a site happened, naive UTC; None in an empty home."""
        return health.freshness(self.store, site_id, self.clock()).last_event

    def settle(self) -> config.Config:
        """Bring tables and collector in line with tearsheet.toml; not while days are counted: they may move.

        Returns:
            What the file says.

        Raises:
            ConfigError: The file cannot be read.
        """
        described = config.read(self.home.path)
        with self._counting:
            sites.settle(self.store, described, self.clock())
            self._settle_staff(described)
        told = collecting.of_home(described)
        keys_ = (*told.keys, *keys.for_collector(self.control))
        collecting.write(self.home.path, msgspec.structs.replace(told, keys=keys_))
        self.described, self.quack = described.site, described.quack
        return described

    def _settle_staff(self, described: config.Config) -> None:
        """Keep who of the newsroom writes comments, as the hashes that their comments bear."""
        secret = ids_key(self.home.path)
        for site_id, site in described.site.items():
            place = Place(self.home.path, secret, site_id, site.timezone)
            people = {
                hash_ for name in site.staff_commenters for hash_ in erasing.visitor(place, name).people
            }
            sites.settle_staff(self.store, site_id, sorted(people))

    def recount(
        self, *, everything: bool = False, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> int:
        """Recount dirty days now; one recount at a time.

        Returns:
            Days recounted.
        """
        with self._counting:
            return runner.run_all(self.store, self.clock(), everything=everything, progress=progress)

    def load_queue(self) -> int:
        """Load one batch of every file of the queue that has more; for one thread at a time.

        Returns:
            Rows taken; 0 when it is empty.
        """
        began = time.perf_counter()
        taken = self._drain.once(self.clock())
        if taken:
            self.meters.ran("load", time.perf_counter() - began)
        return taken

    def lag_s(self) -> float:
        """Tell how many seconds the oldest queued event has waited to be loaded; 0 where none waits."""
        looked, _ = self._lag
        now = time.monotonic()
        if now - looked >= LAG_EVERY_S:
            since = self._drain.waiting_since()
            self._lag = now, max((self.clock() - since).total_seconds(), 0.0) if since else 0.0
        return self._lag[1]

    def archive_age_s(self) -> float:
        """Tell how many seconds the archive is behind; not a number before it is complete."""
        as_of = self.archive.as_of
        return (self.clock() - as_of).total_seconds() if as_of else float("nan")

    def not_ready(self) -> str:
        """Say why others should not be sent here; empty where all is well."""
        return "loader_behind" if self.lag_s() > BEHIND_S else ""

    def take(self, events: Mapping[str, pl.DataFrame]) -> Loaded:
        """Load frames of events, by table; repeats are dropped."""
        return load(self.store, Batch(events=events), self.clock())

    def take_catalogue(self, site_id: str, rows: Iterable[object]) -> Loaded:
        """Load article rows as they stand in wire-formats.md D.1.

        Raises:
            ConfigError: There is no such site.
            UsageError: A row was refused; none was loaded.
        """
        now = self.clock()
        catalogue, refused = catalogue_of(rows, site_id, sites.site(self.store, site_id).zone, now)
        if refused:
            raise UsageError(f"{len(refused)} article rows were refused, the first: {refused[0].errors}.")
        return load(self.store, Batch(catalogue=catalogue), now)

    def write_note(self, site_id: str, draft: Draft, note_id: str = "") -> str:
        """Write an editorial note in the name of who asks, or correct the one of that id.

        Returns:
            The id of the note.

        Raises:
            NotAllowedError: Only editors write notes.
            UsageError: The note says nothing that can be kept.
        """
        who = require_scope("notes", site_id)
        if not note_id:
            return notes.add(self.store, site_id, draft, who.name, self.clock())
        notes.change(self.store, site_id, note_id, draft, self.clock())
        return note_id

    def remove_note(self, site_id: str, note_id: str) -> str:
        """Take an editorial note back; gives its id.

        Raises:
            NotAllowedError: Only editors write notes.
            UsageError: There is no such note.
        """
        require_scope("notes", site_id)
        notes.remove(self.store, site_id, note_id, self.clock())
        return note_id

    def correct(self, site_id: str, wanted: Edit) -> Edited:
        """Make a correction in the name of who asks; its days are recounted in the background.

        Raises:
            NotAllowedError: Editors correct the catalogue; what counts at all is an admin's.
            UsageError: It cannot be made; nothing was.
        """
        who = require(Role.ADMIN if isinstance(wanted, Readmit) else Role.EDITOR, site_id)
        zone = sites.site(self.store, site_id).zone
        done = editing.correct(self.store, site_id, zone, wanted, who.name, self.clock())
        return self._corrected(done, "corrected", site_id)

    def undo(self, site_id: str, edit_id: str) -> Edited:
        """Take a correction back in the name of who asks.

        Raises:
            NotAllowedError: Only editors do, and only admins what changes which events count.
            UsageError: It does not stand.
        """
        who = require(Role.EDITOR, site_id)
        if corrections.kind(self.store, site_id, edit_id) == "readmit":
            require(Role.ADMIN, site_id)
        zone = sites.site(self.store, site_id).zone
        done = editing.undo(self.store, site_id, zone, edit_id, who.name, self.clock())
        return self._corrected(done, "undone", site_id)

    def _corrected(self, done: Edited, action: str, site_id: str) -> Edited:
        with self.control.write() as connection:
            audit.record(connection, self.clock(), f"catalogue.{action}", done.words, site_id)
        self._came.set()
        return done

    def start(self) -> None:
        """Keep loading what is collected, days counted and the archive written, until `close`."""
        jobs = (
            self._keep_counting,
            self._keep_loading,
            self._keep_archive,
            self._keep_backups,
            self._keep_reports,
        )
        for work in jobs:
            self._threads.append(
                threading.Thread(target=acting(COMMAND)(work), name=work.__name__, daemon=True)
            )
            self._threads[-1].start()

    def make_ready(self, *works: Callable[[], object]) -> None:
        """Have what the first reader needs done once, in the background, after the first recount."""
        self._first.extend(works)

    def close(self) -> None:
        """Stop the background work, close the store, give the home back."""
        self._stopping.set()
        self._came.set()
        for thread in self._threads:
            thread.join()
        if "asking" in vars(self):  # not where the control database refused at the start
            self.asking.close()
        self.store.close()
        self.control.close()
        self.home.close()

    def _keep_counting(self) -> None:
        pause, pace = 0.0, Pace(PACE_S, PACE_SHARE, PACE_SAVED_S)
        while not self._stopping.wait(pause):
            # New events wake it at once; a session that closes is seen when the wait is over.
            self._came.wait(LOOK_S)
            self._came.clear()
            if self._stopping.is_set():
                return
            began, worked, took = time.perf_counter(), time.thread_time(), 0.0
            try:
                if self.recount():
                    # What is waited for is no work, and what the screens are told beside it no recount.
                    took = time.thread_time() - worked
                    self.meters.ran("recount", time.perf_counter() - began)
                self._measure()
                for site in self.sites():
                    curves.warm(self.store, site.site_id, site.zone, self.clock())
                self.trouble = ""
            except Exception as fault:  # the edge of a job: the last good numbers stay
                log.exception("recount failed")
                self.meters.failed("recount")
                self.trouble = str(fault)
                took = time.thread_time() - worked
            # Where nothing was due there is nothing to rest from: the next event is counted at once.
            pause = pace.rest(took, began, time.perf_counter()) if took else 0.0
            self._make_ready()  # once, and no part of what recounts may take

    def _make_ready(self) -> None:
        while self._first and not self._stopping.is_set():
            try:
                self._first.popleft()()
            except Exception:  # the edge of a job: who asks first waits, or is told
                log.exception("making ready failed")

    def _keep_reports(self) -> None:
        """Wake the rounds of reports: what is due is theirs to say, and what was missed too."""
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(timezone=dt.UTC)
        scheduler.add_job(acting(COMMAND)(self._round), "interval", seconds=ROUND_S, coalesce=True)
        scheduler.add_job(acting(COMMAND)(self._watch), "interval", seconds=WATCH_S, coalesce=True)
        self.reports.rounds.recover()
        scheduler.start()
        self._stopping.wait()
        scheduler.shutdown()

    def _round(self) -> None:
        began = time.perf_counter()
        try:
            if self.reports.rounds.round():
                self.meters.ran("reports", time.perf_counter() - began)
        except Exception:  # the edge of a job: the outbox waits for the next round
            log.exception("round of reports failed")
            self.meters.failed("reports")

    def _watch(self) -> None:
        began = time.perf_counter()
        try:
            if self.alerts.round():
                self.meters.ran("alerts", time.perf_counter() - began)
        except Exception:  # the edge of a job: what was not read is read by the next round
            log.exception("round of alerts failed")
            self.meters.failed("alerts")

    def backup(self, folder: Path | None = None, keep: int | None = None) -> Backup:
        """Make a backup now, then delete the oldest beyond those that are kept; one at a time.

        Args:
            folder: Where it goes; None: where the settings say.
            keep: How many are kept there; None: what the settings say.

        Raises:
            StoreError: It cannot be made.
        """
        wanted = config.read(self.home.path).backups
        place = folder or wanted.place(self.home.path)
        with self._backing:
            began = time.perf_counter()
            made = backups.make(self.store, self.home.path, place, self.clock())
            self.meters.ran("backup", time.perf_counter() - began)
            backups.prune(place, keep or wanted.keep)
        return made

    def erase(self, kind: str, name: str, site_name: str | None, *, with_backups: bool = False) -> Receipt:
        """Erase an article, a reader or a site everywhere; what waits in the queue is loaded first.

        Args:
            kind: article, visitor or site.
            name: Its id; of a site its domain.
            site_name: Site of the article or reader; may be None where there is one.
            with_backups: Whether backups from before go too.

        Raises:
            UsageError: There is no such article, or the site still stands in the settings.
            StoreError: The disk refused.
        """
        wanted = config.read(self.home.path)
        if kind == "site":
            erasing.check_site_is_gone(wanted, name)
            target = Target("site", name)
        else:
            site_id = sites.site(self.store, site_name).site_id
            place = Place(self.home.path, ids_key(self.home.path), site_id, "UTC")
            target = erasing.visitor(place, name) if kind == "visitor" else article(self.store, site_id, name)
        if not self.is_running:
            while self.load_queue():
                pass
        receipt = erasing.erase(
            erasing.House(
                self.store,
                self.home.path,
                ids_key(self.home.path),
                wanted.backups.place(self.home.path),
                self.recount,
                self._archive_anew,
                self.backup,
                self.clock(),
            ),
            target,
            name,
            with_backups=with_backups,
        )
        with self.control.write(is_quiet=True) as connection:
            told = f"{kind}, receipt {receipt.hash[:6]}"  # what was erased is named nowhere
            audit.record(connection, self.clock(), "erased", told, receipt.site)
        return receipt

    def retire(
        self, *, check: bool = False, of: Mapping[str, config.Site] | None = None
    ) -> dict[str, dict[str, int]]:
        """Delete what is older than the settings of its site keep it.

        Args:
            check: Only count what would go.
            of: Other settings of sites than those of the file.

        Returns:
            Site -> table -> rows; only what has any.
        """
        do = retiring.due if check else retiring.retire
        found = {}
        for site_id, described in (of or config.read(self.home.path).site).items():
            today = local_day(self.clock(), described.timezone)
            with self._counting:
                rows = do(self.store, site_id, described.retention, today) if described.retention else {}
            if rows:
                found[site_id] = rows
        return found

    def _archive_anew(self) -> None:
        self.archive.keep(self.clock())
        self.archive.forget()

    def _keep_backups(self) -> None:
        """Make the backup of the day when its hour has come, let old rows go; what fails is tried again."""
        pause = BACKUP_LOOK_S
        retired: dt.date | None = None
        while self.home.what == "serve" and not self._stopping.wait(pause):
            pause = BACKUP_LOOK_S
            try:
                wanted = config.read(self.home.path).backups
                newest = next(iter(backups.listed(wanted.place(self.home.path))), None)
                if backups.is_due(wanted, newest.made_at if newest else None, self.zone, self.clock()):
                    self.backup()
                day = local_day(self.clock(), self.zone)
                if day != retired:
                    self.retire()
                    queries.forget_runs(self.control, self.clock() - RUNS_KEPT)
                    retired = day
            except Exception:  # the edge of a job
                log.exception("backup failed")
                self.meters.failed("backup")
                pause = BACKUP_AGAIN_S

    def _measure(self) -> None:
        self.meters.bad.set(refused(self.store))
        self.meters.dirty.set(health.dirty_hours(self.store))

    def _keep_loading(self) -> None:
        """Empty the queue: at once while there is more, else a few times a second."""
        while not self._stopping.is_set():
            try:
                taken = self.load_queue()
                if not taken:
                    self._drain.tidy(self.clock())
                self.stuck = ""
            except Exception as fault:  # the edge of a job: nothing is lost, the queue waits
                log.exception("loading failed")
                self.meters.failed("load")
                self.stuck = str(fault)
                taken = 0
            if taken:
                self._came.set()
            else:
                self._stopping.wait(LOAD_EVERY_S)

    def _keep_archive(self) -> None:
        """Seal old days, write what is marked: a file is begun for a second at most, then comes a pause."""
        pause = 0.0
        while not self._stopping.wait(pause):
            began = time.perf_counter()
            try:
                seal(self.store, self.clock())
                if self.archive.keep(self.clock(), ARCHIVE_MOST_S):
                    self.meters.ran("archive", time.perf_counter() - began)
                self.unkept = ""
            except Exception as fault:  # the edge of a job: what stood stands, the marks stay
                log.exception("archive not written")
                self.meters.failed("archive")
                self.unkept = str(fault)
            took = time.perf_counter() - began
            least = 0.0 if self.archive.waiting else ARCHIVE_EVERY_S - took
            share = ARCHIVE_SHARE if self.archive.as_of else FIRST_SHARE
            pause = max(least, (share - 1) * took)
