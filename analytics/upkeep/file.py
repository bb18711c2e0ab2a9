"""tearsheet.toml as it stands, and changes of it: looked at, checked as a start would, written.

The file stays the one home of what is set, so people may go on writing it: comments and order in it are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from analytics import config
from analytics.collect import settings as collecting
from analytics.collect.enrich import Reason
from analytics.collect.networks import networks_of
from analytics.errors import ConfigError, UsageError, did_you_mean
from analytics.language import _
from analytics.upkeep.setting import MOST_SHOWN, Setting, is_same, settings, short, shown


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that gets another value; `value` None takes it out of the file."""

    setting: Setting
    value: object
    words: str


class File:
    """The tearsheet.toml of a home as it stands at one moment."""

    def __init__(self, home: Path) -> None:
        """Read it.

        Raises:
            ConfigError: It cannot be read.
        """
        self.home = home
        self.text = config.text(home)
        self.described = config.parse(self.text, home / config.FILE)
        self.raw: dict[str, Any] = tomllib.loads(self.text)
        self.mark = hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def of_site(self, site: str) -> dict[str, Any]:
        """Give what the file says of a site.

        Raises:
            UsageError: The file does not name it.
        """
        found = self.raw.get("site", {}).get(site)
        if not isinstance(found, dict):
            raise UsageError(
                _("{file} names no site {site!r}.", file=config.FILE, site=site[:MOST_SHOWN]),
                _("Choose one of the list."),
            )
        return found

    def changes(self, site: str, typed: Mapping[str, str]) -> list[Change]:
        """Compare what was typed with the file.

        Args:
            site: The site.
            typed: Key of a setting -> text; what stands there as in the file is no change.

        Raises:
            UsageError: There is no such site or setting, or it does not take that.
        """
        raw, known, found = self.of_site(site), settings(), []
        for key, text in typed.items():
            if key not in known:
                raise UsageError(
                    _("There is no setting {key!r}.", key=key[:MOST_SHOWN]), did_you_mean(key, known)
                )
            each = known[key]
            before = each.shown(raw)
            if is_same(text, before) or (each.is_secret and not text.strip()):
                continue
            value = each.read(text)
            words = f"{short(before)} → {short(shown(each.default if value is None else value))}"
            found.append(Change(each, value, f"{key}: {_('another secret') if each.is_secret else words}"))
        return found

    def changed(self, site: str, changes: list[Change]) -> str:
        """Give the text of the file with changes made, and held against all that a start would refuse.

        Raises:
            ConfigError: The file would not be one any more, or is written in a way that cannot be kept.
        """
        document, expected = tomlkit.parse(self.text), tomllib.loads(self.text)
        for each in changes:
            section, _dot, name = each.setting.key.rpartition(".")
            _put(document["site"][site], section, name, each.value, fresh=tomlkit.table)
            _put(expected["site"][site], section, name, each.value, fresh=dict)
        text = tomlkit.dumps(document)
        if tomllib.loads(text) != expected:
            raise ConfigError(
                _("{file} is written in a way that cannot be kept while it is changed.", file=config.FILE),
                _("Change it by hand: {words}.", words="; ".join(each.words for each in changes)),
            )
        check(config.parse(text, self.home / config.FILE))
        return text

    def write(self, text: str, seen: str) -> None:
        """Put another text in its place.

        Args:
            text: The whole file.
            seen: The mark of the file that was looked at.

        Raises:
            UsageError: Somebody changed the file since.
            ConfigError: It cannot be written.
        """
        if seen != self.mark:
            raise UsageError(
                _("{file} was changed meanwhile.", file=config.FILE),
                _("Look at what it says now, and change it once more."),
            )
        config.write(self.home, text)


def check(described: config.Config) -> None:
    """Refuse what a collector could not work with; `config.parse` has looked at the rest.

    Raises:
        ConfigError: Names what and where.
    """
    told = collecting.of_home(described)
    reasons = tuple(each.value for each in Reason)
    for name, site in told.sites.items():
        networks_of(site.staff_networks + site.blocked_networks)
        for rule in site.rules_off:
            if rule.partition(":")[0] not in reasons:
                raise ConfigError(
                    _("{name}: there is no rule {rule!r}.", name=name, rule=rule[:MOST_SHOWN]),
                    did_you_mean(rule.partition(":")[0], reasons),
                )
    for name, described_site in described.site.items():
        for gap in described_site.collection_gaps:
            began, ended = (
                each if each.tzinfo else each.replace(tzinfo=dt.UTC) for each in (gap.began, gap.ended)
            )
            if began >= ended:
                raise ConfigError(
                    _("{name}: a gap ends before it began.", name=name), _("Write BEGAN .. ENDED.")
                )


def _put(site: Any, section: str, name: str, value: object, fresh: Any) -> None:
    if section and section not in site:
        if value is None:
            return
        site[section] = fresh()
    table = site[section] if section else site
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
