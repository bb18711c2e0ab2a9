"""The canonical URL: a table of the pitfalls, and the law that a canonical address stays as it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import EventError
from analytics.urls import article_id_of, canonical

SAME = "https://news.example/2026/11/budget"
TABLE = [
    # a page and the ways in which it is linked
    (SAME, SAME),
    ("http://news.example/2026/11/budget", SAME),
    ("HTTPS://NEWS.Example/2026/11/budget", SAME),
    ("https://www.news.example/2026/11/budget/", SAME),
    ("https://news.example:443/2026/11/budget", SAME),
    ("http://news.example:80/2026/11/budget", SAME),
    ("http://news.example:443/2026/11/budget", SAME),
    ("https://news.example./2026/11/budget", SAME),
    ("https://user:secret@news.example/2026/11/budget", SAME),
    ("https://news.example/2026/11/budget#comments", SAME),
    ("https://news.example/2026/11/budget?utm_source=x&fbclid=1", SAME),
    ("https://news.example/2026/./10/../11/budget", SAME),
    ("  https://news.example/2026/11/%62udget ", SAME),
    # the root keeps its slash
    ("https://news.example", "https://news.example/"),
    ("https://www.news.example/?utm_medium=email", "https://news.example/"),
    # queries that name an article, sorted
    ("https://news.example/?p=17", "https://news.example/?p=17"),
    ("https://news.example/a/?story=b&id=2&x=1", "https://news.example/a?id=2&story=b"),
    ("https://news.example/a?id=" + "x" * 65, "https://news.example/a"),
    ("https://news.example/a?id=%2e%2e", "https://news.example/a"),
    ("https://news.example/a?id=", "https://news.example/a"),
    # letters: composed, escaped once, upper-case hex
    ("https://news.example/cafe\u0301", "https://news.example/caf%C3%A9"),
    ("https://news.example/caf\u00e9", "https://news.example/caf%C3%A9"),
    ("https://news.example/caf%c3%a9", "https://news.example/caf%C3%A9"),
    ("https://news.example/cafe%CC%81", "https://news.example/caf%C3%A9"),
    ("https://news.example/a%2fb", "https://news.example/a%2Fb"),
    ("https://news.example/100%25", "https://news.example/100%25"),
    ("https://news.example/%E9", "https://news.example/%E9"),
    ("https://news.example/a//b", "https://news.example/a//b"),
    # hosts
    ("https://B\u00fccher.example/x", "https://xn--bcher-kva.example/x"),
    ("https://my_blog.example/x", "https://my_blog.example/x"),
    ("https://news.example:8080/x", "https://news.example:8080/x"),
    ("http://[::1]:8000/x", "https://[::1]:8000/x"),
]
BAD = [
    "",
    "budget",
    "/2026/11/budget",
    "javascript:alert(1)",
    "ftp://news.example/x",
    "https://",
    "https:///x",
    "https://news.example:99999/x",
    "https://[::1/x",
    "https://news..example/x",
    "https://news example/x",
    "https://news.example/a\x00b",
    "https://news.example/a\nb",
    "https://news.example/\ud800",
]


@pytest.mark.parametrize(("url", "expected"), TABLE)
def test_every_way_to_link_a_page_gives_one_address(url: str, expected: str) -> None:
    assert expected == canonical(url)


@pytest.mark.parametrize(("url", "expected"), TABLE)
def test_a_canonical_address_stays_as_it_is(url: str, expected: str) -> None:
    assert expected == canonical(expected)


@pytest.mark.parametrize("url", BAD)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(EventError) as refusal:
        canonical(url)

    assert refusal.value.code == "bad_url"


def test_a_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(EventError) as refusal:
        canonical("https://secret.example:99999/x")

    assert "secret" not in str(refusal.value)


def test_an_endless_address_is_too_long() -> None:
    with pytest.raises(EventError) as refusal:
        canonical("https://news.example/" + "a" * 2000)

    assert refusal.value.code == "too_long"


@pytest.mark.parametrize(
    "url", ["https://news.example/x", "https://www.news.example/x", "https://news.example:8080/x"]
)
def test_an_address_on_the_hosts_of_the_site_is_taken(url: str) -> None:
    assert canonical(url, hosts=["www.news.example"]).startswith("https://news.example")


@pytest.mark.parametrize("host", ["evil.example", "news.example.evil", "notnews.example", "sub.news.example"])
def test_hosts_are_compared_by_whole_labels(host: str) -> None:
    with pytest.raises(EventError) as refusal:
        canonical(f"https://{host}/x", hosts=["news.example"])

    assert refusal.value.code == "host"


def test_a_site_may_stand_on_a_port() -> None:
    assert canonical("http://localhost:8000/x", hosts=["localhost:8000"]) == "https://localhost:8000/x"


def test_mobile_and_amp_hosts_move_by_the_map_of_the_site() -> None:
    moved = {"amp.news.example": "www.news.example"}

    assert (
        canonical("https://amp.news.example/x", hosts=["news.example"], moved=moved)
        == "https://news.example/x"
    )


def test_endings_are_cut_where_the_site_says_so() -> None:
    endings = ("/amp", "/index.html")

    assert canonical("https://news.example/x/amp/", endings=endings) == "https://news.example/x"
    assert canonical("https://news.example/index.html", endings=endings) == "https://news.example/"


def test_a_site_may_keep_more_of_the_query() -> None:
    assert canonical("https://news.example/x?lang=ka&z=1", keep=["lang"]) == "https://news.example/x?lang=ka"


def test_an_article_known_by_its_address_has_a_short_id() -> None:
    assert article_id_of(SAME) == article_id_of(canonical(SAME + "/?utm_source=x"))
    assert len(article_id_of(SAME)) == len("u-") + 16


@given(
    st.text(alphabet="abc/%2F5.é\u0301~;:@!$&'()*+,= e", max_size=30),
    st.text(alphabet="pid=&%+;x1", max_size=20),
)
def test_canonical_twice_is_canonical_once(path: str, query: str) -> None:
    once = canonical(f"https://news.example/{path}?{query}")

    assert once == canonical(once)
