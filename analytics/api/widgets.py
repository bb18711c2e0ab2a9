"""The doors under `/w/`: counters and lists for anybody, as wire-formats.md F.1 and pages.md 4 describe them.

Raw ASGI like the collector's doors: parameters, limits and errors are few and exact, and no page is made.
"""

from __future__ import annotations

import datetime as dt
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import idna
import msgspec
import structlog

from analytics import config, wording
from analytics.api import asked, markup
from analytics.api.asked import MostReadAsked, WrongError
from analytics.api.kept import Held, Kept, UnavailableError
from analytics.api.markup import Row, plain, web_address
from analytics.collect import http, settings
from analytics.collect.http import App, Headers, Receive, Scope, Send
from analytics.collect.limits import Buckets
from analytics.collect.networks import client_of, networks_of, visitor_part
from analytics.collect.sites import known_sites
from analytics.errors import EventError
from analytics.language import LANGUAGES, SOURCE, Speech, _, p_, speaking, speech
from analytics.metrics import METRICS
from analytics.periods import day_begins, local_time
from analytics.queries import library, public
from analytics.queries.library import Counter
from analytics.store.store import Store
from analytics.urls import article_id_of

PREFIX = "/w/"
A_MINUTE = 60  # requests of one address: wire-formats.md F.1
MOST_FORMS = 20  # bodies kept of one answer
FORMS = {"counter": ("json", "html", "svg"), "most-read": ("json", "html", "rss")}
MEDIA = {
    "json": b"application/json",
    "html": b"text/html; charset=utf-8",
    "svg": b"image/svg+xml; charset=utf-8",
    "rss": b"application/rss+xml; charset=utf-8",
}
OPEN: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
    (
        b"referrer-policy",
        b"strict-origin-when-cross-origin",
    ),  # a click in a list tells which site it came from
)
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"if-none-match"),
    (b"access-control-max-age", b"86400"),
)
SHARED = (b"cache-control", b"public, max-age=60")
UNSHARED = (b"cache-control", b"no-store")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Counters:
    """What one computation of counters gave.

    Attributes:
        found: Id as asked -> counter; unknown articles are missing. An address stands under its text.
        at: When, naive UTC.
    """

    found: Mapping[str, Counter]
    at: dt.datetime


Computed = Counters | public.Most


@dataclass(frozen=True, slots=True)
class _Site:
    """A site that has turned its widgets on."""

    id: str
    described: config.Site

    @property
    def widgets(self) -> config.Widgets:
        return self.described.widgets

    @property
    def hosts(self) -> tuple[str, ...]:
        return self.described.hosts or (self.id, f"www.{self.id}")

    @property
    def name(self) -> str:
        return self.described.name or self.id

    @property
    def language(self) -> str:
        return self.widgets.language or self.described.speech().language

    @property
    def thousands(self) -> str:
        own = self.widgets.thousands
        return self.described.speech().group if own is None else own

    def words(self, lang: str) -> Speech:
        """How words that are not the site's own are said: English where we do not speak its language."""
        return speech(lang if lang in LANGUAGES else SOURCE, self.described.locale)


@dataclass(frozen=True, slots=True)
class _Reply:
    """An answer before its common headers."""

    status: int
    form: str
    body: bytes = b""
    headers: Headers = ()


class Widgets:
    """ASGI: answers `/w/`, hands everything else to the app behind."""

    def __init__(
        self,
        store: Store,
        home: Path,
        sites: Callable[[], Mapping[str, config.Site]],
        inner: App,
        *,
        clock: Callable[[], dt.datetime] = config.now,
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        """Bind the doors.

        Args:
            store: The open store.
            home: Folder of the home; the collector's settings in it say whom to believe about addresses.
            sites: The sites as tearsheet.toml describes them now.
            inner: What answers all other addresses.
            clock: Gives now, naive UTC.
            ticks: Monotonic seconds.

        Raises:
            ConfigError: The collector's settings cannot be read.
        """
        self._store, self._sites, self._inner, self._clock, self._ticks = store, sites, inner, clock, ticks
        self._watched = settings.Watched(home, ticks=ticks)
        self._buckets = Buckets()
        self._kept: Kept[Computed] = Kept(ticks)
        self._told: Mapping[str, config.Site] = {}
        self._settle()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._inner(scope, receive, send)
            return
        reply = self._limited(scope)
        if reply is None:
            reply = await self._answer(scope)
        # A part of a page says nothing where it has nothing to say, unless to whoever wrote the address.
        is_silent = reply.form == "html" and reply.status >= 401
        body = b"" if scope["method"] == "HEAD" or is_silent else reply.body
        length = b"0" if is_silent else str(len(reply.body)).encode()
        headers = [
            *OPEN,
            *reply.headers,
            (b"content-type", MEDIA[reply.form] if is_silent else _media(reply)),
        ]
        if not any(name == b"content-security-policy" for name, _ in headers):
            headers.append(_policy("'none'"))
        if reply.status not in {204, 304}:
            headers.append((b"content-length", length))
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _settle(self) -> None:
        found = self._watched.settings
        self._proxies = networks_of(found.limits.trusted_proxies)
        self._known = known_sites(found)

    def _limited(self, scope: Scope) -> _Reply | None:
        """Count a request against the limit of its address, which is known here only and never written."""
        if self._watched.changed():
            self._settle()
        forwarded = http.headers_of(scope).get(b"x-forwarded-for", b"").decode("latin-1")
        peer = scope["client"][0] if scope.get("client") else None
        address = visitor_part(client_of(peer, forwarded, self._proxies))
        wait = self._buckets.take(address, A_MINUTE, self._ticks())
        if not wait:
            return None
        retry = (b"retry-after", str(math.ceil(wait)).encode())
        return _refused(
            429, _form(scope), "too_many_requests", "One address may ask 60 times a minute.", "", retry
        )

    async def _answer(self, scope: Scope) -> _Reply:
        form = _form(scope)
        if scope["method"] == "OPTIONS":
            return _Reply(204, form, headers=PREFLIGHT)
        if scope["method"] not in {"GET", "HEAD"}:
            allow = (b"allow", b"GET, HEAD, OPTIONS")
            return _refused(405, form, "method_not_allowed", "These addresses are only read.", "", allow)
        try:
            return await self._found(scope, form)
        except WrongError as wrong:
            cached = SHARED if wrong.status == 404 else UNSHARED
            return _refused(wrong.status, form, wrong.code, wrong.message, wrong.hint, cached)
        except UnavailableError as fault:
            return _refused(503, form, "unavailable", fault.message, fault.hint, (b"retry-after", b"60"))
        except Exception:  # the edge of a request
            log.exception("public request failed", form=form)
            words = "The figures cannot be read just now."
            return _refused(503, form, "unavailable", words, "", (b"retry-after", b"60"))

    async def _found(self, scope: Scope, form: str) -> _Reply:
        parts = scope["path"].removeprefix(PREFIX).split("/")
        kind, _, ending = parts[-1].partition(".")
        if len(parts) != 2 or ending not in FORMS.get(kind, ()):
            raise WrongError("not_found", "There is no such widget.", status=404)
        site = self._site(parts[0])
        if site is None:
            hint = f'Turn them on in {config.FILE}: on = true under [site."…".widgets].'
            raise WrongError("unknown_site", "This site shows no widgets here.", hint, status=404)
        make = self._counter if kind == "counter" else self._most_read
        return _checked(await make(site, scope.get("query_string", b""), form), scope, site)

    def _site(self, name: str) -> _Site | None:
        told = self._sites()
        if told is not self._told:  # other settings: answers were made by the old ones
            self._told = told
            self._kept.clear()
        described = told.get(name.lower())
        return _Site(name.lower(), described) if described and described.widgets.on else None

    # --- counter -------------------------------------------------------------------------------------------

    async def _counter(self, site: _Site, query: bytes, form: str) -> _Reply:
        wanted = asked.counter(query, form)
        lang, label = _word(site, wanted.lang)
        ids, url = tuple(sorted(wanted.ids)), self._canonical(site, wanted.url) if wanted.url else ""
        metric = site.described.counter
        held = await self._kept.give(
            ("counter", site.id, metric, ids, url), lambda: self._counted(site, ids, url, metric)
        )
        value = held.value
        assert isinstance(value, Counters)  # noqa: S101 the question says so
        if wanted.is_list:
            whole = {each: _told(site, value, each) for each in wanted.ids}
            return _Reply(200, form, msgspec.json.encode(whole))
        key = url or wanted.ids[0]
        if key not in value.found:
            return _Reply(404, form, b'{"error":"unknown_article"}', (SHARED,))

        def made() -> bytes:
            if form == "json":
                return msgspec.json.encode(_told(site, value, key))
            found = value.found[key]
            shown = _shown(site, found)
            words = f"{label}: {markup.grouped(shown, site.thousands)}" if shown is not None else ""
            with speaking(site.words(lang)) as spoken:
                told = _title(site, found, value.at)
            if form == "html":
                return markup.counter_html(words, lang, told, spoken.language)
            return markup.counter_svg(words, lang, told, wanted.theme)

        return _Reply(200, form, _formed(held, (form, lang, wanted.theme, key), made))

    def _canonical(self, site: _Site, url: str) -> str:
        try:
            page = self._known[site.id].page(url)
        except (EventError, KeyError) as fault:
            raise WrongError("bad_url", "This is no address of a page.", "Give a whole https URL.") from fault
        if not page.is_ours or page.url is None:
            raise WrongError("bad_url", "This address is on none of the site's hosts.")
        return page.url

    def _counted(self, site: _Site, ids: tuple[str, ...], url: str, metric: str) -> Counters:
        now = self._clock()
        if not url:
            return Counters(library.counters(self._store, site.id, ids, metric), now)
        key = library.at_address(self._store, site.id, url, article_id_of(url))
        found = library.counters(self._store, site.id, [key], metric)
        return Counters({url: found[key]} if key in found else {}, now)

    # --- most read -----------------------------------------------------------------------------------------

    async def _most_read(self, site: _Site, query: bytes, form: str) -> _Reply:
        wanted = asked.most_read(query)
        question = public.Question(
            site.id,
            site.described.timezone,
            wanted.period,
            wanted.by,
            tuple(sorted(wanted.section)),
            tuple(sorted(wanted.topic)),
            tuple(sorted(wanted.language)),
            site.widgets.excluded,
            asked.MOST_ROWS,
        )
        held = await self._kept.give(question, lambda: public.most(self._store, question, self._clock()))
        found = held.value
        assert isinstance(found, public.Most)  # noqa: S101 the question says so

        def made() -> bytes:
            rows = _rows(site, found, wanted.limit)
            lang = site.language
            if form == "json":
                return msgspec.json.encode(_list_told(wanted, found, rows))
            if form == "html":
                return markup.list_html(rows, lang, found.used, site.thousands)
            name = plain(site.name)
            with speaking(site.words(lang)):
                title = (
                    _("{site}: most discussed", site=name)
                    if wanted.by == "comments"
                    else _("{site}: most read", site=name)
                )
            return markup.list_rss(rows, title, f"https://{site.hosts[0]}/", lang, found.as_of)

        return _Reply(200, form, _formed(held, (form, wanted.limit), made))


# --- what is told ------------------------------------------------------------------------------------------


def _shown(site: _Site, found: Counter) -> int | None:
    """Give the number that may be shown: None where it is unknown, or lower than the site shows."""
    return found.value if found.value is not None and found.value >= site.widgets.hide_below else None


def _told(site: _Site, counters: Counters, key: str) -> dict[str, Any] | None:
    """Write a counter as wire-formats.md F.1 has it; None for an article that is not known."""
    found = counters.found.get(key)
    if found is None:
        return None
    shown, zone = _shown(site, found), site.described.timezone
    return {
        "article": found.article_id,
        "metric": found.metric,
        "label": _word(site, "")[1],
        "value": shown,
        "since": local_time(day_begins(found.since, zone), zone).isoformat() if found.since else None,
        "opening_balance": found.opening_balance if shown is not None else None,
        "as_of": _instant(counters.at),
    }


def _title(site: _Site, found: Counter, at: dt.datetime) -> str:
    """Say what a counter counts, since when, and how much of it is the former counter's."""
    label, local = METRICS[found.metric].label, local_time(at, site.described.timezone)
    counted = (
        _("{label} since {day}", label=label, day=wording.day_dated(found.since)) if found.since else label
    )
    if found.opening_balance:
        counted += ", " + _("{views} from the former counter", views=wording.full(found.opening_balance))
    as_of = _("as of {clock}, {day}", clock=wording.clock(local), day=wording.day_dated(local.date()))
    return f"{counted}; {as_of}"


def _rows(site: _Site, found: public.Most, limit: int) -> list[Row]:
    is_told = site.widgets.show_values
    return [
        Row(
            rank=row["rank"],
            id=plain(row["id"]),
            url=web_address(row["url"]),
            title=plain(row["title"]),
            authors=[plain(name) for name in row["authors"]],
            section=plain(row["section"]) if row["section"] else None,
            published_at=row["published_at"].replace(tzinfo=dt.UTC) if row["published_at"] else None,
            image=web_address(row["image"]),
            value=row["value"] if is_told and row["value"] >= site.widgets.floor else None,
        )
        for row in found.rows.head(limit).to_dicts()
    ]


def _list_told(wanted: MostReadAsked, found: public.Most, rows: list[Row]) -> dict[str, Any]:
    return {
        "period": wanted.period,
        "period_used": found.used,
        "by": wanted.by,
        "as_of": _instant(found.as_of),
        "rows": rows,
    }


def _word(site: _Site, lang: str) -> tuple[str, str]:
    """Choose the word before the number, and its language."""
    own, lang = site.widgets, lang or site.language
    usual = {} if own.label else dict.fromkeys(LANGUAGES, "")
    known = {**usual, **own.labels, site.language: own.label}
    if lang not in known:
        raise WrongError(
            "bad_lang", f"There is no word in {lang[:35]!r}.", f"Known: {', '.join(sorted(known))}."
        )
    with speaking(site.words(lang)):
        return lang, known[lang] or p_("counter", "Read")


def _instant(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds") + "Z"


# --- how it is sent ----------------------------------------------------------------------------------------


def _formed(held: Held[Computed], key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
    """Make a body once for all who ask for it."""
    body = held.forms.get(key)
    if body is None:
        body = make()
        if len(held.forms) < MOST_FORMS:
            held.forms[key] = body
    return body


def _checked(reply: _Reply, scope: Scope, site: _Site) -> _Reply:
    """Give a good answer its tag, or say that the asker has it already."""
    policy = _policy(" ".join(_frames(site.hosts)) if reply.form in {"html", "svg"} else "'none'")
    if reply.status != 200:
        return _Reply(reply.status, reply.form, reply.body, (*reply.headers, policy))
    tag = f'"{blake2b(reply.body, digest_size=16).hexdigest()}"'
    headers = (SHARED, policy, (b"etag", tag.encode()))
    known = http.headers_of(scope).get(b"if-none-match", b"").decode("latin-1")
    tags = {each.strip().removeprefix("W/") for each in known.split(",")}
    if tags & {tag, "*"}:
        return _Reply(304, reply.form, headers=headers)
    return _Reply(200, reply.form, reply.body, headers)


def _refused(
    status: int, form: str, code: str, message: str, hint: str, *headers: tuple[bytes, bytes]
) -> _Reply:
    """Make the refusal of wire-formats.md F.2."""
    body = msgspec.json.encode({"error": code, "message": message, "hint": hint})
    kept = headers if any(name == b"cache-control" for name, _ in headers) else (*headers, UNSHARED)
    return _Reply(status, form, body, kept)


def _media(reply: _Reply) -> bytes:
    return MEDIA[reply.form] if reply.status in {200, 304} else MEDIA["json"]


def _form(scope: Scope) -> str:
    ending = scope["path"].rpartition(".")[2]
    return ending if ending in MEDIA else "json"


def _policy(frames: str) -> tuple[bytes, bytes]:
    rules = f"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors {frames}"
    return b"content-security-policy", rules.encode()


def _frames(hosts: tuple[str, ...]) -> list[str]:
    """Write hosts as a policy has them; what is no host would open the policy to others."""
    found = []
    for host in hosts:
        name, _, port = host.lower().partition(":")
        try:
            ascii_name = name if name.isascii() else idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            continue
        text = f"{ascii_name}:{port}" if port else ascii_name
        if config.SITE_NAME.fullmatch(text):
            found.append(text)
    return found or ["'none'"]
