"""Do the fetched files work in a browser, under the policy that the desk sends?"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dashboards import vendor
from tests.browser.conftest import OpenVisit

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; object-src 'none'; base-uri 'none'"
)
PAGE = """<!doctype html><html lang="en"><head><title>Charts</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="vendor/fonts.css"><script src="vendor/{charts}"></script></head>
<body><main><h1 style="font-family: 'Source Serif 4 Variable'">Charts</h1>
<p style="font-family: 'Inter Variable'">Žurnalistika, газета, εφημερίδα</p>
<code style="font-family: 'JetBrains Mono Variable'">reads</code>
<div id="chart" role="img" aria-label="A chart" style="width: 640px; height: 260px"></div></main>
<script src="draw.js"></script></body></html>"""
DRAW = """Plotly.newPlot("chart", [
  {type: "bar", x: [1, 2], y: [3, 4]}, {type: "scatter", x: [1, 2], y: [4, 3]},
  {type: "heatmap", z: [[1, 2], [3, 4]], xaxis: "x2", yaxis: "y2"},
], {grid: {rows: 1, columns: 2, pattern: "independent"}}, {displayModeBar: false})
.then(() => document.body.classList.add("drawn"));"""


class UnderPolicy(SimpleHTTPRequestHandler):
    """Serves a folder as the desk does."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder with the fetched files and a page that draws."""
    files = vendor.ensure(tmp_path / "vendor")
    assert files.is_complete
    shutil.copy(vendor._full_bundle(), files.folder)
    for charts in (vendor.CHARTS_FILE, "plotly.min.js"):
        (tmp_path / f"{charts}.html").write_text(PAGE.format(charts=charts), encoding="utf-8")
    (tmp_path / "draw.js").write_text(DRAW)
    return tmp_path


@pytest.fixture
def site_url(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(UnderPolicy, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("charts", [vendor.CHARTS_FILE, "plotly.min.js"])
def test_charts_and_fonts_work_under_the_policy(visit: OpenVisit, site_url: str, charts: str) -> None:
    page = visit(f"/{charts}.html", base_url=site_url, ready="body.drawn")

    page.assert_clean()
    page.screenshot(f"vendor-{charts}")
    loaded = page.page.evaluate(
        "[...new Set([...document.fonts].filter((f) => f.status === 'loaded').map((f) => f.family))].sort()"
    )
    assert [family.strip('"') for family in loaded] == [
        "Inter Variable",
        "JetBrains Mono Variable",
        "Source Serif 4 Variable",
    ]
    assert page.page.locator("#chart .bars .point").count() == 2
