"""What the rooms of an article's page share: the article, and what the address means for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl

from analytics import wording
from analytics.errors import UsageError
from analytics.language import N_, _
from analytics.periods import Grain, local_time
from analytics.queries import library, life
from analytics.queries.ask import Ask
from analytics.queries.figures import Figure
from analytics.queries.library import Article
from dashboards import downloads, slots
from dashboards.components import Link
from dashboards.elements import Child
from dashboards.filters import View
from dashboards.scope import Scope, resolve
from dashboards.slots import Desk

UNMEASURED = N_("This source cannot tell reading time")


UNMEASURED_WHY = N_(
    "Its views carry no sign of reading, so reads, time and depth are not known. They "
    "begin with a tracker or an import that measures engaged time."
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What is on the page: the article and what the address means for it."""

    article: Article
    scope: Scope

    @property
    def is_whole_life(self) -> bool:
        """True where the address names no period."""
        return not self.scope.view.period


def drawn(draw: Callable[[Shown], Child]) -> slots.Draw:
    """Turn a drawing of an article into one of an address; where there is none, the head says so."""

    def draw_view(desk: Desk, view: View) -> Child:
        shown = find(desk, view)
        return draw(shown) if shown is not None else None

    return draw_view


def find(desk: Desk, view: View) -> Shown | None:
    """Find the article of an address; None where there is none."""
    scope = resolve(desk, view, "today")
    try:
        article = library.article(desk.store, scope.site_id, view.item)
    except UsageError:
        return None
    period = scope.period if view.period else life.lifetime(article, scope.zone, scope.today)
    where = scope.where.only(article=(article.article_id,))
    return Shown(article, replace(scope, period=period, where=where, note=""))


def is_there(desk: Desk, view: View) -> bool:
    """Tell whether there is such an article."""
    return find(desk, view) is not None


def known(desk: Desk, view: View) -> Shown:
    """Find the article of an address, or refuse."""
    shown = find(desk, view)
    if shown is None:
        raise UsageError(_("No article has the id {item!r}.", item=view.item), _("Search for its title."))
    return shown


def scope_of(desk: Desk, view: View) -> Scope:
    """Resolve the address of an article."""
    return known(desk, view).scope


def tells_reading(shown: Shown) -> bool:
    """Say whether its views can tell reading time."""
    scope = shown.scope
    return life.tells(scope.desk.store, scope.ask(), scope.now)[0]


def is_mute(shown: Shown) -> bool:
    """Say whether its source tells neither reading time nor where readers came from."""
    scope = shown.scope
    return not any(life.tells(scope.desk.store, scope.ask(), scope.now))


def base_of(shown: Shown) -> str:
    """Choose what the curve counts: what the address says, reads where they can be told."""
    return "reads" if shown.scope.view.metric != "views" and tells_reading(shown) else "views"


def bare(scope: Scope) -> View:
    """Give the view without its filters."""
    return scope.view.but(**dict.fromkeys(scope.view.where(), ()))


def trimmed(frame: pl.DataFrame, shown: Shown, grain: Grain) -> pl.DataFrame:
    """Leave out the buckets before the article was there, and those that have not come yet."""
    article, scope = shown.article, shown.scope
    known = [at for at in (article.published_at, article.first_view_at) if at is not None]
    began = local_time(min(known, default=scope.period.begins), scope.zone).replace(tzinfo=None)
    first = began.replace(minute=0, second=0, microsecond=0, hour=began.hour if grain == "hour" else 0)
    now = local_time(scope.now, scope.zone).replace(tzinfo=None)
    return frame.filter(pl.col("at").is_between(first, now))


def file_link(shown: Shown, name: str) -> Link:
    """Link a download of this page."""
    return Link(_("Download CSV"), downloads.href(name, shown.scope.view), f"{name}.csv")


def bucket_said(at: dt.datetime, grain: Grain) -> str:
    """Word a bucket of a chart."""
    day = wording.day_named(at.date())
    return (
        f"{day}, {wording.clock(at)}"
        if grain == "hour"
        else _("from {day}", day=day)
        if grain == "week"
        else day
    )


def section_ask(shown: Shown) -> Ask | None:
    """Ask the same of its section: what the article stands beside; None where it has none."""
    section, ask = shown.article.section, shown.scope.ask()
    return replace(ask, where=ask.where.only(article=(), section=(section,))) if section else None


def is_measured(found: dict[str, Figure]) -> bool:
    """Say whether the figures tell reads."""
    return found["reads"].value is not None
