"""The OpenAPI document says what there is, and every answer is as it says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from analytics.api.widgets import FORMS
from analytics.collect.app import CollectorApp, create_collector
from tests.api.desk import Asked, asked

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OWN = "/api/v1/"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, empty_file: Path) -> Iterator[Asked]:
    with asked(tmp_path_factory.mktemp("api"), empty_file) as found:
        yield found


@pytest.fixture(scope="module")
def operations(served: Asked) -> dict[str, Any]:
    document = served.get("openapi.json").json()
    document["paths"] = {path: each for path, each in document["paths"].items() if path.startswith(OWN)}
    found: list[Any] = list(schemathesis.openapi.from_dict(document).get_all_operations())
    return {
        f"{each.ok().label} {mode.value}": each.ok().as_strategy(generation_mode=mode)
        for each in found
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    }


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_as_described(
    served: Asked, operations: dict[str, Any], data: st.DataObject
) -> None:
    case = data.draw(operations[data.draw(st.sampled_from(sorted(operations)))])
    sent = case.as_transport_kwargs(base_url="http://desk")
    parts = {key: sent[key] for key in ("params", "headers", "json") if key in sent}
    if isinstance(sent.get("data"), str | bytes):
        parts["content"] = sent["data"]

    case.validate_response(served.ask(sent["method"], sent["url"], **parts), checks=CHECKS)


def test_the_document_names_every_door_that_there_is(served: Asked, tmp_path: Path) -> None:
    (tmp_path / "tearsheet.toml").write_text('[site."news.example"]\ntimezone = "UTC"\n')
    collector: CollectorApp = create_collector(tmp_path)
    doors = {*collector._doors, *collector._states}
    collector.close()
    doors |= {f"/w/{{site}}/{kind}.{form}" for kind, forms in FORMS.items() for form in forms}

    paths = {path for path in served.get("openapi.json").json()["paths"] if not path.startswith("/api/v1/")}

    assert paths == doors


def test_the_document_and_its_page_are_kept_by_their_tags(served: Asked) -> None:
    for path in ("/api/v1/openapi.json", "/docs", "/docs/reference.css"):
        first = served.ask("GET", path)
        again = served.ask("GET", path, headers={"if-none-match": first.headers["etag"]})

        assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


def test_the_page_names_every_address_and_asks_nobody_else(served: Asked) -> None:
    page = served.ask("GET", "/docs").text

    for path in served.get("openapi.json").json()["paths"]:
        assert f"<code>{path}</code>" in page
    assert "<script" not in page
    assert "http" not in page.replace("https://www.w3.org", "")
