"""The demo newsroom in a home of its own: filled once, read on while it is looked at.

A file in the home says which newsroom it holds; another seed, length, generator or form rebuilds it.
"""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import structlog

from analytics import config
from analytics.control.identity import COMMAND, DEMO, acting
from analytics.desk import Desk
from analytics.errors import ConfigError, TearsheetError
from analytics.periods import last_days, local_day
from analytics.queries import library, notes
from analytics.queries.ask import Filter
from analytics.queries.notes import Draft
from dashboards.readers import Readers
from data import demo

FOLDER = Path("tearsheet-demo")
MARK = "demo.json"
CHUNK_DAYS = 12  # what fills a row group of the store goes straight into its file, not into its log first
ONE_DAY = dt.timedelta(days=1)
EVERY_S = 60.0  # where nobody comes, news appears once a minute all the same
FORM = 3  # of the home: another form, such as other settings, is built anew
# The sample site stands on this machine's own names, at any port; moderators sign with a secret of this home.
SETTINGS = """[site."{site}"]
timezone = "{zone}"
name = "{name}"
hosts = ["{site}", "www.{site}", "127.0.0.1", "localhost"]

[site."{site}".widgets]
on = true

[mail]
folder = "mails"
sender = "Tearsheet <stats@{site}>"

[site."{site}".collect]
listings = ["/sample", "/sample/authors/*"]
reader_ids = true
comment_secret = "{secret}"
"""

NOTED_DAYS = 8
DECISIONS = (  # about the most-read of these days: kind, words, how long after publication
    ("lead", "", dt.timedelta(hours=2)),
    ("push", "to all subscribers of the app", dt.timedelta(minutes=40)),
    ("title", "the number first", dt.timedelta(hours=3)),
    ("other", "Linked from the newsletter", dt.timedelta(hours=5)),
)

WATCHED_DAYS = 5
WATCHED: tuple[dict[str, Any], ...] = (
    {"kind": "expected", "metric": "reads", "level": 3, "readings": 2},
    {"kind": "learned", "metric": "reads", "direction": "either", "level": 2, "readings": 2},
    {"kind": "rising"},
    {"kind": "storm", "bound": 40.0},
    {"kind": "backlog", "bound": 60.0},
)

log = structlog.get_logger()


class Held(msgspec.Struct, frozen=True):
    """What a demo home holds: equal means that it can be used again."""

    seed: int
    days: int
    version: int
    first_day: dt.date
    form: int = 1


def prepare(folder: Path, days: int, now: dt.datetime) -> tuple[Held, str]:
    """Make the home of a demo, or find the one that is there.

    Args:
        folder: The home.
        days: Length of the newsroom's past.
        now: Naive UTC; where the data of a new one end.

    Returns:
        What the home holds or will hold, and a sentence where it was rebuilt.

    Raises:
        ConfigError: The folder holds something that is no demo.
    """
    said = ""
    mark = folder / MARK
    if folder.exists() and any(folder.iterdir()):
        if not mark.exists():
            raise ConfigError(f"{folder} is no demo newsroom.", "Choose another folder with --home.")
        held = _read(mark)
        wanted = (demo.SEED, days, demo.VERSION, FORM)
        if held and (held.seed, held.days, held.version, held.form) == wanted:
            return held, ""
        said = f"{folder} holds another demo newsroom and is built anew."
        shutil.rmtree(folder)
    newsroom = demo.Newsroom(demo.SEED, days, now)
    held = Held(demo.SEED, days, demo.VERSION, newsroom.local_days()[0], FORM)
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_bytes(msgspec.json.encode(held))
    settings = SETTINGS.format(site=demo.SITE, zone=demo.ZONE, name=demo.NAME, secret=secrets.token_hex(16))
    (folder / config.FILE).write_text(settings, encoding="utf-8")
    return held, said


class Feeder:
    """Fills the desk in the background up to now, then lets readers come in real time."""

    def __init__(self, desk: Desk, held: Held, address: tuple[str, int] | None = None) -> None:
        """Prepare; nothing happens before `start`.

        Args:
            desk: The open desk.
            held: What its home holds.
            address: Where its collector listens; None: nobody comes after the start.
        """
        self._desk, self._held, self._address = desk, held, address
        self._published = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> None:
        """Begin to fill."""
        self._thread.start()

    def stop(self) -> None:
        """Stop before the next day."""
        self._stopping.set()
        self._thread.join()

    def fill(self) -> dt.datetime:
        """Load and count all days that are not there yet; `desk.progress` tells how far.

        Returns:
            Where the data end now, naive UTC.
        """
        newsroom = self._newsroom()
        days = newsroom.local_days()
        last = self._desk.last_event(demo.SITE)
        missing = [day for day in days if last is None or day >= last.date() - ONE_DAY]
        self._desk.take_catalogue(demo.SITE, newsroom.catalogue())
        chunks = [missing[at : at + CHUNK_DAYS] for at in range(0, len(missing), CHUNK_DAYS)]
        with ThreadPoolExecutor(1) as drawing:  # one core draws the next days while the other loads
            ahead = drawing.submit(_drawn, newsroom, chunks[0])
            for number, chunk in enumerate(chunks):
                if self._stopping.is_set():
                    return newsroom.end
                self._say("Readers come in", number * CHUNK_DAYS, 2 * len(missing))
                frames = ahead.result()
                ahead = drawing.submit(_drawn, newsroom, (chunks[number + 1 :] or [[]])[0])
                self._desk.take(frames)
                log.info("loaded", first=str(chunk[0]), days=len(chunk))
        self._desk.recount(
            progress=lambda done, total: self._say("Days are counted", total + done, 2 * total)
        )
        self._desk.progress = None
        self._note(newsroom.end)
        return newsroom.end

    def _note(self, end: dt.datetime) -> None:
        """Write down a few decisions about what was read most, once, so that the log is not empty."""
        store, period = self._desk.store, last_days(local_day(end, demo.ZONE), NOTED_DAYS, demo.ZONE)
        if notes.notes(store, demo.SITE, period.begins, period.ends):
            return
        found = library.published_in(store, Filter(demo.SITE), period, len(DECISIONS))
        with acting(replace(DEMO, name="The desk")):
            for (kind, text, after), row in zip(DECISIONS, found.to_dicts(), strict=False):
                at = min(row["published_at"] + after, end)
                self._desk.write_note(demo.SITE, Draft(kind, text, at, row["id"]))

    def _say(self, words: str, done: int, total: int) -> None:
        self._desk.progress = (words, done, total)

    def _run(self) -> None:
        try:
            end = self.fill()
            self._report()
            self._watch(end)
            self._desk.start()
            while self._address and not self._stopping.is_set():
                secret = self._desk.described[demo.SITE].collect["comment_secret"]
                Readers(self._address, self._desk.clock, secret, self._stopping).play(end, self._publish)
                if not self._stopping.is_set():  # the machine slept: what is missing comes all at once
                    end = self.fill()
            while not self._stopping.wait(EVERY_S):
                self._publish()
        except TearsheetError as fault:
            log.exception("the demo newsroom stopped")
            self._desk.trouble = str(fault)

    def _report(self) -> None:
        """Make the three ready-made reports, and write the first mail into the folder of the home."""
        office = self._desk.reports
        with acting(COMMAND):
            if not office.listed():
                first, *_ = office.ready_made(demo.SITE, f"desk@{demo.SITE}")
                office.send(first["id"])

    def _watch(self, end: dt.datetime) -> None:
        """Watch what most newsrooms do, and read the last days, so that the history is not empty."""
        alerts = self._desk.alerts
        with acting(COMMAND):
            if alerts.listed():
                return
            for values in WATCHED:
                made = alerts.add(site=demo.SITE, to=[("mail", f"desk@{demo.SITE}")], **values)
                alerts.read_from(made["id"], end - WATCHED_DAYS * ONE_DAY)
            alerts.round()

    def _publish(self) -> None:
        rows = self._newsroom().catalogue()
        if len(rows) != self._published:
            self._desk.take_catalogue(demo.SITE, rows)
            self._published = len(rows)

    def _newsroom(self) -> demo.Newsroom:
        now = self._desk.clock()
        today = demo.Newsroom(demo.SEED, 1, now).local_days()[0]
        return demo.Newsroom(demo.SEED, (today - self._held.first_day).days + 1, now)


def _drawn(newsroom: demo.Newsroom, days: list[dt.date]) -> dict[str, pl.DataFrame]:
    """Draw some days as one batch, since a batch costs a commit."""
    drawn = [newsroom.day(day) for day in days]
    return {table: pl.concat([each[table] for each in drawn]) for table in (drawn[0] if drawn else ())}


def _read(mark: Path) -> Held | None:
    try:
        return msgspec.json.decode(mark.read_bytes(), type=Held)
    except msgspec.DecodeError:
        return None
