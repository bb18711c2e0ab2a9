"""Mapping files: what ships can be read, what contradicts itself is refused in a sentence."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from analytics.errors import MappingError
from analytics.imports import mapping
from tests.imports.desk import EVENTS

TEXT = EVENTS.format(source="", event="", kind="csv")


def shipped() -> list[str]:
    return sorted(path.name for path in files("data").joinpath("mappings").iterdir())


@pytest.mark.parametrize("name", shipped())
def test_every_mapping_that_ships_can_be_read(name: str) -> None:
    text = files("data").joinpath("mappings", name).read_text(encoding="utf-8")

    assert mapping.parse(text, name).source.name == name.removesuffix("-events.toml").removesuffix(".toml")


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ('rows = "events"', 'rows = "evens"', "Invalid enum value 'evens' - at `$.source.rows`"),
        ('rows = "events"', 'rows = "articles"', "says nothing of its articles"),
        ("[event]", "[event", "cannot be read"),
        ('name = "intranet"', 'name = "in tranet"', "is no name of a source"),
        ('name = "intranet"', 'name = "intranet"\nzone = "Mars/Base"', "'Mars/Base' is no time zone"),
        ('name = "intranet"', 'name = "intranet"\ndedup = "id"', "needs `id` to be mapped"),
        ("[event]", '[event]\ncolour = {column = "x"}', "unknown field `colour`"),
        ('{column = "contentId"}', '{colum = "contentId"}', "unknown field `colum`"),
        (
            '{column = "contentId"}',
            "{null = []}",
            "article_id needs exactly one of column, const and template",
        ),
        ('{column = "contentId"}', '{column = "a", const = "b"}', "article_id needs exactly one of"),
        ('unit = "s"', 'unit = "m"', "Invalid enum value 'm'"),
        ('unit = "s"', 'unit = "s", format = "%Y"', "time has a unit and a format"),
        ('"LIKE" = "like"', '"LIKE" = "lik"', "kind.map leads to 'lik', which is none of ours."),
        ('article_id = {column = "contentId"}', "", "needs `article_id` or `url`"),
    ],
)
def test_a_mapping_that_contradicts_itself_is_refused(before: str, after: str, sentence: str) -> None:
    assert before in TEXT
    with pytest.raises(MappingError, match=r"test\.toml") as refusal:
        mapping.parse(TEXT.replace(before, after), "test.toml")

    assert sentence in str(refusal.value)


def test_a_target_that_is_none_of_ours_gets_the_nearest() -> None:
    with pytest.raises(MappingError) as refusal:
        mapping.parse(TEXT.replace('= "like"', '= "lik"'), "test.toml")

    assert refusal.value.hint == "Did you mean like?"


def test_a_mapping_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match="cannot be read"):
        mapping.read(tmp_path / "nowhere.toml")
