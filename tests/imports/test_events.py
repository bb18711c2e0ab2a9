"""Tables of events: what a row becomes, whom it counts for, what is refused, what counts once."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.imports import door, inbox, mapping
from analytics.store.store import Store
from analytics.urls import article_id_of
from tests.imports.desk import HEADER, NOW, ImportDesk, events, row
from tests.newsroom import Newsroom

CHROME = (
    '"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"'
)
BOT = '"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"'
MORE = """
[source]
name = "more"
rows = "events"
format = "jsonl"
optional = ["ref", "title", "plan", "ms", "scroll", "acts", "ip", "kind", "vid", "who"]
[event]
time = {column = "at"}
url = {column = "url"}
referrer = {column = "ref"}
title = {column = "title"}
view_id = {column = "vid"}
visitor = {column = "who", scope = "stable"}
engaged_ms = {column = "ms"}
body_scroll_pct = {column = "scroll"}
acts = {column = "acts"}
props.plan = {column = "plan"}
"""


def more(desk: ImportDesk, *lines: dict[str, object], text: str = MORE) -> pl.DataFrame:
    path = desk.file(*(json.dumps(line) for line in lines), name="more.jsonl", header="")
    summary = desk.take(path, mapping.parse(text, "more.toml"))

    assert (summary.fault, summary.rejected) == ("", {})
    return desk.rows()


def test_rows_go_to_the_tables_of_their_kinds(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1), row(2, "LIKE"), row(3, "COMMENT CREATED"), row(4, agent=CHROME)))

    assert (summary.read, summary.loaded, summary.repeated) == (4, 4, 0)
    assert [desk.rows(table).height for table in ("page_views", "interactions", "comment_states")] == [
        2,
        1,
        1,
    ]
    view = desk.rows().to_dicts()[-1]
    assert (view["device"], view["browser"], view["os"]) == ("desktop", "Chrome 120", "Linux")
    assert (view["format"], view["signal"], view["country"]) == ("import:intranet", "none", "BR")
    assert view["received_at"] == view["event_at"]
    assert view["day_local"] == dt.date(2026, 5, 5)
    assert desk.rows("interactions")["kind"].to_list() == ["like"]


def test_a_comment_has_the_id_of_its_event_and_no_length(desk: ImportDesk) -> None:
    desk.take(desk.file(row(3, "COMMENT CREATED")))
    (comment,) = desk.rows("comment_states").to_dicts()

    assert comment["comment_id"] == str(comment["event_id"])
    assert comment["status"] == "published"
    assert comment["state_at"] == comment["created_at"] == comment["event_at"]
    assert comment["commenter"] is not None
    assert comment["length"] is None


def test_a_comment_may_bring_its_status_length_and_parent(desk: ImportDesk) -> None:
    meaning = events(
        event='status = {column = "userAgent"}\nlength = {column = "sessionId"}\n'
        'comment_id = {column = "contentId"}'
    )
    lines = [
        row(n, "COMMENT CREATED", f"c{n}", agent=state) for n, state in enumerate(["pending", "gone", "", ""])
    ]
    text = desk.file(*(line.replace(",s1,", ",512,") for line in lines))
    summary = desk.take(text, _commented(meaning))

    assert summary.rejected == {"wrong_type": 1}
    assert desk.rows("comment_states").sort("comment_id").select("comment_id", "status", "length").rows() == [
        ("c0", "pending", 512),
        ("c2", "published", 512),
        ("c3", "published", 512),
    ]


def _commented(meaning: mapping.Mapping) -> mapping.Mapping:
    assert meaning.event is not None
    kind = msgspec.structs.replace(meaning.event.kind, map={"COMMENT CREATED": "comment"})
    return msgspec.structs.replace(meaning, event=msgspec.structs.replace(meaning.event, kind=kind))


def test_what_a_file_does_not_tell_is_null(desk: ImportDesk) -> None:
    desk.take(desk.file("1777982400,VIEW,a1,,,,--"))
    (view,) = desk.rows().to_dicts()
    unknown = (
        "visitor",
        "visitor_prev",
        "session_given",
        "device",
        "country",
        "channel",
        "source",
        "url",
        "title",
    )

    assert {name: view[name] for name in unknown} == dict.fromkeys(unknown)


def test_the_same_file_twice_counts_once_even_renamed(desk: ImportDesk) -> None:
    lines = [row(1), row(1), row(2, "LIKE"), row(2, "LIKE"), row(2, "LIKE")]
    first = desk.take(desk.file(*lines))
    before = desk.content()
    second = desk.take(desk.file(*reversed(lines), name="renamed.csv"))

    assert (first.loaded, first.repeated) == (5, 0)
    assert (second.loaded, second.repeated) == (0, 5)
    assert desk.content() == before
    assert desk.rows("imports").select("rows_read", "rows_loaded", "rows_repeated").rows() == [
        (5, 5, 0),
        (5, 0, 5),
    ]


def test_columns_in_another_order_make_the_same_rows(desk: ImportDesk) -> None:
    desk.take(desk.file(row(1), row(2)))
    header = ",".join(reversed(HEADER.split(","))) + ",note"
    lines = [",".join(reversed(row(n).split(","))) + f",x{n}" for n in (1, 2)]
    again = desk.take(desk.file(*lines, header=header), events('ignore = ["note"]'))

    assert (again.loaded, again.repeated) == (0, 2)


def test_exact_counts_equal_rows_once(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1), row(1), row(2)), events('dedup = "exact"'))

    assert (summary.read, summary.loaded, summary.repeated) == (3, 2, 1)


def test_by_id_the_first_of_an_id_counts(desk: ImportDesk) -> None:
    meaning = events('dedup = "id"', 'id = {column = "sessionId"}')
    summary = desk.take(desk.file(row(1), row(2), row(3).replace(",s1,", ",s2,")), meaning)

    assert (summary.loaded, summary.repeated) == (2, 1)


def test_people_are_hashed_anew_each_local_day(desk: ImportDesk) -> None:
    # Midnight of Sao Paulo is 03:00 UTC: 15 hours after the first row.
    midnight = 15 * 3600
    desk.take(desk.file(row(0), row(midnight - 1), row(midnight), row(midnight + 1799), row(midnight + 1800)))
    first, late, early, still, later = desk.rows().sort("event_at").to_dicts()

    assert first["visitor"] == late["visitor"]
    assert early["visitor"] == still["visitor"] == later["visitor"] != late["visitor"]
    assert early["visitor_prev"] == still["visitor_prev"] == late["visitor"]
    assert later["visitor_prev"] is None
    assert first["reader_id"] is None


def test_stable_readers_have_a_lasting_id_too(desk: ImportDesk) -> None:
    rows = more(
        desk,
        {"at": "2026-05-04T12:00:00Z", "url": "https://news.example/a", "who": "r"},
        {"at": "2026-05-05T12:00:00Z", "url": "https://news.example/a", "who": "r"},
    )

    assert rows["reader_id"].n_unique() == 1
    assert rows["visitor"].n_unique() == 2


def test_an_address_decides_page_campaign_and_channel(desk: ImportDesk) -> None:
    page = "https://www.news.example/a/"
    rows = more(
        desk,
        {"at": "2026-05-05T12:00:00Z", "url": page, "ref": "https://www.google.com/search?q=secret"},
        {"at": "2026-05-05T12:00:01Z", "url": f"{page}?utm_source=Morning&utm_medium=email", "ref": None},
        {"at": "2026-05-05T12:00:02Z", "url": page, "ref": "https://news.example/"},
        {"at": "2026-05-05T12:00:03Z", "url": page, "ref": None},
        {"at": "2026-05-05T12:00:04Z", "url": f"{page}?gclid=1", "ref": "https://blog.example/x"},
    ).sort("event_at")

    assert rows["url"].unique().to_list() == ["https://news.example/a"]
    assert rows["article_id"].unique().to_list() == [article_id_of("https://news.example/a")]
    assert rows["channel"].to_list() == ["search", "newsletter", "internal", "direct", "paid"]
    assert rows["source"].to_list() == ["Google", "Morning", None, None, "Google"]
    assert rows["utm_source"].to_list() == [None, "Morning", None, None, None]
    assert rows["referrer_path"].to_list() == ["/search", None, "/", None, "/x"]


def test_no_column_of_referrers_is_unknown_and_not_direct(desk: ImportDesk) -> None:
    text = MORE.replace('referrer = {column = "ref"}\n', "")

    assert (
        more(desk, {"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a"}, text=text)["channel"][0]
        is None
    )


def test_reading_in_the_row_of_a_view_is_an_engagement_beside_it(desk: ImportDesk) -> None:
    path = desk.file(
        json.dumps(
            {"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a", "ms": 45000, "scroll": 90, "acts": 6}
        ),
        json.dumps({"at": "2026-05-05T12:00:01Z", "url": "https://h.example/b", "ms": 45000.0}),
        json.dumps({"at": "2026-05-05T12:00:02Z", "url": "https://h.example/c"}),
        name="more.jsonl",
        header="",
    )
    meaning = mapping.parse(MORE, "more.toml")
    first, second = desk.take(path, meaning), desk.take(path, meaning)
    views, readings = desk.rows().sort("event_at"), desk.rows("engagements").sort("event_at")

    assert (first.read, first.loaded, second.repeated) == (3, 3, 3)
    assert views["signal"].unique().to_list() == ["full"]
    assert readings["view_id"].to_list() == views["view_id"].to_list()[:2]
    assert readings.select("engaged_ms", "body_scroll_pct", "acts").rows() == [
        (45000, 90, 6),
        (45000, None, None),
    ]


def test_time_without_scroll_and_acts_is_the_signal_time(desk: ImportDesk) -> None:
    line: dict[str, object] = {
        "at": "2026-05-05T12:00:00Z",
        "url": "https://h.example/a",
        "ms": 1,
        "plan": "x",
    }
    view = more(desk, line)

    assert view["signal"].to_list() == ["time"]
    assert view["props"].to_list() == ['{"plan":"x"}']


def test_views_bring_their_own_ids_or_get_one(desk: ImportDesk) -> None:
    rows = more(
        desk,
        {"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a", "vid": "my-view-1"},
        {"at": "2026-05-05T12:00:01Z", "url": "https://h.example/a"},
    ).sort("event_at")

    assert rows["view_id"][0] == "my-view-1"
    assert len(rows["view_id"][1]) <= 36


def test_visitors_made_of_addresses_are_not_found_again(desk: ImportDesk) -> None:
    text = MORE.replace('visitor = {column = "who", scope = "stable"}', 'ip = {column = "ip"}')
    line: dict[str, object] = {"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a", "ip": "192.0.2.7"}
    rows = more(desk, line, line, text=text)
    again = desk.take(desk.files / "more.jsonl", mapping.parse(text, "more.toml"))

    assert rows["visitor"].n_unique() == 1
    assert again.repeated == 2
    stored = b"".join(
        path.read_bytes() for path in desk.home.rglob("*") if path.is_file() and path.parent != desk.files
    )
    assert b"192.0.2.7" not in stored


@pytest.mark.parametrize(
    ("time", "text", "expected"),
    [
        ('unit = "s"', "1777982400", "2026-05-05 12:00:00"),
        ('unit = "s"', "1777982400.25", "2026-05-05 12:00:00.250000"),
        ('unit = "ms"', "1777982400001", "2026-05-05 12:00:00.001000"),
        ('unit = "us"', "1777982400000001", "2026-05-05 12:00:00.000001"),
        ('format = "%d/%m/%Y %H:%M"', "05/05/2026 09:00", "2026-05-05 12:00:00"),
        ('format = "%d/%m/%Y %H:%M", zone = "Europe/Berlin"', "05/05/2026 14:00", "2026-05-05 12:00:00"),
        ('format = "%d/%m/%Y %H:%M %z"', "05/05/2026 14:00 +0200", "2026-05-05 12:00:00"),
        ('zone = "UTC"', "2026-05-05 12:00:00", "2026-05-05 12:00:00"),
        ("null = []", "2026-05-05T09:00:00", "2026-05-05 12:00:00"),
        ("null = []", "2026-05-05T12:00:00Z", "2026-05-05 12:00:00"),
        ("null = []", "2026-05-05T14:00:00+02:00", "2026-05-05 12:00:00"),
    ],
)
def test_times_come_in_many_ways(desk: ImportDesk, time: str, text: str, expected: str) -> None:
    meaning = mapping.parse(
        f'[source]\nname = "t"\nrows = "events"\nformat = "csv"\n'
        f'[event]\narticle_id = {{column = "a"}}\ntime = {{column = "t", {time}}}\n',
        "t.toml",
    )
    summary = desk.take(desk.file(f"x,{text}", header="a,t"), meaning)

    assert (summary.loaded, summary.rejected, summary.fault) == (1, {}, "")
    assert str(desk.rows()["event_at"][0]) == expected


def test_ids_keep_all_digits(desk: ImportDesk) -> None:
    long = "1234567890123456789012345"
    desk.take(desk.file(row(1, article=long), row(2, article="-3499919498720038879")))
    line = f'{{"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a", "vid": {long}}}'
    desk.take(desk.file(line, name="ids.jsonl", header=""), mapping.parse(MORE, "more.toml"))

    assert set(desk.rows()["article_id"]) >= {long, "-3499919498720038879"}
    assert long in desk.rows()["view_id"].to_list()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (row(1, "SHARE"), "unknown_kind"),
        (row(1, ""), "missing"),
        (row(1, article=""), "missing"),
        (row(1, article="x" * 201), "too_long"),
        (row(1, person="x" * 201), "too_long"),
        (f",{row(1).partition(',')[2]}", "missing"),
        (f"soon,{row(1).partition(',')[2]}", "wrong_type"),
        (f"3093527980800,{row(1).partition(',')[2]}", "out_of_range"),
        (f"99999999999999999,{row(1).partition(',')[2]}", "out_of_range"),
        (f"0,{row(1).partition(',')[2]}", "out_of_range"),
        (row(25 * 3600 + 601), "out_of_range"),
        ("1777982400,VIEW,a1", "malformed"),
        (row(1) + ",one,too,many", "malformed"),
        (b"1777982400,VIEW,a\xff1,p1,s1,,BR", "malformed"),
        (row(1, article="a\x00b"), "malformed"),
        (row(1, agent='"never closed'), "malformed"),
    ],
)
def test_a_bad_row_costs_only_itself(desk: ImportDesk, line: str | bytes, reason: str) -> None:
    good = [row(n, agent=CHROME) for n in range(10, 14)]
    summary = desk.take(desk.file(*good[:2], line, *good[2:]))

    assert (summary.read, summary.loaded, summary.rejected) == (5, 4, {reason: 1})
    assert desk.rejected() == [(4, reason)]
    assert desk.rows().height == 4


def test_an_id_of_200_signs_and_an_event_ten_minutes_ahead_are_taken(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1, article="\U0001f4f0" * 200), row(25 * 3600 + 600)))

    assert summary.loaded == 2


def test_a_line_cut_in_the_middle_is_the_only_one_lost(desk: ImportDesk) -> None:
    path = desk.file(row(1, agent=CHROME), row(2, agent=CHROME), row(3, agent=CHROME))
    path.write_bytes(path.read_bytes()[:-60])
    summary = desk.take(path)

    assert (summary.read, summary.loaded, summary.rejected) == (3, 2, {"malformed": 1})


def test_a_cell_may_run_over_lines(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1, agent='"two\nlines"'), row(2), row(3, agent='"open'), row(4)))

    assert (summary.read, summary.loaded, summary.rejected) == (4, 3, {"malformed": 1})
    assert desk.rejected() == [(5, "malformed")]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("cut", [",", ";", "\t", "|"])
def test_tables_are_cut_and_ended_in_many_ways(desk: ImportDesk, end: str, cut: str) -> None:
    lines = [row(n).replace(",", cut) for n in (1, 2)]
    summary = desk.take(desk.file(*lines, header="\ufeff" + HEADER.replace(",", cut), end=end))

    assert summary.loaded == 2
    assert desk.rows()["country"].to_list() == ["BR", "BR"]


def test_other_kinds_may_be_dropped_or_kept_as_custom(desk: ImportDesk) -> None:
    path = desk.file(row(1), row(2, "SHARE"), row(3, "Subscribe"))
    dropped = desk.take(path, events(event='kind.other = "drop"'))
    kept = desk.take(path, events(event='kind.other = "custom"'))

    assert (dropped.loaded, dropped.dropped) == (1, {"kind": 2})
    assert (kept.loaded, kept.repeated, kept.dropped) == (2, 1, {})
    assert set(desk.rows("interactions")["name"]) == {"SHARE", "Subscribe"}


def test_bots_are_kept_unless_the_mapping_drops_them(desk: ImportDesk) -> None:
    path = desk.file(row(1, agent=BOT), row(2, agent=CHROME))

    assert desk.take(path, events('bots = "drop"')).dropped == {"bot": 1}
    assert desk.take(path).loaded == 1
    assert desk.rows().height == 2


def test_a_refused_line_leaves_no_text(desk: ImportDesk) -> None:
    desk.take(desk.file(row(1), row(2), f'"my secret{row(3)}', row(4, "my secret")))
    reject = desk.rows("bad_events")
    stored = b"".join(
        path.read_bytes() for path in desk.home.rglob("*") if path.is_file() and path.parent != desk.files
    )

    assert desk.rejected() == [(4, "malformed"), (5, "unknown_kind")]
    assert reject["hash"].str.len_chars().to_list() == [32, 32]
    assert reject["source"].to_list() == ["import:intranet"] * 2
    assert b"my secret" not in stored


def test_packed_files_are_opened_by_what_they_hold(desk: ImportDesk) -> None:
    plain = desk.file(row(1), row(2)).read_bytes()
    packed = {
        "log.csv.gz": gzip.compress(plain),
        "log.data": gzip.compress(plain),
        "log.csv.zst": pa.compress(plain, "zstd", asbytes=True),
    }
    for name, content in packed.items():
        (desk.files / name).write_bytes(content)
    summaries = desk.take_all([desk.files / name for name in packed])

    assert [summary.fault for summary in summaries] == ["", "", ""]
    assert [summary.loaded for summary in summaries] == [2, 0, 0]
    assert [summary.repeated for summary in summaries] == [0, 2, 2]


def test_the_same_rows_come_as_csv_jsonl_and_parquet(desk: ImportDesk) -> None:
    lines = [row(n, article="1234567890123456789", agent=CHROME) for n in range(3)]
    desk.take(desk.file(*lines))
    frame = pl.read_csv(desk.files / "log.csv").with_columns(pl.col("timestamp").cast(pl.Int64))
    frame.write_parquet(desk.files / "log.parquet")
    frame.write_ndjson(desk.files / "log.jsonl")
    for kind in ("parquet", "jsonl"):
        assert desk.take(desk.files / f"log.{kind}", events(kind=kind)).repeated == 3


def test_jsonl_counts_its_lines(desk: ImportDesk) -> None:
    good = json.dumps({"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a"})
    bad_url = json.dumps({"at": "2026-05-05T12:00:00Z", "url": "nowhere"})
    path = desk.file(
        good,
        "{broken",
        "",
        "[1]",
        b'{"at": "\xff"}',
        bad_url,
        good,
        good,
        good,
        good,
        name="x.jsonl",
        header="",
    )
    summary = desk.take(path, mapping.parse(MORE, "more.toml"))

    assert (summary.read, summary.loaded) == (9, 5)
    assert desk.rejected() == [(2, "malformed"), (4, "malformed"), (5, "malformed"), (6, "bad_url")]


def test_a_fraction_is_no_id(desk: ImportDesk) -> None:
    line = {"at": "2026-05-05T12:00:00Z", "url": "https://h.example/a"}
    path = desk.file(*(json.dumps(line | {"vid": vid}) for vid in (1, 2, 1.5)), name="x.jsonl", header="")

    assert desk.take(path, mapping.parse(MORE, "more.toml")).rejected == {"wrong_type": 1}


def test_batches_are_sorted_by_time(desk: ImportDesk) -> None:
    numbers = list(range(3000))
    random.Random(7).shuffle(numbers)  # noqa: S311
    (prepared,) = door.prepare([desk.file(*(row(n) for n in numbers))], events(), desk.place, NOW)
    (path,) = (desk.home / inbox.FOLDER).glob("*page_views.parquet")

    assert prepared.summary.read == 3000
    assert pl.read_parquet(path)["event_at"].is_sorted()


def test_preparing_needs_no_store_and_loading_leaves_nothing_behind(desk: ImportDesk) -> None:
    path = desk.file(row(1), row(2), row(3, "?"))
    (prepared,) = door.prepare([path], events(), desk.place, NOW)

    assert desk.rows().height == 0
    assert inbox.waiting(desk.home) == [prepared.name]

    (summary,) = inbox.load_inbox(desk.store, desk.home, [prepared.name], NOW)

    assert (summary.read, summary.loaded, summary.rejected) == (3, 2, {"unknown_kind": 1})
    assert desk.inbox() == []


def test_a_batch_that_outlived_its_loading_is_not_loaded_twice(desk: ImportDesk) -> None:
    (prepared,) = door.prepare([desk.file(row(1), row(2, "?"), row(3))], events(), desk.place, NOW)
    kept = {path: path.read_bytes() for path in (desk.home / inbox.FOLDER).iterdir()}
    inbox.load_inbox(desk.store, desk.home, [prepared.name], NOW)
    for path, content in kept.items():
        path.write_bytes(content)
    (again,) = inbox.load_inbox(desk.store, desk.home, inbox.waiting(desk.home), NOW)

    assert again.loaded == 0
    assert desk.rows().height == 2
    assert desk.rows("bad_events").height == 1
    assert desk.rows("imports").height == 1


def test_a_check_stores_nothing_and_names_the_problems(desk: ImportDesk) -> None:
    lines = [row(n, "?" if n % 100 == 7 else "VIEW") for n in range(1500)]
    ((summary, problems),) = door.check([desk.file(*lines)], events(), desk.place, NOW)

    assert (summary.read, summary.loaded, summary.rejected) == (1000, 990, {"unknown_kind": 10})
    assert (problems[0].line, problems[0].reason) == (9, "unknown_kind")
    assert desk.rows().height == 0
    assert desk.inbox() == []


def test_progress_runs_to_the_end(desk: ImportDesk) -> None:
    path = desk.file(*(row(n) for n in range(50)))
    told: list[tuple[int, int]] = []
    door.import_table(desk.store, desk.place, [path, path], events(), NOW, lambda *done: told.append(done))

    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (2 * path.stat().st_size, 2 * path.stat().st_size)


lines_of_a_log = st.lists(
    st.builds(
        row,
        st.integers(0, 90_000),
        st.sampled_from(["VIEW", "LIKE", "COMMENT CREATED"]),
        st.sampled_from(["a1", "a2"]),
        st.sampled_from(["p1", "p2", "p3"]),
    ),
    unique=True,
    min_size=1,
    max_size=30,
)


@settings(deadline=None, max_examples=12)
@given(
    lines=lines_of_a_log,
    cut=st.integers(0, 30),
    twice=st.booleans(),
    chance=st.randoms(use_true_random=False),
)
def test_any_split_and_repeat_of_files_gives_the_same_content(
    lines: list[str], cut: int, twice: bool, chance: random.Random
) -> None:
    mixed = chance.sample(lines, len(lines))

    assert _content([lines]) == _content([mixed[:cut], mixed[cut:], *([mixed] if twice else [])])


def _content(files: list[list[str]]) -> dict[str, list[tuple[object, ...]]]:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder))
        Newsroom(store).settle()
        desk = ImportDesk(store, Path(folder), Path(folder))
        for n, lines in enumerate(files):
            assert desk.take(desk.file(*lines, name=f"{n}.csv")).fault == ""
        found = desk.content()
        store.close()
    return found


@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.one_of(lines_of_a_log.map(lambda rows: rows[0]), st.text(max_size=30)), max_size=12))
def test_read_is_loaded_and_repeated_and_dropped_and_rejected(desk: ImportDesk, lines: list[str]) -> None:
    summary = desk.take(desk.file(*(line.encode("utf-8", "replace") for line in lines)))
    left_out = sum(summary.dropped.values()) + sum(summary.rejected.values())

    assert summary.read == summary.loaded + summary.repeated + left_out


def test_front_pages_and_listings_are_no_articles(desk: ImportDesk) -> None:
    addresses = (
        "https://news.example/",
        "https://news.example/tag/politics?utm_source=x",
        "https://news.example/2026/a-1",
    )
    file = desk.file(*(f"{1777982400 + n},{each}" for n, each in enumerate(addresses)), header="at,page")
    text = """
        [source]
        name = "pages"
        rows = "events"
        format = "csv"
        [event]
        time = {column = "at", unit = "s"}
        url = {column = "page"}
    """
    desk.take(file, mapping.parse(text, "test.toml"))

    assert [(None, "/"), (None, "/tag/politics"), (article_id_of(addresses[2]), "/2026/a-1")] == [
        (article, url.removeprefix("https://news.example"))
        for article, url in desk.rows().sort("event_at").select("article_id", "url").rows()
    ]
