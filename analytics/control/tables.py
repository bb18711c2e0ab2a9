"""Tables of the control database. Who needs one of their own describes it in their own module, on METADATA.

Times are naive UTC, as everywhere. Ids are random text, so that none tells how many there are. Of secrets
only hashes stand here: Argon2id of passwords, SHA-256 of tokens that are random themselves.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

EVERY_SITE = "*"

# Named, because a later revision can only change what it can name.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _person(name: str = "person_id", *, nullable: bool = False, gone: str = "CASCADE") -> Column[str]:
    return Column(name, String(40), ForeignKey("people.person_id", ondelete=gone), nullable=nullable)


people = Table(
    "people",
    METADATA,
    Column("person_id", String(40), primary_key=True),
    Column("login", String(254), nullable=False, unique=True, comment="mail address or name, case folded"),
    Column("name", String(200), nullable=False, comment="as colleagues see it"),
    Column("password", Text, comment="Argon2id; null until one is set, or where another system signs in"),
    Column("issuer", String(500), comment="of OpenID Connect, once they came that way"),
    Column("subject", String(500), comment="their lasting id at the issuer"),
    Column("made_at", DateTime, nullable=False),
    Column("seen_at", DateTime, comment="last sign-in"),
    Column("disabled_at", DateTime),
    Column("language", String(35), comment="in which they are answered; null: the newsroom's"),
    UniqueConstraint("issuer", "subject"),
)

memberships = Table(
    "memberships",
    METADATA,
    _person(),
    Column("site_id", String(253), nullable=False, comment="a site, or * for all, later ones too"),
    Column("role", String(20), nullable=False),
    PrimaryKeyConstraint("person_id", "site_id"),
)

person_authors = Table(
    "person_authors",
    METADATA,
    _person(),
    Column("site_id", String(253), nullable=False),
    Column("author_id", String(200), nullable=False, comment="who they are in the catalogue of the site"),
    PrimaryKeyConstraint("person_id", "site_id"),
)

failed_attempts = Table(
    "failed_attempts",
    METADATA,
    Column("name_hash", String(64), primary_key=True, comment="keyed hash of an account or an address"),
    Column("failures", Integer, nullable=False),
    Column("last_at", DateTime, nullable=False),
    Column("until_at", DateTime, nullable=False, comment="until when nobody may try"),
    comment="failed sign-ins of the last hours; which account or address it was cannot be told",
)

invitations = Table(
    "invitations",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    _person(),
    Column("made_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    _person("made_by", nullable=True, gone="SET NULL"),
    comment="links by which a person sets a password, each once",
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", String(64), primary_key=True),
    _person(),
    Column("made_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Index(None, "person_id"),
)

api_keys = Table(
    "api_keys",
    METADATA,
    Column("key_id", String(40), primary_key=True),
    Column("name", String(61), nullable=False, unique=True),
    Column("hash", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    Column("sites", JSON, nullable=False),
    Column("made_at", DateTime, nullable=False),
    _person("made_by", nullable=True, gone="SET NULL"),
    Column("expires_at", DateTime),
    Column("used_at", DateTime),
)

saved_views = Table(
    "saved_views",
    METADATA,
    Column("view_id", String(40), primary_key=True),
    Column("site_id", String(253), nullable=False),
    _person("owner_id"),
    Column("name", String(120), nullable=False),
    Column("address", Text, nullable=False, comment="path and query"),
    Column("is_shared", Boolean, nullable=False, comment="with everybody of the site"),
    Column("made_at", DateTime, nullable=False),
    UniqueConstraint("owner_id", "site_id", "name"),
)

share_links = Table(
    "share_links",
    METADATA,
    Column("link_id", String(40), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("site_id", String(253), nullable=False),
    Column("name", String(120), nullable=False),
    Column("address", Text, nullable=False, comment="the one view: path and query"),
    Column("made_at", DateTime, nullable=False),
    _person("made_by", nullable=True, gone="SET NULL"),
    Column("expires_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
    Column("used_at", DateTime),
)

settings = Table(
    "settings",
    METADATA,
    Column("site_id", String(253), nullable=False, comment="a site, or * for the house"),
    Column("name", String(60), nullable=False),
    Column("value", JSON, nullable=False),
    Column("changed_at", DateTime, nullable=False),
    _person("changed_by", nullable=True, gone="SET NULL"),
    PrimaryKeyConstraint("site_id", "name"),
)

audit_log = Table(
    "audit_log",
    METADATA,
    Column("entry_id", Integer, primary_key=True, autoincrement=True),
    Column("at", DateTime, nullable=False, index=True),
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", String(61), nullable=False, comment="stays when the person goes"),
    Column("actor_name", String(254), nullable=False),
    Column("action", String(60), nullable=False, comment="such as person.invited"),
    Column("site_id", String(253)),
    Column("subject", String(300), nullable=False, comment="what it was done to, in words"),
)
