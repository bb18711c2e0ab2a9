"""Pages of lists in the frame of the screens, with no script: what one keeps and shares, who may come in.

Each button is a form of its own; what it does is decided, checked and written down by `analytics.control`.
A secret is shown once, in the answer that made it, and stands in no address.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from analytics import wording
from analytics.control import commands, invitations, keys, people, sights, views
from analytics.control.doors import Doors
from analytics.control.gate import LINK, cookie, local_address
from analytics.control.identity import CALMABLE, ROLES, SCOPES, Policy, Role, current, require
from analytics.control.tables import EVERY_SITE
from analytics.errors import TearsheetError, UsageError
from analytics.language import N_, _
from analytics.queries import library
from dashboards import calm, components, filters, scope
from dashboards.doors import house, settings
from dashboards.doors.pages import Pages, by_https, form_of, with_cookies
from dashboards.doors.parts import Act, Around, Do, Form, Line, Link, Made, Part, PartsOf, Row

EVERY = N_("every site")
NO_ROLE = N_("no role")
WORDS = (N_("viewer"), N_("editor"), N_("analyst"), N_("admin"), N_("me"), N_("everybody"))  # of choices
POLICIES = {
    Policy.OPEN: N_("everything"),
    Policy.CALM: N_("no ranks, no live numbers, no colleagues"),
    Policy.OWN: N_("their own articles only"),
}
VIEWS, PEOPLE = "/views", "/settings"
TITLES = {
    VIEWS: (N_("Saved views"), N_("What you keep and share")),
    PEOPLE: (N_("People and keys"), N_("Who may come in, and what they see")),
    settings.PATH: (
        N_("Settings of a site"),
        N_("What tearsheet.toml says, and what else holds"),
    ),
    house.PATH: (N_("The house"), N_("Sites, mail, backups, erasing, and what was done")),
}


def register(server: FastAPI, desk: Any, doors: Doors, pages: Pages) -> None:
    """Answer `/views`, `/settings`, `/house` and the share links."""
    _shared_links(server, doors)
    for path, parts_of, acts in (
        (VIEWS, _views(desk, doors), _on_views(desk, doors)),
        (PEOPLE, _settings(desk, doors), _on_settings(desk, doors)),
        (settings.PATH, settings.parts_of(desk), settings.acts(desk, doors)),
        (house.PATH, house.parts_of(desk, doors), house.acts(desk, doors)),
    ):
        _bind(server, desk, pages, path, parts_of, acts)


def around(desk: Any, path: str, back: str) -> Around:
    """Say what stands around a page of lists for who asks: the screens, and the other pages of its kind."""
    sight = calm.sight_of(desk, filters.parse(*back.partition("?")[::2]))
    shown = [each for each in components.PAGES if calm.is_open(each.path, "", sight)]
    groups = [
        (_(group), [Link(_(each.label), each.path) for each in pages])
        for group, pages in groupby(shown, lambda each: each.group)
    ]
    who = current()
    is_of_all = who.may(Role.ADMIN, EVERY_SITE)
    is_of_one = is_of_all or any(who.may(Role.ADMIN, each.site_id) for each in desk.sites())
    mine = {VIEWS: True, PEOPLE: is_of_all, settings.PATH: is_of_one, house.PATH: is_of_all}
    places = [Link(_(TITLES[each][0]), each) for each, is_mine in mine.items() if is_mine]
    return Around(path, _(TITLES[path][1]), groups, places if len(places) > 1 else ())


def _bind(
    server: FastAPI, desk: Any, pages: Pages, path: str, parts_of: PartsOf, acts: Mapping[str, Act]
) -> None:
    async def drawn(
        back: str,
        refusal: TearsheetError | None = None,
        made: Made | None = None,
        given: Mapping[str, str] | None = None,
    ) -> Response:
        try:
            parts = await asyncio.to_thread(parts_of, back, given or {})
        except TearsheetError as no:
            parts, refusal = [], no
        beside = await asyncio.to_thread(around, desk, path, back)
        title = _(TITLES[path][0])
        return pages.lists(title, parts, back=back, around=beside, refusal=refusal, made=made)

    @server.get(path)
    async def show(request: Request) -> Response:
        return await drawn(_came_from(request), given=dict(request.query_params))

    @server.post(path + "/{what}")
    async def act(what: str, request: Request) -> Response:
        given = await form_of(request)
        back = local_address(given.get("back", "/"))
        try:
            if what not in acts:
                raise UsageError(_("There is no such button."), _("Go back and try again."))
            made = await asyncio.to_thread(acts[what], given)
        except TearsheetError as refusal:
            return await drawn(back, refusal, given=given)
        return await drawn(back, made=made, given=given)


def _came_from(request: Request) -> str:
    """Give the view from which somebody came here; the browser says so of our own pages."""
    parts = urlsplit(request.headers.get("referer", ""))
    query = f"?{parts.query}" if parts.query else ""
    here = local_address(f"{parts.path or '/'}{query}")
    return "/" if here.startswith(("/views", "/settings", "/house", "/password")) else here


def _shared_links(server: FastAPI, doors: Doors) -> None:
    @server.get(views.PATH + "{token}")
    async def follow(token: str, request: Request) -> Response:
        found = await asyncio.to_thread(views.identity_of, doors.control, token, doors.clock())
        if found is None:
            return RedirectResponse("/sign-in", status_code=303)
        to = RedirectResponse(found.address, status_code=303)
        return with_cookies(to, [cookie(LINK, token, is_https=by_https(doors, request))])


# --- what a person keeps -----------------------------------------------------------------------------------


def _view(desk: Any, address: str) -> tuple[str, str]:
    """Give site and whole address of a view: what is not a parameter of it falls away."""
    path, _rest, search = address.partition("?")
    view = filters.parse(path, search)
    site = scope.site_of(desk, view)
    return site.site_id, view.but(site=site.site_id).href()


def _views(desk: Any, doors: Doors) -> PartsOf:
    def parts(back: str, _given: Mapping[str, str]) -> list[Part]:
        site_ids = [each.site_id for each in scope.seen(desk)]
        _rest, address = _view(desk, back)
        hidden = {"back": back}
        kept = [
            Row(
                each.name,
                f"{each.address} · {_('yours') if each.is_own else _('by {name}', name=each.owner)}"
                f"{_(', shared') if each.is_shared else ''}",
                each.address,
                [
                    Do(
                        _("Forget"),
                        "/views/forget",
                        hidden | {"id": each.view_id},
                        _("Forget: {name}", name=each.name),
                    )
                ]
                if each.is_own
                else [],
            )
            for each in views.listed(doors.control, site_ids)
        ]
        links = [
            Row(
                each.name,
                _(
                    "{address} · until {expires_at} · {word}",
                    address=each.address,
                    expires_at=wording.day_dated(each.expires_at),
                    word=_("opened {day}", day=wording.day_short(each.used_at))
                    if each.used_at
                    else _("not opened yet"),
                ),
                actions=[
                    Do(
                        _("Take back"),
                        "/views/revoke",
                        hidden | {"id": each.link_id},
                        _("Take back: {name}", name=each.name),
                    )
                ],
            )
            for each in views.links(doors.control, site_ids, doors.clock())
        ]
        save = Form(
            "save",
            "/views/save",
            [
                Line("name", _("Name"), note=_("Of {address}", address=address)),
                Line("shared", _("Who sees it"), choices=("me", "everybody")),
            ],
            _("Save this view"),
            hidden,
        )
        share = Form(
            "share",
            "/views/share",
            [
                Line("name", _("Name"), note=_("Of {address}", address=address)),
                Line("days", _("Days"), "number", "30"),
            ],
            _("Make a link"),
            hidden,
        )
        return [
            Part(
                _("Saved views"),
                kept,
                _("None yet. A saved view opens with one click, with the same filters."),
                save,
            ),
            Part(
                _("Links to share"),
                links,
                _("None. A link shows one view to whoever has it, without sign-in."),
                share,
            ),
        ]

    return parts


def _on_views(desk: Any, doors: Doors) -> dict[str, Act]:
    def save(given: dict[str, str]) -> None:
        site_id, address = _view(desk, local_address(given.get("back", "/")))
        is_shared = given.get("shared") == "everybody"
        views.save(doors.control, site_id, given.get("name", ""), address, doors.clock(), is_shared=is_shared)

    def share(given: dict[str, str]) -> Made:
        site_id, address = _view(desk, local_address(given.get("back", "/")))
        days = given.get("days", "")
        lasts = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        path = views.share(doors.control, site_id, given.get("name", ""), address, lasts, doors.clock())
        return Made(_("Whoever has this link sees the view. It is shown once."), doors.url(path))

    return {
        "save": save,
        "share": share,
        "forget": lambda given: _nothing(views.forget(doors.control, given.get("id", ""))),
        "revoke": lambda given: views.revoke(doors.control, given.get("id", ""), doors.clock()),
    }


# --- who and what may come in ------------------------------------------------------------------------------


def _settings(desk: Any, doors: Doors) -> PartsOf:
    def parts(back: str, _given: Mapping[str, str]) -> list[Part]:
        require(Role.ADMIN, EVERY_SITE)
        sites = [EVERY, *(each.site_id for each in desk.sites())]
        hidden = {"back": back}
        waiting = invitations.waiting(doors.control, doors.clock())
        folk = [
            Row(
                f"{each.name} ({each.login})",
                f"{people.roles_said(each.roles)} · {people.state(each, waiting)}",
                actions=[
                    Do(label, f"/settings/{what}", hidden | {"login": each.login}, f"{label}: {each.login}")
                    for label, what in ((_("New link"), "reset"), (_("Disable"), "disable"))
                    if not (what == "disable" and each.disabled_at)
                ],
            )
            for each in people.listed(doors.control)
        ]
        programs = [
            Row(
                each.name,
                f"{', '.join(each.scopes)} · {', '.join(each.sites)} · "
                f"{_until(each.expires_at)} · {_used(each.used_at)}",
                actions=[
                    Do(
                        _("Take back"),
                        "/settings/revoke",
                        hidden | {"name": each.name},
                        _("Take back: {name}", name=each.name),
                    )
                ],
            )
            for each in keys.listed(doors.control)
        ]
        invite = [
            Line("login", _("Mail address"), note=_("They sign in by it.")),
            Line("name", _("Name"), required=False),
            Line("role", _("Role"), choices=tuple(ROLES)),
            Line("site", _("On"), choices=sites),
        ]
        logins = tuple(each.login for each in people.listed(doors.control))
        held = sights.policies(doors.control)
        rules = [
            Row(
                _(
                    "{role} of {site}: {sees}",
                    role=_(role),
                    site=_(EVERY) if site == EVERY_SITE else site,
                    sees=_(POLICIES[policy]),
                ),
                "",
                actions=[
                    Do(
                        _("Let go"),
                        "/settings/policy",
                        hidden | {"role": role, "policy": "", "site": EVERY if site == EVERY_SITE else site},
                        _("Let go: {role} of {site}", role=role, site=site),
                    )
                ],
            )
            for site, roles in sorted(held.items())
            for role, policy in sorted(roles.items())
        ]
        ties = sights.authors(doors.control)
        tied = [
            Row(
                f"{each.name} ({each.login})",
                _("{author} of {site}", author=_author(desk, site, author), site=site),
                f"/authors/{author}?site={site}",
                [
                    Do(
                        _("Untie"),
                        "/settings/author",
                        hidden | {"login": each.login, "site": site, "author": ""},
                        _("Untie: {login}", login=each.login),
                    )
                ],
            )
            for each in people.listed(doors.control)
            for site, author in ties.get(each.person_id, {}).items()
        ]
        see = [
            Line("role", _("Role"), choices=tuple(role.word for role in CALMABLE)),
            Line("policy", _("Sees"), choices=tuple(POLICIES.values())),
            Line("site", _("On"), choices=sites),
        ]
        tie = [
            Line("login", _("Person"), choices=logins),
            Line("author", _("Is the author"), note=_("Name or id, as on the page Authors.")),
            Line("site", _("Of"), choices=sites[1:]),
        ]
        change = [
            Line("login", _("Person"), choices=logins),
            Line("role", _("Role"), choices=(*ROLES, NO_ROLE)),
            Line("site", _("On"), choices=sites),
        ]
        make = [
            Line("name", _("Name"), note=_("Letters, digits and hyphens, such as cms.")),
            Line("scope", _("Opens"), choices=tuple(SCOPES)),
            Line("site", _("For"), choices=sites),
            Line("expires", _("Last day"), "date", required=False, note=_("Without one it has no end.")),
        ]
        return [
            Part(_("People"), folk, "", Form("invite", "/settings/invite", invite, _("Invite"), hidden)),
            Part(_("Roles"), [], _("Another role, on one site or on all."),
                 Form("role", "/settings/role", change, _("Set"), hidden)),
            Part(_("What roles see"), rules, _("Viewers and editors see all that their role opens."),
                 Form("policy", "/settings/policy", see, _("Set"), hidden)),
            Part(_("Who is which author"), tied, _("Nobody is tied to an author yet."),
                 Form("author", "/settings/author", tie, _("Tie"), hidden)),
            Part(_("Keys of programs"), programs, _("None yet. Several scopes: tearsheet key add."),
                 Form("key", "/settings/key", make, _("Make a key"), hidden), width="c12"),
        ]  # fmt: skip

    return parts


def _on_settings(desk: Any, doors: Doors) -> dict[str, Act]:
    def admins(act: Act) -> Act:
        def checked(given: dict[str, str]) -> Made | None:
            require(Role.ADMIN, EVERY_SITE)
            return act(given)

        return checked

    def site_of(given: dict[str, str]) -> str:
        site = given.get("site", EVERY)
        if site != EVERY and site not in {each.site_id for each in desk.sites()}:
            raise UsageError(_("There is no site {site!r}.", site=site[:80]))
        return "" if site == EVERY else site

    def invite(given: dict[str, str]) -> Made:
        made = commands.add(
            doors,
            login=given.get("login", ""),
            name=given.get("name", ""),
            role=given.get("role", ""),
            site=site_of(given),
        )
        return Made(
            _("Send this link to {login}. It works once, for three days.", login=made["login"]), made["link"]
        )

    def reset(given: dict[str, str]) -> Made:
        made = commands.reset(doors, login=given.get("login", ""))
        return Made(
            _("Send this link to {login}. It works once, for three days.", login=made["login"]), made["link"]
        )

    def role(given: dict[str, str]) -> None:
        word = "none" if given.get("role") == NO_ROLE else given.get("role", "")
        commands.role(doors, login=given.get("login", ""), role=word, site=site_of(given))

    def policy(given: dict[str, str]) -> None:
        words = {said: each for each, said in POLICIES.items()}
        word = words.get(given.get("policy", ""), given.get("policy", ""))
        role = given.get("role", "")
        commands.policy(doors, role=role, policy=word or "inherit", site=site_of(given))

    def author(given: dict[str, str]) -> None:
        site, wanted = site_of(given), given.get("author", "").strip()
        known = dict(library.names(desk.store, site, "author")) if wanted else {}
        ids = [key for key, name in known.items() if wanted in {key, name}]
        if wanted and len(ids) != 1:
            called = wanted[:80]
            raise UsageError(
                _("Several authors are called {name!r}.", name=called)
                if ids
                else _("No author is called {name!r}.", name=called),
                _("Give the id in the address of their page."),
            )
        commands.author(doors, login=given.get("login", ""), author=ids[0] if ids else "none", site=site)

    def key(given: dict[str, str]) -> Made:
        site = site_of(given)
        made = commands.key_add(
            doors,
            name=given.get("name", ""),
            scopes=[given.get("scope", "")],
            sites=[site] if site else [],
            known=[each.site_id for each in desk.sites()],
            expires=given.get("expires", ""),
        )
        return Made(_("The key. It is shown once."), made["key"])

    acts: dict[str, Act] = {
        "invite": invite,
        "reset": reset,
        "role": role,
        "policy": policy,
        "author": author,
        "key": key,
        "disable": lambda given: _nothing(commands.disable(doors, login=given.get("login", ""))),
        "revoke": lambda given: _nothing(commands.key_revoke(doors, name=given.get("name", ""))),
    }
    return {name: admins(act) for name, act in acts.items()}


def _author(desk: Any, site: str, author: str) -> str:
    """Name an author, by the id where the catalogue knows them no more."""
    return str(library.describe(desk.store, site, "author", [author])["name"][0] or author)


def _nothing(_done: object) -> None:
    return None


def _until(expires_at: dt.datetime | None) -> str:
    return _("until {day}", day=wording.day_dated(expires_at)) if expires_at else _("no end")


def _used(used_at: dt.datetime | None) -> str:
    if used_at is None:
        return _("not used yet")
    return _("last used {day} {at}", day=wording.day_short(used_at), at=wording.clock(used_at))
