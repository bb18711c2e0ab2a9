"""Values of a saved query's parameters, and tiles on the Overview."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column, make the table."""
    op.add_column(
        "saved_query_versions",
        sa.Column(
            "parameters",
            sa.JSON(),
            nullable=False,
            server_default="{}",
            comment="name -> value that it had when it was saved; days and site are not kept",
        ),
    )
    op.create_table(
        "sql_tiles",
        sa.Column("query_id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=253), nullable=False, comment="on whose Overview it stands"),
        sa.Column("owner_id", sa.String(length=61), nullable=False, comment="stays when the person goes"),
        sa.Column("is_shared", sa.Boolean(), nullable=False, comment="with every editor of the site"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["query_id"],
            ["saved_queries.query_id"],
            name=op.f("fk_sql_tiles_query_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("query_id", "site_id", name=op.f("pk_sql_tiles")),
        comment="saved queries whose result stands on the Overview",
    )
    op.create_index(op.f("ix_sql_tiles_site_id"), "sql_tiles", ["site_id"], unique=False)
