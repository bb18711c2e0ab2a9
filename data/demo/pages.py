"""The pages that can be opened on a day, and what each way in makes of them."""

from __future__ import annotations

import datetime as dt

import polars as pl

from data.demo import almanac
from data.demo.people import SECTIONS, SITE
from data.demo.story import Story
from data.demo.ways import WAYS

COMEBACK = 1.3  # weight of an old story at its height: some 250 views a day instead of six
FRONT = f"https://{SITE}/"


def lay_out(stories: list[Story], day: dt.date) -> pl.DataFrame:
    """Lay out all pages of a day: its stories, the front page, the section pages."""
    begin, _ = almanac.bounds(day)
    back = _comebacks(stories, day)
    rows = [
        (
            story.article_id,
            story.url,
            story.title,
            story.section.name,
            story.words,
            (story.published_at - begin) / dt.timedelta(hours=1),
            story.appeal,
            story.half_life_h,
            story.evergreen + COMEBACK * back.get(story.article_id, 0.0),
            story.quality * story.section.reading,
            story.talk,
            story.patience,
            story.language,
        )
        for story in stories
    ]
    front = (None, FRONT, "The Tidewater Courier", "front", 0, -1e3, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, "en")
    sections = [
        (
            None,
            f"{FRONT}{section.slug}",
            f"{section.name} | The Tidewater Courier",
            f"/{section.name}",
            0,
            -1e3,
            section.appeal * section.output,
            1.0,
            0.0,
            0.0,
            0.0,
            1.0,
            "en",
        )
        for section in SECTIONS
    ]
    schema = {
        "article_id": pl.String,
        "url": pl.String,
        "title": pl.String,
        "section": pl.String,
        "words": pl.Int64,
        "published_h": pl.Float64,
        "appeal": pl.Float64,
        "half_life": pl.Float64,
        "evergreen": pl.Float64,
        "reading": pl.Float64,
        "talk": pl.Float64,
        "patience": pl.Float64,
        "tongue": pl.String,
    }
    return pl.DataFrame([*rows, front, *sections], schema=schema, orient="row").with_row_index("page")


def _comebacks(stories: list[Story], day: dt.date) -> dict[str, float]:
    """Say how far each old story is back today."""
    old = [story.article_id for story in stories if story.evergreen]
    return {key: almanac.revival(day, place, len(old)) for place, key in enumerate(old)}


def tastes(stories: list[Story]) -> pl.DataFrame:
    """Give each way its taste in each page: factors for stories, fixed shares for the other pages."""
    total = sum(section.appeal * section.output for section in SECTIONS)
    rows: list[tuple[int, int, float, float, float]] = []
    for at, way in enumerate(WAYS):
        story_share = 1 - way.front - way.sections
        rows.extend(
            (at, page, way.taste.get(story.section.name, 1.0), story.lift.get(way.name, 0.0), story_share)
            for page, story in enumerate(stories)
        )
        rows.append((at, len(stories), 0.0, 0.0, way.front))
        rows.extend(
            (at, len(stories) + place, 0.0, 0.0, way.sections * section.appeal * section.output / total)
            for place, section in enumerate(SECTIONS, 1)
        )
    frame = pl.DataFrame(rows, schema=["way_at", "page", "taste", "lift", "share"], orient="row")
    ways = pl.DataFrame(
        [(at, way.stretch, way.evergreen, way.channel == "internal") for at, way in enumerate(WAYS)],
        schema=["way_at", "stretch", "old", "inside"],
        orient="row",
    )
    return frame.join(ways, on="way_at", maintain_order="left").with_columns(pl.col("page").cast(pl.UInt32))
