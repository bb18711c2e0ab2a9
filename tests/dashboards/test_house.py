"""The page of the house: what it shows, what its buttons do and refuse, and that all is written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from analytics import config
from analytics.control import audit
from analytics.control.identity import Identity, Role, acting
from analytics.desk import Desk
from analytics.errors import NotAllowedError, TearsheetError, UsageError
from dashboards.doors import house, lists
from dashboards.doors.pages import Pages
from tests.builders import SITE, view
from tests.dashboards.small import desk_of
from tests.reports.post import MailServer, serving

ADMIN = Identity("person", "", "Ann", {"*": Role.ADMIN})


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with desk_of(tmp_path_factory.mktemp("home"), view("v1", "2026-05-05 12:00", "A1")) as opened:
        yield opened


def drawn(desk: Desk, **given: str) -> str:
    with acting(ADMIN):
        parts = house.parts_of(desk, desk.doors)("/", given)
    return bytes(Pages("").lists("The house", parts, back="/").body).decode()


def do(desk: Desk, what: str, **given: str) -> Any:
    with acting(ADMIN):
        return house.acts(desk, desk.doors)[what](given)


def done(desk: Desk, find: str) -> list[str]:
    return [f"{each.actor_name}: {each.subject}" for each in audit.latest(desk.control, find=find)]


def test_it_shows_each_site_with_its_tracker_and_how_it_is_heard(desk: Desk) -> None:
    page = drawn(desk)

    assert f"data-domain=&#34;{SITE}&#34;" in page
    assert "the latest event 5 May 2026 12:00 UTC" in page
    assert "comments up to 512 characters" in page
    assert "No mail server is named" in page


def test_backups_are_made_verified_and_named_with_the_way_back(desk: Desk) -> None:
    made = do(desk, "backup")
    name = next(iter(desk.home.path.glob("backups/tearsheet-*"))).name

    assert f"tearsheet restore {name}" in made.secret
    assert name in drawn(desk)
    assert "can be read" in do(desk, "check", name=name).words
    (desk.home.path / "backups" / name / "readers.duckdb").write_bytes(b"torn")
    with pytest.raises(TearsheetError, match="missing or damaged"):
        do(desk, "check", name=name)
    with pytest.raises(UsageError, match="There is no backup"):
        do(desk, "check", name="../../etc")
    assert done(desk, "backup.made") == [f"Ann: {name}"]


def test_erasing_wants_the_id_twice_and_gives_a_receipt_that_names_nothing(desk: Desk) -> None:
    with pytest.raises(UsageError, match="differ"):
        do(desk, "erase", kind="an article", name="A1", again="A2", site=SITE)
    with pytest.raises(UsageError, match="What is to be erased"):
        do(desk, "erase", kind="everything", name="A1", again="A1", site=SITE)
    told = do(desk, "erase", kind="an article", name="A1", again="A1", site=SITE, backups="stay")

    assert "kind: article" in told.secret
    assert "by: Ann" in told.secret
    assert "A1" not in str(done(desk, "erased"))
    assert len(done(desk, "erased")) == 1


def test_a_change_of_the_file_says_what_it_recounts_before_it_is_read(desk: Desk) -> None:
    path = desk.home.path / config.FILE
    before = path.read_text(encoding="utf-8")
    path.write_text(before + f'\n[site."{SITE}".formulas]\nread_after_s = 15\n', encoding="utf-8")

    assert f"{SITE}: another definition from today on" in drawn(desk)
    do(desk, "settle")
    assert "another definition" not in drawn(desk).partition("What was done")[0]
    path.write_text(path.read_text(encoding="utf-8").replace('timezone = "', 'timezone = "Nowhere/'))
    with pytest.raises(TearsheetError, match="Nowhere"):
        drawn(desk)
    path.write_text(before, encoding="utf-8")
    do(desk, "settle")


def test_a_site_is_added_and_a_wrong_one_refused(desk: Desk) -> None:
    with pytest.raises(TearsheetError, match="no site"):
        do(desk, "site", name="not a domain", zone="UTC")
    do(desk, "site", name=" Other.Example ", zone="UTC", widgets="on")

    assert [each.site_id for each in desk.sites()] == [SITE, "other.example"]
    assert done(desk, "site.added") == ["Ann: other.example"]


def test_what_was_done_is_searched(desk: Desk) -> None:
    do(desk, "settle")
    found = drawn(desk, find="SETTINGS.re").partition("What was done")[2]

    assert "settings.read" in found
    assert "backup.made" not in found
    assert "Nothing of the kind" in drawn(desk, find="100%")


def test_a_test_mail_without_a_server_or_address_is_refused_in_a_sentence(desk: Desk) -> None:
    with pytest.raises(UsageError, match="No mail server"):
        do(desk, "mail", to="ann@news.example")
    file = desk.home.path / config.FILE
    before = file.read_text(encoding="utf-8")
    file.write_text(
        f'[mail]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\nsender = "t@news.example"\n{before}',
        encoding="utf-8",
    )
    for to, said in (("nobody", "no mail address"), ("ann@news.example", "did not take the mail")):
        with pytest.raises(UsageError, match=said):
            do(desk, "mail", to=to)
    file.write_text(before, encoding="utf-8")


def test_a_test_mail_goes_out_and_says_who_took_it(desk: Desk) -> None:
    file = desk.home.path / config.FILE
    before = file.read_text(encoding="utf-8")
    with serving(MailServer()) as server:
        mail = f'host = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\nsender = "t@news.example"'
        file.write_text(f'[mail]\n{mail}\ndomains = ["news.example"]\n{before}', encoding="utf-8")
        told = do(desk, "mail", to="ann@news.example")
        with pytest.raises(UsageError, match=r"news\.example only"):
            do(desk, "mail", to="ann@elsewhere.example")
    file.write_text(before, encoding="utf-8")

    assert "took the mail" in told.words
    assert server.taken == {"ann@news.example": 1}


def test_nobody_but_an_admin_of_every_site_sees_or_does_anything(desk: Desk) -> None:
    for who in (Identity("person", "p", "", {SITE: Role.ADMIN}), Identity("key", "k"), Identity("nobody")):
        with acting(who):
            with pytest.raises(NotAllowedError):
                house.parts_of(desk, desk.doors)("/", {})
            for act in house.acts(desk, desk.doors).values():
                with pytest.raises(NotAllowedError):
                    act({"name": "x", "again": "x"})


def test_around_its_lists_stand_the_screens_and_pages_that_are_open_to_whoever_asks(desk: Desk) -> None:
    places = {}
    for who in (ADMIN, Identity("person", "p", "", {SITE: Role.ADMIN}), Identity("person", "v", "", {})):
        with acting(who):
            beside = lists.around(desk, "/views", "/articles?period=7d")
        places[who.name or who.id] = [place.href for place in beside.places]

    assert [group for group, _links in beside.pages] == ["Today", "Library", "Desk"]
    assert places == {
        "Ann": ["/views", "/settings", "/house/settings", "/house"],
        "p": ["/views", "/house/settings"],
        "v": [],
    }


def test_what_cannot_be_undone_has_no_button_that_asks_to_be_pressed(desk: Desk) -> None:
    page = drawn(desk)

    assert '<button class="button primary" type="submit">Make one now' in page
    assert '<button class="button" type="submit">Erase for ever' in page
