"""Simulated readers: what the demo's generator lets happen, told to the collector in the minute it happens.

Over HTTP on loopback, in the tracker's own words and by the doors that any newsroom uses: views, signs of
reading, comments and acts to `/api/event`, readers without scripts by the picture, moderators' decisions to
`/api/comments`, signed. Every reader has an address and an agent of his own, told as a proxy would, so that
the collector makes visitors, devices and countries as it does for real ones. Events keep the generator's ids:
where it fills a gap later, nothing counts twice.
"""

from __future__ import annotations

import datetime as dt
import hmac
import http.client
import threading
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec
import polars as pl
import structlog

from analytics.collect.wire import native
from analytics.collect.wire.raw import Raw, Said
from data import demo

AHEAD = dt.timedelta(seconds=30)  # drawn at once; a draw costs some 40 ms
LONGEST = dt.timedelta(minutes=40)  # a page is open at most so long before its last sign
TOO_FAR = dt.timedelta(minutes=10)  # after a sleep of the machine the generator fills the gap
STEP_S = 1.0
WAIT_S = 2.0
MOST_EVENTS = 200  # at once; others must get a word in
BEACONS_S = (5, 15, *range(30, 1500, 30))  # wire-formats.md A.1: when our tracker tells
NAMED = {"newsletter", "push"}  # whose source the history names by its title and not by its campaign
WIDTHS = {"phone": 390, "tablet": 820, "desktop": 1440}

# One network a country, for the part of an address that tells it. The rest is made up, and the host part is
# all zeros, which is the address of no computer (RFC 4291, 2.6.1). Unknown: the network of documentation.
NETWORKS = {
    "AE": "2001:8f8",
    "AU": "2001:360",
    "AZ": "2001:3400",
    "CA": "2001:410",
    "DE": "2001:608",
    "ES": "2001:720",
    "FR": "2001:660",
    "GB": "2001:630",
    "GE": "2001:3940",
    "IE": "2001:770",
    "IN": "2001:ca8",
    "IT": "2001:6b8",
    "NL": "2001:600",
    "NO": "2001:700",
    "NZ": "2001:dce",
    "PL": "2001:6a0",
    "UA": "2001:3840",
    "US": "2001:400",
}
NOWHERE = "2001:db8"
_WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
_BLINK = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {_WEBKIT}"
_ANDROID = f"Mozilla/5.0 (Linux; Android 10; K) {_BLINK}"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64"
AGENTS = {
    ("phone", "Mobile Safari 26", "iOS"): f"{_IPHONE} Version/26.0 Mobile/15E148 Safari/604.1",
    ("phone", "Chrome Mobile 142", "Android"): f"{_ANDROID} Chrome/142.0.0.0 Mobile Safari/537.36",
    ("phone", "Samsung Internet 28", "Android"): (
        f"{_ANDROID} SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36"
    ),
    (
        "phone",
        "Facebook 530",
        "iOS",
    ): f"{_IPHONE} Mobile/22H20 [FBAN/FBIOS;FBAV/530.0.0.40;FBSN/iOS;FBSV/18.7]",
    ("phone", "Firefox Mobile 144", "Android"): (
        "Mozilla/5.0 (Android 15; Mobile; rv:144.0) Gecko/144.0 Firefox/144.0"
    ),
    ("desktop", "Chrome 142", "Windows"): f"{_WINDOWS}) {_BLINK} Chrome/142.0.0.0 Safari/537.36",
    ("desktop", "Edge 142", "Windows"): f"{_WINDOWS}) {_BLINK} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
    ("desktop", "Safari 26", "Mac OS X"): (
        f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_WEBKIT} Version/26.0 Safari/605.1.15"
    ),
    ("desktop", "Firefox 144", "Windows"): f"{_WINDOWS}; rv:144.0) Gecko/20100101 Firefox/144.0",
    (
        "desktop",
        "Firefox 144",
        "Linux",
    ): "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0",
    ("tablet", "Mobile Safari 26", "iOS"): (
        f"Mozilla/5.0 (iPad; CPU OS 18_7 like Mac OS X) {_WEBKIT} Version/26.0 Mobile/15E148 Safari/604.1"
    ),
    ("tablet", "Chrome 142", "Android"): (
        f"Mozilla/5.0 (Linux; Android 10; SM-X710) {_BLINK} Chrome/142.0.0.0 Safari/537.36"
    ),
}
USUAL = {device: agent for (device, _, _), agent in reversed(AGENTS.items())}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Saying:
    """One event that is to be told.

    Attributes:
        raw: The event.
        address: Of the reader; empty for the CMS.
        agent: Of the reader.
    """

    raw: Raw
    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the collector."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str]


class Readers:
    """Readers of the demo who come while it runs."""

    def __init__(
        self,
        address: tuple[str, int],
        clock: Callable[[], dt.datetime],
        secret: str,
        stopping: threading.Event,
    ) -> None:
        """Bind them; nobody comes before `play`.

        Args:
            address: Where the collector listens.
            clock: Gives now, naive UTC.
            secret: With which the site signs its comments.
            stopping: Ends `play`.
        """
        self._address, self._clock, self._secret, self._stopping = address, clock, secret, stopping
        self.told = 0

    def play(self, since: dt.datetime, published: Callable[[], None]) -> dt.datetime:
        """Let readers come from `since` on, in real time, until stopped or too far behind.

        Args:
            since: Where the data end, naive UTC.
            published: Called with every draw, before the readers of new stories come.

        Returns:
            What was told lies before this.
        """
        waiting: deque[Saying] = deque()
        drawn = told = since
        while not self._stopping.is_set():
            now = self._clock()
            if now - told > TOO_FAR:
                break
            if now >= drawn:
                published()
                until = now + AHEAD
                waiting.extend(between(drawn, until))
                drawn = until
            due = 0
            while waiting and due < MOST_EVENTS and waiting[0].raw.event_at <= now:
                if not self._tell(waiting[0], now):
                    break
                waiting.popleft()
                due += 1
            told = waiting[0].raw.event_at if waiting else now
            if due < MOST_EVENTS:
                self._stopping.wait(STEP_S)
        return told

    def _tell(self, saying: Saying, now: dt.datetime) -> bool:
        """Tell one event; False where it must be told again."""
        request = request_of(saying, now, self._secret)
        line = http.client.HTTPConnection(*self._address, timeout=WAIT_S)
        try:
            line.request(request.method, request.path, request.body, request.headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            return False  # the server is not up yet, or ends
        finally:
            line.close()
        if answer.status in {429, 503}:
            return False
        dropped = answer.headers.get("X-Tearsheet-Dropped")
        if answer.status >= 400 or dropped:
            log.warning(
                "simulated reader refused", status=answer.status, dropped=dropped, kind=saying.raw.kind
            )
        self.told += 1
        return True


def between(after: dt.datetime, until: dt.datetime) -> list[Saying]:
    """Draw what happens after one instant and up to another, naive UTC; sorted by time."""
    drawn = demo.Newsroom(demo.SEED, 1, until + LONGEST)
    days = {demo.Newsroom(demo.SEED, 1, at).local_days()[0] for at in (after, until)}
    parts = [drawn.day(day) for day in sorted(days)]
    tables = {table: pl.concat([part[table] for part in parts]) for table in parts[0]}
    views = tables["page_views"]
    readers = views.select("visitor", "device", "browser", "os", "country").unique("visitor", keep="first")
    happened = {
        table: _known(_within(frame, after, until), readers)
        for table, frame in (tables | {"beacons": _beacons(views, tables["engagements"])}).items()
    }
    found = [
        Saying(_MAKERS[table](row), *_who(row))
        for table, frame in happened.items()
        for row in frame.to_dicts()
    ]
    return sorted(found, key=lambda saying: saying.raw.event_at)


def request_of(saying: Saying, now: dt.datetime, secret: str) -> Request:
    """Write the request by which an event is told at `now`."""
    raw = saying.raw
    if raw.is_trusted and raw.comment is not None:
        return _signed(raw, raw.comment, now, secret)
    headers = {"X-Forwarded-For": saying.address, "User-Agent": saying.agent}
    if raw.format == "pixel":
        named = {"d": demo.SITE, "n": "pageview", "u": raw.url, "r": raw.referrer or "", "t": raw.title}
        named |= {"id": raw.event_id, "pv": raw.view_id, "article_id": raw.article_id or ""}
        return Request("GET", f"/api/event.gif?{urlencode(named)}", b"", headers)
    return Request("POST", "/api/event", native.encode(raw, now), headers | {"Content-Type": "text/plain"})


def _signed(raw: Raw, said: Said, now: dt.datetime, secret: str) -> Request:
    """Tell a state of a comment as a CMS does: wire-formats.md E."""
    at = f"{(said.state_at or raw.event_at).isoformat()}Z"
    told = {
        "site": demo.SITE,
        "url": raw.url,
        "article_id": raw.article_id,
        "id": raw.event_id,
        "comment_id": said.comment_id,
        "status": said.status,
        "decided_by": said.decided_by,
        "at": at,
        "length": said.length,
        "parent_id": said.parent_id,
        "commenter": said.commenter,
    }
    body = msgspec.json.encode({key: value for key, value in told.items() if value is not None})
    stamp = str(int(now.replace(tzinfo=dt.UTC).timestamp()))
    signature = hmac.digest(secret.encode(), stamp.encode() + b"." + body, "sha256").hex()
    headers = {"Content-Type": "application/json", "X-Timestamp": stamp, "X-Signature": f"sha256={signature}"}
    return Request("POST", "/api/comments", body, headers)


# --- rows into events --------------------------------------------------------------------------------------


Row = Mapping[str, Any]


def _within(frame: pl.DataFrame, after: dt.datetime, until: dt.datetime) -> pl.DataFrame:
    return frame.filter((pl.col("event_at") > after) & (pl.col("event_at") <= until))


def _beacons(views: pl.DataFrame, engagements: pl.DataFrame) -> pl.DataFrame:
    """Lay out the signs that come while a page is still open; the last one is in the table already."""
    opened = views.select("view_id", opened_at="event_at")
    steps = pl.DataFrame({"at_ms": [1000 * second for second in BEACONS_S]})
    part = pl.col("at_ms") / pl.col("engaged_ms")
    return (
        engagements.join(opened, on="view_id")
        .join_where(steps, pl.col("at_ms") < pl.col("engaged_ms"))
        .with_columns(
            event_at=pl.col("opened_at") + pl.duration(milliseconds="at_ms"),
            engaged_ms=pl.col("at_ms"),
            **{
                name: (pl.col(name) * part).cast(pl.Int64)
                for name in ("body_scroll_pct", "page_scroll_pct", "acts")
            },
        )
    )


def _known(frame: pl.DataFrame, readers: pl.DataFrame) -> pl.DataFrame:
    """Say who it was: the reader's tools stand in his views only."""
    return frame.join(readers, on="visitor", how="left", suffix="_of_reader")


def _who(row: Row) -> tuple[str, str]:
    """Give a reader's address and agent, the same for all that he does on a day."""
    if row["visitor"] is None:
        return "", ""
    device, browser, system, country = (
        row[f"{name}_of_reader"] or row[name] for name in ("device", "browser", "os", "country")
    )
    agent = AGENTS.get((device, browser, system)) or USUAL[device or "phone"]
    network, house = NETWORKS.get(country, NOWHERE), row["visitor"]
    return f"{network}:{house >> 16 & 0xFFFF:x}:{house & 0xFFFF:x}::", agent


def _shared(row: Row) -> dict[str, Any]:
    return {
        "sites": (demo.SITE,),
        "format": row["format"],
        "url": row["url"],
        "event_at": row["event_at"],
        "event_id": row["event_id"],
        "article_id": row["article_id"],
    }


def _view(row: Row) -> Raw:
    campaign = {
        "utm_source": row["source"] if row["channel"] in NAMED else row["utm_source"],
        "utm_medium": row["utm_medium"],
        "utm_campaign": row["utm_campaign"],
    }
    query = urlencode({key: value for key, value in campaign.items() if value is not None})
    host = row["referrer_host"]
    scheme = "android-app" if host and host.startswith("com.") else "https"
    return Raw(
        **_shared(row) | {"url": f"{row['url']}?{query}" if query else row["url"]},
        kind="view",
        view_id=row["view_id"],
        referrer=f"{scheme}://{host}{row['referrer_path'] or '/'}" if host else None,
        title=row["title"],
        width=WIDTHS.get(row["device"]),
        language=row["language"],
        reader=None if row["reader_id"] is None else str(row["reader_id"]),
    )


def _engagement(row: Row) -> Raw:
    return Raw(
        **_shared(row),
        kind="engagement",
        view_id=row["view_id"],
        engaged_ms=row["engaged_ms"],
        body_scroll_pct=row["body_scroll_pct"],
        page_scroll_pct=row["page_scroll_pct"],
        short_body=row["short_body"],
        acts=row["acts"],
    )


def _beacon(row: Row) -> Raw:
    key = uuid.uuid5(uuid.UUID(row["event_id"]), str(row["engaged_ms"]))
    return _engagement({**row, "event_id": str(key)})


def _comment(row: Row) -> Raw:
    said = Said(
        comment_id=row["comment_id"],
        status=row["status"],
        state_at=row["state_at"],
        decided_by=row["decided_by"],
        length=row["length"],
        length_limit=row["length_limit"],
        parent_id=row["parent_id"],
        commenter=None if row["commenter"] is None else str(row["commenter"]),
    )
    if (
        row["status"] == "pending"
    ):  # the page says so when it happens: the collector's clock is the better one
        said = msgspec.structs.replace(said, state_at=None)
    return Raw(**_shared(row), kind="comment", comment=said, is_trusted=row["status"] != "pending")


def _act(row: Row) -> Raw:
    return Raw(
        **_shared(row),
        kind="act",
        view_id=row["view_id"],
        act=row["kind"],
        name=None if row["kind"] == "comment_box" else row["kind"],
        props=None if row["props"] is None else msgspec.json.decode(row["props"]),
    )


_MAKERS: dict[str, Callable[[Row], Raw]] = {
    "page_views": _view,
    "engagements": _engagement,
    "beacons": _beacon,
    "comment_states": _comment,
    "interactions": _act,
}
