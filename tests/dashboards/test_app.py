"""The frame as a whole: what it answers, refuses and says when a part fails."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message

import pytest

from tests.dashboards import sample

SYNC = """
import inspect
from dash import get_app
from tests.dashboards import sample
sample.make()
print([name for name, one in get_app().callback_map.items()
       if "callback" in one and not inspect.iscoroutinefunction(inspect.unwrap(one["callback"]))])
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with sample.running() as address:
        yield address


def asked(address: str, body: object = None, **headers: str) -> tuple[int, Message, str]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read().decode("latin-1")
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read().decode("latin-1")


def broken_slot() -> dict[str, object]:
    return {
        "output": "sample-broken.children",
        "outputs": {"id": "sample-broken", "property": "children"},
        "inputs": [{"id": "view", "property": "data", "value": {"path": "/", "search": ""}}],
        "changedPropIds": ["view.data"],
    }


def test_every_callback_is_async_for_the_loop_takes_readers_events() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SYNC], capture_output=True, text=True, check=False, timeout=120
    )

    assert done.stdout.strip() == "[]", done.stderr[-2000:]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/articles/a1", 200),
        ("/nowhere", 404),
        ("/api/x", 404),
        ("/healthz", 200),
        ("/docs", 404),
    ],
)
def test_addresses_are_answered_honestly(url: str, path: str, status: int) -> None:
    assert asked(url + path)[0] == status


def test_the_page_is_ours_and_under_its_policy(url: str) -> None:
    _, headers, page = asked(url + "/")

    assert '<html lang="en">' in page
    assert page.index("/assets/head/scheme.js") < page.index("<body>")
    assert page.index("plotly") < page.index("dash_renderer")
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert "unsafe-eval" not in headers["content-security-policy"]


def test_one_broken_part_says_so_without_its_reason(url: str) -> None:
    status, _, text = asked(url + "/_dash-update-component", broken_slot(), content_type="application/json")

    assert status == 200
    assert "Could not load this list" in text
    assert "planned" not in text


def test_a_write_from_elsewhere_is_refused(url: str) -> None:
    answer = asked(url + "/_dash-update-component", broken_slot(), origin="https://evil.example")

    assert answer[0] == 403


@pytest.mark.parametrize(("accepted", "encoding"), [("gzip, br", "gzip"), ("identity", None)])
def test_what_dash_answers_comes_small(url: str, accepted: str, encoding: str | None) -> None:
    status, headers, _body = asked(f"{url}/_dash-dependencies", Accept_Encoding=accepted)

    assert (200, encoding) == (status, headers["Content-Encoding"])


def test_files_come_small_and_with_their_tag(url: str) -> None:
    status, headers, _ = asked(url + "/assets/1-tokens.css", accept_encoding="br")

    assert status == 200
    assert headers["content-encoding"] == "br"
    assert asked(url + "/assets/1-tokens.css", if_none_match=headers["etag"])[0] == 304
