"""Corrections by editors: written with what stood there before, in one transaction, and taken back by it."""

from analytics.load.editing.ledger import Edited, correct, undo

__all__ = ["Edited", "correct", "undo"]
