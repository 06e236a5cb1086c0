"""A small judge of AWS policies: what IAM would say to a request, as far as our own policies go."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any


def allowed(documents: Iterable[str], action: str, resource: str, context: Mapping[str, str] | None = None) -> bool:
    """Whether one of these policies allows this and none denies it; `context` are the request's condition keys."""
    statements = [each for document in documents for each in json.loads(document)["Statement"]]
    found = {each["Effect"] for each in statements if _speaks_of(each, action, resource, context or {})}
    return found == {"Allow"}


def actions(document: str) -> list[str]:
    """Every action that a policy names, allowed or denied."""
    return [action for each in json.loads(document)["Statement"] for action in named(each)]


def named(statement: Mapping[str, Any]) -> list[str]:
    """The actions that a statement names."""
    return _listed(statement["Action"])


def _speaks_of(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    return (
        any(_like(pattern, action) for pattern in _listed(statement["Action"]))
        and any(_like(pattern, resource) for pattern in _listed(statement["Resource"]))
        and all(
            _holds(operator, key, _listed(values), context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(operator: str, key: str, values: list[str], context: Mapping[str, str]) -> bool:
    if operator == "Null":
        return values == [str(key not in context).lower()]
    if operator in ("StringEquals", "ForAnyValue:StringEquals", "ArnEquals", "ArnLike"):
        return any(_like(value, context.get(key, "")) for value in values)
    raise NotImplementedError(f"{operator} is no condition that our own policies use")


def _like(pattern: str, text: str) -> bool:
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(each, re.escape(each)) for each in pattern), text) is not None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
