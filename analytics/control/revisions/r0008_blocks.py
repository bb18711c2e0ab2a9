"""What a report holds, and when a recipient was asked to confirm their address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns; reports that stand hold everything, as before."""
    with op.batch_alter_table("report_subscriptions") as table:
        table.add_column(
            sa.Column(
                "blocks",
                sa.JSON(),
                nullable=False,
                server_default="[]",
                comment="what it holds; none named: all",
            )
        )
    with op.batch_alter_table("report_recipients") as table:
        table.add_column(
            sa.Column(
                "asked_at", sa.DateTime(), nullable=True, comment="when they were last asked to confirm it"
            )
        )
