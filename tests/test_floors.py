"""The floors of the house: which room may import which, and where SQL may stand.

The contracts themselves stand in pyproject.toml, each with its reason.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import api

ROOT = Path(__file__).parent.parent
PACKAGES = ("analytics", "dashboards", "data")
ROOMS_WITH_SQL = {"store", "load", "queries", "imports", "jobs", "sql"}
QUEUE = Path("analytics", "collect", "spool.py")  # the queue's own SQLite files
STATEMENT = re.compile(
    r"""^\s*(
        select\s.*\sfrom\s | insert\s+into\s | delete\s+from\s | update\s+\S+\s+set\s |
        create\s+(or\s+replace\s+)?(temp\w*\s+)?(table|view|index|schema|sequence|macro)\s |
        with\s+(recursive\s+)?\w+\s*(\(.*?\))?\s+as\s
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)


def test_every_contract_is_kept() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([lint, "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("package", ["analytics", "dashboards"])
def test_every_room_stands_on_a_floor(package: str) -> None:
    (contract,) = [c for c in _contracts() if c.get("containers") == [package]]
    named = set(re.findall(r"\w+", " ".join(contract["layers"])))

    assert contract["exhaustive"]
    assert {room for room in _rooms(package) if room not in named} == set()


def test_every_contract_gives_its_reason() -> None:
    without = [contract["name"] for contract in _contracts() if "so that" not in str(contract["name"])]

    assert without == []


@pytest.mark.parametrize("package", PACKAGES)
def test_sql_stands_in_its_rooms_only(package: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text.split()[:6]}"
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.relative_to(ROOT / package).with_suffix("").parts[0] not in ROOMS_WITH_SQL
        and path.relative_to(ROOT) != QUEUE
        for line, text in _strings(ast.parse(path.read_text(encoding="utf-8")))
        if STATEMENT.match(text)
    ]

    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        "con.execute('select a from t')",
        'q = """\n  WITH days AS (select 1) select * from days\n"""',
        "q = f'delete from {table} where a = 1'",
        "q = f'SELECT {columns} FROM t'",
        "q = 'insert into t values (1)'",
        "q = 'create or replace view v as select 1'",
        "q = 'update t set a = 1'",
    ],
)
def test_a_statement_is_recognised(source: str) -> None:
    assert any(STATEMENT.match(text) for _, text in _strings(ast.parse(source)))


@pytest.mark.parametrize(
    "source",
    [
        "label = 'Select a section'",
        "label = 'With comments'",
        "label = 'Update the day'",
        "def f():\n    'Create table rows from views, with a sum.'",
        "label = 'Create a view of your own'",
    ],
)
def test_a_sentence_is_no_statement(source: str) -> None:
    assert not any(STATEMENT.match(text) for _, text in _strings(ast.parse(source)))


def _contracts() -> list[dict[str, list[str]]]:
    options: list[dict[str, list[str]]] = api.read_configuration(str(ROOT / "pyproject.toml"))[
        "contracts_options"
    ]
    return options


def _rooms(package: str) -> set[str]:
    folder = ROOT / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    return modules | {path.parent.name for path in folder.glob("*/__init__.py")}


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string that is not a docstring; a gap of an f-string becomes a name."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr(values=parts):
                text = "".join(str(p.value) if isinstance(p, ast.Constant) else "gap" for p in parts)
                yield node.lineno, text
            case ast.Constant(value=str(text)) if id(node) not in docstrings:
                yield node.lineno, text
