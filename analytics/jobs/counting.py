"""What a recount makes of what it read: facts, sessions and their sums, the same for all and for some."""

from __future__ import annotations

import datetime as dt
import hashlib
from dataclasses import dataclass

import polars as pl

from analytics.jobs import facts, rollups, sessions
from analytics.jobs.reading import DAY, Read, Run
from analytics.periods import Period
from analytics.store.localtime import day_local, hour_at

Frames = dict[str, pl.DataFrame]
_CONTINUED = {"day_local": pl.Date(), "continued": pl.String()}


@dataclass(frozen=True, slots=True)
class Counted:
    """What stands in the place of the rows before.

    Attributes:
        frames: Table -> rows.
        rolled: Lines of rolled_days.
        continued: Digest of how each day before went on (day_local, continued).
    """

    frames: Frames
    rolled: pl.DataFrame
    continued: pl.DataFrame


def count(read: Read, run: Run, now: dt.datetime) -> Counted:
    """Make the facts that a run replaces, of the rows that were read; their sums are made by `sums`."""
    gap = dt.timedelta(minutes=run.settings.session_gap_min)
    chains = sessions.chain(read.activity, read.carry, _day_ends(run), gap)
    views = chains.session_of(coded(read.views)).with_row_index("row")
    folded = facts.fold_engagement(views, read.engagements, run.settings)
    made = facts.view_facts(views, folded, run.settings)
    own = made.select("session_id").unique()
    prior = coded(read.prior).join(own, on="session_id", how="semi")
    whole = pl.concat(
        [prior.drop("is_repeat", "is_exit", "is_recirculated", "is_recirculated_any"), made], how="diagonal"
    )
    marked = facts.in_sessions(whole, chains.last_at(), now, gap).with_columns(
        hour_at=hour_at(pl.col("event_at"), run.period.zone)
    )
    visits = facts.sessions(marked, run.settings)
    days = marked.filter(_in(run)).join(
        visits.select("session_id", session_day="day_local"), on="session_id", how="left"
    )
    frames = {
        "view_facts": days,
        "sessions": visits.filter(_in(run)),
        "session_carry": chains.carry.filter(_in(run)),
        **_talk(read, run),
    }
    continued = _continued(marked, chains.crossing())
    return Counted(frames, _rolled(run, days, continued, now, gap), continued)


def sums(days: pl.DataFrame, visits: pl.DataFrame, read: Read) -> Frames:
    """Sum up view facts of whole visitors: each counts for what they alone did, so any of them may be asked.

    Args:
        days: View facts of some days, `coded`, and `session_day`, the day of the session's first view.
        visits: Sessions that began on these days; texts as categories.
        read: Whose authors and topics.

    Returns:
        Table -> rows, of all sums.
    """
    counted = rollups.counted(days)
    by_way = rollups.article_days(counted.lazy()).collect()
    wanted = {
        "article_hours": rollups.article_hours(counted.lazy()),
        "article_days": by_way.lazy(),
        "article_ages": rollups.article_ages(counted.lazy()),
        "engaged_days": rollups.engaged_days(days.lazy()),
        "dimension_days": rollups.dimension_days(days, by_way, visits, read.authors, read.topics),
        "site_minutes": rollups.site_minutes(days.lazy(), counted.lazy(), visits.lazy()),
    }
    made = pl.collect_all(list(wanted.values()))
    return {table: rollups.by_day(rows) for table, rows in zip(wanted, made, strict=True)}


def coded(views: pl.DataFrame) -> pl.DataFrame:
    """Turn the texts that views are grouped by into categories: compared as numbers, in many groupings."""
    return views.with_columns(pl.col("article_id", "section", *rollups.WAYS).cast(pl.Categorical))


def _in(run: Run) -> pl.Expr:
    return pl.col("day_local").is_between(run.period.first, run.period.last)


def _talk(read: Read, run: Run) -> Frames:
    """Make the facts of comments and of comment boxes, where they were read."""
    found = {}
    if read.states is not None:
        states = _timed(facts.comment_facts(read.states, run.settings), "created_at", run)
        decided = day_local(pl.col("decided_at"), run.period.zone)
        found["comment_facts"] = states.with_columns(decided_day=decided)
    if read.steps is not None:
        found["box_facts"] = _timed(facts.box_facts(_timed(read.steps, "at", run)), "at", run)
    return found


def _timed(frame: pl.DataFrame, at: str, run: Run) -> pl.DataFrame:
    """Add local day and hour, and keep the days of the run."""
    zone = run.period.zone
    return frame.with_columns(
        day_local=day_local(pl.col(at), zone), hour_at=hour_at(pl.col(at), zone)
    ).filter(_in(run))


def _day_ends(run: Run) -> pl.DataFrame:
    days = [*run.period.days, run.period.last + DAY]
    ends = [Period(day, day, run.period.zone).ends for day in days]
    return pl.DataFrame(
        {"day_local": days, "day_ends": ends}, schema={"day_local": pl.Date(), "day_ends": pl.Datetime("us")}
    )


def _continued(marked: pl.DataFrame, crossing: pl.DataFrame) -> pl.DataFrame:
    """Digest, per day, how its sessions went on after midnight; days without such a session are left out.

    Args:
        marked: Views of whole sessions.
        crossing: Of `Chains.crossing`: a beacon alone may carry a session on.
    """
    views = (
        marked.lazy()
        .filter(pl.col("session_id").is_not_null())
        .with_columns(began_day=pl.col("day_local").min().over("session_id"))
        .filter(pl.col("began_day") != pl.col("day_local"))
        .collect()
    )
    if views.is_empty() and crossing.is_empty():
        return pl.DataFrame(schema=_CONTINUED)
    texts = [
        rows.select("began_day", text=_text(*columns))
        for rows, columns in (
            (
                views,
                ("session_id", "event_at", "view_id", "article_id", "is_article", "engaged_s", "last_at"),
            ),
            (crossing, ("session_id", "last_at")),
        )
    ]
    days = pl.concat(texts).sort("began_day", "text").group_by("began_day", maintain_order=True)
    joined = days.agg(pl.col("text").str.join("\n"))
    digests = [hashlib.blake2b(text.encode(), digest_size=16).hexdigest() for text in joined["text"]]
    return pl.DataFrame({"day_local": joined["began_day"], "continued": digests}, schema=_CONTINUED)


def _text(*columns: str) -> pl.Expr:
    return pl.concat_str(pl.col(columns).cast(pl.String).fill_null(""), separator="|")


def _rolled(
    run: Run, days: pl.DataFrame, continued: pl.DataFrame, now: dt.datetime, gap: dt.timedelta
) -> pl.DataFrame:
    """Write down per day when it was counted, and until when one of its sessions is open."""
    still_open = (
        days.filter(pl.col("session_id").is_not_null() & pl.col("is_exit").is_null())
        .group_by("day_local")
        .agg(open_until=pl.max_horizontal(pl.col("last_at").max(), pl.col("event_at").max()) + gap)
    )
    return (
        pl.DataFrame({"day_local": run.period.days}, schema={"day_local": pl.Date()})
        .join(still_open, on="day_local", how="left")
        .join(continued, on="day_local", how="left")
        .select(
            day_local="day_local",
            version=pl.lit(run.version, dtype=pl.Int64),
            rolled_at=pl.lit(now, dtype=pl.Datetime("us")),
            open_until="open_until",
            continued=pl.col("continued").fill_null(""),
            sealed_at=pl.lit(None, dtype=pl.Datetime("us")),
            whole_at=pl.lit(now, dtype=pl.Datetime("us")),
        )
    )
