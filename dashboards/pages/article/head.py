"""Head and foot of an article: headline, byline, tags, the public counter, the period."""

from __future__ import annotations

from dash.development.base_component import Component

from analytics import wording
from analytics.language import _, begun, inside
from analytics.metrics import METRICS
from analytics.periods import local_time
from analytics.queries import library
from dashboards import cards, components, controls, notes
from dashboards.elements import Child, Moved, el
from dashboards.filters import View
from dashboards.pages.article.shown import Shown, find
from dashboards.slots import Desk


def draw_head(desk: Desk, view: View) -> Child:
    """Draw headline, byline, tags and the public counter; or say that there is no such article."""
    shown = find(desk, view)
    if shown is None:
        return _unknown(view)
    article, scope = shown.article, shown.scope
    if article.article_id != view.item:
        return Moved(view.but(path=f"/articles/{article.article_id}").href())
    top = components.page_head(
        article.title,
        "",
        [_buttons(shown), _counter(shown)],
        above=components.crumbs(_crumbs(shown)),
        below=[_byline(shown), _tags(shown)],
        kind="article",
    )
    bar = el("div", el("p", _line(shown), class_="meta"), _bar(shown), class_="article-bar")
    gone = (
        _("It is withdrawn in the catalogue; its figures are kept.") if article.state == "withdrawn" else ""
    )
    told = [components.notice(gone)] if gone else []
    return el("div", top, bar, told, cards.notices(scope), controls.chosen(view), class_="page-top")


def _unknown(view: View) -> list[Component]:
    find_it = el("button", _("Search"), class_="button primary", type="button", data_does="search")
    ways = el("p", find_it, " ", el("a", _("All articles"), href="/articles", class_="button"))
    words = _("It may have been mistyped, or no reader has opened it yet. Articles can be searched by title.")
    return [
        components.page_head(_("There is no such article"), " "),
        components.card(
            _("What now"), components.empty(_("No article has the id “{item}”", item=view.item), words, ways)
        ),
    ]


def _crumbs(shown: Shown) -> list[tuple[str, str]]:
    steps = [(_("Articles"), "/articles")]
    if shown.article.section:
        steps.append((shown.article.section, View("/articles", section=(shown.article.section,)).href()))
    return [*steps, (shown.article.article_id, "")]


def _byline(shown: Shown) -> Component:
    article, scope = shown.article, shown.scope
    has_pages = not scope.where.is_calm
    names = [(name, View(f"/authors/{key}").href() if has_pages else "") for key, name in article.authors]
    if article.published_at is None:
        return components.byline(names, _("not in the catalogue: no title, author or date is known"))
    at = local_time(article.published_at, scope.zone)
    age = wording.age((scope.now - article.published_at).total_seconds())
    said = _(
        "published {date} {year}, {at} · {age} ago",
        date=wording.day_named(at.date()),
        year=at.year,
        at=wording.clock(at),
        age=age,
    )
    return components.byline(names, said)


def _tags(shown: Shown) -> Component | None:
    article = shown.article
    tags = [(name, View(f"/topics/{key}", split="topic").href()) for key, name in article.topics]
    if article.kind and article.kind != "article":
        tags.append((begun(_(article.kind)), View("/articles", kind=(article.kind,)).href()))
    return components.tags(tags) if tags else None


def _line(shown: Shown) -> str:
    scope = shown.scope
    since = _("Since publication") if shown.article.published_at else _("Since the first view")
    head = f"{since}, " if shown.is_whole_life else ""
    return f"{head}{scope.days_said()} · {scope.zone}"


def _buttons(shown: Shown) -> Component | None:
    """Offer to note a decision, and lead out to the article itself."""
    url = shown.article.url or ""
    away = el("a", _("Open article ↗"), href=url, target="_blank", rel="noreferrer", class_="button")
    add = notes.add_button(shown.scope, shown.article.article_id, is_primary=True)
    items = [add, away if url.startswith(("https://", "http://")) else None]
    return components.buttons(*items) if any(items) else None


def _bar(shown: Shown) -> Component:
    view, scope = shown.scope.view, shown.scope
    since = _("Since publication") if shown.article.published_at else _("Since the first view")
    choices = (("", since), ("yesterday", _("Yesterday")), ("7d", _("7 days")), ("28d", _("28 days")))
    return controls.bar(
        controls.segmented(view, "period", choices, view.period, _("Period")),
        controls.dates(scope.period.first, scope.period.last, scope.today),
        el("a", _("Compare"), href=_compare(shown), class_="button"),
    )


def _compare(shown: Shown) -> str:
    """Lead to this article beside others."""
    site = shown.scope.view.site
    return View(path="/compare", site=site, of="articles", items=(shown.article.article_id,)).href()


def _counter(shown: Shown) -> Component:
    """Show what the public counter says, and how much of it the former counter had counted."""
    scope = shown.scope
    article_id, metric = shown.article.article_id, scope.desk.counter_metric(scope.site_id)
    found = library.counters(scope.desk.store, scope.site_id, [article_id], metric)[article_id]
    former = found.opening_balance
    named = _("Public counter: {label}", label=inside(METRICS[metric].label))
    note = _("of which {former} from the former counter", former=wording.full(former)) if former else named
    return components.counter(_("Read:"), wording.full(found.value), note)


def draw_foot(shown: Shown) -> Child:
    """Say whether what is known of the article is whole."""
    article = shown.article
    missing = {
        "author": not article.authors,
        "topic": not article.topics,
        "date of publication": article.published_at is None,
        "word count": article.word_count is None,
    }
    gaps = [name for name, is_missing in missing.items() if is_missing]
    said = (
        _("No {gaps} in the catalogue", gaps=wording.listed(gaps, "or")) if gaps else _("Metadata complete")
    )
    return cards.foot(shown.scope, said)
