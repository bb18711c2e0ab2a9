"""Reference lists: devices, bots, countries and channels, by example and against their sources."""

from __future__ import annotations

from importlib.resources import files

import crawleruseragents
import polars as pl
import pytest

from analytics import language, reference
from analytics.reference import Referrer, WayIn, agent_of, country_of, referrer_of, way_in

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari/604.1"
PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36"
INSTAGRAM = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148 Instagram 300.0"


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (CHROME, "desktop"),
        (PHONE, "phone"),
        (PIXEL, "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 12_2 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "tablet"),
        (
            "Mozilla/5.0 (Linux; Android 13; SM-X200) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36",
            "tablet",
        ),
        ("Mozilla/5.0 (Android 9; Tablet; rv:68.0) Gecko/68.0 Firefox/68.0", "tablet"),
        ("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "desktop"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36", "tv"),
        ("Mozilla/5.0 (Linux; Android 9; BRAVIA 4K GB) AppleWebKit/537.36 Chrome/90.0 Safari/537.36", "tv"),
        ("", None),
        (None, None),
    ],
)
def test_the_device_class_follows_the_rules(agent: str | None, device: str | None) -> None:
    assert device == agent_of(agent).device


def test_a_browser_is_its_family_and_major_version() -> None:
    assert agent_of(CHROME).browser == "Chrome 120"
    assert agent_of(CHROME).os == "Linux"
    assert agent_of("something unheard of").browser is None


def test_the_joined_expression_hits_what_the_library_hits() -> None:
    crawlers = [
        line for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA for line in crawler["instances"]
    ]
    agents = [*crawlers, CHROME, PHONE, PIXEL, INSTAGRAM, ""]
    bulk = pl.Series(agents).str.contains(reference.bot_pattern())

    assert bulk.to_list() == [crawleruseragents.is_crawler(agent) for agent in agents]
    assert len(crawlers) > 1000


def test_the_webview_of_instagram_is_a_reader() -> None:
    assert not reference.is_bot(INSTAGRAM)
    assert reference.is_bot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")


def test_only_iso_codes_are_countries() -> None:
    assert country_of("ge") == "GE"
    assert country_of("--") is None
    assert country_of("XX") is None
    assert country_of(None) is None
    assert len(reference.countries()) == 249


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://www.google.com/search?q=secret", Referrer("www.google.com", "/search")),
        ("https://user:word@News.example", Referrer("news.example", "/")),
        ("android-app://org.telegram.messenger/", Referrer("org.telegram.messenger", "/")),
        ("https://b\u00fccher.example/", Referrer("xn--bcher-kva.example", "/")),
        ("about:blank", None),
        ("https://[::1", None),
        ("", None),
        (None, None),
    ],
)
def test_a_referrer_is_host_and_path(url: str | None, found: Referrer | None) -> None:
    assert found == referrer_of(url)


@pytest.mark.parametrize(
    ("referrer", "way"),
    [
        ("https://www.google.com/", WayIn("search", "Google")),
        ("https://www.google.co.uk/", WayIn("search", "Google")),
        ("https://google.com.br/", WayIn("search", "Google")),
        ("https://news.google.com/x", WayIn("search", "Google News")),
        ("android-app://com.google.android.googlequicksearchbox/", WayIn("search", "Google Discover")),
        ("https://yandex.kz/", WayIn("search", "Yandex")),
        ("https://mail.google.com/", WayIn("email", "Gmail")),
        ("https://e.mail.ru/", WayIn("email", "Mail.ru")),
        ("https://gemini.google.com/app", WayIn("ai", "Gemini")),
        ("https://chatgpt.com/", WayIn("ai", "ChatGPT")),
        ("https://x.com/i/grok", WayIn("ai", "Grok")),
        ("https://x.com/i/grokking", WayIn("social", "X")),
        ("https://t.co/abc", WayIn("social", "X")),
        ("https://lm.facebook.com/l.php", WayIn("social", "Facebook")),
        ("https://ok.ru/", WayIn("social", "Odnoklassniki")),
        ("https://t.me/s/x", WayIn("social", "Telegram")),
        ("android-app://org.telegram.messenger/", WayIn("social", "Telegram")),
        ("https://www.news.example/front", WayIn("internal")),
        ("https://m.news.example/", WayIn("internal")),
        ("https://blog.example/", WayIn("other_site", "blog.example")),
        ("https://notgoogle.com/", WayIn("other_site", "notgoogle.com")),
        ("https://google.evil.example/", WayIn("other_site", "google.evil.example")),
        (None, WayIn("direct")),
    ],
)
def test_the_referrer_decides_the_channel(referrer: str | None, way: WayIn) -> None:
    assert way == way_in(referrer_of(referrer), ["news.example"])


@pytest.mark.parametrize(
    ("medium", "source", "clicks", "way"),
    [
        ("email", "Morning", [], WayIn("newsletter", "Morning")),
        ("Newsletter", None, [], WayIn("newsletter")),
        ("push", None, [], WayIn("push")),
        ("cpc", "google", [], WayIn("paid", "Google")),
        ("paid_social", "x", [], WayIn("paid", "X")),
        ("social", "facebook", ["gclid"], WayIn("social", "Facebook")),
        ("odd", None, ["gclid"], WayIn("paid", "Google")),
        (None, None, ["fbclid"], WayIn("social", "Facebook")),
        (None, "chatgpt.com", [], WayIn("ai", "ChatGPT")),
        ("odd", "odd", [], WayIn("search", "Bing")),
    ],
)
def test_a_campaign_goes_before_the_referrer(
    medium: str | None, source: str | None, clicks: list[str], way: WayIn
) -> None:
    assert way == way_in(Referrer("www.bing.com", "/"), ["news.example"], medium, source, clicks)


@pytest.mark.parametrize("name", ["channels.csv", "countries.csv", "languages.csv"])
def test_every_list_names_origin_date_and_licence(name: str) -> None:
    first = files("data").joinpath("reference", name).read_text(encoding="utf-8").splitlines()[0]

    assert first.startswith("# Origin: ")
    assert "Licence: " in first
    assert "20" in first


def test_countries_and_languages_are_named_in_the_language_of_the_request() -> None:
    assert reference.country_names()["DE"] == "Germany"
    with language.speaking(language.speech("de")):
        assert (reference.country_names()["DE"], reference.language_names()["ka"]) == (
            "Deutschland",
            "Georgisch",
        )
        assert reference.country_names().keys() == reference.countries().keys()
