"""The sample site: The Tidewater Courier as its readers see it, served by `tearsheet demo` alone.

Its pages carry the tracker and the public widgets as any newsroom's would, so that a person can open an
article, read, comment, and watch the screens move. It keeps nothing: what is typed stays in the browser.
"""

from dashboards.sample.site import FRONT, Sample

__all__ = ["FRONT", "Sample"]
