"""The demo newsroom in a home of its own: filled once, kept growing while it is looked at.

A file in the home says which newsroom it holds; another seed, length or generator rebuilds it.
"""

from __future__ import annotations

import datetime as dt
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import polars as pl
import structlog

from analytics import config
from analytics.desk import Desk
from analytics.errors import ConfigError, TearsheetError
from data import demo

FOLDER = Path("tearsheet-demo")
MARK = "demo.json"
CHUNK_DAYS = 6
ONE_DAY = dt.timedelta(days=1)
EVERY_S = 60.0  # new readers come in once a minute

log = structlog.get_logger()


class Held(msgspec.Struct, frozen=True):
    """What a demo home holds: equal means that it can be used again."""

    seed: int
    days: int
    version: int
    first_day: dt.date


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
        if held and (held.seed, held.days, held.version) == (demo.SEED, days, demo.VERSION):
            return held, ""
        said = f"{folder} holds another demo newsroom and is built anew."
        shutil.rmtree(folder)
    newsroom = demo.Newsroom(demo.SEED, days, now)
    held = Held(demo.SEED, days, demo.VERSION, newsroom.local_days()[0])
    folder.mkdir(parents=True, exist_ok=True)
    mark.write_bytes(msgspec.json.encode(held))
    config.add_site(folder, demo.SITE, demo.ZONE, demo.NAME, widgets=True)
    return held, said


class Feeder:
    """Fills the desk in the background, then adds what has happened since, once a minute."""

    def __init__(self, desk: Desk, held: Held) -> None:
        """Prepare; nothing happens before `start`."""
        self._desk, self._held = desk, held
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="demo", daemon=True)

    def start(self) -> None:
        """Begin to fill."""
        self._thread.start()

    def stop(self) -> None:
        """Stop before the next day."""
        self._stopping.set()
        self._thread.join()

    def fill(self) -> None:
        """Load and count all days that are not there yet; `desk.progress` tells how far."""
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
                    return
                self._say("Readers come in", number * CHUNK_DAYS, 2 * len(missing))
                frames = ahead.result()
                ahead = drawing.submit(_drawn, newsroom, (chunks[number + 1 :] or [[]])[0])
                self._desk.take(frames)
                log.info("loaded", first=str(chunk[0]), days=len(chunk))
        self._desk.recount(
            progress=lambda done, total: self._say("Days are counted", total + done, 2 * total)
        )
        self._desk.progress = None

    def _say(self, words: str, done: int, total: int) -> None:
        self._desk.progress = (words, done, total)

    def _run(self) -> None:
        try:
            self.fill()
            self._desk.start()
            while not self._stopping.wait(EVERY_S):
                newsroom = self._newsroom()
                self._desk.take_catalogue(demo.SITE, newsroom.catalogue())
                # The day before too: its last minute may have passed since the last round.
                self._desk.take(_drawn(newsroom, newsroom.local_days()[-2:]))
        except TearsheetError as fault:
            log.exception("the demo newsroom stopped")
            self._desk.trouble = str(fault)

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
