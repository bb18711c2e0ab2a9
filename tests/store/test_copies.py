"""Copies of the store are whole, whatever goes on beside them."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path

import duckdb
import pytest

from analytics.store import copies
from analytics.store.store import Store


def test_a_copy_is_one_file_whoever_lists_tables_meanwhile(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, ends, beside = copies._counted, list[threading.Timer](), ExitStack()

    def look_too(cursor: duckdb.DuckDBPyConnection) -> dict[str, int]:
        other = beside.enter_context(store.aside())
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM duckdb_tables()").fetchall()
        ends.append(threading.Timer(0.3, other.execute, ["COMMIT"]))
        ends[-1].start()
        return count(cursor)

    (tmp_path / "copy").mkdir()
    file = tmp_path / "copy" / "readers.duckdb"
    with beside, monkeypatch.context() as patched:
        patched.setattr(copies, "_counted", look_too)
        rows = copies.write(store, file)
        left = [each.name for each in file.parent.iterdir()]
        for each in ends:
            each.join()

    assert left == ["readers.duckdb"]
    assert copies.counted(file)[1] == rows
