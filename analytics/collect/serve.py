"""`tearsheet collect`: the collector alone, one process or several, before or beside a desk.

Every worker has its own socket of the same port (SO_REUSEPORT: the kernel shares connections out), its own
queue file and counters. This process only starts them, replaces one that died, and passes a signal on.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
import uvicorn

from analytics import config
from analytics.collect import protocol
from analytics.collect.app import create_collector
from analytics.collect.protocol import PatientProtocol
from analytics.errors import ConfigError
from analytics.logs import log_from

KEEP_ALIVE_S = 5  # engine-notes.md 7: slow clients
MOST_CONNECTIONS = 2048
TICKS_A_SECOND = 10  # of uvicorn
GRACE_S = 8  # of the 10 s in which a signal must be obeyed; the rest is for the queue
RESTART_S = 1.0
GC_EVERY = 20_000
SWITCH_S = 0.001  # the event loop lets the queue's thread in sooner than Python's 5 ms

log = structlog.get_logger()


def clock_of(environ: Mapping[str, str]) -> Callable[[], dt.datetime]:
    """Give the clock; asking the environment for a fixed one with every event would cost half a decoding."""
    return config.now if environ.get("TEARSHEET_NOW") else _now


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


class PatientServer(uvicorn.Server):
    """uvicorn's server, which sweeps its connections once a second, and ends what streams when it ends."""

    async def on_tick(self, counter: int) -> bool:
        """Do what uvicorn does ten times a second, and sweep."""
        if counter % round(protocol.SWEEP_EVERY_S * TICKS_A_SECOND) == 0:
            for connection in list(self.server_state.connections):
                if isinstance(connection, PatientProtocol):
                    connection.sweep()
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell streams that it is over, for they would never end by themselves; then do what uvicorn does."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, PatientProtocol):
                connection.end_stream()
        await super().shutdown(sockets)


def server_config(app: Any, **more: Any) -> uvicorn.Config:
    """Give the settings of a server in front of readers; run them with `PatientServer`."""
    return uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_level="warning",
        access_log=False,  # an access log would hold addresses of people
        server_header=False,
        proxy_headers=False,  # whose word counts is the collector's own setting
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        limit_concurrency=MOST_CONNECTIONS,
        backlog=MOST_CONNECTIONS,
        **more,
    )


def run(home: Path, workers: int, host: str, port: int, said: Callable[[str], None] = print) -> None:
    """Collect until a signal comes.

    Args:
        home: Folder of the home.
        workers: Processes.
        host: Address to listen on.
        port: Port; 0 takes any free one.
        said: Told the address once it is listened on.

    Raises:
        ConfigError: The port is taken, or the home cannot be read.
        StoreError: The queue cannot be written.
    """
    listening = listen(host, port)
    port = listening.getsockname()[1]
    name = f"[{host}]" if ":" in host else host
    if workers == 1:
        _work(home, "c1", listening, lambda: said(f"http://{name}:{port}"))
        return
    said(f"http://{name}:{port}")
    # Bound but not listening, it holds the port for the workers and is given no connection itself.
    with contextlib.closing(listening):
        _Workers(home, workers, host, port).run()


def listen(host: str, port: int) -> socket.socket:
    """Bind a port that workers share.

    Raises:
        ConfigError: It cannot be bound.
    """
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        if port:
            _refuse_taken(host, port)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listening.bind((host, port))
    except OSError as fault:
        listening.close()
        raise ConfigError(
            f"{host}:{port} cannot be listened on: {fault.strerror}.", "Choose another with --port."
        ) from fault
    return listening


def work(home: Path, worker: str, host: str, port: int) -> None:
    """Be one worker of several: what `python -m analytics.collect.serve` does."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    _work(home, worker, listening, lambda: None)


def _work(home: Path, worker: str, listening: socket.socket, ready: Callable[[], None]) -> None:
    end_on_signal()
    sys.setswitchinterval(SWITCH_S)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # shells give 1,024, fewer than our connections
    app = create_collector(home, clock_of(os.environ), worker=worker)
    # What is there now stays; looking through it again and again cost a tenth of every event.
    gc.collect()
    gc.freeze()
    gc.set_threshold(GC_EVERY)
    try:
        server = PatientServer(server_config(app))
        listening.listen(MOST_CONNECTIONS)
        ready()
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    finally:
        app.close()


def end_on_signal() -> None:
    """Let SIGTERM end this process by way of its `finally` blocks, with exit code 0.

    uvicorn obeys a signal and then raises it again, which without a handler kills before anything is closed.
    A second signal changes nothing: what is being closed then is closed to its end.
    """
    signal.signal(signal.SIGTERM, _end)


def _end(_number: int, _frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(0)


def _end_with_parent() -> None:
    """End when the process that started us is gone: orphans would hold the port against the next start."""

    def wait() -> None:
        sys.stdin.buffer.read()  # nobody writes; it ends when the other end of the pipe does
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()


def _refuse_taken(host: str, port: int) -> None:
    """Find out whether the port is taken: SO_REUSEPORT alone would share it with a second start."""
    with contextlib.closing(socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))


class _Workers:
    """The processes of several workers."""

    def __init__(self, home: Path, count: int, host: str, port: int) -> None:
        self._command = [sys.executable, "-m", "analytics.collect.serve", str(home), host, str(port)]
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._names = [f"c{number}" for number in range(1, count + 1)]
        self._is_stopping = False

    def run(self) -> None:
        """Keep them running until a signal comes, then wait until all have sealed their files."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        while not self._is_stopping:
            for name in self._names:
                self._keep(name)
            time.sleep(0.2)
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)
        for process in self._running.values():
            process.wait()

    def _keep(self, name: str) -> None:
        process = self._running.get(name)
        if process is None or process.poll() is not None:
            if process is not None:
                log.error("collector worker died", worker=name, code=process.returncode)
                time.sleep(RESTART_S)
            self._running[name] = subprocess.Popen([*self._command, name], stdin=subprocess.PIPE)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True


if __name__ == "__main__":
    log_from(logging.WARNING)  # as the command that starts us
    _end_with_parent()
    work(Path(sys.argv[1]), sys.argv[4], sys.argv[2], int(sys.argv[3]))
