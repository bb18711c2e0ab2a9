"""Laws of counting, on small traffic around midnights (metrics.md 2, 5 and 6; design.md 3)."""

from __future__ import annotations

import datetime as dt
import os

import duckdb
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.metrics import PEOPLE, VIEWS, bases_of
from analytics.store.definitions import condition
from analytics.store.store import Store
from tests.builders import Article, Row, article, engagement, frames
from tests.jobs import traffic
from tests.jobs.comparing import counted, differences, mark_all_days
from tests.jobs.traffic import Load
from tests.newsroom import another

LATER = "2026-05-09 13:00"  # every session is closed
ARTICLES = (
    article("A1", section="politics", word_count=300, authors=("u1", "u2"), topics=("t1",)),
    article("A2", section="culture", word_count=40, authors=("u1",)),
    article("P1", kind="page"),
)

EXAMPLES = int(os.environ.get("TEARSHEET_LAWS", "5"))  # more of them by hand, such as 100

laws = settings(deadline=None, max_examples=EXAMPLES)


@laws
@given(loads=traffic.traffic)
def test_a_rollup_folds_to_the_count_of_its_facts(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    names = [base.name for base in bases_of(VIEWS)]
    picks = [
        f"coalesce(sum({f'f.{base.value}' if base.value else 1}) FILTER (WHERE {condition(base)}), 0)::BIGINT"
        for base in bases_of(VIEWS)
    ]
    for rollup, keys in (
        ("article_hours", ("day_local", "hour_at", "article_id")),
        ("article_hours", ("day_local",)),
        ("article_days", ("day_local", "article_id")),
        ("article_days", ("day_local", "channel", "device")),
        ("article_days", ("article_id",)),
        ("site_minutes", ("day_local", "hour_at")),
    ):
        own = [f"CASE WHEN f.is_article THEN {key} END" if key == "article_id" else key for key in keys]
        where = "WHERE site_id = $site GROUP BY"
        facts = (
            f"SELECT {', '.join([*own, *picks])} FROM view_facts AS f {where} {', '.join(own)} ORDER BY ALL"
        )
        sums = ", ".join([*keys, *(f"sum({name})::BIGINT" for name in names)])
        rolled = f"SELECT {sums} FROM {rollup} {where} {', '.join(keys)} ORDER BY ALL"

        assert (
            shared_store.frame(facts, site=room.site).rows()
            == shared_store.frame(rolled, site=room.site).rows()
        )


@laws
@given(loads=traffic.traffic)
def test_the_sums_of_a_dimension_are_those_of_the_days_rollup(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    sums = ", ".join(f"sum({base.name})::BIGINT" for base in bases_of(VIEWS))
    authors = "JOIN article_authors AS b ON b.site_id = f.site_id AND b.article_id = f.article_id"
    articles = "AND f.article_id IS NOT NULL"
    for dimension, value, join, kept in (
        ("site", "NULL", "", ""),
        ("channel", "channel", "", ""),
        ("device", "device", "", ""),
        ("article", "f.article_id", "", articles),
        ("author", "author_id", f"LEFT {authors}", articles),
        ("author_first", "author_id", f"LEFT {authors} AND b.position = 1", articles),
    ):
        days = (
            f"SELECT day_local, {value} AS value, {sums} FROM article_days AS f {join} "
            f"WHERE f.site_id = $site {kept} GROUP BY ALL ORDER BY ALL"
        )
        dimensions = (
            f"SELECT day_local, value, {sums} FROM dimension_days AS f "
            f"WHERE f.site_id = $site AND dimension = '{dimension}' GROUP BY ALL ORDER BY ALL"
        )

        assert (
            shared_store.frame(days, site=room.site).rows()
            == shared_store.frame(dimensions, site=room.site).rows()
        )


@laws
@given(loads=traffic.traffic)
def test_people_of_a_day_are_the_sum_of_its_minutes(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    people = ", ".join(f"sum({base.value})::BIGINT" for base in bases_of(PEOPLE))
    minutes, days = (
        shared_store.frame(
            f"SELECT day_local, {people} FROM {table} WHERE site_id = $site GROUP BY ALL ORDER BY ALL",
            site=room.site,
        )
        for table in ("site_minutes", "(SELECT * FROM dimension_days WHERE dimension = 'site')")
    )

    assert minutes.rows() == days.rows()


@laws
@given(loads=traffic.traffic)
def test_the_map_of_seconds_folds_to_the_engaged_time(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    question = (
        "SELECT coalesce(sum({}), 0)::BIGINT, coalesce(sum({}), 0)::BIGINT FROM {} WHERE site_id = $site"
    )
    mapped = shared_store.frame(question.format("n", "n * engaged_s", "engaged_days"), site=room.site)
    rolled = shared_store.frame(question.format("signal_views", "engaged", "article_days"), site=room.site)

    assert rolled.rows() == mapped.rows()


@laws
@given(
    loads=traffic.traffic,
    states=traffic.talk,
    typed=traffic.typing,
    changes=st.lists(traffic.catalogues, max_size=3),
    data=st.data(),
)
def test_any_split_order_and_repetition_of_batches_comes_to_one_result(
    shared_store: Store,
    loads: list[Load],
    states: list[tuple[str, str, int, bool]],
    typed: list[tuple[str, str, int]],
    changes: list[Article],
    data: st.DataObject,
) -> None:
    rows = [*(sign.row for sign in traffic.signs(loads)), *traffic.talks(states), *traffic.steps(typed)]
    at_once = another(shared_store, now=LATER)
    for change in changes:
        at_once.load(change)
    at_once.take(*rows)
    piecewise = another(shared_store, now=LATER)
    again = data.draw(st.lists(st.sampled_from(rows), max_size=5))
    for part in _parts([*data.draw(st.permutations(rows)), *again], data):
        piecewise.load(*part)
    for change in changes:
        piecewise.load(change)
    piecewise.recount()

    assert differences(counted(at_once), counted(piecewise)) == {}


@settings(laws, max_examples=2 * EXAMPLES)  # the one that found most
@given(
    loads=traffic.traffic,
    states=traffic.talk,
    typed=traffic.typing,
    changes=st.lists(traffic.catalogues, max_size=3),
    data=st.data(),
)
def test_recounts_after_every_batch_come_to_what_one_recount_gives(
    shared_store: Store,
    loads: list[Load],
    states: list[tuple[str, str, int, bool]],
    typed: list[tuple[str, str, int]],
    changes: list[Article],
    data: st.DataObject,
) -> None:
    rows = [*(sign.row for sign in traffic.signs(loads)), *traffic.talks(states), *traffic.steps(typed)]
    clock = traffic.EVENING + dt.timedelta(seconds=data.draw(st.integers(0, 30 * 3600), label="now"))
    parts: list[list[Row | Article]] = [list(part) for part in _parts(data.draw(st.permutations(rows)), data)]
    for change in changes:  # in their order: the last word on an article holds
        parts.insert(data.draw(st.integers(0, len(parts)), label="change before"), [change])
    in_order = [change for part in parts for change in part if isinstance(change, Article)]
    step_by_step = another(shared_store, now=str(traffic.EVENING))
    for number, part in enumerate(parts, 1):
        step_by_step.now = traffic.EVENING + (clock - traffic.EVENING) * number / len(parts)
        step_by_step.take(*part)
    # A session may have closed while another of its day is open: the day comes round when the last closes.
    with shared_store.write() as cursor:
        cursor.execute(
            "INSERT INTO dirty_hours SELECT site_id, open_until, day_local, 0 FROM rolled_days "
            "WHERE site_id = $site AND open_until IS NOT NULL",
            {"site": step_by_step.site},
        )
    step_by_step.recount()
    at_once = another(shared_store, now=str(clock))
    for change in in_order:
        at_once.load(change)
    at_once.take(*rows)

    assert differences(counted(at_once), counted(step_by_step)) == {}


def _parts(rows: list[Row], data: st.DataObject) -> list[list[Row]]:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(rows)), max_size=4), label="cuts"))
    return [rows[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(rows)], strict=True) if begin < end]


@laws
@given(loads=traffic.traffic, states=traffic.talk)
def test_a_second_recount_changes_no_row(
    shared_store: Store, loads: list[Load], states: list[tuple[str, str, int, bool]]
) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)), *traffic.talks(states))
    once = counted(room)
    mark_all_days(room)
    room.recount()

    assert differences(once, counted(room)) == {}


# --- the specification: the SQL of metrics.md 2, 5 and 6, as it stands there ---

FOLDED = """
    create view folded as select site_id, view_id,
        (least(coalesce(max(engaged_ms) filter (engaged_mode = 'max'),
            sum(engaged_ms) filter (engaged_mode = 'sum'), any_value(p.ping_ms)),
            1000 * 7200) // 1000)::bigint as engaged_s,
        max(body_scroll_pct) / 100 as body_scroll, max(page_scroll_pct) / 100 as page_scroll,
        max(acts) as acts
    from (select distinct on (site_id, event_id) * from engagements)
        left join view_pings p using (site_id, view_id)
    group by site_id, view_id
"""
VIEW_FACTS = """
    create view view_facts as select v.*, s.session_id, a.section, a.published_at,
        v.article_id is not null and coalesce(a.kind, 'article') <> 'page' as is_article,
        case when signal <> 'none' then coalesce(f.engaged_s, 0) end as engaged_s,
        case when signal = 'full' then coalesce(f.body_scroll, 0) end as scroll_depth,
        case when signal <> 'none' then coalesce(f.engaged_s, 0) >= 10 and
            (coalesce(f.acts, 0) >= 1 or (f.acts is null and signal = 'time')) end as is_read,
        case when signal = 'full' and a.word_count > 0 and coalesce(a.kind, 'article') = 'article'
            then least(1, coalesce(f.engaged_s, 0) / (a.word_count / 300 * 60), coalesce(f.body_scroll, 0))
            end as read_depth,
        coalesce(v.article_id is not null and v.event_at - lag(v.event_at) over (
            partition by v.site_id, s.session_id, v.article_id order by v.event_at)
            < to_minutes(30), false) as is_repeat
    from page_views v join view_sessions s using (site_id, view_id)
        left join folded f using (site_id, view_id) left join articles a using (site_id, article_id)
"""
EXITS = """
    select view_id,
        row_number() over (partition by site_id, session_id order by event_at desc) = 1 as is_exit
    from view_facts
"""
RECIRCULATED = """
    select view_id, coalesce(lead(article_id) over (
        partition by site_id, session_id order by event_at) <> article_id, false) as is_recirculated
    from view_facts where is_article and not is_repeat
"""
BOUNCES = """
    with s as (select site_id, session_id, min(day_local) as day_local, count(*) as n,
        sum(engaged_s)::bigint as e, bool_and(signal <> 'none') as measured from view_facts group by all)
    select day_local, count(*) filter (n = 1 and e < 10) as bounces, count(*) as known from s where measured
    group by all order by all
"""
COMMENTS = """
    select comment_id, any_value(article_id) as article_id, arg_max(length, state_at) as length,
        min(coalesce(created_at, state_at)) as created_at,
        arg_max(status, struct_pack(t := state_at, r := (status <> 'pending')::int)) as status,
        min(state_at) filter (status in ('published', 'rejected')) as decided_at
    from (select distinct on (site_id, event_id) * from comment_states)
    group by site_id, comment_id order by all
"""


def _specification(loads: list[Load]) -> duckdb.DuckDBPyConnection:
    found = traffic.signs(loads)
    connection = duckdb.connect(config={"python_enable_replacements": "false"})
    for table, frame in {"engagements": pl.DataFrame(), **frames([sign.row for sign in found])}.items():
        if frame.width:
            connection.register(table, frame)
    if not any(sign.row.table == "engagements" for sign in found):
        empty = frames([engagement("x", traffic.EVENING)])["engagements"].clear()
        connection.register("engagements", empty)
    sessions = traffic.sessions_of(found)
    views = pl.DataFrame(
        {
            "site_id": ["news.example"] * len(sessions),
            "view_id": list(sessions),
            "session_id": list(sessions.values()),
        }
    )
    connection.register("view_sessions", views)
    connection.execute("create table view_pings (site_id varchar, view_id varchar, ping_ms bigint)")
    connection.execute(
        "create table articles (site_id varchar, article_id varchar, published_at timestamp, section varchar,"
        " kind varchar, word_count bigint)"
    )
    for each in ARTICLES:
        connection.execute(
            "insert into articles values ('news.example', $id, null, $section, $kind, $words)",
            {
                "id": each.article_id,
                "section": each.given.get("section"),
                "kind": each.given.get("kind"),
                "words": each.given.get("word_count"),
            },
        )
    connection.execute(FOLDED)
    connection.execute(VIEW_FACTS)
    return connection


@laws
@given(loads=traffic.traffic)
def test_facts_of_views_are_what_the_specification_says(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    specified = _specification(loads)
    columns = (
        "view_id, day_local, article_id, section, is_article, engaged_s, round(scroll_depth, 6), is_read,"
        " round(read_depth, 6), is_repeat"
    )
    own = {row[0]: row[1:] for row in room.rows("view_facts", (columns,)).rows()}

    assert {row[0]: row[1:] for row in specified.sql(f"select {columns} from view_facts").fetchall()} == own


@laws
@given(loads=traffic.traffic)
def test_sessions_are_what_the_specification_says(shared_store: Store, loads: list[Load]) -> None:
    room = another(shared_store, now=LATER)
    room.take(*ARTICLES, *(sign.row for sign in traffic.signs(loads)))
    specified = _specification(loads)
    facts = room.rows("view_facts", ("view_id", "is_exit", "is_recirculated"))

    assert dict(specified.sql(EXITS).fetchall()) == dict(facts.select("view_id", "is_exit").rows())
    assert {view for view, is_so in specified.sql(RECIRCULATED).fetchall() if is_so} == set(
        facts.filter("is_recirculated")["view_id"]
    )
    site = shared_store.frame(
        "SELECT day_local, bounces, bounce_known FROM dimension_days"
        " WHERE site_id = $site AND dimension = 'site' AND bounce_known > 0 ORDER BY ALL",
        site=room.site,
    )
    assert specified.sql(BOUNCES).fetchall() == site.rows()
    same = specified.sql(
        "select session_id, list_sort(list(view_id)) from view_facts group by all"
    ).fetchall()
    own = shared_store.frame(
        "SELECT list_sort(list(view_id)) AS views FROM view_facts WHERE site_id = $site GROUP BY session_id",
        site=room.site,
    )
    assert sorted(views for _, views in same) == sorted(own["views"].to_list())


@laws
@given(states=traffic.talk)
def test_facts_of_comments_are_what_the_specification_says(
    shared_store: Store, states: list[tuple[str, str, int, bool]]
) -> None:
    rows = traffic.talks(states)
    room = another(shared_store, now=LATER)
    room.take(*rows)
    columns = ("comment_id", "article_id", "length", "created_at", "status", "decided_at")
    own = room.rows("comment_facts", columns).rows()
    if not rows:
        assert own == []
        return
    specified = duckdb.connect(config={"python_enable_replacements": "false"})
    specified.register("comment_states", frames(rows)["comment_states"])

    assert specified.sql(COMMENTS).fetchall() == own


def test_an_example_in_which_a_session_crosses_midnight_is_among_the_traffic() -> None:
    loads = [Load("p", 115 * 60, "A1", "full", ()), Load("p", 125 * 60, "A2", "full", ())]
    first, second = (sign.row.values for sign in traffic.signs(loads))

    assert first["visitor"] == second["visitor_prev"] != second["visitor"]
    assert len(set(traffic.sessions_of(traffic.signs(loads)).values())) == 1
