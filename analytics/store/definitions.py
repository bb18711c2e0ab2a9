"""The definitions of `metrics` as SQL: for the questions of the screens and for the views of analysts."""

from __future__ import annotations

from collections.abc import Callable

from analytics.metrics import BASES, NEEDS_SIGNAL, QUANTILE, VIEWS, Base, Fold, Metric


def condition(base: Base, of: str = "f.") -> str:
    """Turn the conditions of a base into SQL over its facts.

    Args:
        base: What is counted.
        of: Put before every column.
    """
    return " AND ".join(flagged(name, of) for name in base.when) or "true"


def flagged(flag: str, of: str = "f.") -> str:
    """Turn one flag of a base into SQL: `x`, not `~x`, or known `x?`."""
    if flag.endswith("?"):
        return f"{of}{flag[:-1]} IS NOT NULL"
    return f"NOT {of}{flag[1:]}" if flag.startswith("~") else f"{of}{flag}"


def number(base: Base) -> str:
    """Give what one row of its facts adds to a base."""
    value = f"coalesce(f.{base.value}, 0)" if base.value else "1"
    return f"CASE WHEN {condition(base)} THEN {value} ELSE 0 END::BIGINT"


def of_row(metric: Metric) -> str:
    """Give a metric of a row that holds sums of bases: how much, or null where it cannot be known."""
    return _of(metric, lambda name: f"f.{name}")


def over_rows(metric: Metric) -> str:
    """Give a metric over any rows that hold bases: of facts, of hours or of days.

    Medians, and people who comment, need the rows of facts; see `source`.
    """
    if metric.fold in QUANTILE:
        kept = " FILTER (is_article)" if metric.facts == VIEWS else ""
        return f"quantile_disc({metric.numerator}, {QUANTILE[metric.fold]}){kept}"
    if metric.id == "commenters":
        return "count(DISTINCT commenter) FILTER (is_published)"
    if metric.id == "published":
        return "count(published_at) FILTER (coalesce(kind, 'article') <> 'page')"
    return _of(metric, lambda name: f"sum({name})::BIGINT")


def source(metric: Metric) -> str:
    """Name the view whose rows `over_rows` adds up or ranks."""
    if is_sum(metric):
        return "daily"
    return {"published": "articles"}.get(metric.id, "views" if metric.facts == VIEWS else "comments_created")


def is_sum(metric: Metric) -> bool:
    """Say whether a metric follows from sums of bases alone."""
    return metric.numerator in BASES


def _of(metric: Metric, of: Callable[[str], str]) -> str:
    value = of(metric.numerator)
    if metric.fold is Fold.RATIO:
        scaled = f"{metric.scale} * {value}" if metric.scale != 1 else value
        return f"{scaled} / nullif({of(metric.denominator)}, 0)"
    if metric.id in NEEDS_SIGNAL:
        return f"CASE WHEN {of(NEEDS_SIGNAL[metric.id])} > 0 OR {of('views')} = 0 THEN {value} END"
    return value
