"""Would the browser tests notice? Each fault on a tiny page of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser import chromium, reach
from tests.browser.conftest import OpenVisit
from tests.browser.visit import SCREENSHOTS

HEAD = (
    '<!doctype html><html lang="en"><head><title>A page</title>'
    '<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">'
)
PAGES = {
    "/clean": '<main><h1>A page</h1><img alt="" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>',
    "/outside": '<main><h1>A page</h1><img alt="" src="https://elsewhere.example/pixel.gif"></main>',
    "/barrier": '<main><h1>A page</h1><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="></main>',
    "/wide": '<main><h1>A page</h1><div style="width: 2000px">wide</div></main>',
    "/throws": '<main><h1>A page</h1></main><script src="/throws.js"></script>',
    "/complains": '<main><h1>A page</h1></main><script src="/complains.js"></script>',
    "/inline": '<main><h1>A page</h1></main><script>document.title = "Never"</script>',
    "/mute": '<main><h1>A page</h1><a href="#x" style="outline: none">a link</a></main>',
    "/trap": '<main><h1>A page</h1><button id="trap">stays</button><a href="#x">never</a></main>'
    '<script src="/trap.js"></script>',
    "/cut": '<main id="main"><h1>A page</h1><p style="width: 9em; overflow: hidden; white-space: nowrap">'
    "more than there is room for</p></main>",
    "/socket": '<main><h1>A page</h1></main><script src="/socket.js"></script>',
}
SCRIPTS = {
    "/throws.js": 'throw new Error("the chart broke");',
    "/trap.js": 'document.querySelector("#trap").onkeydown = (event) => event.preventDefault();',
    "/complains.js": 'console.error("the chart complains");',
    "/socket.js": 'new WebSocket("ws://127.0.0.1:9/live").onerror = () => undefined;',
}
POLICY = "default-src 'self'; img-src 'self' data: https:; style-src 'self' 'unsafe-inline'; connect-src *"


class Pages(BaseHTTPRequestHandler):
    """Serves PAGES and SCRIPTS under a content security policy."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        is_script = path in SCRIPTS
        body = SCRIPTS[path] if is_script else f"{HEAD}</head><body>{PAGES[path]}</body></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if is_script else "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def pages_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_a_clean_page_passes(visit: OpenVisit, pages_url: str, scheme: str, size: str) -> None:
    page = visit("/clean", scheme, size, base_url=pages_url, ready="h1")  # type: ignore[arg-type]

    page.assert_clean()


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/outside", "request to another origin: https://elsewhere.example/pixel.gif"),
        ("/barrier", "accessibility, critical: image-alt"),
        ("/wide", "scrolls sideways: 2"),
        ("/throws", "page error: the chart broke"),
        ("/complains", "console error: the chart complains"),
        ("/inline", "policy violation: script-src-elem blocked inline"),
        ("/socket", "request to another origin: ws://127.0.0.1:9/live"),
    ],
)
def test_a_fault_is_noticed_and_named(visit: OpenVisit, pages_url: str, path: str, problem: str) -> None:
    page = visit(path, base_url=pages_url)

    with pytest.raises(AssertionError) as failure:
        page.assert_clean()

    assert problem in str(failure.value)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/mute", "the focus is not seen on <a"),
        ("/trap", "Tab never comes to <a"),
        ("/cut", "lost at 200 %: <p"),
        ("/wide", "scrolls sideways: 2"),
    ],
)
def test_a_barrier_is_noticed_and_named(
    visit: OpenVisit, pages_url: str, path: str, problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "PATIENCE_MS", 400)
    page = visit(path, base_url=pages_url)

    with pytest.raises(AssertionError) as failure:
        page.assert_whole()

    assert problem in str(failure.value)


def test_a_phone_that_zooms_out_still_scrolls_sideways(visit: OpenVisit, pages_url: str) -> None:
    page = visit("/wide", size="phone", base_url=pages_url)

    assert any(problem.startswith("scrolls sideways") for problem in page.problems())


def test_the_schemes_reach_the_page(visit: OpenVisit, pages_url: str) -> None:
    page = visit("/clean", scheme="dark", base_url=pages_url)

    assert page.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def test_a_screenshot_is_kept(visit: OpenVisit, pages_url: str) -> None:
    path = visit("/clean", base_url=pages_url).screenshot("machinery-clean")

    assert path.parent == SCREENSHOTS
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_named_browser_that_is_none_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BROWSER_PATH", str(tmp_path / "nothing"))

    with pytest.raises(
        chromium.NoBrowserError, match=r"^BROWSER_PATH=.* is not a program: name a Chromium.*$"
    ):
        chromium.find(tmp_path / "playwrights")
