"""`/house`: how the house runs. Sites, mail, backups, what is kept how long, erasing, and what was done.

What is set stands in `tearsheet.toml` alone; here it is shown, read again, and what that will recount is said
before. What is done here is done by the desk, as by its commands, and written down.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from analytics import config
from analytics.control import audit
from analytics.control.doors import Doors
from analytics.control.identity import Role, require
from analytics.control.tables import EVERY_SITE
from analytics.errors import UsageError
from analytics.language import _
from analytics.reports.send import trial
from analytics.upkeep import backups
from dashboards.doors.parts import Act, Do, Form, Line, Made, Part, PartsOf, Row

PATH = "/house"
SETTINGS = "/house/settings"
KINDS = {"an article": "article", "a reader": "visitor", "a site": "site"}
MOST_SHOWN = 100
RESTORE = "To restore it, stop the desk, then type this. What stands there now is kept beside it."


def parts_of(desk: Any, doors: Doors) -> PartsOf:
    """Give what draws the lists of the page."""

    def parts(back: str, given: Mapping[str, str]) -> list[Part]:
        require(Role.ADMIN, EVERY_SITE)
        described, hidden = config.read(desk.home.path), {"back": back}
        return [
            _sites(desk, doors, described, hidden),
            _mail(described, hidden),
            _backups(desk, described, hidden),
            _kept(desk, described, hidden),
            _erasing(desk, hidden),
            _done(doors, given.get("find", "")[:100]),
        ]

    return parts


def acts(desk: Any, doors: Doors) -> dict[str, Act]:
    """Give what the buttons of the page do."""

    def site(given: dict[str, str]) -> None:
        name = given.get("name", "").strip().lower()
        config.add_site(
            desk.home.path, name, given.get("zone", "").strip(), widgets=given.get("widgets") == "on"
        )
        desk.settle()
        note(doors, "site.added", name, name)

    def settle(_given: dict[str, str]) -> None:
        told = "; ".join(changes(desk.described, config.read(desk.home.path).site)) or "nothing had changed"
        desk.settle()
        note(doors, "settings.read", told)

    def mail(given: dict[str, str]) -> Made:
        to = given.get("to", "")
        server = trial.send(config.mail(config.read(desk.home.path)), to, doors.clock())
        note(doors, "mail.tested", server)
        return Made(f"{server} took the mail. Look whether it arrives at", to.strip())

    def backup(_given: dict[str, str]) -> Made:
        made = desk.backup()
        note(doors, "backup.made", made.path.name)
        return Made(f"The backup is made, and was read again. {RESTORE}", _restore(made.path.name))

    def check(given: dict[str, str]) -> Made:
        found = backups.named(
            config.read(desk.home.path).backups.place(desk.home.path), given.get("name", "")
        )
        backups.check(found)
        return Made(f"All of it can be read. {RESTORE}", _restore(found.path.name))

    def retire(_given: dict[str, str]) -> Made:
        gone = desk.retire()
        rows = sum(sum(tables.values()) for tables in gone.values())
        note(doors, "rows.retired", f"{rows:,} rows")
        return Made("Rows that were deleted:", f"{rows:,}")

    def erase(given: dict[str, str]) -> Made:
        name = given.get("name", "").strip()
        if not name or name != given.get("again", "").strip():
            raise UsageError("The two ids differ.", "Type twice what is to be erased: there is no way back.")
        kind = KINDS.get(given.get("kind", ""), "")
        if not kind:
            raise UsageError("What is to be erased?", "Choose an article, a reader or a site.")
        with_backups = given.get("backups") == "go too"
        receipt = desk.erase(kind, name, given.get("site") or None, with_backups=with_backups)
        note(doors, "erased", f"{kind}, receipt {receipt.hash[:6]}", receipt.site)
        told = msgspec.to_builtins(receipt) | {"rows": sum(receipt.rows.values())}
        return Made("Erased. The receipt, which also stands in receipts/ of the home:", _receipt(told))

    known: dict[str, Act] = {
        "site": site,
        "settle": settle,
        "mail": mail,
        "backup": backup,
        "check": check,
        "retire": retire,
        "erase": erase,
    }

    def admins(act: Act) -> Act:
        def checked(given: dict[str, str]) -> Made | None:
            require(Role.ADMIN, EVERY_SITE)
            return act(given)

        return checked

    return {name: admins(act) for name, act in known.items()}


def changes(now: Mapping[str, config.Site], file: Mapping[str, config.Site]) -> Iterator[str]:
    """Say what reading the file again will change, and what it will recount."""
    for name in sorted({*now, *file}):
        old, new = now.get(name), file.get(name)
        if old is None or new is None:
            yield f"{name}: {'a new site' if new else 'not named any more; its rows stay'}"
            continue
        if old.timezone != new.timezone:
            yield f"{name}: every day is recounted, for days of {new.timezone}"
        if old.formulas != new.formulas:
            yield f"{name}: another definition from today on; the days before stay as they were counted"
        if old.excluded_days != new.excluded_days or old.collection_gaps != new.collection_gaps:
            yield f"{name}: typical bands are made anew; no day is recounted"
        known = ("timezone", "formulas", "excluded_days", "collection_gaps")
        rest = [
            each
            for each in old.__struct_fields__
            if each not in known and getattr(old, each) != getattr(new, each)
        ]
        if rest:
            yield f"{name}: {', '.join(rest)}; nothing is recounted"


# --- the lists ---------------------------------------------------------------------------------------------


def _sites(desk: Any, doors: Doors, described: config.Config, hidden: Mapping[str, str]) -> Part:
    rows = []
    for name, site in described.site.items():
        last = desk.last_event(name) if name in desk.described else None
        heard = f"the latest event {last:%-d %B %Y %H:%M} UTC" if last else "no event yet"
        widgets = f"widgets say “{site.widgets.label}”" if site.widgets.on else "no widgets"
        rows.append(
            Row(
                site.name or name,
                f"{name} · days of {site.timezone} · comments up to {site.settings().comment_limit} signs · "
                f"{widgets} · {heard} · click for all its settings",
                f"{SETTINGS}?site={name}",
                shown=f'<script defer src="{doors.url("/t/tearsheet.js")}" data-domain="{name}"></script>',
            )
        )
    pending = list(changes(desk.described, described.site))
    rows += [
        Row(
            "tearsheet.toml has changed since it was read",
            "Reading it again: " + "; ".join(pending) + ".",
            actions=[Do("Read it again", f"{PATH}/settle", hidden, "Read tearsheet.toml again")],
        )
        for _first in pending[:1]
    ]
    fields = [
        Line("name", "Domain", note="Such as news.example. All else is among its settings."),
        Line(
            "zone", "Time zone", note="Of its days, such as Europe/Berlin. Later changes recount every day."
        ),
        Line("widgets", "Public widgets", choices=("off", "on")),
    ]
    return Part("Sites", rows, "None yet.", Form("site", f"{PATH}/site", fields, "Add a site", hidden))


def _mail(described: config.Config, hidden: Mapping[str, str]) -> Part:
    mail = described.mail
    said = f"{mail.host}:{mail.port}, {mail.security}, from {mail.sender}" if mail.host else ""
    rows = [Row(said, "As [mail] in tearsheet.toml says.")] if said else []
    fields = [Line("to", "Send a test to", note="One short mail goes out at once.")]
    form = Form("mail", f"{PATH}/mail", fields, "Send a test", hidden) if said else None
    empty = "No mail server is named: name one under [mail] in tearsheet.toml, and start again."
    return Part("Mail", rows, empty, form)


def _backups(desk: Any, described: config.Config, hidden: Mapping[str, str]) -> Part:
    place = described.backups.place(desk.home.path)
    rows = [
        Row(
            each.path.name,
            f"{each.made_at:%-d %B %Y %H:%M} UTC · {sum(each.manifest.rows.values()):,} rows · "
            f"{each.size / (1 << 20):,.1f} MiB · to go back: {_restore(each.path.name)}",
            actions=[
                Do("Verify", f"{PATH}/check", {**hidden, "name": each.path.name}, f"Verify: {each.path.name}")
            ],
        )
        for each in backups.listed(place)
    ]
    daily = f"daily after {described.backups.hour}:00" if described.backups.daily else "by hand only"
    return Part(
        f"Backups: {daily}, the newest {described.backups.keep} kept",
        rows,
        "There is none yet.",
        Form("backup", f"{PATH}/backup", [], "Make one now", hidden),
    )


def _kept(desk: Any, described: config.Config, hidden: Mapping[str, str]) -> Part:
    due = desk.retire(check=True)
    rows = [
        Row(
            f"{name}: {table}",
            f"kept for {days:,} days · {due.get(name, {}).get(table, 0):,} rows are older",
        )
        for name, site in described.site.items()
        for table, days in sorted(site.retention.items())
    ]
    form = Form("retire", f"{PATH}/retire", [], "Delete what is older", hidden) if due else None
    return Part(
        "How long rows are kept", rows, "For ever: no site has a [retention] in tearsheet.toml.", form
    )


def _erasing(desk: Any, hidden: Mapping[str, str]) -> Part:
    fields = [
        Line("kind", "Erase", choices=tuple(KINDS)),
        Line("name", "Its id", note="Of a reader: the number in the tables, or the id that you sent."),
        Line("again", "The same again", note="There is no way back."),
        Line("site", "Of the site", choices=tuple(each.site_id for each in desk.sites())),
        Line("backups", "Backups from before", choices=("stay", "go too")),
    ]
    said = "An article, a reader or a site goes from events, sums, queue and archive; you get a receipt."
    return Part("Erase", [], said, Form("erase", f"{PATH}/erase", fields, "Erase for ever", hidden))


def _done(doors: Doors, find: str) -> Part:
    rows = [
        Row(
            f"{each.action}: {each.subject}",
            f"{each.at:%-d %B %Y %H:%M} UTC · {each.actor_name or each.actor_kind}"
            f"{' · ' + each.site_id if each.site_id else ''}",
        )
        for each in audit.latest(doors.control, MOST_SHOWN, find=find)
    ]
    fields = [Line("find", "Words", value=find, required=False, note="In what was done, to whom or by whom.")]
    form = Form("find", PATH, fields, "Search", method="get")
    title = f"{_('What was done')}: “{find}”" if find else _("What was done")
    return Part(title, rows, "Nothing of the kind." if find else _("Nothing yet."), form)


def _restore(name: str) -> str:
    return f"tearsheet restore {name}"


def _receipt(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in told.items() if value not in ("", [], None))


def note(doors: Doors, action: str, subject: str, site_id: str = "") -> None:
    """Write down what was done."""
    with doors.control.write(is_quiet=True) as connection:
        audit.record(connection, doors.clock(), action, subject, site_id)
