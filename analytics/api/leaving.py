"""A client that goes before its answer comes: what it asked for is ended, for nobody will read it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from analytics.collect import http
from analytics.errors import TearsheetError

T = TypeVar("T")


async def unless_gone(
    asking: Awaitable[T], stop: Callable[[], object], receive: Callable[[], Awaitable[Any]]
) -> T:
    """Wait for an answer, and end the work when its client has gone.

    Args:
        asking: The work, whose answer is wanted.
        stop: Ends it; called in a thread.
        receive: Of the request, whose body was read.

    Raises:
        GoneError: The client has gone.
    """
    working = asyncio.ensure_future(asking)
    leaving = asyncio.create_task(_gone(receive))
    try:
        either: set[asyncio.Future[Any]] = {working, leaving}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            await asyncio.to_thread(stop)
            with contextlib.suppress(TearsheetError):
                await working
            raise http.GoneError
        return await working
    finally:
        leaving.cancel()


async def _gone(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
