"""What analysts asked, and the queries that they keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "sql_runs",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor_kind", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=61), nullable=False, comment="stays when the person goes"),
        sa.Column("actor_name", sa.String(length=254), nullable=False),
        sa.Column("door", sa.String(length=20), nullable=False, comment="page, api, command, report"),
        sa.Column("hash", sa.String(length=64), nullable=False, comment="SHA-256 of the text"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column(
            "outcome", sa.String(length=20), nullable=False, comment="running, done, or the code of the error"
        ),
        sa.Column("said", sa.Text(), nullable=False, comment="sentence of the error"),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("is_cut", sa.Boolean(), nullable=True),
        sa.Column("elapsed_ms", sa.Float(), nullable=True),
        sa.Column("cpu_s", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_sql_runs")),
    )
    op.create_index(op.f("ix_sql_runs_at"), "sql_runs", ["at"], unique=False)
    op.create_index(op.f("ix_sql_runs_actor_id_at"), "sql_runs", ["actor_id", "at"], unique=False)
    op.create_table(
        "saved_queries",
        sa.Column("query_id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=61), nullable=False),
        sa.Column("owner_name", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folder", sa.String(length=80), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False, comment="with every analyst"),
        sa.Column("version", sa.Integer(), nullable=False, comment="the latest"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("put_away_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("query_id", name=op.f("pk_saved_queries")),
    )
    op.create_index(op.f("ix_saved_queries_owner_id"), "saved_queries", ["owner_id"], unique=False)
    op.create_table(
        "saved_query_versions",
        sa.Column("query_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("chart", sa.JSON(), nullable=False, comment="kind, x, y, series; empty: none chosen"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.ForeignKeyConstraint(
            ["query_id"],
            ["saved_queries.query_id"],
            name=op.f("fk_saved_query_versions_query_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("query_id", "version", name=op.f("pk_saved_query_versions")),
    )
