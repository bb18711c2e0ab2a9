"""Pieces that come of age: when a mail about each of them is due, a day and a week after it came out.

An age is reached once, and told once, whatever later becomes of the date of publication: the ledger knows
what was told of which piece, not the date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from analytics.periods import Period, local_day
from analytics.queries import library, output
from analytics.queries.ask import HORIZONS, Ask, Filter
from analytics.store import sites
from analytics.store.store import Store

MADE_UP = dt.timedelta(days=7)  # what is longer overdue is not sent any more, and the ledger says so
LATEST = dt.timedelta(days=90)  # how old a piece may be that a preview shows


@dataclass(frozen=True, slots=True, order=True)
class Piece:
    """A piece at an age: a day or a week after it came out.

    Attributes:
        due_at: When it is, or was, so old; naive UTC.
        article_id: The piece.
        age: Of `schedule.AGES`.
    """

    due_at: dt.datetime
    article_id: str
    age: str


def between(
    store: Store,
    site_id: str,
    kept: Mapping[str, Sequence[str]],
    ages: Sequence[str],
    after: dt.datetime,
    until: dt.datetime,
) -> list[Piece]:
    """List the pieces that come of an age after one instant and up to another, in order.

    Args:
        store: The open store.
        site_id: Their site.
        kept: A filter, of which the part holds that articles have.
        ages: Of `schedule.AGES`.
        after: Naive UTC.
        until: Naive UTC.
    """
    spans = {age: span_of(age) for age in ages}
    zone = sites.site(store, site_id).zone
    first, last = after - max(spans.values()), until - min(spans.values())
    where = Filter(site_id).only(**{name: tuple(values) for name, values in kept.items()})
    asked = Ask(where, Period(local_day(first, zone), local_day(last, zone), zone))
    rows = output.publications(store, asked).rows()
    found = [Piece(at + span, article, age) for article, at in rows for age, span in spans.items()]
    return sorted(each for each in found if after < each.due_at <= until)


def untold(
    store: Store, site_id: str, found: Sequence[Piece], told: Mapping[str, set[str]]
) -> list[tuple[Piece, int]]:
    """Keep of each piece the oldest age that it has come to, where neither it nor a later one was told.

    Args:
        store: The open store.
        site_id: Their site.
        found: Of `between`.
        told: Article -> ages that were told, under an id that it had before too.

    Returns:
        Pieces in order, and for how many ages each stands that were missed.
    """
    by_article: dict[str, list[Piece]] = {}
    for each in sorted(set(found), key=lambda piece: span_of(piece.age)):
        by_article.setdefault(each.article_id, []).append(each)
    kept = []
    for article_id, of_age in by_article.items():
        if _is_told(told, [article_id], of_age[-1]):
            continue  # as most were: no need to look it up
        names = [article_id, *library.article(store, site_id, article_id).aliases]
        if not _is_told(told, names, of_age[-1]):
            missed = [each for each in of_age[:-1] if not _is_told(told, names, each)]
            kept.append((of_age[-1], len(missed)))
    return sorted(kept)


def longest(ages: Sequence[str]) -> dt.timedelta:
    """Tell the longest of some ages."""
    return max(map(span_of, ages))


def span_of(age: str) -> dt.timedelta:
    """Tell how long an age lasts."""
    return HORIZONS[age] or dt.timedelta()  # type: ignore[index]  # of AGES, and each of these ends


def _is_told(told: Mapping[str, set[str]], names: Sequence[str], piece: Piece) -> bool:
    return any(span_of(age) >= span_of(piece.age) for name in names for age in told.get(name, ()))
