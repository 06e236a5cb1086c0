"""The operations as an OpenAPI 3.1 document for programs, and as a page for people: both made from the same value.

Made when somebody first asks: no cold start pays for it, and it knows what was registered after it.
"""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from itertools import chain
from typing import Any, NamedTuple

import msgspec
from flask import Blueprint, Flask, Response, render_template, request

from delivery.endpoint.answers import LONGEST_S
from delivery.endpoint.operations import CACHED, ETAG, Operation, Parameter, Reply, refused, registered
from delivery.endpoint.operations import register as route

PROMISE = (
    "Every path under /v1/ keeps its parameters, the keys of its answers, and what they mean. What comes is added: "
    "paths, parameters that may be left out, keys, headers, and new words where a field holds one of several.",
    "So ignore keys, headers and words that you do not know; their order means nothing.",
    "Parameters that we do not know are ignored, never refused. Send none of your own: they may get a meaning.",
    "What cannot be kept this way comes as /v2/. The paths of /v1/ then answer for at least 24 months more, and say so "
    "in the headers Deprecation and Sunset.",
    "The update check of /v1/ has no end: it answers for as long as anybody may have a version that asks it.",
    "Errors are problems (RFC 9457): application/problem+json, or application/json where the edge before the endpoint "
    "answers itself. Go by the status; the words are for people and may change, and what cannot be read as a request "
    "may get other words.",
    "Ask no more often than Cache-Control says. Nothing here is behind a login, and nothing may be written.",
    "/healthz and /readyz are for those who run this. They may change at any time, and so may what they say.",
)
_FAILED = refused("A fault of ours.")
_ANY = {"ESpice-Request": "This answer's own id; say it when you report a problem."}
_CONDITION = Parameter("If-None-Match", "header", "The ETag of the answer that the caller has.", '"c0ffee"')
_SHARED = {"Access-Control-Allow-Origin": "Always *: any site's page may read this."}
_DESCRIBED = {**CACHED, **ETAG}  # it is of this build, and of no head
_COMPONENT = "#/components/{}/{}"
_HTML = "text/html; charset=utf-8"

OPENAPI = Operation(
    path="/v1/openapi.json",
    name="openapi",
    summary="This description, for programs",
    description="OpenAPI 3.1. The same for everybody; changes only with a deploy.",
    tag="About",
    answers={HTTPStatus.OK: Reply("The document.", dict[str, Any], headers=_DESCRIBED)},
    cors=True,
)
DOCS = Operation(
    path="/v1/docs",
    name="docs",
    summary="This description, for people",
    description="The only page here: no other path of the endpoint answers with HTML.",
    tag="About",
    answers={HTTPStatus.OK: Reply("The page.", str, "text/html", _DESCRIBED)},
)


def register(app: Flask, *others: Operation) -> None:
    """Answer OPENAPI and DOCS in this app: its operations, and these others that its routing does not know."""
    pages = Blueprint("pages", __name__, template_folder="pages")
    pages.add_app_template_filter(kind)
    pages.add_app_template_filter(spelled)
    app.register_blueprint(pages)

    @cache
    def described() -> dict[str, Any]:
        return document([*others, *registered(app)])

    @cache
    def as_json() -> bytes:
        return text(described())

    @cache
    def as_page() -> tuple[bytes, str]:
        style = render_template("docs.css")
        page = render_template(
            "docs.html", api=described(), promise=PROMISE, sections=_sections(described()), style=style
        )
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
        return page.encode(), f"{policy}; frame-ancestors 'none'"

    def openapi() -> Response:
        return _kept(as_json(), "application/json")

    def docs() -> Response:
        page, policy = as_page()
        response = _kept(page, _HTML)
        response.headers["Content-Security-Policy"] = policy
        return response

    route(app, OPENAPI, openapi)
    route(app, DOCS, docs)


def text(described: Mapping[str, Any]) -> bytes:
    """The document as it is served and as docs/openapi.json has it: one line a value, so that a diff shows changes."""
    return msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI document of these operations."""
    operations = list(operations)
    shapes = list(dict.fromkeys(chain.from_iterable(map(_shapes, operations))))
    found, named = msgspec.json.schema_components(shapes, ref_template=_COMPONENT.format("schemas", "{name}"))
    parts = _Parts(dict(zip(shapes, found, strict=True)), _headers(operations))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "ESpice updates",
            "version": "1",
            "description": "\n".join(f"- {each}" for each in PROMISE),
        },
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in dict.fromkeys(each.tag for each in operations)],
        "paths": {each.path: _path(each, parts) for each in operations},
        "components": {
            "schemas": dict(sorted(named.items())),
            "headers": {name: _described(said) for name, said in sorted(parts.headers.items())},
        },
    }


class _Parts(NamedTuple):
    """What operations share: each type's schema, and what each header usually says."""

    schemas: Mapping[Any, dict[str, Any]]
    headers: Mapping[str, str]


def _headers(operations: Iterable[Operation]) -> dict[str, str]:
    usual = dict(_ANY)
    for reply in chain.from_iterable(_answers(each).values() for each in operations):
        usual = {**reply.headers, **usual}
    return usual


def _shapes(operation: Operation) -> Iterator[Any]:
    """The types that an operation speaks of."""
    yield from (each.shape for each in _parameters(operation))
    yield from (reply.body for reply in _answers(operation).values() if reply.body is not None)


def _parameters(operation: Operation) -> tuple[Parameter, ...]:
    """Those that were said, and the condition that what has an ETag understands."""
    return operation.parameters + ((_CONDITION,) if HTTPStatus.NOT_MODIFIED in _answers(operation) else ())


def _answers(operation: Operation) -> dict[HTTPStatus, Reply]:
    """Those that were said, and those that go without saying."""
    more = _SHARED if operation.cors else {}
    said = {status: replace(reply, headers={**reply.headers, **more}) for status, reply in operation.answers.items()}
    tagged = next((reply.headers for reply in said.values() if "ETag" in reply.headers), None)
    if tagged:
        said[HTTPStatus.NOT_MODIFIED] = Reply("It still has the ETag that was sent.", headers=tagged)
    return dict(sorted({**said, HTTPStatus.INTERNAL_SERVER_ERROR: _FAILED}.items()))


def _path(operation: Operation, parts: _Parts) -> dict[str, Any]:
    about = {"tags": [operation.tag], "summary": operation.summary, "description": operation.description}
    answers = _answers(operation)
    parameters = [_parameter(each, parts) for each in _parameters(operation)]
    told = {status: {"description": reply.description} for status, reply in answers.items()}
    methods = {
        "get": (operation.name, {status: _reply(reply, parts) for status, reply in answers.items()}),
        "head": (f"{operation.name}_head", told),
        "options": (f"{operation.name}_preflight", {HTTPStatus.NO_CONTENT: {"description": "A page may ask."}}),
    }
    return {
        **({"parameters": parameters} if parameters else {}),
        **{
            method: {
                **about,
                "operationId": name,
                "responses": {str(int(status)): said for status, said in all_.items()},
            }
            for method, (name, all_) in methods.items()
            if operation.cors or method != "options"
        },
    }


def _parameter(parameter: Parameter, parts: _Parts) -> dict[str, Any]:
    schema = parts.schemas[parameter.shape]
    return {
        "name": parameter.name,
        "in": parameter.where,
        "description": parameter.description,
        "required": parameter.where == "path",
        "schema": schema,
        "example": int(parameter.example) if schema.get("type") == "integer" else parameter.example,
    }


def _reply(reply: Reply, parts: _Parts) -> dict[str, Any]:
    always = {name: _header(name, said, parts) for name, said in {**reply.headers, **_ANY}.items()}
    headers = {**always, **{name: _described(said, required=False) for name, said in reply.maybe.items()}}
    said = {"description": reply.description, "headers": headers}
    if reply.body is None:
        return said
    example = {} if reply.example is None else {"example": reply.example}
    return {**said, "content": {reply.media: {"schema": parts.schemas[reply.body], **example}}}


def _header(name: str, said: str, parts: _Parts) -> dict[str, Any]:
    return {"$ref": _COMPONENT.format("headers", name)} if parts.headers[name] == said else _described(said)


def _described(said: str, *, required: bool = True) -> dict[str, Any]:
    return {"description": said, "required": required, "schema": {"type": "string"}}


def _sections(described: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """tag -> path -> its GET with its parameters, in the document's order."""
    sections: dict[str, dict[str, Any]] = {tag["name"]: {} for tag in described["tags"]}
    for path, said in described["paths"].items():
        sections[said["get"]["tags"][0]][path] = {**said["get"], "parameters": said.get("parameters", [])}
    return sections


def kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words, as the page has it."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " or ".join(kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {kind(schema.get('items') or {})}"
    if schema.get("additionalProperties"):
        return f"object, each value {kind(schema['additionalProperties'])}"
    bounds = f" {schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= set(schema) else ""
    return f"{schema.get('format') or schema.get('type') or 'anything'}{bounds}"


def spelled(value: Any) -> str:
    """An example as JSON, its keys in the order in which they are answered."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _kept(data: bytes, media: str) -> Response:
    response = Response(data, content_type=media)
    response.headers["Cache-Control"] = f"public, max-age={LONGEST_S}"
    response.add_etag()
    response.make_conditional(request)
    return response
