"""Sending: by mail, into a folder, to a webhook or a chat; when it is due, at most once, with a ledger."""
