"""Reports by the API: listed, looked at, sent, with the right and without."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from analytics.control.identity import COMMAND, Identity, acting
from tests.api.desk import Asked, asked
from tests.builders import SITE

KEY = Identity("key", "k1", "cms", scopes=frozenset({"reports"}), sites=frozenset({SITE}))
OTHER_KEY = Identity("key", "k2", "cms", scopes=frozenset({"read"}), sites=frozenset({SITE}))


@pytest.fixture
def served(tmp_path: Path, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path, empty_file) as found:
        with (tmp_path / "tearsheet.toml").open("a", encoding="utf-8") as file:
            file.write('\n[mail]\nfolder = "mails"\nsender = "stats@news.example"\n')
        found.identity = KEY
        yield found


def test_a_program_lists_previews_sends_and_looks_up_reports(served: Asked) -> None:
    with acting(COMMAND):
        made = served.desk.reports.add("", "morning", site=SITE, period="2026-05-05")["id"]
        served.desk.reports.add_recipient(made, "mail", "ada@news.example")

    (row,) = served.rows("reports")
    looked = served.get(f"reports/{made}/preview?form=text")
    page = served.get(f"reports/{made}/preview?form=pdf")
    sent = served.ask("POST", f"/api/v1/reports/{made}/run").json()["rows"]
    (past,) = served.rows(f"reports/{made}/history")

    assert (row["id"], row["recipients"]) == (made, ["ada@news.example"])
    assert "Tuesday brought" in looked.text
    assert (page.headers["content-type"], page.content[:4]) == ("application/pdf", b"%PDF")
    assert [(each["to"], each["state"]) for each in sent] == [("ada@news.example", "sent")]
    assert past == sent[0]


def test_without_the_right_there_is_no_report(served: Asked) -> None:
    with acting(COMMAND):
        made = served.desk.reports.add("", "morning", site=SITE)["id"]
    served.identity = OTHER_KEY

    found = [
        served.get("reports").status_code,
        served.get(f"reports/{made}/preview").status_code,
        served.ask("POST", f"/api/v1/reports/{made}/run").status_code,
    ]
    served.identity = KEY

    assert found == [403, 403, 403]
    assert served.get("reports/nothing/history").status_code == 404
    assert served.ask("POST", f"/api/v1/reports/{made}/run").status_code == 400  # nobody receives it


def written(served: Asked, method: str, path: str, body: Any) -> dict[str, Any]:
    answer = served.ask(method, path, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_program_sets_up_changes_and_removes_a_report(served: Asked) -> None:
    sent = {"kind": "morning", "when": "every Tuesday at 09:30", "blocks": ["top"], "is_paused": True}
    made = written(served, "POST", "/api/v1/reports", sent)
    path = f"/api/v1/reports/{made['id']}"
    to = {"address": "desk@news.example", "where": {"section": ["culture"]}}

    changed = written(served, "PATCH", path, {"name": "Short", "is_paused": False})
    (receiver,) = written(served, "POST", f"{path}/recipients", to)["rows"]
    off = served.ask("DELETE", f"{path}/recipients/{receiver['id']}").json()
    gone = served.ask("DELETE", path).json()

    assert (made["schedule"], made["blocks"], made["next"]) == (
        "every Tuesday at 09:30, America/Sao_Paulo",
        ["top"],
        None,
    )
    assert (changed["name"], changed["schedule"], changed["blocks"]) == ("Short", made["schedule"], ["top"])
    assert (changed["is_paused"], changed["next"]) == (False, "2026-05-12 09:30")
    assert (receiver["address"], receiver["where"], receiver["is_confirmed"]) == (
        "desk@news.example",
        "section=culture",
        True,
    )
    assert (off["rows"], gone) == ([], {"id": made["id"]})
    assert served.rows("reports") == []


def test_what_no_report_can_be_is_refused(served: Asked) -> None:
    made = written(served, "POST", "/api/v1/reports", {"kind": "morning"})["id"]
    tried = [
        ("POST", "/api/v1/reports", {"kind": "mornin"}, 400),
        ("POST", "/api/v1/reports", {"colour": "red"}, 400),
        ("PATCH", f"/api/v1/reports/{made}", {"when": "sometimes"}, 400),
        ("PATCH", f"/api/v1/reports/{made}", {"name": "a\u0000b"}, 400),
        ("PATCH", "/api/v1/reports/nothing", {}, 404),
        ("DELETE", f"/api/v1/reports/{made}/recipients/r1", None, 404),
    ]

    assert [served.ask(method, path, json=body).status_code for method, path, body, _ in tried] == [
        status for *_, status in tried
    ]
