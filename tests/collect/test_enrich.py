"""The steps: what drops an event, and what is found out about one that counts."""

from __future__ import annotations

import datetime as dt
from typing import Any

import crawleruseragents
import pytest

from analytics import urls
from analytics.collect import agents, pages
from analytics.collect.enrich import STEPS, STORED, Reason
from analytics.collect.pages import Rule
from tests.collect.client import ADDRESS, PHONE, Client, body, comment, engagement
from tests.collect.conftest import Maker

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
TV = "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 Version/6.0 TV Safari/538.1"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 Version/12.1 Mobile/15E148"


def test_the_steps_stand_in_their_order() -> None:
    assert [name for name, _ in STEPS] == [
        "prefetch",
        "host",
        "origin",
        "excluded_path",
        "staff",
        "blocked_network",
        "caller",
        "way_in",
        "opted_out",
        "comments_off",
        "country",
        "language",
        "day",
        "visitor",
        "gpc",
    ]


# --- drops -------------------------------------------------------------------------------------------------

DROPS: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("prefetch", {}, {}, {"headers": {"sec-purpose": "prefetch;prerender"}}),
    ("host", {}, {"u": "https://elsewhere.example/a"}, {}),
    ("origin", {}, {}, {"headers": {"origin": "https://elsewhere.example"}}),
    ("staff:flag", {}, {"p": {"staff": "1"}}, {}),
    ("staff:network 2", {"staff_networks": ("10.0.0.0/8", f"{ADDRESS}/32")}, {}, {}),
    ("blocked_network:network 1", {"blocked_networks": ("81.16.0.0/16",)}, {}, {}),
    ("bot:no-agent", {}, {}, {"agent": ""}),
    ("bot:http-library", {}, {}, {"agent": "python-requests/2.31.0"}),
    (
        "bot:monitoring",
        {},
        {},
        {"agent": "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"},
    ),
    ("bot:ai-crawler", {}, {}, {"agent": "Mozilla/5.0 (compatible; GPTBot/1.2; +https://openai.com/gptbot)"}),
    ("spam_referrer:semalt.com", {}, {"r": "https://www.semalt.com/x"}, {}),
    ("spam_referrer:mine.example", {"spam_referrers": ("Mine.example",)}, {"r": "https://mine.example/"}, {}),
    ("excluded_path", {"excluded_paths": ("/2026/*",)}, {}, {}),
    ("opted_out", {"gpc": "drop"}, {}, {"headers": {"sec-gpc": "1"}}),
]


@pytest.mark.parametrize(("dropped", "site", "what", "request_"), DROPS, ids=[each[0] for each in DROPS])
def test_an_event_is_dropped_for_its_reason(
    collector: Maker, dropped: str, site: dict[str, Any], what: dict[str, Any], request_: dict[str, Any]
) -> None:
    client = collector(**site)

    answer = client.post(body(**what), **request_)

    reason = Reason(dropped.partition(":")[0])
    assert (202, reason.value) == (answer.status, answer.headers["x-tearsheet-dropped"])
    assert [dropped] * (reason in STORED) == [row.dropped for row in client.rows()]


@pytest.mark.parametrize(
    ("dropped", "site", "what", "request_"), DROPS[:12], ids=[each[0] for each in DROPS[:12]]
)
@pytest.mark.parametrize("is_narrow", [True, False])
def test_a_rule_may_be_off(
    collector: Maker,
    dropped: str,
    site: dict[str, Any],
    what: dict[str, Any],
    request_: dict[str, Any],
    is_narrow: bool,
) -> None:
    rule = dropped if is_narrow else dropped.partition(":")[0]
    client = collector(rules_off=(rule,), **site)

    client.post(body(**what), **request_)

    assert [None] == [row.dropped for row in client.rows()]


def test_what_was_dropped_is_the_event_it_would_have_been(collector: Maker) -> None:
    dropping = collector(staff_networks=(ADDRESS,))
    dropping.post(body(t="T", l="ka"))
    counting = collector()
    counting.post(body(t="T", l="ka"))

    dropped, counted = counting.rows()

    assert ("staff:network 1", None, True) == (dropped.dropped, counted.dropped, dropped.body == counted.body)


def test_bots_are_those_of_the_list() -> None:
    listed = [agent for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA for agent in each["instances"]]
    people = [PHONE, CHROME, TV, IPAD]

    ours = [
        agents.caller_of(agent).bot is not None for agent in listed + people if len(agent) <= agents.MAX_AGENT
    ]

    assert [
        crawleruseragents.is_crawler(agent) for agent in listed + people if len(agent) <= agents.MAX_AGENT
    ] == ours
    assert [None] * 4 == [agents.caller_of(agent).bot for agent in people]


def test_every_listed_bot_has_a_kind() -> None:
    kinds = {kind for each in crawleruseragents.CRAWLER_USER_AGENTS_DATA for kind in each["tags"]}

    assert kinds <= set(agents.KINDS)


# --- who, where, with what ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "device", "browser", "os"),
    [
        (PHONE, "phone", "Mobile Safari 17", "iOS"),
        (CHROME, "desktop", "Chrome 120", "Linux"),
        (IPAD, "tablet", "Mobile Safari UI/WKWebView 12", "iOS"),
    ],
)
def test_a_device_is_told_by_its_agent(
    client: Client, agent: str, device: str, browser: str, os: str
) -> None:
    client.post(body(w=5000), agent=agent)

    found = client.event()
    assert (device, browser, os) == (found.device, found.browser, found.os)


@pytest.mark.parametrize(
    ("width", "device"), [(390, "phone"), (800, "tablet"), (1440, "desktop"), (None, None)]
)
def test_without_an_agent_the_width_tells(collector: Maker, width: int | None, device: str | None) -> None:
    client = collector(rules_off=("bot",))
    client.post(body(w=width), agent="")

    assert device == client.event().device


@pytest.mark.parametrize(
    ("peer", "country"),
    [
        (ADDRESS, "AM"),
        ("10.0.0.1", None),
        ("127.0.0.1", None),
        ("2a00:1450:4001::1", "IE"),
        ("::ffff:8.8.8.8", "US"),
    ],
)
def test_a_country_is_told_by_the_address(client: Client, peer: str, country: str | None) -> None:
    client.post(body(), peer=peer)

    assert country == client.event().country


@pytest.mark.parametrize(
    ("said", "header", "language"),
    [
        ("ka-GE", "en", "ka"),
        (None, "de-AT,de;q=0.9", "de"),
        (None, "*", None),
        ("x1", "", None),
        ("zh_CN", "", "zh"),
    ],
)
def test_of_a_language_the_first_part_is_kept(
    client: Client, said: str | None, header: str, language: str | None
) -> None:
    client.post(body(l=said), headers={"accept-language": header})

    assert language == client.event().language


@pytest.mark.parametrize(
    ("url", "referrer", "channel", "source"),
    [
        ("?utm_medium=email&utm_source=weekly", "https://www.google.com/", "newsletter", "weekly"),
        ("?utm_medium=push", None, "push", None),
        ("?utm_medium=cpc", None, "paid", None),
        ("?utm_medium=paid_social", None, "paid", None),
        ("?utm_medium=social", None, "social", None),
        ("?gclid=x", "https://www.google.com/", "paid", "Google"),
        ("?fbclid=x", None, "social", "Facebook"),
        ("?utm_source=chatgpt.com", "https://www.google.com/", "ai", "ChatGPT"),
        ("", "https://www.news.example/front", "internal", None),
        ("", "https://chatgpt.com/c/1", "ai", "ChatGPT"),
        ("", "https://x.com/i/grok", "ai", "Grok"),
        ("", "https://www.google.de/", "search", "Google"),
        ("", "android-app://org.telegram.messenger/", "social", "Telegram"),
        ("", "https://mail.google.com/", "email", "Gmail"),
        ("", "https://blog.example/post?secret=1", "other_site", "blog.example"),
        ("", "about:blank", "direct", None),
        ("", None, "direct", None),
    ],
)
def test_channels_follow_their_order(
    client: Client, url: str, referrer: str | None, channel: str, source: str | None
) -> None:
    client.post(body(u=f"https://news.example/a/b{url}", r=referrer))

    found = client.event()
    assert (channel, source) == (found.channel, found.source)


def test_campaigns_are_kept_and_other_queries_are_not(client: Client) -> None:
    client.post(
        body(
            u="https://user:pw@www.news.example/a/b?utm_source=s&utm_campaign=c&token=SECRET&p=9#frag",
            r="https://user:pw@blog.example/post?token=SECRET#frag",
        )
    )

    found = client.event()
    assert ("https://news.example/a/b?p=9", "s", "c", "blog.example", "/post") == (
        found.url,
        found.utm_source,
        found.utm_campaign,
        found.referrer_host,
        found.referrer_path,
    )
    assert b"SECRET" not in client.rows()[0].body


def test_a_fragment_names_a_page_only_where_the_tracker_says_so(client: Client) -> None:
    client.post(body(u="https://news.example/app#/a/b"))
    client.post(body(u="https://news.example/app#/a/b", h=1))

    assert ["https://news.example/app", "https://news.example/app#/a/b"] == [e.url for e in client.events()]


# --- articles ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "query", "is_article"),
    [
        ("/", False, False),
        ("/politics", False, False),
        ("/ka", False, False),
        ("/ka/politics", False, False),
        ("/pt-br", False, False),
        ("/budget-vote-passes", False, True),
        ("/a17", False, True),
        ("/politics/budget", False, True),
        ("/ka/politics/budget", False, True),
        ("/2026/11/22/budget", False, True),
        ("/2026/11", False, False),
        ("/2026/11/22", False, False),
        ("/tag/budget", False, False),
        ("/author/first-author", False, False),
        ("/politics/page/3", False, False),
        ("/", True, True),  # /?p=981
    ],
)
def test_an_article_is_told_by_its_path(path: str, query: bool, is_article: bool) -> None:
    assert is_article == pages.is_article(path, query, Rule(hosts=("news.example",)))


def test_a_sites_own_patterns_go_first() -> None:
    rule = Rule(
        hosts=("news.example",),
        articles=pages.pattern_of(("/story/*", "/x")),
        listings=pages.pattern_of(("/story/all",)),
    )

    told = [
        pages.is_article(path, False, rule) for path in ("/story/a", "/x", "/x/y", "/story/all", "/a/b/c")
    ]

    assert [True, True, False, False, False] == told


def test_the_cms_id_wins_over_the_address(client: Client) -> None:
    client.post(body(p={"article_id": "a-17"}))
    client.post(body())
    client.post(body(u="https://news.example/"))

    assert ["a-17", urls.article_id_of("https://news.example/2026/11/budget"), None] == [
        event.article_id for event in client.events()
    ]


# --- visitors ----------------------------------------------------------------------------------------------


def visitors(client: Client) -> list[int | None]:
    return [event.visitor for event in client.events()]


def test_a_visitor_is_an_address_and_an_agent_for_a_day(client: Client) -> None:
    client.post(body())
    client.post(engagement())
    client.post(body(), peer="81.16.1.78")
    client.post(body(), agent=CHROME)
    client.clock.move(days=1)
    client.app.collector.tick()
    client.post(body())

    first, same, *others = visitors(client)
    assert (True, 4) == (first == same, len({first, *others}))


def test_of_an_ipv6_address_the_household_counts(client: Client) -> None:
    client.post(body(), peer="2a00:1450:4001:1::1")
    client.post(body(), peer="2a00:1450:4001:1:ffff::2")
    client.post(body(), peer="2a00:1450:4001:2::1")

    one, same, other = visitors(client)
    assert (True, False) == (one == same, one == other)


def test_in_its_first_half_hour_a_day_knows_the_visitor_of_the_day_before(client: Client) -> None:
    client.clock.now = dt.datetime(2026, 11, 22, 19, 55)  # 23:55 in Tbilisi
    client.post(body())
    client.clock.move(minutes=10)
    client.app.collector.tick()
    client.post(body())
    client.clock.move(minutes=30)
    client.post(body())

    before, after, later = client.events()
    assert (dt.date(2026, 11, 22), dt.date(2026, 11, 23)) == (before.day_local, after.day_local)
    assert before.visitor == after.visitor_prev
    assert before.visitor != after.visitor == later.visitor
    assert (None, None) == (before.visitor_prev, later.visitor_prev)


def test_a_late_event_of_yesterday_has_yesterdays_visitor(client: Client) -> None:
    client.clock.now = dt.datetime(2026, 11, 22, 19, 55)
    client.post(body())
    client.clock.move(hours=3)
    client.app.collector.tick()
    client.post(engagement(ts=0, st=3 * 3_600_000))

    view, late = client.events()
    assert (view.day_local, view.visitor) == (late.day_local, late.visitor)


def test_an_event_older_than_the_salts_has_no_visitor(client: Client) -> None:
    client.post(body(ts=0, st=5 * 86_400_000))

    assert (None, dt.date(2026, 11, 17)) == ((found := client.event()).visitor, found.day_local)


def test_gpc_leaves_the_view_and_forgets_the_reader(client: Client) -> None:
    client.post(body(l="ka"), headers={"sec-gpc": "1"})

    found = client.event()
    assert (None, None, None, "phone") == (found.visitor, found.country, found.language, found.device)


def test_gpc_may_be_ignored(collector: Maker) -> None:
    client = collector(gpc="ignore")
    client.post(body(), headers={"sec-gpc": "1"})

    assert client.event().visitor is not None


def test_a_readers_own_id_is_kept_as_a_hash_and_only_where_the_site_wants_it(collector: Maker) -> None:
    without = collector()
    without.post(body(rid="reader-7"))
    wanting = collector(reader_ids=True)
    wanting.post(body(rid="reader-7"))

    assert [True, False] == [event.reader_id is None for event in wanting.events()]
    assert all(b"reader-7" not in row.body for row in wanting.rows())


def test_a_commenter_is_a_hash(client: Client) -> None:
    client.post(comment(commenter="u9@mail.example"))

    assert client.event().commenter is not None
    assert b"u9@mail" not in client.rows()[0].body
