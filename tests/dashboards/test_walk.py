"""Every route that exists, asked as nobody and as each role: one table of who may what."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

WHO = ("nobody", "wrong key", "no role", "viewer", "editor", "analyst", "admin", "chief", "key", "link")
# Roles and the key (scope read) hold on one site, the chief's on all; "there" is another site of the house.
MATRIX = """
                             nobody  wrong   no role viewer  editor  analyst admin   chief   key     link
GET /                        303     401     200     200     200     200     200     200     200     403
GET /articles                303     401     200     200     200     200     200     200     200     200
GET /live                    303     401     200     200     200     200     200     200     200     403
GET /nowhere                 303     401     404     404     404     404     404     404     404     403
GET /articles/a1             303     401     200     404     404     404     404     404     200     403
GET /authors/a1              303     401     200     404     404     404     404     404     200     403
GET /topics/a1               303     401     200     404     404     404     404     404     200     403
GET /_dash-layout            401     401     200     200     200     200     200     200     200     200
GET /_dash-dependencies      401     401     200     200     200     200     200     200     200     200
POST /_dash-update-component 401     401     400     400     400     400     400     400     400     403
screens here                 401     401     403     200     200     200     200     200     403     200
screens there                401     401     403     403     403     403     403     200     403     403
stream here                  401     401     403     200     200     200     200     200     403     403
stream there                 401     401     403     400     400     400     400     200     403     403
download here                401     401     403     200     200     200     200     200     403     403
download there               401     401     403     400     400     400     400     200     403     403
api here                     401     401     403     200     200     200     200     200     200     403
api there                    401     401     403     403     403     403     403     200     403     403
GET /api/v1/sites            401     401     200     200     200     200     200     200     200     403
GET /api/v1/views            401     401     403     200     200     200     200     400     200     403
GET /api/v1/links            401     401     403     200     200     200     200     400     200     403
GET /docs                    303     401     200     200     200     200     200     200     200     403
PUT /api/v1/articles         401     401     400     400     400     400     400     400     400     403
GET /api/v1/sql/schema       401     401     403     403     403     200     200     200     403     403
SQL                          401     401     403     403     403     200     200     200     403     403
GET /api/x                   401     401     404     404     404     404     404     404     404     403
GET /password                303     401     200     200     200     200     200     200     303     403
GET /sign-in                 200     200     303     303     303     303     303     303     303     200
GET /healthz                 200     200     200     200     200     200     200     200     200     200
GET /door.css                200     200     200     200     200     200     200     200     200     200
GET /settings                303     401     403     403     403     403     403     200     403     403
GET /house                   303     401     403     403     403     403     403     200     403     403
GET /house/settings          303     401     403     403     403     403     200     200     403     403
GET /views                   303     401     403     200     200     200     200     200     403     403
"""
# Whatever else answers nobody with something: the ways in, and what they are drawn with.
PUBLIC = {
    "GET /_favicon.ico": 200,
    "GET /_dash-component-suites/x/x": 404,
    "GET /claim": 303,
    "POST /claim": 403,
    "GET /join/x": 403,
    "POST /join/x": 403,
    "POST /sign-in": 403,
    "GET /sign-in": 200,
    "GET /healthz": 200,
    "GET /door.css": 200,
}


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, int]]:
    """Who -> route -> status."""
    walked = subprocess.run(
        [sys.executable, "-m", "tests.dashboards.walk", tmp_path_factory.mktemp("walk")],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    lines = [line for line in walked.stdout.splitlines() if line.startswith("{")]
    assert lines, walked.stderr[-3000:]
    found: dict[str, dict[str, int]] = json.loads(lines[-1])
    return found


def test_nobody_is_let_in_anywhere_but_by_the_ways_in(answers: dict[str, dict[str, int]]) -> None:
    passed = {route: status for route, status in answers["nobody"].items() if status not in {303, 401}}

    assert passed | {"GET /claim": answers["nobody"]["GET /claim"]} == PUBLIC


def test_who_may_what(answers: dict[str, dict[str, int]]) -> None:
    rows = [line for line in MATRIX.splitlines()[2:] if line.strip()]
    expected = {row[:29].strip(): [int(word) for word in row[29:].split()] for row in rows}

    assert {route: [answers[who][route] for who in WHO] for route in expected} == expected


def test_no_route_fails_whoever_asks(answers: dict[str, dict[str, int]]) -> None:
    failed = {
        (who, route, status)
        for who, routes in answers.items()
        for route, status in routes.items()
        if status >= 500
    }

    assert failed == set()
