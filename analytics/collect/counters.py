"""What this worker did, in Prometheus' words. Labels are closed sets: never an address, article or site."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

ACK_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Counters:
    """The counters of one worker, in a registry of its own."""

    def __init__(
        self, *, spool_bytes: Callable[[], int], oldest_s: Callable[[], float], free_bytes: Callable[[], int]
    ) -> None:
        """Begin at zero; what is a state is asked for at each reading."""
        self._registry = CollectorRegistry(auto_describe=False)
        self._events = Counter(
            "tearsheet_events_total",
            "Events by what became of them.",
            ["format", "outcome", "reason"],
            registry=self._registry,
        )
        self._children: dict[tuple[str, str, str], Counter] = {}
        self.ack = Histogram(
            "tearsheet_ack_seconds",
            "From request to acknowledged on disk.",
            buckets=ACK_BUCKETS,
            registry=self._registry,
        )
        self._commit = Histogram(
            "tearsheet_commit_seconds",
            "One group commit of the queue.",
            buckets=ACK_BUCKETS,
            registry=self._registry,
        )
        self.bad_times = Counter(
            "tearsheet_bad_times_total",
            "Event times that were none; receipt stood in.",
            registry=self._registry,
        )
        self.limiter_faults = Counter(
            "tearsheet_limiter_faults_total",
            "Faults of the rate limiter, which let through.",
            registry=self._registry,
        )
        self.faults = Counter(
            "tearsheet_collector_faults_total",
            "Requests that met a fault of ours.",
            registry=self._registry,
        )
        for name, about, ask in (
            ("tearsheet_spool_bytes", "Size of the queue on disk.", spool_bytes),
            ("tearsheet_spool_oldest_seconds", "Age of the oldest hour in the queue.", oldest_s),
            ("tearsheet_disk_free_bytes", "Free bytes of the disk.", free_bytes),
        ):
            Gauge(name, about, registry=self._registry).set_function(ask)

    def count(self, format_: str, outcome: str, reason: str = "", events: int = 1) -> None:
        """Count events: accepted, dropped or rejected, and why."""
        key = (format_, outcome, reason)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = self._events.labels(*key)
        child.inc(events)

    def committed(self, _rows: int, seconds: float) -> None:
        """Count one group commit."""
        self._commit.observe(seconds)

    def text(self) -> bytes:
        """Give all of it as a monitor reads it."""
        return generate_latest(self._registry)
