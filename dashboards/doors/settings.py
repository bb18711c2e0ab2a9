"""`/house/settings`: what tearsheet.toml says of a site, changed here; what it says of the house, shown.

Every change is looked at before it is saved: what becomes of it, what is recounted, what will be deleted. The
settings of the house stay in the file alone: who holds an admin's browser shall not hold the machine.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from analytics import config, wording
from analytics.control.doors import Doors
from analytics.control.identity import Role, current, require
from analytics.control.tables import EVERY_SITE
from analytics.errors import TearsheetError, UsageError
from analytics.language import N_, _
from analytics.upkeep import setting
from analytics.upkeep.file import Change, File
from analytics.upkeep.setting import Setting
from dashboards.doors import house
from dashboards.doors.parts import Act, Form, Line, Made, Part, PartsOf, Row

PATH = house.SETTINGS
TITLES = {
    "site": N_("The site"),
    "widgets": N_("Public widgets"),
    "definitions": N_("Definitions"),
    "addresses": N_("Addresses and articles"),
    "not counted": N_("What does not count"),
    "readers": N_("Readers and limits"),
    "comments": N_("Comments"),
    "days": N_("Days and gaps"),
    "retention": N_("How long rows are kept"),
}


def parts_of(desk: Any) -> PartsOf:
    """Give what draws the page: all groups of a site, or the form of one."""

    def parts(back: str, given: Mapping[str, str]) -> list[Part]:
        file = File(desk.home.path)
        mine = [each for each in file.described.site if current().may(Role.ADMIN, each)]
        site = given.get("site") or next(iter(mine), "")
        require(Role.ADMIN, site or EVERY_SITE)
        if not site:
            return [Part(_("Sites"), [Row(_("The house"), _("Add a site there first."), house.PATH)], "")]
        raw, name = file.of_site(site), given.get("group", "")
        if not name:
            others = [Row(each, "", f"{PATH}?site={each}") for each in mine if each != site]
            first = [Part(site, others, "", width="c12")] if others else []
            of_house = _of_house(file) if current().may(Role.ADMIN, EVERY_SITE) else ()
            return [*first, *_groups(raw, site), *of_house]
        group = setting.group(name)
        hidden = {"back": back, "site": site, "group": name, "seen": file.mark}
        fields = [_line(each, given.get(each.key, each.shown(raw))) for each in group]
        form = Form("look", f"{PATH}/look", fields, _("Look what it changes"), hidden)
        all_ = Row(_("All settings of {site}", site=site), "", f"{PATH}?site={site}")
        return [
            *_preview(desk, file, site, given, hidden),
            Part(f"{site}: {_(TITLES[name])}", [all_], "", form, width="c12"),
        ]

    return parts


def acts(desk: Any, doors: Doors) -> dict[str, Act]:
    """Give what the buttons of the page do."""
    saving = threading.Lock()

    def look(given: dict[str, str]) -> None:
        _changed(File(desk.home.path), given)

    def save(given: dict[str, str]) -> Made:
        with saving:
            file = File(desk.home.path)
            changes, text = _changed(file, given)
            file.write(text, given.get("seen", ""))
            desk.settle()
        for each in changes:
            house.note(doors, "setting.changed", each.words, given["site"])
        return Made(_("Saved, and in force."), "; ".join(each.words for each in changes))

    def admins(act: Act) -> Act:
        def checked(given: dict[str, str]) -> Made | None:
            require(Role.ADMIN, given.get("site") or EVERY_SITE)
            return act(given)

        return checked

    return {"look": admins(look), "save": admins(save)}


def _changed(file: File, given: Mapping[str, str]) -> tuple[list[Change], str]:
    changes = file.changes(given.get("site", ""), _typed(given))
    if not changes:
        raise UsageError(_("Nothing is different."), _("Change a value first."))
    return changes, file.changed(given["site"], changes)


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    known = setting.settings()
    return {key: text for key, text in given.items() if key in known}


def _preview(
    desk: Any, file: File, site: str, given: Mapping[str, str], hidden: Mapping[str, str]
) -> Iterator[Part]:
    """Show what is going to change, with the button that does it; nothing where it is refused."""
    try:
        changes, text = _changed(file, given)
    except TearsheetError:
        return
    described = config.parse(text, file.home / config.FILE).site
    rows = [Row(each.words, _plain(each.setting.meaning)) for each in changes]
    before = {site: desk.described[site]} if site in desk.described else {}
    rows += [Row(_("What follows"), each) for each in house.changes(before, {site: described[site]})]
    rows += [
        Row(
            _("What follows"),
            _(
                "{table}: {rows} of earlier days will go within a day; there is no way back.",
                table=table,
                rows=wording.counted(count, "row"),
            ),
        )
        for table, count in desk.retire(check=True, of={site: described[site]}).get(site, {}).items()
    ]
    save = Form("save", f"{PATH}/save", [], _("Save"), {**hidden, **_typed(given)})
    yield Part(_("Before it is saved"), rows, "", save, width="c12")


def _groups(raw: Mapping[str, Any], site: str) -> Iterator[Part]:
    for name in setting.GROUPS:
        change = f"{PATH}?{urlencode({'site': site, 'group': name})}"
        yield Part(_(TITLES[name]), _rows(setting.group(name), raw), "", change=change, width="c4")


def _of_house(file: File) -> Iterator[Part]:
    given = [
        Row(name, _plain(config.VARIABLES[name])) for name, is_set in setting.environment().items() if is_set
    ]
    said = _("Under these names in tearsheet.toml, or in the environment; then start again.")
    rows = [Row(_("To change them"), said), *_rows(setting.of_house().values(), file.raw), *given]
    yield Part(_("The house"), rows, "", width="c12")


def _rows(settings: Iterable[Setting], raw: Mapping[str, Any]) -> list[Row]:
    """Show what the file says a line each, and folded away what is left to the defaults."""
    told, left = [], []
    for each in settings:
        value = ", ".join(each.shown(raw).splitlines()) or "–"
        if each.is_set(raw):
            told.append(Row(each.key, _plain(each.meaning), value=value))
        else:
            left.append((each.key, value))
    return [*told, Row(_("At the default"), "", defaults=left)] if left else told


def _line(each: Setting, value: str) -> Line:
    kind = "lines" if each.has_lines else "password" if each.is_secret else "text"
    told = [_plain(each.meaning)]
    if not each.choices and each.takes != _(setting.TEXT):
        told.append(_("It takes {what}.", what=each.takes))
    if each.is_secret:
        told.append(_("Empty: as it is."))
    elif each.told_default and not each.choices:
        told.append(_("Empty: {default}", default=each.told_default))
    shown = "" if each.is_secret else value
    return Line(each.key, _(each.label), kind, shown, " ".join(told), each.choices, required=False)


def _plain(meaning: str) -> str:
    return _(meaning).replace("`", "")
