"""The screens as one ASGI application: lists the pages, binds them, puts guard and statics in front.

`create_app(desk)` is called once a process, for Dash keeps its application in a global. Everything on
screen is an address: the routing below draws the page of a path, and the slots of the page follow the
rest of the address (`dashboards/slots.py`).
"""

from __future__ import annotations

import asyncio
import html
import importlib
import pkgutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol, cast
from urllib.parse import quote

import dash_mantine_components as dmc
import structlog
from dash import ClientsideFunction, Dash, Input, Output, State, dcc
from dash.development.base_component import Component
from fastapi import FastAPI
from fastapi.responses import JSONResponse, PlainTextResponse

from analytics import language
from analytics.control.gate import WAYS_IN
from analytics.control.identity import Role, Sight, current
from analytics.control.tables import EVERY_SITE
from analytics.errors import TearsheetError
from analytics.exports import About
from analytics.language import N_, _
from dashboards import (
    calm,
    cards,
    components,
    controls,
    downloads,
    editor,
    edits,
    filters,
    guard,
    notes,
    scope,
    search,
    shared,
    slots,
    speaking,
    statics,
    streams,
    theme,
    vendor,
    why,
)
from dashboards.doors import lists
from dashboards.doors import pages as doors
from dashboards.elements import Child, el
from dashboards.filters import View
from dashboards.plain import fold
from dashboards.slots import Desk
from dashboards.statics import Asgi

ASSETS = Path(__file__).with_name("assets")
SYSTEM = (
    "/assets/",
    "/_",
    "/api",
    "/download/",
    "/stream/",
    "/w/",
    "/t/",
    "/healthz",
    "/readyz",
    "/password",
    "/views",
    "/settings",
    speaking.PATH,
    "/house",
    *WAYS_IN,
)

BELL_MS = 60_000

log = structlog.get_logger()


class Page(Protocol):
    """A module of `dashboards/pages`.

    `PATH` is "/articles", or "/articles/*" for one item (`View.item`). `TITLE` names the browser's tab
    until the page names its h1. `layout` is quick: slots and a head, no data. A page whose days are not
    those of its address says by `SCOPE` which they are. A page of items says by `is_there(desk, view)`
    which there are, so that an unknown id is answered with 404.
    """

    PATH: str
    TITLE: str

    def layout(self, view: View, /) -> Component:
        """Lay out the page."""
        ...

    def register(self, app: Dash, /) -> None:
        """Bind the slots of the page."""
        ...


def create_app(
    desk: Desk, pages: Sequence[Page] | None = None, links: Sequence[tuple[str, str]] = ()
) -> Asgi:
    """Make the screens.

    Args:
        desk: The open desk; pages read `desk.site_name`, `desk.zone` and ask `desk.store` through queries.
        pages: The page modules; all of `dashboards.pages` where not given.
        links: Label and address of what else stands here, for the foot of the navigation.

    Returns:
        The ASGI application; its lifespan warms the static files.
    """
    known = list(pages) if pages is not None else _all_pages()
    files = vendor.ensure(vendor.ASSETS_VENDOR)
    editor.ensure()
    app = _dash(desk, files, known)
    app.layout = lambda: _frame(desk, links)  # for each person their own
    owned, frame = _register(app, desk, known)
    policy = guard.policy(list(app.csp_hashes()))
    cache = statics.Statics(app.server)
    app.server.state.warm = lambda: cache.warm("/", lambda: _loaded_later(app))

    async def is_page(path: str, query: str) -> bool:
        return await _is_known(desk, known, path, query)

    screens = guard.Guard(cache, policy, is_page)
    pages_of = _pages_of(known, owned)
    calmly = shared.Calmly(screens, desk, lambda kind, name: pages_of.get((kind, name)))

    def outputs_of(path: str) -> set[str]:
        return owned.get(getattr(find(known, path), "PATH", ""), set()) | frame

    return statics.packed(speaking.Speaking(shared.OneView(calmly, outputs_of), desk))


class Screens(Dash):
    """Dash with pages that say their language and bring the words of their scripts."""

    def interpolate_index(self, **parts: Any) -> str:  # type: ignore[override]  # it names each part
        """Write the page that carries the application."""
        page = str(super().interpolate_index(**parts))  # type: ignore[no-untyped-call]
        tags = speaking.tags(self.server.state.words)
        return page.replace("{%language%}", language.current().language).replace("{%words%}", tags)


def find(pages: Sequence[Page], path: str) -> Page | None:
    """Find the page of a path: its own first, then the one of items."""
    exact = [page for page in pages if (path.rstrip("/") or "/") == page.PATH]
    items = [
        page
        for page in pages
        if page.PATH.endswith("/*") and path.startswith(page.PATH[:-1]) and path != page.PATH[:-1]
    ]
    return next(iter(exact + items), None)


def _all_pages() -> list[Page]:
    package = importlib.import_module("dashboards.pages")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return [cast("Page", importlib.import_module(f"dashboards.pages.{name}")) for name in names]


def _offered(pages: Sequence[Page], kind: str) -> dict[str, Any]:
    """Collect what pages offer beside themselves: DOWNLOADS are files of their cards, STREAMS what moves."""
    named: dict[str, Any] = {}
    for page in pages:
        offered: dict[str, Any] = getattr(page, kind, {})
        if twice := named.keys() & offered.keys():
            raise ValueError(f"two pages offer {min(twice)!r} in {kind}")
        named |= offered
    return named


def _pages_of(pages: Sequence[Page], owned: Mapping[str, set[str]]) -> dict[tuple[str, str], str]:
    """Say whose each callback, download and stream is: kind and name -> path of the page."""
    found = {("callback", output): path for path, outputs in owned.items() for output in outputs}
    for page in pages:
        for kind, offered in (("download", "DOWNLOADS"), ("stream", "STREAMS")):
            found |= {(kind, name): page.PATH for name in getattr(page, offered, {})}
    return found


def _told(pages: Sequence[Page], desk: Desk, view: View, address: str, columns: Sequence[str]) -> About:
    """Say what a file of a page holds, once its rows have been asked for."""
    own = getattr(find(pages, view.path), "SCOPE", None)
    shown = own(desk, view) if own else scope.last() or scope.resolve(desk, view, "7d")
    return cards.about(shown, address, columns)


def _dash(
    desk: Desk,
    files: vendor.VendorFiles,
    pages: Sequence[Page],
) -> Dash:
    server = FastAPI(lifespan=_lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    server.state.desk = desk
    server.state.words = speaking.said_in(ASSETS)
    app = Screens(
        "dashboards",
        server=server,  # type: ignore[arg-type]  # its own check takes any backend
        serve_locally=True,
        assets_folder=str(ASSETS),
        assets_path_ignore=["vendor", "head", "editor"],
        suppress_callback_exceptions=True,  # the slots of a page exist only while it is shown
        update_title="",
        title="Tearsheet",
        index_string=_index(files),
    )
    # The renderer starts a worker for websockets wherever it is told of them, needed or not, and that worker
    # knocks at the guard for ever.
    app.backend.websocket_capability = False
    _plain_routes(server)
    search.register(server)
    lists.register(server, desk, desk.doors, doors.register(server, desk.doors, _fonts(files)))
    speaking.register(server, desk.doors, server.state.words)
    why.register(server)
    notes.register(server)
    edits.register(server)
    downloads.register(server, _offered(pages, "DOWNLOADS"), lambda *asked: _told(pages, *asked))
    streams.register(server, _offered(pages, "STREAMS"))
    return app


def _plain_routes(server: FastAPI) -> None:
    """Answer what is no page; made before Dash's catch-all, which would answer everything with 200."""

    @server.get("/healthz")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok")

    @server.api_route("/api/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
    async def no_api(path: str) -> JSONResponse:
        return JSONResponse({"error": _("There is no /api/{path}.", path=path)}, status_code=404)


@asynccontextmanager
async def _lifespan(server: FastAPI) -> AsyncIterator[None]:
    warming = asyncio.create_task(server.state.warm())
    yield
    warming.cancel()


def _loaded_later(app: Dash) -> list[str]:
    """List the parts that charts and grids load after the first page; known once that page was made."""
    return [
        f"/_dash-component-suites/{package}/{path}"
        for package, paths in app.registered_paths.items()
        for path in paths
        if path.endswith(("async-graph.js", "async-community.js"))
    ]


def _index(files: vendor.VendorFiles) -> str:
    """Write the page that carries the application; charts and fonts stand before Dash's own files."""
    fonts = f'<link rel="stylesheet" href="{_fonts(files)}">' if _fonts(files) else ""
    name = files.charts_js.name
    charts = (
        f'<script src="/assets/vendor/{html.escape(name)}"></script>'
        if files.charts_js.parent == files.folder
        else ""
    )
    return f"""<!doctype html>
<html lang="{{%language%}}">
<head>
{{%metas%}}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{%title%}}</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<script src="/assets/head/scheme.js"></script>
<script src="/assets/head/words.js"></script>
{{%words%}}
{fonts}
{{%css%}}
</head>
<body>
{{%app_entry%}}
<footer class="engine">
{{%config%}}
{charts}
{{%scripts%}}
{{%renderer%}}
</footer>
</body>
</html>"""


def _fonts(files: vendor.VendorFiles) -> str:
    """Give the address of the fonts' stylesheet; empty where the system's serve."""
    is_ours = files.folder == ASSETS / "vendor"
    return "/assets/vendor/fonts.css" if is_ours and files.fonts_css else ""


def _frame(desk: Desk, links: Sequence[tuple[str, str]]) -> Component:
    """Lay out what stays while pages come and go."""
    place = [
        dcc.Location(id="address", refresh=False),
        dcc.Store(id="control-sink"),
        dcc.Store(id="title"),
        dcc.Store(id="arrival"),
        dcc.Interval(id="bell-clock", interval=BELL_MS),
    ]
    is_demo = current().kind == "demo"
    if is_demo:  # nobody signs in, so there is no menu of a person
        links = [*links, (N_("Settings"), "/house/settings")]
    place_of_page = el("div", id="page")
    shell = fold(components.shell(scope.site_name(desk), place_of_page, links, _person(), has_choice=is_demo))
    provider: Component = dmc.MantineProvider(
        el("div", place, shell),
        theme=theme.mantine(),
        defaultColorScheme="auto",
        withGlobalClasses=False,
    )
    return provider


def _person() -> Component | None:
    """Show who is signed in; nobody is in a demo, or by a share link."""
    who = current()
    if who.kind != "person":
        return None
    if who.may(Role.ADMIN, EVERY_SITE):
        return components.person_menu(who.name, "/settings")
    return components.person_menu(who.name, "/house/settings" if Role.ADMIN in who.roles.values() else "")


def _register(app: Dash, desk: Desk, pages: Sequence[Page]) -> tuple[dict[str, set[str]], set[str]]:
    """Bind the pages and the frame; gives which callbacks each page has, and those of the frame."""
    owned: dict[str, set[str]] = {}
    for page in pages:
        before = set(app.callback_map)
        page.register(app)
        owned[page.PATH] = set(app.callback_map) - before
    others = set(app.callback_map)
    controls.register(app)
    _follow_address(app)

    @app.callback(
        Output("page", "children"),
        Output("nav-links", "children"),
        Output("phone-links", "children"),
        Output("title", "data"),
        Input("address", "pathname"),
        State("address", "search"),
    )
    async def route(path: str | None, search: str | None) -> tuple[list[Child], Child, Child, str]:
        view = filters.parse(path or "/", search)
        sight = await asyncio.to_thread(calm.sight_of, desk, view)
        drawn, title = _page_of(pages, view, sight)
        has_pages = current().kind != "link"  # it shows this page alone
        shown = [each for each in components.PAGES if calm.is_open(each.path, "", sight)]
        held = dcc.Store(id=slots.VIEW, data={"path": path or "/", "search": search or ""})
        return (
            [held, fold(drawn)],
            fold(components.nav_links(view.path, shown) if has_pages else []),
            fold(components.phone_links(view.path, _person(), shown) if has_pages else []),
            title,
        )

    _ring(app)
    return owned, set(app.callback_map) - others


def _ring(app: Dash) -> None:
    """Count the open alerts in the head of each page, and again every minute."""

    @app.callback(Output("bell", "children"), Input(slots.VIEW, "data"), Input("bell-clock", "n_intervals"))
    async def rung(address: dict[str, str] | None, _times: object) -> Child:
        alerts = getattr(app.server.state.desk, "alerts", None)
        sight = calm.sight_of(app.server.state.desk, slots.view_of(address))
        if alerts is None or sight.is_calm or current().kind == "link":
            return None
        return components.rung(await asyncio.to_thread(alerts.count_open))


def _follow_address(app: Dash) -> None:
    """Let the view inside a page follow the address, and the focus a change of page; in the browser."""
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("tearsheet", "follow"),
        Output(slots.VIEW, "data"),
        Input("address", "search"),
        State("address", "pathname"),
        State(slots.VIEW, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(  # type: ignore[no-untyped-call]
        ClientsideFunction("tearsheet", "arrived"),
        Output("arrival", "data"),
        Input("page", "children"),
        State("title", "data"),
        prevent_initial_call=True,
    )


def _page_of(pages: Sequence[Page], view: View, sight: Sight) -> tuple[Component, str]:
    page = find(pages, view.path)
    if page is None:
        return _lost(view), _("Not found · Tearsheet")
    if not calm.is_open(page.PATH, view.item, sight):
        return calm.refusal(sight), _("Not shown · Tearsheet")
    drawn = page.layout(view)
    return el("div", drawn, class_="calm") if sight.is_calm else drawn, f"{_(page.TITLE)} · Tearsheet"


def _lost(view: View) -> Component:
    back = el("a", _("Open the overview"), href="/", class_="button")
    return slots.page(
        components.page_head(_("There is no such page"), view.path),
        components.card(
            _("What now"),
            components.empty(
                _("Nothing stands at this address."), _("It may have been moved or mistyped."), back
            ),
        ),
    )


async def _is_known(desk: Desk, pages: Sequence[Page], path: str, query: str) -> bool:
    """Tell whether something stands at an address: a page, and the item that it is of."""
    if path.startswith(SYSTEM):
        return True
    page = find(pages, path)
    asked = getattr(page, "is_there", None)
    if asked is None:
        return page is not None
    view = filters.parse(quote(path), query)
    try:
        return bool(await asyncio.to_thread(desk.store.again, lambda: asked(desk, view)))
    except TearsheetError:  # no such site, or not theirs to see: the page says which
        return True
