"""Whether what is said to GitHub, and what it answers, is as GitHub publishes it (openapi.json)."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from openapi_schema_validator import OAS30Validator

from tests.github.extract import EXTRACT

_SPEC: Mapping[str, Any] = json.loads(EXTRACT.read_bytes())
_ANYWHERE = (401, 403, 404, 422, 429, 500, 502, 503)  # what any operation may answer, published for it or not


def wrong_request(method: str, path: str, body: object) -> str | None:
    """What is wrong with a body that is sent; `path` is the operation's, as published."""
    return _wrong(_schema(_operation(method, path)["requestBody"]), body)


def wrong_answer(method: str, path: str, status: int, body: object) -> str | None:
    """What is wrong with an answer."""
    answers = _operation(method, path)["responses"]
    if str(status) not in answers:
        return None if status in _ANYWHERE else f"{method} {path} never answers {status}"
    said = _wrong(_schema(_resolved(answers[str(status)])), body)
    return said and f"{method} {path} {status}: {said}"


def _operation(method: str, path: str) -> Mapping[str, Any]:
    return _SPEC["paths"][path][method.lower()]


def _schema(body: Mapping[str, Any]) -> str:
    """As JSON, so that its validator is made once."""
    return json.dumps(body.get("content", {}).get("application/json", {}).get("schema"))


def _wrong(schema: str, body: object) -> str | None:
    if schema == "null":
        return None
    error = next(_validator(schema).iter_errors(body), None)
    return error and f"{error.json_path}: {error.message[:300]}"


@cache
def _validator(schema: str) -> OAS30Validator:
    return OAS30Validator({**json.loads(schema), "components": _SPEC["components"]})


def _resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in node:
        return node
    _, room, name = node["$ref"].removeprefix("#/").split("/")
    return _SPEC["components"][room][name]
