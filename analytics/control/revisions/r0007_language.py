"""The language in which a person wants to be answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; null: the newsroom's."""
    with op.batch_alter_table("people") as table:
        table.add_column(
            sa.Column(
                "language",
                sa.String(length=35),
                nullable=True,
                comment="in which they are answered; null: the newsroom's",
            )
        )
