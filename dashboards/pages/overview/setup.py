"""The first minutes of a newsroom: how readers come in, and the word that the first one is there.

`assets/setup.js` follows the live stream while nobody has come, and draws the page anew with the first.
"""

from __future__ import annotations

from dash.development.base_component import Component

from analytics.language import _
from dashboards import components, streams
from dashboards.elements import Child, el
from dashboards.scope import Scope

_NEWSROOM = "tearsheet init --site news.example --timezone Europe/Berlin"
_ARTICLES = "tearsheet import table articles.csv --mapping articles.toml"
_VIEWS = "tearsheet import table views.csv --mapping views.toml"
_DEMO = "tearsheet demo"


def newsroom() -> Component:
    """Say how a newsroom is made, while the home has none."""
    steps = [
        _step(_("Name your newsroom"), _("Its domain, and the time zone of its days."), _NEWSROOM),
        _step(_("Or look around first"), _("A newsroom of an invented town, full of readers."), _DEMO),
    ]
    words = _("Type the first line in the folder of your newsroom, and open this page again.")
    return components.card(_("Set up"), el("ol", steps, class_="steps"), subtitle=words)


def readers(scope: Scope) -> Component:
    """List the ways in which readers come, and wait for the first."""
    waiting = el(
        "p",
        el("span", class_="dot waiting"),
        _("Waiting for the first event…"),
        class_="meta",
        role="status",
        data_waits=streams.href("live", scope.view.but(path="/live")),
    )
    steps = [
        _step(
            _("Put the tracker on your pages"),
            _("One tag in the head of every page. It sets no cookie and never changes a page."),
            f'<script defer src="/t/tearsheet.js" data-domain="{scope.site_id}"></script>',
            waiting,
            is_of_host=True,
        ),
        _step(
            _("Bring in what is written"), _("Titles, authors, sections and dates, as a table."), _ARTICLES
        ),
        _step(_("Bring in readers of the past"), _("Logs, or an export of what counted until now."), _VIEWS),
        _step(_("Or look around first"), _("A newsroom of an invented town, full of readers."), _DEMO),
    ]
    return components.card(
        _("No readers yet"), el("ol", steps, class_="steps"), subtitle=_("Any of these is a beginning")
    )


def _step(title: str, why: str, code: str, after: Child = None, *, is_of_host: bool = False) -> Component:
    """Show one step: what, why, and the line to copy; of the tracker the browser fills in its host."""
    line = el("pre", code, tabIndex=0, aria_label=title, data_host="src" if is_of_host else None)
    hidden = el("span", f": {title}", class_="hidden-words")
    copy = el("button", _("Copy"), hidden, class_="button", type="button", data_does="copy")
    return el(
        "li", el("h3", title), el("p", why, class_="meta"), el("div", line, copy, class_="copied"), after
    )
