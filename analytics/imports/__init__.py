"""Files into batches: tables by a mapping file; prepared beside any desk, loaded by whoever owns the home."""
