"""Which author a person is, and failed attempts to sign in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "person_authors",
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=253), nullable=False),
        sa.Column(
            "author_id",
            sa.String(length=200),
            nullable=False,
            comment="who they are in the catalogue of the site",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.person_id"],
            name=op.f("fk_person_authors_person_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("person_id", "site_id", name=op.f("pk_person_authors")),
    )
    op.create_table(
        "failed_attempts",
        sa.Column(
            "name_hash",
            sa.String(length=64),
            nullable=False,
            comment="keyed hash of an account or an address",
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.Column("until_at", sa.DateTime(), nullable=False, comment="until when nobody may try"),
        sa.PrimaryKeyConstraint("name_hash", name=op.f("pk_failed_attempts")),
        comment="failed sign-ins of the last hours; which account or address it was cannot be told",
    )
