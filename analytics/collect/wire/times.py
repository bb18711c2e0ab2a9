"""Times on the wire: whole milliseconds since 1970, or RFC 3339 text. Inside: naive UTC."""

from __future__ import annotations

import datetime as dt

from analytics.collect.wire.raw import invalid

DAY_MS = 86_400_000
AHEAD = dt.timedelta(minutes=10)  # how far a trusted clock may be ahead
EARLIEST = dt.datetime(1990, 1, 1)  # noqa: DTZ001 naive UTC inside
EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 as above


def millis_of(value: int | str | None) -> int | None:
    """Read a time as milliseconds since 1970; None where it is none."""
    if not isinstance(value, str):
        return value
    at = time_of(value)
    return None if at is None else (at - EPOCH) // dt.timedelta(milliseconds=1)


def time_of(value: int | str | None) -> dt.datetime | None:
    """Read a time as naive UTC; None where it is none, or beyond the calendar."""
    try:
        if isinstance(value, str):
            at = dt.datetime.fromisoformat(value.strip())
            return at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at
        return None if value is None else EPOCH + dt.timedelta(milliseconds=value)
    except (ValueError, OverflowError):
        return None


def event_at(
    made: int | str | None, sent: int | str | None, received: dt.datetime, window_ms: int
) -> tuple[dt.datetime, bool]:
    """Find when an event happened, by wire-formats.md A.3: the reader's clock may be wrong, ours is not.

    Args:
        made: `ts`.
        sent: `st`, by the same clock: what lies between both is true even where the clock is not.
        received: By our clock, naive UTC.
        window_ms: How late a retry may come.

    Returns:
        The time, never after receipt; and whether a text came that is no time.

    Raises:
        InvalidEventError: It waited longer than the window.
    """
    ts, st = millis_of(made), millis_of(sent)
    is_bad = (ts is None and made is not None) or (st is None and sent is not None)
    if ts is None:
        return received, is_bad
    if st is None:
        at = time_of(ts)
        is_near = at is not None and abs(received - at) <= dt.timedelta(days=1)
        return min(at, received) if at is not None and is_near else received, is_bad
    waited = st - ts
    if waited > window_ms:
        raise invalid("ts", "too_old")
    return received - dt.timedelta(milliseconds=max(waited, 0)), is_bad


def trusted_event_at(made: int | str | None, received: dt.datetime) -> dt.datetime:
    """Find when an event of a trusted sender happened, by wire-formats.md A.4: however old.

    Raises:
        InvalidEventError: Before 1990, over ten minutes ahead, or no time.
    """
    if made is None:
        return received
    at = time_of(made)
    if at is None and isinstance(made, str):
        raise invalid("ts", "malformed")
    if at is None or not EARLIEST <= at <= received + AHEAD:
        raise invalid("ts", "out_of_range")
    return at
