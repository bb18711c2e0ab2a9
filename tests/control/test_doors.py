"""Getting in and out: claim, sign-in, invitations, passwords, and what must not work."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from analytics.config import Proxy, SignIn
from analytics.control import audit, invitations, passwords, people, tables
from analytics.control.attempts import Attempts
from analytics.control.database import Control
from analytics.control.identity import DEMO, Role
from analytics.errors import UsageError
from tests.control.house import BASE, HERE, OTHER, PASSWORD, Clock, House

ANN = "ann@news.example"
SECRET = b"lasting" * 4


# --- the claim ---------------------------------------------------------------------------------------------


def test_the_claim_link_makes_the_first_admin_once(control: Control) -> None:
    house = House(control)
    claim = {"token": house.doors.claim, "login": ANN, "name": "Ann", "password": PASSWORD}
    browser = house.browser()

    assert "Claim this house" in browser.get(f"/claim?token={house.doors.claim}").text
    assert browser.post("/claim", claim).status_code == 303
    assert browser.who() == "Ann"
    assert people.named(control, ANN).roles == {"*": Role.ADMIN}
    again = house.browser().post("/claim", claim | {"login": "eve"})
    assert again.status_code == 403
    assert people.find(control, login="eve") is None
    assert house.doors.claim == ""


@pytest.mark.parametrize("token", ["", "wrong", "é"])
def test_a_wrong_claim_is_refused(control: Control, token: str) -> None:
    house = House(control)
    form = {"token": token, "login": "eve", "name": "Eve", "password": PASSWORD}

    assert house.browser().post("/claim", form).status_code == 403
    assert people.listed(control) == []


def test_a_claim_with_a_bad_password_can_be_tried_again(control: Control) -> None:
    house = House(control)
    form = {"token": house.doors.claim, "login": ANN, "name": "Ann <b>", "password": "short"}
    answer = house.browser().post("/claim", form)

    assert answer.status_code == 400
    assert "at least 12 characters" in answer.text
    assert 'value="Ann &lt;b&gt;"' in answer.text
    assert "short" not in answer.text
    assert house.browser().post("/claim", form | {"password": PASSWORD}).status_code == 303


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("192.0.2.7", {}),
        ("127.0.0.1", {"x_forwarded_for": "192.0.2.7"}),
        ("127.0.0.1", {"forwarded": "for=x"}),
    ],
)
def test_until_it_is_claimed_a_house_answers_its_own_machine_only(
    control: Control, peer: str, headers: dict[str, str]
) -> None:
    house = House(control)
    browser = house.browser(peer=peer)

    for path in ("/", f"/claim?token={house.doors.claim}", "/sign-in"):
        answer = browser.get(path, **headers)
        assert answer.status_code == 403
        assert "Nobody has claimed this house yet" in answer.text
    assert house.browser().get("/").headers["location"] == "/sign-in"
    assert "Nobody has claimed" in house.browser().get("/sign-in").text


def test_who_was_added_by_a_command_claims_the_house_too(control: Control) -> None:
    house = House(control)
    people.add(control, ANN, "", {"*": Role.ADMIN}, house.clock())

    assert house.doors.is_claimed
    assert house.doors.claim == ""


# --- sign-in and sign-out ----------------------------------------------------------------------------------


def test_who_signs_in_is_known_until_they_sign_out(house: House) -> None:
    browser = house.browser()
    assert browser.sign_in("  ANN@news.example ", after="/articles?period=7d").headers["location"] == (
        "/articles?period=7d"
    )
    assert browser.who() == "Ann"
    stolen = dict(browser.cookies)

    assert browser.post("/sign-out").headers["location"] == "/sign-in"

    assert browser.who() == ""
    thief = house.browser()
    thief.cookies.update(stolen)
    assert thief.who() == ""


def test_signing_in_ends_the_session_that_was_there(house: House) -> None:
    browser = house.browser()
    form = {"login": ANN, "password": PASSWORD}
    browser.post("/sign-in", form, cookie=f"tearsheet={'A' * 43}")
    first = browser.cookies["tearsheet"]
    assert first != "A" * 43

    browser.sign_in(ANN)

    assert browser.cookies["tearsheet"] != first
    old = house.browser()
    old.cookies.set("tearsheet", first)
    assert old.who() == ""


def test_over_https_the_cookie_is_of_this_host_alone(control: Control) -> None:
    house = House(control, SignIn(address="https://stats.news.example"))
    house.add(ANN, Role.ADMIN, "*")
    browser = house.browser("http://stats.news.example")  # as it comes from the web server in front
    answer = browser.ask("POST", "/sign-in", {"origin": "http://stats.news.example"},
                         {"login": ANN, "password": PASSWORD})  # fmt: skip
    cookie = answer.headers["set-cookie"]

    assert cookie.startswith("__Host-tearsheet=")
    assert "; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000" in cookie
    assert answer.headers["strict-transport-security"] == "max-age=31536000"
    planted = house.browser("http://stats.news.example")
    planted.cookies.set("tearsheet", cookie.partition("=")[2].partition(";")[0])
    assert planted.get("/anything").status_code == 303


def test_a_wrong_name_and_a_wrong_password_are_told_alike(house: House) -> None:
    house.add("off@news.example")
    people.disable(house.control, people.named(house.control, "off@news.example"), house.clock())
    people.add(house.control, "new@news.example", "", {}, house.clock())
    said = {
        (answer.status_code, answer.text.replace(login, ""))
        for login, password in [
            (ANN, "wrong"), ("eve@news.example", "wrong"), ("", ""), ("off@news.example", PASSWORD),
            ("new@news.example", ""), (ANN, ""),
        ]
        for answer in [house.browser().sign_in(login, password)]
    }  # fmt: skip

    assert len(said) == 1
    assert next(iter(said))[0] == 403


def test_an_unknown_account_takes_as_long_as_a_known_one(house: House) -> None:
    took: dict[str, list[float]] = {ANN: [], "eve@news.example": []}
    for turn in range(4):
        for login, times in took.items():
            began = time.process_time()
            with pytest.raises(Exception, match="do not belong together"):
                house.doors.sign_in(login, "wrong", str(turn).encode())
            times.append(time.process_time() - began)
    known, unknown = (statistics.median(times) for times in took.values())

    assert 0.6 < unknown / known < 1.6


def test_what_is_checked_for_nobody_costs_what_passwords_cost() -> None:
    assert not passwords.is_old(passwords.NOBODYS)
    assert not passwords.is_right(None, "anything at all")


@pytest.mark.parametrize("login", [ANN, "eve@news.example"])
def test_who_fails_too_often_waits_longer_each_time(house: House, login: str) -> None:
    browser = house.browser()
    assert [browser.sign_in(login, "wrong").status_code for _ in range(6)] == [403] * 5 + [429]
    refused = browser.sign_in(login, PASSWORD)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
    assert "Too many attempts. Try again in 15 seconds." in refused.text

    house.clock.on(seconds=15)
    assert browser.sign_in(login, "wrong").status_code == 403
    assert browser.sign_in(login, "wrong").headers["retry-after"] == "30"
    house.clock.on(seconds=31)

    assert browser.sign_in(login, PASSWORD).status_code == (303 if login == ANN else 403)


def test_many_names_from_one_address_wait_too_and_others_do_not(control: Control) -> None:
    clock = Clock()
    attempts = Attempts(control, SECRET, clock)
    for number in range(20):
        assert attempts.begin(f"p{number}", b"here") == 0

    assert attempts.begin("p99", b"here") > 0
    assert attempts.begin("p99", b"there") == 0
    clock.on(hours=2)
    assert attempts.begin("p98", b"here") == 0


def test_who_waits_waits_on_after_a_restart_and_no_name_or_address_is_kept(control: Control) -> None:
    clock = Clock()
    attempts = Attempts(control, SECRET, clock)
    for _ in range(5):
        assert attempts.begin("ann", b"203.0.113.9") == 0
    again = Attempts(control, SECRET, clock)

    assert attempts.begin("ann", b"198.51.100.7") == again.begin("ann", b"198.51.100.7") == 15
    assert again.begin("bob", b"203.0.113.9") == 0
    assert Attempts(control, b"another home" * 3, clock).begin("ann", b"198.51.100.7") == 0
    with control.read() as connection:
        kept = str(connection.execute(select(tables.failed_attempts)).all())
    assert "ann" not in kept
    assert "203.0.113.9" not in kept
    clock.on(days=-1)
    assert 0 < again.begin("ann", b"198.51.100.7") <= 900


def test_failed_sign_ins_are_written_down_without_address_or_what_was_typed(house: House) -> None:
    browser = house.browser(peer="203.0.113.9")
    browser.sign_in(ANN, "wrong")
    for typed in ("my own passphrase", "my own passphrase again"):
        browser.sign_in(typed, "wrong")
    entries = audit.latest(house.control, 2)

    assert [(each.action, each.subject) for each in entries] == [
        ("person.not_signed_in", "names that nobody has: 2"),
        ("person.not_signed_in", ANN),
    ]
    assert not any("203.0.113.9" in str(each) or "passphrase" in str(each) for each in entries)


def test_what_succeeds_is_not_held_against_the_address(control: Control) -> None:
    attempts = Attempts(control, SECRET, Clock())
    for number in range(30):
        assert attempts.begin(f"p{number}", b"office") == 0
        attempts.succeeded(f"p{number}", b"office")


def test_a_session_ends_by_itself(house: House) -> None:
    browser = house.browser()
    browser.sign_in(ANN)
    for _ in range(5):
        house.clock.on(days=6)
        assert browser.who() == ("Ann" if _ < 4 else "")

    idle = house.browser()
    idle.sign_in(ANN)
    house.clock.on(days=7, minutes=1)
    assert idle.who() == ""


@pytest.mark.parametrize(
    "after",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%5cevil.example/..\\",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/sign-out",
        "/x\r\nset-cookie: a=b",
        "",
        "articles",
    ],
)
def test_no_way_in_leads_elsewhere(house: House, after: str) -> None:
    browser = house.browser()

    assert browser.sign_in(ANN, after=after).headers["location"] == "/"
    assert browser.ask("GET", "/sign-in", {}, None).headers["location"] == "/"
    page = house.browser().get(f"/sign-in?next={after.replace('%', '%25').encode('unicode_escape').decode()}")
    assert 'name="next" value="/"' in page.text


# --- invitations and passwords -----------------------------------------------------------------------------


def test_an_invitation_sets_a_password_once(house: House) -> None:
    person = people.add(house.control, "bob@news.example", "Bob", {HERE: Role.EDITOR}, house.clock())
    token = invitations.make(house.control, person, house.clock())
    browser = house.browser()

    assert "You sign in as bob@news.example." in browser.get(f"/join/{token}").text
    assert "at least 12" in browser.post(f"/join/{token}", {"password": "short"}).text
    assert browser.post(f"/join/{token}", {"password": PASSWORD}).headers["location"] == "/"
    assert browser.who() == "Bob"
    for answer in (browser.get(f"/join/{token}"), browser.post(f"/join/{token}", {"password": OTHER})):
        assert answer.status_code == 403
        assert "used or over" in answer.text


def test_an_invitation_ends_after_three_days(house: House) -> None:
    person = people.add(house.control, "bob@news.example", "Bob", {}, house.clock())
    token = invitations.make(house.control, person, house.clock())
    house.clock.on(days=3)

    assert house.browser().get(f"/join/{token}").status_code == 403


def test_another_password_ends_every_session(house: House) -> None:
    here, there = house.browser(), house.browser()
    here.sign_in(ANN)
    there.sign_in(ANN)

    wrong = here.post("/password", {"old": OTHER, "new": OTHER})
    assert (wrong.status_code, here.who(), there.who()) == (403, "Ann", "Ann")
    assert here.post("/password", {"old": PASSWORD, "new": OTHER}).status_code == 303

    assert (here.who(), there.who()) == ("Ann", "")
    assert house.browser().sign_in(ANN, PASSWORD).status_code == 403
    assert house.browser().sign_in(ANN, OTHER).status_code == 303


def test_who_is_disabled_is_out_at_once(house: House) -> None:
    house.add("bob@news.example", Role.EDITOR)
    browser = house.browser()
    browser.sign_in("bob@news.example")
    assert browser.who() == "Bob"

    people.disable(house.control, people.named(house.control, "bob@news.example"), house.clock())

    assert browser.who() == ""
    assert browser.sign_in("bob@news.example").status_code == 403


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("elevenchars", "at least 12 characters"),
        ("aaaaaaaaaaab", "One character makes up most"),
        ("ann@news.example", "little more than the name"),
        ("Ann News Example", "little more than the name"),
        ("x" * 1001, "at most 1,000"),
    ],
)
def test_a_password_that_is_too_easy_is_refused(password: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        passwords.check_new(password, ANN, "Ann")


@pytest.mark.parametrize(
    "password", ["four words do well", "пароль из слов", "ｆｕｌｌｗｉｄｔｈ ｏｎｅ", "ann likes tall ships"]
)
def test_a_phrase_is_taken_and_found_again(password: str) -> None:
    passwords.check_new(password, ANN, "Ann")

    assert passwords.is_right(passwords.kept(password), password)
    assert not passwords.is_right(passwords.kept(password), password.upper() + "x")


# --- others who vouch --------------------------------------------------------------------------------------


def _proxied(control: Control, **more: str) -> House:
    proxy = Proxy(header="X-Forwarded-User", peers=("192.0.2.0/28",))
    house = House(control, SignIn(proxy=proxy, **more))  # type: ignore[arg-type]
    house.add(ANN, Role.ADMIN, "*")
    return house


@pytest.mark.parametrize(("peer", "name"), [("192.0.2.7", "Ann"), ("192.0.2.77", ""), ("127.0.0.1", "")])
def test_the_header_of_a_proxy_counts_from_named_peers_only(control: Control, peer: str, name: str) -> None:
    browser = _proxied(control).browser(peer=peer)
    answer = browser.get("/anything", x_forwarded_user="Ann@News.example")

    assert (answer.json()["name"] if answer.status_code == 200 else "") == name


def test_whom_a_proxy_names_and_nobody_added_stays_out(control: Control) -> None:
    browser = _proxied(control).browser(peer="192.0.2.7")

    assert browser.get("/anything", x_forwarded_user="new@news.example").status_code == 303
    assert people.find(control, login="new@news.example") is None


def test_whom_a_proxy_names_gets_a_role_where_the_house_wants_that(control: Control) -> None:
    browser = _proxied(control, new_people="viewer").browser(peer="192.0.2.7")

    assert browser.get("/anything", x_forwarded_user="new@news.example").json()["name"] == "new@news.example"
    assert people.named(control, "new@news.example").roles == {"*": Role.VIEWER}


def test_in_a_demo_everybody_is_its_visitor(control: Control) -> None:
    house = House(control, everybody=DEMO)

    assert house.browser().get("/anything").json()["kind"] == "demo"
    assert house.browser(peer="192.0.2.7").get("/anything", host="demo.example").status_code == 421


# --- what is kept ------------------------------------------------------------------------------------------


def test_no_secret_stands_in_the_database(house: House, control: Control) -> None:
    browser = house.browser(peer="203.0.113.77")
    browser.sign_in(ANN, "wrong password")
    browser.sign_in(ANN)
    person = people.add(control, "bob@news.example", "Bob", {}, house.clock())
    token = invitations.make(control, person, house.clock())
    control.close()
    held = b"".join(path.read_bytes() for path in _files(control))

    for secret in (PASSWORD, "wrong password", browser.cookies["tearsheet"], token, "203.0.113.77"):
        assert secret.encode() not in held


def test_the_log_says_who_did_what(house: House, control: Control) -> None:
    house.browser().sign_in(ANN)
    house.browser().sign_in(ANN)
    entries = audit.latest(control)

    assert [(each.actor_name, each.action, each.subject) for each in entries[:2]] == [
        ("Ann", "person.signed_in", ANN),
        ("Ann", "person.signed_in", ANN),
    ]
    assert {each.action for each in entries} >= {"person.added", "person.password"}


def test_the_last_admin_cannot_be_lost(house: House, control: Control) -> None:
    ann = people.named(control, ANN)

    with pytest.raises(UsageError, match="Nobody would be left"):
        people.disable(control, ann, house.clock())
    with pytest.raises(UsageError, match="Nobody would be left"):
        people.change_roles(control, ann, {HERE: Role.ADMIN}, house.clock())
    assert people.named(control, ANN).roles == {"*": Role.ADMIN}


@pytest.mark.parametrize("login", ["", " ", "a b", "a@b@c", "x" * 65, "<script>", "a@" + "b" * 200, 'a"b'])
def test_what_is_no_login_is_refused(house: House, login: str) -> None:
    with pytest.raises(UsageError, match="is no login"):
        people.add(house.control, login, "", {}, house.clock())


def test_a_form_of_too_many_fields_or_too_long_is_an_empty_one(house: House) -> None:
    browser = house.browser()
    for form in ({f"field{n}": "" for n in range(200)}, {"login": ANN, "password": "x" * 40_000}):
        assert browser.post("/sign-in", form).status_code == 403
    assert browser.who() == ""


def test_a_login_is_taken_once_whatever_its_case(house: House) -> None:
    with pytest.raises(UsageError, match="There is somebody called"):
        people.add(house.control, "ANN@news.example", "", {}, house.clock())


def test_links_never_bear_what_a_request_calls_the_house(control: Control) -> None:
    house = House(control, SignIn(address="https://stats.news.example/"))

    assert house.doors.url("/join/x") == "https://stats.news.example/join/x"
    assert House(control).doors.url("/join/x") == f"{BASE}/join/x"


def _files(control: Control) -> list[Path]:
    return list(Path(control.name).parent.glob("control.sqlite*"))
