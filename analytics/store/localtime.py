"""Local days and hours of whole frames; `periods` does the same for single values."""

from __future__ import annotations

import polars as pl


def _local(at: pl.Expr, zone: str) -> pl.Expr:
    return at.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)


def day_local(at: pl.Expr, zone: str) -> pl.Expr:
    """Find the local day (Date) of naive UTC instants."""
    return _local(at, zone).dt.date()


def hour_at(at: pl.Expr, zone: str) -> pl.Expr:
    """Find the UTC instant at which the local hour of naive UTC instants began.

    Right for offsets of half and quarter hours, and for the repeated hour of autumn.
    """
    local = _local(at, zone)
    return at - (local - local.dt.truncate("1h"))
