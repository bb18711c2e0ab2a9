"""Two pages of lists, plain as the ways in: what a person keeps and shares, and who and what may come in.

Each button is a form of its own; what it does is decided, checked and written down by `analytics.control`.
A secret is shown once, in the answer that made it, and stands in no address.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from analytics.control import audit, commands, invitations, keys, people, sights, views
from analytics.control.doors import Doors
from analytics.control.gate import LINK, cookie, local_address
from analytics.control.identity import CALMABLE, ROLES, SCOPES, Policy, Role, require
from analytics.control.tables import EVERY_SITE
from analytics.errors import TearsheetError, UsageError
from analytics.queries import library
from dashboards import filters, scope
from dashboards.doors.pages import Pages, by_https, form_of, with_cookies

EVERY = "every site"
NO_ROLE = "no role"
POLICIES = {
    Policy.OPEN: "everything",
    Policy.CALM: "no ranks, no live numbers, no colleagues",
    Policy.OWN: "their own articles only",
}


@dataclass(frozen=True, slots=True)
class Do:
    """A button of a row; `choices` stand before it."""

    label: str
    action: str
    hidden: Mapping[str, str]
    said: str
    choices: Sequence[str] = ()
    chosen: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what, a note under it, its address, its buttons."""

    what: str
    note: str
    href: str = ""
    actions: Sequence[Do] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One field of a form."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    note: str = ""
    choices: Sequence[str] = ()
    required: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """What can be added."""

    key: str
    action: str
    fields: Sequence[Line]
    button: str
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    """A list under its title."""

    title: str
    rows: Sequence[Row]
    empty: str
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """A secret that is shown once."""

    words: str
    secret: str


Act = Callable[[dict[str, str]], "Made | None"]


def register(server: FastAPI, desk: Any, doors: Doors, pages: Pages) -> None:
    """Answer `/views`, `/settings` and the share links."""
    _shared_links(server, doors)
    _bind(server, pages, "/views", "Saved views", _views(desk, doors), _on_views(desk, doors))
    _bind(server, pages, "/settings", "Settings", _settings(desk, doors), _on_settings(desk, doors))


def _bind(
    server: FastAPI,
    pages: Pages,
    path: str,
    title: str,
    parts_of: Callable[[str], list[Part]],
    acts: Mapping[str, Act],
) -> None:
    async def drawn(back: str, refusal: TearsheetError | None = None, made: Made | None = None) -> Response:
        try:
            parts = await asyncio.to_thread(parts_of, back)
        except TearsheetError as no:
            parts, refusal = [], no
        return pages.lists(title, parts, back=back, refusal=refusal, made=made)

    @server.get(path)
    async def show(request: Request) -> Response:
        return await drawn(_came_from(request))

    @server.post(path + "/{what}")
    async def act(what: str, request: Request) -> Response:
        given = await form_of(request)
        back = local_address(given.get("back", "/"))
        try:
            if what not in acts:
                raise UsageError("There is no such button.", "Go back and try again.")
            made = await asyncio.to_thread(acts[what], given)
        except TearsheetError as refusal:
            return await drawn(back, refusal)
        return await drawn(back, made=made)


def _came_from(request: Request) -> str:
    """Give the view from which somebody came here; the browser says so of our own pages."""
    parts = urlsplit(request.headers.get("referer", ""))
    query = f"?{parts.query}" if parts.query else ""
    here = local_address(f"{parts.path or '/'}{query}")
    return "/" if here.startswith(("/views", "/settings", "/password")) else here


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
    path, _, search = address.partition("?")
    view = filters.parse(path, search)
    site = scope.site_of(desk, view)
    return site.site_id, view.but(site=site.site_id).href()


def _views(desk: Any, doors: Doors) -> Callable[[str], list[Part]]:
    def parts(back: str) -> list[Part]:
        site_ids = [each.site_id for each in scope.seen(desk)]
        _, address = _view(desk, back)
        hidden = {"back": back}
        kept = [
            Row(
                each.name,
                f"{each.address} · {'yours' if each.is_own else 'by ' + each.owner}"
                f"{', shared' if each.is_shared else ''}",
                each.address,
                [Do("Forget", "/views/forget", hidden | {"id": each.view_id}, f"Forget: {each.name}")]
                if each.is_own
                else [],
            )
            for each in views.listed(doors.control, site_ids)
        ]
        links = [
            Row(
                each.name,
                f"{each.address} · until {each.expires_at:%-d %B %Y} · "
                f"{'opened ' + format(each.used_at, '%-d %B') if each.used_at else 'not opened yet'}",
                actions=[
                    Do("Take back", "/views/revoke", hidden | {"id": each.link_id}, f"Take back: {each.name}")
                ],
            )
            for each in views.links(doors.control, site_ids, doors.clock())
        ]
        save = Form(
            "save",
            "/views/save",
            [
                Line("name", "Name", note=f"Of {address}"),
                Line("shared", "Who sees it", choices=("me", "everybody")),
            ],
            "Save this view",
            hidden,
        )
        share = Form(
            "share",
            "/views/share",
            [Line("name", "Name", note=f"Of {address}"), Line("days", "Days", "number", "30")],
            "Make a link",
            hidden,
        )
        return [
            Part(
                "Saved views",
                kept,
                "None yet. A saved view opens with one click, with the same filters.",
                save,
            ),
            Part(
                "Links to share",
                links,
                "None. A link shows one view to whoever has it, without sign-in.",
                share,
            ),
        ]

    return parts


def _on_views(desk: Any, doors: Doors) -> dict[str, Act]:
    def save(given: dict[str, str]) -> None:
        site_id, address = _view(desk, local_address(given.get("back", "/")))
        is_shared = given.get("shared") == "everybody"
        if is_shared:
            require(Role.EDITOR, site_id)
        views.save(doors.control, site_id, given.get("name", ""), address, doors.clock(), is_shared=is_shared)

    def share(given: dict[str, str]) -> Made:
        site_id, address = _view(desk, local_address(given.get("back", "/")))
        days = given.get("days", "")
        lasts = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0
        path = views.share(doors.control, site_id, given.get("name", ""), address, lasts, doors.clock())
        return Made("Whoever has this link sees the view. It is shown once.", doors.url(path))

    return {
        "save": save,
        "share": share,
        "forget": lambda given: views.forget(doors.control, given.get("id", "")),
        "revoke": lambda given: views.revoke(doors.control, given.get("id", ""), doors.clock()),
    }


# --- who and what may come in ------------------------------------------------------------------------------


def _settings(desk: Any, doors: Doors) -> Callable[[str], list[Part]]:
    def parts(back: str) -> list[Part]:
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
                    for label, what in (("New link", "reset"), ("Disable", "disable"))
                    if not (what == "disable" and each.disabled_at)
                ],
            )
            for each in people.listed(doors.control)
        ]
        programs = [
            Row(
                each.name,
                f"{', '.join(each.scopes)} · {', '.join(each.sites)} · "
                f"{'until ' + format(each.expires_at, '%-d %B %Y') if each.expires_at else 'no end'} · "
                f"{'last used ' + format(each.used_at, '%-d %B %H:%M') if each.used_at else 'not used yet'}",
                actions=[
                    Do(
                        "Take back",
                        "/settings/revoke",
                        hidden | {"name": each.name},
                        f"Take back: {each.name}",
                    )
                ],
            )
            for each in keys.listed(doors.control)
        ]
        done = [
            Row(
                f"{each.action}: {each.subject}",
                f"{each.at:%-d %B %Y %H:%M} UTC · {each.actor_name or each.actor_kind}",
            )
            for each in audit.latest(doors.control, 50)
        ]
        invite = [
            Line("login", "Mail address", note="They sign in by it."),
            Line("name", "Name", required=False),
            Line("role", "Role", choices=tuple(ROLES)),
            Line("site", "On", choices=sites),
        ]
        logins = tuple(each.login for each in people.listed(doors.control))
        held = sights.policies(doors.control)
        rules = [
            Row(
                f"{role} of {EVERY if site == EVERY_SITE else site}: {POLICIES[policy]}",
                "",
                actions=[
                    Do(
                        "Let go",
                        "/settings/policy",
                        hidden | {"role": role, "policy": "", "site": EVERY if site == EVERY_SITE else site},
                        f"Let go: {role} of {site}",
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
                f"{_author(desk, site, author)} of {site}",
                f"/authors/{author}?site={site}",
                [
                    Do(
                        "Untie",
                        "/settings/author",
                        hidden | {"login": each.login, "site": site, "author": ""},
                        f"Untie: {each.login}",
                    )
                ],
            )
            for each in people.listed(doors.control)
            for site, author in ties.get(each.person_id, {}).items()
        ]
        see = [
            Line("role", "Role", choices=tuple(role.word for role in CALMABLE)),
            Line("policy", "Sees", choices=tuple(POLICIES.values())),
            Line("site", "On", choices=sites),
        ]
        tie = [
            Line("login", "Person", choices=logins),
            Line("author", "Is the author", note="Name or id, as on the page Authors."),
            Line("site", "Of", choices=sites[1:]),
        ]
        change = [
            Line("login", "Person", choices=logins),
            Line("role", "Role", choices=(*ROLES, NO_ROLE)),
            Line("site", "On", choices=sites),
        ]
        make = [
            Line("name", "Name", note="Letters, digits and hyphens, such as cms."),
            Line("scope", "Opens", choices=tuple(SCOPES)),
            Line("site", "For", choices=sites),
            Line("expires", "Last day", "date", required=False, note="Without one it has no end."),
        ]
        return [
            Part("People", folk, "", Form("invite", "/settings/invite", invite, "Invite", hidden)),
            Part("Roles", [], "Another role, on one site or on all.",
                 Form("role", "/settings/role", change, "Change", hidden)),
            Part("What roles see", rules, "Viewers and editors see all that their role opens.",
                 Form("policy", "/settings/policy", see, "Set", hidden)),
            Part("Who is which author", tied, "Nobody is tied to an author yet.",
                 Form("author", "/settings/author", tie, "Tie", hidden)),
            Part("Keys of programs", programs, "None yet. Several scopes: tearsheet key add.",
                 Form("key", "/settings/key", make, "Make a key", hidden)),
            Part("What was done", done, "Nothing yet."),
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
            raise UsageError(f"There is no site {site[:80]!r}.")
        return "" if site == EVERY else site

    def invite(given: dict[str, str]) -> Made:
        made = commands.add(
            doors,
            login=given.get("login", ""),
            name=given.get("name", ""),
            role=given.get("role", ""),
            site=site_of(given),
        )
        return Made(f"Send this link to {made['login']}. It works once, for three days.", made["link"])

    def reset(given: dict[str, str]) -> Made:
        made = commands.reset(doors, login=given.get("login", ""))
        return Made(f"Send this link to {made['login']}. It works once, for three days.", made["link"])

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
            said = "Several authors are" if ids else "No author is"
            raise UsageError(f"{said} called {wanted[:80]!r}.", "Give the id in the address of their page.")
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
        return Made("The key. It is shown once.", made["key"])

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
