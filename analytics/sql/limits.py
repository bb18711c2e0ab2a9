"""What a query may take, by the role of who asks."""

from __future__ import annotations

from dataclasses import dataclass, replace

from analytics.control.identity import Role


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
        return (
            f"one SELECT · {self.seconds:g} s · {self.rows:,} rows or {self.bytes / 1e6:,.0f} MB · "
            f"{self.memory_mib:,} MB of memory"
        )


BY_ROLE = {Role.ANALYST: Limits(), Role.ADMIN: Limits(seconds=30.0, memory_mib=1024)}
EXPORT_ROWS, EXPORT_BYTES = 1_000_000, 256_000_000  # wire-formats.md F.3: a file, not a screen
