"""The command line for tests: run in this process, or as the desk that serves a home."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from typer.testing import CliRunner

from analytics import caretaker, config, doorkeeper, watchkeeper  # noqa: F401  (their commands join the line)
from analytics.cli import app
from analytics.control import people, sessions
from analytics.control.database import Control
from analytics.control.identity import Role

NOW = "2026-05-06T13:00:00Z"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it said on stdout, decoded."""
        return json.loads(self.out)


def tearsheet(*words: str | Path, home: Path | None, now: str = NOW) -> Ran:
    """Run the tearsheet command in this process."""
    flags = ["--home", str(home)] if home else []
    try:
        done = CliRunner().invoke(
            app,
            [*flags, *map(str, words)],
            env={"TEARSHEET_NOW": now, "TEARSHEET_HOME": None, "COLUMNS": "200"},
        )
    finally:
        structlog.reset_defaults()  # the command's log goes to a stream that is closed now
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Ran(done.exit_code, done.stdout, done.stderr)


def admitted(home: Path, now: str = NOW) -> str:
    """Claim a home for an admin who is signed in; gives the token of their session."""
    at = config.utc(now, "now")
    control = Control(home)
    try:
        person = people.add(control, "admin@news.example", "Admin", {"*": Role.ADMIN}, at)
        return sessions.start(control, person, at)
    finally:
        control.close()


@contextmanager
def serving(home: Path, now: str = NOW, before: str = "") -> Iterator[tuple[str, int]]:
    """Run `tearsheet serve` on a free port, after a statement; gives its address and process id."""
    program = f"{before}\nfrom dashboards.main import main; main()"
    command = [sys.executable, "-c", program, "--home", str(home), "serve"]
    environ = {**os.environ, "TEARSHEET_NOW": now}
    with subprocess.Popen(
        [*command, "--port", "0"], stderr=subprocess.PIPE, text=True, env=environ
    ) as process:
        try:
            assert process.stderr is not None
            said = []
            for line in process.stderr:
                said.append(line)
                if found := re.match(r"Tearsheet: (http://127\.0\.0\.1:\d+)", line):
                    yield found[1], process.pid
                    return
            raise AssertionError("".join(said))
        finally:
            process.kill()
