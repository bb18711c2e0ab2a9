"""How a rule is read: the stretch since the last look becomes readings, by questions of `queries.watched`.

The same functions look back over 28 days for a dry run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import polars as pl

from analytics.alerts.kinds import KINDS, LIVE, judged
from analytics.alerts.spells import Read, Reading
from analytics.control.alerts import Rule
from analytics.errors import UsageError
from analytics.language import _
from analytics.metrics import FEW_N
from analytics.periods import Grain, Period, day_begins, local_day
from analytics.queries import live, watched
from analytics.queries.ask import Filter
from analytics.queries.coverage import coverage
from analytics.store.store import Store

LEAST_MISSED = FEW_N  # a silence in which fewer loads would be usual is none
SILENCE = dt.timedelta(minutes=15)  # so long without a load, an hour is not whole
INSTANT = dt.timedelta(minutes=15)  # how far looks back at queues lie apart
MOST_OUTSIDE = 50  # entities of a rule that can be outside at one time; beyond that it says too much


@dataclass(frozen=True, slots=True)
class Eyes:
    """What readings need.

    Attributes:
        store: The open store.
        zone: Of the site.
        now: Naive UTC.
        excluded: Articles that no list names; alerts do not, either.
    """

    store: Store
    zone: str
    now: dt.datetime
    excluded: Collection[str] = ()


def look(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime, going: Collection[str] = ()) -> Read:
    """Read a rule from one instant to another.

    Args:
        eyes: The store and the clock.
        rule: What is watched.
        since: Readings that end after this, naive UTC.
        until: And up to this.
        going: Entities whose spells go on: of these readings inside count, too.

    Raises:
        TearsheetError: The rule asks for what does not exist.
    """
    read = _BY_KIND.get(rule.kind)
    if read is None:
        raise UsageError(
            _("“{title}” cannot be tried over days that are over.", title=_(KINDS[rule.kind].title))
        )
    found = read(eyes, rule, since, until)
    outside = {each.entity for each in found.readings if each.is_out} | set(going)
    return replace(found, readings=tuple(each for each in found.readings if each.entity in outside))


def can_look_back(rule: Rule) -> bool:
    """Tell whether a rule can be tried over days that are over."""
    return KINDS[rule.kind].has_past and rule.metric != LIVE


def unusual_silences(
    eyes: Eyes, site: str, since: dt.datetime, until: dt.datetime, least: dt.timedelta
) -> list[tuple[dt.datetime, dt.datetime, float]]:
    """List stretches without any load in which some would be usual: begin, end, loads missed."""
    found = watched.silences(eyes.store, site, since, until, least)
    if not found:
        return []
    days = Period(local_day(found[0][0], eyes.zone), local_day(until, eyes.zone), eyes.zone)
    hours = watched.beside_usual(eyes.store, "page_loads", Filter(site), days, "hour", eyes.now)
    usual = hours.filter(pl.col("middle").is_not_null()).select("began", "ends", "middle").rows()
    told = [(began, ended, _missed(usual, began, ended)) for began, ended in found]
    return [each for each in told if each[2] >= LEAST_MISSED]


def _missed(
    usual: Sequence[tuple[dt.datetime, dt.datetime, float]], began: dt.datetime, ended: dt.datetime
) -> float:
    hour = dt.timedelta(hours=1)
    return sum(
        max((min(ended, ends) - max(began, begins)) / hour, 0.0) * middle for begins, ends, middle in usual
    )


# --- figures by hours and days -----------------------------------------------------------------------------


def _figure(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    """Read a figure of the site, or of the values of a dimension, by whole hours or days."""
    if rule.metric == LIVE:
        return _on_site(eyes, rule, until)
    where, split = Filter(rule.site_id), "" if rule.dimension == "site" else rule.dimension
    days = Period(local_day(since, eyes.zone), local_day(until, eyes.zone), eyes.zone)
    ids: Sequence[str] = list(rule.ids)
    if split and not ids:
        ids = watched.watched_ids(eyes.store, where, split, days.last, eyes.zone, eyes.now)
    ids = [each for each in ids if split != "article" or each not in eyes.excluded]
    grain: Grain = "day" if rule.grain == "day" else "hour"
    beside = watched.beside_week_before if rule.kind == "change" else watched.beside_usual
    rows = beside(
        eyes.store,
        rule.metric,
        where,
        days,
        grain,
        eyes.now,
        split=split,
        ids=ids,
    )
    rows = rows.filter(pl.col("ends") > since, pl.col("ends") <= until, "is_complete")
    if not rows.height:
        return Read()
    rows = rows.with_columns(is_whole=_is_whole(eyes, rule, rows))
    out = judged(rows, rule.kind, rule.direction if rule.kind != "drop" else "below", rule.bound, rule.level)
    if rule.kind != "level":
        out = _without_excluded_days(eyes, rule.site_id, out)
    return Read(tuple(rows["ends"].unique().sort().to_list()), _readings(out))


def _is_whole(eyes: Eyes, rule: Rule, rows: pl.DataFrame) -> pl.Expr:
    """Say of each row whether all of its readers were collected: no recorded gap, no unusual silence."""
    began, ended = rows["began"].min(), rows["ends"].max()
    assert isinstance(began, dt.datetime) and isinstance(ended, dt.datetime)  # noqa: S101, PT018 there are rows
    known = coverage(eyes.store, rule.site_id, eyes.now)
    gaps = list(known.gaps)
    if rule.direction != "above" or rule.kind == "drop":
        silent = unusual_silences(eyes, rule.site_id, began, min(ended + SILENCE, eyes.now), SILENCE)
        gaps += [(begins, ends) for begins, ends, _why in silent]
    whole = pl.lit(value=True)
    for begins, ends in gaps:
        whole &= ~((pl.col("began") < ends) & (pl.lit(begins) < pl.col("ends")))
    return whole


def _without_excluded_days(eyes: Eyes, site: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Tell nothing on days that editors have taken out of what is usual."""
    free = [
        (day_begins(day, eyes.zone), day_begins(day + dt.timedelta(days=1), eyes.zone))
        for day in watched.excluded_days(eyes.store, site)
    ]
    is_out = pl.col("is_out")
    for begins, ends in free:
        is_out = pl.when((pl.col("began") >= begins) & (pl.col("began") < ends)).then(None).otherwise(is_out)
    return rows.with_columns(is_out=is_out)


def _on_site(eyes: Eyes, rule: Rule, until: dt.datetime) -> Read:
    value, bound = live.on_site(eyes.store, rule.site_id, eyes.zone, until), rule.bound or 0.0
    is_out = None
    if value is not None:
        is_out = value <= bound if rule.direction == "below" else value >= bound
    began = until - live.ON_SITE
    return Read((until,), (Reading(began=began, at=until, value=value, bound=bound, is_out=is_out),))


# --- articles ----------------------------------------------------------------------------------------------


def _expected(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    dimension = "" if rule.dimension == "site" else rule.dimension
    rows = watched.crossings(
        eyes.store, rule.site_id, rule.metric, since, until, eyes.now, dimension=dimension, ids=rule.ids
    )
    rows = rows.with_columns(
        low="middle", is_whole=pl.lit(value=True), ends="at", began=pl.col("at") - INSTANT
    )
    out = judged(rows, rule.kind, "above", None, rule.level)
    # After two days a story is no news any more: the spell ends, whatever it has.
    out = out.with_columns(is_out=pl.when("is_last").then(pl.lit(value=False)).otherwise("is_out"), low=None)
    return Read((until,), _readings(_shown(eyes, out)), is_once=True)


def _rising(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    done = _whole_hours(eyes, rule.site_id, since, until)
    if not done:
        return Read()
    rows = watched.rising(eyes.store, rule.site_id, since, done[-1], FEW_N)
    rows = rows.with_columns(low="middle", is_whole=pl.lit(value=True))
    out = judged(rows, rule.kind, "above", None, rule.level).with_columns(low=None)
    return Read(done, _readings(_shown(eyes, out)), is_sparse=True)


def _whole_hours(eyes: Eyes, site: str, since: dt.datetime, until: dt.datetime) -> tuple[dt.datetime, ...]:
    known, hour = coverage(eyes.store, site, eyes.now), dt.timedelta(hours=1)
    at = since.replace(minute=0, second=0, microsecond=0) + hour
    found = []
    while at <= until and known.is_complete(at):
        found.append(at)
        at += hour
    return tuple(found)


def _shown(eyes: Eyes, rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(~pl.col("id").is_in(list(eyes.excluded)))


# --- talk --------------------------------------------------------------------------------------------------


def _storm(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    return _talk(eyes, rule, since, until, by_article=True)


def _backlog(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    return _talk(eyes, rule, since, until, by_article=False)


def _talk(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime, *, by_article: bool) -> Read:
    instants = _instants(since, until)
    if coverage(eyes.store, rule.site_id, eyes.now).comments is None or not instants:
        return Read(instants)
    ask = watched.written if rule.metric == "comments_created" else watched.waiting
    rows = ask(eyes.store, rule.site_id, instants, by_article=by_article)
    value = "oldest_min" if rule.metric == "oldest_min" else "value"
    stretch = dt.timedelta(hours=1) if rule.metric == "comments_created" else INSTANT
    nothing = pl.lit(None, dtype=pl.Float64)
    out = rows.with_columns(
        value=value,
        ends="at",
        began=pl.col("at") - stretch,
        bound=pl.lit(rule.bound),
        middle=nothing,
        low=nothing,
        high=nothing,
        n=pl.lit(None, dtype=pl.Int64),
        is_out=pl.col(value) >= rule.bound,
    )
    return Read(instants, _readings(_shown(eyes, out)), is_sparse=True)


def _instants(since: dt.datetime, until: dt.datetime) -> tuple[dt.datetime, ...]:
    """List quarter hours after one instant and up to another, the same ones however the stretch is cut."""
    first = since.replace(minute=since.minute // 15 * 15, second=0, microsecond=0) + INSTANT
    return tuple(first + n * INSTANT for n in range(max((until - first) // INSTANT + 1, 0)))


# --- sources, silence --------------------------------------------------------------------------------------


def _source(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    days = Period(local_day(since, eyes.zone), local_day(until, eyes.zone), eyes.zone)
    rows = watched.new_sources(eyes.store, rule.site_id, days, int(rule.bound or 1), eyes.now)
    readings = [
        Reading(
            entity=name,
            began=day_begins(day, eyes.zone),
            at=min(day_begins(day + dt.timedelta(days=1), eyes.zone), until),
            value=value,
            bound=rule.bound,
            is_out=True,
        )
        for name, day, value in rows.rows()
    ]
    ends = [day_begins(day + dt.timedelta(days=1), eyes.zone) for day in days.days]
    after = [at + dt.timedelta(days=1) for at in ends]  # news for a day
    return Read(tuple(at for at in after if since < at <= until), tuple(readings), is_sparse=True)


def _silent(eyes: Eyes, rule: Rule, since: dt.datetime, until: dt.datetime) -> Read:
    least = dt.timedelta(minutes=rule.bound or 15)
    readings = []
    for began, ended, missed in unusual_silences(eyes, rule.site_id, since, until, least):
        at = max(began + least, since) if ended < until else until
        readings.append(
            Reading(began=began, at=at, value=0.0, middle=round(missed), bound=rule.bound, is_out=True)
        )
        if ended < until:
            readings.append(Reading(began=ended, at=ended, is_out=False))
    if not readings or readings[-1].at < until:
        readings.append(Reading(began=until, at=until, is_out=False))
    return Read((until,), tuple(readings))


_NUMBERS = ("value", "low", "middle", "high", "bound")


def _readings(rows: pl.DataFrame) -> tuple[Reading, ...]:
    """Turn judged rows into readings; those of entities that are never outside are left to `look`."""
    columns = ["id", "began", "ends", *_NUMBERS, "n", "is_out"]
    outside = rows.filter("is_out").select("id").unique()
    if outside.height > MOST_OUTSIDE:  # the loudest, by how far they are beyond their bound
        far = rows.filter("is_out").group_by("id").agg(far=(pl.col("value") / pl.col("bound")).max())
        outside = far.sort("far", "id", descending=[True, False]).head(MOST_OUTSIDE).select("id")
        rows = rows.join(outside, on="id", how="semi")
    columns += [name for name in ("is_last",) if name in rows.columns]
    found = rows.select(pl.col(name) for name in columns).rename({"id": "entity", "ends": "at"})
    return tuple(Reading(**row) for row in found.to_dicts())


_Look = Callable[[Eyes, Rule, dt.datetime, dt.datetime], Read]
_BY_KIND: dict[str, _Look] = {
    **dict.fromkeys(("learned", "drop", "level", "change"), _figure),
    "expected": _expected,
    "rising": _rising,
    "storm": _storm,
    "backlog": _backlog,
    "source": _source,
    "silent": _silent,
}
