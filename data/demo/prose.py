"""The text of a story, for the sample site: paragraphs that hold whatever its headline says."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from data.demo import chance
from data.demo.story import Story

MIDDLE = 6


def paragraphs(seed: int, story: Story) -> list[str]:
    """Write a story: an opening, what its desk has to say, some of the middle, an ending; always the same."""
    parts = _parts()
    key = story.article_id
    middle = list(parts["middle"])
    chosen = [middle.pop(_pick(len(middle), seed, key, f"middle {turn}")) for turn in range(MIDDLE)]
    opening, ending = (
        parts[part][_pick(len(parts[part]), seed, key, part)] for part in ("opening", "ending")
    )
    return [opening, *parts[story.section.name], *chosen, ending]


def _pick(count: int, seed: int, key: str, stream: str) -> int:
    return int(count * chance.unit(seed, key, stream))


@lru_cache(maxsize=1)
def _parts() -> dict[str, list[str]]:
    """Read `prose.txt` into its parts by heading."""
    parts: dict[str, list[str]] = {}
    for line in files("data.demo").joinpath("prose.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            rows = parts.setdefault(line.strip("[]"), [])
        elif line and not line.startswith("#"):
            rows.append(line)
    return parts
