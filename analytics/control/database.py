"""The control database: `control.sqlite` in the home, or a PostgreSQL elsewhere.

Apart from `readers.duckdb`, because it changes in small steps, must never be lost with a rebuilt store, and
may stand on another machine. Alembic's revisions run at the start, in transactions, so that a killed start
leaves a revision done or not begun.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, String, column, create_engine, event, inspect, select, table
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from analytics.errors import ConfigError, StoreError

FILE = "control.sqlite"
REVISIONS = Path(__file__).with_name("revisions")
BUSY_WAIT_S = 10
WRITES = 8622  # number of the lock that writers of a PostgreSQL wait for


class Control:
    """An open control database; may be used from every thread.

    Attributes:
        name: What it is called in a sentence; never with its password.
        version: Counts the writes of this process, the only one: what was known of one version holds.
    """

    def __init__(self, home: Path, url: str = "") -> None:
        """Open it, and bring its schema up to date.

        Args:
            home: Folder of the home, whose lock the caller holds.
            url: Of a PostgreSQL, as SQLAlchemy writes it; empty for `control.sqlite` in the home.

        Raises:
            ConfigError: The URL is none that can be used.
            StoreError: The database cannot be reached or written, or a newer program made its schema.
        """
        self.version = 0
        self._engine = _sqlite(home / FILE) if not url else _postgresql(url)
        self.name = str(home / FILE) if not url else self._engine.url.render_as_string(hide_password=True)
        try:
            if not _is_current(self._engine):
                from analytics.control import revising  # noqa: PLC0415  a tenth of a second, once

                revising.run(self._engine, self.name)
            # Held open, so that SQLite's shared memory stays: on a full disk it could not be made anew.
            self._held = self._engine.raw_connection() if not url else None
        except DBAPIError as fault:
            self._engine.dispose()
            raise self._cannot(fault) from fault
        except StoreError:
            self._engine.dispose()
            raise

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Lend a connection that sees one state of the tables; what it writes is lost.

        Raises:
            StoreError: The database is gone.
        """
        try:
            with self._engine.connect() as connection:
                yield connection
        except DBAPIError as fault:
            raise self._cannot(fault) from fault

    @contextmanager
    def write(self, *, is_quiet: bool = False) -> Iterator[Connection]:
        """Lend a connection inside a transaction that commits at the end; one at a time.

        Args:
            is_quiet: Whether nothing changes of who may what, so that what was known of it still holds.

        Raises:
            StoreError: The database is gone, full, or busy for longer than it may be.
        """
        try:
            with (
                self._engine.connect().execution_options(tearsheet_writes=True) as connection,
                connection.begin(),
            ):
                yield connection
            self.version += not is_quiet
        except IntegrityError:
            raise  # of the caller's values, not of the database
        except DBAPIError as fault:
            raise self._cannot(fault) from fault

    def close(self) -> None:
        """Give the connections back."""
        if self._held is not None:
            self._held.close()
        self._engine.dispose()

    def _cannot(self, fault: DBAPIError) -> StoreError:
        reason = str(fault.orig).strip().splitlines()[0] if fault.orig else type(fault).__name__
        return StoreError(
            f"The control database {self.name} refused: {reason}.",
            "Check that it is there and may be written.",
        )


def _is_current(engine: Engine) -> bool:
    """Tell whether the last revision that ships is the one that the schema is at.

    Revisions are files in a row, r0001 to the last one, which a test asks Alembic about.
    """
    last = max(each.name for each in REVISIONS.glob("r[0-9]*.py"))[1:5]
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        found = connection.execute(
            select(column("version_num", String)).select_from(table("alembic_version"))
        )
        return list(found.scalars()) == [last]


def _sqlite(path: Path) -> Engine:
    with suppress(OSError):  # what is wrong with the folder is said when the file is opened
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_WAIT_S},
        # Opening costs a tenth of a millisecond, and a thread that ended leaves nothing open.
        poolclass=NullPool,
    )

    @event.listens_for(engine, "connect")
    def opened(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # its own BEGIN would leave changes of the schema outside
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # Whoever will write waits for the lock at once; to read first and write then could only fail.
        writes = connection.get_execution_options().get("tearsheet_writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(written: str) -> Engine:
    try:
        url = make_url(written)
        if url.get_backend_name() != "postgresql":
            raise ConfigError(
                f"control_url names {url.get_backend_name()}, which is not known.",
                "Write postgresql://user@host/name, or nothing for a file in the home.",
            )
        if url.drivername == "postgresql":
            url = url.set(drivername="postgresql+psycopg")
        engine = create_engine(url, pool_pre_ping=True)
    except ArgumentError as fault:
        raise ConfigError(
            "control_url cannot be read.", "Write postgresql://user@host/name, or nothing."
        ) from fault
    except (NoSuchModuleError, ModuleNotFoundError) as fault:
        raise ConfigError(
            f"control_url needs a driver that is not installed: {fault}.",
            "Install tearsheet[postgres].",
        ) from fault

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # As with SQLite: who reads sees one state; who writes waits, then sees what the last one wrote.
        if connection.get_execution_options().get("tearsheet_writes"):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITES})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")

    return engine
