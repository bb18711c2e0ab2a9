"""The OpenAPI document, and the pages that show it: our own, without a script or an address elsewhere.

Routes of this API describe themselves; `doors` adds what stands in front of it.
"""

from __future__ import annotations

import re
from functools import cache
from hashlib import blake2b
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import jinja2
import msgspec
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from markupsafe import Markup, escape

from analytics.api.doors import JSON, doors
from analytics.collect.wire.body import Body, TrustedBody

TAGS = {
    "Figures": "The numbers of the screens: totals, series, rankings.",
    "Live": "What goes on at this minute.",
    "Alerts": "What left its usual range, what is watched, and by what rules.",
    "Catalogue": "Articles: read them, and keep them as your CMS has them.",
    "Notes": "What the newsroom did and when, beside the numbers that followed.",
    "Views": "Saved views, and links that show one of them to whoever has the link.",
    "Reports": "Reports that go out by themselves: list, look, send now, ledger.",
    "SQL": "Any question of your own to the archive, for analysts.",
    "Comments": "What is said under articles, and the way in for comment systems.",
    "Collecting": "The way in for readers' events. Trackers and servers talk to these.",
    "Widgets": "What anybody may see of a site that has turned them on: counters and lists.",
    "State": "For monitors.",
}
ABOUT = """Every number here is the number on the screens: the same questions, the same definitions.

Send a key as `Authorization: Bearer KEY`; an admin makes one. Lists come as JSON, or as CSV where you send
`Accept: text/csv`. Unknown is null, never 0. Days are local days of the site. One person or key may ask 120
times a minute."""
ONE_HOUR = "private, max-age=3600"

router = APIRouter(include_in_schema=False)


@router.get("/api/v1/openapi.json")
async def openapi(request: Request) -> Response:
    """Give the document."""
    return _kept(request, msgspec.json.encode(described(request.app)), JSON)


@router.get("/docs")
async def reference(request: Request) -> Response:
    """Show the document as a page."""
    return _kept(request, page(described(request.app)).encode(), "text/html; charset=utf-8")


@router.get("/docs/reference.css")
async def style(request: Request) -> Response:
    """Give the looks of that page."""
    return _kept(request, _template("reference.css").encode(), "text/css; charset=utf-8")


def described(app: FastAPI) -> dict[str, Any]:
    """Write the document; once, for routes do not change."""
    if app.openapi_schema is None:
        found = get_openapi(
            title="Tearsheet",
            version=version("tearsheet"),
            summary="Readership of newsrooms",
            description=ABOUT,
            routes=app.routes,
            tags=[{"name": name, "description": about} for name, about in TAGS.items()],
        )
        schemas = found["components"]["schemas"]
        schemas.pop("HTTPValidationError", None)
        schemas.pop("ValidationError", None)
        bodies, shared = msgspec.json.schema_components(
            [Body, TrustedBody], ref_template="#/components/schemas/{name}"
        )
        schemas |= {name: shape for name, shape in shared.items() if name not in schemas}
        found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        for path in found["paths"].values():
            for operation in path.values():
                schemas |= operation.pop("x-schemas", {})
                if "HTTPValidationError" in str(operation["responses"].get("422")):
                    del operation["responses"]["422"]  # bad parameters are answered with 400
                operation["security"] = [{"key": []}]
        for path, operations in doors(bodies).items():
            found["paths"].setdefault(path, {}).update(operations)
        app.openapi_schema = _plain_patterns(found)
    return app.openapi_schema


def _plain_patterns(found: Any) -> Any:
    """Write patterns as JSON Schema has them; Python's own anchors mean letters there."""
    if isinstance(found, dict):
        return {
            key: value.replace(r"\A", "^").replace(r"\Z", "$")
            if key == "pattern" and isinstance(value, str)
            else _plain_patterns(value)
            for key, value in found.items()
        }
    return [_plain_patterns(each) for each in found] if isinstance(found, list) else found


@cache
def _template(name: str) -> str:
    return files("data").joinpath("templates", name).read_text(encoding="utf-8")


def page(found: dict[str, Any]) -> str:
    """Write the reference page of a document."""
    groups = []
    for name, about in TAGS.items():
        operations = [
            {"path": path, "method": method.upper(), **operation}
            for path, methods in found["paths"].items()
            for method, operation in methods.items()
            if name in operation["tags"]
        ]
        groups.append({"name": name, "about": about, "operations": operations})
    writer = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    writer.filters["coded"] = _coded
    template = writer.from_string(_template("reference.html"))
    return template.render(
        info=found["info"], groups=groups, fields=lambda shape: _fields(found, shape), kind=_kind
    )


def _coded(text: str) -> Markup:
    """Show what stands between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 escaped just now


def _fields(found: dict[str, Any], shape: dict[str, Any]) -> list[tuple[str, str, str]]:
    """List the fields of a shape: name, kind, meaning."""
    shape = _resolved(found, shape)
    if "oneOf" in shape:
        shape = shape["oneOf"][0]
    properties = shape.get("properties", {})
    return [
        (name, _kind(each), each.get("description") or _resolved(found, each).get("description", ""))
        for name, each in properties.items()
    ]


def _resolved(found: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    name = shape.get("$ref", "").rpartition("/")[2]
    return found["components"]["schemas"][name] if name else shape


def _kind(shape: dict[str, Any]) -> str:
    """Say of what kind a value is: "integer or null", "list of Author"."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    for key in ("anyOf", "oneOf"):
        if key in shape:
            return " or ".join(dict.fromkeys(_kind(each) for each in shape[key]))
    if "enum" in shape:
        return " or ".join("null" if each is None else str(each) for each in shape["enum"])
    if "const" in shape:
        return str(shape["const"])
    if shape.get("type") == "array":
        return f"list of {_kind(shape.get('items', {}))}"
    kind = shape.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)


def _kept(request: Request, body: bytes, media: str) -> Response:
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"etag": tag, "cache-control": ONE_HOUR}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media, headers=headers)
