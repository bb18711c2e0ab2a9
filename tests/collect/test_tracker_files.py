"""The scripts at `/t/`: how they are made, what stands in for them, and how they are served."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from analytics import npm
from analytics.collect import tracker
from analytics.collect.app import create_collector
from analytics.collect.http import Receive, Scope, Send
from analytics.collect.scripts import Scripts
from tests.collect.client import Answered, Client, Clock
from tests.collect.conftest import Maker

MOST_BYTES = 3072  # what a reader pays at most, under gzip


def no_network(lock_folder: Path, into: Path) -> None:
    raise npm.FetchError("npm ci failed: code ENOTFOUND")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tracker.TrackerFiles:
    """The scripts, made with the real packages."""
    return tracker.ensure(tmp_path_factory.mktemp("tracker") / "built")


@pytest.fixture
def client(collector: Maker, built: tracker.TrackerFiles) -> Client:
    """A collector that serves them."""
    client = collector()
    client.app._scripts = Scripts(lambda: built)
    return client


def ask(client: Client, path: str = "/t/tearsheet.js", method: str = "GET", **headers: str) -> Answered:
    return client.ask(
        method, path, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


# --- made ---------------------------------------------------------------------------------------------------


def test_our_tracker_costs_a_reader_three_kilobytes_at_most(built: tracker.TrackerFiles) -> None:
    assert built.is_complete

    assert len(gzip.compress(built.tearsheet.read_bytes(), 9, mtime=0)) <= MOST_BYTES


def test_plausibles_module_names_its_makers(built: tracker.TrackerFiles) -> None:
    assert built.plausible is not None
    head, _, script = built.plausible.read_text(encoding="utf-8").partition("\n")

    assert (
        head == "/*! @plausible-analytics/tracker 0.4.6, MIT licence. Copyright 2020 Plausible Insights OÜ */"
    )
    assert "export" in script
    assert (built.plausible.parent / "licences" / "plausible-tracker.txt").stat().st_size > 500


def test_what_is_there_is_not_made_again(built: tracker.TrackerFiles) -> None:
    assert built == tracker.ensure(built.tearsheet.parent, no_network)


def test_a_changed_source_is_made_anew(
    tmp_path: Path, built: tracker.TrackerFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "tearsheet.js"
    changed.write_text(tracker.SOURCE.read_text(encoding="utf-8") + "\n// newer\n")
    monkeypatch.setattr(tracker, "SOURCE", changed)

    assert not tracker.ensure(built.tearsheet.parent, no_network).is_complete


def test_without_network_the_source_stands_in_with_one_warning(tmp_path: Path) -> None:
    with capture_logs() as lines:
        files = tracker.ensure(tmp_path / "built", no_network)

    assert files == tracker.TrackerFiles(tracker.SOURCE, None, is_complete=False)
    assert lines == [
        {
            "event": "tracker not made small",
            "log_level": "warning",
            "reason": "npm ci failed: code ENOTFOUND",
            "served": "tearsheet.js",
        }
    ]


def test_a_script_that_does_not_parse_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "tearsheet.js"
    broken.write_text("const = ;")
    monkeypatch.setattr(tracker, "SOURCE", broken)

    with capture_logs() as lines:
        tracker.ensure(tmp_path / "built")

    assert ["warning"] == [line["log_level"] for line in lines]
    assert lines[0]["reason"].startswith("esbuild failed: ")
    assert "\n" not in lines[0]["reason"]


def test_every_package_is_pinned_with_its_checksum() -> None:
    entries = npm.locked(tracker.TRACKER)
    wanted = json.loads((tracker.TRACKER / "package.json").read_text())["dependencies"]

    assert set(wanted) <= set(entries)
    assert [] == [name for name, entry in entries.items() if not entry["integrity"].startswith("sha512-")]


# --- served -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tearsheet.js", "plausible.js"])
def test_a_script_is_served_to_any_page(client: Client, built: tracker.TrackerFiles, name: str) -> None:
    found = ask(client, f"/t/{name}")

    assert (200, (built.tearsheet.parent / name).read_bytes()) == (found.status, found.body)
    assert {
        "content-type": "text/javascript; charset=utf-8",
        "cache-control": "public, max-age=3600",
        "access-control-allow-origin": "*",
        "cross-origin-resource-policy": "cross-origin",
        "x-content-type-options": "nosniff",
        "vary": "accept-encoding",
        "content-length": str(len(found.body)),
        "etag": found.headers["etag"],
    } == found.headers


@pytest.mark.parametrize(
    ("accepted", "is_zipped"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, gzip;q=0.8", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip;q=0.0", False),
        ("br", False),
    ],
)
def test_gzip_is_used_where_it_is_accepted(client: Client, accepted: str, is_zipped: bool) -> None:
    plain, found = ask(client), ask(client, accept_encoding=accepted)

    assert is_zipped == (found.headers.get("content-encoding") == "gzip")
    assert plain.body == (gzip.decompress(found.body) if is_zipped else found.body)
    assert is_zipped == (plain.headers["etag"] != found.headers["etag"])


def test_what_a_browser_has_already_is_not_sent_again(client: Client) -> None:
    tag = ask(client, accept_encoding="gzip").headers["etag"]

    same = ask(client, accept_encoding="gzip", if_none_match=f'"other", W/{tag}')
    other = ask(client, accept_encoding="gzip", if_none_match='"other"')

    assert (304, b"", tag) == (same.status, same.body, same.headers["etag"])
    assert "public, max-age=3600" == same.headers["cache-control"]
    assert 200 == other.status


def test_the_head_alone_says_the_same(client: Client) -> None:
    whole, head = ask(client), ask(client, method="HEAD")

    assert (200, b"", whole.headers) == (head.status, head.body, head.headers)


@pytest.mark.parametrize("path", ["/t/", "/t/other.js", "/t/tearsheet.js/", "/t/../tearsheet.js"])
def test_nothing_else_is_there(client: Client, path: str) -> None:
    assert 404 == ask(client, path).status


def test_it_is_for_reading_only(client: Client) -> None:
    found = ask(client, method="POST")

    assert (405, "GET, HEAD") == (found.status, found.headers["allow"])


def test_the_files_are_made_once_and_not_before_somebody_asks(
    collector: Maker, built: tracker.TrackerFiles
) -> None:
    made: list[int] = []

    def ensure() -> tracker.TrackerFiles:
        made.append(1)
        return built

    client = collector()
    client.app._scripts = Scripts(ensure)
    before = list(made)

    ask(client)
    ask(client, "/t/plausible.js")

    assert ([], [1]) == (before, made)


def test_a_missing_plausible_is_404_and_ours_is_there(collector: Maker) -> None:
    client = collector()
    client.app._scripts = Scripts(lambda: tracker.TrackerFiles(tracker.SOURCE, None, is_complete=False))

    assert (200, 404) == (ask(client).status, ask(client, "/t/plausible.js").status)


@pytest.fixture
def behind(tmp_path: Path, collector: Maker, built: tracker.TrackerFiles) -> Iterator[Client]:
    """A collector in front of an app that answers everything, as the desk's catch-all does."""
    collector()  # writes the settings

    async def screens(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"the screens"})

    clock = Clock()
    client = Client(
        create_collector(tmp_path, clock, worker="desk", environ={}, inner=screens), tmp_path, clock
    )
    client.app._scripts = Scripts(lambda: built)
    yield client
    client.app.close()
    client.runner.close()


def test_the_desk_behind_is_not_asked_for_scripts(behind: Client) -> None:
    assert (200, 404) == (ask(behind).status, ask(behind, "/t/other.js").status)
    assert b"the screens" == ask(behind, "/articles").body
