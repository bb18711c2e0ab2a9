"""The page of a site's settings: it shows where each comes from, looks before it saves, and writes down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from analytics import config
from analytics.collect import settings as collecting
from analytics.control import audit
from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError, UsageError
from analytics.upkeep.file import File
from dashboards.doors import settings
from dashboards.doors.pages import Pages
from tests.builders import SITE, view
from tests.dashboards.small import desk_of

ADMIN = Identity("person", "", "Ann", {"*": Role.ADMIN})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("home"), view("v1", "2026-01-05 12:00", "A1")) as opened:
        yield opened


def drawn(desk: Desk, **given: str) -> str:
    with acting(ADMIN):
        parts = settings.parts_of(desk)("/", {"site": SITE, **_typed(given)})
    return bytes(Pages("").lists("Settings", parts, back="/").body).decode()


def do(desk: Desk, what: str, **given: str) -> Any:
    seen = File(desk.home.path).mark
    with acting(ADMIN):
        return settings.acts(desk, desk.doors)[what]({"site": SITE, "seen": seen, **_typed(given)})


def _typed(given: dict[str, str]) -> dict[str, str]:
    return {key.replace("__", "."): text for key, text in given.items()}


def test_it_shows_every_setting_with_its_value_and_where_it_comes_from(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEARSHEET_NOW", "2026-05-06T12:00:00Z")
    page = drawn(desk)

    told, _, left = page.partition("At the default")
    assert '<p class="value">The Example</p>' in told
    assert "<dt>widgets.floor</dt><dd>10</dd>" in left
    assert "<dt>mail.port</dt><dd>587</dd>" in left
    assert "TEARSHEET_NOW" in left


def test_a_change_says_what_follows_before_it_is_saved_and_then_holds(desk: Desk) -> None:
    with pytest.raises(UsageError, match="Nothing is different"):
        do(desk, "look", group="widgets", widgets__floor="10")
    typed = {"group": "retention", "retention__page_views": "90"}
    page = drawn(desk, **typed)

    assert "retention.page_views: nothing → 90" in page
    assert "page_views: 1 row of earlier days will go within a day" in page
    assert "page_views" not in config.text(desk.home.path)
    told = do(desk, "save", **typed)
    assert told.secret == "retention.page_views: nothing → 90"
    assert desk.described[SITE].retention == {"page_views": 90}
    log = [f"{each.actor_name}, {each.site_id}: {each.subject}" for each in audit.latest(desk.control, 1)]
    assert log == [f"Ann, {SITE}: {told.secret}"]
    do(desk, "save", group="retention", retention__page_views="")


def test_the_collector_hears_of_it(desk: Desk) -> None:
    do(desk, "save", group="not counted", collect__staff_networks="192.0.2.0/24\n2001:db8::/32")

    assert collecting.read(desk.home.path, {}).sites[SITE].staff_networks == ("192.0.2.0/24", "2001:db8::/32")


def test_another_definition_and_another_zone_say_what_they_recount(desk: Desk) -> None:
    assert "another definition from today on" in drawn(desk, group="definitions", formulas__wpm="250")
    assert "every day is recounted" in drawn(desk, group="site", timezone="UTC")


def test_a_refused_form_keeps_what_was_typed(desk: Desk) -> None:
    page = drawn(desk, group="widgets", widgets__floor="many", widgets__label="Gelesen")

    assert 'value="many"' in page
    assert 'value="Gelesen"' in page
    assert "Before it is saved" not in page


def test_an_admin_of_the_site_sees_it_and_nothing_of_the_house(desk: Desk) -> None:
    with acting(Identity("person", "p", "Sue", {SITE: Role.ADMIN})):
        titles = [part.title for part in settings.parts_of(desk)("/", {})]
        with pytest.raises(UsageError, match="Nothing is different"):
            settings.acts(desk, desk.doors)["look"]({"site": SITE})

    assert titles[0] == "The site"
    assert "The house" not in titles


def test_nobody_but_an_admin_sees_or_changes_anything(desk: Desk) -> None:
    others = Identity("person", "p", "", {SITE: Role.ANALYST, "other.example": Role.ADMIN})
    for who in (others, Identity("key", "k"), Identity("nobody")):
        with acting(who):
            with pytest.raises(NotAllowedError):
                settings.parts_of(desk)("/", {"site": SITE})
            for act in settings.acts(desk, desk.doors).values():
                with pytest.raises(NotAllowedError):
                    act({"site": SITE, "name": "x"})
