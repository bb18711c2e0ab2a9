from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from analytics import npm
from dashboards import vendor


def no_network(lock_folder: Path, into: Path) -> None:
    raise npm.FetchError("npm ci failed: code ENOTFOUND")


def never(lock_folder: Path, into: Path) -> None:
    pytest.fail("fetched again")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The real packages, fetched once."""
    folder = tmp_path_factory.mktemp("packages")
    npm.fetch_packages(vendor.FRONTEND, folder)
    return folder / "node_modules"


@pytest.fixture
def fetch(packages: Path) -> Callable[[Path, Path], None]:
    return lambda _lock_folder, into: (into / "node_modules").symlink_to(packages)


def test_the_files_are_made_with_their_licences(tmp_path: Path, fetch: npm.Fetch) -> None:
    files = vendor.ensure(tmp_path / "vendor", fetch)

    assert files.is_complete
    assert files.charts_js == tmp_path / "vendor" / "plotly-cartesian.min.js"
    assert "plotly.js" in files.charts_js.read_text(encoding="utf-8")[:200]
    assert sorted(path.name for path in (files.folder / "licences").iterdir()) == [
        "inter.txt",
        "jetbrains-mono.txt",
        "plotly.js-cartesian-dist-min.txt",
        "source-serif-4.txt",
    ]


def test_the_style_sheet_names_every_font_file_and_nothing_else(tmp_path: Path, fetch: npm.Fetch) -> None:
    files = vendor.ensure(tmp_path / "vendor", fetch)
    assert files.fonts_css is not None
    css = files.fonts_css.read_text(encoding="utf-8")

    urls = set(re.findall(r'url\("([^"]+)"\)', css))

    assert urls == {f"fonts/{path.name}" for path in (files.folder / "fonts").iterdir()}
    assert set(re.findall(r'font-family: "([^"]+)"', css)) == {
        "Inter Variable",
        "JetBrains Mono Variable",
        "Source Serif 4 Variable",
    }
    assert "//" not in css


@pytest.mark.parametrize("script", ["latin", "latin-ext", "cyrillic", "cyrillic-ext", "greek", "vietnamese"])
def test_every_family_covers_the_script(tmp_path: Path, fetch: npm.Fetch, script: str) -> None:
    files = vendor.ensure(tmp_path / "vendor", fetch)

    families = {
        path.name.split(f"-{script}-wght")[0] for path in files.folder.glob(f"fonts/*-{script}-wght-*")
    }

    assert families == {"inter", "jetbrains-mono", "source-serif-4"}


def test_what_is_there_is_not_fetched_again(tmp_path: Path, fetch: npm.Fetch) -> None:
    first = vendor.ensure(tmp_path / "vendor", fetch)

    assert vendor.ensure(tmp_path / "vendor", never) == first


def test_another_lock_file_replaces_the_files(tmp_path: Path, fetch: npm.Fetch) -> None:
    target = tmp_path / "vendor"
    vendor.ensure(target, fetch)
    (target / "manifest.json").write_text(json.dumps({"lock_sha256": "older"}))
    (target / "left-over.js").touch()

    files = vendor.ensure(target, fetch)

    assert files.is_complete
    assert not (target / "left-over.js").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["vendor"]


def test_two_at_once_leave_one_whole_set(tmp_path: Path, fetch: npm.Fetch) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: vendor.ensure(tmp_path / "vendor", fetch), range(4)))

    assert all(files.is_complete for files in made)
    assert [path.name for path in tmp_path.iterdir()] == ["vendor"]


def test_without_network_the_full_bundle_stands_in_with_one_warning(tmp_path: Path) -> None:
    with capture_logs() as lines:
        files = vendor.ensure(tmp_path / "vendor", no_network)

    assert (files.is_complete, files.fonts_css, files.folder.exists()) == (False, None, False)
    assert files.charts_js.name == "plotly.min.js"
    assert files.charts_js.stat().st_size > 1_000_000
    assert lines == [
        {
            "event": "browser files missing",
            "log_level": "warning",
            "reason": "npm ci failed: code ENOTFOUND",
            "charts": "plotly.min.js",
            "fonts": "the system's fonts",
        }
    ]


def test_without_network_older_files_stay_in_use(tmp_path: Path, fetch: npm.Fetch) -> None:
    target = tmp_path / "vendor"
    vendor.ensure(target, fetch)
    (target / "manifest.json").write_text("{}")

    files = vendor.ensure(target, no_network)

    assert files.charts_js.parent == target
    assert files.fonts_css == target / "fonts.css"
    assert not files.is_complete


def test_a_folder_that_cannot_be_written_falls_back(tmp_path: Path, fetch: npm.Fetch) -> None:
    (tmp_path / "file").touch()

    assert not vendor.ensure(tmp_path / "file" / "vendor", fetch).is_complete


def test_a_missing_npm_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))

    with pytest.raises(npm.FetchError, match="npm is not installed"):
        npm.fetch_packages(vendor.FRONTEND, tmp_path)


def test_a_failing_npm_is_said_in_one_line(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "package.json").write_text('{"name": "a", "dependencies": {"b": "1.0.0"}}')
    (broken / "package-lock.json").write_text('{"name": "a", "lockfileVersion": 3, "packages": {}}')
    into = tmp_path / "into"
    into.mkdir()

    with pytest.raises(npm.FetchError, match=r"^npm ci failed: [^\n]+$"):
        npm.fetch_packages(broken, into)
