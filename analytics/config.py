"""What is set, and where: flags, then TEARSHEET_* variables, then tearsheet.toml, then defaults.

The file in the home names the sites; it is written by `init` or by hand and read at every start.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from analytics.errors import ConfigError, did_you_mean
from analytics.language import Speech, _, is_locale, speech
from analytics.metrics import FormulaSettings
from analytics.zones import zone_of

FILE = "tearsheet.toml"
DEFAULT_HOME = "./tearsheet-home"
FORMULAS = tuple(each.name for each in fields(FormulaSettings))
Count = Annotated[int, msgspec.Meta(ge=0)]
Word = Annotated[str, msgspec.Meta(max_length=100)]
Tag = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{2,35}$")]
VARIABLES = {  # every variable that is read; what a start-up file may hold
    "TEARSHEET_HOME": "folder of the home, where no `--home` is given. Default `./tearsheet-home`.",
    "TEARSHEET_TRUSTED_PROXIES": "addresses of web servers whose `X-Forwarded-For` counts; networks too.",
    "TEARSHEET_VISITOR_RATE": "events a minute of one visitor; 0: no limit. Default 60.",
    "TEARSHEET_RESERVE_MB": "MiB of free disk under which nothing is taken; or the larger of 1 GiB and 5 %.",
    "TEARSHEET_CONTROL_URL": "PostgreSQL of people, keys and what they save; wins over `control_url`.",
    "TEARSHEET_OIDC_SECRET": "secret of the sign-in provider.",
    "TEARSHEET_MAIL_PASSWORD": "password of the mail server; wins over the file.",
    "TEARSHEET_KEY": "key of the scope `sql` with which notebooks ask a desk elsewhere.",
    "TEARSHEET_NOW": "RFC 3339 time that stands in for the clock, for tests and pictures.",
}
RETAINED = (  # what may be kept for a time only: events, facts, sums
    "page_views", "engagements", "interactions", "comment_states", "dropped_hits",
    "view_facts", "comment_facts", "box_facts", "sessions",
    "article_hours", "article_days", "engaged_days", "dimension_days", "site_minutes",
)  # fmt: skip
LEAST_DAYS = 30  # longer than retries, late beacons and corrections take
KEY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,60}")
SITE_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:\d+)?")


class Gap(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stretch without collection, UTC or with offset."""

    began: dt.datetime
    ended: dt.datetime


class Widgets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What anybody may see of a site's figures: the read counter and the lists under `/w/`.

    Attributes:
        on: Whether the public addresses of the site answer at all.
        language: Language of the words, such as `ka`; none: that of the site. It stands in what is shown.
        label: Word before the counter, as in "Read: 1,204"; none: the usual one of the language.
        labels: The same word in other languages, language = word; a page asks with `lang=`.
        thousands: Sign between thousands; none: as the site writes numbers.
        hide_below: Counters under this number are not shown.
        show_values: Whether lists tell their numbers.
        floor: Numbers in lists under this one are not told.
        excluded: Ids of articles that no list names.
    """

    on: bool = False
    language: Annotated[str, msgspec.Meta(pattern="^([A-Za-z0-9-]{2,35})?$")] = ""
    label: Word = ""
    labels: dict[Tag, Word] = {}
    thousands: Annotated[str, msgspec.Meta(max_length=3)] | None = None
    hide_below: Count = 0
    show_values: bool = False
    floor: Count = 10  # wire-formats.md F.1
    excluded: tuple[str, ...] = ()


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One newsroom as the file describes it.

    Attributes:
        timezone: IANA zone that decides its days.
        name: Name on screen; the domain where none is given.
        language: Of screens and mails, unless somebody chose another: `en`, `de`; none: that of the locale.
        locale: How numbers and dates are written, such as `de-AT` or `ka`; none: as usual in the language.
        hosts: Hosts whose pages belong to it; the domain where none are given.
        counter: Metric of the public counter.
        widgets: What anybody may see of its figures; see below.
        excluded_days: Local day -> reason; left out of typical bands.
        collection_gaps: Stretches in which nothing was collected.
        staff_commenters: Accounts of the newsroom in the comments, as the comment system names them.
        retention: Table -> days for which its rows are kept, 30 at least; all others are kept for ever.
        formulas: Settings of the formulas; a change opens a new definition version.
        collect: How its live events are taken: staff_networks, excluded_paths, gpc and so on.
    """

    timezone: str
    name: str = ""
    language: Literal["", "en", "de"] = ""
    locale: Annotated[str, msgspec.Meta(pattern="^([A-Za-z0-9-]{2,35})?$")] = ""
    hosts: tuple[str, ...] = ()
    counter: Literal["views", "fresh_views", "reads"] = "views"
    widgets: Widgets = Widgets()
    excluded_days: dict[dt.date, str] = {}
    collection_gaps: tuple[Gap, ...] = ()
    staff_commenters: tuple[Annotated[str, msgspec.Meta(min_length=1, max_length=200)], ...] = ()
    retention: dict[str, Annotated[int, msgspec.Meta(ge=LEAST_DAYS)]] = {}
    formulas: dict[str, Any] = {}
    collect: dict[str, Any] = {}

    def speech(self) -> Speech:
        """How its screens and mails speak, unless somebody chose another language."""
        return speech(self.language, self.locale)

    def settings(self) -> FormulaSettings:
        """Give the formula settings, defaults filled in.

        Raises:
            ConfigError: A setting has a wrong name or type.
        """
        for name in self.retention:
            if name not in RETAINED:
                raise ConfigError(
                    _("{file}: {name!r} has no retention.", file=FILE, name=name),
                    did_you_mean(name, RETAINED),
                )
        if self.locale and not is_locale(self.locale):
            raise ConfigError(
                _("{file}: {locale!r} is no locale.", file=FILE, locale=self.locale),
                _("Write it like de-AT, en-GB or ka."),
            )
        for name in self.formulas:
            if name not in FORMULAS:
                raise ConfigError(
                    _("{file}: there is no formula setting {name!r}.", file=FILE, name=name),
                    did_you_mean(name, FORMULAS),
                )
        try:
            return msgspec.convert(self.formulas, FormulaSettings)
        except msgspec.ValidationError as fault:
            raise ConfigError(_("{file}: formulas: {fault}.", file=FILE, fault=fault)) from fault


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key for programs that stands in the file, as older homes have them; it goes on working.

    Attributes:
        hash: SHA-256 of the key, hex; the key itself is shown once and kept nowhere.
        scopes: What it opens: ingest, comments, read.
        sites: For which sites.
    """

    hash: str
    scopes: tuple[Literal["ingest", "comments", "read"], ...]
    sites: tuple[str, ...]


class Backups(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the desk backs itself up.

    Attributes:
        daily: Whether `tearsheet serve` makes a backup every day.
        hour: Local hour of the first site from which on it does.
        keep: How many are kept; the oldest go first.
        folder: Where they stand; `backups` in the home where none is given. Another disk is better.
    """

    daily: bool = True
    hour: Annotated[int, msgspec.Meta(ge=0, le=23)] = 3
    keep: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    folder: str = ""

    def place(self, home: Path) -> Path:
        """Give the folder of the backups of a home."""
        return Path(self.folder) if self.folder else home / "backups"


class Oidc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A provider of OpenID Connect that vouches for people.

    Attributes:
        issuer: Its address, such as `https://login.example`; empty where there is none.
        client_id: What it calls this house.
        client_secret: What it gave for it; `TEARSHEET_OIDC_SECRET` suits a secret better.
        label: What the button says: "Sign in with ...".
        domains: Only mail addresses of these domains; none: of all.
    """

    issuer: str = ""
    client_id: str = ""
    client_secret: str = ""
    label: Word = "your organisation"
    domains: tuple[str, ...] = ()


class Proxy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A web server in front that has signed people in already.

    Attributes:
        header: Where it says who asks, such as `X-Forwarded-User`; empty where there is none.
        peers: Addresses or networks of that server; from others the header means nothing.
    """

    header: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9-]{0,60}$")] = ""
    peers: tuple[str, ...] = ()


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How people get in.

    Attributes:
        address: Where people reach the screens, such as `https://stats.news.example`; links bear it.
        hosts: Further host names that are answered. This machine's and bare addresses always are.
        new_people: Role on every site of whoever a provider or proxy vouches for and nobody added: `viewer`,
            `editor`, `analyst`; empty: only those who were added get in.
        oidc: OpenID Connect; see below.
        proxy: A web server that signs in; see below.
    """

    address: Annotated[str, msgspec.Meta(pattern="^(https?://[^/?#@\\s]+)?/?$")] = ""
    hosts: tuple[str, ...] = ()
    new_people: Literal["", "viewer", "editor", "analyst"] = ""
    oidc: Oidc = Oidc()
    proxy: Proxy = Proxy()


class Mail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How reports and alerts are mailed.

    Attributes:
        host: The mail server, such as `smtp.news.example`; empty: none, reports go out other ways only.
        port: Its port.
        security: `starttls` (port 587), `tls` from the first byte (port 465), or `none`.
        user: Login; empty: none.
        password: Of the login; also `TEARSHEET_MAIL_PASSWORD`, which suits a password better.
        sender: From whom, such as `Tearsheet <stats@news.example>`.
        reply_to: Where answers go; empty: to the sender.
        domains: Only addresses of these domains may be added; none: all.
        confirm: Whether addresses that are nobody's account must say yes first; those of `domains` need not.
        folder: Instead of a server: a folder inside the home that mails are written into.
        timeout_s: How long the server may take to answer.
        largest_mb: Attachments beyond this are left out, and the mail says so.
    """

    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password: str = ""
    sender: Annotated[str, msgspec.Meta(max_length=320)] = ""
    reply_to: Annotated[str, msgspec.Meta(max_length=320)] = ""
    domains: tuple[str, ...] = ()
    confirm: bool = True
    folder: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{0,60}$")] = ""
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=600)] = 30
    largest_mb: Annotated[int, msgspec.Meta(ge=1, le=100)] = 10


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file.

    Attributes:
        control_url: PostgreSQL that keeps people, keys and what they save, such as
            `postgresql://tearsheet@db.example/control`; a file in the home where none is given. Also
            `TEARSHEET_CONTROL_URL`, which suits a password better.
        sign_in: How people get in; see below.
        mail: How reports and alerts are mailed; see below.
        quack: Whether a DuckDB elsewhere may attach the desk at `/quack`, with a key of the scope `sql`.
    """

    control_url: str = ""
    sign_in: SignIn = SignIn()
    mail: Mail = Mail()
    site: dict[str, Site] = {}
    key: dict[str, Key] = {}
    backups: Backups = Backups()
    quack: bool = False


def home_folder(flag: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Choose the home: the flag, else TEARSHEET_HOME, else ./tearsheet-home."""
    return flag or Path(environ.get("TEARSHEET_HOME") or DEFAULT_HOME)


def control_url(described: Config, environ: Mapping[str, str] = os.environ) -> str:
    """Choose where the control database stands: the variable, else the file; empty is in the home."""
    return environ.get("TEARSHEET_CONTROL_URL") or described.control_url


def mail(described: Config, environ: Mapping[str, str] = os.environ) -> Mail:
    """Give the settings of mail, with the password of the variable where there is one."""
    password = environ.get("TEARSHEET_MAIL_PASSWORD")
    return msgspec.structs.replace(described.mail, password=password) if password else described.mail


def now(environ: Mapping[str, str] = os.environ) -> dt.datetime:
    """Read the clock once, as naive UTC; TEARSHEET_NOW (RFC 3339) stands in for tests and pictures.

    Raises:
        ConfigError: TEARSHEET_NOW is no time.
    """
    fixed = environ.get("TEARSHEET_NOW")
    if not fixed:
        return dt.datetime.now(dt.UTC).replace(tzinfo=None)
    return utc(fixed, "TEARSHEET_NOW")


def utc(text: str, what: str) -> dt.datetime:
    """Read RFC 3339 text as naive UTC; without an offset it is UTC already.

    Raises:
        ConfigError: The text is no time; `what` names it.
    """
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError as fault:
        raise ConfigError(f"{what}={text!r} is no time.", "Write it like 2026-11-18T12:00:00Z.") from fault
    return at.astimezone(dt.UTC).replace(tzinfo=None) if at.tzinfo else at


def text(home: Path) -> str:
    """Give the text of the file of a home; a missing one is empty.

    Raises:
        ConfigError: It cannot be read, or is no text.
    """
    path = home / FILE
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (UnicodeDecodeError, OSError) as fault:
        raise ConfigError(f"{path} cannot be read: {fault}.", "Correct the file and start again.") from fault


def read(home: Path) -> Config:
    """Read the file of a home; a missing one means no sites.

    Raises:
        ConfigError: It is no TOML, names unknown settings, or a zone does not exist.
    """
    return parse(text(home), home / FILE)


def parse(raw: str, path: Path) -> Config:
    """Read the text of a file that stands, or will stand, at `path`.

    Raises:
        ConfigError: It is no TOML, names unknown settings, or a zone does not exist.
    """
    try:
        config = msgspec.convert(tomllib.loads(raw), Config)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as fault:
        raise ConfigError(f"{path} cannot be read: {fault}.", "Correct the file and start again.") from fault
    for name, site in config.site.items():
        check_site(name, site.timezone)
        site.settings()
    return config


def add_site(home: Path, name: str, zone: str, title: str = "", *, widgets: bool = False) -> bool:
    """Write a site into the file of a home, making both where they are missing.

    Args:
        home: Folder of the home.
        name: Domain of the site.
        zone: IANA zone.
        title: Name on screen.
        widgets: Whether its counters and lists are public.

    Returns:
        Whether something was written: an equal site is left as it stands.

    Raises:
        ConfigError: The zone or domain is none, or the site exists with another zone.
    """
    name = name.strip().lower()
    check_site(name, zone)
    known = read(home).site.get(name)
    if known is not None:
        if known.timezone != zone:
            raise ConfigError(
                f"{name} already counts its days in {known.timezone}.",
                f"To move it to {zone}, change timezone in {home / FILE}; every day is then recounted.",
            )
        return False
    lines = [f'[site."{name}"]', f'timezone = "{zone}"', *([f"name = {_quoted(title)}"] if title else [])]
    lines += [f'\n[site."{name}".widgets]', "on = true"] if widgets else []
    _append(home, "\n".join(lines) + "\n")
    return True


def _append(home: Path, block: str) -> None:
    before = text(home)
    write(home, f"{before}\n{block}" if before else block)


def write(home: Path, whole: str) -> None:
    """Put another text in the place of the file, in one rename; who may read it stays.

    Raises:
        ConfigError: It cannot be written.
    """
    path = (home / FILE).resolve()
    fresh = path.with_suffix(".new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.touch(mode=0o600 if path.exists() else 0o666)  # secrets may stand in it
        fresh.write_text(whole, encoding="utf-8")
        if path.exists():
            shutil.copymode(path, fresh)
        fresh.replace(path)
    except OSError as fault:
        raise ConfigError(f"{path} cannot be written: {fault.strerror}.") from fault


def check_site(name: str, zone: str) -> None:
    """Refuse what cannot be a site.

    Raises:
        ConfigError: The domain or the zone is none.
    """
    if not SITE_NAME.fullmatch(name):
        raise ConfigError(_("{name!r} is no site.", name=name), _("Give its domain, such as news.example."))
    zone_of(zone)


def check_site_known(home: Path, name: str) -> None:
    """Refuse a site that the file of a home does not name; the empty name is every site.

    Raises:
        ConfigError: It does not.
    """
    known = read(home).site
    if name and name not in known:
        raise ConfigError(_("There is no site {name!r}.", name=name), did_you_mean(name, known))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
