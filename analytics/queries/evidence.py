"""Evidence: the statement behind a figure, as analysts can run it, and the stored rows that it rests on.

Both are made of the definition in `metrics` and the same conditions that `counts` asks with, but always over
single facts: what a rollup has added up must come out the same.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from analytics.language import N_, _
from analytics.metrics import BASES, COMMENTS, LEFT_OUT, PEOPLE, QUANTILE, VIEWS, Base, Fold, Metric, metric
from analytics.queries import counts
from analytics.queries.ask import Ask
from analytics.queries.counts import Sql
from analytics.queries.dropped import dropped
from analytics.store.definitions import condition, flagged
from analytics.store.store import Store

_NO_SQL = N_("No statement over the analysts' tables gives this number: they hold no people, and no ranks.")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a figure rests on.

    Attributes:
        table: Table of facts whose rows are told.
        stored: Its rows of the site and the days asked; used + left_out add up to it.
        used: Rows that the figure was made of; of a rate those of its denominator.
        left_out: Reason and rows; each row is told once, under the first reason that holds.
        kept_out: Rule and page loads that never became facts, such as bots; kept for thirty days.
        sql: Statement over the analysts' views that returns the figure; empty where there is none.
        why_no_sql: Why not.
    """

    table: str
    stored: int
    used: int
    left_out: tuple[tuple[str, int], ...]
    kept_out: tuple[tuple[str, int], ...]
    sql: str
    why_no_sql: str = ""


def evidence(store: Store, name: str, ask: Ask) -> Evidence:
    """Tell what a figure rests on.

    Args:
        store: The open store.
        name: Metric.
        ask: Filter and days; splits are ignored.

    Raises:
        UnknownMetricError: There is no such metric.
        UnknownDimensionError: It cannot be filtered so.
    """
    wanted, asked = metric(name), replace(ask, split="", grain="")
    told = _rows_of(wanted, asked)
    reasons = _reasons(told)
    rows = store.frame(_counted(told, reasons), **told.sql.values)
    found = dict(rows.iter_rows())
    used = found.pop(len(reasons), 0)
    left_out = tuple((reasons[place][1], n) for place, n in sorted(found.items()))
    sql = statement(wanted, asked)
    kept_out = _kept_out(store, asked) if told.sql.table == VIEWS else ()
    return Evidence(
        told.sql.table,
        used + sum(found.values()),
        used,
        left_out,
        kept_out,
        sql,
        "" if sql else _(_NO_SQL),
    )


def statement(wanted: Metric, ask: Ask) -> str:
    """Write the statement that returns a figure; empty where analysts do not see what it counts."""
    if wanted.id == "published":
        return _select(counts.published_question(ask), f"count(*) AS {wanted.id}")
    if wanted.fold in QUANTILE:
        sql = _facts(wanted.facts, ask, _day_of(wanted))
        sql.conditions += [flagged(flag) for flag in _ranked(wanted)]
        return _select(sql, f"quantile_disc(f.{wanted.numerator}, {QUANTILE[wanted.fold]}) AS {wanted.id}")
    parts = [BASES[each] for each in (wanted.numerator, wanted.denominator) if each in BASES]
    return _counting(wanted, ask, parts) if parts else ""


def listing(names: Sequence[str], ask: Ask) -> str:
    """Write the statement that returns a table: each value of its split with its metrics of views.

    Args:
        names: Metrics; those that single views cannot tell (people, comments, standing) are left out.
        ask: Filter, days and split.

    Returns:
        SQL over the analysts' views, the largest first; empty where no metric is left.
    """
    told = {name: pick for name in names if (pick := _told(metric(name)))}
    if not told:
        return ""
    sql = _facts(VIEWS, ask)
    keys = [f"{expression} AS {ask.split}" for expression in sql.keys.values()]
    picks = ",\n    ".join([*keys, *[f"{pick} AS {name}" for name, pick in told.items()]])
    return f"{_select(sql, picks)}\nGROUP BY ALL ORDER BY {next(iter(told))} DESC"


def rows_of(site: str, article: str, most: int = 1000) -> str:
    """Write the statement that lists the views of an article one by one, the latest first."""
    kept = "site_id = $site AND article_id = $article"
    text = f"SELECT * FROM views\nWHERE {kept}\nORDER BY event_at DESC LIMIT $most"
    return written(text, {"site": site, "article": article, "most": most})


def _told(wanted: Metric) -> str:
    """Write a metric of views as an aggregate over their facts; empty where it is none."""
    if wanted.facts != VIEWS:
        return ""
    if wanted.fold in QUANTILE:
        flags = " AND ".join(flagged(flag) for flag in _ranked(wanted))
        return f"quantile_disc(f.{wanted.numerator}, {QUANTILE[wanted.fold]}) FILTER (WHERE {flags})"
    parts = [BASES[each] for each in (wanted.numerator, wanted.denominator) if each in BASES]
    if not parts or {base.facts for base in parts} != {VIEWS}:
        return ""
    return _ratio(wanted, [_sum(base) for base in parts])


def _counting(wanted: Metric, ask: Ask, parts: Sequence[Base]) -> str:
    """Write the statement of a count, or of a ratio of two."""
    facts = {base.facts for base in parts}
    if facts == {PEOPLE}:
        people, sums = counts.people_question(ask), [f"sum(f.{base.value})" for base in parts]
        return _select(people, f"{_ratio(wanted, sums)} AS {wanted.id}") if people else ""
    day = "" if wanted.fold is Fold.INSTANT else "day_local"
    if len(facts) == 1:
        sums = [_sum(base) for base in parts]
        return _select(_facts(parts[0].facts, ask, day), f"{_ratio(wanted, sums)} AS {wanted.id}")
    inner = [f"({_select(_facts(base.facts, ask), _sum(base))})".replace("\n", "\n    ") for base in parts]
    return f"SELECT {_ratio(wanted, inner)} AS {wanted.id}"


def _ratio(wanted: Metric, parts: Sequence[str]) -> str:
    if len(parts) == 1:
        return parts[0]
    scale = f"{wanted.scale} * " if wanted.scale != 1 else ""
    return f"{scale}{parts[0]} / nullif({parts[1]}, 0)"


def _sum(base: Base) -> str:
    """Write a base as an aggregate over its facts."""
    counted = f"coalesce(sum(f.{base.value}), 0)" if base.value else "count(*)"
    if not base.when:
        return counted
    kept = f"FILTER (WHERE {condition(base)})"
    return f"coalesce(sum(f.{base.value}) {kept}, 0)" if base.value else f"count(*) {kept}"


def _facts(facts: str, ask: Ask, day: str = "day_local") -> Sql:
    return counts.question(facts, ask, facts, day)


def _day_of(wanted: Metric) -> str:
    return "decided_day" if wanted.facts == COMMENTS and wanted.fold in QUANTILE else "day_local"


def _ranked(wanted: Metric) -> tuple[str, ...]:
    known = f"{wanted.numerator}?"
    return ("is_article", known) if wanted.facts == VIEWS else (known,)


# --- rows --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of facts, and the flags that those have which are used."""

    sql: Sql
    flags: tuple[str, ...]


def _rows_of(wanted: Metric, ask: Ask) -> _Rows:
    if wanted.id == "published":
        return _Rows(counts.published_question(ask), ())
    if wanted.id == "commenters":
        return _Rows(_facts(COMMENTS, ask), ("is_published", "commenter?"))
    if wanted.fold is Fold.INSTANT:
        return _Rows(_facts(COMMENTS, ask, day=""), BASES[wanted.numerator].when)
    if wanted.fold in QUANTILE:
        return _Rows(_facts(wanted.facts, ask, _day_of(wanted)), _ranked(wanted))
    part, whole = BASES.get(wanted.numerator, BASES["reads"]), BASES.get(wanted.denominator)
    if part.facts == PEOPLE:
        return _Rows(_facts(VIEWS, ask), (*(("is_article",) if ask.where.active() else ()), "visitor?"))
    # Of a rate over two tables the rows above the line are told, those below it are the other figure.
    base = whole if whole is not None and whole.facts == part.facts else part
    return _Rows(_facts(base.facts, ask), base.when)


def _reasons(told: _Rows) -> list[tuple[str, str]]:
    """List what a row must fulfil to be used, with the words for those that do not."""
    filters = [(each, told.sql.reasons[each]) for each in told.sql.conditions if each in told.sql.reasons]
    return [*filters, *[(flagged(flag), _(LEFT_OUT[flag])) for flag in told.flags]]


def _counted(told: _Rows, reasons: Sequence[tuple[str, str]]) -> str:
    """Write the question that counts rows by the first reason that leaves them out."""
    cases = " ".join(f"WHEN NOT coalesce({each}, false) THEN {n}" for n, (each, _) in enumerate(reasons))
    place = f"CASE {cases} ELSE {len(reasons)} END" if reasons else "0"
    kept = [each for each in told.sql.conditions if each not in told.sql.reasons]
    joins = " ".join(each if each.startswith("LEFT") else f"LEFT {each}" for each in told.sql.joins)
    return (
        f"SELECT {place} AS place, count(*)::BIGINT AS n FROM {told.sql.table} AS f {joins} "
        f"WHERE {' AND '.join(kept)} GROUP BY place"
    )


def _kept_out(store: Store, ask: Ask) -> tuple[tuple[str, int], ...]:
    if ask.basis != "read_in":
        return ()
    found = dropped(store, ask.where.site_id, ask.period)
    by_reason = found.group_by("reason", maintain_order=True).agg(pl.col("page_loads").sum())
    return tuple((reason, n) for reason, n in by_reason.iter_rows() if n)


# --- text --------------------------------------------------------------------------------------------------


def _select(sql: Sql, picks: str) -> str:
    """Write a statement with its values in it, a condition a line."""
    lines = [f"SELECT {picks}", f"FROM {sql.table} AS f", *sql.joins]
    lines.append("WHERE " + "\n    AND ".join(" ".join(each.split()) for each in sql.conditions))
    return written("\n".join(lines), sql.values)


def written(text: str, values: Mapping[str, object]) -> str:
    """Write a statement with its values in it."""
    return re.sub(r"\$(\w+)", lambda place: _literal(values[place[1]]), text)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_literal(each) for each in value)}]"
    if isinstance(value, dt.datetime):
        return f"TIMESTAMP '{value}'"
    if isinstance(value, dt.date):
        return f"DATE '{value}'"
    if isinstance(value, dt.timedelta):
        return f"INTERVAL {int(value.total_seconds())} SECOND"
    return str(value)
