"""Erasing an article, a reader or a site everywhere in a home, with a receipt of what went and what remains.

Rows go first, then the days are recounted, the store's file is written anew (deleted rows stay in its blocks
until then), the archive follows, queue files that held the rows are dropped, and a fresh backup takes the
place of those that still have them. The receipt never names what was erased: it keeps a keyed hash.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b, md5
from pathlib import Path

import msgspec
import structlog

from analytics import config
from analytics.collect import spool
from analytics.collect.spool import Row
from analytics.control.identity import current
from analytics.errors import TearsheetError, UsageError
from analytics.imports.keys import Place
from analytics.language import _
from analytics.load import erasing
from analytics.load.drain import reached
from analytics.load.erasing import Target
from analytics.store import copies
from analytics.store.store import Store
from analytics.upkeep import backups

FOLDER = "receipts"
PURPOSES = ("reader", "commenter")
HASH_SIGNS = 16
LEAST_SIGNS = 6  # of an id that is looked for in files
PIECE = 8 << 20
OVERLAP = 4096  # longer than any id
ROWS_AT_ONCE = 10_000

log = structlog.get_logger()


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure did.

    Attributes:
        at: When, RFC 3339.
        by: Who asked.
        kind: article, visitor or site.
        site: The site.
        hash: Keyed hash of the id that was given; the id itself is not kept.
        rows: Table -> rows deleted.
        days: Days recounted.
        queue_files: Files of the queue that were dropped.
        queue_waiting: Files of the queue that still hold rows of it: they are being written, and go 48 hours
            after their hour.
        backups_deleted: Backups that were deleted.
        backups_left: Backups from before, which still have it.
        remains: Files of the home in which the id still stands as text; ids of less than 6 signs, which
            stand everywhere, are not looked for.
    """

    at: str
    by: str
    kind: str
    site: str
    hash: str
    rows: dict[str, int]
    days: int
    queue_files: list[str]
    queue_waiting: list[str]
    backups_deleted: list[str]
    backups_left: list[str]
    remains: list[str]


@dataclass(frozen=True, slots=True)
class House:
    """What an erasure works on.

    Attributes:
        store: The open store.
        home: Folder of the home.
        secret: Its lasting secret.
        backups: Where its backups stand.
        recount: Recounts dirty days, and says how many.
        archive: Brings the archive up to date.
        back_up: Makes a backup.
        now: Naive UTC.
    """

    store: Store
    home: Path
    secret: bytes
    backups: Path
    recount: Callable[[], int]
    archive: Callable[[], object]
    back_up: Callable[[], object]
    now: dt.datetime


def visitor(place: Place, name: str) -> Target:
    """Name a reader: by the number in the tables, or by the id that a login, a CMS or an import gave.

    Args:
        place: The site and the lasting secret of the home.
        name: The number, or the id.

    Raises:
        UsageError: It is empty.
    """
    text = name.strip()
    if not text:
        raise UsageError(_("Which reader?"), _("Give the number in the tables, or the id that you sent."))
    hashes = []
    for purpose in PURPOSES:
        live = blake2b(f"{purpose}|{place.site_id}|{text}".encode(), digest_size=8, key=place.secret)
        # Imports hash with MD5 of key and name: analytics/imports/keys.py says why.
        kept = md5(f"{place.key(purpose, place.site_id)}{text}".encode(), usedforsecurity=False)
        hashes += [int.from_bytes(live.digest(), "little"), int(kept.hexdigest()[:HASH_SIGNS], 16)]
    if text.isascii() and text.isdigit() and int(text) < 1 << 64:
        hashes.append(int(text))
    return Target("visitor", place.site_id, people=tuple(hashes))


def erase(house: House, target: Target, name: str, *, with_backups: bool = False) -> Receipt:
    """Erase a target.

    Args:
        house: The open home; its queue has been loaded.
        target: What.
        name: As it was asked for.
        with_backups: Whether backups from before go too, once a fresh one is made.

    Returns:
        The receipt, which also stands in `receipts/` of the home.

    Raises:
        StoreError: The disk refused; nothing, or only rows, were deleted. Erase again.
    """
    rows = erasing.erase(house.store, target)
    days = house.recount()
    house.store.renew(lambda fresh: copies.write(house.store, fresh))
    house.archive()
    dropped, waiting = _from_queue(house, target)
    before = backups.listed(house.backups)
    gone: list[str] = []
    if with_backups:
        house.back_up()
        gone = [each.path.name for each in before]
        backups.delete(before)
    left = [each.path.name for each in before if each.path.exists()]
    receipt = Receipt(
        at=house.now.isoformat(timespec="seconds") + "Z",
        by=current().name or "tearsheet",
        kind=target.kind,
        site=target.site_id if target.kind != "site" else "",
        hash=blake2b(name.encode(), digest_size=16, key=house.secret).hexdigest(),
        rows=rows,
        days=days,
        queue_files=dropped,
        queue_waiting=waiting,
        backups_deleted=gone,
        backups_left=left,
        remains=standing(house.home, name),
    )
    _keep(house, receipt)
    log.info("erased", kind=target.kind, rows=sum(rows.values()), days=days)
    return receipt


def standing(home: Path, name: str) -> list[str]:
    """List the files of a home in which a text still stands; packed files may hide it."""
    if len(name) < LEAST_SIGNS:
        return []
    wanted = re.compile(rb"(?<![A-Za-z0-9])" + re.escape(name.encode()) + rb"(?![A-Za-z0-9])")
    return sorted(
        str(file.relative_to(home)) for file in home.rglob("*") if file.is_file() and _holds(file, wanted)
    )


def _from_queue(house: House, target: Target) -> tuple[list[str], list[str]]:
    """Drop queue files that are wholly loaded and hold rows of the target; the store has their other rows."""
    known = reached(house.store)
    dropped, waiting = [], []
    for file in spool.files(house.home):
        if not any(_is_of(row, target) for row in _rows(file)):
            continue
        if spool.is_sealed(file) and known.get(file.name, 0) >= spool.last_seq(file):
            spool.drop(file)
            dropped.append(file.name)
        else:
            waiting.append(file.name)
    return dropped, waiting


def _rows(file: Path) -> list[Row]:
    rows: list[Row] = []
    try:
        while part := spool.read(file, len(rows), ROWS_AT_ONCE):
            rows += part
    except (OSError, TearsheetError):
        pass  # gone, or damaged: the loader deals with it
    return rows


def _is_of(row: Row, target: Target) -> bool:
    try:
        return target.names(spool.decode(row))
    except (msgspec.DecodeError, KeyError, UnicodeDecodeError):
        return False


def _holds(file: Path, wanted: re.Pattern[bytes]) -> bool:
    """Look for bytes in a file, piece by piece."""
    try:
        with file.open("rb") as opened:
            before = b""
            while piece := opened.read(PIECE):
                if wanted.search(before + piece):
                    return True
                before = piece[-OVERLAP:]
    except OSError:
        return False
    return False


def _keep(house: House, receipt: Receipt) -> None:
    folder = house.home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"erase-{house.now:%Y%m%d-%H%M%S}-{receipt.hash[:6]}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(receipt)))


def check_site_is_gone(described: config.Config, site_id: str) -> None:
    """Refuse to erase a site that the settings still name: it would be made again.

    Raises:
        UsageError: They do.
    """
    if site_id in described.site:
        raise UsageError(
            _('{site_id} still stands in {file}, as [site."{site_id}"].', site_id=site_id, file=config.FILE),
            _("Take its section out, then erase again."),
        )
