"""Messages to chats, as they really leave: a server here plays Slack, Teams, Discord and Telegram."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from apprise.plugins.discord import NotifyDiscord
from apprise.plugins.slack import NotifySlack
from apprise.plugins.telegram import NotifyTelegram

from analytics.errors import UsageError
from analytics.reports.send import chats
from analytics.reports.send.faults import SendError

# One of the two hundred services that Apprise loads still asks for a module that Python gives up.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

FLOW = "f" * 32
ADDRESSES = {
    "Slack": "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
    "Discord": "https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js",
    "Telegram": "tgram://123456789:abcdefg_hijklmnop/12315544/",
    "Teams": f"https://flows.example:443/workflows/{FLOW}/triggers/manual/paths/invoke?sp=run&sv=1.0&sig=secret",
}
MOST = {"Slack": 35_000, "Discord": 2_000, "Telegram": 4_096, "Teams": 1_000}
TITLE = "Morning: @everyone <38.9k> reads"
TEXT = "It brought <b>38.9k</b> reads.\n\nViews: 61.4k\nReads: 38.9k"
LINK = "https://stats.example/?site=news.example&period=2026-11-17"


@dataclass
class Chat:
    """What plays the chats: what it answers, and what it was sent."""

    status: int = 200
    got: list[dict[str, Any]] = field(default_factory=list)

    def words(self) -> list[str]:
        """All text of the last message."""
        return list(_texts(self.got[-1]))


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, dict | list):
        for each in part.values() if isinstance(part, dict) else part:
            yield from _texts(each)
    elif isinstance(part, str):
        yield part


@pytest.fixture
def chat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    """A server that takes what is meant for the chats."""
    made = Chat()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            answer = b'{"ok":true}' if "/bot" in self.path else b"ok"
            self.send_response(made.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        here, post = f"http://127.0.0.1:{server.server_port}", requests.post
        monkeypatch.setattr(NotifySlack, "webhook_url", here)
        monkeypatch.setattr(NotifyDiscord, "notify_url", here)
        monkeypatch.setattr(NotifyTelegram, "notify_url", f"{here}/bot")
        monkeypatch.setattr(
            "apprise.plugins.workflows.requests.post", lambda url, **more: post(_here(url, here), **more)
        )
        monkeypatch.setattr(chats, "public_address", lambda _host, _port: "127.0.0.1")
        yield made
        server.shutdown()


def _here(url: str, here: str) -> str:
    return url.replace("https://flows.example:443", here)


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_message_arrives_with_its_numbers_and_its_link_and_nothing_of_others(chat: Chat, name: str) -> None:
    chats.send(chats.check(ADDRESSES[name]), TITLE, TEXT, LINK)

    (sent,) = chat.got
    said = " ".join(chat.words()).replace("&amp;", "&")
    assert "Reads: 38.9k" in said
    assert LINK in said
    assert "@everyone" not in said
    assert "apprise" not in json.dumps(sent).lower()


@pytest.mark.parametrize("name", ["Slack", "Telegram"])
def test_a_headline_is_no_markup_where_a_chat_reads_some(chat: Chat, name: str) -> None:
    chats.send(chats.check(ADDRESSES[name]), TITLE, TEXT, LINK)

    said = " ".join(chat.words())
    assert "&lt;38.9k&gt;" in said
    assert "&lt;b&gt;38.9k" in said


@pytest.mark.parametrize("name", ADDRESSES)
def test_what_is_too_long_is_cut_in_its_sentence(chat: Chat, name: str) -> None:
    chats.send(chats.check(ADDRESSES[name]), TITLE, "word " * 9_000 + TEXT, LINK)

    longest = max(chat.words(), key=len)
    assert len(longest) <= MOST[name]
    assert "…" in longest
    assert LINK in longest.replace("&amp;", "&")


@pytest.mark.parametrize(("status", "is_lasting"), [(404, True), (403, True), (429, False), (500, False)])
@pytest.mark.parametrize("name", ADDRESSES)
def test_a_refusal_says_its_code_and_whether_it_is_for_good(
    chat: Chat, name: str, status: int, *, is_lasting: bool
) -> None:
    chat.status = status

    with pytest.raises(SendError, match=f"{name} refused the message: {status}") as refusal:
        chats.send(chats.check(ADDRESSES[name]), TITLE, TEXT, LINK)

    assert refusal.value.is_lasting == is_lasting
    assert "secret" not in str(refusal.value)


def test_a_chat_that_is_away_is_tried_again(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifySlack, "webhook_url", "http://127.0.0.1:9")

    with pytest.raises(SendError, match="Slack could not be reached") as fault:
        chats.send(chats.check(ADDRESSES["Slack"]), TITLE, TEXT)

    assert not fault.value.is_lasting
    assert chat.got == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("msteams://a/b/c", "no chat that reports go to"),
        ("javascript:1", "no chat that reports go to"),
        ("mailto://user:pass@news.example", "no chat that reports go to"),
        ("https://hooks.example/any", "no complete address"),
        ("slack://T1", "no complete address"),
        ("discord://", "no complete address"),
    ],
)
def test_an_address_of_no_chat_is_refused_when_it_is_given(address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        chats.check(address)
