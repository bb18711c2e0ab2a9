"""The stories of the demo: what was published on each day, and how each one is taken up.

A day's stories follow from (seed, day) alone. What readers do with a story is drawn here once,
as its traits, so that a story keeps its character on every day that it is read.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from zoneinfo import ZoneInfo

from data.demo import almanac, chance, people
from data.demo.evergreens import EVERGREENS
from data.demo.headlines import headline
from data.demo.occasions import BIG_DAYS, TONGUE_EVERY, TONGUES, VIRALS
from data.demo.story import DEBATE, DULL, GEM, Copy, Fate, Story

SHELF_DAYS = 21  # a news story is read for three weeks; later reads are too few to draw
WEEKDAY_OUTPUT = (8, 9, 8, 8, 8, 5, 4)  # 50 a week: more than 600 in 90 days
PUBLISHING = (0, 0, 0, 0, 0, 3, 9, 11, 9, 8, 9, 8, 8, 7, 7, 7, 9, 8, 5, 3, 3, 3, 2, 0)


@lru_cache(maxsize=512)
def published_on(seed: int, day: dt.date) -> tuple[Story, ...]:
    """Publish the stories of one local day, in the order of their numbers."""
    count = WEEKDAY_OUTPUT[day.weekday()] - (3 if almanac.is_holiday(day) else 0)
    stories = [_news(seed, day, number) for number in range(count)]
    viral, big = almanac.viral_number(day), almanac.big_number(day)
    if viral is not None:
        stories[0] = _viral(seed, day, VIRALS[viral % len(VIRALS)])
    if big is not None:
        stories[1:5] = [_big(seed, day, row, at) for at, row in enumerate(BIG_DAYS[big % len(BIG_DAYS)], 1)]
    turn, rest = divmod(day.toordinal(), TONGUE_EVERY)
    if rest == 0:
        stories[-1] = _other_tongue(seed, day, len(stories) - 1, TONGUES[turn % len(TONGUES)])
    return tuple(stories)


@lru_cache(maxsize=4)
def evergreens(seed: int) -> tuple[Story, ...]:
    """Fetch the old stories that are still found."""
    return tuple(_evergreen(seed, number) for number in range(len(EVERGREENS)))


def on_the_shelf(seed: int, day: dt.date) -> list[Story]:
    """List all stories that may be read on a day: three weeks of news, then the evergreens."""
    days = [day - dt.timedelta(days=age) for age in range(SHELF_DAYS, -1, -1)]
    return [story for earlier in days for story in published_on(seed, earlier)] + list(evergreens(seed))


def _news(seed: int, day: dt.date, number: int) -> Story:
    section = people.section_of(seed, day, number)
    copy = Copy(section.name, *headline(section.name, _serial(day, number)))
    return _written(seed, day, number, copy, _fate(seed, day, number))


def _fate(seed: int, day: dt.date, number: int) -> Fate:
    """Deal a gem every second day, on the others a debate: every board finds one in the last days."""
    if number == 2 and day.toordinal() % 2 == 0:
        return GEM
    if number == 3 and day.toordinal() % 2 == 1:
        return DEBATE
    return DULL if chance.unit(seed, "dull", _serial(day, number)) < 0.15 else Fate()


def _viral(seed: int, day: dt.date, row: tuple[str, str, str]) -> Story:
    # about six times the day of a usual lead; measured, not derived
    lift = {"search": 3300.0, "social": 4100.0, "chatgpt": 90.0, "other": 240.0, "push": 150.0}
    fate = Fate(hour=6, kind="article", appeal=3, quality=1.1, talk=0.7, half_life=1.1, lift=lift)
    return _written(seed, day, 0, _copy(row), fate)


def _big(seed: int, day: dt.date, row: tuple[str, str, str], number: int) -> Story:
    pull, hour = ((1.0, 6), (0.55, 9), (0.4, 11), (0.3, 16))[number - 1]
    crowd = {"search": 1300, "social": 420, "direct": 700, "push": 330, "chatgpt": 60, "newsletter": 120}
    lift = {way: pull * visits for way, visits in crowd.items()}
    kind = "live" if number == 1 else "article"
    fate = Fate(hour, kind=kind, appeal=2.5, quality=1.1, talk=1.6, patience=2, half_life=0.8, lift=lift)
    return _written(seed, day, number, _copy(row), fate)


def _other_tongue(seed: int, day: dt.date, number: int, row: tuple[str, str, str, str]) -> Story:
    language, title, section, topics = row
    fate = Fate(language=language, kind="article", appeal=0.5, talk=0.5)
    return _written(seed, day, number, _copy((title, section, f"{topics}, Languages")), fate)


def _copy(row: tuple[str, str, str]) -> Copy:
    title, section, topics = row
    return Copy(section, title, tuple(topics.split(", ")))


def _serial(day: dt.date, number: int) -> int:
    return day.toordinal() * 10 + number


def _written(seed: int, day: dt.date, number: int, copy: Copy, fate: Fate) -> Story:
    """Write a story: the desk's habits, the fate's factors, and chance by its number."""
    serial, section = _serial(day, number), people.BY_NAME[copy.section]
    authors = people.bylines(seed, serial, section.name)
    form = chance.unit(seed, "kind", serial)
    following = people.following(seed, authors)
    steady = 0.25 if fate.lift else 1.0  # great days are great every time
    luck = chance.spread(0.85 * steady, seed, "appeal", serial)
    half_life_h = (
        fate.half_life * section.half_life_h * chance.spread(0.3 * steady, seed, "half life", serial)
    )
    return Story(
        article_id=f"tc-{serial}",
        url=f"https://{people.SITE}/{section.slug}/{day:%Y/%m}/{_slug(copy.title)}-{serial}",
        title=copy.title,
        section=section,
        topics=copy.topics,
        authors=tuple((author["id"], author["name"]) for author in authors),
        published_at=_minute(seed, day, serial, fate.hour),
        words=round(section.words * chance.spread(0.33, seed, "words", serial)),
        language=fate.language,
        kind=fate.kind or ("gallery" if form < 0.02 else "video" if form < 0.045 else "article"),
        access="metered" if section.name == "Long read" or form > 0.93 else "free",
        appeal=fate.appeal * section.appeal * following * luck * (half_life_h / 12) ** -0.85,
        quality=fate.quality * chance.spread(0.07, seed, "quality", serial),
        talk=max(fate.heat, fate.talk * section.talk) * chance.spread(0.55, seed, "talk", serial),
        patience=fate.patience,
        half_life_h=half_life_h,
        lift=fate.lift,
    )


def _evergreen(seed: int, number: int) -> Story:
    """Take an old story from the shelf; every third still carries the old counter's figures."""
    old, day = EVERGREENS[number], dt.date.fromisoformat(EVERGREENS[number].published_on)
    story = _written(seed, day, number % 10, Copy(old.section, old.title, old.topics), Fate(kind="article"))
    views = round(4000 * chance.spread(1.0, seed, "old counter", number))
    return replace(
        story,
        appeal=0.0,
        talk=story.talk * 0.5,
        evergreen=0.035 * chance.spread(0.8, seed, "pull", number),
        opening=(views, views // 150) if number % 3 == 0 else None,
    )


def _minute(seed: int, day: dt.date, serial: int, hour: int | None) -> dt.datetime:
    place = chance.pick(PUBLISHING, seed, "hour", serial) if hour is None else hour
    minute = int(60 * chance.unit(seed, "minute", serial))
    local = dt.datetime.combine(day, dt.time(place, minute), ZoneInfo(almanac.ZONE))
    return local.astimezone(dt.UTC).replace(tzinfo=None)


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower().replace("'", "")
    words = re.findall(r"[a-z0-9]+", plain)
    return "-".join(words[:7]) or "story"
