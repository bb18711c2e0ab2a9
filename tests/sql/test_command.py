"""SQL from a terminal and a notebook: `tearsheet sql`, its shell, and `analytics.connect`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import polars as pl
import pyarrow as pa
import pytest
from rich.console import Console

import analytics
from analytics import config
from analytics.commands import COMMANDS
from analytics.control.identity import DEMO
from analytics.desk import Desk
from analytics.errors import ConfigError, SqlError, TearsheetError, interruptible
from analytics.load import Batch, load
from analytics.sql import shell
from tests.api.desk import asked
from tests.builders import SITE, ZONE, batch, utc
from tests.commands import tearsheet
from tests.newsroom import NOW
from tests.store.test_views import EXAMPLES
from tests.test_worked_example import ARTICLES, BOXES, COMMENTS, ENGAGEMENTS, VIEWS

NOTEBOOK = Path(__file__).parents[2] / "docs" / "notebook.ipynb"
BY_DAY = "SELECT day_local, views FROM daily ORDER BY 1"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the worked example as the home of a demo."""
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def home(place: Path) -> Path:
    """That home, its archive written."""
    folder = place / "tearsheet-demo"
    config.add_site(folder, SITE, ZONE)
    desk = Desk(folder, "test", lambda: utc(NOW))
    filled = batch(*VIEWS, *ENGAGEMENTS, *COMMENTS, *BOXES, *ARTICLES)
    desk.take({table: rows for table, rows in filled.events.items() if isinstance(rows, pl.DataFrame)})
    load(desk.store, Batch(catalogue=filled.catalogue), utc(NOW))
    desk.recount()
    desk.archive.keep(utc(NOW))
    desk.close()
    return folder


# --- the command -------------------------------------------------------------------------------------------


def test_a_table_for_people(home: Path) -> None:
    ran = tearsheet("sql", BY_DAY, home=home)

    assert ran.out.splitlines() == ["day_local   views", "2026-05-05      9", "2026-05-06      1"]
    assert ran.err.startswith("2 rows · ")
    assert "data until 2026-05-06T13:00:00Z" in ran.err


def test_csv_is_guarded_and_json_is_that_of_the_api(home: Path) -> None:
    csv = tearsheet("sql", "SELECT '=1+1' AS x, 2 AS y", "--format", "csv", home=home)
    told = tearsheet(
        "sql", "SELECT $a || $b AS x", "--param", "a=x", "--param", "b=1", "--format", "json", home=home
    )

    assert csv.out.splitlines() == ['"x","y"', '"\'=1+1",2']
    assert (told.json["rows"], told.json["truncated"]) == ([["x1"]], False)


@pytest.mark.parametrize("form", ["parquet", "arrow"])
def test_a_file_is_whole(home: Path, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"days.{form}"
    assert tearsheet("sql", BY_DAY, "--format", form, "--output", file, home=home).code == 0
    rows = pl.read_parquet(file) if form == "parquet" else pl.from_arrow(pa.ipc.open_stream(file).read_all())

    assert isinstance(rows, pl.DataFrame)
    assert rows["views"].to_list() == [9, 1]
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_a_statement_may_stand_in_a_file(home: Path, tmp_path: Path) -> None:
    (tmp_path / "days.sql").write_text(BY_DAY + ";")

    assert "2026-05-06      1" in tearsheet("sql", "-f", tmp_path / "days.sql", home=home).out


def test_a_cut_is_said(home: Path) -> None:
    ran = tearsheet("sql", "SELECT 1 AS x FROM range(10)", "--limit", "3", "--format", "csv", home=home)

    assert ran.out.splitlines() == ['"x"', "1", "1", "1"]
    assert "The first 3 rows, the limit; more exist." in ran.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("SELECT * FROM nothing",), 1, "There is no table nothing."),
        (("DROP TABLE views",), 1, ""),
        (("SELECT $x",), 1, "The parameter $x has no value."),
        (("SELECT 1", "-f", "x.sql"), 2, "A statement and a file were given."),
        (("-f", "/nowhere/x.sql"), 2, "/nowhere/x.sql cannot be read: No such file or directory."),
        (("SELECT 1", "--param", "x"), 2, "--param 'x' is no NAME=VALUE."),
        (("SELECT 1", "-o", "/nowhere/x.csv", "--format", "csv"), 2, "/nowhere/x.csv cannot be written"),
    ],
)
def test_a_refusal_is_a_sentence(home: Path, words: tuple[str, ...], code: int, said: str) -> None:
    ran = tearsheet("sql", *words, home=home)

    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    assert "Traceback" not in ran.err


def test_the_examples_of_the_docs_pass_the_gate(home: Path) -> None:
    desk = Desk(home, "test", lambda: utc(NOW))
    try:
        found = [COMMANDS["sql"](desk, text=question)["rows"] for question in EXAMPLES]
    finally:
        desk.close()

    assert len(found) == len(EXAMPLES)
    assert sum(found) > 50


def test_a_script_is_answered_statement_by_statement(home: Path, tmp_path: Path) -> None:
    script = tmp_path / "days.sql"
    script.write_text(
        "SELECT 1 AS a; -- one\n.schema daily\nSELECT\n  nothing AS b;\n.mode csv\nSELECT 2 AS c"
    )
    ran = tearsheet("sql", "-f", script, home=home)

    assert ran.code == 1
    assert ran.out.startswith("a\n1\n")
    assert "read_rate" in ran.out
    assert ran.out.endswith('"c"\n2\n')
    assert "Line 2, column 3." in ran.err


def test_several_statements_may_be_given_at_once(home: Path) -> None:
    ran = tearsheet("sql", "SELECT 'a;b' AS a; SELECT 2 AS b", "--format", "line", home=home)

    assert (ran.code, ran.out) == (0, "a = a;b\nb = 2\n")


def test_ctrl_c_while_the_engine_works_is_told_as_such() -> None:
    def work(interrupted: BaseException | None) -> None:
        raise RuntimeError("Query interrupted") from interrupted

    with pytest.raises(KeyboardInterrupt), interruptible():
        work(KeyboardInterrupt())
    with pytest.raises(RuntimeError), interruptible():
        work(None)


INTERRUPTED = """
import os, signal, sys, threading
from analytics import door
class Desk: pass
from analytics.commands import COMMANDS
into, out = os.pipe()
def wait(desk):
    def poke():
        for _ in range(100):
            threading.Event().wait(0.1)
            os.kill(os.getpid(), signal.SIGINT)
        os.write(out, b"x")
    threading.Thread(target=poke, daemon=True).start()
    os.read(into, 1)
    return "waited to the end"
COMMANDS["wait"] = wait
try:
    print(door._OwnDoor(Desk()).ask("wait"))
except KeyboardInterrupt:
    print("interrupted")
os._exit(0)
"""


def test_ctrl_c_ends_a_wait_of_a_command_that_runs_here() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, check=True, timeout=90
    )

    assert ran.stdout.strip() == "interrupted"


# --- its shell ---------------------------------------------------------------------------------------------


def _said(*lines: str) -> tuple[list[tuple[str, str]], str]:
    """Type lines; give what was asked and what was noted."""
    typed: list[tuple[str, str]] = []
    notes = Console(file=io.StringIO(), width=200)

    def ask(text: str, form: str, into: Path | None = None) -> None:
        if "refuse" in text:
            raise TearsheetError("No.", "Ask differently.")
        if "interrupt" in text:
            raise KeyboardInterrupt
        typed.append((text, f"{form} into {into.name}" if into else form))

    shell.Shell(ask, notes).run(lines)
    return typed, notes.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO


def test_a_statement_goes_over_lines_and_ends_with_a_semicolon() -> None:
    typed, _ = _said("SELECT 1,", "  2;", "", "SELECT 3;")

    assert typed == [("SELECT 1,\n  2;", "table"), ("SELECT 3;", "table")]


def test_a_shell_goes_on_after_a_refusal_and_an_interruption() -> None:
    typed, said = _said(
        "refuse;", "interrupt;", "SELECT", shell.GIVEN_UP, ".mode csv", "SELECT 1;", ".quit", "SELECT 2;"
    )

    assert typed == [("SELECT 1;", "csv")]
    assert said.splitlines() == ["No. Ask differently.", "Stopped."]


def test_a_shell_tells_what_there_is() -> None:
    _, said = _said(".tables daily", ".schema daily", ".schema dayly", ".mode x", ".what", ".help")

    assert "daily_articles     One row per article and local day" in said
    assert "read_rate            DOUBLE" in said
    assert "There is no table 'dayly'. Did you mean daily?" in said
    assert "There is no form 'x'." in said
    assert "There is no command .what" in said
    assert "semicolon" in said


def test_a_semicolon_ends_a_statement_only_where_it_is_one() -> None:
    typed, _ = _said(
        "SELECT 1; SELECT ';--' AS a; -- note; of it",
        "SELECT 'it''s",
        "-- no note; ' /* nor; ends */ AS b; /* a; note",
        "over lines */ ; ;",
        'SELECT 1 AS "x;', '.tables";',
        "-- a note; alone",
        "SELECT $$;$$, $q$ ;$$ $q$, $a || $b;",
        "-- and one at the end;",
    )  # fmt: skip

    assert [text for text, _form in typed] == [
        "SELECT 1;",
        "SELECT ';--' AS a;",
        "SELECT 'it''s\n-- no note; ' /* nor; ends */ AS b;",
        'SELECT 1 AS "x;\n.tables";',
        "-- a note; alone\nSELECT $$;$$, $q$ ;$$ $q$, $a || $b;",
    ]


def test_the_next_answer_goes_into_a_file_and_statements_come_from_one(tmp_path: Path) -> None:
    script = tmp_path / "two of them.sql"
    script.write_text(f"SELECT 1;\n.mode line\nrefuse;\nSELECT 2;\n.read '{script}'\n.read {tmp_path}/x.sql")
    typed, said = _said(
        ".once days.parquet", "SELECT 0;", ".once", ".once x.doc", f".r '{script}'", ".read 'x", "SELECT 3;"
    )

    assert typed == [
        ("SELECT 0;", "parquet into days.parquet"), ("SELECT 1;", "table"), ("SELECT 2;", "line"),
        ("SELECT 3;", "line"),
    ]  # fmt: skip
    assert said.count("has no ending that is known. Known: .csv, .json, .xlsx, .parquet, .arrow.") == 2
    assert f"{script} reads itself." in said
    assert "x.sql cannot be read: " in said
    assert "No closing quotation. Close the quote." in said


def test_the_tables_are_shown_to_who_asks_as_of_an_engine() -> None:
    typed, said = _said("show tables;", ".t daily_a")

    assert typed == []
    assert said.splitlines()[-1].startswith("daily_articles ")
    assert "comments_created" in said


def test_a_line_for_each_value() -> None:
    answer: shell.Answered = {
        "columns": [{"name": "a", "type": "INTEGER"}, {"name": "long", "type": "VARCHAR"}],
        "rows": [[1, None], [2, "x"]], "row_count": 2, "truncated": False, "elapsed_ms": 7,
        "data_until": "2026-05-06T13:00:00Z",
    }  # fmt: skip

    assert shell.lined(answer).splitlines() == ["   a = 1", "long = —", "", "   a = 2", "long = x"]


def test_words_are_completed() -> None:
    assert shell.completed("daily_a", 0) == "daily_articles"
    assert shell.completed("sel", 0) == "SELECT"
    assert shell.completed("zzz", 0) is None


def test_a_long_table_says_what_it_does_not_show() -> None:
    rows = [[1]] * 150
    answer: shell.Answered = {
        "columns": [{"name": "x", "type": "INTEGER"}], "rows": rows, "row_count": 150, "truncated": True,
        "elapsed_ms": 7, "data_until": "2026-05-06T13:00:00Z",
    }  # fmt: skip

    assert len(shell.drawn(answer, Console(width=80)).splitlines()) == shell.TABLE_ROWS + 1
    assert len(shell.drawn(answer, None).splitlines()) == 151
    assert "the first 100 are shown" in shell.summed(answer)
    assert "cut at the limit, more exist" in shell.summed(answer)


# --- notebooks ---------------------------------------------------------------------------------------------


def test_a_home_is_read_from_its_files(home: Path) -> None:
    newsroom = analytics.connect(home)

    assert newsroom.frame(BY_DAY)["views"].to_list() == [9, 1]
    assert newsroom.sql("FROM daily WHERE views >= $least", least=2).aggregate("count(*)").fetchall() == [
        (1,)
    ]
    assert {"daily", "reads"} <= set(newsroom.tables()["table"])
    assert "engaged_s" in newsroom.columns("views")["column"].to_list()


def test_what_a_notebook_gets_wrong_is_a_sentence(home: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"tearsheet\.duckdb is not there\. A running desk makes it"):
        analytics.connect(tmp_path)
    with pytest.raises(ConfigError, match="wants a key"):
        analytics.connect("http://127.0.0.1:1")
    with pytest.raises(SqlError, match="does not answer"):
        analytics.connect("http://127.0.0.1:1", "key").frame("SELECT 1")
    with pytest.raises(SqlError, match="nothing"):
        analytics.connect(home).frame("FROM nothing")
    with pytest.raises(SqlError, match="There is no table 'x'"):
        analytics.connect(home).columns("x")


def test_a_desk_elsewhere_is_asked_with_a_key(
    tmp_path: Path, empty_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEARSHEET_KEY", "key")
    with asked(tmp_path, empty_file) as served:
        served.identity = DEMO  # whom a key stands for is the gate's affair
        sent = []

        def post(url: str, **more: Any) -> httpx.Response:
            sent.append((url, more["headers"]))
            return served.ask("POST", "/api/v1/sql", json=more["json"])

        monkeypatch.setattr(httpx, "post", post)
        newsroom = analytics.connect("https://stats.news.example/")

        assert newsroom.sql("SELECT $x AS x", x=2).filter("x > 1").fetchall() == [(2,)]
        assert sent[0] == ("https://stats.news.example/api/v1/sql", {"Authorization": "Bearer key"})
        with pytest.warns(UserWarning, match=r"The first \d[\d,]+ rows, the limit; more exist\."):
            newsroom.frame("SELECT 1 AS x FROM range(1100000)")
        with pytest.raises(SqlError, match="There is no table nothing"):
            newsroom.frame("FROM nothing")


def test_the_worked_notebook_runs(place: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)  # no kernel is needed: its cells are plain Python, one after the other
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    names: dict[str, Any] = {}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)  # noqa: S102 our own page

    assert names["daily"]["views"].to_list() == [9, 1]
    assert names["hours"].height > 3


def test_the_core_loads_no_engine_by_itself() -> None:
    script = "import sys, analytics; print({'duckdb', 'polars'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
