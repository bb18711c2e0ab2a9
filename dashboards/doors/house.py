"""`/house`: how the house runs. Sites, mail, backups, what is kept how long, erasing, and what was done.

What is set stands in `tearsheet.toml` alone; here it is shown, read again, and what that will recount is said
before. What is done here is done by the desk, as by its commands, and written down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from analytics import config, language, wording
from analytics.control import audit
from analytics.control.doors import Doors
from analytics.control.identity import Role, require
from analytics.control.tables import EVERY_SITE
from analytics.errors import UsageError
from analytics.language import N_, _
from analytics.reports.send import trial
from analytics.upkeep import backups
from dashboards.doors.parts import Act, Do, Form, Line, Made, Part, PartsOf, Row

PATH = "/house"
SETTINGS = "/house/settings"
KINDS = {N_("an article"): "article", N_("a reader"): "visitor", N_("a site"): "site"}
GO_TOO = N_("go too")
MOST_SHOWN = 100
RESTORE = N_("To restore it, stop the desk, then type this. What stands there now is kept beside it.")


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
        told = "; ".join(changes(desk.described, config.read(desk.home.path).site)) or _(
            "nothing had changed"
        )
        desk.settle()
        note(doors, "settings.read", told)

    def mail(given: dict[str, str]) -> Made:
        to = given.get("to", "")
        server = trial.send(config.mail(config.read(desk.home.path)), to, doors.clock())
        note(doors, "mail.tested", server)
        return Made(_("{server} took the mail. Look whether it arrives at", server=server), to.strip())

    def backup(_given: dict[str, str]) -> Made:
        made = desk.backup()
        note(doors, "backup.made", made.path.name)
        return Made(f"{_('The backup is made, and was read again.')} {_(RESTORE)}", _restore(made.path.name))

    def check(given: dict[str, str]) -> Made:
        found = backups.named(
            config.read(desk.home.path).backups.place(desk.home.path), given.get("name", "")
        )
        backups.check(found)
        return Made(f"{_('All of it can be read.')} {_(RESTORE)}", _restore(found.path.name))

    def retire(_given: dict[str, str]) -> Made:
        gone = desk.retire()
        rows = sum(sum(tables.values()) for tables in gone.values())
        said = wording.counted(rows, "row")
        note(doors, "rows.retired", said)
        return Made(_("Rows that were deleted:"), said)

    def erase(given: dict[str, str]) -> Made:
        name = given.get("name", "").strip()
        if not name or name != given.get("again", "").strip():
            raise UsageError(
                _("The two ids differ."), _("Type twice what is to be erased: there is no way back.")
            )
        kind = KINDS.get(given.get("kind", ""), "")
        if not kind:
            raise UsageError(_("What is to be erased?"), _("Choose an article, a reader or a site."))
        with_backups = given.get("backups") == GO_TOO
        receipt = desk.erase(kind, name, given.get("site") or None, with_backups=with_backups)
        told = msgspec.to_builtins(receipt) | {"rows": sum(receipt.rows.values())}
        return Made(_("Erased. The receipt, which also stands in receipts/ of the home:"), _receipt(told))

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
            yield f"{name}: {_('a new site') if new else _('not named any more; its rows stay')}"
            continue
        if old.timezone != new.timezone:
            yield _(
                "{name}: every day is recounted, for days of {timezone}", name=name, timezone=new.timezone
            )
        if old.formulas != new.formulas:
            yield _(
                "{name}: another definition from today on; the days before stay as they were counted",
                name=name,
            )
        if old.excluded_days != new.excluded_days or old.collection_gaps != new.collection_gaps:
            yield _("{name}: typical bands are made anew; no day is recounted", name=name)
        known = ("timezone", "formulas", "excluded_days", "collection_gaps")
        rest = [
            each
            for each in old.__struct_fields__
            if each not in known and getattr(old, each) != getattr(new, each)
        ]
        if rest:
            yield _("{name}: {settings}; nothing is recounted", name=name, settings=", ".join(rest))


# --- the lists ---------------------------------------------------------------------------------------------


def _sites(desk: Any, doors: Doors, described: config.Config, hidden: Mapping[str, str]) -> Part:
    rows = []
    for name, site in described.site.items():
        last = desk.last_event(name) if name in desk.described else None
        heard = _("the latest event {when} UTC", when=_when(last)) if last else _("no event yet")
        widgets = _("public widgets") if site.widgets.on else _("no widgets")
        rows.append(
            Row(
                site.name or name,
                " · ".join(
                    (
                        name,
                        _("days of {zone}", zone=site.timezone),
                        _("comments up to {n} characters", n=site.settings().comment_limit),
                        widgets,
                        heard,
                        _("click for all its settings"),
                    )
                ),
                f"{SETTINGS}?site={name}",
                shown=f'<script defer src="{doors.url("/t/tearsheet.js")}" data-domain="{name}"></script>',
            )
        )
    pending = list(changes(desk.described, described.site))
    rows += [
        Row(
            _("tearsheet.toml has changed since it was read"),
            _("Reading it again: ") + "; ".join(pending) + ".",
            actions=[Do(_("Read it again"), f"{PATH}/settle", hidden, _("Read tearsheet.toml again"))],
        )
        for _first in pending[:1]
    ]
    fields = [
        Line("name", _("Domain"), note=_("Such as news.example. All else is among its settings.")),
        Line(
            "zone",
            _("Time zone"),
            note=_("Of its days, such as Europe/Berlin. Later changes recount every day."),
        ),
        Line("widgets", _("Public widgets"), choices=(N_("off"), N_("on"))),
    ]
    form = Form("site", f"{PATH}/site", fields, _("Add a site"), hidden)
    return Part(_("Sites"), rows, _("None yet."), form, width="c12")


def _mail(described: config.Config, hidden: Mapping[str, str]) -> Part:
    mail = described.mail
    said = (
        _(
            "{host}:{port}, {security}, from {sender}",
            host=mail.host,
            port=mail.port,
            security=mail.security,
            sender=mail.sender,
        )
        if mail.host
        else ""
    )
    rows = [Row(said, _("As [mail] in tearsheet.toml says."))] if said else []
    fields = [Line("to", _("Send a test to"), note=_("One short mail goes out at once."))]
    form = Form("mail", f"{PATH}/mail", fields, _("Send a test"), hidden) if said else None
    empty = _("No mail server is named: name one under [mail] in tearsheet.toml, and start again.")
    return Part(_("Mail"), rows, empty, form, width="c4")


def _backups(desk: Any, described: config.Config, hidden: Mapping[str, str]) -> Part:
    place = described.backups.place(desk.home.path)
    rows = [
        Row(
            each.path.name,
            _(
                "{when} UTC · {rows} rows · {size} MiB · to go back: {command}",
                when=_when(each.made_at),
                rows=wording.full(sum(each.manifest.rows.values())),
                size=language.local_signs(f"{each.size / (1 << 20):,.1f}"),
                command=_restore(each.path.name),
            ),
            actions=[
                Do(
                    _("Verify"),
                    f"{PATH}/check",
                    {**hidden, "name": each.path.name},
                    _("Verify: {name}", name=each.path.name),
                )
            ],
        )
        for each in backups.listed(place)
    ]
    daily = (
        _("daily after {hour}:00", hour=described.backups.hour)
        if described.backups.daily
        else _("by hand only")
    )
    return Part(
        _("Backups: {daily}, the newest {keep} kept", daily=daily, keep=described.backups.keep),
        rows,
        _("There is none yet."),
        Form("backup", f"{PATH}/backup", [], _("Make one now"), hidden),
        width="c4",
    )


def _kept(desk: Any, described: config.Config, hidden: Mapping[str, str]) -> Part:
    due = desk.retire(check=True)
    rows = [
        Row(
            f"{name}: {table}",
            _(
                "kept for {days} days · {rows} rows are older",
                days=wording.full(days),
                rows=wording.full(due.get(name, {}).get(table, 0)),
            ),
        )
        for name, site in described.site.items()
        for table, days in sorted(site.retention.items())
    ]
    delete = Form("retire", f"{PATH}/retire", [], _("Delete what is older"), hidden, is_grave=True)
    form = delete if due else None
    return Part(
        _("How long rows are kept"),
        rows,
        _("For ever: no site has a [retention] in tearsheet.toml."),
        form,
        width="c4",
    )


def _erasing(desk: Any, hidden: Mapping[str, str]) -> Part:
    fields = [
        Line("kind", _("Erase"), choices=tuple(KINDS)),
        Line("name", _("Its id"), note=_("Of a reader: the number in the tables, or the id that you sent.")),
        Line("again", _("The same again"), note=_("There is no way back.")),
        Line("site", _("Of the site"), choices=tuple(each.site_id for each in desk.sites())),
        Line("backups", _("Backups from before"), choices=(N_("stay"), GO_TOO)),
    ]
    said = _("An article, a reader or a site goes from events, sums, queue and archive; you get a receipt.")
    form = Form("erase", f"{PATH}/erase", fields, _("Erase for ever"), hidden, is_grave=True)
    return Part(_("Erase"), [], said, form, width="c12")


def _done(doors: Doors, find: str) -> Part:
    rows = [
        Row(
            f"{each.action}: {each.subject}",
            f"{_when(each.at)} UTC · {each.actor_name or each.actor_kind}"
            f"{' · ' + each.site_id if each.site_id else ''}",
        )
        for each in audit.latest(doors.control, MOST_SHOWN, find=find)
    ]
    fields = [
        Line("find", _("Words"), value=find, required=False, note=_("In what was done, to whom or by whom."))
    ]
    form = Form("find", PATH, fields, _("Search"), method="get")
    title = f"{_('What was done')}: “{find}”" if find else _("What was done")
    return Part(title, rows, _("Nothing of the kind.") if find else _("Nothing yet."), form, width="c12")


def _when(at: dt.datetime) -> str:
    return f"{wording.day_dated(at.date())} {wording.clock(at)}"


def _restore(name: str) -> str:
    return f"tearsheet restore {name}"


def _receipt(told: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}: {value}" for key, value in told.items() if value not in ("", [], None))


def note(doors: Doors, action: str, subject: str, site_id: str = "") -> None:
    """Write down what was done."""
    with doors.control.write(is_quiet=True) as connection:
        audit.record(connection, doors.clock(), action, subject, site_id)
