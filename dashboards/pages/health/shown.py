"""What the parts of data health share."""

from __future__ import annotations

import datetime as dt

from analytics import wording
from analytics.language import _
from analytics.periods import local_time
from dashboards.scope import Scope

PERIOD = "7d"
LATE_S = 300  # wire-formats.md F.4: the loader is late from five minutes on


def when(shown: Scope, at: dt.datetime | None) -> str:
    """Say a naive UTC instant as local time: the clock alone today."""
    if at is None:
        return _("never")
    local, now = local_time(at, shown.zone), local_time(shown.now, shown.zone)
    return wording.clock(local) if local.date() == now.date() else wording.moment(local, now)
