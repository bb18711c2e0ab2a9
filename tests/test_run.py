"""The one way in, on machines that lack something."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOOLS = ("sh", "dirname", "readlink", "cat", "cksum", "sed")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder for PATH with a shell's tools, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout without an environment, in a folder with a space."""
    folder = tmp_path / "a checkout"
    folder.mkdir()
    for name in ("run", "justfile", "uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, folder)
    return folder


def start(program: Path, machine: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": str(machine)}
    return subprocess.run([program], env=environment, cwd=cwd, capture_output=True, text=True, check=False)


def pretend_python(machine: Path, *, has_venv: bool) -> None:
    """Put a python3 there that is new enough; it makes nothing."""
    python = machine / "python3"
    python.write_text(f"#!/bin/sh\ncase $2 in *venv*) exit {int(not has_venv)} ;; esac\nexit 0\n")
    python.chmod(0o755)


def test_without_python_it_says_what_to_install(machine: Path, checkout: Path) -> None:
    done = start(checkout / "run", machine, checkout)

    assert done.returncode == 1
    assert re.search(r"^run: no Python 3\.11 or later was found: install one", done.stderr, re.MULTILINE)


def test_without_venv_it_names_the_debian_package(machine: Path, checkout: Path) -> None:
    pretend_python(machine, has_venv=False)

    done = start(checkout / "run", machine, checkout)

    assert done.returncode == 1
    assert "'apt install python3-venv'" in done.stderr
    assert not (checkout / ".venv").exists()


def test_it_works_from_another_folder_through_links(machine: Path, checkout: Path, tmp_path: Path) -> None:
    pretend_python(machine, has_venv=False)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "run").symlink_to(checkout / "run")
    (tmp_path / "run").symlink_to(Path("links", "run"))

    done = start(tmp_path / "run", machine, Path("/"))

    assert "Setting up Tearsheet in .venv" in done.stderr
    assert "'apt install python3-venv'" in done.stderr


def test_every_recipe_says_what_it_does() -> None:
    lines = (ROOT / "justfile").read_text(encoding="utf-8").splitlines()

    for before, line in zip(["", *lines], lines, strict=False):
        if re.match(r"\w+[^=]*:", line) and not before.startswith("["):
            assert before.startswith("# "), line


def test_ci_runs_what_everybody_runs() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").endswith("exec ./run check\n")
