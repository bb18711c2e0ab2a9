"""The real commands, as processes on loopback in a home of their own, to be killed by tests."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

COMMAND = (sys.executable, "-c", "from dashboards.main import main; main()")
SITE, ZONE = "news.example", "Asia/Tbilisi"
START_S = 180.0  # of a very busy machine; a start takes 1 to 3 s
SAYS = re.compile(r"^(?:Collecting|Tearsheet): http://\S+?:(\d+)", re.MULTILINE)


def make_home(folder: Path) -> Path:
    """Make a home with one site, as `init` does."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tearsheet.toml").write_text(f'[site."{SITE}"]\ntimezone = "{ZONE}"\n')
    return folder


class Running:
    """A command that runs; what it says goes to a file."""

    def __init__(self, home: Path, words: tuple[str, ...], log: Path, **environ: str) -> None:
        self._log, self.command = log, words[0]
        free = {"TEARSHEET_VISITOR_RATE": "0", "TEARSHEET_RESERVE_MB": "0"}
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                [*COMMAND, "--home", str(home), *words],
                stderr=said,
                stdout=said,
                env=os.environ | free | {"TEARSHEET_TRUSTED_PROXIES": "127.0.0.1"} | environ,
            )

    @property
    def said(self) -> str:
        """All that it said."""
        return self._log.read_bytes().decode(errors="replace")

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def port(self) -> int:
        """Wait until it says where it listens."""
        found: list[str] = []

        def has_said() -> bool:
            found[:] = SAYS.findall(self.said)
            return bool(found) or not self.is_alive

        wait_until(has_said, START_S, "it listens")
        assert found, f"it ended with {self.process.poll()} before it listened: {self.said}"
        return int(found[0])

    def kill(self, child: int | None = None) -> None:
        """Kill it, or one of its children, as the machine would: without a word."""
        if child is None:
            self.process.kill()
            self.process.wait()
        else:
            psutil.Process(child).kill()

    def children(self) -> list[int]:
        return [each.pid for each in psutil.Process(self.process.pid).children()]

    def stop(self, times: int = 1) -> float:
        """End it as an operator does; gives the seconds that it took."""
        began = time.monotonic()
        for _ in range(times):
            self.process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
        code = self.process.wait(timeout=30)
        assert 0 == code, f"exit code {code}: {self.said}"
        return time.monotonic() - began


class Machine:
    """Starts commands in one home, and ends with all of them."""

    def __init__(self, home: Path, logs: Path) -> None:
        self.home, self._logs = home, logs
        self._started: list[Running] = []
        self._starts = 0

    def start(self, *words: str, **environ: str) -> Running:
        self._starts += 1
        running = Running(self.home, words, self._logs / f"{self._starts}-{words[0]}.log", **environ)
        self._started = [each for each in self._started if each.is_alive]
        self._started.append(running)
        return running

    def serve(self, port: int = 0, **environ: str) -> Running:
        return self.start("serve", "--port", str(port), **environ)

    def collect(self, port: int = 0, workers: int = 1, **environ: str) -> Running:
        return self.start("collect", "--port", str(port), "--workers", str(workers), **environ)

    def ask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [*COMMAND, "--home", str(self.home), *words], capture_output=True, text=True, check=False
        )

    def end(self) -> None:
        for each in self._started:
            if each.is_alive:
                for child in each.children():
                    psutil.Process(child).kill()
                each.kill()


@contextmanager
def machine(home: Path, logs: Path) -> Iterator[Machine]:
    """Give a machine that ends with the block."""
    found = Machine(home, logs)
    try:
        yield found
    finally:
        found.end()


def get(port: int, path: str) -> tuple[int, str]:
    """Ask a page; gives status and body."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


def meter(port: int, name: str) -> float:
    """Read one figure of /metrics."""
    return float(get(port, "/metrics")[1].partition(f"\ntearsheet_{name} ")[2].split()[0])


def wait_until(holds: Callable[[], bool], most_s: float, what: str) -> float:
    """Look again and again; gives the seconds that it took."""
    began = time.monotonic()
    while not holds():
        took = time.monotonic() - began
        assert took < most_s, f"after {took:.0f} s still not so: {what}"
        time.sleep(0.02)
    return time.monotonic() - began


def is_running(pid: int) -> bool:
    """Tell whether a process lives; one that waits to be buried does not."""
    return bool(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
