"""Rows of a file understood: texts into times, counts and targets, each row with its hash and its fate.

One statement over the whole file makes the table `rows`. Its rowid is the place in the file; `fate` is
null for a good row, `drop:<reason>` for one left out by rule, else the reason of the refusal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from analytics.imports.engine import Bind
from analytics.imports.keys import Place
from analytics.imports.mapping import (
    PLACE,
    STATUSES,
    ArticleMap,
    CommentMap,
    EventMap,
    Mapping,
    Time,
    Value,
    values_of,
)
from analytics.imports.relation import Relation

EARLIEST = dt.datetime(1990, 1, 1)  # noqa: DTZ001 naive UTC; wire-formats.md C.5
AHEAD = dt.timedelta(minutes=10)
MAX_ID = 200
IDS = ("id", "article_id", "view_id", "visitor", "session", "comment_id", "commenter", "parent_id")
COUNTS = {  # largest values, wire-formats.md A.1
    "engaged_ms": 86_400_000,
    "body_scroll_pct": 100,
    "page_scroll_pct": 100,
    "acts": 100_000,
    "length": 100_000,
}
_PER_UNIT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_UNKNOWN = "NULL::VARCHAR"
_FAR = 9_000_000_000_000_000_000  # a BIGINT, and out of every range
_OFFSET = r":\d\d(\.\d+)? ?(Z|z|UTC|[+-]\d\d(:?\d\d)?)$"


@dataclass(frozen=True, slots=True)
class Understood:
    """The statement that makes `rows`, and where its fields are.

    Attributes:
        sql: Makes the table: target, event_at, created_at (of comments), fate, h, the texts, the counts.
        values: What goes into its places.
        texts: Field of the mapping -> column with its text; only fields whose columns the file has.
        counts: Field -> column with its number.
    """

    sql: str
    values: dict[str, object]
    texts: dict[str, str]
    counts: dict[str, str]


def understand(
    mapping: Mapping, relation: Relation, place: Place, now: dt.datetime, *, has_nul: bool
) -> Understood:
    """Write the statement that understands a relation.

    Args:
        mapping: A mapping of events or comments.
        relation: The rows of the file.
        place: Keys and site.
        now: Naive UTC; nothing happens more than 10 minutes later.
        has_nul: U+0000 may stand in the rows.
    """
    bind, section = Bind(), mapping.section
    if isinstance(section, ArticleMap):
        raise TypeError(section)
    values = values_of(section)
    cells = {name: cell for name in values if (cell := text_of(values[name], relation, bind)) is not None}
    # Fields of one column share it: in Deskdrop the reader is also the commenter.
    shared = {cell: f"x{n}" for n, cell in enumerate(dict.fromkeys(cells.values()))}
    texts = {name: shared[cell] for name, cell in cells.items()}
    counts = {name: f"n_{name}" for name in COUNTS if name in texts}
    times = {name: value for name, value in values.items() if isinstance(value, Time) and name in texts}
    zone = mapping.source.zone or place.zone
    typed = [
        *(f"{micros(time, texts[name], zone, bind)} AS t_{name}" for name, time in times.items()),
        *(f"{_count(texts[name])} AS {column}" for name, column in counts.items()),
        f"{_target(section, texts, bind)} AS target",
        f"{_hash(mapping, texts, place, bind)} AS h",
    ]
    props = {name.removeprefix("props."): text for name, text in texts.items() if name.startswith("props.")}
    if props:
        typed.append(f"{_json(props, bind)} AS props")
    at = [f"t_{name}" for name in ("time", "state_at", "created_at") if name in times]
    kept = sorted({*(texts[name] for name in texts if name not in times and name not in COUNTS)})
    low, high = bind(_epoch_us(EARLIEST)), bind(_epoch_us(now + AHEAD))
    written = "t_created_at" if "created_at" in times else "NULL"
    sql = f"""
        CREATE OR REPLACE TEMP TABLE rows AS
        WITH cells AS (
            SELECT {_fractions(cells, relation)} AS has_fraction,
                {", ".join(f"{cell} AS {column}" for cell, column in shared.items())} FROM {relation.sql}),
        typed AS (SELECT *, {", ".join(typed)} FROM cells),
        placed AS (SELECT *, coalesce({", ".join([*at, "NULL::BIGINT"])}) AS moment FROM typed)
        SELECT {", ".join([*kept, *counts.values(), *(["props"] if props else [])])}, target, h,
            make_timestamp(CASE WHEN moment BETWEEN {low} AND {high} THEN moment END) AS event_at,
            make_timestamp(CASE WHEN {written} BETWEEN {low} AND {high} THEN {written} END) AS created_at,
            {_fate(section, texts, times, low, high, bind, has_nul=has_nul)} AS fate
        FROM placed
    """
    return Understood(sql, {**relation.values, **bind.values}, texts, counts)


def text_of(value: Value, relation: Relation, bind: Bind) -> str | None:
    """Write a value as text in SQL; None where the file lacks its column."""
    if value.const is not None:
        return f"{bind(value.const)}::VARCHAR"
    if any(name not in relation.columns for name in value.columns):
        return None
    if value.template is not None:
        # || makes the whole null where a part is; PLACE parts text and column by turns.
        parts = PLACE.split(value.template)
        return " || ".join(
            relation.columns[part] if n % 2 else f"{bind(part)}::VARCHAR" for n, part in enumerate(parts)
        )
    cell = relation.columns[value.column or ""]
    nulls = [text for text in value.null if text]  # an empty cell is null already
    if not nulls:
        return cell
    return f"CASE WHEN {cell} IN ({', '.join(bind(text) for text in nulls)}) THEN NULL ELSE {cell} END"


def micros(time: Time, text: str, zone: str, bind: Bind) -> str:
    """Write a time as microseconds since 1970 in SQL; null where the text is none."""
    if time.unit:
        per = _PER_UNIT[time.unit]
        limit = _FAR // per
        whole, broken = f"try_cast({text} AS BIGINT)", f"try_cast({text} AS DOUBLE)"
        return (
            f"CASE WHEN contains({text}, '.') THEN try_cast(round({broken} * {per}) AS BIGINT) "
            f"WHEN {whole} BETWEEN -{limit} AND {limit} THEN {whole} * {per} "
            f"WHEN {whole} IS NOT NULL THEN {_FAR} END"
        )
    if time.format:
        found = f"try_strptime({text}, {bind(time.format)})"
        if "%z" not in time.format:
            found = f"timezone({bind(time.zone or zone)}, {found})"
        return f"epoch_us({found})"
    if not time.zone:
        return f"epoch_us(try_cast({text} AS TIMESTAMPTZ))"  # by the zone of the workshop
    return (
        f"CASE WHEN regexp_matches({text}, {bind(_OFFSET)}) THEN epoch_us(try_cast({text} AS TIMESTAMPTZ)) "
        f"ELSE epoch_us(timezone({bind(time.zone)}, try_cast({text} AS TIMESTAMP))) END"
    )


def _epoch_us(at: dt.datetime) -> int:
    return (at - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)  # noqa: DTZ001 naive UTC


def _count(text: str) -> str:
    # A whole number may come as 45000.0: that is how pandas writes a column with gaps.
    whole = f"regexp_full_match({text}, '[0-9]{{1,15}}([.]0+)?')"
    return f"CASE WHEN {whole} THEN split_part({text}, '.', 1)::BIGINT END"


def _target(section: EventMap | CommentMap, texts: dict[str, str], bind: Bind) -> str:
    """Write what a row becomes: view, engagement, comment:<status>, like, ...; null where unknown."""
    kind = section.status if isinstance(section, CommentMap) else section.kind
    text = texts.get("status" if isinstance(section, CommentMap) else "kind", _UNKNOWN)
    status = texts.get("status") if isinstance(section, EventMap) else None
    turns = []
    for word, target in kind.map.items():
        when = f"WHEN {bind(word)} THEN"
        if isinstance(section, CommentMap):
            turns.append(f"{when} {bind(f'comment:{target}')}")
        elif target == "comment":
            turns.append(f"{when} 'comment:' || coalesce({status or 'NULL'}, 'published')")
        else:
            turns.append(f"{when} {bind(target)}")
    other = {"reject": "NULL", "drop": "'drop'", "custom": "'custom'"}[kind.other]
    return f"CASE {text} {' '.join(turns)} ELSE {other} END" if turns else other


def _hash(mapping: Mapping, texts: dict[str, str], place: Place, bind: Bind) -> str:
    """Write the keyed hash of a mapped row: fields by name, so the order of columns is nothing to it.

    An address never goes in: its hash would stay, and addresses can be tried.
    """
    source = mapping.source
    if source.dedup == "id":
        return f"md5(concat({bind(place.key('id', source.name))}, {texts.get('id', 'NULL')}))::UUID"
    parts = dict.fromkeys(texts[name] for name in sorted(texts) if name != "ip")
    return f"md5(concat({bind(place.key('row', source.name))}, {', chr(0), '.join(parts)}))::UUID"


def _json(props: dict[str, str], bind: Bind) -> str:
    """Write the properties as JSON text; the merge leaves out what is null."""
    pairs = ", ".join(f"{bind(name)}::VARCHAR, {text}" for name, text in props.items())
    return f"nullif(json_merge_patch('{{}}', json_object({pairs}))::VARCHAR, '{{}}')"


def _fractions(cells: dict[str, str], relation: Relation) -> str:
    flags = [
        f"f{cells[name][1:]}" for name in IDS if relation.has_floats and cells.get(name, "").startswith("c")
    ]
    return " OR ".join(f"coalesce({flag}, false)" for flag in flags if flag[1:].isdigit()) or "false"


def _fate(
    section: EventMap | CommentMap,
    texts: dict[str, str],
    times: dict[str, Time],
    low: str,
    high: str,
    bind: Bind,
    *,
    has_nul: bool,
) -> str:
    """Write the first rule that a row breaks."""
    turns = []
    if has_nul:
        turns += [
            f"WHEN contains({column}, chr(0)) THEN 'malformed'" for column in dict.fromkeys(texts.values())
        ]
    kind = texts.get("status" if isinstance(section, CommentMap) else "kind", _UNKNOWN)
    turns.append("WHEN target = 'drop' THEN 'drop:kind'")
    turns.append(f"WHEN {kind} IS NULL THEN 'missing' WHEN target IS NULL THEN 'unknown_kind'")
    if isinstance(section, EventMap) and "status" in texts:
        known = ", ".join(bind(f"comment:{status}") for status in STATUSES)
        turns.append(f"WHEN starts_with(target, 'comment:') AND target NOT IN ({known}) THEN 'wrong_type'")
    for name in times:
        turns.append(f"WHEN {texts[name]} IS NOT NULL AND t_{name} IS NULL THEN 'wrong_type'")
        turns.append(f"WHEN t_{name} NOT BETWEEN {low} AND {high} THEN 'out_of_range'")
    turns.append("WHEN moment IS NULL THEN 'missing'")
    pages = [texts[name] for name in ("article_id", "url") if name in texts]
    turns.append(f"WHEN coalesce({', '.join([*pages, 'NULL'])}) IS NULL THEN 'missing'")
    turns.append("WHEN has_fraction THEN 'wrong_type'")
    for column in dict.fromkeys(texts[name] for name in IDS if name in texts):
        # Bytes first: they are known without looking at the text.
        turns.append(f"WHEN strlen({column}) > {MAX_ID} AND length({column}) > {MAX_ID} THEN 'too_long'")
    for name, most in COUNTS.items():
        if name in texts:
            turns.append(
                f"WHEN n_{name} > {most} OR regexp_full_match({texts[name]}, '-[0-9]+') THEN 'out_of_range'"
            )
            turns.append(f"WHEN {texts[name]} IS NOT NULL AND n_{name} IS NULL THEN 'wrong_type'")
    return f"CASE {' '.join(turns)} END"
