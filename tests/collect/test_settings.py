"""Settings: defaults, the file, the environment, and refusals in a sentence."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from analytics import config
from analytics.collect import settings
from analytics.collect.settings import Limits, Settings, Site
from analytics.errors import ConfigError


def test_what_is_written_is_read_and_only_its_owner_may(tmp_path: Path) -> None:
    wanted = Settings(sites={"a.example": Site(zone="UTC", hosts=("a.example", "b.example"), gpc="drop")})

    settings.write(tmp_path, wanted)

    assert wanted == settings.read(tmp_path, {})
    assert 0o600 == (tmp_path / settings.FILE).stat().st_mode & 0o777
    assert [settings.FILE] == [path.name for path in tmp_path.iterdir()]


def test_without_its_file_the_sites_of_the_home_hold(tmp_path: Path) -> None:
    config.add_site(tmp_path, "a.example", "Asia/Tbilisi")

    assert {"a.example": "Asia/Tbilisi"} == {k: v.zone for k, v in settings.read(tmp_path, {}).sites.items()}


def test_the_environment_wins(tmp_path: Path) -> None:
    settings.write(tmp_path, Settings(limits=Limits(visitor_rate=5, trusted_proxies=("10.0.0.0/8",))))

    found = settings.read(
        tmp_path, {"TEARSHEET_VISITOR_RATE": "0", "TEARSHEET_TRUSTED_PROXIES": "127.0.0.1, ::1 192.0.2.0/24"}
    )

    assert (0, ("127.0.0.1", "::1", "192.0.2.0/24")) == (
        found.limits.visitor_rate,
        found.limits.trusted_proxies,
    )


@pytest.mark.parametrize(
    "environ",
    [
        {"TEARSHEET_VISITOR_RATE": "many"},
        {"TEARSHEET_VISITOR_RATE": "-1"},
        {"TEARSHEET_TRUSTED_PROXIES": "x"},
    ],
)
def test_a_variable_that_is_none_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        settings.read(tmp_path, environ)


@pytest.mark.parametrize(
    "what",
    [
        b"{",
        b'{"sites":{"a.example":{}}}',
        b'{"sites":{"a.example":{"zone":"Nowhere/Land"}}}',
        msgspec.json.encode({"sites": {"a.example": {"zone": "UTC", "staff_networks": ["300.1.1.1"]}}}),
        b'{"sites":{"a.example":{"zone":"UTC","gpc":"maybe"}}}',
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, what: bytes) -> None:
    (tmp_path / settings.FILE).write_bytes(what)

    with pytest.raises(ConfigError):
        settings.read(tmp_path, {})
