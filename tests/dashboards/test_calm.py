"""Calm mode: a walk over pages, files and search, as who reads calmly and as who sees their own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from analytics.control.identity import Identity, Policy, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError
from dashboards import app, calm, filters, search, shared, slots
from dashboards.filters import View
from tests.builders import SITE
from tests.dashboards.small import _grids, _plain, at, cells, desk_of, links, said
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

PAGES = app._all_pages()
ME, COLLEAGUE = "u2", "u1"
ITEMS = {"/authors/*": f"/authors/{ME}", "/articles/*": "/articles/A1", "/topics/*": "/topics/politics"}
DAY = "period=2026-05-05"


def viewer(policy: Policy) -> Identity:
    return Identity(
        "person",
        "p1",
        "Vera",
        {SITE: Role.VIEWER},
        policies={SITE: {"viewer": policy}},
        authors={SITE: ME},
    )


OPEN, CALM, OWN = (viewer(each) for each in Policy)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The example as of 2026-05-06 13:00 UTC; tests only read it."""
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened:
        yield opened


@pytest.fixture(scope="module")
def slots_of() -> dict[str, list[tuple[str, Callable[[Any, View], Any]]]]:
    """Path of a page -> its slots and what draws them."""
    found: dict[str, list[tuple[str, Callable[[Any, View], Any]]]] = {}
    stub: Any = SimpleNamespace(
        callback=lambda *_, **__: lambda function: function, clientside_callback=lambda *_, **__: None
    )
    with pytest.MonkeyPatch.context() as patch:
        for page in PAGES:
            here = found.setdefault(page.PATH, [])
            patch.setattr(slots, "fill", lambda _app, name, draw, here=here, **_: here.append((name, draw)))
            page.register(stub)
    return found


def drawn(desk: Desk, slot: tuple[str, Callable[[Any, View], Any]], address: str) -> Any:
    server: Any = SimpleNamespace(server=SimpleNamespace(state=SimpleNamespace(desk=desk)))
    return slots._drawn(server, *slot, at(address), "this part")


def is_ranked(part: Any) -> bool:
    return any(row.get("rank") for grid in _grids(_plain(part)) for row in grid["rowData"])


def test_pages_under_calm_mode_hold_no_rank_and_no_colleague(desk: Desk, slots_of: Any) -> None:
    ranked, walked = set(), 0
    for who in (OPEN, CALM):
        for page in PAGES:
            address = f"{ITEMS.get(page.PATH, page.PATH)}?{DAY}"
            sight = who.sight(SITE)
            if not calm.is_open(page.PATH, at(address).item, sight):
                continue
            with acting(who):
                for slot in slots_of[page.PATH]:
                    part = drawn(desk, slot, address)
                    if is_ranked(part):
                        ranked.add((who is CALM, slot[0]))
                    assert "could not be loaded" not in said(part), slot[0]
                    if who is CALM:
                        walked += 1
                        boards = [grid["id"] for grid in _grids(_plain(part))]
                        assert not [name for name in boards if "authors" in name], slot[0]

    assert not [name for is_calm, name in ranked if is_calm]
    assert {"overview-top", "articles-list", "authors-list"} <= {n for _, n in ranked}
    assert walked > 50


@pytest.mark.parametrize("name", ["overview-top", "overview-authors", "overview-look", "topic-beside"])
def test_what_ranks_is_not_there_at_all(desk: Desk, slots_of: Any, name: str) -> None:
    path, slot = next((path, slot) for path, made in slots_of.items() for slot in made if slot[0] == name)
    address = f"{ITEMS.get(path, path)}?{DAY}"

    with acting(CALM):
        assert drawn(desk, slot, address) is None
    with acting(OPEN):
        assert drawn(desk, slot, address) is not None


def test_lists_stand_by_the_alphabet(desk: Desk, slots_of: Any) -> None:
    with acting(CALM):
        names = [
            row["name"] for row in cells(drawn(desk, slots_of["/articles"][-1], f"/articles?{DAY}"))[:-1]
        ]

    assert len(names) > 1
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize("asked", [f"author={COLLEAGUE}", f"author=!{COLLEAGUE}", "author=u1,u2"])
def test_no_filter_tells_what_a_colleague_brought(desk: Desk, slots_of: Any, asked: str) -> None:
    with acting(CALM):
        for slot in [*slots_of["/"], *slots_of["/articles"]]:
            part = said(drawn(desk, slot, f"/articles?{DAY}&{asked}"))
            assert not part or "colleagues are not shown" in part, slot[0]


def test_files_hold_no_rank_and_no_colleague(desk: Desk) -> None:
    for page in PAGES:
        for name, rows_of in getattr(page, "DOWNLOADS", {}).items():
            view = at(f"{ITEMS.get(page.PATH, page.PATH)}?{DAY}")
            with acting(CALM):
                try:
                    columns, rows = rows_of(desk, view)
                except NotAllowedError:
                    continue
            assert name not in {"authors", "overview-articles", "overview-authors", "live"}
            if "rank" in columns:
                assert {row[list(columns).index("rank")] for row in rows} <= {None}, name


def test_the_search_names_no_page_that_is_not_shown(desk: Desk) -> None:
    with acting(CALM):
        assert [each["title"] for each in search.groups_of(desk, f"Name of {COLLEAGUE}")] == []
        pages = [hit["name"] for each in search.groups_of(desk, "") for hit in each["hits"]]
    assert "Overview" in pages
    assert not {"Live", "Authors"} & set(pages)


# --- who sees only their own -------------------------------------------------------------------------------


def test_who_sees_their_own_finds_their_articles_alone(desk: Desk, slots_of: Any) -> None:
    listed, article = slots_of["/articles"][-1], slots_of["/articles/*"][1]
    with acting(OWN):
        mine = [row["id"] for row in cells(drawn(desk, listed, f"/articles?{DAY}"))]
        other = said(drawn(desk, article, "/articles/A2"))
    with acting(OPEN):
        all_ = [row["id"] for row in cells(drawn(desk, listed, f"/articles?{DAY}"))]

    assert mine == ["A1", "total"]
    assert set(all_) == {"A1", "A2", "total"}
    assert "Articles of colleagues are not shown to your role" in other


def test_who_is_no_author_yet_is_told_who_can_change_that(desk: Desk, slots_of: Any) -> None:
    nobody = Identity("person", "p2", "", {SITE: Role.VIEWER}, policies={"*": {"viewer": Policy.OWN}})
    with acting(nobody):
        assert "no author of this site is you yet" in said(
            drawn(desk, slots_of["/articles"][-1], "/articles")
        )
        assert "Settings" in said(calm.refusal(nobody.sight(SITE)))


@pytest.mark.parametrize(
    ("path", "item", "who"),
    [
        ("/live", "", "open"),
        ("/authors", "", "open"),
        ("/reports", "", "open"),
        ("/nowhere-yet", "", "open"),
        ("/", "", "calm"),
        ("/authors/*", ME, "own"),
        ("/authors/*", COLLEAGUE, "open"),
        ("/articles/*", "A1", "own"),
    ],
)
def test_pages_are_open_to_whom_they_fit(path: str, item: str, who: str) -> None:
    fits = [
        each.sight(SITE).policy.value
        for each in (OPEN, CALM, OWN)
        if calm.is_open(path, item, each.sight(SITE))
    ]

    assert fits == ["open", "calm", "own"][: ["open", "calm", "own"].index(who) + 1]


# --- at the door -------------------------------------------------------------------------------------------


def _answered(desk: Desk, who: Identity, path: str, body: object = None, query: str = "") -> int:
    """Ask the screens behind the door; 204 is what they answer."""
    statuses: list[int] = []
    told: list[bytes] = []

    async def screens(_scope: Any, receive: Any, send: Any) -> None:
        told.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def receive() -> Any:
        return {
            "type": "http.request",
            "body": msgspec.json.encode(body) if body else b"",
            "more_body": False,
        }

    async def send(message: Any) -> None:
        statuses.append(message.get("status", 0))

    pages = {
        ("callback", "live-now.children"): "/live",
        ("download", "live"): "/live",
        ("stream", "live"): "/live",
    }
    door = shared.Calmly(screens, desk, lambda kind, name: pages.get((kind, name)))
    scope = {"type": "http", "method": "POST", "path": path, "query_string": query.encode()}
    with acting(who):
        asyncio.run(door(scope, receive, send))
    assert not (body and told) or msgspec.json.decode(told[0]) == body
    return statuses[0]


def _question(output: str, *addresses: str) -> dict[str, Any]:
    values = [
        {"id": "view", "property": "data", "value": {"path": "/articles", "search": each}}
        for each in addresses
    ]
    return {"output": output, "inputs": values}


def test_callbacks_files_and_streams_of_closed_pages_are_refused(desk: Desk) -> None:
    asked = _question("live-now.children", f"?site={SITE}")
    for who, status in ((OPEN, 204), (CALM, 403), (OWN, 403)):
        assert _answered(desk, who, "/_dash-update-component", asked) == status
        assert _answered(desk, who, "/_dash-update-component", {"output": "live-now.children"}) == status
        assert _answered(desk, who, "/download/live.csv", query=f"site={SITE}") == status
        assert _answered(desk, who, "/stream/live.json") == status
        assert _answered(desk, who, "/_dash-update-component", _question("page.children", "")) == 204


def test_who_sees_their_own_begins_there(desk: Desk) -> None:
    assert [_answered(desk, who, "/") for who in (OPEN, CALM, OWN)] == [204, 204, 303]


def test_a_question_of_two_addresses_is_a_question_of_none() -> None:
    one, two = filters.parse("/articles", "?q=a"), _question("x.children", "?q=a", "?q=b")

    assert shared.question_of(msgspec.json.encode(_question("x.children", "?q=a", "?q=a"))) == (
        "x.children",
        one,
    )
    assert shared.question_of(msgspec.json.encode(two)) == ("x.children", None)


def test_the_way_out_of_a_closed_page_leads_home(desk: Desk) -> None:
    assert links(calm.refusal(OWN.sight(SITE))) == {"Open your own page": f"/authors/{ME}"}
