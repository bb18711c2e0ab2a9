"""What a user agent says, read once for each distinct one: device, browser, system, and whether it is a bot.

The text itself stays in this memory only; what leaves are classes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import crawleruseragents

from analytics import reference
from analytics.reference import Agent

MAX_AGENT = 512  # real ones are shorter; 1,504 patterns over 100,000 characters would take seconds
CACHED = 4096
NO_AGENT = "no-agent"
# The kinds of the list, the telling ones first: a crawler may have several.
KINDS = (
    "monitoring",
    "ai-crawler",
    "search-engine",
    "social-preview",
    "feed-reader",
    "http-library",
    "browser-automation",
    "scanner",
    "seo",
    "archiver",
    "academic",
    "advertising",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """What an agent says.

    Attributes:
        agent: Device class, browser, system.
        bot: Kind of bot, one of KINDS or NO_AGENT; None: a reader.
    """

    agent: Agent
    bot: str | None


def caller_of(text: str) -> Caller:
    """Read an agent; an empty one is a bot, since every browser sends one."""
    return _caller(text[:MAX_AGENT])


def warm() -> None:
    """Load the lists and compile them, so that the first reader does not wait for it."""
    caller_of("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")


@lru_cache(maxsize=CACHED)
def _caller(text: str) -> Caller:
    if not text.strip():
        return Caller(Agent(), NO_AGENT)
    return Caller(reference.agent_of(text), _kind(text) if reference.is_bot(text) else None)


def _kind(text: str) -> str:
    return next((kind for kind in KINDS if _pattern(kind).search(text)), "other")


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    data = crawleruseragents.CRAWLER_USER_AGENTS_DATA
    return re.compile("|".join(f"(?:{each['pattern']})" for each in data if kind in each["tags"]))
