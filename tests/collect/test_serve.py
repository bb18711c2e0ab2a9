"""Real processes on loopback: `tearsheet collect` from start to end, slow senders, kills, what stays."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from analytics.collect import http as doors
from analytics.collect import protocol, serve, settings, spool
from analytics.collect.app import create_collector
from analytics.desk import Desk
from tests.collect.client import PHONE, body, comment, engagement
from tests.collect.conftest import settings_with

ADDRESS = "81.16.254.77"
SECRETS = ("OneOfAKind/7.7", ADDRESS, "cookie-of-mine", "token-of-mine", "reader-of-mine", "writer-of-mine")
COMMAND = (sys.executable, "-m", "tests.collect.tearsheet")
AGENT = PHONE.replace("Version/17.0", f"Version/17.0 {SECRETS[0]}")


@dataclass(slots=True)
class Running:
    """A running command and what it has said so far."""

    process: subprocess.Popen[str]
    said: str = ""

    def port(self) -> int:
        """Wait until it listens."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if found := re.search(r"Collecting: http://\S+:(\d+)", line):
                return int(found[1])
        raise AssertionError(f"it ended before it listened: {self.said}")

    def stop(self) -> str:
        """End it as an operator does, and give all that it said."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        assert 0 == self.process.wait(timeout=20)
        return self.said


@contextmanager
def collecting(home: Path, *options: str, **environ: str) -> Iterator[tuple[Running, int]]:
    """The command, running; ends with it."""
    process = subprocess.Popen(
        [*COMMAND, "--home", str(home), "collect", "--port", "0", *options],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"TEARSHEET_VISITOR_RATE": "0", "TEARSHEET_TRUSTED_PROXIES": "127.0.0.1"} | environ,
    )
    try:
        running = Running(process)
        yield running, running.port()
    finally:
        process.kill()
        process.wait()
        if process.stderr is not None:
            process.stderr.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    settings.write(folder, settings_with(reader_ids=True))
    (folder / "tearsheet.toml").write_text('[site."news.example"]\ntimezone = "Asia/Tbilisi"\n')
    return folder


def post(port: int, what: Any, path: str = "/api/event", **headers: str) -> int:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        known = {"User-Agent": AGENT, "Content-Type": "text/plain", "X-Forwarded-For": ADDRESS}
        connection.request("POST", path, msgspec.json.encode(what), known | headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status


def rows(home: Path) -> list[spool.Row]:
    return [row for file in spool.files(home) for row in spool.read(file, 0, 1_000_000)]


def test_it_takes_events_with_neither_engine_nor_screens_and_leaves_nobody_named(home: Path) -> None:
    with collecting(home, PYTHONPROFILEIMPORTTIME="1") as (command, port):
        statuses = [
            post(
                port,
                body(rid="reader-of-mine", r="https://x.example/?t=token-of-mine"),
                Cookie="a=cookie-of-mine",
            ),
            post(
                port,
                engagement(u="https://news.example/a/b?session=token-of-mine"),
                Authorization="Bearer token-of-mine",
            ),
            post(port, comment(commenter="writer-of-mine")),
            post(port, body(u=7, rid="reader-of-mine")),
            post(port, body(), **{"User-Agent": f"Googlebot/2.1 {SECRETS[0]}"}),
            post(port, body(u="https://elsewhere.example/?token-of-mine")),
        ]
        said = command.stop()

    assert [202, 202, 202, 400, 202, 202] == statuses
    assert 5 == len(rows(home))
    assert 1 == len(spool.sealed(home))
    assert "uvicorn" in said
    loaded = set(re.findall(r"\|\s+(duckdb|polars|dash|plotly|pyarrow|fastapi)\b", said))
    assert set() == loaded
    everything = [said.encode(), *_counted_home(home)]
    assert [] == [secret for secret in SECRETS for data in everything if secret.encode() in data]


def _counted_home(home: Path) -> list[bytes]:
    """Let a desk load, count and archive what was queued; gives what every file then holds."""
    desk = Desk(home, "test")
    try:
        while desk.load_queue():
            pass
        desk.recount()
        desk.archive.keep(desk.clock())

        assert 1 == desk.store.frame("SELECT count(*) AS n FROM page_views").item()
        return [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    finally:
        desk.close()


def test_several_workers_share_the_port_and_each_seals_its_file(home: Path) -> None:
    with collecting(home, "--workers", "2") as (command, port):
        _until_answered(port)
        statuses = {post(port, body(id=str(uuid.uuid4()))) for _ in range(40)}
        command.stop()

    assert {202} == statuses
    assert 40 == len(rows(home))
    assert spool.files(home) == spool.sealed(home)


def test_a_taken_port_is_said_in_a_sentence(home: Path) -> None:
    with closing(serve.listen("127.0.0.1", 0)) as taken:
        taken.listen()
        again = subprocess.run(
            [*COMMAND, "--home", str(home), "collect", "--port", str(taken.getsockname()[1])],
            capture_output=True,
            text=True,
            check=False,
        )

    assert (1, True) == (again.returncode, "cannot be listened on" in again.stderr)


@pytest.mark.parametrize("round_", range(2))
def test_a_kill_loses_nothing_that_was_acknowledged(home: Path, round_: int) -> None:
    acknowledged: list[str] = []
    with collecting(home) as (command, port):
        enough = threading.Event()

        def send() -> None:
            while True:
                event_id = str(uuid.uuid4())
                try:
                    if post(port, body(id=event_id)) == 202:
                        acknowledged.append(event_id)
                except (OSError, http.client.HTTPException):
                    return
                if len(acknowledged) > 150:
                    enough.set()

        senders = [threading.Thread(target=send) for _ in range(16)]
        for sender in senders:
            sender.start()
        assert enough.wait(60)
        command.process.kill()
        for sender in senders:
            sender.join()

    good, bad = spool.adopt(home)
    ids = [spool.decode(row).event_id for row in rows(home)]

    assert (1, []) == (len(good), bad)
    assert set(acknowledged) <= set(ids)
    assert len(ids) == len(set(ids))


# --- one server in this process, with short deadlines ------------------------------------------------------


@pytest.fixture
def port(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(protocol, "DEADLINE_S", 0.3)
    monkeypatch.setattr(protocol, "SWEEP_EVERY_S", 0.1)
    monkeypatch.setattr(doors, "DEADLINE_S", 0.3)
    server = serve.PatientServer(serve.server_config(create_collector(home, environ={})))
    listening = serve.listen("127.0.0.1", 0)
    listening.listen()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


def talk(port: int, data: bytes) -> bytes:
    """Send bytes, then read until the server closes."""
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        connection.sendall(data)
        found = b""
        while part := connection.recv(65536):
            found += part
        return found


HEAD = b"POST /api/event HTTP/1.1\r\nHost: x\r\nUser-Agent: " + AGENT.encode() + b"\r\n"


@pytest.mark.parametrize("part", [b"", b"POST /api", HEAD], ids=["nothing", "half a line", "half a head"])
def test_who_does_not_finish_a_head_is_cut_off(port: int, part: bytes) -> None:
    assert b"" == talk(port, part)


def test_who_does_not_finish_a_body_is_told_and_cut_off(port: int) -> None:
    answer = talk(port, HEAD + b"Content-Length: 300\r\n\r\n{")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'{"errors":{"body":["timeout"]}}' in answer


def test_a_head_without_end_is_cut_off(port: int) -> None:
    try:
        answer = talk(port, HEAD + b"X-Long: " + b"a" * 200_000)
    except ConnectionError:
        answer = b""

    assert b"202" not in answer[:20]


def test_a_body_in_pieces_is_stopped_at_its_limit(port: int) -> None:
    piece = b"1000\r\n" + b" " * 4096 + b"\r\n"
    try:
        answer = talk(port, HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + piece * 17)
    except ConnectionError:  # it closes while we still send
        answer = b"HTTP/1.1 413 "

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_in_small_pieces_arrives(port: int) -> None:
    data = msgspec.json.encode(body())
    pieces = b"".join(b"%x\r\n%b\r\n" % (1, data[n : n + 1]) for n in range(len(data)))

    answer = talk(
        port, HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + pieces + b"0\r\n\r\n"
    )

    assert answer.startswith(b"HTTP/1.1 202 ")


def test_a_connection_carries_many_requests(port: int) -> None:
    data = msgspec.json.encode(body())
    one = HEAD + b"Content-Length: %d\r\n" % len(data)

    answer = talk(port, (one + b"\r\n" + data) * 5 + one + b"Connection: close\r\n\r\n" + data)

    assert 6 == answer.count(b"HTTP/1.1 202 ")


def test_an_event_is_answered_alike_whole_and_in_parts(port: int) -> None:
    data = msgspec.json.encode(body())
    last = HEAD + b"Connection: close\r\nContent-Length: %d\r\n\r\n%b"
    one = HEAD + b"Content-Length: %d\r\n\r\n%b"
    for sent, status in ((data, b"202"), (b"{", b"400"), (b" " * 70_000, b"413")):
        whole = talk(port, one % (len(sent), sent) + last % (len(data), data))
        parts = talk(port, last % (len(sent), sent))  # a connection that closes goes the long way

        assert whole.startswith(b"HTTP/1.1 %b " % status)
        assert parts.startswith(b"HTTP/1.1 %b " % status)
        assert _named(whole) == _named(parts) - {b"connection"} | (
            {b"connection"} if status == b"413" else set()
        )
        assert whole.count(b"HTTP/1.1") == (1 if status == b"413" else 2)


def test_a_body_that_comes_later_arrives(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "DEADLINE_S", 20.0)
    data = msgspec.json.encode(body())
    with closing(socket.create_connection(("127.0.0.1", port), timeout=20)) as connection:
        for _ in range(3):
            connection.sendall(HEAD + b"Content-Length: %d\r\n\r\n" % len(data))
            connection.sendall(data[:100])
            time.sleep(0.05)
            connection.sendall(data[100:])

            assert connection.recv(65536).startswith(b"HTTP/1.1 202 ")


def _named(answer: bytes) -> set[bytes]:
    """Name the headers of the first answer."""
    return {line.partition(b":")[0] for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]}


def test_slow_senders_do_not_hold_up_the_others(port: int) -> None:
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(200)]
    for each in slow:
        each.sendall(b"POST /api/event HTTP/1.1\r\n")

    assert {202} == {post(port, body()) for _ in range(20)}

    for each in slow:
        each.settimeout(20)
        assert b"" == each.recv(100)
        each.close()


def _until_answered(port: int) -> None:
    for _ in range(600):
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                return
        except OSError:
            threading.Event().wait(0.1)
    raise AssertionError("nobody answers")
