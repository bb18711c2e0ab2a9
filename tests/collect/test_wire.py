"""The native words: what is taken, what is refused and by which code, and that both ways agree."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as settings_
from hypothesis import strategies as st

from analytics.collect import settings
from analytics.collect.wire import native
from analytics.collect.wire.native import Door
from analytics.collect.wire.raw import InvalidEventError, Raw, Said
from tests.collect.client import EVENT_ID, NOW, SITE, VIEW_ID, body, comment, engagement

WEEK_MS = 7 * 86_400_000
DOOR = Door({SITE: settings.Site(zone="UTC"), "other.example": settings.Site(zone="UTC")}, NOW, WEEK_MS)


def decode(what: Any) -> Raw:
    return native.decode(what if isinstance(what, bytes) else msgspec.json.encode(what), DOOR)


def refusal(what: Any) -> dict[str, list[str]]:
    with pytest.raises(InvalidEventError) as refused:
        decode(what)
    return refused.value.errors


# --- the law -----------------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=50).map(
    lambda text: f"t{text}t"
)
ids = st.from_regex(r"\A[A-Za-z0-9_-]{8,36}\Z")
ats = st.integers(0, WEEK_MS).map(lambda ms: NOW - dt.timedelta(milliseconds=ms))
percents = st.none() | st.integers(0, 100)
custom = st.none() | st.dictionaries(st.from_regex(r"\A[a-z]{9,12}\Z"), texts, min_size=1, max_size=5)
shared: dict[str, Any] = {
    "sites": st.sampled_from([(SITE,), (SITE, "other.example")]),
    "format": st.just("tearsheet"),
    "url": st.from_regex(r"\Ahttps://news\.example/[a-z0-9/]{1,60}\Z"),
    "event_at": ats,
    "event_id": st.uuids(version=4).map(str),
    "view_id": ids,
    "article_id": st.none() | ids,
    "referrer": st.none() | texts,
    "title": st.none() | texts,
    "signal": st.just("full"),
    "reader": st.none() | texts,
    "width": st.none() | st.integers(1, 20_000),
    "language": st.none() | st.sampled_from(["ka", "en-GB"]),
    "is_staff": st.booleans(),
    "hash_mode": st.booleans(),
}
views = st.builds(Raw, kind=st.just("view"), props=custom, **shared)
engagements = st.builds(
    Raw,
    kind=st.just("engagement"),
    props=custom,
    engaged_ms=st.integers(0, 86_400_000),
    engaged_mode=st.just("max"),
    body_scroll_pct=percents,
    page_scroll_pct=percents,
    short_body=st.none() | st.booleans(),
    acts=st.none() | st.integers(0, 100_000),
    **shared,
)
comments = st.builds(
    Raw,
    kind=st.just("comment"),
    comment=st.builds(
        Said,
        comment_id=ids,
        status=st.sampled_from(["pending", "published", "rejected", "spam", "deleted"]),
        state_at=st.none() | ats,
        decided_by=st.sampled_from([None, "human", "auto"]),
        parent_id=st.none() | ids,
        commenter=st.none() | ids,
        length=st.integers(0, 100_000),
        length_limit=st.none() | st.integers(1, 10_000),
        likes=st.none() | st.integers(0, 2**53),
    ),
    **shared,
)
acts = st.builds(
    Raw,
    kind=st.just("act"),
    act=st.just("custom"),
    name=st.from_regex(r"\A[A-Z][a-z]{3,20}\Z").filter(lambda name: name.lower() not in native.ACTS),
    props=custom,
    revenue=st.none() | st.just({"currency": "EUR", "amount": "9"}),
    **shared,
)


@settings_(deadline=None)  # the machine may be busy
@given(views | engagements | comments | acts)
def test_what_is_written_is_read_back(raw: Raw) -> None:
    assert raw == native.decode(native.encode(raw, NOW), DOOR)


# --- what is understood ------------------------------------------------------------------------------------


def test_plausibles_own_words_are_understood() -> None:
    found = decode(
        {"name": "engagement", "url": "https://news.example/a/b", "domain": SITE, "e": 7000, "sd": 255}
    )

    assert ("plausible", "sum", 7000, None) == (
        found.format,
        found.engaged_mode,
        found.engaged_ms,
        found.page_scroll_pct,
    )
    assert decode({"n": "pageview", "u": "https://news.example/a/b", "d": SITE}).signal == "time"


def test_a_view_of_our_tracker_can_tell_reading() -> None:
    assert decode(body()).signal == "full"


def test_cumulative_time_wins_over_a_delta() -> None:
    found = decode(engagement(em=5000, e=70))

    assert ("max", 5000) == (found.engaged_mode, found.engaged_ms)


def test_thirty_days_of_engagement_are_none() -> None:
    found = decode({"n": "engagement", "u": "https://news.example/a/b", "d": SITE, "e": 30 * 86_400_000})

    assert found.engaged_ms == 0


def test_scroll_over_a_hundred_is_a_hundred() -> None:
    assert decode(engagement(sd=130)).page_scroll_pct == 100


def test_a_list_of_sites_counts_in_each_once() -> None:
    assert decode(body(d=f"{SITE}, other.example,{SITE},www.news.example")).sites == (SITE, "other.example")


def test_a_mistyped_roll_up_does_not_cost_the_view() -> None:
    assert decode(body(d=f"{SITE},rolup.example")).sites == (SITE,)


def test_properties_may_come_as_text() -> None:
    assert decode(body(p='{"plan":"digital"}')).props == {"plan": "digital"}


def test_properties_are_scalars_as_text_and_two_lists() -> None:
    given = {"n": 7, "yes": True, "half": 0.5, "blank": " ", "list": [1], "object": {}, "none": None}

    found = decode(body(p=given | {"author": "A One;B Two", "tags": ["x", "y"]}))

    assert found.props == {
        "n": "7",
        "yes": "true",
        "half": "0.5",
        "author": ["A One", "B Two"],
        "tags": ["x", "y"],
    }


def test_reserved_properties_are_what_they_mean() -> None:
    found = decode(body(pv=None, p={"article_id": "a-17", "pv": VIEW_ID, "staff": "true", "section": "city"}))

    assert ("a-17", VIEW_ID, True, {"section": "city"}) == (
        found.article_id,
        found.view_id,
        found.is_staff,
        found.props,
    )


def test_an_id_of_25_digits_stays_digit_for_digit() -> None:
    assert (
        decode(body(p={"article_id": "1234567890123456789012345"})).article_id == "1234567890123456789012345"
    )


def test_the_nil_id_is_none() -> None:
    assert decode(body(id="00000000-0000-0000-0000-000000000000")).event_id is None


def test_likes_of_any_case_are_likes() -> None:
    assert ("like", "Like") == ((found := decode(body(n="Like"))).act, found.name)


def test_a_comment_box_never_tells_what_was_typed() -> None:
    given = {"step": "limit", "box": "b1", "length": 512, "max": 512, "text": "secret words", "typed": "more"}

    assert decode(body(n="comment_box", p=given)).props == {
        "step": "limit",
        "box": "b1",
        "length": 512,
        "max": 512,
    }


def test_a_text_of_512_signs_is_a_comment_and_one_more_is_not() -> None:
    assert decode(comment(text="é" * 511 + "😀")).comment == Said(
        comment_id="c-1", text="é" * 511 + "😀", length=512
    )
    assert refusal(comment(text="é" * 512 + "😀")) == {"p.text": ["too_long"]}


# --- clocks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ts", "st", "expected"),
    [
        (5_000, 6_000, NOW - dt.timedelta(seconds=1)),  # a clock in 1970: what lies between is true
        (6_000, 5_000, NOW),
        (None, 5_000, NOW),
        ("2026-11-22T09:59:00Z", None, NOW - dt.timedelta(minutes=1)),
        ("2026-11-22T13:59:00+04:00", None, NOW - dt.timedelta(minutes=1)),
        ("2026-11-20T09:59:00Z", None, NOW),  # over a day off: no clock to believe
        ("2026-11-22T11:00:00Z", None, NOW),  # nothing happens after it was received
        (2**53, None, NOW),
        ("soon", None, NOW),
    ],
)
def test_the_readers_clock_only_corrects_ours(ts: Any, st: Any, expected: dt.datetime) -> None:
    assert expected == decode(body(ts=ts, st=st)).event_at


def test_a_time_that_is_none_is_noticed() -> None:
    assert decode(body(ts="soon")).is_time_bad


def test_an_event_older_than_the_window_is_refused() -> None:
    assert refusal(body(ts=0, st=WEEK_MS + 1)) == {"ts": ["too_old"]}


# --- the table of codes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "errors"),
    [
        (b"", {"body": ["malformed"]}),
        (b"[]", {"body": ["malformed"]}),
        (b"7", {"body": ["malformed"]}),
        (b'{"n":', {"body": ["malformed"]}),
        ({}, {"n": ["missing"], "u": ["missing"], "d": ["missing"]}),
        (body(u="", n="", d=""), {"n": ["missing"], "u": ["missing"], "d": ["missing"]}),
        (body(u=7, em=-1), {"u": ["wrong_type"], "em": ["out_of_range"]}),
        (body(u="https://news.example/" + "a" * 2000), {"u": ["too_long"]}),
        (body(n="a" * 121), {"n": ["too_long"]}),
        (body(n="bad!name"), {"n": ["malformed"]}),
        (body(d="nobody.example"), {"d": ["unknown_site"]}),
        (body(d=" , "), {"d": ["missing"]}),
        (body(d="a,b,c,d,e,f"), {"d": ["too_long"]}),
        (body(id="7f0c5a52"), {"id": ["bad_id"]}),
        (body(pv="short"), {"pv": ["bad_id"]}),
        (body(pv=7), {"pv": ["wrong_type"]}),
        (engagement(pv=None), {"pv": ["missing"]}),
        (engagement(em=None), {"em": ["missing"]}),
        (engagement(em=True), {"em": ["wrong_type"]}),
        (engagement(em=1.5), {"em": ["wrong_type"]}),
        (engagement(em="30000"), {"em": ["wrong_type"]}),
        (engagement(em=86_400_001), {"em": ["out_of_range"]}),
        (engagement(bs=101, ac=100_001), {"bs": ["out_of_range"], "ac": ["out_of_range"]}),
        (engagement(sd=256), {"sd": ["out_of_range"]}),
        (engagement(sb=1), {"sb": ["wrong_type"]}),
        (body(ts=1.5), {"ts": ["wrong_type"]}),
        (body(ts=-1), {"ts": ["out_of_range"]}),
        (body(w=0), {"w": ["out_of_range"]}),
        (body(l="x" * 36), {"l": ["too_long"]}),
        (body(h=2), {"h": ["out_of_range"]}),
        (body(i=1), {"i": ["wrong_type"]}),
        (body(rid="r" * 201), {"rid": ["too_long"]}),
        (body(p=[1]), {"p": ["wrong_type"]}),
        (body(p="not json"), {"p": ["malformed"]}),
        (body(p="[1]"), {"p": ["wrong_type"]}),
        (body(p={"k": "v" * 2001}), {"p": ["too_long"]}),
        (body(p={"k" * 301: "v"}), {"p": ["too_long"]}),
        (body(p={"article_id": "a" * 201}), {"p.article_id": ["too_long"]}),
        (body(p={"article_id": 1.5}), {"p.article_id": ["wrong_type"]}),
        (comment(text=7), {"p.text": ["wrong_type"]}),
        (comment(text="  "), {"p.text": ["missing"]}),
        (comment(status="gone"), {"p.status": ["out_of_range"]}),
        (comment(length=None), {"p.text": ["missing"]}),
        (comment(length=-1), {"p.length": ["out_of_range"]}),
        (comment(likes=True), {"p.likes": ["wrong_type"]}),
        (comment(at="soon"), {"p.at": ["malformed"]}),
        (comment(at="1970-01-01T00:00:00Z"), {"p.at": ["out_of_range"]}),
        (body(n="comment_box", p={"step": "open"}), {"p.box": ["missing"]}),
        (body(n="comment_box", p={"step": "sleep", "box": "b"}), {"p.step": ["out_of_range"]}),
        (body(n="comment_box", p={"step": "open", "box": "b" * 41}), {"p.box": ["too_long"]}),
        ({**body(), "$": {"currency": "EURO", "amount": 1}}, {"$": ["malformed"]}),
        ({**body(), "$": {"currency": "EUR"}}, {"$": ["missing"]}),
    ],
)
def test_each_fault_has_its_code(what: Any, errors: dict[str, list[str]]) -> None:
    assert errors == refusal(what)


def test_a_later_state_needs_no_length() -> None:
    assert decode(body(n="comment", p={"comment_id": "c-1", "status": "deleted"})).comment == Said(
        comment_id="c-1", status="deleted"
    )


def test_unknown_keys_are_ignored() -> None:
    assert decode(body(ip="203.0.113.9", visitor="me", user_agent="x")) == decode(body())


def test_an_id_is_lower_case() -> None:
    assert decode(body(id=EVENT_ID.upper())).event_id == EVENT_ID
