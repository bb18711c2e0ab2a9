"""What a query may take, by the role of who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics import wording
from analytics.control.identity import Role
from analytics.language import _


@dataclass(frozen=True, slots=True)
class Limits:
    """What a query may take.

    Attributes:
        seconds: Until it is interrupted.
        memory_mib: Of the engine.
        rows: Of its answer; more are cut, and that is said.
        bytes: Likewise.
    """

    seconds: float = 10.0
    memory_mib: int = 512
    rows: int = 10_000
    bytes: int = 10_000_000

    def within(self, seconds: float | None, rows: int | None) -> Limits:
        """Narrow them; wider wishes change nothing."""
        return replace(
            self,
            seconds=min(self.seconds, seconds or self.seconds),
            rows=min(self.rows, rows or self.rows),
        )

    def in_words(self) -> str:
        """Say them in a line."""
        return _(
            "one SELECT · {seconds} s · {rows} rows or {size} MB · {memory} MB of memory",
            seconds=f"{self.seconds:g}",
            rows=wording.full(self.rows),
            size=wording.full(self.bytes / 1e6),
            memory=wording.full(self.memory_mib),
        )


BY_ROLE = {Role.ANALYST: Limits(), Role.ADMIN: Limits(seconds=30.0, memory_mib=1024)}
EXPORT_ROWS, EXPORT_BYTES = 1_000_000, 256_000_000  # wire-formats.md F.3: a file, not a screen
