"""Put the charts bundle, the fonts of screens and reports and the small tracker into the wheel.

An installed Tearsheet has no npm, so what `dashboards.vendor`, `analytics.reports.fonts` and
`analytics.collect.tracker` make in a checkout travels in the wheel.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class VendorBuildHook(BuildHookInterface[Any]):
    """Fetches the browser files before a wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  (hatch's signature)
        """Fetch the files, unless the wheel only points back to the checkout."""
        if version == "editable":
            return
        sys.path.insert(0, self.root)
        from analytics.collect import tracker  # noqa: PLC0415  (importable only once the root is on the path)
        from analytics.reports import fonts  # noqa: PLC0415  (as above)
        from dashboards import editor, vendor  # noqa: PLC0415  (as above)

        files = vendor.ensure(Path(self.root, "dashboards", "assets", "vendor"))
        if not files.is_complete:
            self.app.display_warning("the wheel carries the fallback charts bundle and no fonts")
        if not editor.ensure():
            self.app.display_warning("the wheel carries no editor, and the SQL page a plain text box")
        if not tracker.ensure().is_complete:
            self.app.display_warning("the wheel carries the tracker as its source, and not Plausible's")
        if fonts.ensure() is None:
            self.app.display_warning("the wheel carries no fonts: PDFs take those of the system")
