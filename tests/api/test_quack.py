"""The Quack door, asked by a real DuckDB: what it gives, what it refuses, what ends with its client."""

from __future__ import annotations

import datetime as dt
import importlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import duckdb
import httpx
import pyarrow as pa
import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as some

from analytics import config
from analytics.api.quack import MOST_BYTES, Quack
from analytics.control import keys, queries
from analytics.sql.quack import binary, messages
from analytics.sql.quack.messages import Kind
from tests.api.desk import OTHER, Asked, asked
from tests.builders import SITE, utc
from tests.newsroom import NOW

ENDLESS = "SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE hash(a.range, b.range) = 1"
OF_EVERY_TYPE = """
SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 'text ' || i END AS t, i % 2 = 0 AS b, NULL AS nothing,
    NULL::DATE AS n, CASE WHEN i % 7 > 0 THEN [i, NULL][1:i % 4] END AS l, [i, NULL]::BIGINT[2] AS ar,
    CASE WHEN i % 5 > 0 THEN {'a': i, 'b': CASE WHEN i % 2 = 0 THEN 'é' || i END} END AS s,
    MAP {'k' || i: [i]} AS m, ('a' || i)::BLOB AS bl, 'b'::ENUM('a', 'b') AS e,
    CASE WHEN i % 4 > 0 THEN (i / 7)::DECIMAL(9, 3) END AS d9, (i / 3)::DECIMAL(4, 1) AS d4,
    i::DECIMAL(18, 2) AS d18, i::DECIMAL(38, 4) AS d38, i::HUGEINT * 100000000000000000000 AS h,
    TIMESTAMP '2026-05-01 10:00:00.123456' + to_days(i::INT) AS at,
    TIMESTAMPTZ '2026-05-01 10:00:00+00' AS z, DATE '2026-05-01' - i::INT AS day, TIME '10:00:01' AS ti,
    to_days(i::INT) AS iv, i::FLOAT AS f, i::DOUBLE AS g, i::UTINYINT AS u, (i % 100)::TINYINT AS ty
FROM range(200) r(i) WHERE i % 11 <> 3"""
REFUSED = {
    "FROM desk.query($$SELECT * FROM read_text('/etc/passwd')$$)": "may not be called here",
    "FROM desk.query('SELECT * FROM duckdb_secrets()')": "may not be called here",
    "FROM desk.query('SET threads = 9')": "Only one SELECT is run at a time.",
    "FROM desk.query('SELEC 1')": "Syntax error",
    "DROP VIEW desk.daily": "Only one SELECT is run at a time.",
}
HUNDRED_YEARS = dt.timedelta(days=36_500)


class House:
    """A desk with the door, the address that it listens at, and its keys."""

    def __init__(self, served: Asked, port: int) -> None:
        self.asked, self.desk, self.at = served, served.desk, f"127.0.0.1:{port}"
        self.keys = {"analyst": self.key("ana", "sql"), "loader": self.key("loader", "sql", "sql:export")}

    def key(self, name: str, *scopes: str) -> str:
        until = utc(NOW) + HUNDRED_YEARS
        return keys.add(self.desk.control, name, scopes, [], [SITE, OTHER], utc(NOW), until)

    def attached(self, key: str) -> duckdb.DuckDBPyConnection:
        client = duckdb.connect()
        for name in ("httpfs", "quack"):
            folder = Path(str(importlib.import_module(f"duckdb_extension_{name}").__file__)).parent
            client.execute(f"LOAD '{folder}/extensions/v{duckdb.__version__}/{name}.duckdb_extension'")
        client.execute(f"CREATE SECRET (TYPE quack, TOKEN '{key}')")
        client.execute(f"ATTACH 'quack:{self.at}' AS desk (DISABLE_SSL true)")
        return client

    def post(self, body: bytes, **headers: str) -> httpx.Response:
        return httpx.post(f"http://{self.at}/quack", content=body, headers=headers, timeout=60)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[House]:
    with asked(tmp_path_factory.mktemp("quack"), empty_file) as served:
        served.desk.quack = True
        server = uvicorn.Server(
            uvicorn.Config(Quack(served.desk, served), ws="none", lifespan="off", log_level="warning")
        )
        with socket.socket() as place:
            place.bind(("127.0.0.1", 0))
            running = threading.Thread(target=server.run, kwargs={"sockets": [place]})
            running.start()
            _until(lambda: server.started)
            yield House(served, place.getsockname()[1])
            server.should_exit = True
            running.join()


def _refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(duckdb.Error) as refusal:
        ask()
    return str(refusal.value)


def _until(is_so: Callable[[], bool]) -> None:
    ends = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.01)


def test_a_duckdb_attaches_the_desk_and_asks_it(house: House) -> None:
    with house.attached(house.keys["analyst"]) as client:
        by_view = client.execute("SELECT views FROM desk.daily ORDER BY day_local DESC").fetchall()
        at_the_desk = client.execute(
            "FROM desk.query('SELECT sum(views)::BIGINT AS n FROM daily')"
        ).fetchall()
        transaction = client.begin().execute("SELECT count(*) FROM desk.authors").fetchall()
        client.commit()

    assert at_the_desk == [(sum(row[0] for row in by_view),)]
    assert transaction != []
    runs = queries.runs(house.desk.control, house.asked.identity, [SITE, OTHER])
    assert ("quack", "ana") in {(run.door, run.actor_name) for run in runs}


def test_every_type_arrives_as_it_was(house: House) -> None:
    with duckdb.connect() as bare, house.attached(house.keys["analyst"]) as client:
        told = client.execute(f"FROM desk.query($${OF_EVERY_TYPE}$$)").to_arrow_table()
        empty = client.execute("FROM desk.query('SELECT 1 AS a WHERE false')").fetchall()

        assert told.to_pylist() == bare.execute(OF_EVERY_TYPE).to_arrow_table().to_pylist()
    assert empty == []


def test_the_rows_of_many_messages_are_all_there(house: House) -> None:
    with house.attached(house.keys["loader"]) as client:
        found = client.execute(
            "SELECT count(*), sum(i) FROM desk.query('SELECT range AS i FROM range(20000)')"
        )

        assert found.fetchone() == (20_000, 199_990_000)


def test_what_would_be_cut_is_refused_with_what_to_do(house: House) -> None:
    with house.attached(house.keys["analyst"]) as client:
        said = _refusal(lambda: client.execute("FROM desk.query('SELECT range AS i FROM range(20000)')"))

    assert "The first 10,000 rows, the limit; more exist." in said
    assert "Let the desk add up" in said


def test_the_gate_is_that_of_every_door(house: House) -> None:
    with house.attached(house.keys["analyst"]) as client:
        found = {statement: _refusal(partial(client.execute, statement)) for statement in REFUSED}

    assert [each for each, said in REFUSED.items() if said not in found[each]] == []


def test_nobody_comes_in_without_a_key_for_sql_and_none_stays_that_was_taken_back(house: House) -> None:
    reader, lost = house.key("reader", "read"), house.key("lost", "sql")
    with house.attached(lost) as client:
        keys.revoke(house.desk.control, "lost", utc(NOW))

        assert "not known any more" in _refusal(lambda: client.execute("FROM desk.query('SELECT 1')"))
        assert "This connection is over" in _refusal(lambda: client.execute("FROM desk.query('SELECT 1')"))
    assert "scope sql" in _refusal(lambda: house.attached(reader))
    assert "This key is not known" in _refusal(lambda: house.attached("made-up"))


def test_a_query_ends_with_its_client(house: House) -> None:
    key = house.key("leaving", "sql")
    ana = keys.identity_of(house.desk.control, key, utc(NOW))
    assert ana is not None
    head = binary.field(1, binary.number(Kind.CONNECT)) + binary.field(3, binary.number(0)) + binary.END
    answer = house.post(head + binary.field(1, binary.text(key)) + binary.END)
    reader = binary.Reader(answer.content)
    assert (reader.field(), reader.number(), reader.field()) == (1, Kind.CONNECTED, 2)
    session = binary.field(2, binary.text(reader.text()))
    head = binary.field(1, binary.number(Kind.ASK)) + session + binary.END
    body = head + binary.field(1, binary.text(ENDLESS)) + binary.END
    host, port = house.at.split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            b"POST /quack HTTP/1.1\r\nHost: desk\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
        )
        _until(lambda: house.desk.asking.is_asking(ana))
    _until(lambda: not house.desk.asking.is_asking(ana))

    (run,) = [
        run
        for run in queries.runs(house.desk.control, house.asked.identity, [SITE, OTHER])
        if run.actor_name == "leaving"
    ]
    _until(lambda: queries.runs(house.desk.control, ana, [SITE, OTHER])[0].outcome != "running")
    assert run.text == ENDLESS


def test_what_is_no_message_of_it_is_refused_in_words(house: House) -> None:
    assert house.post(b"not a message").status_code == 400
    assert house.post(b"x" * (MOST_BYTES + 1)).status_code == 413
    assert house.post(b"", origin="https://other.example").status_code == 405
    assert httpx.get(f"http://{house.at}/quack").status_code == 405


def test_the_door_is_closed_until_the_house_opens_it(house: House, tmp_path: Path) -> None:
    shut = Asked(house.desk, house.asked.ticks)
    shut.api = Quack(SimpleNamespace(quack=False), shut.api)  # type: ignore[assignment]
    (tmp_path / "tearsheet.toml").write_text("quack = true", encoding="utf-8")

    closed = shut.ask("POST", "/quack", content=b"")

    assert closed.status_code == 404
    assert "quack = true" in closed.text
    assert config.read(tmp_path).quack
    assert not config.Config().quack


@given(some.binary(max_size=200))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        found = messages.read(body)
    except ValueError:
        return

    assert isinstance(found.kind, int)


@given(some.integers(0, 2**64 - 1), some.text())
def test_what_is_written_is_read(value: int, words: str) -> None:
    reader = binary.Reader(binary.field(7, binary.number(value)) + binary.text(words) + binary.END)

    assert (reader.field(), reader.number(), reader.text(), reader.field()) == (7, value, words, None)


def test_an_answer_is_a_whole_message_whatever_its_rows() -> None:
    for rows in (0, 1, 2048, 2049, 5000):
        table = pa.table({"a": pa.array(range(rows), pa.int64())})

        assert messages.answer(["a"], table).count(b"\1" + binary.field(300, b"")) == -(-rows // 2048)
