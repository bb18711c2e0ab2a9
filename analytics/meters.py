"""What the desk tells monitors of itself, in Prometheus' words: how far the loader is, how long work takes.

Apart from the collector's counters, which know no desk. Labels are closed sets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

Job = Literal["load", "recount", "archive", "backup", "reports", "alerts"]
ROWS = (1, 10, 100, 1_000, 5_000, 20_000)  # the last is the loader's largest batch
SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)


class Meters:
    """The meters of one desk, in a registry of its own.

    Attributes:
        batch: Told the rows of every batch that was loaded.
        bad: Rows refused so far, as the store says.
        dirty: Hours that wait for a recount.
    """

    def __init__(
        self, lag_s: Callable[[], float], quarantined: Callable[[], int], archive_age_s: Callable[[], float]
    ) -> None:
        """Begin at zero.

        Args:
            lag_s: Tells how many seconds the oldest queued event has waited.
            quarantined: Counts the damaged files of the queue that were put aside.
            archive_age_s: Tells how many seconds the archive is behind the store.
        """
        self._registry = CollectorRegistry(auto_describe=False)
        self.batch = Histogram(
            "tearsheet_loader_batch_rows", "Rows of a loaded batch.", buckets=ROWS, registry=self._registry
        )
        self.bad = Gauge(
            "tearsheet_bad_events_total", "Rows that could not be read.", registry=self._registry
        )
        self.dirty = Gauge("tearsheet_dirty_hours", "Hours to recount.", registry=self._registry)
        self._seconds = Histogram(
            "tearsheet_job_seconds",
            "One run of a job of the desk.",
            ["job"],
            buckets=SECONDS,
            registry=self._registry,
        )
        self._failures = Counter(
            "tearsheet_job_failures_total", "Runs that failed.", ["job"], registry=self._registry
        )
        self._queries = Counter(
            "tearsheet_sql_queries_total",
            "Analysts' queries that ended.",
            ["outcome"],
            registry=self._registry,
        )
        self._reports = Counter(
            "tearsheet_reports_total", "Runs of reports that are over.", ["outcome"], registry=self._registry
        )
        for name, about, ask in (
            ("tearsheet_loader_lag_seconds", "How long the oldest queued event has waited.", lag_s),
            ("tearsheet_spool_quarantined_files", "Damaged files of the queue, put aside.", quarantined),
            ("tearsheet_archive_age_seconds", "How far the archive for SQL is behind.", archive_age_s),
        ):
            Gauge(name, about, registry=self._registry).set_function(ask)

    def ran(self, job: Job, seconds: float) -> None:
        """Count one run of a job that had something to do."""
        self._seconds.labels(job).observe(seconds)

    def failed(self, job: Job) -> None:
        """Count one run that failed."""
        self._failures.labels(job).inc()

    def asked(self, outcome: str) -> None:
        """Count a query in SQL: done, stopped, failed, or the code of its refusal."""
        self._queries.labels(outcome).inc()

    def reported(self, outcome: str) -> None:
        """Count a run of a report that is over: done, failed or skipped."""
        self._reports.labels(outcome).inc()

    def text(self) -> bytes:
        """Give all of it as a monitor reads it."""
        return generate_latest(self._registry)
