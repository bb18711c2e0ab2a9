"""Streams: fifty tabs are one question a second, and nobody is none."""

from __future__ import annotations

import asyncio

import pytest

from dashboards.streams import Hub


class Clock:
    """Ticks that stand still until somebody sleeps, and an answer that counts how often it was asked for."""

    def __init__(self, took: float = 0.0) -> None:
        self.now, self.took = 0.0, took
        self.asked: list[tuple[str, float]] = []

    def ticks(self) -> float:
        return self.now

    async def ask(self, name: str, query: str) -> bytes:
        self.asked.append((name + query, self.now))
        await asyncio.sleep(0)  # others come by while the store is asked
        self.now += self.took
        return f"{query} {len(self.asked)}".encode()

    async def sleep(self, _seconds: float) -> None:
        await asyncio.sleep(0)

    def hub(self) -> Hub:
        return Hub(self.ask, ticks=self.ticks, sleep=self.sleep)


async def heard(hub: Hub, query: str, clock: Clock, seconds: int) -> list[bytes]:
    """Watch like a tab, and let the clock go on once a second."""
    found: list[bytes] = []
    async for message in hub.watch("live", query):
        if message.startswith(b"data: "):
            found.append(message)
        if clock.now >= seconds:
            return found
    return found


async def turning(clock: Clock, seconds: int) -> None:
    for _ in range(seconds):
        for _ in range(200):
            await asyncio.sleep(0)
        clock.now += 1


def test_fifty_tabs_cost_one_question_a_second() -> None:
    async def tried() -> None:
        clock = Clock()
        hub = clock.hub()
        tabs = [asyncio.create_task(heard(hub, "", clock, 5)) for _ in range(50)]
        await turning(clock, 5)
        messages = await asyncio.gather(*tabs)

        assert [at for _, at in clock.asked] == [0, 1, 2, 3, 4, 5]
        assert all(len({*each}) == 6 for each in messages)

    asyncio.run(tried())


def test_each_view_is_asked_for_apart() -> None:
    async def tried() -> None:
        clock = Clock()
        hub = clock.hub()
        answers = await asyncio.gather(*[hub.latest("live", each) for each in ("?a", "?b", "?a", "")])

        assert [each for each, _ in clock.asked] == ["live?a", "live?b", "live"]
        assert answers[0] == answers[2]

    asyncio.run(tried())


def test_a_slow_answer_is_asked_for_less_often() -> None:
    async def tried() -> None:
        clock = Clock(took=0.5)
        hub = clock.hub()
        for now in (0, 2, 4, 4.9, 5.0):
            clock.now = max(clock.now, now)
            await hub.latest("live", "")

        assert [at for _, at in clock.asked] == [0, 5]

    asyncio.run(tried())


def test_who_leaves_is_no_longer_counted_and_nothing_is_asked() -> None:
    async def tried() -> None:
        clock = Clock()
        hub = clock.hub()
        stream = hub.watch("live", "")
        await anext(stream)
        await anext(stream)
        watched = hub.watchers
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
        clock.now += 60

        assert (watched, hub.watchers, len(clock.asked)) == (1, 0, 1)

    asyncio.run(tried())


def test_a_failure_is_not_kept() -> None:
    async def tried() -> None:
        failed: list[int] = []

        async def ask(_name: str, _query: str) -> bytes:
            if not failed:
                failed.append(1)
                raise OSError("planned")
            return b"fine"

        hub = Hub(ask)
        with pytest.raises(OSError, match="planned"):
            await hub.latest("live", "")

        assert await hub.latest("live", "") == b"fine"

    asyncio.run(tried())
