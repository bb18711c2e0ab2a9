"""Subscriptions to reports, and the ledger of what was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "report_subscriptions",
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=253), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "period",
            sa.String(length=40),
            nullable=False,
            comment="as in an address, or workday, week, month",
        ),
        sa.Column(
            "schedule",
            sa.String(length=200),
            nullable=False,
            comment="cron or plain words; empty: by hand only",
        ),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("holidays", sa.JSON(), nullable=False, comment="days without it: 2026-12-24 or --12-25"),
        sa.Column("kept", sa.JSON(), nullable=False, comment="filter: dimension -> values"),
        sa.Column("query", sa.String(length=200), nullable=False, comment="a saved query, of the kind query"),
        sa.Column("formats", sa.JSON(), nullable=False, comment="what is attached: pdf, xlsx, csv"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=61), nullable=False, comment="stays when the person goes"),
        sa.Column(
            "due_through",
            sa.DateTime(),
            nullable=False,
            comment="all that was due up to then has been planned",
        ),
        sa.Column("paused_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_report_subscriptions")),
    )
    op.create_table(
        "report_recipients",
        sa.Column("recipient_id", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False, comment="mail, folder, webhook or chat"),
        sa.Column("address", sa.Text(), nullable=False, comment="of webhook and chat: masked"),
        sa.Column(
            "address_key", sa.String(length=64), nullable=False, comment="keyed hash of the whole address"
        ),
        sa.Column(
            "sealed", sa.Text(), nullable=True, comment="the whole address of webhook and chat, encrypted"
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "kept", sa.JSON(), nullable=False, comment="their own filter, on top of the subscription's"
        ),
        sa.Column(
            "confirmed_at",
            sa.DateTime(),
            nullable=True,
            comment="null: the address was not confirmed yet, nothing is sent",
        ),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("stopped_why", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["report_subscriptions.subscription_id"],
            name=op.f("fk_report_recipients_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_report_recipients")),
        sa.UniqueConstraint(
            "subscription_id",
            "way",
            "address_key",
            name=op.f("uq_report_recipients_subscription_id_way_address_key"),
        ),
    )
    op.create_table(
        "report_runs",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False, comment="asked for by hand"),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="planned, sending, done, skipped or failed"
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(), nullable=False),
        sa.Column("built_at", sa.DateTime(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("took_ms", sa.Integer(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["report_subscriptions.subscription_id"],
            name=op.f("fk_report_runs_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_report_runs")),
        sa.UniqueConstraint("subscription_id", "due_at", name=op.f("uq_report_runs_subscription_id_due_at")),
    )
    op.create_index(op.f("ix_report_runs_state"), "report_runs", ["state"], unique=False)
    op.create_table(
        "report_copies",
        sa.Column("copy_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("kept", sa.JSON(), nullable=False, comment="the filter that it was built under"),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the report as JSON, zlib"),
        sa.ForeignKeyConstraint(
            ["run_id"], ["report_runs.run_id"], name=op.f("fk_report_copies_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("copy_id", name=op.f("pk_report_copies")),
        comment="reports as they were sent",
    )
    op.create_table(
        "report_deliveries",
        sa.Column("delivery_id", sa.String(length=40), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("subscription_id", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("recipient_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=12), nullable=False),
        sa.Column("address", sa.Text(), nullable=False, comment="masked as in report_recipients"),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="planned, handed, sent, failed or skipped"
        ),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=False),
        sa.Column("copy_id", sa.String(length=40), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["copy_id"], ["report_copies.copy_id"], name=op.f("fk_report_deliveries_copy_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["report_runs.run_id"], name=op.f("fk_report_deliveries_run_id")),
        sa.PrimaryKeyConstraint("delivery_id", name=op.f("pk_report_deliveries")),
        sa.UniqueConstraint(
            "subscription_id",
            "recipient_id",
            "due_at",
            name=op.f("uq_report_deliveries_subscription_id_recipient_id_due_at"),
        ),
    )
    op.create_index(
        op.f("ix_report_deliveries_run_id_state"), "report_deliveries", ["run_id", "state"], unique=False
    )
