"""What a store remembers, and what a commit makes it forget."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from analytics.store import memory
from analytics.store.memory import CATALOGUE, Days, Part
from analytics.store.store import Store

MON, TUE, WED = (dt.date(2026, 11, day) for day in (16, 17, 18))
Remember = Callable[..., int]


@pytest.fixture
def remember(store: Store) -> Remember:
    """Ask for an answer that tells how often it was made."""
    made: dict[str, int] = {}

    def ask(key: str, of: Sequence[Part] | None = None) -> int:
        def make() -> int:
            made[key] = made.get(key, 0) + 1
            return made[key]

        return store.memo(key, make, of=of)

    return ask


def _commit(store: Store, *changed: Part) -> None:
    with store.write(changed):
        pass


def test_a_commit_that_does_not_say_ends_every_answer(store: Store, remember: Remember) -> None:
    week = [Days("a", MON, TUE), CATALOGUE]
    before = remember("all"), remember("week", week)
    with store.write():
        pass

    assert ((1, 1), (2, 2)) == (before, (remember("all"), remember("week", week)))


@pytest.mark.parametrize(
    ("changed", "times"),
    [
        (Days("a", WED, WED), 1),
        (Days("b", MON, WED), 1),
        (Days("a", TUE, WED), 2),
        (CATALOGUE, 2),
    ],
)
def test_an_answer_ends_with_what_it_rests_on(
    store: Store, remember: Remember, changed: Part, times: int
) -> None:
    week = [Days("a", MON, TUE), CATALOGUE]
    remember("week", week)
    _commit(store, changed)

    assert times == remember("week", week)
    assert times == remember("week", week)


def test_what_rests_on_everything_ends_with_any_commit(store: Store, remember: Remember) -> None:
    remember("all")
    _commit(store)

    assert 2 == remember("all")


def test_what_is_told_while_a_transaction_runs_counts_when_it_ends(store: Store, remember: Remember) -> None:
    changed: list[Part] = []
    remember("names", [CATALOGUE])
    with store.write(changed):
        changed.append(CATALOGUE)

    assert 2 == remember("names", [CATALOGUE])


def test_an_earlier_reading_is_not_told_a_later_answer(store: Store, remember: Remember) -> None:
    with store.read():
        _commit(store, Days("a", MON, MON))
        with ThreadPoolExecutor(1) as other:
            later = other.submit(remember, "monday", [Days("a", MON, MON)]).result(30)
        earlier = remember("monday", [Days("a", MON, MON)])

    assert (1, 2) == (later, earlier)


def test_who_asks_the_same_at_the_same_time_waits_for_one_answer(store: Store) -> None:
    made, has_begun, go_on = [], threading.Event(), threading.Event()

    def make() -> int:
        made.append(1)
        has_begun.set()
        go_on.wait(30)
        return len(made)

    with ThreadPoolExecutor(2) as others:
        first = others.submit(store.memo, "slow", make)
        has_begun.wait(30)
        second = others.submit(store.memo, "slow", make)
        go_on.set()

        assert (1, 1) == (first.result(30), second.result(30))


def test_an_answer_that_could_not_be_made_is_asked_again(store: Store) -> None:
    def fail() -> int:
        raise ValueError("of all things")

    with pytest.raises(ValueError, match="of all things"):
        store.memo("n", fail)

    assert 7 == store.memo("n", lambda: 7)


def test_of_too_many_answers_the_one_not_asked_for_longest_goes(
    store: Store, remember: Remember, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST", 2)
    for key in ("a", "b", "a", "c"):
        remember(key)

    assert (1, 2) == (remember("a"), remember("b"))
