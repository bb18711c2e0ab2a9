"""What is watched, and what came of it: rules of alerts, and the episodes in which they held.

A rule sends by a subscription of its own, of the kind `alert`, so that its recipients, its outbox and its
ledger are those of reports. An episode begins with the first reading outside, opens with the last of those
that the rule wants in a row, and closes when as many lie inside again.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, DateTime, Float, ForeignKey, Index, Integer, String, Table, Text

from analytics.control.tables import METADATA

alert_rules = Table(
    "alert_rules",
    METADATA,
    Column("rule_id", String(40), primary_key=True),
    Column("subscription_id", String(40), ForeignKey("report_subscriptions.subscription_id"), nullable=False),
    Column("site_id", String(253), nullable=False),
    Column("name", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("metric", String(40), nullable=False, comment="empty where the kind watches no figure"),
    Column("dimension", String(20), nullable=False, comment="site, section, author, topic or article"),
    Column("ids", JSON, nullable=False, comment="which of the dimension; none: each of them"),
    Column("grain", String(10), nullable=False, comment="hour or day"),
    Column("direction", String(10), nullable=False, comment="above, below or either"),
    Column("bound", Float, comment="a number of the figure, a share, or minutes"),
    Column("level", Integer, nullable=False, comment="1, 2 or 3 times the usual distance"),
    Column("readings", Integer, nullable=False, comment="so many in a row"),
    Column("repeat", String(10), nullable=False, comment="once, hourly or daily"),
    Column("quiet", String(20), nullable=False, comment="local hours without messages: 22:00-07:00"),
    Column("query", String(40), nullable=False, comment="a saved query, of the kind query"),
    Column("made_at", DateTime, nullable=False),
    Column("made_by", String(61), nullable=False, comment="stays when the person goes"),
    Column("read_through", DateTime, nullable=False, comment="all readings up to then are in the episodes"),
    Column("trouble", Text, nullable=False, comment="why it could not be read the last time"),
    Column("muted_until", DateTime),
    Column("paused_at", DateTime),
    Column("deleted_at", DateTime),
)

alert_episodes = Table(
    "alert_episodes",
    METADATA,
    Column("episode_id", String(40), primary_key=True),
    Column("rule_id", String(40), ForeignKey("alert_rules.rule_id"), nullable=False),
    Column("site_id", String(253), nullable=False),
    Column("entity", String(300), nullable=False, comment="id in the dimension; empty: the whole site"),
    Column("since", DateTime, nullable=False, comment="begin of the first reading outside"),
    Column("streak", Integer, nullable=False, comment="readings outside in a row, up to the opening"),
    Column("calm", Integer, nullable=False, comment="readings inside in a row, since the opening"),
    Column("latest", JSON, nullable=False, comment="the latest reading outside"),
    Column("peak", Float, comment="the value farthest outside"),
    Column("opened_at", DateTime, comment="null: not enough readings in a row yet"),
    Column("known", JSON, nullable=False, comment="what was known when it opened: reading, names, sentence"),
    Column("closed_at", DateTime),
    Column("told_at", DateTime, comment="when it was told the last time"),
    Column("ended_told_at", DateTime, comment="when it was told that all is well again"),
    Column("acknowledged_at", DateTime),
    Column("acknowledged_by", String(254), nullable=False, comment="as colleagues see them"),
    Column("verdict", String(10), nullable=False, comment="false: it was a false alarm"),
    Index(None, "rule_id", "closed_at"),
    Index(None, "site_id", "opened_at"),
)
