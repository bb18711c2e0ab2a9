"""The doors: answers, headers, limits, keys, batches, pixel."""

from __future__ import annotations

import gzip
import json
from typing import Any

import msgspec
import pytest

from analytics.collect import settings, spool
from analytics.collect.wire import batch
from analytics.collect.writer import Refusal
from tests.collect.client import ADDRESS, EVENT_ID, PHONE, SITE, Client, body, comment, engagement
from tests.collect.conftest import KEY, Maker, settings_with

BEARER = {"authorization": f"Bearer {KEY}"}
GOOGLEBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def test_what_is_acknowledged_is_on_disk(client: Client) -> None:
    answer = client.post(body())

    assert (202, b"ok") == (answer.status, answer.body)
    assert client.event().event_id == EVENT_ID


def test_a_drop_is_acknowledged_named_and_kept_apart(client: Client) -> None:
    answer = client.post(body(), agent=GOOGLEBOT)

    assert (202, "bot", "1") == (
        answer.status,
        answer.headers["x-tearsheet-dropped"],
        answer.headers["x-plausible-dropped"],
    )
    assert [row.dropped for row in client.rows()] == ["bot:search-engine"]


def test_a_refusal_names_every_fault(client: Client) -> None:
    answer = client.post(body(u="ftp://x", em=-1))

    assert (400, {"em": ["out_of_range"]}) == (answer.status, answer.errors)
    assert client.rows() == []


@pytest.mark.parametrize(
    "url", ["ftp://news.example/a", "https:///a", "news.example/a", "javascript:alert(1)"]
)
def test_an_address_that_is_none_is_refused(client: Client, url: str) -> None:
    assert {"u": ["bad_url"]} == client.post(body(u=url)).errors


@pytest.mark.parametrize(
    "media", ["application/json; charset=utf-8", "text/plain;charset=UTF-8", "APPLICATION/JSON", ""]
)
def test_media_types_of_trackers_are_taken(client: Client, media: str) -> None:
    assert client.post(body(), headers={"content-type": media}).status == 202


@pytest.mark.parametrize(
    "headers", [{"content-type": "text/html"}, {"content-encoding": "gzip"}, {"content-type": "image/gif"}]
)
def test_other_media_types_are_not(client: Client, headers: dict[str, str]) -> None:
    answer = client.post(body(), headers=headers)

    assert (415, {"body": ["media_type"]}) == (answer.status, answer.errors)


def test_a_body_over_its_limit_is_refused_by_its_length_and_by_its_bytes(client: Client) -> None:
    told = client.post(body(), headers={"content-length": str(65 * 1024)})
    untold = client.ask("POST", "/api/event", chunks=[b" " * 1024] * 70)

    assert [413, 413] == [told.status, untold.status]
    assert [told.headers["connection"], untold.headers["connection"]] == ["close", "close"]


def test_any_page_may_send_and_none_may_send_cookies(client: Client) -> None:
    answer = client.post(body())

    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == "X-Tearsheet-Dropped, Retry-After"
    assert not {"access-control-allow-credentials", "set-cookie"} & set(answer.headers)


def test_a_preflight_is_answered(client: Client) -> None:
    answer = client.ask("OPTIONS", "/api/event")

    assert (204, "POST", "content-type", "86400", "*") == (
        answer.status,
        answer.headers["access-control-allow-methods"],
        answer.headers["access-control-allow-headers"],
        answer.headers["access-control-max-age"],
        answer.headers["access-control-allow-origin"],
    )


def test_another_method_is_refused(client: Client) -> None:
    assert client.ask("GET", "/api/event").status == 405


def test_an_unknown_address_is_no_page(client: Client) -> None:
    assert client.ask("GET", "/elsewhere").status == 404


# --- limits ------------------------------------------------------------------------------------------------


def test_a_visitor_may_send_sixty_a_minute(client: Client) -> None:
    answers = [client.post(body()).status for _ in range(61)]
    late = client.post(body())

    assert [202] * 60 + [429] == answers
    assert int(late.headers["retry-after"]) >= 1
    assert len(client.rows()) == 60


def test_the_limit_passes_with_time_and_is_each_visitors_own(client: Client) -> None:
    for _ in range(60):
        client.post(body())
    client.clock.move(seconds=2)

    assert [202, 202, 429] == [client.post(body()).status for _ in range(3)]
    assert client.post(body(), peer="81.16.1.78").status == 202


def test_bots_have_limits_too(client: Client) -> None:
    assert client.post(body(), agent="").status == 202
    assert 429 in {client.post(body(), agent="").status for _ in range(60)}


def test_a_site_may_have_a_limit(collector: Maker) -> None:
    client = collector(site_rate=2)

    assert [202, 202, 429] == [client.post(body(), peer=f"81.16.1.{i}").status for i in range(3)]


def test_a_fault_of_the_limiter_costs_no_event(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client.app.collector._buckets, "take", None)

    assert client.post(body()).status == 202
    assert b"tearsheet_limiter_faults_total 1.0" in client.ask("GET", "/metrics", peer="127.0.0.1").body


@pytest.mark.parametrize("refusal", list(Refusal))
def test_a_queue_that_takes_nothing_asks_to_try_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    monkeypatch.setattr(client.app.collector.writer, "refusal", lambda: refusal)

    answer = client.post(body())
    ready = client.ask("GET", "/readyz")

    assert (503, 503, refusal.value.encode()) == (answer.status, ready.status, ready.body)
    assert 1 <= int(answer.headers["retry-after"]) <= 5
    assert client.ask("GET", "/api/event.gif?d=news.example&u=https://news.example/a/b").status == 503
    assert client.ask("GET", "/healthz").status == 200


def test_a_forged_forwarding_header_changes_nothing(client: Client) -> None:
    for number in range(60):
        client.post(body(), headers={"x-forwarded-for": f"9.9.9.{number}"})

    assert client.post(body(), headers={"x-forwarded-for": "8.8.8.8"}).status == 429


def test_a_trusted_proxy_names_the_reader(collector: Maker) -> None:
    client = collector(limits={"trusted_proxies": ("10.0.0.0/8",)})

    client.post(body(), peer="10.0.0.1", headers={"x-forwarded-for": f"1.2.3.4, {ADDRESS}, 10.0.0.2"})
    client.post(body())

    assert client.events()[0].visitor == client.events()[1].visitor


# --- keys --------------------------------------------------------------------------------------------------


def test_a_key_may_ask_what_was_understood(client: Client) -> None:
    answer = client.post(body(), headers=BEARER | {"x-debug-request": "true"}, agent=GOOGLEBOT)

    assert (200, "page_views", "bot:search-engine") == (
        answer.status,
        answer.json["events"][0]["table"],
        answer.json["events"][0]["dropped"],
    )
    assert client.rows() == []


def test_without_a_key_debugging_is_an_event_like_any_other(client: Client) -> None:
    assert client.post(body(), headers={"x-debug-request": "true"}).status == 202


def test_a_key_of_another_site_opens_nothing(client: Client) -> None:
    third = {"d": "third.example", "u": "https://third.example/a/b"}

    assert client.post(body(**third), headers=BEARER).status == 403
    assert client.post([body(**third)], "/api/events", headers=BEARER).status == 403


def test_metrics_are_for_this_machine_or_a_key(client: Client) -> None:
    client.post(body())
    client.post(body(em=-1))
    here = client.ask("GET", "/metrics", peer="127.0.0.1")

    assert b'tearsheet_events_total{format="tearsheet",outcome="accepted",reason=""} 1.0' in here.body
    assert b'outcome="rejected",reason="out_of_range"} 1.0' in here.body
    assert client.ask("GET", "/metrics").status == 401
    assert (
        client.ask("GET", "/metrics", peer="127.0.0.1", headers={"x-forwarded-for": "9.9.9.9"}).status == 401
    )
    assert client.ask("GET", "/metrics", headers=BEARER).status == 200


# --- batches -----------------------------------------------------------------------------------------------


def post_batch(client: Client, events: Any, **headers: str) -> Any:
    return client.post(events, "/api/events", headers=BEARER | {"content-type": "application/json"} | headers)


def test_a_batch_says_what_became_of_each(client: Client) -> None:
    bot = body(ua=GOOGLEBOT, ip="203.0.113.7")

    answer = post_batch(client, [body(), bot, body(u="https://"), body(n=7), engagement()])

    assert {
        "accepted": 2,
        "dropped": {"bot": 1},
        "rejected": [
            {"index": 2, "errors": {"u": ["bad_url"]}},
            {"index": 3, "errors": {"n": ["wrong_type"]}},
        ],
    } == answer.json
    assert 202 == answer.status


def test_a_batch_tells_of_readers_not_of_its_sender(client: Client) -> None:
    post_batch(client, [body(), body(visitor="me", country="GE", device="tv", session="s1", signal="time")])

    unnamed, named = client.events()

    assert (None, None, None, "none") == (unnamed.visitor, unnamed.country, unnamed.device, unnamed.signal)  # type: ignore[attr-defined]
    assert named.visitor is not None
    assert ("GE", "tv", "s1", "time", "batch") == (
        named.country,
        named.device,
        named.session_given,
        named.signal,  # type: ignore[attr-defined]
        named.format,
    )


def test_an_agent_without_an_address_is_nobody(client: Client) -> None:
    post_batch(client, [body(ua=PHONE)])

    assert (None, "phone") == ((found := client.event()).visitor, found.device)


def test_named_visitors_go_over_a_midnight_that_the_clocks_skip(collector: Maker) -> None:
    client = collector(zone="Asia/Beirut")
    times = ("2026-03-28T21:50:00Z", "2026-03-28T22:20:00Z", "2026-03-28T22:40:00Z")  # 23:50, 01:20, 01:40
    post_batch(client, [body(id=None, ts=each, visitor="me") for each in times])

    before, after, later = client.events()
    assert before.visitor == after.visitor_prev
    assert before.visitor != after.visitor == later.visitor
    assert (None, None) == (before.visitor_prev, later.visitor_prev)


@pytest.mark.parametrize(
    ("ts", "errors"),
    [
        ("1989-12-31T23:59:59Z", {"ts": ["out_of_range"]}),
        ("2026-11-22T10:11:00Z", {"ts": ["out_of_range"]}),
        ("yesterday", {"ts": ["malformed"]}),
        ("1999-01-01T00:00:00Z", None),
        ("2026-11-22T10:09:00Z", None),
    ],
)
def test_history_may_be_old_but_not_ahead(client: Client, ts: str, errors: Any) -> None:
    answer = post_batch(client, [body(ts=ts)])

    assert ([{"index": 0, "errors": errors}] if errors else []) == answer.json["rejected"]


def test_lines_stand_each_for_themselves(client: Client) -> None:
    lines = b"\n".join([json.dumps(body()).encode(), b"{broken", json.dumps(engagement()).encode(), b""])

    answer = post_batch(client, lines, **{"content-type": "application/x-ndjson"})

    assert (2, [{"index": 1, "errors": {"body": ["malformed"]}}]) == (
        answer.json["accepted"],
        answer.json["rejected"],
    )


def test_gzip_is_unpacked_and_a_bomb_is_not(client: Client) -> None:
    good = post_batch(client, gzip.compress(msgspec.json.encode([body()])), **{"content-encoding": "gzip"})
    bomb = post_batch(client, gzip.compress(b" " * (batch.MAX_INFLATED + 1)), **{"content-encoding": "gzip"})
    broken = post_batch(client, b"no gzip", **{"content-encoding": "gzip"})

    assert [202, 413, 400] == [good.status, bomb.status, broken.status]


def test_a_batch_without_a_valid_event_is_refused(client: Client) -> None:
    assert [400, 400, 400] == [post_batch(client, what).status for what in (b"[", b"{}", [body(n=7)])]


def test_too_many_events_are_too_large(client: Client) -> None:
    assert post_batch(client, b"[" + b"{},".join([b""] * 5001) + b"{}]").status == 413


def test_a_batch_needs_a_key_of_its_scope(client: Client) -> None:
    assert client.post([body()], "/api/events").status == 401
    assert client.post([body()], "/api/events", headers={"authorization": "Bearer wrong"}).status == 401


# --- pixel -------------------------------------------------------------------------------------------------


def test_a_pixel_is_a_view_that_tells_nothing_of_reading(client: Client) -> None:
    answer = client.ask("GET", "/api/event.gif?d=news.example&u=https://news.example/a/b&article_id=a-17&t=T")

    found = client.event()

    assert (200, "image/gif", "no-store", "cross-origin", 43) == (
        answer.status,
        answer.headers["content-type"],
        answer.headers["cache-control"],
        answer.headers["cross-origin-resource-policy"],
        len(answer.body),
    )
    assert ("none", "pixel", "a-17", "T", None) == (
        found.signal,
        found.format,
        found.article_id,
        found.title,
        found.channel,
    )


def test_a_pixel_knows_its_page_by_the_referer(client: Client) -> None:
    client.ask("GET", "/api/event.gif?d=news.example&r=", headers={"referer": "https://news.example/a/b"})

    assert ("https://news.example/a/b", "direct") == (client.event().url, client.event().channel)


@pytest.mark.parametrize(
    "query", ["", "d=nobody", "d=news.example&u=no", "%ff", "d=news.example&x=" + "a" * 5000]
)
def test_a_faulty_pixel_is_still_a_picture(client: Client, query: str) -> None:
    answer = client.ask("GET", f"/api/event.gif?{query}")

    assert (200, "invalid", 43) == (answer.status, answer.headers["x-tearsheet-dropped"], len(answer.body))


# --- comments ----------------------------------------------------------------------------------------------


def test_what_a_page_alone_says_of_a_comment_is_pending(client: Client) -> None:
    client.post(comment(status="published", decided_by="human"))

    assert ("pending", None, "page") == ((c := client.event()).status, c.decided_by, c.origin)


def test_a_key_vouches_for_a_comment_and_its_server_is_no_reader(client: Client) -> None:
    client.post(comment(status="rejected", decided_by="human"), headers=BEARER, agent="python-requests/2.31")

    assert ("rejected", "human", "api", None) == (
        (c := client.event()).status,
        c.decided_by,
        c.origin,
        c.visitor,
    )


def test_the_text_of_a_comment_stays_out_unless_the_site_keeps_it(collector: Maker) -> None:
    collector().post(comment(text="my words"))
    keeping = collector(comment_text_store=True)
    keeping.post(comment(text="my words"))

    assert [None, "my words"] == [event.text for event in keeping.events()]  # type: ignore[attr-defined]
    assert [8, 8] == [event.length for event in keeping.events()]  # type: ignore[attr-defined]


def test_a_site_may_take_no_comments_from_pages(collector: Maker) -> None:
    client = collector(comments_from_page="off")

    assert client.post(comment()).headers["x-tearsheet-dropped"] == "comments_off"
    assert client.rows() == []


def test_a_longer_limit_is_a_setting(collector: Maker) -> None:
    assert collector(comment_limit=600).post(comment(text="a" * 600)).status == 202


# --- settings and state ------------------------------------------------------------------------------------


def test_changed_settings_hold_within_two_seconds(client: Client) -> None:
    settings.write(client.home, settings_with(excluded_paths=("/2026/*",)))
    client.clock.move(seconds=2)
    client.app.collector.tick()

    assert client.post(body()).headers["x-tearsheet-dropped"] == "excluded_path"


def test_broken_settings_change_nothing(client: Client) -> None:
    (client.home / settings.FILE).write_bytes(b"{")
    client.clock.move(seconds=2)
    client.app.collector.tick()

    assert client.post(body()).status == 202


def test_an_hour_that_is_over_is_sealed_without_any_traffic(client: Client) -> None:
    client.post(body())
    client.clock.move(hours=1)
    client.app.collector.tick()
    client.app.close()

    assert len(spool.sealed(client.home)) == 1


def test_after_the_end_nothing_is_taken(client: Client) -> None:
    client.app.close()

    assert client.post(body()).status == 503


def test_the_app_behind_answers_the_rest(client: Client) -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["path"].encode()})

    client.app._inner = inner

    assert client.ask("GET", "/articles").body == b"/articles"
    assert client.post(body()).status == 202


def test_the_site_is_in_every_row(client: Client) -> None:
    other = body(d=f"{SITE},other.example")

    client.post(other)

    assert [(SITE, None), ("other.example", "host")] == [
        (spool.decode(row).site_id, row.dropped) for row in client.rows()
    ]
