"""Jobs that raise, a loader that is behind, and a second start on one home."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from analytics import desk as desk_room
from analytics.collect import spool
from analytics.collect.app import create_collector
from analytics.control.identity import COMMAND
from analytics.desk import Desk
from analytics.errors import StoreError
from analytics.jobs import runner
from tests.builders import utc
from tests.collect.client import Client, Clock, body
from tests.faults.processes import Machine, get, make_home, meter, wait_until

WAIT_S = 30.0


@pytest.fixture
def clock() -> Clock:
    return Clock(utc("2026-11-22 10:00"))


@pytest.fixture
def desk(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(desk_room, "PACE_S", 0.02)
    monkeypatch.setattr(desk_room, "LOOK_S", 0.02)
    monkeypatch.setattr(desk_room, "LAG_EVERY_S", 0.0)
    opened = Desk(make_home(tmp_path), "serve", clock)
    yield opened
    opened.close()


@pytest.fixture
def client(desk: Desk, clock: Clock) -> Iterator[Client]:
    """What readers and monitors see of the desk."""
    app = create_collector(
        desk.home.path,
        clock,
        environ={"TEARSHEET_RESERVE_MB": "0"},
        trouble=desk.not_ready,
        meters=desk.meters.text,
    )
    opened = Client(app, desk.home.path, clock)
    yield opened
    app.close()
    opened.runner.close()


def counted(desk: Desk, table: str) -> int:
    return desk.store.frame(f"FROM {table}").height


def test_a_job_that_raises_leaves_the_last_good_numbers_and_the_loader_goes_on(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> int:
        raise ZeroDivisionError("of all things")

    desk.start()
    client.post(body())
    wait_until(lambda: counted(desk, "view_facts") == 1, WAIT_S, "the first view is counted")
    with monkeypatch.context() as patched:
        patched.setattr(runner, "run_all", broken)
        client.post(body(id="7f0c5a52-52a7-4d0f-9a55-1f7f5f0f2a11", pv="Zk3_9QpLx0aVb1Td"))
        wait_until(lambda: desk.trouble != "", WAIT_S, "the desk says so")
        wait_until(lambda: counted(desk, "page_views") == 2, WAIT_S, "the loader goes on")
        assert (1, "of all things") == (counted(desk, "view_facts"), desk.trouble)
        assert b'tearsheet_job_failures_total{job="recount"}' in desk.meters.text()
    wait_until(lambda: counted(desk, "view_facts") == 2, WAIT_S, "the next run heals")
    wait_until(lambda: desk.trouble == "", WAIT_S, "and says nothing any more")


def test_a_loader_that_raises_says_so_until_it_loads_again(
    desk: Desk, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> int:
        raise StoreError("the disk is full")

    client.post(body())
    with monkeypatch.context() as patched:
        patched.setattr(desk._drain, "once", full)
        desk.start()
        wait_until(lambda: desk.stuck == "the disk is full", WAIT_S, "the desk says so")
    wait_until(lambda: desk.stuck == "" and counted(desk, "page_views") == 1, WAIT_S, "loaded")


def ready(client: Client) -> tuple[int, bytes]:
    found = client.ask("GET", "/readyz")
    return found.status, found.body


def test_a_loader_five_minutes_behind_is_not_ready(desk: Desk, client: Client, clock: Clock) -> None:
    client.post(body())
    clock.move(minutes=5)
    assert (200, b"ok") == ready(client)
    clock.move(seconds=1)
    assert (503, b"loader_behind") == ready(client)
    assert 301 == desk.lag_s()
    assert 202 == client.post(body()).status, "events are taken all the same"

    while desk.load_queue():
        pass
    assert (0, (200, b"ok")) == (desk.lag_s(), ready(client))


def test_the_lag_is_that_of_the_next_event_and_needs_no_store(
    desk: Desk, client: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(body())
    clock.move(minutes=2)
    while desk.load_queue():
        pass
    client.post(body(id="7f0c5a52-52a7-4d0f-9a55-1f7f5f0f2a11", pv="Zk3_9QpLx0aVb1Td"))
    clock.move(minutes=1)
    monkeypatch.setattr(desk.store, "read", None)

    assert 60 == desk.lag_s()


def test_monitors_are_told_how_the_desk_is(desk: Desk, client: Client) -> None:
    client.post(body())
    desk.load_queue()
    quarantine = spool.folder_of(desk.home.path) / spool.QUARANTINE
    quarantine.mkdir()
    (quarantine / "q-c1-2026112210-aa.db").touch()
    desk._measure()
    with pytest.raises(StoreError):  # no archive yet
        desk.asking.ask(COMMAND, "SELECT 1", door="command")
    told = client.ask("GET", "/metrics", peer="127.0.0.1").body.decode()

    for line in (
        "tearsheet_loader_lag_seconds 0.0",
        "tearsheet_loader_batch_rows_sum 1.0",
        "tearsheet_bad_events_total 0.0",
        "tearsheet_dirty_hours 1.0",
        'tearsheet_job_seconds_count{job="load"} 1.0',
        "tearsheet_spool_quarantined_files 1.0",
        'tearsheet_sql_queries_total{outcome="failed"} 1.0',
        'tearsheet_events_total{format="tearsheet",outcome="accepted",reason=""} 1.0',
    ):
        assert f"{line}\n" in told, line


def test_a_second_desk_is_refused_in_a_sentence(processes: Machine) -> None:
    first = processes.serve()
    port = first.port()
    second = processes.ask("serve", "--port", "0")

    assert (1, False) == (second.returncode, "Traceback" in second.stderr)
    assert f"is open in process {first.process.pid} (tearsheet serve)" in second.stderr
    assert (200, "ok") == get(port, "/readyz")
    assert 0 == meter(port, "loader_lag_seconds")


def test_two_collectors_of_one_home_have_files_of_their_own(processes: Machine, home: Path) -> None:
    """Both name their worker alike; a name of a file is never used twice."""
    both = [processes.collect() for _ in range(2)]
    ports = [each.port() for each in both]

    assert ports[0] != ports[1]
    assert [(200, "ok")] * 2 == [get(port, "/readyz") for port in ports]
    assert 2 == len(spool.files(home))
    for each in both:
        each.stop()
    assert [] == spool.files(home), "nothing came, nothing stays"
