"""Small days, recounted as large ones are: rows that did not change stay where they stand."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from analytics.jobs import recount


@pytest.fixture(autouse=True, scope="package")
def _compares_all_but_the_smallest() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recount, "WORTH_COMPARING", 2)
        yield
