"""A visit to one page in a real browser, and everything that may be wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, WebSocket

from tests.browser import chromium, reach

Scheme = Literal["light", "dark"]
Size = Literal["desktop", "phone"]

SCREENSHOTS = Path(__file__).parent.parent.parent / "test-output" / "screenshots"
# Both colour schemes and both sizes, without the time of all four pairs.
BOTH: list[tuple[Scheme, Size]] = [("light", "desktop"), ("dark", "phone")]
SIZES: dict[Size, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 1,  # real ones have 2 or 3: four times the pixels, and no graphics card here
        "has_touch": True,
        "is_mobile": True,
    },
}
COLLECT_VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__violations.push(`${event.effectiveDirective} blocked ${event.blockedURI} ${event.sourceFile}`);
});
"""
# Pages to use again: the scripts stay compiled in their process, which was half of a visit's time.
_FREE: WeakKeyDictionary[Browser, dict[tuple[object, ...], list[Page]]] = WeakKeyDictionary()


class Visit:
    """One page, without cookies and storage of another visit, with a record of what happened.

    Attributes:
        page: Playwright's page, to click and look at.
        console_errors: What the console showed as an error.
        page_errors: Exceptions that no script caught.
        outside_requests: Addresses of other origins; the browser knows no host but this one.
    """

    def __init__(
        self,
        browser: Browser,
        base_url: str,
        scheme: Scheme = "light",
        size: Size = "desktop",
        agent: str | None = None,
        session: str = "",
    ) -> None:
        self.origin = _origin(base_url)
        self.console_errors: list[str] = []
        self.page_errors: list[str] = []
        self.outside_requests: list[str] = []
        self._size = size
        self._free = _FREE.setdefault(browser, {}).setdefault((scheme, size, agent), [])
        self.page = self._free.pop() if self._free else _page(browser, scheme, size, agent)
        if session:
            self.page.context.add_cookies([{"name": "tearsheet", "value": session, "url": self.origin}])
        self._hears: dict[Any, Any] = {
            "console": self._note_words,
            "pageerror": self._note_fault,
            "request": self._note_request,
            "websocket": self._note_socket,
        }
        for event, heard in self._hears.items():
            self.page.on(event, heard)

    def open(self, path: str, ready: str | None = None) -> Visit:
        """Go to a path and wait until it has settled.

        Args:
            path: From the root of the site, with its query string.
            ready: A CSS selector of what must be seen before anything is judged.
        """
        self.page.goto(self.origin + path, wait_until="load")
        if ready is not None:
            self.page.wait_for_selector(ready)
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.fonts.ready.then(() => undefined)")
        return self

    def problems(self) -> list[str]:
        """Return everything that is wrong with the page, one line each; empty is clean."""
        # What is asked anew is dimmed meanwhile, and too pale to read on purpose.
        self.page.wait_for_selector('.slot[data-dash-is-loading="true"]', state="detached")
        # Before axe runs, which looks into style sheets and may touch what the policy forbids.
        violations: list[str] = self.page.evaluate("window.__violations")
        return [
            *(f"request to another origin: {url}" for url in self.outside_requests),
            *(f"policy violation: {violation}" for violation in violations),
            *(f"page error: {error}" for error in self.page_errors),
            *(f"console error: {text}" for text in self.console_errors),
            *self._sideways_scroll(),
            *self._barriers(),
        ]

    def assert_clean(self) -> None:
        """Fail with every problem of the page, unless there is none."""
        problems = self.problems()

        assert not problems, f"{self.page.url} has {len(problems)} problem(s):\n" + "\n".join(problems)

    def assert_whole(self) -> None:
        """Fail with every problem of the page, for the keyboard and at 200 % too where there is one."""
        self.assert_clean()
        if self._size == "phone":
            return  # no keyboard, and no window to magnify
        problems = [*reach.moving(self.page), *reach.by_keyboard(self.page), *reach.magnified(self.page)]

        assert not problems, f"{self.page.url} has {len(problems)} barrier(s):\n" + "\n".join(problems)

    def screenshot(self, name: str) -> Path:
        """Keep a picture of the whole page as test-output/screenshots/<name>.png."""
        path = SCREENSHOTS / f"{name}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def close(self) -> None:
        """Leave the page as a new one is, for the next visit of its kind."""
        for event, heard in self._hears.items():
            self.page.remove_listener(event, heard)
        try:
            self._clean_up()
        except Error:  # it hangs, or was closed: the next visit takes another
            self.page.context.close()
        else:
            self._free.append(self.page)

    def _clean_up(self) -> None:
        context = self.page.context
        context.clear_cookies()
        protocol = context.new_cdp_session(self.page)
        forget = {"origin": self.origin, "storageTypes": "local_storage,indexeddb,service_workers"}
        protocol.send("Storage.clearDataForOrigin", forget)
        protocol.detach()
        self.page.unroute_all(behavior="ignoreErrors")
        # To a page of the same origin: another one's, and a blank one, would come from a new process.
        self.page.goto(f"{self.origin}/healthz")
        self.page.emulate_media(media="null")
        self.page.set_viewport_size(SIZES[self._size]["viewport"])

    def _note_words(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def _note_fault(self, error: Error) -> None:
        self.page_errors.append(str(error))

    def _note_request(self, request: Request) -> None:
        if self._is_outside(request.url):
            self.outside_requests.append(request.url)

    def _note_socket(self, socket: WebSocket) -> None:
        if _origin(socket.url.replace("ws", "http", 1)) != self.origin:
            self.outside_requests.append(socket.url)

    def _is_outside(self, url: str) -> bool:
        # data:, blob: and about: leave nothing and ask nobody.
        return url.startswith("http") and _origin(url) != self.origin

    def _sideways_scroll(self) -> list[str]:
        # Not against innerWidth: a phone zooms out until wide content fits, and innerWidth grows with it.
        width = int(self.page.evaluate("document.documentElement.scrollWidth"))
        window = SIZES[self._size]["viewport"]["width"]
        return [f"scrolls sideways: {width} px wide in a window of {window} px"] if width > window else []

    def _barriers(self) -> list[str]:
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(chromium.axe_script())
        found = self.page.evaluate(
            # Without loading style sheets anew, for a rule that is an experiment: a quarter of the time.
            "axe.run(document, {resultTypes: ['violations'], preload: false}).then((r) => r.violations)"
        )
        return [
            f"accessibility, {rule['impact']}: {rule['id']}, {rule['help']}, at {node['html'][:160]}"
            for rule in found
            for node in rule["nodes"]
        ]


def _page(browser: Browser, scheme: Scheme, size: Size, agent: str | None) -> Page:
    context = browser.new_context(
        **SIZES[size],
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        user_agent=agent,  # headless Chromium's own says that it is no reader
    )
    context.add_init_script(COLLECT_VIOLATIONS)
    return context.new_page()


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
