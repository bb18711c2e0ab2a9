"""Who gets which report when, and what became of each: subscriptions, recipients, runs, copies, deliveries.

The row of a delivery is the outbox: it is committed before anything is sent, and once more before the last
byte of a mail leaves, so that a killed process leaves nothing unsaid and sends nothing twice. `(subscription,
recipient, due_at)` is unique, and so is `(subscription, article, age)`, for a piece is told once at each age
whatever becomes of its date. Rows are never deleted with a subscription: the ledger stays.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)

from analytics.control.tables import METADATA

report_subscriptions = Table(
    "report_subscriptions",
    METADATA,
    Column("subscription_id", String(40), primary_key=True),
    Column("site_id", String(253), nullable=False),
    Column("name", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("period", String(40), nullable=False, comment="as in an address, or workday, week, month"),
    Column("schedule", String(200), nullable=False, comment="cron or plain words; empty: by hand only"),
    Column("zone", String(60), nullable=False),
    Column("holidays", JSON, nullable=False, comment="days without it: 2026-12-24 or --12-25"),
    Column("kept", JSON, nullable=False, comment="filter: dimension -> values"),
    Column("query", String(200), nullable=False, comment="a saved query, of the kind query"),
    Column("formats", JSON, nullable=False, comment="what is attached: pdf, xlsx, csv"),
    Column("blocks", JSON, nullable=False, server_default="[]", comment="what it holds; none named: all"),
    Column(
        "language",
        String(35),
        nullable=False,
        server_default="",
        comment="in which it goes out; empty: the newsroom's",
    ),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", String(61), nullable=False, comment="stays when the person goes"),
    Column("due_through", DateTime, nullable=False, comment="all that was due up to then has been planned"),
    Column("paused_at", DateTime),
    Column("deleted_at", DateTime),
)

report_recipients = Table(
    "report_recipients",
    METADATA,
    Column("recipient_id", String(40), primary_key=True),
    Column(
        "subscription_id",
        String(40),
        ForeignKey("report_subscriptions.subscription_id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("way", String(12), nullable=False, comment="mail, folder, webhook or chat"),
    Column("address", Text, nullable=False, comment="of webhook and chat: masked"),
    Column("address_key", String(64), nullable=False, comment="keyed hash of the whole address"),
    Column("sealed", Text, comment="the whole address of webhook and chat, encrypted"),
    Column("name", String(200), nullable=False),
    Column("kept", JSON, nullable=False, comment="their own filter, on top of the subscription's"),
    Column("confirmed_at", DateTime, comment="null: the address was not confirmed yet, nothing is sent"),
    Column("asked_at", DateTime, comment="when they were last asked to confirm it"),
    Column("stopped_at", DateTime),
    Column("stopped_why", String(300), nullable=False, default=""),
    UniqueConstraint("subscription_id", "way", "address_key"),
)

report_runs = Table(
    "report_runs",
    METADATA,
    Column("run_id", String(40), primary_key=True),
    Column("subscription_id", String(40), ForeignKey("report_subscriptions.subscription_id"), nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("article_id", String(1024), nullable=False, server_default="", comment="the piece it is about"),
    Column("age", String(4), nullable=False, server_default="", comment="of the piece: 24h or 7d"),
    Column("is_test", Boolean, nullable=False, comment="asked for by hand"),
    Column("state", String(10), nullable=False, comment="planned, sending, done, skipped or failed"),
    Column("why", Text, nullable=False),
    Column("planned_at", DateTime, nullable=False),
    Column("built_at", DateTime),
    Column("first_day", Date),
    Column("last_day", Date),
    Column("took_ms", Integer),
    Column("finished_at", DateTime),
    UniqueConstraint("subscription_id", "due_at"),
    Index(None, "state"),
)

_of_piece = and_(report_runs.c.article_id != "", report_runs.c.is_test.is_(False))
Index(
    "uq_report_runs_piece",
    report_runs.c.subscription_id,
    report_runs.c.article_id,
    report_runs.c.age,
    unique=True,
    sqlite_where=_of_piece,
    postgresql_where=_of_piece,
)

report_copies = Table(
    "report_copies",
    METADATA,
    Column("copy_id", String(40), primary_key=True),
    Column("run_id", String(40), ForeignKey("report_runs.run_id", ondelete="CASCADE"), nullable=False),
    Column("kept", JSON, nullable=False, comment="the filter that it was built under"),
    Column("subject", Text, nullable=False),
    Column("as_of", DateTime, nullable=False),
    Column("body", LargeBinary, nullable=False, comment="the report as JSON, zlib"),
    comment="reports as they were sent",
)

report_deliveries = Table(
    "report_deliveries",
    METADATA,
    Column("delivery_id", String(40), primary_key=True),
    Column("run_id", String(40), ForeignKey("report_runs.run_id"), nullable=False),
    Column("subscription_id", String(40), nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("recipient_id", String(40), nullable=False),
    Column("way", String(12), nullable=False),
    Column("address", Text, nullable=False, comment="masked as in report_recipients"),
    Column("name", String(200), nullable=False),
    Column("state", String(10), nullable=False, comment="planned, handed, sent, failed or skipped"),
    Column("why", Text, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", DateTime, nullable=False),
    Column("copy_id", String(40), ForeignKey("report_copies.copy_id")),
    Column("changed_at", DateTime, nullable=False),
    Column("sent_at", DateTime),
    UniqueConstraint("subscription_id", "recipient_id", "due_at"),
    Index(None, "run_id", "state"),
)
