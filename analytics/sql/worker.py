"""A query's process: give up everything, answer one query, end.

Started by the pool as `python -I -m analytics.sql.worker FOLDER EMPTY USER` with pipes on 0 and 1. It says
when it is ready and waits; a spare has done all but the query.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from analytics.sql import confine


def main() -> None:
    """Be a worker."""
    folder, empty, user = sys.argv[1:4]
    stand_back = confine.stand_back()
    becomes = int(user) if user != "-" else None
    alone = confine.leave_network(becomes)
    # The engine starts a thread when it is imported, and a process with threads cannot enter a user
    # namespace.
    from analytics.sql.run import run  # noqa: PLC0415

    said = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    heard = os.fdopen(os.dup(0), "rb", buffering=0)
    run(
        said,
        heard,
        lambda: confine.confine(Path(folder), Path(empty), becomes) | alone,
        confine.limit,
        stand_back,
    )
    said.flush()
    os._exit(0)  # nothing is left to tidy, and tidying the engine takes time


if __name__ == "__main__":
    main()
