"""The `tearsheet` command as the tests start it: the one that belongs to this interpreter."""

from __future__ import annotations

from dashboards.main import main

if __name__ == "__main__":
    main()
