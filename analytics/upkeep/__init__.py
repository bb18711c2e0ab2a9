"""Keeping a home well: backups and what comes back from them, what is forgotten, whether all is right."""
