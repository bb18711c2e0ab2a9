from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from sqlalchemy import select

from analytics.control import queries
from analytics.control.database import Control
from analytics.control.identity import COMMAND, DEMO, Identity, Role
from analytics.errors import NotAllowedError, SqlError
from analytics.exports import guarded
from analytics.sql import formats
from analytics.sql.ask import Answer, Asking
from tests.sql import archive

ANALYST = Identity("person", "p1", "Ana", dict.fromkeys(archive.SITES, Role.ANALYST))
OF_ONE_SITE = Identity("person", "p2", "Bo", {"other.example": Role.ANALYST, "news.example": Role.EDITOR})
EDITOR = Identity("person", "p3", "Cy", dict.fromkeys(archive.SITES, Role.EDITOR))
KEY = Identity("key", "k1", "notebook", scopes=frozenset({"sql"}), sites=frozenset({"news.example"}))
EXPORT_KEY = Identity(
    "key", "k2", "loader", scopes=frozenset({"sql", "sql:export"}), sites=frozenset(archive.SITES)
)


@pytest.fixture
def audit(tmp_path: Path) -> Control:
    """The control database of `asking`, opened beside it."""
    return Control(tmp_path)


def _json(answer: Answer) -> dict[str, object]:
    told: dict[str, object] = json.loads(formats.as_json(answer))
    return told


def test_an_answer_says_its_types_its_freshness_and_that_it_is_whole(asking: Asking, audit: Control) -> None:
    answer = asking.ask(ANALYST, "SELECT $site AS site, 1 AS n", site="news.example")

    assert _json(answer) | {"elapsed_ms": 0} == {
        "columns": [{"name": "site", "type": "VARCHAR"}, {"name": "n", "type": "INTEGER"}],
        "rows": [["news.example", 1]],
        "row_count": 1,
        "truncated": False,
        "elapsed_ms": 0,
        "data_until": "2026-05-06T13:00:00Z",
    }
    assert answer.cut_in_words() == "One row. Nothing was cut."
    (run,) = queries.runs(audit, ANALYST, archive.SITES)
    assert (run.text, run.outcome, run.rows, run.actor_name) == (
        "SELECT $site AS site, 1 AS n",
        "done",
        1,
        "Ana",
    )


def test_every_statement_is_audited_and_a_refused_one_with_its_sentence(
    asking: Asking, audit: Control
) -> None:
    for statement, outcome in {"DROP VIEW reads": "not_allowed", "SELEC 1": "sql_error"}.items():
        with pytest.raises(SqlError) as refusal:
            asking.ask(ANALYST, statement, door="api")
        run = next(each for each in queries.runs(audit, ANALYST, archive.SITES) if each.text == statement)

        assert (run.outcome, run.said, run.door) == (outcome, str(refusal.value), "api")
    assert queries.runs(audit, OF_ONE_SITE, archive.SITES) == []
    assert len(queries.runs(audit, DEMO, archive.SITES)) == 2


def test_the_audit_stands_before_the_process_starts(
    asking: Asking, audit: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_job: object, _who: str, _spent: object) -> None:
        with audit.read() as connection:
            assert connection.execute(select(queries.sql_runs.c.outcome)).scalars().all() == ["running"]
        raise SqlError("crashed", "It broke.")

    monkeypatch.setattr(asking.pool, "run", broken)
    with pytest.raises(SqlError):
        asking.ask(ANALYST, "SELECT 1")

    assert queries.end_broken_runs(audit) == 0
    assert queries.runs(audit, ANALYST, archive.SITES)[0].outcome == "crashed"


def test_each_sees_the_rows_of_their_sites(asking: Asking) -> None:
    statement = "SELECT DISTINCT site_id FROM reads ORDER BY 1"
    seen = {
        who.name: asking.ask(who, statement).table.column(0).to_pylist()
        for who in (ANALYST, OF_ONE_SITE, KEY, COMMAND)
    }

    assert seen == {
        "Ana": list(archive.SITES),
        "Bo": ["other.example"],
        "notebook": ["news.example"],
        "tearsheet": list(archive.SITES),
    }


def test_who_is_no_analyst_is_told_who_can_change_that(asking: Asking) -> None:
    with pytest.raises(NotAllowedError, match="role of an analyst"):
        asking.ask(EDITOR, "SELECT 1")
    with pytest.raises(NotAllowedError, match="scope sql"):
        asking.ask(
            Identity("key", "k9", "reader", scopes=frozenset({"read"}), sites=frozenset(archive.SITES)),
            "SELECT 1",
        )


def test_limits_follow_the_role_and_can_only_be_narrowed(asking: Asking) -> None:
    assert asking.limits(ANALYST).in_words() == "one SELECT · 10 s · 10,000 rows or 10 MB · 512 MB of memory"
    assert (asking.limits(DEMO).seconds, asking.limits(DEMO).memory_mib) == (30, 1024)
    assert asking.limits(ANALYST, for_file=True).rows == 1_000_000
    assert asking.limits(EXPORT_KEY, for_file=True).rows == 1_000_000
    assert asking.limits(KEY, for_file=True).rows == 10_000
    narrowed = asking.limits(ANALYST).within(1000, 5)
    assert (narrowed.seconds, narrowed.rows) == (10, 5)


def test_truncation_is_said_in_words_and_in_json(asking: Asking) -> None:
    answer = asking.ask(ANALYST, "SELECT read_no FROM reads", rows=7)

    assert answer.cut_in_words() == "The first 7 rows, the limit; more exist."
    assert _json(answer)["truncated"] is True


TYPES = """SELECT 9007199254740993 AS big, 5::HUGEINT AS huge, 1.50::DECIMAL(9, 2) AS price,
'nan'::DOUBLE AS nan, 'inf'::FLOAT AS inf, TIMESTAMP '2026-05-01 10:00:00.5' AS at,
TIMESTAMPTZ '2026-05-01 10:00:00+02' AS zoned, TIMESTAMP_NS '2026-05-01 10:00:00.123456789' AS nanos,
DATE '2026-05-01' AS day, TIME '10:00' AS hour, 'ab'::BLOB AS bytes, [1, 2] AS list,
{'a': 1, 'b': [DATE '2026-05-01']} AS struct, MAP {'k': 1} AS map, INTERVAL 1 DAY AS span, NULL AS none,
uuid '00000000-0000-0000-0000-000000000001' AS id, '{"a": 1}'::JSON AS json, true AS yes,
'a'::ENUM ('a', 'b') AS kind, TIMESTAMP '294000-01-01' AS far, DATE 'infinity' AS never"""


def test_json_keeps_every_value_as_programs_can_read_it(asking: Asking) -> None:
    answer = _json(asking.ask(ANALYST, TYPES))
    row = dict(zip([column["name"] for column in answer["columns"]], answer["rows"][0], strict=True))  # type: ignore[attr-defined, index]

    assert row.pop("never") is not None
    assert "out of range" in str(row.pop("far"))
    assert row == {
        "big": "9007199254740993",
        "huge": "5",
        "price": "1.50",
        "nan": None,
        "inf": None,
        "at": "2026-05-01T10:00:00.500000Z",
        "zoned": "2026-05-01T08:00:00Z",
        "nanos": "2026-05-01T10:00:00.123456Z",
        "day": "2026-05-01",
        "hour": "10:00:00",
        "bytes": "YWI=",
        "list": [1, 2],
        "struct": {"a": 1, "b": ["2026-05-01"]},
        "map": {"k": 1},
        "span": "P0M1DT0S",
        "none": None,
        "id": "00000000-0000-0000-0000-000000000001",
        "json": '{"a": 1}',
        "yes": True,
        "kind": "a",
    }


def test_text_with_commas_is_a_list_where_the_query_asks_for_one(asking: Asking) -> None:
    text = "SELECT count(*) AS n FROM reads WHERE section IN $sections AND section = ANY($sections)"
    typed = asking.ask(DEMO, text, {"sections": "politics, sport"}).table["n"][0].as_py()
    sent = asking.ask(DEMO, text, {"sections": ["politics", "sport"]}).table["n"][0].as_py()
    alone = asking.ask(DEMO, "SELECT 'a, b' IN ($x) AS same", {"x": "a, b"}).table["same"][0].as_py()

    assert typed == sent > 0
    assert alone is True


@pytest.mark.parametrize("form", formats.FORMATS)
def test_every_format_takes_every_type_and_names_that_are_alike(asking: Asking, form: formats.Form) -> None:
    answer = asking.ask(ANALYST, f"SELECT *, 1 AS big, 2 AS big FROM ({TYPES})")

    assert len(formats.FORMATS[form][0](answer)) > 100


def test_cells_that_a_spreadsheet_would_run_are_defused_as_in_every_other_export(asking: Asking) -> None:
    cells = [
        "=1+1",
        "+1",
        "-1.5",
        "-x",
        "@a",
        "|b",
        "%c",
        "\tx",
        "\rx",
        "1",
        "a=1",
        "",
        "+",
        "'",
        '"q",',
        "\n=1",
    ]
    answer = asking.ask(ANALYST, 'SELECT unnest($cells) AS "=head"', {"cells": list(cells)})

    read = list(csv.reader(io.StringIO(formats.as_csv(answer).decode(), newline="")))
    assert [cell for (cell,) in read] == [guarded(cell) for cell in ["=head", *cells]]
    sheet = zipfile.ZipFile(io.BytesIO(formats.as_xlsx(answer)))
    assert b"<f>" not in sheet.read("xl/worksheets/sheet1.xml")
    assert pa.ipc.open_stream(formats.as_arrow(answer)).read_all().column(0).to_pylist() == cells
    assert pl.read_parquet(formats.as_parquet(answer)).to_series().to_list() == cells
