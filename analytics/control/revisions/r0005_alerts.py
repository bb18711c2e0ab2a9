"""Rules of alerts, and the episodes in which they held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "alert_rules",
        sa.Column("rule_id", sa.String(40), nullable=False),
        sa.Column("subscription_id", sa.String(40), nullable=False),
        sa.Column("site_id", sa.String(253), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("metric", sa.String(40), nullable=False, comment="empty where the kind watches no figure"),
        sa.Column(
            "dimension", sa.String(20), nullable=False, comment="site, section, author, topic or article"
        ),
        sa.Column("ids", sa.JSON(), nullable=False, comment="which of the dimension; none: each of them"),
        sa.Column("grain", sa.String(10), nullable=False, comment="hour or day"),
        sa.Column("direction", sa.String(10), nullable=False, comment="above, below or either"),
        sa.Column("bound", sa.Float(), comment="a number of the figure, a share, or minutes"),
        sa.Column("level", sa.Integer(), nullable=False, comment="1, 2 or 3 times the usual distance"),
        sa.Column("readings", sa.Integer(), nullable=False, comment="so many in a row"),
        sa.Column("repeat", sa.String(10), nullable=False, comment="once, hourly or daily"),
        sa.Column(
            "quiet", sa.String(20), nullable=False, comment="local hours without messages: 22:00-07:00"
        ),
        sa.Column("query", sa.String(40), nullable=False, comment="a saved query, of the kind query"),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by", sa.String(61), nullable=False, comment="stays when the person goes"),
        sa.Column(
            "read_through",
            sa.DateTime(),
            nullable=False,
            comment="all readings up to then are in the episodes",
        ),
        sa.Column("trouble", sa.Text(), nullable=False, comment="why it could not be read the last time"),
        sa.Column("muted_until", sa.DateTime()),
        sa.Column("paused_at", sa.DateTime()),
        sa.Column("deleted_at", sa.DateTime()),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["report_subscriptions.subscription_id"],
            name=op.f("fk_alert_rules_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_alert_rules")),
    )
    op.create_table(
        "alert_episodes",
        sa.Column("episode_id", sa.String(40), nullable=False),
        sa.Column("rule_id", sa.String(40), nullable=False),
        sa.Column("site_id", sa.String(253), nullable=False),
        sa.Column(
            "entity", sa.String(300), nullable=False, comment="id in the dimension; empty: the whole site"
        ),
        sa.Column("since", sa.DateTime(), nullable=False, comment="begin of the first reading outside"),
        sa.Column(
            "streak", sa.Integer(), nullable=False, comment="readings outside in a row, up to the opening"
        ),
        sa.Column(
            "calm", sa.Integer(), nullable=False, comment="readings inside in a row, since the opening"
        ),
        sa.Column("latest", sa.JSON(), nullable=False, comment="the latest reading outside"),
        sa.Column("peak", sa.Float(), comment="the value farthest outside"),
        sa.Column("opened_at", sa.DateTime(), comment="null: not enough readings in a row yet"),
        sa.Column(
            "known",
            sa.JSON(),
            nullable=False,
            comment="what was known when it opened: reading, names, sentence",
        ),
        sa.Column("closed_at", sa.DateTime()),
        sa.Column("told_at", sa.DateTime(), comment="when it was told the last time"),
        sa.Column("ended_told_at", sa.DateTime(), comment="when it was told that all is well again"),
        sa.Column("acknowledged_at", sa.DateTime()),
        sa.Column("acknowledged_by", sa.String(254), nullable=False, comment="as colleagues see them"),
        sa.Column("verdict", sa.String(10), nullable=False, comment="false: it was a false alarm"),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rules.rule_id"], name=op.f("fk_alert_episodes_rule_id")),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_alert_episodes")),
    )
    op.create_index(op.f("ix_alert_episodes_rule_id_closed_at"), "alert_episodes", ["rule_id", "closed_at"])
    op.create_index(op.f("ix_alert_episodes_site_id_opened_at"), "alert_episodes", ["site_id", "opened_at"])
