"""What alerts say, and where they lead."""

from __future__ import annotations

from typing import Any

import pytest

from analytics.alerts import words
from analytics.control.alerts import Rule
from tests.builders import SITE, utc

NOW = utc("2026-05-06 13:00")


@pytest.mark.parametrize(
    ("values", "entity", "place"),
    [
        ({"kind": "level", "metric": "on_site"}, "", f"/live?site={SITE}"),
        ({"kind": "level", "metric": "reads"}, "", f"/?site={SITE}&period=today"),
        ({"kind": "drop", "metric": "reads", "dimension": "author"}, "u 1", f"/authors/u%201?site={SITE}"),
        ({"kind": "backlog", "metric": "comments_pending"}, "", f"/comments?site={SITE}"),
    ],
)
def test_an_alert_leads_to_the_page_of_its_figure(values: dict[str, Any], entity: str, place: str) -> None:
    rule = Rule(
        **{"site_id": SITE, "name": "", "made_at": NOW, "made_by": "p1", "read_through": NOW, **values}
    )

    assert words.href(rule, entity) == place


def test_what_has_no_figure_says_what_it_watches() -> None:
    rule = Rule(site_id=SITE, kind="report", made_at=NOW, made_by="p1", read_through=NOW)

    assert words.rule(rule) == "A report has not gone out 15 minutes after it was due"
