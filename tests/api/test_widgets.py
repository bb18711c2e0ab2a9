"""Public widgets: what anybody reads, what nobody may, and what it costs."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import shutil
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest

from analytics import front
from analytics.api.widgets import Widgets
from analytics.collect import settings
from analytics.desk import Desk
from analytics.errors import StoreError
from analytics.queries import answers, library, public
from dashboards.pages.article.head import draw_head
from tests.builders import SITE, ZONE, Article, Row, article, comment, engagement, utc, view
from tests.dashboards.small import at, said
from tests.newsroom import NOW, Newsroom

ON = "on = true\n"
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</title></li><script>alert(1)</script>]]>\"' onload=x & \u202eevil\u2066 \x0b\x1b[31m"
TAMED = "</title></li><script>alert(1)</script>]]>\"' onload=x & evil [31m"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = utc(NOW)

    def __call__(self) -> dt.datetime:
        return self.now

    def ticks(self) -> float:
        return (self.now - dt.datetime(2026, 1, 1)).total_seconds()

    def move(self, **span: float) -> None:
        self.now += dt.timedelta(**span)


@dataclass(slots=True)
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.json["rows"]]


@dataclass(slots=True)
class Public:
    """A desk of one site, and its public doors."""

    desk: Desk
    clock: Clock
    app: Widgets
    room: Newsroom

    def take(self, *rows: Row | Article) -> None:
        self.room.now = self.clock.now
        self.room.take(*rows)

    def get(self, path: str, *, peer: str = "81.16.1.77", method: str = "GET", **headers: str) -> Answered:
        return asyncio.run(self.ask(path, peer=peer, method=method, **headers))

    async def ask(
        self, path: str, *, peer: str = "81.16.1.77", method: str = "GET", **headers: str
    ) -> Answered:
        address, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": f"/w/{SITE}/{address}" if not address.startswith("/") else address,
            "query_string": query.encode(),
            "client": (peer, 1),
            "headers": [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()],
        }
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        await self.app(scope, _nothing, send)
        found = {name.decode(): text.decode() for name, text in sent[0]["headers"]}
        assert len(found) == len(sent[0]["headers"]), "a header stands twice"
        return Answered(sent[0]["status"], found, sent[1]["body"])


async def _nothing() -> Any:
    return {"type": "http.request"}


async def _behind(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


Maker = Callable[..., Public]


@pytest.fixture
def opened(tmp_path: Path, empty_file: Path) -> Iterator[Maker]:
    """Open a desk whose site has these widget settings."""
    desks: list[Desk] = []
    shutil.copy(empty_file, tmp_path)

    def make(widgets: str = ON, site: str = "") -> Public:
        (tmp_path / "tearsheet.toml").write_text(
            f'[site."{SITE}"]\ntimezone = "{ZONE}"\nname = "The Example"\n{site}\n'
            f'[site."{SITE}".widgets]\n{widgets}',
            encoding="utf-8",
        )
        clock = Clock()
        desk = Desk(tmp_path, "test", clock)
        desks.append(desk)
        app = Widgets(desk.store, tmp_path, lambda: desk.described, _behind, clock=clock, ticks=clock.ticks)
        return Public(desk, clock, app, Newsroom(desk.store, now=clock.now))

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def site(opened: Maker) -> Public:
    """A site with widgets on."""
    return opened()


def views(article_id: str, count: int, at: str = "2026-05-06 12:30") -> list[Row]:
    return [view(f"{article_id} {at} {n}", at, article_id, f"p{n}") for n in range(count)]


def parsed(answer: Answered) -> ET.Element:
    return ET.fromstring(answer.body)  # noqa: S314 our own answer


def counting(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> list[int]:
    """Count how often a question is asked."""
    asked: list[int] = []
    real = getattr(module, name)

    def counted(*args: Any, **more: Any) -> Any:
        asked.append(1)
        return real(*args, **more)

    monkeypatch.setattr(module, name, counted)
    return asked


# --- the counter -------------------------------------------------------------------------------------------


def test_the_former_counter_is_carried_on_and_goes_up_by_one(site: Public) -> None:
    site.take(*views("A1", 3, "2026-05-04 12:00"), article("A1", balance=(622, "2026-05-05")))
    before = site.get("counter.json?id=A1").json
    site.take(view("v1", "2026-05-06 12:59", "A1"))
    site.clock.move(seconds=61)
    after = site.get("counter.json?id=A1").json

    assert before == {
        "article": "A1",
        "metric": "views",
        "label": "Read",
        "value": 622,
        "since": "2026-05-06T00:00:00-03:00",
        "opening_balance": 622,
        "as_of": "2026-05-06T13:00:00Z",
    }
    assert (after["value"], after["as_of"]) == (623, "2026-05-06T13:01:01Z")


def test_counter_queries_and_top_say_the_same(site: Public) -> None:
    site.take(
        *views("A1", 4), *views("A1", 2, "2026-05-05 12:00"), article("A1", balance=(622, "2026-05-04"))
    )
    told = site.get("counter.json?id=A1").json
    top = answers.top(
        site.desk.store,
        board="articles",
        metric="views",
        first="2026-05-05",
        last="2026-05-06",
        now=site.clock.now,
    )
    listed = site.get("most-read.json?period=7d")

    assert top[0]["views"] == 6
    assert told["value"] == told["opening_balance"] + top[0]["views"]
    assert told["value"] == library.counter(site.desk.store, SITE, "A1")["value"]
    assert "622" not in listed.text, "the balance enters no period"


def test_the_counter_takes_the_metric_of_the_site(opened: Maker) -> None:
    site = opened(site='counter = "reads"')
    site.take(
        *views("A1", 3), engagement("A1 2026-05-06 12:30 0", "2026-05-06 12:31", 20_000, acts=1, visitor="p0")
    )

    assert site.get("counter.json?id=A1").json["value"] == 1
    assert site.get("counter.json?id=A1").json["metric"] == "reads"


def test_the_articles_page_shows_the_same_counter(opened: Maker) -> None:
    site = opened(site='counter = "reads"')
    site.take(
        *views("A1", 3),
        engagement("A1 2026-05-06 12:30 0", "2026-05-06 12:31", 20_000, acts=1, visitor="p0"),
        article("A1", balance=(622, "2026-05-04")),
    )

    assert site.get("counter.json?id=A1").json["value"] == 623
    assert "Read: 623 of which 622 from the former counter" in said(draw_head(site.desk, at("/articles/A1")))


def test_reads_that_no_source_can_tell_are_unknown_not_0(opened: Maker) -> None:
    site = opened(site='counter = "reads"')
    site.take(view("v1", "2026-05-06 12:30", "A1", signal="none"))
    answer = site.get("counter.html?id=A1")

    assert site.get("counter.json?id=A1").json["value"] is None
    assert (answer.status, answer.body) == (200, b"")


def test_an_article_with_a_balance_and_no_view_shows_the_balance(site: Public) -> None:
    site.take(article("A3", balance=(40, "2026-05-04")))

    assert site.get("counter.json?id=A3").json["value"] == 40


def test_an_unknown_article_is_404_and_never_0(site: Public) -> None:
    answers_ = {form: site.get(f"counter.{form}?id=nope") for form in ("json", "html", "svg")}

    assert [each.status for each in answers_.values()] == [404] * 3
    assert answers_["json"].body == b'{"error":"unknown_article"}'
    assert answers_["html"].body == b""
    assert answers_["html"].headers["content-length"] == "0"


def test_several_counters_come_at_once_in_order_and_null_where_unknown(site: Public) -> None:
    site.take(*views("A1", 2), *views("A2", 1), article("A2", aliases=("old-2",)))
    answer = site.get("counter.json?ids=old-2,nope,A1")

    assert list(answer.json) == ["old-2", "nope", "A1"]
    assert [each and (each["article"], each["value"]) for each in answer.json.values()] == [
        ("A2", 1),
        None,
        ("A1", 2),
    ]


def test_a_hundred_ids_are_taken_and_no_more(site: Public) -> None:
    def asked(count: int) -> Answered:
        return site.get(f"counter.json?ids={','.join(f'a{n}' for n in range(count))}")

    assert len(asked(100).json) == 100
    assert (asked(101).status, asked(101).json["error"]) == (400, "bad_ids")


def test_an_article_is_found_by_any_form_of_its_address(site: Public) -> None:
    site.take(article("A1", url=f"https://{SITE}/2026/budget-vote"), *views("A1", 2))
    asked = [f"https://{SITE}/2026/budget-vote", f"http://www.{SITE}/2026/budget-vote/?utm_source=x#top"]

    assert [site.get(f"counter.json?url={quote(each, '')}").json["value"] for each in asked] == [2, 2]
    assert site.get(f"counter.json?url={quote(f'https://{SITE}/else/where', '')}").status == 404


def test_a_counter_below_the_bar_tells_nothing(opened: Maker) -> None:
    site = opened(ON + "hide_below = 5\n")
    site.take(*views("A1", 4), *views("A2", 5), article("A1", balance=(0, "2026-05-04")))

    assert site.get("counter.json?id=A1").json["value"] is None
    assert site.get("counter.json?id=A1").json["opening_balance"] is None
    assert site.get("counter.html?id=A1").body == b""
    assert "4" not in re.sub(r'="[^"]*"', "", site.get("counter.svg?id=A1").text)
    assert site.get("counter.json?id=A2").json["value"] == 5


def test_words_language_and_numbers_are_the_sites(opened: Maker) -> None:
    site = opened(
        ON + 'language = "ka"\nlabel = "წაკითხულია"\nthousands = " "\nlabels = { de = "Gelesen" }\n'
    )
    site.take(article("A1", balance=(1203, "2026-05-05")), *views("A1", 1))
    own, other = site.get("counter.html?id=A1"), site.get("counter.html?id=A1&lang=de")

    assert '<span lang="ka" dir="auto">წაკითხულია: 1 204</span>' in own.text
    assert '<span lang="de" dir="auto">Gelesen: 1 204</span>' in other.text
    assert "1,203 from the former counter; as of 10:00, 6 May 2026" in own.text
    assert site.get("counter.html?id=A1&lang=fr").json["error"] == "bad_lang"


def test_a_german_site_needs_no_words_of_its_own(opened: Maker) -> None:
    site = opened(site='locale = "de-AT"')
    site.take(article("A1", balance=(1203, "2026-05-05")), *views("A1", 1))
    german, english = site.get("counter.html?id=A1"), site.get("counter.html?id=A1&lang=en")

    assert '<span lang="de" dir="auto">Gelesen: 1.204</span>' in german.text
    assert 'lang="de" title="Aufrufe seit ' in german.text
    assert "aus dem früheren Zähler; Stand 10:00, 6. Mai 2026" in german.text
    assert '<span lang="en" dir="auto">Read: ' in english.text
    assert "from the former counter" in english.text
    assert "<title>The Example: am meisten gelesen</title>" in site.get("most-read.rss").text


def test_the_drawing_is_text_and_title_in_the_colours_asked(opened: Maker) -> None:
    site = opened(ON + 'label = "<script>&"\n')
    site.take(*views("A1", 2))
    light, dark = (site.get(f"counter.svg?id=A1{theme}") for theme in ("", "&theme=dark"))
    root = parsed(light)

    assert [each.tag for each in root] == [f"{SVG}title", f"{SVG}text"]
    assert root.findtext(f"{SVG}text") == "<script>&: 2"
    assert (root.findtext(f"{SVG}title") or "").startswith("<script>&: 2. Views since 6 May 2026")
    assert light.headers["content-type"] == "image/svg+xml; charset=utf-8"
    assert light.body != dark.body
    assert site.get("counter.svg?id=A1&theme=pink").status == 400


# --- lists -------------------------------------------------------------------------------------------------


def test_a_list_has_the_shape_of_the_wire_format(opened: Maker) -> None:
    site = opened(ON + "show_values = true\n")
    site.take(
        *views("A1", 12),
        article(
            "A1",
            title="Budget vote",
            url=f"https://{SITE}/budget",
            section="politics",
            image="https://i.example/1.jpg",
            authors=("b", "a"),
            published_at=utc("2026-05-06 05:30"),
        ),
    )

    assert site.get("most-read.json").json == {
        "period": "24h",
        "period_used": "24h",
        "by": "views",
        "as_of": "2026-05-06T13:00:00Z",
        "rows": [
            {
                "rank": 1,
                "id": "A1",
                "url": f"https://{SITE}/budget",
                "title": "Budget vote",
                "authors": ["Name of b", "Name of a"],
                "section": "politics",
                "published_at": "2026-05-06T05:30:00Z",
                "image": "https://i.example/1.jpg",
                "value": 12,
            }
        ],
    }


def test_windows_roll_to_the_minute(site: Public) -> None:
    site.clock.now = utc("2026-05-06 13:00:40")
    site.take(
        view("in", "2026-05-06 12:00:00", "in", "p1"),
        view("before", "2026-05-06 11:59:59", "before", "p2"),
        view("after", "2026-05-06 13:00:01", "after", "p3"),
        view("yesterday", "2026-05-05 13:00:00", "yesterday", "p4"),
        view("older", "2026-05-05 12:59:59", "older", "p5"),
    )

    assert site.get("most-read.json?period=1h").ids == ["in"]
    assert set(site.get("most-read.json").ids) == {"in", "before", "yesterday"}
    assert site.get("most-read.json").json["as_of"] == "2026-05-06T13:00:00Z"


@pytest.mark.parametrize(
    ("seen", "used"),
    [
        ("2026-05-06 12:30", "1h"),
        ("2026-05-06 02:00", "24h"),
        ("2026-05-01 12:00", "7d"),
        ("2026-04-10 12:00", "30d"),
        ("2026-03-10 12:00", "30d"),
    ],
)
def test_an_empty_period_gives_way_to_the_next_longer_one(site: Public, seen: str, used: str) -> None:
    site.take(*views("A1", 1, seen))
    answer = site.get("most-read.json?period=1h").json

    assert (answer["period"], answer["period_used"]) == ("1h", used)
    assert len(answer["rows"]) == (0 if seen.startswith("2026-03") else 1)


def test_ties_share_a_rank_the_newer_first(site: Public) -> None:
    site.take(*views("A", 2), *views("B", 2), *views("C", 1), *views("D", 3))
    site.take(
        article("A", published_at=utc("2026-05-01 08:00")), article("B", published_at=utc("2026-05-02 08:00"))
    )
    rows = site.get("most-read.json").json["rows"]

    assert [(row["rank"], row["id"]) for row in rows] == [(1, "D"), (2, "B"), (2, "A"), (4, "C")]


def test_where_a_list_is_cut_the_newer_of_equal_ones_stay(site: Public) -> None:
    site.take(*[row for n in range(52) for row in views(f"a{n:02}", 1)])
    site.take(*[article(f"a{n:02}", published_at=utc(f"2026-05-01 08:{n:02}")) for n in range(52)])

    assert site.get("most-read.json?limit=50").ids == [f"a{n:02}" for n in range(51, 1, -1)]


def test_values_are_told_only_where_the_site_does_and_from_the_floor_on(opened: Maker) -> None:
    site = opened(ON + "show_values = true\n")
    site.take(*views("A", 10), *views("B", 9))

    assert [row["value"] for row in site.get("most-read.json").json["rows"]] == [10, None]
    assert re.findall(r'tearsheet-value">([^<]*)<', site.get("most-read.html").text) == ["10"]


def test_values_are_not_told_by_default(site: Public) -> None:
    site.take(*views("A", 11))

    assert site.get("most-read.json").json["rows"][0]["value"] is None
    assert "tearsheet-value" not in site.get("most-read.html").text


def test_excluded_and_withdrawn_articles_leave_no_hole(opened: Maker) -> None:
    site = opened(ON + 'excluded = ["old-1"]\n')
    site.take(*views("A", 3), *views("B", 2), *views("C", 1))
    site.take(article("A", aliases=("old-1",)), article("B", state="withdrawn"))

    assert [(row["rank"], row["id"]) for row in site.get("most-read.json").json["rows"]] == [(1, "C")]


def test_lists_are_narrowed_by_section_topic_and_language(site: Public) -> None:
    site.take(*views("A", 3), *views("B", 2), *views("C", 1))
    site.take(
        article("A", section="politics", topics=("tax",), language="ka"),
        article("B", section="sport", topics=("tax", "cup"), language="en"),
        article("C", section="sport", language="ka"),
    )

    def ids(query: str) -> list[str]:
        return site.get(f"most-read.json?{query}").ids

    assert ids("section=sport") == ["B", "C"]
    assert ids("section=sport,politics") == ids("section=sport&section=politics") == ["A", "B", "C"]
    assert ids("section=!sport") == ["A"]
    assert ids("topic=tax") == ["A", "B"]
    assert ids("topic=!tax") == ["C"]
    assert ids("language=ka") == ["A", "C"]
    assert ids("language=ka&section=sport") == ["C"]
    assert ids("section=nowhere") == []
    assert ids("limit=1") == ["A"]


def test_most_discussed_counts_published_comments(site: Public) -> None:
    site.take(
        *views("A", 5),
        comment("c1", "published", "2026-05-06 12:00", article="B"),
        comment("c2", "published", "2026-05-06 12:01", article="B"),
        comment("c3", "published", "2026-05-06 12:02", article="A"),
        comment("c4", "rejected", "2026-05-06 12:03", article="A"),
        comment("c5", "pending", "2026-05-06 12:04", article="A"),
    )
    site.take(article("A"), article("B"))

    assert site.get("most-read.json?by=comments").ids == ["B", "A"]


def test_most_read_by_reads_counts_reads(site: Public) -> None:
    site.take(
        *views("A", 5),
        *views("B", 1),
        engagement("B 2026-05-06 12:30 0", "2026-05-06 12:31", 20_000, acts=1, visitor="p0"),
    )

    assert site.get("most-read.json?by=reads").ids == ["B"]


def test_rss_is_valid_and_its_guids_stay(site: Public) -> None:
    site.take(*views("A", 2), article("A", title=HOSTILE, url=f"https://{SITE}/a?id=1", authors=("x",)))
    site.take(article("A", published_at=utc("2026-05-06 05:30"), section="politics"))
    answer = site.get("most-read.rss")
    channel = parsed(answer).find("channel")
    assert channel is not None
    item = channel.find("item")
    assert item is not None

    assert parsed(answer).attrib == {"version": "2.0"}
    assert [channel.findtext(name) for name in ("title", "link", "description", "language")] == [
        "The Example: most read",
        f"https://{SITE}/",
        "The Example: most read",
        "en",
    ]
    assert item.findtext("title") == TAMED
    assert (item.findtext("guid"), item.find("guid").attrib) == ("A", {"isPermaLink": "false"})  # type: ignore[union-attr]
    assert item.findtext("link") == f"https://{SITE}/a?id=1"
    assert parsedate_to_datetime(item.findtext("pubDate") or "") == dt.datetime(
        2026, 5, 6, 5, 30, tzinfo=dt.UTC
    )
    assert answer.headers["content-type"] == "application/rss+xml; charset=utf-8"
    assert site.get("most-read.rss?period=7d").text.count("<guid") == 1


def test_a_hostile_title_is_text_everywhere(site: Public) -> None:
    site.take(*views("A", 2))
    site.take(article("A", title=HOSTILE, url="javascript://x/%0aalert(1)", image="data:text/html,x"))
    page = site.get("most-read.html").text
    row = site.get("most-read.json").json["rows"][0]

    assert "<script" not in page
    assert "javascript:" not in page
    assert re.findall(r"<(\w+)", page) == ["ol", "li"]
    assert (row["title"], row["url"], row["image"]) == (TAMED, None, None)
    for form in ("json", "html", "rss"):
        assert "\u202e" not in site.get(f"most-read.{form}").text


def test_a_list_as_html_is_a_fragment_without_script(site: Public) -> None:
    site.take(*views("A", 2), *views("B", 2), article("A", title="One & two", url=f'https://{SITE}/a"b'))
    page = site.get("most-read.html").text

    assert page.startswith(
        '<ol class="tearsheet-most-read" lang="en" data-period="24h"><li value="1" dir="auto">'
    )
    assert f'<a href="https://{SITE}/a&quot;b" target="_top">One &amp; two</a>' in page
    assert page.count('value="1"') == 2
    assert site.get("most-read.html?section=nowhere").body == b""


# --- who may see, and how it is sent -----------------------------------------------------------------------


@pytest.mark.parametrize("widgets", ["", "on = false\n"])
def test_widgets_are_off_until_a_site_turns_them_on(opened: Maker, widgets: str) -> None:
    site = opened(widgets)
    site.take(*views("A1", 2))
    answer = site.get("counter.json?id=A1")
    elsewhere = site.get("/w/other.example/counter.json?id=A1")

    assert (answer.status, answer.json["error"]) == (404, "unknown_site")
    assert answer.body == elsewhere.body, "nobody learns which sites there are"
    assert site.get("most-read.html").body == b""


def test_settings_that_change_hold_at_once(opened: Maker) -> None:
    site = opened()
    site.take(*views("A1", 2))
    path = site.desk.home.path / "tearsheet.toml"

    def after(change: str) -> Answered:
        path.write_text(path.read_text().replace("on = true", change))
        site.desk.settle()
        return site.get("counter.html?id=A1")

    assert ">Read: 2<" in site.get("counter.html?id=A1").text
    assert ">Lu : 2<" in after('on = true\nlabel = "Lu "').text
    assert after("on = false").status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("counter.json", 400),
        ("counter.json?id=", 400),
        ("counter.json?id=a&url=b", 400),
        ("counter.json?id=a&id=b", 400),
        ("counter.json?id=a%00b", 400),
        (f"counter.json?id={'x' * 201}", 400),
        ("counter.json?url=ftp://x", 400),
        ("counter.json?url=https://evil.example/a/b", 400),
        ("counter.json?id=a&theme=dark", 400),
        ("counter.svg?ids=a,b", 400),
        ("counter.json?" + "&".join(["id=a"] * 200), 400),
        ("most-read.json?period=2h", 400),
        ("most-read.json?perod=7d", 400),
        ("most-read.json?by=clicks", 400),
        ("most-read.json?limit=0", 400),
        ("most-read.json?limit=51", 400),
        ("most-read.json?limit=²", 400),
        (f"most-read.json?section={'a,' * 21}", 400),
        ("most-read.svg", 404),
        ("counter.rss?id=a", 404),
        ("counter", 404),
        ("/w/", 404),
        ("/w/a/b/c.json", 404),
        ("most-read.json?section=%ff%fe'--", 200),
    ],
)
def test_a_wrong_address_is_told_what_is_wrong(site: Public, path: str, status: int) -> None:
    answer = site.get(path)

    assert status == answer.status
    if status != 200:
        assert set(answer.json) == {"error", "message", "hint"}
        assert answer.json["message"]


def test_a_mistyped_parameter_gets_a_hint(site: Public) -> None:
    assert site.get("most-read.json?perod=7d").json == {
        "error": "unknown_parameter",
        "message": "There is no parameter 'perod'.",
        "hint": "Did you mean period?",
    }


@pytest.mark.parametrize(
    "path",
    ["counter.json?id=A1", "counter.html?id=A1", "counter.svg?id=A1", "most-read.json", "most-read.rss"],
)
def test_answers_are_open_cached_and_without_cookies(site: Public, path: str) -> None:
    site.take(*views("A1", 2))
    headers = site.get(path).headers

    assert headers["access-control-allow-origin"] == "*"
    assert headers["cache-control"] == "public, max-age=60"
    assert re.fullmatch(r'"[0-9a-f]{32}"', headers["etag"])
    assert headers["cross-origin-resource-policy"] == "cross-origin"
    assert not {"set-cookie", "x-frame-options", "access-control-allow-credentials"} & headers.keys()


def test_only_pages_of_the_site_may_frame_a_fragment(opened: Maker) -> None:
    site = opened(site=f'hosts = ["{SITE}", "m.{SITE}", "bücher.example", "x; script-src *"]')
    site.take(*views("A1", 2))
    policy = site.get("counter.html?id=A1").headers["content-security-policy"]

    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith(f"frame-ancestors {SITE} m.{SITE} xn--bcher-kva.example")


def test_who_has_it_is_told_so(site: Public) -> None:
    site.take(*views("A1", 2))
    tag = site.get("counter.json?id=A1").headers["etag"]
    same = site.get("counter.json?id=A1", if_none_match=f'"other", W/{tag}')
    site.take(view("new", "2026-05-06 12:59", "A1"))
    site.clock.move(seconds=61)
    changed = site.get("counter.json?id=A1", if_none_match=tag)

    assert (same.status, same.body, same.headers["etag"]) == (304, b"", tag)
    assert (changed.status, changed.json["value"]) == (200, 3)


def test_head_and_preflight_are_answered_and_writes_are_not(site: Public) -> None:
    site.take(*views("A1", 2))
    whole, head = site.get("counter.json?id=A1"), site.get("counter.json?id=A1", method="HEAD")
    preflight = site.get("counter.json", method="OPTIONS")

    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", str(len(whole.body)))
    assert (preflight.status, preflight.headers["access-control-allow-methods"]) == (204, "GET, HEAD")
    assert site.get("counter.json?id=A1", method="POST").status == 405


def test_every_other_address_goes_to_the_screens(site: Public) -> None:
    assert site.get("/articles").status == 418


def test_the_desk_answers_everybody_before_its_gate(site: Public) -> None:
    site.take(*views("A1", 2))
    server = front.server(site.desk, _behind, "token")
    app: Any = server.config.app
    through = Public(site.desk, site.clock, app, site.room)
    try:
        assert through.get("counter.json?id=A1").json["value"] == 2
        assert through.get("/articles", host="127.0.0.1").status == 403  # nobody has claimed the house
    finally:
        app.close()


# --- limits ------------------------------------------------------------------------------------------------


def test_the_sixty_first_request_of_a_minute_waits(site: Public) -> None:
    site.take(*views("A1", 2))
    statuses = [site.get("counter.json?id=A1").status for _ in range(60)]
    late = site.get("counter.json?id=A1")
    other = site.get("counter.json?id=A1", peer="81.16.1.78")
    site.clock.move(seconds=int(late.headers["retry-after"]))
    later = site.get("counter.json?id=A1")

    assert statuses == [200] * 60
    assert (late.status, late.json["error"], late.headers["cache-control"]) == (
        429,
        "too_many_requests",
        "no-store",
    )
    assert (other.status, later.status) == (200, 200)


def test_a_refused_fragment_says_nothing_on_the_page(site: Public) -> None:
    for _ in range(60):
        site.get("counter.json?id=A1")

    assert (site.get("counter.html?id=A1").status, site.get("counter.html?id=A1").body) == (429, b"")


def test_only_a_trusted_proxy_names_the_reader(site: Public) -> None:
    def asked(peer: str, count: int) -> set[int]:
        return {
            site.get("most-read.json", peer=peer, x_forwarded_for=f"9.9.9.{n}").status for n in range(count)
        }

    untrusted = asked("10.0.0.1", 61)
    told = settings.read(site.desk.home.path, {})
    limits = msgspec.structs.replace(told.limits, trusted_proxies=("10.0.0.0/8",))
    settings.write(site.desk.home.path, msgspec.structs.replace(told, limits=limits))
    site.clock.move(seconds=120)

    assert untrusted == {200, 429}
    assert asked("10.0.0.1", 61) == {200}


def test_fifty_at_once_cost_one_computation(site: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    site.take(*views("A1", 2))
    asked = counting(monkeypatch, public, "_rows")

    async def all_at_once() -> list[Answered]:
        return await asyncio.gather(*[site.ask("most-read.json", peer=f"81.16.1.{n}") for n in range(50)])

    found = asyncio.run(all_at_once())

    assert [each.status for each in found] == [200] * 50
    assert len(asked) == 1


def test_a_question_is_computed_once_a_minute_in_all_forms(
    site: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.take(*views("A1", 2))
    asked = counting(monkeypatch, library, "counters")
    for form in ("json", "html", "svg"):
        site.get(f"counter.{form}?id=A1")
    site.get("counter.json?ids=A1")
    site.clock.move(seconds=59)
    site.get("counter.json?id=A1")
    within = len(asked)
    site.clock.move(seconds=2)
    site.get("counter.json?id=A1")

    assert (within, len(asked)) == (1, 2)


def test_public_questions_wait_for_each_other(site: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    running, most = [0], [0]
    lock = threading.Lock()
    real = public.most

    def slow(*args: Any) -> Any:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        try:
            return real(*args)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(public, "most", slow)

    async def many() -> None:
        await asyncio.gather(*[site.ask(f"most-read.json?section=s{n}") for n in range(20)])

    asyncio.run(many())

    assert most == [1]


def test_what_cannot_be_computed_is_given_on_with_its_time(
    site: Public, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.take(*views("A1", 2))
    good = site.get("counter.json?id=A1")
    asked: list[int] = []

    def broken(*_args: Any) -> Any:
        asked.append(1)
        raise StoreError("The disk is gone.")

    monkeypatch.setattr(library, "counters", broken)
    site.clock.move(seconds=61)
    stale = [site.get("counter.json?id=A1") for _ in range(3)]
    monkeypatch.undo()
    site.clock.move(seconds=61)
    mended = site.get("counter.json?id=A1").json

    assert [each.body for each in stale] == [good.body] * 3
    assert len(asked) == 1
    assert (good.json["as_of"], mended["as_of"]) == ("2026-05-06T13:00:00Z", "2026-05-06T13:02:02Z")


def test_a_first_failure_is_503_and_tells_no_reason(site: Public, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any) -> Any:
        raise RuntimeError("secret/path")

    monkeypatch.setattr(public, "most", broken)
    told, page = site.get("most-read.json"), site.get("most-read.html")

    assert (told.status, told.json["error"], told.headers["retry-after"]) == (503, "unavailable", "60")
    assert "secret" not in told.text
    assert (page.status, page.body) == (503, b"")
