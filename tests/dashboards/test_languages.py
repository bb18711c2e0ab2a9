"""Every page in a language without Latin letters: what is still read in them was never translated.

All texts of the catalogue are written in Georgian letters, places in braces left alone. Then each page is
laid out and each of its slots drawn. What stands in Latin letters is data, or one of the few words below.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Iterator
from typing import Any, cast

import plotly
import pytest

from analytics import language
from analytics.control.identity import Policy, Sight
from analytics.desk import Desk
from dashboards import calm, components, filters, slots
from dashboards.app import _all_pages
from dashboards.elements import el
from tests.dashboards.small import desk_of
from tests.test_worked_example import ARTICLES, COMMENTS, ENGAGEMENTS, VIEWS

NOT_ENGLISH = str.maketrans({chr(n): "ჟ" for n in (*range(65, 91), *range(97, 123))})
WORD = re.compile(r"[A-Za-zÀ-ž]{2,}")
# Parts of components that are read or heard; of plots and grids see below.
READ = (
    "children", "label", "placeholder", "title", "aria-label", "alt", "description", "nothingFoundMessage",
)  # fmt: skip
# Names of things, formats, units, keys, statements and addresses are the same in every language.
SAME = re.compile(
    r"Tearsheet|CSV|XLSX|PNG|SVG|PDF|JSON|Parquet|SQL|TOML|toml|HTTP|URL|API|RSS|Enter|Esc|Slack|Teams|Discord|"
    r"Telegram|Webhook|Shift|Alt|https?:\S*|\S+\.example\S*|America/Sao_Paulo|UTC|AI|CMS|Ctrl|"
    r"section=\S+|channel=\S+|^\w+ · \w+ · |\b(?:min|ms|mono|pt|px|MB|MiB|KB|id|n)\b"
)
ADDRESSES = {
    "article": "/articles/A1",
    "author": "/authors/u1",
    "topic": "/topics/city?split=topic",
    "query": "/sql/x",
    "compare": "/compare?of=articles&items=A1,A2",
}


class Foreign(gettext.NullTranslations):
    """A catalogue that has every text, in letters that are not English."""

    def gettext(self, message: str) -> str:
        return _foreign(message)

    def pgettext(self, _context: str, message: str) -> str:
        return _foreign(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return _foreign(one if n == 1 else many)


def _foreign(text: str) -> str:
    parts = re.split(r"(\{[^{}]*\})", text)
    return "".join(part if part.startswith("{") else part.translate(NOT_ENGLISH) for part in parts)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The worked example."""
    with desk_of(tmp_path_factory.mktemp("home"), *VIEWS, *ENGAGEMENTS, *COMMENTS, *ARTICLES) as opened:
        yield opened


@pytest.fixture(autouse=True)
def foreign(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak the language of the foreign catalogue."""
    monkeypatch.setattr(language, "_catalogue", lambda _name: Foreign())
    with language.speaking(language.speech("de", "de-DE")):
        yield


def data_of(desk: Desk) -> set[str]:
    """Collect the words of the newsroom itself: titles, names, sections, sources, addresses, days."""
    names = desk.store.frame(
        """
        SELECT title AS name FROM articles UNION ALL SELECT section FROM articles UNION ALL
        SELECT url FROM articles UNION ALL SELECT article_id FROM articles UNION ALL
        SELECT name FROM authors UNION ALL SELECT author_id FROM authors UNION ALL
        SELECT name FROM topics UNION ALL SELECT topic_id FROM topics UNION ALL
        SELECT source FROM page_views UNION ALL SELECT site_id FROM articles
        """
    )["name"].to_list()
    known = {word for name in names if name for word in WORD.findall(str(name))}
    for n in range(12):
        known |= {language.month(n + 1), language.month(n + 1, is_short=True)}
    for n in range(7):
        known |= {language.weekday(n), language.weekday(n, is_short=True)}
    return known | set(WORD.findall("The Example"))


def read_in(part: Any) -> Iterator[str]:
    """Give what is read in a part: texts, labels, cells of grids, words of plots."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, list):
        for each in part:
            yield from read_in(each)
    elif isinstance(part, dict) and "props" in part:
        yield from _of_component(part["type"], part["props"])
    elif isinstance(part, dict):
        for name, value in part.items():
            if name in READ:
                yield from read_in(value)


def _of_component(kind: str, props: dict[str, Any]) -> Iterator[str]:
    if kind in {"Store", "Location", "Pre", "Code"}:
        return
    if kind == "Plain":
        yield from _of_nodes(props["nodes"])
        return
    for name, value in props.items():
        if name in READ:
            yield from read_in(value)
        elif name == "data" and isinstance(value, list):
            yield from (str(each["label"]) for each in value if isinstance(each, dict))
        elif name == "columnDefs":
            yield from (str(each.get("headerName", "")) for each in value)
        elif name == "figure":
            yield from (str(each.get("text", "")) for each in value["layout"].get("annotations", []))


def _of_nodes(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif node[0] not in {"pre", "code", "script", "Mark"}:
            yield from (str(value) for name, value in node[1].items() if name in READ)
            yield from _of_nodes(node[2:])


class Recorder:
    """Takes what a page binds, and keeps the functions of its slots."""

    def __init__(self) -> None:
        self.server = self

    def callback(self, *_args: Any, **_more: Any) -> Any:
        return lambda function: function

    def clientside_callback(self, *_args: Any, **_more: Any) -> None:
        return None


def drawn(name: str, page: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Any]]:
    """Lay a page out and draw its slots: the name of each part, and the part."""
    address = ADDRESSES.get(name, page.PATH)
    path, _question, search = address.partition("?")
    view = filters.parse(path, search and f"?{search}")
    bound: dict[str, Any] = {}
    monkeypatch.setattr(slots, "fill", lambda _app, slot, draw, **_more: bound.update({slot: draw}))
    page.register(Recorder())
    yield "layout", page.layout(view)
    for slot, draw in bound.items():
        yield slot, draw(desk, view)


PAGES: dict[str, Any] = {cast("Any", page).__name__.rpartition(".")[2]: page for page in _all_pages()}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_no_text_of_a_page_is_english_in_another_language(
    name: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = data_of(desk)

    left: dict[str, set[str]] = {}
    for part, made in drawn(name, PAGES[name], desk, monkeypatch):
        plain = json.loads(json.dumps(made, cls=plotly.utils.PlotlyJSONEncoder))
        for text in read_in(plain):
            if set(WORD.findall(SAME.sub(" ", text))) - known:
                left.setdefault(part, set()).add(text)

    assert left == {}


def test_navigation_and_help_are_in_another_language(desk: Desk) -> None:
    frame = components.shell("The Example", el("div"), [("Fediverse", "https://x.example")], None)
    plain = json.loads(json.dumps(frame, cls=plotly.utils.PlotlyJSONEncoder))
    known = data_of(desk) | {"Fediverse", "English", "Deutsch"}

    left = [text for text in read_in(plain) if set(WORD.findall(SAME.sub(" ", text))) - known]

    assert left == []


def test_a_page_that_is_not_shown_says_so_in_another_language() -> None:
    plain = json.loads(json.dumps(calm.refusal(Sight(Policy.CALM)), cls=plotly.utils.PlotlyJSONEncoder))

    assert [text for text in read_in(plain) if WORD.search(text)] == []
