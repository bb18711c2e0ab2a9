"""The inbox of a home: prepared batches wait here for whoever owns the home.

A batch is a few Parquet files and a slip, a small JSON file that names them and says where they come
from. The slip comes last, by rename: what has none is no batch. Its position has a random part, so that
a batch whose files outlived its loading is not loaded twice, while the same file imported anew is read
anew, and all its rows turn out as repeated.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
import polars as pl

from analytics.catalog.catalogue import SCHEMAS, Catalogue
from analytics.errors import FileUnreadableError, StoreError, TearsheetError
from analytics.imports.summary import Summary, refused
from analytics.load import REJECT_COLUMNS, Batch, Ledger, load
from analytics.store.store import Store

FOLDER = "inbox"
SUFFIX = ".json"
MEASURES = "measures"  # readings of views that came in the same row: loaded, and not counted as rows
Rejects = list[tuple[int, str, str]]  # line, reason, hash


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """What a batch is. Names of files are without folder.

    Attributes:
        site_id: Site of all rows.
        source: Name of the source.
        sha256: Of the imported file.
        position: Name of the batch for the loader, never used twice.
        summary: Rows read, dropped and rejected.
        tables: Table of events -> Parquet file; also MEASURES.
        catalogue: Frame of a catalogue -> Parquet file.
        rejects: Parquet file of the refused rows; empty where there are none.
    """

    site_id: str
    source: str
    sha256: str
    position: str
    summary: Summary
    tables: dict[str, str] = {}
    catalogue: dict[str, str] = {}
    rejects: str = ""

    @property
    def files(self) -> list[str]:
        """All files but the slip."""
        return [*self.tables.values(), *self.catalogue.values(), *([self.rejects] if self.rejects else [])]


def post(
    home: Path,
    site_id: str,
    source: str,
    sha256: str,
    summary: Summary,
    tables: dict[str, Path],
    catalogue: Catalogue | None,
    rejects: Rejects,
) -> str:
    """Put a prepared batch into the inbox.

    Args:
        home: The home.
        site_id: Site of all rows.
        source: Name of the source.
        sha256: Of the imported file.
        summary: Rows read, dropped, rejected.
        tables: Table -> Parquet file, which is moved.
        catalogue: What the file says of articles.
        rejects: Rows refused.

    Returns:
        Name of the batch.

    Raises:
        StoreError: The disk refused.
    """
    stem = f"{sha256[:12]}-{secrets.token_hex(4)}"
    inbox = home / FOLDER
    frames = {f"catalogue-{name}": getattr(catalogue, name) for name in SCHEMAS} if catalogue else {}
    if rejects:
        frames["rejects"] = _rejects(site_id, source, summary.file, rejects)
    try:
        moved = {name: f"{stem}-{name}.parquet" for name in tables}
        for name, path in tables.items():
            path.replace(inbox / moved[name])
        for name, frame in frames.items():
            frame.write_parquet(inbox / f"{stem}-{name}.parquet")
        slip = Slip(
            site_id=site_id,
            source=source,
            sha256=sha256,
            position=f"import:{source}:{stem}",
            summary=summary,
            tables=moved,
            catalogue={name: f"{stem}-catalogue-{name}.parquet" for name in SCHEMAS} if catalogue else {},
            rejects=f"{stem}-rejects.parquet" if rejects else "",
        )
        fresh = inbox / f"{stem}.new"
        fresh.write_bytes(msgspec.json.encode(slip))
        fresh.replace(inbox / f"{stem}{SUFFIX}")
    except OSError as fault:
        for path in inbox.glob(f"{stem}*"):
            path.unlink(missing_ok=True)
        raise StoreError(
            f"{inbox} cannot take the batches: {fault.strerror or fault}.",
            "Free some space and import again.",
        ) from fault
    return f"{stem}{SUFFIX}"


def waiting(home: Path) -> list[str]:
    """List the batches that nobody has loaded yet, such as those a crash left behind."""
    return sorted(path.name for path in (home / FOLDER).glob(f"*{SUFFIX}"))


def load_inbox(store: Store, home: Path, names: Sequence[str], now: dt.datetime) -> list[Summary]:
    """Load prepared batches and remove their files; each batch stands alone.

    Args:
        store: The open store.
        home: The home.
        names: As `post` gave them.
        now: Naive UTC.

    Returns:
        One summary a batch, in order.
    """
    return [_load_one(store, home / FOLDER, name, now) for name in names]


def _load_one(store: Store, inbox: Path, name: str, now: dt.datetime) -> Summary:
    try:
        slip = _slip(inbox, name)
    except TearsheetError as fault:
        return refused(name, fault)
    try:
        loaded = load(store, _batch(inbox, slip), now)
        if MEASURES in slip.tables:
            # Apart, because they are no rows of the file; a crash in between is made good at the next start.
            load(store, Batch({"engagements": inbox / slip.tables[MEASURES]}, file=slip.position, seq=2), now)
    except TearsheetError as fault:
        _remove(inbox, name, slip)
        return refused(slip.summary.file, fault)
    _remove(inbox, name, slip)
    new = loaded.new
    return msgspec.structs.replace(slip.summary, loaded=new, repeated=slip.summary.good - new)


def _slip(inbox: Path, name: str) -> Slip:
    if Path(name).name != name or not name.endswith(SUFFIX):
        raise FileUnreadableError(f"{name!r} is no batch of the inbox.")
    try:
        slip = msgspec.json.decode((inbox / name).read_bytes(), type=Slip)
    except (OSError, msgspec.DecodeError) as fault:
        raise FileUnreadableError(f"The batch {name} cannot be read.", "Import the file again.") from fault
    if any(Path(file).name != file for file in slip.files):
        raise FileUnreadableError(f"The batch {name} names files outside of the inbox.")
    return slip


def _ledger(slip: Slip) -> Ledger:
    done = slip.summary
    dropped, rejected = sum(done.dropped.values()), sum(done.rejected.values())
    return Ledger(slip.site_id, slip.source, slip.sha256, done.file, done.read, dropped, rejected)


def _batch(inbox: Path, slip: Slip) -> Batch:
    try:
        frames = {name: pl.read_parquet(inbox / file) for name, file in slip.catalogue.items()}
        rejects = pl.read_parquet(inbox / slip.rejects) if slip.rejects else None
    except (OSError, pl.exceptions.PolarsError) as fault:
        raise FileUnreadableError(
            f"The batch of {slip.summary.file} is damaged.", "Import it again."
        ) from fault
    return Batch(
        events={table: inbox / file for table, file in slip.tables.items() if table != MEASURES},
        catalogue=Catalogue(**frames) if frames else None,
        rejects=rejects,
        ledger=_ledger(slip),
        file=slip.position,
        seq=1,
    )


def _rejects(site_id: str, source: str, file: str, rejects: Rejects) -> pl.DataFrame:
    rows = [
        (site_id, f"import:{source}", file, line, reason, digest) for line, reason, digest in sorted(rejects)
    ]
    return pl.DataFrame(rows, REJECT_COLUMNS, orient="row")


def _remove(inbox: Path, name: str, slip: Slip) -> None:
    # The slip first: without it the rest is no batch.
    for file in (name, *slip.files):
        (inbox / file).unlink(missing_ok=True)
