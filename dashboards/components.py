"""What screens are put together from: shell, head, sheet, cards, numbers, chips, lists, states.

Pages hand in words and numbers that `queries` and `wording` have made; nothing here computes a metric.
Everything is plain HTML with classes of `assets/2-base.css` and `3-parts.css`; what moves without the
server (table twins, filter sheet, keyboard) is bound by `data-does` attributes in `assets/desk.js`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import dash_mantine_components as dmc
from dash import dcc
from dash.development.base_component import Component

from analytics import language, marks, wording
from analytics.language import N_, _
from analytics.marks import Mark, Usual
from analytics.wording import Chip
from dashboards import theme
from dashboards.drawing import Drawing
from dashboards.elements import Child, el, icon, mark, wordmark


@dataclass(frozen=True, slots=True)
class Link:
    """A plain link in the head of a card; with `file` the address of its rows as CSV, and other formats."""

    label: str
    href: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """What stands behind "Why this number?": definition, version, SQL, rows used and left out.

    Attributes:
        title: The metric's label.
        about: Its definition in one plain sentence.
        formula: The definition in words of the bases.
        version: Version of the definition in force.
        period: Days and zone that were counted.
        used: Rows that went into the number.
        left_out: Reason and number of rows that did not.
        sql: The statement that returns the number.
        word: Its identifier in the glossary.
        rows_href: Where rows and statement are asked for when the panel is opened.
    """

    title: str
    about: str
    formula: str = ""
    version: str = ""
    period: str = ""
    used: int | None = None
    left_out: tuple[tuple[str, int], ...] = ()
    sql: str = ""
    word: str = ""
    rows_href: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One thin bar: label, note behind it, share of the track, value in words, paint by token."""

    label: str
    share: float | None
    words: str
    note: str = ""
    paint: str = "accent"
    href: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """The line that says whether the data can be trusted: tone "ok", "waiting" or "error"."""

    tone: str
    words: str
    short: str = "OK"


@dataclass(frozen=True, slots=True)
class NavPage:
    """One entry of the navigation; `key` follows `g`; what has no icon stands under "More" on phones."""

    path: str
    label: str
    group: str
    key: str
    icon: str = ""
    count: str = ""


PAGES = (
    NavPage("/", N_("Overview"), N_("Today"), "o", "sun"),
    NavPage("/live", N_("Live"), N_("Today"), "l", "pulse"),
    NavPage("/articles", N_("Articles"), N_("Library"), "a", "sheet"),
    NavPage("/authors", N_("Authors"), N_("Library"), "u"),
    NavPage("/topics", N_("Topics"), N_("Library"), "t"),
    NavPage("/comments", N_("Comments"), N_("Library"), "c", "talk"),
    NavPage("/audience", N_("Audience"), N_("Library"), "d"),
    NavPage("/time", N_("Time"), N_("Library"), "h"),
    NavPage("/glossary", N_("Glossary"), N_("Library"), "y"),
    NavPage("/reports", N_("Reports"), N_("Desk"), "r"),
    NavPage("/alerts", N_("Alerts"), N_("Desk"), "n"),
    NavPage("/compare", N_("Compare"), N_("Desk"), "m"),
    NavPage("/weekly", N_("Weekly review"), N_("Desk"), "k"),
    NavPage("/sql", "SQL", N_("Desk"), "s"),
    NavPage("/health", N_("Data health"), N_("Desk"), "x"),
)

_FORMATS = {
    "csv": "CSV",
    "xlsx": N_("Excel workbook"),
    "parquet": "Parquet",
    "json": "JSON",
    "about": N_("What these rows hold"),
}
_CSV = ".csv?"  # in the address of rows that are to be had in every format
_TALL = 360  # pixels from which a chart stays tall on phones
_SHORTCUTS = (
    ("/", N_("Search")),
    ("p", N_("Period")),
    ("f", N_("Filters")),
    ("c", N_("Comparison on or off")),
    ("t", N_("Chart or table")),
    ("e", N_("Export")),
    ("n", N_("Add a note")),
    ("w", N_("Live as a wall")),
    ("j k", N_("Next or previous row")),
    ("Enter", N_("Open the row")),
    ("Ctrl Enter", N_("Run the query, or what is selected of it")),
    ("Ctrl .", N_("Stop the query")),
    ("Ctrl S", N_("Save the query")),
    ("Shift Alt F", N_("Format the query")),
    ("Esc", N_("Close")),
    ("?", N_("This help")),
)


def chip(finding: Chip) -> Component:
    """Show a finding as a chip, with hidden words where the text leans on its arrow."""
    said = el("span", f", {finding.said}", class_="hidden-words") if finding.said else None
    return el("span", finding.text, said, class_=f"chip {finding.tone}")


def shell(
    site_name: str,
    page: Child,
    links: Sequence[tuple[str, str]] = (),
    person: Child = None,
    *,
    has_choice: bool = False,
) -> Component:
    """Put the page into its frame: skip link, navigation, main, bottom bar of phones, help.

    The places `nav-links`, `phone-links` and `nav-health` are filled by the routing.

    Args:
        site_name: Of the newsroom; stands under the wordmark.
        page: The place that the routing fills.
        links: Label and address of what stands outside of the screens.
        person: Who is signed in, of `person_menu`.
        has_choice: Whether a language can be chosen where nobody is signed in, as in a demo.
    """
    # With a target the browser itself goes there, and not the routing.
    elsewhere = [el("a", _(label), href=href, class_="nav-link", target="_self") for label, href in links]
    swap = [el("span", icon("moon"), class_="when-light"), el("span", icon("day"), class_="when-dark")]
    return el(
        "div",
        el("a", _("Skip to the page"), href="#main", class_="skip"),
        el(
            "header",
            wordmark(),
            el("p", site_name, class_="site"),
            search_button(),
            el("nav", id="nav-links", aria_label=_("Pages")),
            el(
                "div",
                elsewhere,
                el("div", id="nav-health"),
                scheme_switch(),
                help_button(),
                person or (language_choice() if has_choice else None),
                class_="nav-foot",
            ),
            class_="nav",
        ),
        el(
            "header",
            wordmark(),
            el(
                "div",
                el("button", icon("lens"), class_="icon-button", data_does="search", aria_label=_("Search")),
                el("button", swap, class_="icon-button", data_does="scheme", aria_label=_("Light or dark")),
            ),
            class_="phone-head",
        ),
        el("main", page, id="main", tabIndex=-1),
        el("nav", id="phone-links", class_="phone-bar", aria_label=_("Main pages")),
        el("div", class_="shade", data_does="close-sheet"),
        help_sheet(),
        class_="shell",
    )


def nav_links(path: str, pages: Sequence[NavPage] = PAGES) -> list[Component]:
    """List pages in their groups, the current one marked."""
    links: list[Component] = []
    before = ""
    for page in pages:
        if page.group != before:
            links.append(el("p", _(page.group), class_="nav-group"))
            before = page.group
        count = el("span", page.count, class_="meta") if page.count else None
        links.append(
            el(
                "a",
                _(page.label),
                count,
                href=page.path,
                class_="nav-link",
                data_key=page.key,
                aria_current=_current(page, path),
            )
        )
    return links


def language_choice() -> Component:
    """Offer the other languages, each by its own name; a form, for what is chosen is kept by the house."""
    spoken = language.current().language
    offered = [
        el("button", label, type="submit", name="language", value=name, class_="nav-link", lang=name)
        for name, label in language.LANGUAGES.items()
        if name != spoken
    ]
    return el("form", offered, method="post", action="/language", class_="languages")


def person_menu(name: str, settings: str = "") -> Component:
    """Name who is signed in, lead to what is theirs, and let them out; no callback is needed."""
    leave = el("button", _("Sign out"), type="submit", class_="nav-link")
    words = el("summary", el("span", name), class_="nav-link", title=name)
    change = el("a", _("Change password"), href="/password", class_="nav-link", target="_self")
    mine = el("a", _("Save or share this view"), href="/views", class_="nav-link", target="_self")
    house = el("a", _("Settings"), href=settings, class_="nav-link", target="_self") if settings else None
    return el(
        "details",
        words,
        mine,
        house,
        change,
        language_choice(),
        el("form", leave, method="post", action="/sign-out"),
        class_="person",
    )


def phone_links(path: str, person: Child = None, pages: Sequence[NavPage] = PAGES) -> list[Component]:
    """List pages of the bottom bar, and behind "More" the others and who is signed in."""
    links, more = (
        [
            el(
                "a",
                icon(page.icon) if page.icon else None,
                _(page.label),
                href=page.path,
                aria_current=_current(page, path),
            )
            for page in pages
            if bool(page.icon) is is_first
        ]
        for is_first in (True, False)
    )
    words = el("summary", icon("grid"), _("More"))
    return [*links, el("details", words, el("div", more, person, class_="more-sheet"), class_="more")]


def nav_health(health: Health) -> Component:
    """Show the health of the data at the foot of the navigation."""
    dot = el("span", class_=f"dot {health.tone}")
    words = el("span", dot, _("Data health"), title=health.words)
    return el("p", words, el("span", health.short, class_="meta"), class_="nav-link")


def scheme_switch() -> Component:
    """Switch between light and dark; no callback, the choice is kept in the browser."""
    toggle = dmc.ColorSchemeToggle(
        id="scheme-toggle",
        lightIcon=icon("day", 18),
        darkIcon=icon("moon", 18),
        variant="transparent",
        **{"aria-label": _("Switch between light and dark")},
    )
    return el("div", el("span", _("Light or dark")), toggle, class_="scheme")


def search_button() -> Component:
    """Open the search, which `assets/search.js` draws."""
    words = el("span", icon("lens", 16), _("Search"), class_="search-words")
    return el(
        "button", words, el("kbd", "/"), class_="button search-button", data_does="search", type="button"
    )


def help_button() -> Component:
    """Open the sheet of keyboard shortcuts."""
    return el("button", _("Keyboard"), el("kbd", "?"), class_="nav-link", data_does="help", type="button")


def help_sheet() -> Component:
    """List the keyboard shortcuts that exist."""
    pages = [(f"g {page.key}", page.label) for page in PAGES]
    rows = [[el("dt", _keys(keys)), el("dd", _(words))] for keys, words in (*pages, *_SHORTCUTS)]
    return el(
        "dialog",
        el("h2", _("Keyboard"), id="help-title"),
        el("dl", rows),
        el("form", el("button", _("Close"), class_="button", type="submit"), method="dialog"),
        id="help",
        class_="help",
        aria_labelledby="help-title",
    )


def page_head(
    title: str, line: str, controls: Child = None, *, above: Child = None, below: Child = None, kind: str = ""
) -> Component:
    """Head a page: title, period line with zone, controls on the right.

    Args:
        title: The page's one h1; focus goes to it when the page changes.
        line: Period and time zone: "Yesterday, Wednesday 18 November 2026 · Europe/London".
        controls: Of `controls.bar`; on phones they stand in a sheet behind the button "Filters". Of an
            article its `buttons` and `counter`.
        above: Crumbs.
        below: Byline, tags.
        kind: "article" for the large serif headline.
    """
    period = el("p", line, class_="meta") if line else None
    words = el("div", above, el("h1", title, tabIndex=-1, dir="auto"), period, below, class_="head-words")
    right = el("div", controls, class_="head-aside") if kind == "article" and controls else controls
    tools = el("div", bell(), export(), class_="head-tools")
    return el("div", words, right, tools, class_=f"head {kind}".strip())


def bell() -> Component:
    """Hold the place of the bell; the routing rings it for those who see alerts."""
    return el("div", id="bell", class_="bell-place")


def rung(count: int) -> Component:
    """Lead to the alerts by a bell, with how many are open."""
    said = _("Alerts, {count} open", count=count) if count else _("Alerts, none open")
    number = el("span", wording.full(count), class_="bell-count", aria_hidden="true") if count else None
    return el(
        "a", icon("bell", 18), number, el("span", said, class_="hidden-words"), href="/alerts", class_="bell"
    )


def crumbs(steps: Sequence[tuple[str, str]]) -> Component:
    """Show the way here: label and address, the last one without address."""
    parts: list[Child] = []
    for label, href in steps:
        parts += [" / "] if parts else []
        parts.append(el("a", label, href=href) if href else el("span", label))
    return el("nav", el("p", parts, class_="meta"), class_="crumbs", aria_label=_("Where you are"))


def byline(names: Sequence[tuple[str, str]], line: str) -> Component:
    """Name the authors as readers see them, each with an address, and when it was published."""
    linked = [el("a", name, href=href) if href else name for name, href in names]
    parts: list[Child] = [_("By ")] if linked else []
    for n, name in enumerate(linked):
        parts += ["" if n == 0 else _(" and ") if n == len(linked) - 1 else ", ", name]
    return el("p", parts, el("span", line, class_="meta"), class_="byline")


def buttons(*items: Child) -> Component:
    """Stand buttons side by side at the head of an article."""
    return el("div", *items, class_="head-buttons")


def ask_button(store: str, of: str, does: str, label: str, more: str = "", said: str = "") -> Component:
    """Make a button that the desk answers: a press writes `of`, `does` and its moment into a store.

    Not bound by an id of its own: Dash drops the answer to a press on its way whenever a part with such
    buttons is drawn anew meanwhile, for that asks the same callback again.

    Args:
        store: Id of the store.
        of: What it is about.
        does: What is to be done with it.
        label: What it says.
        more: More classes.
        said: What it is of, for those who hear the page.
    """
    words: list[Child] = [label, el("span", f" {said}", class_="hidden-words") if said else None]
    kind = f"button {more}".strip()
    return el("button", *words, class_=kind, type="button", data_asks=store, data_of=of, data_for=does)


def notice(*words: Child) -> Component:
    """Say in one waiting-coloured line what needs a hand: stale data, a refused parameter."""
    return el("p", *words, class_="notice", role="status")


def sentence_sheet(sentence: Child, *, why: Why | None = None, note: str = "") -> Component:
    """Show the day's sentence on the sheet with the one torn edge of the page.

    Args:
        sentence: Words, the numbers in bold (`strong`).
        why: Opens behind "Why this number?".
        note: What "typical" means here.
    """
    aside = el("div", why_panel(why) if why else None, el("p", note) if note else None, class_="sheet-aside")
    return el(
        "section",
        el("div", el("p", sentence, class_="sentence"), aside, class_="sheet-body"),
        el("div", mark(marks.torn_edge()), class_="sheet-torn"),
        class_="sheet",
        aria_label=_("In one sentence"),
    )


def counter(words: str, number: str, note: str, action: Child = None) -> Component:
    """Show the public counter on its torn sheet: "Read: 8,290"."""
    line = el("p", f"{words} ", el("strong", number), class_="counter-line")
    return el(
        "section",
        el("div", el("div", line, el("p", note, class_="meta")), action, class_="sheet-body"),
        el("div", mark(marks.torn_edge(11)), class_="sheet-torn"),
        class_="sheet counter",
        aria_label=_("Public counter"),
    )


def kpi(
    label: str,
    unit: str,
    value: float | None,
    finding: Chip | None = None,
    *,
    usual: Usual | None = None,
    words: Sequence[str] = (),
    why: Why | None = None,
    href: str = "",
    is_chosen: bool = False,
    course: Mark | None = None,
) -> Component:
    """Show one number with what is typical for it.

    Args:
        label: The metric's label.
        unit: Its unit, for `wording.split`.
        value: The number; None shows a dash.
        finding: The chip beside it, of `wording.change_chip` or `wording.expected_chip`.
        usual: Draws the gauge.
        words: One or two short lines, such as `wording.place_words`.
        why: Opens behind the "?".
        href: Address of the page with this metric in its chart.
        is_chosen: Whether the chart below shows it.
        course: The last days as a small curve.
    """
    number, suffix = wording.split(unit, value, "table")
    title = el("h2", el("a", label, href=href) if href else label, class_="kpi-label")
    shown = el("span", number, el("span", suffix, class_="kpi-unit") if suffix else None, class_="kpi-number")
    exact = el("span", shown, title=wording.value(unit, value, "full"))
    return el(
        "div",
        el(
            "div",
            title,
            mark(course, "kpi-course") if course else None,
            why_panel(why, short=True) if why else None,
            class_="kpi-head",
        ),
        el("div", exact, chip(finding) if finding else None, class_="kpi-value"),
        _gauge(label, unit, value, usual) if usual else None,
        [_kpi_line(line) for line in words],
        class_="card kpi link-card" if href else "card kpi",
        data_chosen=str(is_chosen).lower(),
    )


def kpis(cards: Sequence[Component]) -> Component:
    """Stand the numbers in a row, two by two on phones."""
    return el("section", cards, class_="kpis", aria_label=_("Numbers"))


def why_panel(why: Why, *, short: bool = False) -> Component:
    """Answer "Why this number?" in a panel of its own; `short` shows only a question mark."""
    rows = [(_("Formula"), why.formula), (_("Definition"), why.version), (_("Period"), why.period)]
    if why.used is not None:
        rows.append((_("Rows used"), wording.full(why.used)))
    rows += [(_("Left out: {reason}", reason=reason), wording.full(n)) for reason, n in why.left_out]
    facts_ = [[el("dt", name), el("dd", text)] for name, text in rows if text]
    hidden = el("span", _(" Why this number? {title}", title=why.title), class_="hidden-words")
    panel = el(
        "div",
        el("h3", why.title),
        el("p", why.about),
        el("dl", facts_) if facts_ else None,
        el("pre", why.sql, tabIndex=0, aria_label="SQL") if why.sql else None,
        el("div", class_="why-rows", data_why=why.rows_href) if why.rows_href else None,
        el("p", el("a", _("In the glossary"), href=f"/glossary?q={why.word}")) if why.word else None,
        class_="why-panel",
    )
    summary = el("summary", ["?", hidden] if short else _("Why this number?"))
    return el("details", summary, panel, class_="why short" if short else "why")


def card(
    title: str,
    *body: Child,
    subtitle: Child = "",
    links: Sequence[Link] = (),
    twin: Component | None = None,
    why: Why | None = None,
    extra: Child = None,
    foot: Child = "",
    class_name: str = "",
    sql: str = "",
    has_picture: bool = False,
) -> Component:
    """Put a chart, table or list into its card.

    Args:
        title: Names the question's subject: "How far they read".
        *body: What it holds; a `chart` when there is a twin.
        subtitle: One line that defines the picture and says what one mark is.
        links: At most two or three.
        twin: The same numbers as a table (`tables.twin`); adds "View as table".
        why: Adds "Why this number?".
        extra: A control of this card alone, such as the choice of columns.
        foot: What was left out, counted.
        class_name: More classes.
        sql: Statement that returns the rows, for those who may ask their own.
        has_picture: Whether what it holds can be saved as a picture: `bars`, or a chart without a twin.
    """
    has_picture = has_picture or twin is not None
    switch = el("button", _("View as table"), type="button", data_does="twin", aria_pressed="false")
    right: list[Child] = [why_panel(why) if why else None, extra]
    files = [link for link in links if link.file and _CSV in link.href]
    right += [
        el("a", link.label, href=link.href, download=link.file or None) for link in links if link not in files
    ]
    right.append(_saves(title, files, has_chart=has_picture, sql=sql) if files or has_picture else None)
    right.append(switch if twin is not None else None)
    words = el(
        "div", el("h2", title), el("p", subtitle, class_="meta") if subtitle else None, class_="card-words"
    )
    table = el("div", twin, class_="twin", hidden=True, tabIndex=0) if twin is not None else None
    return el(
        "section",
        el("div", words, el("div", right, class_="card-links") if any(right) else None, class_="card-head"),
        el("div", *body, table, class_="card-body"),
        el("p", foot, class_="card-foot") if foot else None,
        class_=f"card {class_name}".strip(),
        aria_label=title,
    )


def _saves(title: str, files: Sequence[Link], *, has_chart: bool, sql: str = "") -> Component:
    """Offer what a card shows as files: its rows in each format, its chart as a picture, and as SQL."""
    items: list[Component] = []
    for link in files:
        address, _rest, query = link.href.partition(_CSV)
        stem = link.file.removesuffix(".csv")
        for kind, words in _FORMATS.items():
            href, name = f"{address}.{kind}?{query}", f"{stem}.{'about.json' if kind == 'about' else kind}"
            items.append(el("li", el("a", _(words), href=href, download=name)))
    if has_chart:
        items += [
            el(
                "li",
                el(
                    "button",
                    _("{upper} picture", upper=kind.upper()),
                    type="button",
                    data_does="picture",
                    data_kind=kind,
                ),
            )
            for kind in ("png", "svg")
        ]
    if sql:
        copy = el("button", _("Copy as SQL"), type="button", data_does="copy")
        items.append(el("li", copy, el("code", sql, hidden=True)))
    hidden = el("span", f" {title}", class_="hidden-words")
    panel = el("div", el("ul", items), class_="why-panel choices")
    return el("details", el("summary", _("Download"), hidden), panel, class_="why saves", data_title=title)


def export() -> Component:
    """Offer everything that the page can hand out in one place; the browser gathers it when it is opened."""
    summary = el("summary", _("Export"), class_="button", title=_("Export (e)"))
    panel = el("div", class_="why-panel export-panel", role="group", aria_label=_("Export"))
    return el("details", summary, panel, class_="why export")


def chart(figure: Drawing, said: str, *, height: int = 300, below: Child = None) -> Component:
    """Show a figure with the one sentence that says what it shows.

    Args:
        figure: Of `figures`.
        said: The chart's name for those who do not see it.
        height: In pixels; phones have their own.
        below: The list of marks, a legend.
    """
    graph = dcc.Graph(
        figure=figure,
        responsive=True,
        config={"displayModeBar": False, "showTips": False, "doubleClick": False},
        style={"height": "100%"},
    )
    size = "chart-box tall" if height >= _TALL else "chart-box"
    box = el("div", graph, role="img", class_=size, aria_label=said, style={"height": f"{height}px"})
    return el("div", box, below, class_="chart")


def looks(items: Sequence[tuple[Chip, str, str, Sequence[str], str]]) -> Component:
    """List what is worth a look: reason, headline, its address, lines of why, and where all such are."""
    rows = [
        el(
            "li",
            el("div", chip(reason), _all_of(reason, more), class_="look-head"),
            el("h3", el("a", title, href=href), dir="auto"),
            [el("p", line, class_="meta") for line in lines if line],
        )
        for reason, title, href, lines, more in items
    ]
    return el("ul", rows, class_="looks")


def timeline(items: Sequence[tuple[str, Child, Child]]) -> Component:
    """List what happened: when, what, and one line about it."""
    rows = [
        el("li", el("time", when), el("div", el("h3", what), el("p", line, class_="meta"), class_="what"))
        for when, what, line in items
    ]
    return el("ol", rows, class_="timeline")


def bars(items: Sequence[Bar]) -> Component:
    """List thin bars that need no chart: a funnel, sources, from and to."""
    return el("ul", [_bar(item) for item in items], class_="bars")


def facts(items: Sequence[tuple[str, str]]) -> Component:
    """Stand small numbers in a line under a chart: value and what it is."""
    return el(
        "div",
        [el("div", el("b", value), el("span", words, class_="meta")) for value, words in items],
        class_="facts",
    )


def legend(items: Sequence[tuple[str, str, str]]) -> Component:
    """Name the parts of a stack in stacking order: token of the colour, name, value in words."""
    rows = [
        el("li", el("span", class_="swatch", style={"background": theme.colour(token)}), name, el("b", words))
        for token, name, words in items
    ]
    return el("ul", rows, class_="legend")


def swatches(items: Sequence[tuple[str, str, str]]) -> Component:
    """Explain marks in the line under a title: shape ("", "round", "hollow"), token, words."""
    spans = []
    for shape, token, words in items:
        paint = "color" if shape == "hollow" else "background"
        dot = el("span", class_=f"swatch {shape}".strip(), style={paint: theme.colour(token)})
        spans.append(el("span", dot, words))
    return el("span", spans, class_="swatches")


def tags(names: Sequence[tuple[str, str]]) -> Component:
    """Show sections and topics of an article: label and address."""
    return el("div", [el("a", name, href=href, class_="tag") for name, href in names], class_="tags")


def health_line(parts: Sequence[Child], tone: str = "ok", end: str = "") -> Component:
    """Close a page: is the data whole, and which definitions were used."""
    dot = el("span", class_=f"dot {tone}")
    spans = [el("span", dot if n == 0 else None, part) for n, part in enumerate(parts)]
    return el("footer", spans, el("span", end, class_="end") if end else None, class_="health")


def empty(title: str, why: str, action: Child = None) -> Component:
    """Say what is missing, why, and the one thing to do."""
    return el("div", el("h3", title), el("p", why), action, class_="state")


def failed(what: str, reference: str) -> Component:
    """Say inside its card that something could not be loaded; the rest of the page stands."""
    state = el(
        "div",
        el("h3", _("Could not load {what}", what=what)),
        el(
            "p", _("The other parts of the page are not affected. Reference {reference}", reference=reference)
        ),
        el("button", _("Retry"), class_="button", type="button", data_does="retry"),
        class_="state",
        role="alert",
    )
    return el("section", state, class_="card", aria_label=_("Could not load {what}", what=what))


def skeleton(height: int = 300) -> Component:
    """Hold the place of a card in its final geometry; grey shapes show after 300 ms."""
    lines = [el("i", style={"height": "14px", "width": f"{width}%"}) for width in (44, 68)]
    block = el("i", style={"height": f"{height - 110}px"}) if height > 180 else None
    return el(
        "div", lines, block, class_="card skeleton", style={"minHeight": f"{height}px"}, aria_hidden="true"
    )


def strong(*parts: str) -> list[Child]:
    """Set every second part in bold: `strong("Wednesday brought ", "38.9k reads", ", more than usual")`."""
    return [el("strong", part) if n % 2 else part for n, part in enumerate(parts)]


def _all_of(reason: Chip, href: str) -> Component:
    hidden = el("span", f": {reason.text}", class_="hidden-words")
    return el("a", _("All"), hidden, href=href, class_="link")


def _current(page: NavPage, path: str) -> str | None:
    is_here = path == page.path if page.path == "/" else f"{path}/".startswith(f"{page.path}/")
    return "page" if is_here else None


def _keys(keys: str) -> list[Child]:
    return [[" " if n else None, el("kbd", key)] for n, key in enumerate(keys.split())]


def _bar(item: Bar) -> Component:
    share = 100 * min(max(item.share or 0, 0), 1)
    fill = el(
        "div", class_="bar-fill", style={"width": f"{share:.1f}%", "background": theme.colour(item.paint)}
    )
    label = el("b", el("a", item.label, href=item.href) if item.href else item.label)
    words = el("div", el("span", label, f" {item.note}"), el("b", item.words), class_="bar-words")
    return el("li", words, el("div", fill, class_="bar-track"))


def _kpi_line(line: str) -> Component:
    """Write a line of words; phones drop the place before a colon, which the chip has said."""
    place, colon, rest = line.rpartition(": ")
    if not place.endswith("typical"):
        return el("p", line, class_="kpi-words")
    return el("p", el("span", place + colon, class_="place"), rest, class_="kpi-words")


def _gauge(label: str, unit: str, value: float | None, usual: Usual) -> Component:
    typical = wording.interval(unit, usual.p10, usual.p90)
    said = _(
        "{label} {value}; typical {typical}, median {median}",
        label=_(label),
        value=wording.value(unit, value),
        typical=typical,
        median=wording.value(unit, usual.median),
    )
    return el("div", mark(marks.gauge(value, usual, label=said)), class_="kpi-gauge")
