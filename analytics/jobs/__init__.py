"""Polars jobs: sessions, facts, rollups, readers; whole local days, recomputed, never added to."""
