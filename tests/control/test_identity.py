"""Who asks, and what they may."""

from __future__ import annotations

import asyncio
import threading

import pytest

from analytics.control.identity import (
    COMMAND,
    DEMO,
    NOBODY,
    Identity,
    Role,
    acting,
    current,
    require,
    require_scope,
)
from analytics.errors import NotAllowedError

HERE, THERE = "news.example", "other.example"
EDITOR = Identity("person", "p1", "First", {HERE: Role.EDITOR})
KEY = Identity("key", "k1", "cms", scopes=frozenset({"read"}), sites=frozenset({HERE}))


@pytest.mark.parametrize(
    ("identity", "role", "site", "may"),
    [
        (EDITOR, Role.VIEWER, HERE, True),
        (EDITOR, Role.EDITOR, HERE, True),
        (EDITOR, Role.ANALYST, HERE, False),
        (EDITOR, Role.VIEWER, THERE, False),
        (EDITOR, Role.VIEWER, "*", False),
        (Identity("person", roles={"*": Role.ADMIN}), Role.ADMIN, THERE, True),
        (Identity("person", roles={"*": Role.VIEWER, HERE: Role.ANALYST}), Role.ANALYST, HERE, True),
        (Identity("person", roles={"*": Role.ANALYST, HERE: Role.VIEWER}), Role.ANALYST, HERE, True),
        (DEMO, Role.ADMIN, HERE, True),
        (COMMAND, Role.ADMIN, HERE, True),
        (KEY, Role.VIEWER, HERE, False),
        (NOBODY, Role.VIEWER, HERE, False),
    ],
)
def test_a_role_holds_on_its_site_and_includes_those_before_it(
    identity: Identity, role: Role, site: str, may: bool
) -> None:
    assert identity.may(role, site) is may


@pytest.mark.parametrize(
    ("identity", "scope", "site", "opens"),
    [
        (KEY, "read", HERE, True),
        (KEY, "sql", HERE, False),
        (KEY, "read", THERE, False),
        (COMMAND, "sql", THERE, True),
        (DEMO, "sql", HERE, True),
        (EDITOR, "read", HERE, True),
        (EDITOR, "sql", HERE, False),
        (Identity("link", roles={HERE: Role.VIEWER}, address="/"), "read", HERE, False),
        (NOBODY, "read", HERE, False),
    ],
)
def test_a_scope_holds_for_the_sites_of_its_key_or_by_role(
    identity: Identity, scope: str, site: str, opens: bool
) -> None:
    assert identity.opens(scope, site) is opens


def test_whoever_may_not_reads_what_it_needs() -> None:
    with (
        acting(EDITOR),
        pytest.raises(NotAllowedError, match=r"role of an analyst on news\.example\. An admin"),
    ):
        require(Role.ANALYST, HERE)
    with acting(KEY), pytest.raises(NotAllowedError, match=r"a key with the scope sql for news\.example"):
        require_scope("sql", HERE)


def test_nobody_is_let_in_by_default() -> None:
    with pytest.raises(NotAllowedError):
        require(Role.VIEWER, HERE)


def test_who_asks_reaches_the_thread_that_asks_for_them() -> None:
    async def ask() -> Identity:
        with acting(EDITOR):
            return await asyncio.to_thread(current)

    assert asyncio.run(ask()) is EDITOR


def test_a_thread_that_nobody_sent_is_nobody() -> None:
    found: list[Identity] = []
    with acting(EDITOR):
        thread = threading.Thread(target=lambda: found.append(current()))
        thread.start()
        thread.join()

    assert found == [NOBODY]


def test_the_one_before_is_back_after_the_block() -> None:
    with acting(EDITOR):
        with acting(COMMAND):
            assert current() is COMMAND
        assert current() is EDITOR
    assert current() is NOBODY
