"""Alerts: what is watched, when it is outside of what is usual, who is told, and what was known then."""
