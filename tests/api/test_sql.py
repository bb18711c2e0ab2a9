"""Analysts' SQL over HTTP: every status, every format, what is said beside the rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pytest

from analytics.control.identity import DEMO, Identity, Role
from tests.api.desk import Asked, asked
from tests.builders import SITE

TOP = "SELECT article_id, count(*) AS views FROM view_facts GROUP BY 1 ORDER BY 2 DESC, 1"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path_factory.mktemp("sql"), empty_file) as found:
        yield found


@pytest.fixture(autouse=True)
def _as_demo(served: Asked) -> None:
    served.identity = DEMO


def _post(served: Asked, sql: str, accept: str = "*/*", **more: Any) -> httpx.Response:
    return served.ask("POST", "/api/v1/sql", json={"sql": sql, **more}, headers={"accept": accept})


def test_rows_come_as_json_with_types_and_freshness(served: Asked) -> None:
    answer = _post(served, TOP, params={"unused": 1})
    told = answer.json()

    assert answer.status_code == 200, answer.text
    assert told["columns"] == [{"name": "article_id", "type": "VARCHAR"}, {"name": "views", "type": "BIGINT"}]
    assert told["rows"][0] == ["A2", 3]
    assert told["truncated"] is False
    assert answer.headers["x-tearsheet-truncated"] == "false"
    assert answer.headers["x-tearsheet-data-until"] == told["data_until"]
    assert "no-store" in answer.headers["cache-control"]


def test_every_format_gives_the_same_rows(served: Asked) -> None:
    wanted = [tuple(row) for row in _post(served, TOP).json()["rows"]]
    read = csv.reader(io.StringIO(_post(served, TOP, "text/csv").text))
    arrow = _post(served, TOP, "application/vnd.apache.arrow.stream")

    assert list(read)[1:] == [[article or "", str(views)] for article, views in wanted]
    assert pl.read_ipc_stream(arrow.content).rows() == wanted
    assert pl.read_parquet(_post(served, TOP, format="parquet").content).rows() == wanted
    assert _post(served, TOP, format="xlsx").content[:2] == b"PK"


def test_a_limit_narrows_and_says_so(served: Asked) -> None:
    answer = _post(served, TOP, limit=1)

    assert (answer.json()["row_count"], answer.json()["truncated"]) == (1, True)
    assert answer.headers["x-tearsheet-truncated"] == "true"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"sql": "SELECT\n  nothing"}, 400, "sql_error"),
        ({"sql": "SELECT * FROM read_text('/etc/passwd')"}, 403, "not_allowed"),
        ({"sql": "x" * 70_000}, 413, "too_long"),
        (
            {
                "sql": "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a, b) = 1",
                "timeout_s": 0.1,
            },
            422,
            "timeout",
        ),
        ({"sql": "SELECT $from"}, 400, "sql_error"),
        ({"sql": "SELECT 1", "limit": 0}, 400, "bad_limit"),
        ({"sql": 1}, 400, "malformed"),
        ({"sql": "SELECT 1", "format": "pdf"}, 400, "malformed"),
        ({"query": "SELECT 1"}, 400, "malformed"),
        ([], 400, "malformed"),
    ],
)
def test_what_is_refused_says_why(served: Asked, body: Any, status: int, code: str) -> None:
    answer = served.ask("POST", "/api/v1/sql", json=body)

    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    assert answer.json()["message"]


def test_an_error_names_its_line_and_column(served: Asked) -> None:
    told = _post(served, "SELECT\n  nothing").json()

    assert (told["line"], told["column"]) == (2, 3)


def test_who_may_not_ask_is_told_what_is_needed(served: Asked) -> None:
    served.identity = Identity("person", "p", "Editor", {SITE: Role.EDITOR})
    person = _post(served, "SELECT 1")
    served.identity = Identity("key", "k", "reader", scopes=frozenset({"read"}), sites=frozenset({SITE}))
    key = _post(served, "SELECT 1")

    assert (person.status_code, key.status_code) == (403, 403)
    assert "analyst" in person.json()["message"]
    assert "scope sql" in key.json()["message"]


def test_the_schema_tells_tables_columns_and_meanings_without_the_readers_ids(served: Asked) -> None:
    served.identity = Identity("person", "p", "Ana", {SITE: Role.ANALYST, "other.example": Role.ANALYST})
    tables = {table["name"]: table for table in served.get("sql/schema").json()["tables"]}

    assert tables["view_facts"]["about"]
    names = [column["name"] for column in tables["view_facts"]["columns"]]
    assert "engaged_s" in names
    assert "visitor" not in names
    assert _post(served, "SELECT visitor FROM view_facts").json()["error"] == "sql_error"
