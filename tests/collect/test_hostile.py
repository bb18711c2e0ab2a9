"""What comes in bad faith: 4xx or a counted drop, never a fault of ours, never a row that cannot be read."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.collect.wire import native
from analytics.collect.wire.body import Body
from analytics.collect.wire.raw import InvalidEventError
from tests.collect.client import NOW, Client, body, comment
from tests.collect.test_wire import DOOR

DEEP = 100_000
good = msgspec.json.encode(body())


def with_key(text: bytes) -> bytes:
    """A valid event and one more key, as raw bytes."""
    return good[:-1] + b"," + text + b"}"


HOSTILE = {
    "empty": b"",
    "blank": b" \n",
    "cut": good[:-3],
    "two objects": good + good,
    "array": b"[" + good + b"]",
    "text": b'"x"',
    "null": b"null",
    "bom": b"\xef\xbb\xbf" + good,
    "utf-16": good.decode().encode("utf-16"),
    "utf-32": good.decode().encode("utf-32"),
    "latin-1 in a key that is known": with_key(b'"t":"\xe9"'),
    "latin-1 in a key that is not": with_key(b'"zz":"\xe9"'),
    "cut utf-8": with_key(b'"zz":"\xf0\x9f\x98"'),
    "overlong utf-8": with_key(b'"zz":"\xc0\xaf"'),
    "nul": with_key(b'"t":"a\\u0000b"'),
    "nul in a key": with_key(b'"p":{"a\\u0000b":1}'),
    "nul deep inside": with_key(b'"zz":[{"a":["\\u0000"]}]'),
    "raw nul": with_key(b'"t":"a\x00b"'),
    "lone surrogate": with_key(b'"t":"\\ud800"'),
    "lone surrogate unknown": with_key(b'"zz":"\\udc00"'),
    "nan": with_key(b'"em":NaN'),
    "infinity": with_key(b'"em":Infinity'),
    "nan in props": with_key(b'"p":{"a":NaN}'),
    "5,000 digits": with_key(b'"em":' + b"9" * 5000),
    "5,000 digits in props": with_key(b'"p":{"a":' + b"9" * 5000 + b"}"),
    "huge exponent": with_key(b'"em":1e999'),
    "deep lists": with_key(b'"zz":' + b"[" * 20_000 + b"]" * 20_000),
    "deep objects": with_key(b'"p":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000),
    "deep text": msgspec.json.encode(body(p="[" * 20_000 + "]" * 20_000)),
    "object for text": msgspec.json.encode(body(u={"a": 1})),
    "list for text": msgspec.json.encode(body(d=["news.example"])),
    "bool for number": msgspec.json.encode(body(em=True)),
    "number for bool": msgspec.json.encode(body(sb=0)),
    "long comment": msgspec.json.encode(comment(text="a" * 10_001)),
    "100k address": msgspec.json.encode(body(u="https://news.example/" + "a" * 50_000)),
    "port": msgspec.json.encode(body(u="https://news.example:99999/a")),
    "bracket": msgspec.json.encode(body(u="https://[::1/a")),
    "spaces": msgspec.json.encode(body(u="https://news example/a")),
    "newline in address": msgspec.json.encode(body(u="https://news.example/a\nb")),
    "double dot host": msgspec.json.encode(body(u="https://news..example/a")),
    "bad idna": msgspec.json.encode(body(u="https://xn--\u00e9\u0301.example/a")),
    "script": msgspec.json.encode(body(u="javascript:alert(1)")),
}

SPOOFED = {
    "prefix": "https://news.example.evil.example/a/b",
    "suffix": "https://evilnews.example/a/b",
    "userinfo": "https://news.example@evil.example/a/b",
    "backslash": "https://evil.example\\@news.example.evil.example/a/b",
    "other port and host": "https://evil.example:443/a/b?u=news.example",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_body_is_refused(client: Client, name: str) -> None:
    answer = client.post(HOSTILE[name])

    assert answer.status in {400, 413}
    assert answer.errors
    assert client.rows() == []


@pytest.mark.parametrize("name", SPOOFED)
def test_an_address_of_another_host_does_not_count(client: Client, name: str) -> None:
    answer = client.post(body(u=SPOOFED[name]))

    assert answer.status == 400 or answer.headers["x-tearsheet-dropped"] == "host"
    assert client.events() == []


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://news.example.evil.example", "null", "x", "\xe9"]
)
def test_an_event_of_another_origin_does_not_count(client: Client, origin: str) -> None:
    assert client.post(body(), headers={"origin": origin}).headers["x-tearsheet-dropped"] == "origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"user-agent": "A" * 30_000},
        {"user-agent": "\xff\xfe\x00" * 50},
        {"x-forwarded-for": "," * 5000},
        {"x-forwarded-for": "::1%eth0, [::1]:80, nonsense, 999.1.1.1"},
        {"accept-language": ";;;,,,--"},
        {"sec-gpc": "maybe"},
        {"content-length": "-1"},
        {"content-length": "9" * 5000},
        {"content-type": "text/plain; charset=\xff"},
        {"authorization": "Bearer \xff"},
    ],
)
def test_broken_headers_meet_an_answer(client: Client, headers: dict[str, str]) -> None:
    assert client.post(body(), headers=headers).status in {202, 400, 413}


def test_long_and_strange_values_are_cut_or_kept_as_text(client: Client) -> None:
    strange = "\u202e\x1b[31m<script>alert(1)</script>\u0085"

    client.post(body(t=strange * 100, r="https://x.example/" + "a" * 5000, p={"k": strange}))

    found = client.event()
    assert len(found.title) <= 300
    assert len(found.referrer_path) <= 2000
    assert {"k": strange} == found.props


def test_a_storm_of_one_event_moves_little(client: Client) -> None:
    answers = [client.post(body()).status for _ in range(200)]

    assert (60, 140) == (answers.count(202), answers.count(429))


def test_years_from_1970_to_99999_harm_nothing(client: Client) -> None:
    for ts in (0, 2**53, "99999-01-01T00:00:00Z", "2016-12-31T23:59:60Z", "0001-01-01T00:00:00+23:59"):
        assert client.post(body(ts=ts)).status == 202

    assert {NOW} == {event.event_at for event in client.events()}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
keys = st.sampled_from(sorted(Body.__struct_encode_fields__)) | st.text(max_size=5)


@settings(deadline=None)  # the machine may be busy
@given(st.dictionaries(keys, json_values, max_size=8))
def test_any_object_is_understood_or_refused(changes: dict[str, object]) -> None:
    errors = {"none": ["at all"]}
    try:
        native.decode(msgspec.json.encode(body() | changes), DOOR)
    except InvalidEventError as refusal:
        errors = refusal.errors

    assert all(errors.values())


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=400))
def test_any_bytes_are_understood_or_refused(data: bytes) -> None:
    with pytest.raises(InvalidEventError):
        native.decode(data, DOOR)
