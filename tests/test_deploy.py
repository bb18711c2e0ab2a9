"""What operators copy: Dockerfile, compose file, units, and the web servers of docs/, each held by a linter.

No container engine, systemd or web server need be here; all linters come with the set-up.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "deploy").glob("*.service"))
EXAMPLES = re.compile(r"```(nginx|caddy)\n(.*?)```", re.DOTALL)
WRONG = {
    "UMaskOW": "it takes 0077, which leaves others nothing, for the opposite",
    "Delegate": "for programs that make control groups of their own",
}


def said(program: str, *args: str | Path, folder: Path = ROOT) -> tuple[int, str]:
    command = [str(Path(sys.executable).parent / program), *map(str, args)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def examples(language: str) -> list[str]:
    """Find the examples of a web server in the pages of docs/."""
    pages = (ROOT / "docs").glob("*.md")
    return [
        body
        for page in pages
        for found, body in EXAMPLES.findall(page.read_text(encoding="utf-8"))
        if found == language
    ]


def nginx(folder: Path, example: str) -> Path:
    """Put an example where nginx would include it."""
    inside = example if "server {" in example else f"server {{\n listen 80;\n{example}}}"
    path = folder / "nginx.conf"
    path.write_text(f"events {{}}\nhttp {{\nserver_tokens off;\n{inside}}}\n", encoding="utf-8")
    return path


def test_the_dockerfile_has_nothing_that_its_linter_minds() -> None:
    assert said("hadolint", "--failure-threshold", "style", "deploy/Dockerfile") == (0, "")


def test_the_compose_file_is_one_and_lets_its_container_do_little() -> None:
    told = said("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "deploy/compose.yaml")

    assert told[0] == 0, told[1]
    told = said("compose-lint", "deploy/compose.yaml")
    assert told[0] == 0, told[1]


def test_the_units_are_what_systemd_takes() -> None:
    _code, told = said("systemdlint", "--norootfs", *UNITS)
    minded = [line for line in told.splitlines() if not any(rule in line for rule in WRONG)]

    assert len(UNITS) == 2
    assert minded == []


@pytest.mark.parametrize("example", examples("nginx"))
def test_an_nginx_example_is_taken_and_safe(example: str, tmp_path: Path) -> None:
    path = nginx(tmp_path, example)
    told = said("crossplane", "parse", "--strict", "--no-catch", path)

    assert '"errors":[]' in told[1].partition('"config"')[0], told[1]
    # A prefix is cut off on purpose: what lies behind it is open, and no name there has an encoded slash.
    told = said("gixy", "--skips", "proxy_pass_normalized", path)
    assert told[0] == 0, told[1]


@pytest.mark.parametrize("example", examples("caddy"))
def test_a_caddy_example_is_taken_by_caddy(example: str, tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text(example, encoding="utf-8")
    told = said("caddy", "adapt", "--adapter", "caddyfile", "--config", path, "--validate")

    assert told[0] == 0, told[1]


@pytest.mark.parametrize(
    ("program", "args", "name", "text"),
    [
        ("hadolint", (), "Dockerfile", "FROM python\nRUN cd /tmp && sudo pip install x\n"),
        ("check-jsonschema", ("--builtin-schema", "vendor.compose-spec"), "c.yaml", "prots: 1"),
        ("compose-lint", (), "c.yaml", "services: {a: {image: 'a:1', privileged: true}}"),
        ("systemdlint", ("--norootfs",), "a.service", "[Service]\nExecStrat=/bin/true\n"),
        ("gixy", (), "n.conf", "http { server { listen 80; location /i { alias /data/; } } }"),
        ("caddy", ("adapt", "--adapter", "caddyfile", "--config"), "Caddyfile", "x {\n revers_proxy a\n}\n"),
    ],
)  # fmt: skip
def test_each_linter_finds_a_plain_fault(
    program: str, args: tuple[str, ...], name: str, text: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    assert said(program, *args, path)[0] != 0
