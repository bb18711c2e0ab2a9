"""Bring the control database up to date, by Alembic.

Apart from `database`, which loads it only where a revision is missing: its import outlasts an opening.
"""

from __future__ import annotations

from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Engine, inspect

from analytics.control.database import REVISIONS
from analytics.errors import StoreError


def run(engine: Engine, name: str) -> None:
    """Run the revisions that are missing, each in one transaction; of a new database all in one.

    Args:
        engine: The database.
        name: What it is called in a sentence.

    Raises:
        StoreError: A newer program made its schema.
    """
    config = Config()
    config.set_main_option("script_location", str(REVISIONS))
    config.set_main_option("version_locations", str(REVISIONS))
    config.set_main_option("path_separator", "newline")
    script = ScriptDirectory.from_config(config)
    steps = EnvironmentContext(
        config, script, fn=lambda at, _: _steps(script, at, name), destination_rev="head"
    )
    # Of a new database all revisions are one transaction, for every commit waits for the disk.
    has_any = inspect(engine).has_table("alembic_version")
    with steps, engine.connect().execution_options(tearsheet_writes=True) as connection:
        # SQLite can undo changes of a schema, although Alembic does not expect it.
        steps.configure(connection=connection, transaction_per_migration=has_any, transactional_ddl=True)
        with steps.begin_transaction():
            steps.run_migrations()


def _steps(script: ScriptDirectory, at: Any, name: str) -> Any:
    try:
        return script._upgrade_revs("head", at)  # noqa: SLF001  (what `alembic upgrade` calls)
    except CommandError as fault:
        raise StoreError(
            f"{name} was written by a newer program (schema {', '.join(at) if at else 'unknown'}).",
            "Start that one, or restore a copy from before the upgrade.",
        ) from fault
