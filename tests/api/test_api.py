"""The JSON API: the numbers of the screens, whole through all pages, and a sentence for every refusal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.api.app import A_MINUTE
from analytics.control.identity import DEMO, NOBODY, Identity, Policy, Role
from analytics.errors import StoreError
from analytics.exports import csv_text
from analytics.queries import answers, comparison, talk
from analytics.queries.ask import Ask, Filter
from tests.api.desk import OTHER, Asked, asked
from tests.builders import SITE, utc
from tests.newsroom import NOW, Newsroom

PERIOD = "2026-05-04..2026-05-06"
DAYS = {"first": "2026-05-04", "last": "2026-05-06", "site_name": SITE}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path_factory.mktemp("api"), empty_file) as found:
        yield found


@pytest.fixture
def api(shared: Asked) -> Asked:
    """The desk that all share, asked as a visitor of the demo."""
    shared.identity, shared.ticks.step = DEMO, 1.0
    return shared


@pytest.fixture
def own(tmp_path: Path, empty_file: Path) -> Iterator[Asked]:
    """A desk to change."""
    with asked(tmp_path, empty_file) as found:
        yield found


# --- one number everywhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["views", "reads", "readers", "read_rate", "comments"])
@pytest.mark.parametrize("board", ["articles", "authors", "topics", "sections"])
def test_a_ranking_is_that_of_the_command(api: Asked, board: str, metric: str) -> None:
    command = answers.top(api.desk.store, board=board, metric=metric, now=utc(NOW), limit=1000, **DAYS)
    by = answers.BOARDS[board]
    rows = api.rows(f"stats/top?site={SITE}&by={by}&metrics={metric}&period={PERIOD}")

    assert [(row["rank"], row["id"], row["name"], row[metric]) for row in rows] == [
        (row["rank"], row[by], row["title" if by == "article" else "name"], row[metric]) for row in command
    ]


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month"])
@pytest.mark.parametrize("metric", ["views", "reads", "readers", "read_rate"])
def test_a_series_is_that_of_the_command(api: Asked, metric: str, grain: str) -> None:
    command = answers.series(api.desk.store, metric=metric, grain=grain, now=utc(NOW), **DAYS)
    rows = api.rows(f"stats/series?site={SITE}&grain={grain}&metrics={metric}&period={PERIOD}")

    assert [{"bucket": row["bucket"], metric: row[metric]} for row in rows] == command


def test_totals_are_those_of_the_screens(api: Asked) -> None:
    names = ("views", "reads", "read_rate", "engaged_median", "comments")
    ask = Ask(Filter(SITE), Newsroom(api.desk.store).period(PERIOD))
    screen = comparison.totals(api.desk.store, names, ask, utc(NOW), "previous")
    rows = api.rows(f"stats?site={SITE}&compare=previous&metrics={','.join(names)}&period={PERIOD}")

    assert {row["metric"]: (row["value"], row["n"], row["low"]) for row in rows} == {
        name: (each.figure.value, each.figure.n, each.figure.low) for name, each in screen.items()
    }


def test_an_article_has_the_figures_of_its_page(api: Asked) -> None:
    row = api.rows(f"articles/A2?site={SITE}&metrics=views,reads,comments")[0]
    listed = api.rows(f"stats/top?site={SITE}&metrics=views&period={PERIOD}")

    assert (row["title"], row["views"], row["reads"], row["comments"]) == ("Cup final", 3, 1, 0)
    assert next(each["views"] for each in listed if each["id"] == "A2") == row["views"]
    assert api.rows(f"articles/A/3?site={SITE}")[0]["title"] == "Slash"


def test_comments_are_those_of_their_page(api: Asked) -> None:
    ask = Ask(Filter(SITE), Newsroom(api.desk.store).period(PERIOD))
    screen = talk.volume(api.desk.store, ask, "day")
    rows = api.rows(f"comments?site={SITE}&period={PERIOD}")

    assert [(row["published"], row["pending"]) for row in rows] == screen.select(
        "published", "pending"
    ).rows()


def test_live_counts_who_is_there_now(api: Asked) -> None:
    answer = api.get(f"live?site={SITE}").json()

    assert (answer["on_site"], answer["minutes"], [row["id"] for row in answer["rows"]]) == (1, 240, ["A2"])


def test_lines_of_a_dimension_add_up_to_its_ranking(api: Asked) -> None:
    ranked = api.rows(f"stats/top?site={SITE}&by=channel&metrics=views&period={PERIOD}")
    lines = api.rows(f"stats/series?site={SITE}&by=channel&metrics=views&period={PERIOD}")
    sums: dict[str, int] = {}
    for row in lines:
        sums[row["id"]] = sums.get(row["id"], 0) + (row["views"] or 0)

    assert sums == {row["id"]: row["views"] for row in ranked}
    assert len(lines) == 3 * len(ranked)


def test_readers_of_several_days_are_said_to_be_a_sum(api: Asked) -> None:
    one, many = (
        api.get(f"stats?site={SITE}&metrics=readers&period={p}").json() for p in ("2026-05-05", PERIOD)
    )

    assert ("readers_kind" in one, many["readers_kind"]) == (False, "sum_of_daily")


# --- pages -------------------------------------------------------------------------------------------------


@given(limit=st.integers(1, 5), by=st.sampled_from(["article", "author", "channel"]))
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_pages_of_a_ranking_are_the_ranking(api: Asked, limit: int, by: str) -> None:
    address = f"stats/top?site={SITE}&by={by}&period={PERIOD}"
    whole = api.get(f"{address}&limit=1000").json()

    assert whole["next"] is None
    assert _pages(api, f"{address}&limit={limit}") == whole["rows"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_the_pages_of_the_catalogue_are_the_catalogue(api: Asked, limit: int) -> None:
    whole = api.get(f"articles?site={SITE}").json()

    assert [row["id"] for row in whole["rows"]] == ["A2", "A/3", "A1"]
    assert _pages(api, f"articles?site={SITE}&limit={limit}") == whole["rows"]


def test_a_cursor_belongs_to_its_question(api: Asked) -> None:
    after = api.get(f"stats/top?site={SITE}&period={PERIOD}&limit=1").json()["next"]

    for wrong in (f"by=author&cursor={after}", "cursor=abc", "cursor=WyJ4IiwtMV0"):
        answer = api.get(f"stats/top?site={SITE}&period={PERIOD}&{wrong}")
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_cursor")


def _pages(api: Asked, address: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        answer = api.get(f"{address}&cursor={after}").json()
        rows += answer["rows"]
        after = answer["next"]
    return rows


# --- forms -------------------------------------------------------------------------------------------------


def test_every_list_is_csv_where_that_is_asked(api: Asked) -> None:
    answer = api.get(f"stats/top?site={SITE}&period={PERIOD}&metrics=views&limit=1", accept="text/csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text == csv_text(["rank", "id", "name", "views"], [[1, "A2", "Cup final", 3]])
    assert answer.headers["x-tearsheet-period"] == f"{PERIOD} America/Sao_Paulo"
    assert 'rel="next"' in answer.headers["link"]


def test_a_title_that_is_a_formula_is_none_in_csv(own: Asked) -> None:
    own.ask("PUT", "/api/v1/articles", json={"site": SITE, "id": "f1", "title": "=cmd()"})

    assert ",'=cmd()," in own.get(f"articles?site={SITE}", accept="text/csv").text


def test_a_comma_that_is_encoded_belongs_to_its_value(own: Asked) -> None:
    own.ask("PUT", "/api/v1/articles", json={"site": SITE, "id": "s1", "title": "S", "section": "a,b"})

    for query, found in (
        ("section=a%2Cb", ["s1"]),
        ("section=a,b", []),
        ("section=sport,a%2Cb", ["A2", "s1"]),
    ):
        assert [row["id"] for row in own.rows(f"articles?site={SITE}&{query}")] == found


def test_ids_and_codes_are_parted_at_encoded_commas_too(api: Asked) -> None:
    plain = api.rows(f"stats?site={SITE}&period={PERIOD}&metrics=views,reads&device=phone,tablet")

    assert plain == api.rows(f"stats?site={SITE}&period={PERIOD}&metrics=views%2Creads&device=phone%2Ctablet")
    assert ["views", "reads"] == [row["metric"] for row in plain]


# --- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status", "code", "hint"),
    [
        ("stats?metrics=raeds", 400, "unknown_metric", "Did you mean reads?"),
        ("stats?metrics=", 400, "unknown_metric", ""),
        ("stats?peroid=7d", 400, "unknown_parameter", "Did you mean period?"),
        ("stats?period=soon", 400, "bad_period", "Use today"),
        ("stats?period=2026-05-02..2026-05-01", 400, "bad_period", "Swap"),
        ("stats?compare=last", 400, "bad_compare", "See /docs."),
        ("stats?section=" + "x" * 301, 400, "bad_section", ""),
        ("stats?section=a%00b", 400, "bad_text", ""),
        ("stats?age=young", 400, "bad_request", ""),
        ("stats?metrics=comments&channel=search", 400, "unknown_dimension", "Take the filter off."),
        ("stats/series?grain=hour&period=2020-01-01..2026-05-01", 400, "too_many_buckets", "At most"),
        ("stats/top?by=weekday", 400, "unknown_dimension", "Known"),
        ("stats/top?limit=1001", 400, "bad_limit", "See /docs."),
        ("stats?site=xyz", 404, "unknown_site", "Known"),
        ("articles/zz?", 404, "unknown_article", "Search"),
        ("live?window=7", 400, "bad_window", "See /docs."),
        ("nothing", 404, "not_found", "See /docs."),
        ("../nothing", 404, "not_found", "See /docs."),
    ],
)
def test_a_refusal_says_what_and_what_now(api: Asked, path: str, status: int, code: str, hint: str) -> None:
    answer = api.get(path if "site=" in path or "?" not in path else f"{path}&site={SITE}")
    said = answer.json()

    assert answer.status_code == status
    assert said.keys() == {"error", "message", "hint"}
    assert said["error"] == code
    assert said["message"]
    assert hint in said["hint"]


def test_with_several_sites_the_question_is_which(api: Asked) -> None:
    said = api.get("stats").json()

    assert (said["error"], said["hint"]) == ("site_missing", f"Give site=, one of {SITE}, {OTHER}.")


def test_another_method_is_refused_in_json(api: Asked) -> None:
    answer = api.ask("DELETE", "/api/v1/stats")

    assert (answer.status_code, answer.json()["error"], answer.headers["allow"]) == (
        405,
        "not_allowed",
        "GET",
    )


def test_other_addresses_go_to_the_screens(api: Asked) -> None:
    assert api.ask("GET", "/articles").status_code == 418
    assert api.ask("GET", "/docsearch").status_code == 418


def test_who_asks_too_often_is_told_when_to_come_back(api: Asked) -> None:
    api.ticks.step = 0.0
    api.identity = Identity("key", "k9", "often", scopes=frozenset({"read"}), sites=frozenset({SITE}))
    answered = [api.get("metrics").status_code for _ in range(A_MINUTE + 1)]
    last = api.get("metrics")

    assert answered == [200] * A_MINUTE + [429]
    assert (last.json()["error"], last.headers["retry-after"]) == ("too_many_requests", "1")


def test_a_store_that_cannot_be_read_is_a_sentence(api: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreError("/srv/home/readers.duckdb is busy.")

    monkeypatch.setattr(comparison, "totals", busy)
    answer = api.get(f"stats?site={SITE}")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert "/srv" not in answer.text


# --- who may -----------------------------------------------------------------------------------------------

VIEWER = Identity("person", "p1", "Viewer", {SITE: Role.VIEWER})
EDITOR = Identity("person", "p2", "Editor", {SITE: Role.EDITOR})
READS = Identity("key", "k1", "reads", scopes=frozenset({"read"}), sites=frozenset({SITE}))
WRITES = Identity("key", "k2", "writes", scopes=frozenset({"catalog"}), sites=frozenset({SITE}))


@pytest.mark.parametrize(
    ("who", "site", "read", "write"),
    [
        (NOBODY, SITE, 401, 401),
        (VIEWER, SITE, 200, 403),
        (VIEWER, OTHER, 403, 403),
        (EDITOR, SITE, 200, 200),
        (EDITOR, OTHER, 403, 403),
        (READS, SITE, 200, 403),
        (READS, OTHER, 403, 403),
        (WRITES, SITE, 403, 200),
        (WRITES, OTHER, 403, 403),
    ],
)
def test_roles_and_scopes_decide(own: Asked, who: Identity, site: str, read: int, write: int) -> None:
    own.identity = who
    for path in ("stats", "stats/series", "stats/top", "live", "articles"):
        assert own.get(f"{path}?site={site}").status_code == read, path

    assert own.ask("PUT", "/api/v1/articles", json={"site": site, "id": "A1"}).status_code == write


def test_nobody_learns_which_sites_there_are(api: Asked) -> None:
    api.identity = READS

    assert [row["site"] for row in api.rows("sites")] == [SITE]
    assert OTHER not in api.get("stats?site=x.example").text


# --- articles in -------------------------------------------------------------------------------------------


def test_a_cms_sends_the_same_article_twice(own: Asked) -> None:
    row = {"site": SITE, "id": "B1", "title": "First", "authors": ["Ana Writer"], "section": "culture"}
    first, again = (own.ask("PUT", "/api/v1/articles", json=row).json() for _ in range(2))
    changed = own.ask("PUT", "/api/v1/articles", json={"site": SITE, "id": "B1", "title": "Second"}).json()
    found = own.rows(f"articles/B1?site={SITE}&metrics=views")[0]

    assert (first["created"], again["unchanged"], changed["updated"]) == (1, 1, 1)
    assert (found["title"], found["section"], found["authors"][0]["name"]) == (
        "Second",
        "culture",
        "Ana Writer",
    )


def test_rows_that_are_refused_keep_their_place(own: Asked) -> None:
    good = {"site": SITE, "id": "B1"}
    rows = [good, {"site": SITE, "id": 17}, 5, {"id": "B2"}, {"site": "x.example", "id": "B3"}, {"site": 7}]
    answer = own.ask("PUT", "/api/v1/articles", json=rows)
    said = {each["index"]: each["errors"] for each in answer.json()["rejected"]}

    assert answer.json()["created"] == 1
    assert said == {
        1: {"id": ["wrong_type"]},
        2: {"": ["wrong_type"]},
        3: {"site": ["missing"]},
        4: {"site": ["unknown_site"]},
        5: {"site": ["wrong_type"]},
    }
    assert own.ask("PUT", f"/api/v1/articles?site={SITE}", json={"id": "B2"}).json()["created"] == 1


@pytest.mark.parametrize(
    ("body", "media", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed"),
        (b"\xff", "application/json", 400, "malformed"),
        (b"[" * 100_000, "application/json", 400, "malformed"),
        (b"[]", "application/json", 400, "bad_rows"),
        (b"[1]", "application/json", 400, "all_rejected"),
        (b"{}", "text/plain", 415, "media_type"),
        (b" " * (4 << 20) + b"{}", "application/json", 413, "too_large"),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(
    api: Asked, body: bytes, media: str, status: int, code: str
) -> None:
    answer = api.ask("PUT", "/api/v1/articles", content=body, headers={"content-type": media})

    assert (answer.status_code, answer.json()["error"]) == (status, code)


# --- calm mode ---------------------------------------------------------------------------------------------


def _reads_calmly(policy: Policy) -> Identity:
    policies = {"*": {"viewer": policy}}
    return Identity("person", "p1", "Vera", {SITE: Role.VIEWER}, policies=policies, authors={SITE: "u2"})


def test_calm_mode_gives_programs_no_rank_no_live_number_and_no_colleague(api: Asked) -> None:
    opened = api.rows(f"stats/top?site={SITE}&period=2026-05-05")
    api.identity = _reads_calmly(Policy.CALM)
    rows = api.rows(f"stats/top?site={SITE}&period=2026-05-05")

    assert [row["rank"] for row in opened] == [1, 2]
    assert [(row["rank"], row["name"]) for row in rows] == [(None, "Budget vote"), (None, "Cup final")]
    for path in (
        "live",
        "stats/top?by=author",
        "stats/series?by=author",
        "stats?author=u1",
        "stats?author=!u1",
    ):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), path
        assert "not shown to your role" in answer.json()["message"], path
    assert api.get("stats?author=u2").status_code == 200


def test_who_sees_their_own_gets_their_own_alone(api: Asked) -> None:
    api.identity = _reads_calmly(Policy.OWN)

    assert [row["id"] for row in api.rows("articles")] == ["A1"]
    assert [row["id"] for row in api.rows("stats/top?period=2026-05-05")] == ["A1"]
    assert api.get("articles/A1").status_code == 200
    assert api.get("articles/A2").status_code == 403
    assert api.get("stats/series?author=u1").status_code == 403


# --- notes -------------------------------------------------------------------------------------------------


def test_notes_are_written_listed_corrected_and_taken_back_by_their_scope(api: Asked) -> None:
    api.identity = Identity("key", "k1", "cms", scopes=frozenset({"notes", "read"}), sites=frozenset({SITE}))
    sent = {"kind": "push", "text": "to all", "at": "2026-05-05T14:05:00+02:00", "article": "A1"}
    made = api.ask("POST", "/api/v1/notes", json=sent)
    note_id = made.json()["id"]
    assert made.status_code == 200

    def listed() -> list[dict[str, Any]]:
        return [row for row in api.rows("notes?period=2026-05-05") if row["id"] == note_id]

    assert listed() == [
        {
            "id": note_id,
            "article": "A1",
            "title": "Budget vote",
            "kind": "push",
            "text": "to all",
            "at": "2026-05-05T12:05:00Z",
            "who": "cms",
        }
    ]
    address = f"/api/v1/notes/{note_id}"
    assert api.ask("PUT", address, json=sent | {"text": "to subscribers"}).json() == {"id": note_id}
    assert [row["text"] for row in listed()] == ["to subscribers"]
    assert api.ask("DELETE", address).json() == {"id": note_id}
    assert listed() == []
    assert api.ask("DELETE", address).status_code == 400


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "This is no note"),
        (b'{"at": "soon"}', "This is no note"),
        (b'{"at": "2999-01-01T00:00:00Z", "text": "x"}', "a time that has passed"),
        (b'{"at": "0001-01-01T00:00:00+14:00", "text": "x"}', "a time that has passed"),
        (b'{"at": "2026-05-05T12:00:00Z"}', "says nothing"),
        (b'{"at": "2026-05-05T12:00:00Z", "text": "x", "article": "none"}', "No article"),
        (b'{"at": "2026-05-05T12:00:00Z", "text": "x", "by": "me"}', "This is no note"),
    ],
)
def test_what_is_no_note_is_refused_in_a_sentence(api: Asked, body: bytes, said: str) -> None:
    answer = api.ask(
        "POST", f"/api/v1/notes?site={SITE}", content=body, headers={"content-type": "application/json"}
    )

    assert answer.status_code == 400
    assert said in answer.json()["message"] + answer.json()["hint"]


@pytest.mark.parametrize("scopes", [{"read"}, {"notes"}])
def test_a_key_reads_or_writes_notes_by_what_it_opens(api: Asked, scopes: set[str]) -> None:
    api.identity = Identity("key", "k1", "cms", scopes=frozenset(scopes), sites=frozenset({SITE}))
    reads = api.get("notes").status_code
    writes = api.ask("POST", "/api/v1/notes", json={"at": "2026-05-05T12:00:00Z", "kind": "lead"}).status_code

    assert (reads, writes) == ((200, 403) if scopes == {"read"} else (403, 200))
    api.identity = Identity("person", "p1", "Vera", {SITE: Role.VIEWER})
    assert api.ask("DELETE", "/api/v1/notes/x").status_code == 403
