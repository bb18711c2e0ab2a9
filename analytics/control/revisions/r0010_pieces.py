"""Runs of a report that are about a piece at an age, each of which goes out once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns and their law; runs that stand are of no piece."""
    about = sa.Column(
        "article_id",
        sa.String(length=1024),
        nullable=False,
        server_default="",
        comment="the piece it is about",
    )
    age = sa.Column(
        "age", sa.String(length=4), nullable=False, server_default="", comment="of the piece: 24h or 7d"
    )
    with op.batch_alter_table("report_runs") as table:
        table.add_column(about)
        table.add_column(age)
    of_piece = sa.text("article_id != '' AND NOT is_test")
    op.create_index(
        "uq_report_runs_piece",
        "report_runs",
        ["subscription_id", "article_id", "age"],
        unique=True,
        sqlite_where=of_piece,
        postgresql_where=of_piece,
    )
