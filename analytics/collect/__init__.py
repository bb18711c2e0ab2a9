"""The way in for live events: taken, understood, made nameless, on disk, and only then acknowledged.

Imports neither DuckDB nor Polars nor the store, so that it runs alone (`tearsheet collect`) and keeps
accepting while the desk is down, migrating or upgrading. What it leaves are files: `spool.py` says how the
loader reads them.
"""
