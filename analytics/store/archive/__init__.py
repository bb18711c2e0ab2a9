"""The open copy of the store: Parquet and views for every tool, never more than half a minute behind."""
