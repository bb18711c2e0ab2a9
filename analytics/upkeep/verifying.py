"""Verify a home: its sums against a recount of a copy, its archive against the store."""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from pathlib import Path
from typing import Any

from analytics.jobs import verify as job
from analytics.store import copies
from analytics.store.archive.archive import Archive
from analytics.store.store import FILE, Store

SCRATCH = "verify.new"


def verify(store: Store, archive: Archive, home: Path, now: dt.datetime) -> list[dict[str, Any]]:
    """Compare, in a copy that goes afterwards; the store is not changed.

    Args:
        store: The open store.
        archive: The archive of it.
        home: Folder of the home; the copy needs as much room as the store.
        now: Naive UTC.

    Returns:
        Rows of what (sums or archive), table, rows, missing, extra; all is well where both are 0.

    Raises:
        StoreError: The copy cannot be written, or the archive is not complete.
    """
    scratch = home / f".{secrets.token_hex(3)}-{SCRATCH}"
    for left in home.glob(f".*-{SCRATCH}"):
        shutil.rmtree(left, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        copies.write(store, scratch / FILE)
        copy = Store(scratch)
        try:
            told = {"sums": job.sums(copy, now)}
        finally:
            copy.close()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    archive.keep(now)
    told["archive"] = job.archive(store, archive.snapshot())
    return [
        {"what": what, "table": table, "rows": rows, "missing": missing, "extra": extra}
        for what, found in told.items()
        for table, (rows, missing, extra) in found.items()
    ]
