"""The language in which a report goes out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the column; empty: the newsroom's, as before."""
    with op.batch_alter_table("report_subscriptions") as table:
        table.add_column(
            sa.Column(
                "language",
                sa.String(length=35),
                nullable=False,
                server_default="",
                comment="in which it goes out; empty: the newsroom's",
            )
        )
