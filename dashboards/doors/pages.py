"""The routes of the ways in. What they decide is decided by `analytics.control.doors`; here it gets a page.

A form that was refused comes back with the sentence, and with what was typed but for passwords. Answers are
never kept, by the browser or by anybody between.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, quote

import jinja2
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from analytics import language
from analytics.control import invitations, oidc, sessions
from analytics.control.doors import Doors, TooManyAttemptsError
from analytics.control.gate import SESSION, cookie, cookie_name, is_https, local_address
from analytics.control.identity import current
from analytics.control.passwords import SHORTEST
from analytics.errors import NotAllowedError, TearsheetError
from analytics.language import _
from dashboards import theme
from dashboards.doors.parts import Around, Link

HERE = Path(__file__).parent
STATE = "tearsheet-state"
MOST_FORM = 16 << 10
MOST_FIELDS = 40


@dataclass(frozen=True, slots=True)
class Field:
    """One line of a form; `fills` tells password managers what it is."""

    name: str
    label: str
    kind: str
    fills: str
    value: str = ""
    note: str = ""


def _new_password() -> str:
    return _("At least {n} characters. Three or four words do well.", n=SHORTEST)


def stylesheet() -> str:
    """Give the one stylesheet: tokens, the dark ones also for who has no script, and the card."""
    dark = theme.block(":root:not([data-mantine-color-scheme])", "dark")
    return f"{theme.css()}\n@media (prefers-color-scheme: dark) {{\n{dark}}}\n" + (
        HERE / "door.css"
    ).read_text(encoding="utf-8")


class Pages:
    """Draws the pages."""

    def __init__(self, fonts: str) -> None:
        """Read the templates; `fonts` is the address of the fonts' stylesheet, empty without."""
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
        )
        self._templates.globals |= {"_": _, "spoken": language.current}
        self._fonts = fonts

    def form(
        self,
        title: str,
        action: str,
        fields: Sequence[Field],
        button: str,
        *,
        lead: str = "",
        hidden: Mapping[str, str] | None = None,
        refusal: TearsheetError | None = None,
        other: Link | None = None,
        foot: str = "",
        cookies: Sequence[str] = (),
    ) -> Response:
        """Draw a form."""
        body = self._templates.get_template("form.html").render(
            title=title,
            lead=lead,
            refused=str(refusal or ""),
            fonts=self._fonts,
            action=action,
            fields=fields,
            hidden=hidden or {},
            button=button,
            other=other,
            foot=foot,
        )
        return _answer(body, refusal, cookies)

    def words(
        self,
        title: str,
        lead: str,
        links: Sequence[Link] = (),
        *,
        refusal: TearsheetError | None = None,
        cookies: Sequence[str] = (),
    ) -> Response:
        """Draw a page that only says something."""
        body = self._templates.get_template("words.html").render(
            title=title, lead=lead, refused="", fonts=self._fonts, links=links
        )
        return _answer(body, refusal, cookies)

    def lists(
        self,
        title: str,
        parts: Sequence[object],
        *,
        back: str,
        around: Around | None = None,
        refusal: TearsheetError | None = None,
        made: object = None,
    ) -> Response:
        """Draw a page of lists (`doors.lists`)."""
        body = self._templates.get_template("lists.html").render(
            title=title,
            around=around or Around(),
            refused=str(refusal or ""),
            fonts=self._fonts,
            parts=parts,
            back=back,
            made=made,
        )
        return _answer(body, refusal, ())


def register(server: FastAPI, doors: Doors, fonts: str) -> Pages:
    """Answer the addresses of the ways in.

    Args:
        server: The server of the screens.
        doors: The doors of the house.
        fonts: Address of the fonts' stylesheet; empty without.

    Returns:
        What draws further pages of their kind.
    """
    pages, css = Pages(fonts), stylesheet()

    @server.get("/door.css")
    async def styles() -> Response:
        return Response(css, media_type="text/css", headers={"Cache-Control": "public, max-age=300"})

    _sign_in(server, doors, pages)
    if doors.settings.oidc.issuer:
        _provider(server, doors, pages)
    _claim(server, doors, pages)
    _join(server, doors, pages)
    _password(server, doors, pages)
    return pages


def _sign_in(server: FastAPI, doors: Doors, pages: Pages) -> None:
    def form(after: str, login: str = "", refusal: TearsheetError | None = None) -> Response:
        oidc = doors.settings.oidc
        other = Link(
            _("Sign in with {label}", label=_(oidc.label)), f"/sign-in/with?next={quote(after, safe='')}"
        )
        fields = [
            Field("login", _("Mail address or name"), "text", "username", login),
            Field("password", _("Password"), "password", "current-password"),
        ]
        return pages.form(
            _("Sign in"),
            "/sign-in",
            fields,
            _("Sign in"),
            hidden={"next": after},
            refusal=refusal,
            other=other if oidc.issuer else None,
            foot=_("Forgotten? An admin can send you a link that sets another password."),
        )

    @server.get("/sign-in")
    async def show(request: Request) -> Response:
        after = local_address(request.query_params.get("next", "/"))
        if not await asyncio.to_thread(lambda: doors.is_claimed):
            return pages.words(
                _("Not claimed yet"),
                _("Nobody has claimed this house. Open the link that it printed at its start, there."),
            )
        if current().kind not in {"nobody", "link"}:
            return _on(after)
        return form(after)

    @server.post("/sign-in")
    async def sign_in(request: Request) -> Response:
        given = await form_of(request)
        after, login = local_address(given.get("next", "/")), given.get("login", "")[:254]
        try:
            address = doors.address_of(*_whence(request))
            token = await asyncio.to_thread(doors.sign_in, login, given.get("password", ""), address)
        except TearsheetError as refusal:
            return form(after, login, refusal)
        await _leave(doors, request)
        return _in(doors, request, token, after)

    @server.post("/sign-out")
    async def sign_out(request: Request) -> Response:
        await _leave(doors, request)
        away = [cookie(SESSION, "", is_https=by_https(doors, request))]
        return with_cookies(_on("/sign-in"), away)


def _provider(server: FastAPI, doors: Doors, pages: Pages) -> None:
    provider = oidc.Provider(doors)

    def no(refusal: TearsheetError) -> Response:
        return pages.words(
            _("Not signed in"), str(refusal), [Link(_("Back to the sign-in"), "/sign-in")], refusal=refusal
        )

    @server.get("/sign-in/with")
    async def begin(request: Request) -> Response:
        after = local_address(request.query_params.get("next", "/"))
        try:
            to, state = await asyncio.to_thread(provider.begin, after)
        except TearsheetError as refusal:
            return no(refusal)
        held = cookie(STATE, state, is_https=by_https(doors, request), lasts_s=int(oidc.LASTS_S))
        return with_cookies(_on(to), [held])

    @server.get(oidc.BACK)
    async def back(request: Request, state: str = "", code: str = "") -> Response:
        held = request.cookies.get(cookie_name(STATE, is_https=by_https(doors, request)), "")
        try:
            token, after = await asyncio.to_thread(provider.end, state, held, code[:4_000])
        except TearsheetError as refusal:
            return no(refusal)
        await _leave(doors, request)
        return with_cookies(
            _in(doors, request, token, after), [cookie(STATE, "", is_https=by_https(doors, request))]
        )


def _claim(server: FastAPI, doors: Doors, pages: Pages) -> None:
    def form(token: str, login: str = "", name: str = "", refusal: TearsheetError | None = None) -> Response:
        fields = [
            Field("login", _("Mail address"), "text", "username", login, _("By this you sign in.")),
            Field("name", _("Your name"), "text", "name", name),
            Field("password", _("Password"), "password", "new-password", note=_new_password()),
        ]
        return pages.form(
            _("Claim this house"),
            "/claim",
            fields,
            _("Claim it"),
            lead=_("You become its first admin, and can then add others."),
            hidden={"token": token},
            refusal=refusal,
        )

    @server.get("/claim")
    async def show(token: str = "") -> Response:
        if await asyncio.to_thread(lambda: doors.is_claimed):
            return _on("/sign-in")
        return form(token[:200])

    @server.post("/claim")
    async def claim(request: Request) -> Response:
        given = await form_of(request)
        login, name, token = (given.get(key, "")[:254] for key in ("login", "name", "token"))
        try:
            made = await asyncio.to_thread(doors.claim_house, token, login, name, given.get("password", ""))
        except TearsheetError as refusal:
            return form(token, login, name, refusal)
        return _in(doors, request, made, "/")


def _join(server: FastAPI, doors: Doors, pages: Pages) -> None:
    def over() -> Response:
        said = _("It works once, and for three days. An admin can send you another.")
        refusal = NotAllowedError(_("This link is used or over."))
        return pages.words(
            _("This link is used or over"), said, [Link(_("Sign in"), "/sign-in")], refusal=refusal
        )

    def form(token: str, login: str, refusal: TearsheetError | None = None) -> Response:
        fields = [Field("password", _("New password"), "password", "new-password", note=_new_password())]
        return pages.form(
            _("Set your password"),
            invitations.PATH + token,
            fields,
            _("Set it and sign in"),
            lead=_("You sign in as {login}.", login=login),
            refusal=refusal,
        )

    @server.get(invitations.PATH + "{token}")
    async def show(token: str) -> Response:
        person = await asyncio.to_thread(invitations.person_of, doors.control, token, doors.clock())
        return form(token, person.login) if person else over()

    @server.post(invitations.PATH + "{token}")
    async def join(token: str, request: Request) -> Response:
        given = await form_of(request)
        person = await asyncio.to_thread(invitations.person_of, doors.control, token, doors.clock())
        if person is None:
            return over()
        try:
            made = await asyncio.to_thread(doors.join, token, given.get("password", ""))
        except NotAllowedError:
            return over()
        except TearsheetError as refusal:
            return form(token, person.login, refusal)
        await _leave(doors, request)
        return _in(doors, request, made, "/")


def _password(server: FastAPI, doors: Doors, pages: Pages) -> None:
    def form(refusal: TearsheetError | None = None) -> Response:
        fields = [
            Field("old", _("Present password"), "password", "current-password"),
            Field("new", _("New password"), "password", "new-password", note=_new_password()),
        ]
        return pages.form(
            _("Change your password"),
            "/password",
            fields,
            _("Change it"),
            lead=_("You are signed out everywhere else."),
            refusal=refusal,
        )

    @server.get("/password")
    async def show() -> Response:
        return form() if current().kind == "person" else _on("/")

    @server.post("/password")
    async def change(request: Request) -> Response:
        given = await form_of(request)
        who = current()
        if who.kind != "person":
            return _on("/")
        try:
            made = await asyncio.to_thread(
                doors.change_password, who.id, given.get("old", ""), given.get("new", "")
            )
        except TearsheetError as refusal:
            return form(refusal)
        return _in(doors, request, made, "/")


# --- what requests bring and answers bear ----------------------------------------------------------------


async def form_of(request: Request) -> dict[str, str]:
    """Read a form; what is too long or no form is an empty one, which every page refuses in its words."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            return {}
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: value.replace("\x00", "") for name, value in pairs}


def _whence(request: Request) -> tuple[str | None, str]:
    return request.client.host if request.client else None, request.headers.get("x-forwarded-for", "")


def by_https(doors: Doors, request: Request) -> bool:
    """Tell whether the browser came by https."""
    return is_https(doors, request.scope, request.headers)


async def _leave(doors: Doors, request: Request) -> None:
    """End the session that the browser came with, so that none outlives a sign-in or sign-out."""
    held = request.cookies.get(cookie_name(SESSION, is_https=by_https(doors, request)), "")
    if held:
        await asyncio.to_thread(doors.sign_out, held)


def _in(doors: Doors, request: Request, token: str, after: str) -> Response:
    lasts = int(sessions.LASTS.total_seconds())
    return with_cookies(
        _on(after), [cookie(SESSION, token, is_https=by_https(doors, request), lasts_s=lasts)]
    )


def _on(to: str) -> Response:
    return RedirectResponse(to, status_code=303)


def _answer(body: str, refusal: TearsheetError | None, cookies: Sequence[str]) -> Response:
    status, headers = 200, {}
    if isinstance(refusal, TooManyAttemptsError):
        status, headers = 429, {"Retry-After": str(max(round(refusal.wait_s), 1))}
    elif refusal is not None:
        status = 403 if isinstance(refusal, NotAllowedError) else 400
    return with_cookies(HTMLResponse(body, status_code=status, headers=headers), cookies)


def with_cookies(answer: Response, cookies: Sequence[str]) -> Response:
    """Add cookies to an answer that nobody keeps."""
    answer.headers["Cache-Control"] = "no-store"
    for each in cookies:
        answer.headers.append("set-cookie", each)
    return answer
