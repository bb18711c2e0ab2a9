"""A saved query: the page of SQL with its text open."""

from __future__ import annotations

from dash import Dash

from dashboards.workbench.layout import layout

__all__ = ["PATH", "TITLE", "layout", "register"]

PATH = "/sql/*"
TITLE = "SQL"


def register(_app: Dash) -> None:
    """Bind nothing: the page of SQL has bound what both need."""
