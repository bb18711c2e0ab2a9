import asyncio
from typing import Any

from dashboards.guard import Guard, policy
from dashboards.statics import Asgi, Message, Receive, Scope, Send, Statics, linked


def asked(
    app: Asgi, path: str, method: str = "GET", query: str = "", **headers: str
) -> tuple[int, dict[str, str], bytes]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": pairs,
        "query_string": query.encode(),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_call(app, scope, receive, send))
    start = sent[0]
    given = {k.decode(): v.decode() for k, v in start["headers"]}
    return int(start["status"]), given, b"".join(m.get("body", b"") for m in sent[1:])


async def _call(app: Asgi, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


class Inside:
    """Answers everything with one page and counts."""

    def __init__(self, body: bytes = b"x" * 2_000, content_type: bytes = b"text/css") -> None:
        self.body, self.content_type, self.calls = body, content_type, 0

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        self.calls += 1
        status = 404 if "missing" in scope["path"] else 200
        await send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [(b"content-type", self.content_type)],
            }
        )
        await send({"type": "http.response.body", "body": self.body})


def guarded(inner: Inside) -> Guard:
    async def is_page(path: str, _query: str) -> bool:
        return path == "/" or path.startswith("/_")

    return Guard(inner, policy(["'sha256-abc'"]), is_page)


def test_every_answer_carries_the_policy() -> None:
    _, headers, _ = asked(guarded(Inside()), "/")

    assert "script-src 'self' 'sha256-abc'" in headers["content-security-policy"]
    assert "unsafe-eval" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_unknown_pages_are_404() -> None:
    assert asked(guarded(Inside()), "/nowhere")[0] == 404
    assert asked(guarded(Inside()), "/")[0] == 200


def test_websockets_are_refused() -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(_call(guarded(Inside()), {"type": "websocket", "path": "/_dash-ws-callback"}, receive, send))

    assert [m["type"] for m in sent] == ["websocket.close"]


def test_a_file_is_read_once_and_sent_small() -> None:
    inner = Inside()
    app = Statics(inner)
    status, headers, body = asked(app, "/assets/a.css", accept_encoding="gzip, br")
    again = asked(app, "/assets/a.css", accept_encoding="gzip")

    assert (status, headers["content-encoding"], inner.calls) == (200, "br", 1)
    assert len(body) < 200
    assert again[1]["content-encoding"] == "gzip"
    assert asked(app, "/assets/a.css")[2] == inner.body


def test_a_named_version_is_kept_for_a_year_and_the_rest_is_checked() -> None:
    app = Statics(Inside())

    assert "immutable" in asked(app, "/assets/a.css", query="m=17.5")[1]["cache-control"]
    tag = asked(app, "/assets/a.css")[1]
    assert tag["cache-control"] == "no-cache"
    assert asked(app, "/assets/a.css", if_none_match=tag["etag"])[0] == 304


def test_fingerprints_share_one_file() -> None:
    inner = Inside()
    app = Statics(inner)
    name = "/_dash-component-suites/dash/dcc/async-graph.v4_4_1m17.js"

    assert "immutable" in asked(app, name)[1]["cache-control"]
    asked(app, "/_dash-component-suites/dash/dcc/async-graph.js")
    assert inner.calls == 1


def test_what_is_missing_is_not_kept() -> None:
    inner = Inside()
    app = Statics(inner)

    assert asked(app, "/assets/missing.css")[0] == 404
    assert app.files == {}


def test_pages_go_inside() -> None:
    inner = Inside(content_type=b"text/html")

    assert asked(Statics(inner), "/articles")[0] == 200
    assert inner.calls == 1


def test_linked_files_of_a_page_are_found() -> None:
    page = '<script src="/assets/a.js?m=1"></script><link href="/assets/b.css"><a href="/articles">'

    assert linked(page) == ["/assets/a.js?m=1", "/assets/b.css"]
