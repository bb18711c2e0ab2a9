from __future__ import annotations

from pathlib import Path

from structlog.testing import capture_logs

from analytics import npm
from analytics.reports import fonts


def made_up(_lock_folder: Path, into: Path) -> None:
    for package, names in fonts.FILES.items():
        for name in (*names, fonts.LICENCES[package][0]):
            file = into / "node_modules" / package / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"font")


def no_network(_lock_folder: Path, _into: Path) -> None:
    raise npm.FetchError("npm ci failed: code ENOTFOUND")


def test_without_network_the_systems_fonts_stand_in_and_one_warning_says_so(tmp_path: Path) -> None:
    with capture_logs() as said:
        found = fonts.ensure(tmp_path / "built", no_network)

    assert found is None
    assert [line["event"] for line in said] == ["fonts missing"]


def test_fonts_are_fetched_once(tmp_path: Path) -> None:
    fonts.ensure(tmp_path / "built", made_up)

    assert fonts.ensure(tmp_path / "built", no_network) == tmp_path / "built"
