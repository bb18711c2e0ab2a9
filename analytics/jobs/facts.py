"""Facts: what a view, a comment and a comment box *are*, made once and stored.

The SQL of metrics.md 2, 5 and 6 is the specification; here it is Polars over frames of whole days.
"""

from __future__ import annotations

import datetime as dt

import polars as pl

from analytics.metrics import FormulaSettings

AT_LIMIT = 0.95  # metrics.md 6: at_limit_share
AUTO_WITHIN = dt.timedelta(seconds=5)  # metrics.md 6: a decision so fast was made by a machine
EARLY = dt.timedelta(hours=1)  # the clock of a beacon is at most so far behind that of its view
BEACON_AGE = dt.timedelta(hours=24)  # wire-formats.md: a tracker gives up after a day
MS = 1000
# Polars divides many rows by the inverse of a number and one row by the number itself: 82 / 100 comes to
# 0.8200000000000001 or to 0.82. A fact must not rest on how many others are counted with it.
PERCENT = 1 / 100
MINUTE = 1 / 60


def fold_engagement(
    views: pl.DataFrame, engagements: pl.DataFrame, settings: FormulaSettings
) -> pl.DataFrame:
    """Fold what arrived about each view: the largest of cumulative times, the sum of deltas.

    Args:
        views: `row` (a number of its own), view_id, event_at, format.
        engagements: view_id, at, received_at, engaged_ms, engaged_mode, scrolls in percent, short_body,
            acts; those younger than a day since the view count.
        settings: `engaged_cap_s` caps the time.

    Returns:
        One row per view with a beacon: row, engaged_s (whole seconds), body_scroll and page_scroll
        (0-1), short_body, acts, is_clipped.
    """
    since = (pl.col("received_at") - pl.col("event_at")).dt.total_milliseconds()
    # Nobody reads longer than the time since the view; an import has no arrival time to tell by.
    possible = pl.when(pl.col("format").str.starts_with("import:")).then(None).otherwise(since + MS)
    told = pl.coalesce(
        pl.col("engaged_ms").filter(pl.col("engaged_mode") == "max").max(),
        pl.col("engaged_ms").filter(pl.col("engaged_mode") == "sum").sum(),
    )
    cap = pl.min_horizontal(pl.col("possible").max(), pl.lit(MS * settings.engaged_cap_s))
    return (
        engagements.lazy()
        .join(views.lazy().select("row", "view_id", "event_at", "format"), on="view_id")
        # Each view has its own window, so that a day comes to the same alone and among others.
        .filter((pl.col("at") - pl.col("event_at")).is_between(-EARLY, BEACON_AGE))
        .with_columns(possible=possible)
        .group_by("row")
        .agg(
            told=told,
            cap=cap,
            body_scroll=pl.col("body_scroll_pct").max() * PERCENT,
            page_scroll=pl.col("page_scroll_pct").max() * PERCENT,
            short_body=pl.col("short_body").any(),
            acts=pl.col("acts").max(),
        )
        .with_columns(
            engaged_s=pl.min_horizontal("told", "cap") // MS,
            is_clipped=(pl.col("told") > pl.col("cap")).fill_null(value=False),
        )
        .drop("told", "cap")
        .collect()
    )


def view_facts(views: pl.DataFrame, folded: pl.DataFrame, settings: FormulaSettings) -> pl.DataFrame:
    """Say of each view whether it is an article's, a read, how deep, finished.

    Args:
        views: Rows of page_views with their `row`, article_id resolved, and of the article kind, section,
            published_at and word_count.
        folded: Of `fold_engagement`.
        settings: Thresholds in force on the day.

    Returns:
        The views with the columns of `view_facts` that need no session.
    """
    is_measured = pl.col("signal") != "none"
    is_full = pl.col("signal") == "full"
    kind = pl.col("kind").fill_null("article")
    engaged = pl.when(is_measured).then(pl.col("engaged_s").fill_null(0))
    reading_s = pl.col("word_count") * (1 / settings.wpm) * 60
    enough_acts = (pl.col("acts") >= 1) | (pl.col("acts").is_null() & (pl.col("signal") == "time"))
    return (
        views.lazy()
        .join(folded.lazy().with_columns(has_beacon=True), on="row", how="left")
        .drop("row")
        .with_columns(
            is_article=pl.col("article_id").is_not_null() & (kind != "page"),
            is_measured=is_measured,
            is_silent=is_measured & pl.col("has_beacon").is_null(),
            is_clipped=pl.col("is_clipped").fill_null(value=False),
            engaged_s=engaged,
            scroll_depth=pl.when(is_full).then(pl.col("body_scroll").fill_null(0.0)),
            acts=pl.when(is_full).then(pl.col("acts").fill_null(0)).otherwise("acts"),
        )
        .with_columns(
            is_read=pl.when(is_measured & _acts_suffice(settings)).then(
                (pl.col("engaged_s") >= settings.read_after_s) & enough_acts
            ),
            read_depth=pl.when(is_full & (pl.col("word_count") > 0) & (kind == "article")).then(
                pl.min_horizontal(pl.lit(1.0), pl.col("engaged_s") / reading_s, "scroll_depth")
            ),
        )
        .with_columns(is_finished=pl.col("is_read") & (pl.col("read_depth") >= settings.finished_at))
        .collect()
    )


def _acts_suffice(settings: FormulaSettings) -> pl.Expr:
    return pl.col("acts").is_not_null() if settings.require_acts == "always" else pl.lit(value=True)


def in_sessions(
    views: pl.DataFrame, last_at: pl.DataFrame, now: dt.datetime, gap: dt.timedelta
) -> pl.DataFrame:
    """Say of each view what its session makes of it: repeat, exit, recirculation.

    Neighbours are compared by shifting the sorted frame, not by windows over groups: at a hundred
    thousand views a day that is five times cheaper.

    Args:
        views: session_id, event_at, view_id, article_id, is_article, url; of whole sessions.
        last_at: Last event of each session_id.
        now: Naive UTC; a session is closed when its last event is longer ago than `gap`.
        gap: Session gap; also the age up to which a view again is a repeat.

    Returns:
        The views in the order of sessions and time, with last_at, is_closed, is_repeat, is_exit (null in
        open sessions and without session), is_recirculated, is_recirculated_any.
    """
    numbered = views.join(last_at, on="session_id", how="left").with_columns(
        _article=pl.col("article_id").cast(pl.Categorical).to_physical(),
        _page=pl.coalesce(pl.col("article_id").cast(pl.String), "url").cast(pl.Categorical).to_physical(),
        last_at=pl.coalesce("last_at", "event_at"),
    )
    session, at = pl.col("session_id"), pl.col("event_at")
    # Sorted are the keys alone, by one after the other: a third of the price of sorting all columns by all.
    in_order = (
        numbered.lazy()
        .select("session_id", "_article", "event_at", _tie=pl.col("view_id").hash())
        .with_row_index("_row")
        .sort("_tie")
        .sort("event_at", maintain_order=True)
        .sort("session_id", maintain_order=True)
        .with_row_index("_place")
        .collect()
    )
    again = (session == session.shift()) & (pl.col("_article") == pl.col("_article").shift())
    repeats = (
        in_order.lazy()
        .sort("_article", maintain_order=True)
        .sort("session_id", maintain_order=True)
        .select("_place", is_repeat=(again & (at - at.shift() < gap)).fill_null(value=False))
        .sort("_place")
        .collect()
    )
    is_last = (session != session.shift(-1)).fill_null(value=True)
    fresh = session.is_not_null() & ~pl.col("is_repeat")
    return (
        numbered[in_order["_row"]]
        .lazy()
        .with_columns(repeats["is_repeat"], is_closed=pl.col("last_at") + gap < now)
        .with_columns(
            is_exit=pl.when(session.is_not_null() & pl.col("is_closed")).then(is_last),
            is_recirculated=_next_differs(fresh & pl.col("is_article"), "_article"),
            is_recirculated_any=_next_differs(fresh, "_page"),
        )
        .drop("_article", "_page")
        .collect()
    )


def _next_differs(chosen: pl.Expr, what: str) -> pl.Expr:
    """Say whether the next chosen row of the same session has another value; rows sorted by session."""
    following = pl.when(chosen).then(pl.col(what)).shift(-1).backward_fill()
    of_session = pl.when(chosen).then(pl.col("session_id")).shift(-1).backward_fill()
    differs = (of_session == pl.col("session_id")) & (following != pl.col(what))
    return (chosen & differs).fill_null(value=False)


def sessions(views: pl.DataFrame, settings: FormulaSettings) -> pl.DataFrame:
    """Sum up sessions on the day of their first view.

    Args:
        views: Facts of whole sessions as `in_sessions` gives them, in its order.
        settings: `read_after_s` decides what is no bounce.

    Returns:
        The columns of `sessions` but site_id, one row per session_id.
    """
    return (
        views.lazy()
        .filter(pl.col("session_id").is_not_null())
        .group_by("session_id", maintain_order=True)
        .agg(
            pl.col("day_local").first(),
            first_view_at=pl.col("event_at").first(),
            last_at=pl.max_horizontal(pl.col("last_at").max(), pl.col("event_at").max()),
            views=pl.len().cast(pl.Int64),
            engaged_s=pl.when(pl.col("engaged_s").is_not_null().any()).then(pl.col("engaged_s").sum()),
            is_measured=pl.col("is_measured").all(),
            is_closed=pl.col("is_closed").all(),
            entry_article=pl.when(pl.col("is_article").first()).then(pl.col("article_id").first()),
            entry_section=pl.when(pl.col("is_article").first()).then(pl.col("section").first()),
            entry_channel=pl.col("channel").first(),
            entry_source=pl.col("source").first(),
            entry_device=pl.col("device").first(),
            entry_country=pl.col("country").first(),
        )
        .with_columns(
            is_bounce=pl.col("is_measured")
            & (pl.col("views") == 1)
            & (pl.col("engaged_s").fill_null(0) < settings.read_after_s)
        )
        .collect()
    )


def comment_facts(states: pl.DataFrame, settings: FormulaSettings) -> pl.DataFrame:
    """Say of each comment what it is now; the latest state counts, a decision wins a tie with pending.

    Args:
        states: Rows of comment_states with article_id resolved and section; whole histories.
        settings: `comment_limit`, where a state bears none.

    Returns:
        One row per comment_id; created_at and decided_at naive UTC, lag_min in minutes.
    """
    decision = pl.col("status").is_in(["published", "rejected"])
    ordered = states.with_columns(is_decision=decision).sort(
        "comment_id", "state_at", pl.col("status") != "pending", "event_at"
    )
    is_fast = pl.col("decided_at") - pl.col("created_at") <= AUTO_WITHIN
    return (
        ordered.group_by("comment_id", maintain_order=True)
        .agg(
            pl.col("article_id", "section", "commenter", "parent_id", "length_limit").drop_nulls().first(),
            length=pl.col("length").drop_nulls().last(),
            created_at=pl.coalesce("created_at", "state_at").min(),
            status=pl.col("status").last(),
            decided_at=pl.col("state_at").filter("is_decision").first(),
            decided_by=pl.col("decided_by").filter("is_decision").first(),
            # Without a state before the decision its time is not known: the export names the writing only.
            is_timed=(pl.col("status") == "pending").any() | pl.col("created_at").is_not_null().any(),
        )
        .with_columns(is_auto=pl.coalesce(pl.col("decided_by") == "auto", is_fast))
        .with_columns(
            lag_min=pl.when(~pl.col("is_auto") & pl.col("is_timed")).then(
                (pl.col("decided_at") - pl.col("created_at")).dt.total_seconds() * MINUTE
            ),
            is_published=pl.col("status") == "published",
            is_rejected=pl.col("status") == "rejected",
            is_decided=pl.col("status").is_in(["published", "rejected"]),
            is_spam=pl.col("status") == "spam",
            is_pending=pl.col("status") == "pending",
            is_reply=pl.col("parent_id").is_not_null(),
            is_at_limit=(
                pl.col("length") >= AT_LIMIT * pl.col("length_limit").fill_null(settings.comment_limit)
            ).fill_null(value=False),
        )
        .drop("decided_by", "is_timed", "length_limit")
    )


def box_facts(steps: pl.DataFrame) -> pl.DataFrame:
    """Say of each comment box how far its reader came.

    Args:
        steps: view_id, at (of the view, else of the step) and its day_local, article_id, section, step,
            box.

    Returns:
        One row per view_id, box and day_local; at is the time that owns it. Steps whose view is not known
        make a box a day, so that a day comes to the same alone and among others.
    """

    def did(step: str) -> pl.Expr:
        return (pl.col("step") == step).any()

    return (
        steps.filter(pl.col("box").is_not_null() & pl.col("view_id").is_not_null())
        .group_by("view_id", "box", "day_local")
        .agg(
            at=pl.col("at").min(),
            article_id=pl.col("article_id").drop_nulls().first(),
            section=pl.col("section").drop_nulls().first(),
            opened=did("open"),
            typed=did("type"),
            hit_limit=did("limit"),
            warned=did("warn"),
            posted=did("submit"),
        )
    )
