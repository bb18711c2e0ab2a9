"""SQL: any question to the archive, under limits that are said."""

from __future__ import annotations

from dashboards.workbench.layout import layout, register

__all__ = ["PATH", "TITLE", "layout", "register"]

PATH = "/sql"
TITLE = "SQL"
