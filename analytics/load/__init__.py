"""The loader: one door for every batch, whatever it came from.

One transaction holds the new rows, how far their source has been read, what could not be read, and
the hours that must be recounted. Repeats are dropped by (site, event id): first inside the batch,
then against what arrived in the dedup window before it.
"""

from analytics.load.batch import REJECT_COLUMNS, Batch, Ledger, Loaded, schema_of
from analytics.load.door import load

__all__ = ["REJECT_COLUMNS", "Batch", "Ledger", "Loaded", "load", "schema_of"]
