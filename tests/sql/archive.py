"""A small archive for the tests of analysts' SQL: two sites, thirty days, files nobody may write."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import duckdb

from analytics.sql.ask import Source, TableAbout
from analytics.sql.jobs import View

SITES = ("news.example", "other.example")
UNTIL = dt.datetime(2026, 5, 6, 13, 0)
ROWS = 20_000


def make(folder: Path) -> None:
    """Write the files."""
    site = f"['{SITES[0]}', '{SITES[1]}'][1 + i % 2] AS site_id"
    for table, question in {
        "reads": f"""SELECT i AS read_no, {site}, DATE '2026-04-07' + (i % 30)::INTEGER AS day_local,
            TIMESTAMP '2026-04-07' + INTERVAL (i) MINUTE AS read_at, 'a-' || i % 40 AS article_id,
            ['politics', 'sport', 'culture'][1 + i % 3] AS section, (i * 37 % 180)::DOUBLE AS engaged_s
            FROM range({ROWS}) r(i)""",
        "articles": f"""SELECT 'a-' || i AS article_id, {site}, 'Story ' || i AS title,
            {{'words': 300 + i}} AS size, ['x', 'y'] AS topics, '{{"kind": "news"}}'::JSON AS props
            FROM range(40) r(i)""",
        "secrets": "SELECT 'not for analysts' AS secret",
    }.items():
        file = folder / f"{table}.parquet"
        duckdb.execute(f"COPY ({question}) TO '{file}' (FORMAT parquet)")
        file.chmod(0o444)


TABLES = (TableAbout("reads", "One row a read.", (("read_no", "BIGINT", "Its number."),)),)


def source(folder: Path) -> Source:
    """Name what may be asked; `secrets.parquet` lies beside it and is not."""
    files = {table: str(folder / f"{table}.parquet") for table in ("reads", "articles")}
    views = [
        view
        for table, file in files.items()
        for view in (
            View(
                name=table,
                schema="stored",
                sql=f"SELECT * FROM read_parquet(['{file}'])",
                files=(file,),
                has_sites=True,
            ),
            View(name=table, sql=f"FROM stored.{table}"),
        )
    ]
    return Source(views=views, until=UNTIL)


def digest(folder: Path) -> dict[str, str]:
    """Say what every file of a folder holds, so that any change shows."""
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())}
