"""Tearsheet's core. Nothing is loaded here: `connect`, with which notebooks begin, loads what it needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.sql.notebook import Newsroom


def connect(where: str | Path, key: str = "") -> Newsroom:
    """Open a newsroom's archive for a notebook; see `analytics.sql.notebook.connect`."""
    from analytics.sql import notebook

    return notebook.connect(where, key)
