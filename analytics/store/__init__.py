"""The only room that opens DuckDB for writing: the home's lock, the store, local time in frames."""
