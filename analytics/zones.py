"""Time zones by their IANA names."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import ZoneInfo

from analytics.errors import ConfigError
from analytics.language import _

NO_ZONES = {"localtime", "Factory", "posixrules"}  # files beside the zones; the engines do not know them


@lru_cache(maxsize=64)
def zone_of(name: str) -> ZoneInfo:
    """Look up an IANA zone.

    Raises:
        ConfigError: No zone has that name.
    """
    refusal = ConfigError(
        _("{name!r} is no time zone.", name=name), _("Give an IANA name such as Europe/Berlin.")
    )
    if name in NO_ZONES:
        raise refusal
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as fault:
        raise refusal from fault
