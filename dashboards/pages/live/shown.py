"""What the rooms of the page share: whose numbers, of which window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from analytics import wording
from analytics.periods import local_time
from analytics.queries import live
from analytics.queries.live import Question, Snapshot
from dashboards import scope
from dashboards.filters import View
from dashboards.scope import Scope

MOST = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """A view, resolved, and the site as it is now."""

    scope: Scope
    snapshot: Snapshot


def resolved(desk: Any, view: View) -> Scope:
    """Resolve the address; the period is today, whatever it says."""
    return scope.resolve(desk, view.but(period="today", compare="typical"), "today")


def look(desk: Any, view: View, most: int = MOST) -> Shown:
    """Look at the site of an address."""
    found = resolved(desk, view)
    return Shown(found, live.snapshot(desk.store, asked_of(found, most), found.now))


def asked_of(found: Scope, most: int = MOST) -> Question:
    """Ask for what a view watches."""
    window = cast("Literal[10, 30, 60]", int(found.view.window))
    return Question(found.site_id, found.zone, found.where.section, window, most)


def weekday(found: Scope) -> str:
    """Name today."""
    return wording.weekday(local_time(found.now, found.zone))
