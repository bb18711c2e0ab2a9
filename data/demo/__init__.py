"""The Tidewater Courier: a newsroom that does not exist, to try everything on.

`Newsroom(seed, days, end)` draws its catalogue and, a local day at a time, its events as frames:
the same on every machine, and unchanged by a later end. It knows nothing of the store; the `demo`
command hands the frames to `load`.
"""

from data.demo.newsroom import NAME, SEED, SITE, VERSION, ZONE, Newsroom

__all__ = ["NAME", "SEED", "SITE", "VERSION", "ZONE", "Newsroom"]
