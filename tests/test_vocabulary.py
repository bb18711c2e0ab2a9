"""The catalogues of other languages: what is wrong with one is told, and their places fit the texts."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from analytics import config, vocabulary
from analytics.language import LANGUAGES, SOURCE

OTHERS = sorted(LANGUAGES.keys() - {SOURCE})


@pytest.mark.parametrize("name", OTHERS)
def test_a_catalogue_has_every_text_and_no_other(name: str) -> None:
    assert vocabulary.faults(vocabulary.read(name), vocabulary.texts()) == []


def test_a_site_may_name_every_language() -> None:
    assert set(get_args(get_type_hints(config.Site)["language"])) == {"", *LANGUAGES}
