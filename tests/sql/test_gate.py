from __future__ import annotations

import sys

import duckdb
import pytest

from analytics.errors import SqlError
from analytics.sql import gate
from tests.sql.hostile import FORBIDDEN, HONEST

EXPOSED = {"reads", "articles"}
REFUSED = {"not_allowed", "sql_error", "too_long"}


@pytest.fixture(autouse=True)
def _room_for_trees() -> object:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10_000)
    yield
    sys.setrecursionlimit(before)


def _refusal(parser: duckdb.DuckDBPyConnection, statement: str) -> SqlError | None:
    try:
        gate.check(parser, statement, EXPOSED)
    except SqlError as refusal:
        return refusal
    return None


def test_the_list_is_long() -> None:
    assert sum(map(len, FORBIDDEN.values())) >= 325


@pytest.mark.parametrize("kind", FORBIDDEN)
def test_every_hostile_statement_is_refused_in_a_sentence(
    parser: duckdb.DuckDBPyConnection, kind: str
) -> None:
    refusals = {statement: _refusal(parser, statement) for statement in FORBIDDEN[kind]}

    assert [statement[:80] for statement, refusal in refusals.items() if refusal is None] == []
    for refusal in refusals.values():
        assert refusal is not None
        assert refusal.code in REFUSED
        assert refusal.message.endswith((".", "…", "!", "?"))
        assert "SET max" not in refusal.message


@pytest.mark.parametrize("statement", HONEST)
def test_honest_questions_pass(parser: duckdb.DuckDBPyConnection, statement: str) -> None:
    approved = gate.check(parser, statement, EXPOSED)

    assert approved.tables <= EXPOSED


@pytest.mark.parametrize(
    ("statement", "code", "said", "place"),
    [
        ("SELECT 1,\n  current_setting('x')", "not_allowed", "reads settings", (2, 3)),
        ("SELECT 'é', read_text('x')", "not_allowed", "reads files", (1, 13)),
        ("SELECT *\nFROM read", "sql_error", "There is no table read. Did you mean reads?", (2, 6)),
        ("SELECT sumn(1)", "sql_error", "There is no function sumn(). Did you mean sum?", (1, 8)),
        ("SELEC 1", "sql_error", 'Syntax error at or near "SELEC".', (1, 1)),
        ("EXPLAIN SELECT *\nFROM nowhere", "sql_error", "There is no table nowhere.", (2, 6)),
        ("DROP VIEW reads", "not_allowed", "DROP changes tables", (1, 1)),
        ("PIVOT reads ON section", "not_allowed", "FROM (PIVOT", (1, 1)),
        ("SELECT * FROM stored.reads", "not_allowed", "stored.reads is no table of the archive.", (1, 15)),
        ("SELECT * FROM 'x.parquet'", "not_allowed", "x.parquet would read a file.", (1, 15)),
    ],
)
def test_a_refusal_says_what_and_where(
    parser: duckdb.DuckDBPyConnection, statement: str, code: str, said: str, place: tuple[int, int]
) -> None:
    refusal = _refusal(parser, statement)

    assert refusal is not None
    assert refusal.code == code
    assert said in str(refusal)
    assert (refusal.line, refusal.column) == place


def test_parameters_and_tables_are_found(parser: duckdb.DuckDBPyConnection) -> None:
    approved = gate.check(parser, "SELECT $site, title FROM Articles WHERE words > $least -- $no\n", EXPOSED)

    assert approved.parameters == {"site", "least"}
    assert approved.tables == {"articles"}


def test_every_function_of_the_engine_has_been_decided() -> None:
    with duckdb.connect(":memory:") as engine:
        found = engine.execute(
            "SELECT DISTINCT lower(function_name), "
            "if(function_type IN ('table', 'table_macro'), 'table', 'value') FROM duckdb_functions() "
            "WHERE function_type <> 'pragma'"
        ).fetchall()

    undecided = sorted(set(found) - gate.functions().keys())
    gone = sorted(gate.functions().keys() - set(found) - {("unnest", "value")})
    assert (undecided, gone) == ([], []), "decide in data/sql/functions.csv"


def test_a_refused_function_says_what_it_does() -> None:
    assert all(not why or len(why.split()) > 1 for why in gate.functions().values())
    refused = {name for (name, _), why in gate.functions().items() if why}
    assert refused >= {
        "read_text",
        "query",
        "current_setting",
        "sleep_ms",
        "nextval",
        "duckdb_settings",
        "glob",
    }
