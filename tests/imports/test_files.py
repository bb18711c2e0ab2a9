"""Files that are not what they should be: one sentence each, and nothing of them in the store."""

from __future__ import annotations

import gzip
from pathlib import Path

import duckdb
import pytest

from analytics.errors import TearsheetError
from analytics.imports import door, inbox, tables
from tests.imports.desk import HEADER, NOW, ImportDesk, events, row

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x01\x02\x03" * 100


def packed(*lines: str) -> bytes:
    return gzip.compress("\n".join([HEADER, *lines]).encode(), mtime=0)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("picture.csv", PNG, "picture.csv is a PNG picture, not csv."),
        ("book.csv", b"PK\x03\x04rest", "is a zip archive or an Excel workbook, not csv."),
        ("log.csv.gz", HEADER.encode(), "log.csv.gz is not packed as its name says."),
        ("cut.csv.gz", packed(row(1), row(2))[:-12], "cut.csv.gz is packed, but damaged or cut off."),
        ("torn.csv.gz", packed(row(1))[:20] + b"\xff" * 40, "torn.csv.gz is packed, but damaged or cut off."),
        ("bad.csv.zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 40, "bad.csv.zst is packed, but damaged or cut off."),
        ("empty.csv", b"", "empty.csv is empty."),
        ("empty.csv.gz", gzip.compress(b"", mtime=0), "empty.csv.gz is empty."),
        ("wide.csv", HEADER.encode("utf-16"), "is UTF-16 text, not csv."),
        ("wide.csv", HEADER.encode("utf-16-le"), "is binary data or UTF-16 text, not csv."),
        ("latin.csv", "t\u00eate,x\n1,2".encode("latin-1"), "latin.csv is no CSV file in UTF-8."),
        ("gap.csv", f"\n{HEADER}\n".encode(), "gap.csv begins with an empty line"),
        ("twice.csv", f"{HEADER},contentId\n".encode(), "twice.csv has two columns of one name."),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(
    desk: ImportDesk, name: str, content: bytes, sentence: str
) -> None:
    path = desk.files / name
    path.write_bytes(content)
    good = desk.file(row(1))
    refused, taken = desk.take_all([path, good])

    assert sentence in refused.fault
    assert (refused.read, refused.loaded) == (0, 0)
    assert taken.loaded == 1
    assert desk.inbox() == []
    assert desk.rows("imports").height == 1


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_format_that_is_another_is_refused(desk: ImportDesk, kind: str) -> None:
    assert desk.take(desk.file(row(1)), events(kind=kind)).fault


def test_a_damaged_parquet_file_is_refused(desk: ImportDesk) -> None:
    path = desk.files / "log.parquet"
    path.write_bytes(b"PAR1" + b"\x00" * 100)

    assert "damaged Parquet file" in desk.take(path, events(kind="parquet")).fault


def test_a_missing_file_is_a_sentence(desk: ImportDesk) -> None:
    assert "nowhere.csv cannot be read: No such file" in desk.take(desk.files / "nowhere.csv").fault


def test_a_header_alone_is_a_day_without_readers(desk: ImportDesk) -> None:
    summary = desk.take(desk.file())

    assert (summary.fault, summary.read) == ("", 0)
    assert desk.rows("imports")["rows_read"].to_list() == [0]


def test_a_file_of_which_most_cannot_be_read_is_refused_whole(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1), row(2), row(3, "?"), row(4, "?"), row(5, "?")))

    assert "3 of the 5 rows of log.csv cannot be read (unknown_kind 3)" in summary.fault
    assert desk.rows().height == desk.rows("bad_events").height == 0
    assert desk.take(desk.file(row(1), row(2), row(3, "?"), row(4, "?"))).loaded == 2


def test_a_column_that_is_not_there_is_named_with_the_nearest(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1), header=HEADER.replace("contentId", "contentID")))

    assert "reads the column 'contentId', which the file has not" in summary.fault
    assert summary.hint == "Did you mean contentID?"


def test_a_column_of_which_the_mapping_is_silent_is_named(desk: ImportDesk) -> None:
    summary = desk.take(desk.file(row(1) + ",x", header=HEADER + ",region"))

    assert "says nothing of the file's column 'region'" in summary.fault


def test_an_optional_column_may_be_absent(desk: ImportDesk) -> None:
    header = HEADER.removesuffix(",userCountry")
    line = row(1).removesuffix(",BR")

    assert desk.take(desk.file(line, header=header), events('optional = ["userCountry"]')).loaded == 1


def test_a_full_disk_while_writing_batches_is_a_sentence(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> dict[str, Path]:
        raise duckdb.IOException("IO Error: Could not write to file: No space left on device (p1, secret)")

    with monkeypatch.context() as patched:
        patched.setattr(tables, "write", full)
        summary = desk.take(desk.file(row(1)))

    assert "cannot be written" in summary.fault
    assert "secret" not in summary.fault + summary.hint
    assert desk.inbox() == []
    assert desk.take(desk.file(row(1))).loaded == 1


def test_a_full_disk_while_posting_leaves_no_half_batch(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    path = desk.file(row(1))
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        (prepared,) = door.prepare([path], events(), desk.place, NOW)

    assert (prepared.name, "No space left on device" in prepared.summary.fault) == ("", True)
    assert desk.inbox() == []


def test_a_full_disk_while_unpacking_is_a_sentence(desk: ImportDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    path = desk.files / "log.csv.gz"
    path.write_bytes(packed(row(1)))
    with Path("/dev/full").open("wb", buffering=0) as full, monkeypatch.context() as patched:
        patched.setattr("analytics.imports.files._writer", lambda _path: full)
        summary = desk.take(path)

    assert "cannot take the unpacked file: No space left on device" in summary.fault
    assert desk.inbox() == []


def test_a_home_that_cannot_be_written_is_a_sentence(desk: ImportDesk) -> None:
    (desk.home / inbox.FOLDER).write_text("a file in the way")

    assert "cannot be written" in desk.take(desk.file(row(1))).fault


@pytest.mark.parametrize("name", ["../secret.json", "nothing.json", "readers.duckdb"])
def test_only_batches_of_the_inbox_are_loaded(desk: ImportDesk, name: str) -> None:
    (summary,) = inbox.load_inbox(desk.store, desk.home, [name], NOW)

    assert summary.fault
    assert summary.loaded == 0


def test_a_batch_whose_files_are_gone_is_refused_and_forgotten(desk: ImportDesk) -> None:
    (prepared,) = door.prepare([desk.file(row(1))], events(), desk.place, NOW)
    for path in (desk.home / inbox.FOLDER).glob("*.parquet"):
        path.unlink()
    (summary,) = inbox.load_inbox(desk.store, desk.home, [prepared.name], NOW)

    assert summary.fault
    assert inbox.waiting(desk.home) == []
    assert desk.rows().height == 0


def test_a_disk_that_refuses_the_load_leaves_the_store_as_it_was(
    desk: ImportDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> object:
        raise TearsheetError("readers.duckdb cannot be used: no space left.")

    desk.take(desk.file(row(1)))
    before = desk.content()
    with monkeypatch.context() as patched:
        patched.setattr(inbox, "load", refuse)
        summary = desk.take(desk.file(row(2)))

    assert summary.fault
    assert desk.content() == before
    assert desk.inbox() == []


def test_what_a_killed_import_left_is_swept(desk: ImportDesk) -> None:
    left = desk.home / inbox.FOLDER / ".999999999-0011"
    left.mkdir(parents=True)
    (left / "plain").write_text("all that the source knows")
    desk.take(desk.file(row(1)))

    assert desk.inbox() == []
