"""Expressions of Cloudflare's rule language as JavaScript, for the edge: of a request `q` and the functions `f`.

`q` is what delivery/laptop/edge/edge.js knows about a request, `f` are the functions of its language.js.
"""

from __future__ import annotations

import json
from typing import assert_never

from delivery.laptop.providers.cloudflare.language import (
    Among,
    Call,
    Comparison,
    Constant,
    Expression,
    ExpressionError,
    Field,
    Joined,
    Not,
)

_BEYOND = "the laptop's edge cannot work out; say it another way, or teach delivery/laptop/edge"


def function(expression: Expression) -> str:
    """A JavaScript function of `q` and `f`.

    Raises:
        ExpressionError: the edge does not know a field or function of it.
    """
    return f"(q, f) => {_js(expression)}"


_FIELDS = {
    "http.host": "host",
    "http.request.method": "method",
    "http.request.uri": "uri",
    "http.request.uri.path": "path",
    "http.request.uri.path.extension": "extension",
    "http.request.uri.query": "query",
    "http.request.uri.args": "args",
    "http.request.full_uri": "fullUri",
    "raw.http.request.uri": "rawUri",
    "raw.http.request.uri.path": "rawPath",
    "raw.http.request.uri.query": "rawQuery",
    "raw.http.request.full_uri": "rawFullUri",
    "http.request.headers": "headers",
    "http.request.headers.names": "headerNames",
    "ip.src": "ip",
    "http.response.code": "code",
    "http.response.headers": "answered",
    "http.response.content_type.media_type": "mediaType",
}
_OF_HEADERS = {
    "http.user_agent": "user-agent",
    "http.referer": "referer",
    "http.cookie": "cookie",
    "http.x_forwarded_for": "x-forwarded-for",
}
# What is the same for everybody on a laptop, which stands for an edge that is reached by TLS.
_FIXED = {"ssl": "true", "cf.client.bot": "false"}

_FUNCTIONS = {
    "starts_with",
    "ends_with",
    "contains",
    "lower",
    "upper",
    "len",
    "concat",
    "substring",
    "to_string",
    "url_decode",
    "regex_replace",
    "wildcard_replace",
}
_JOINS = {"and": " && ", "or": " || ", "xor": " !== "}


def _js(expression: Expression) -> str:
    match expression:
        case Constant(value):
            return json.dumps(value)
        case Field():
            return _field(expression)
        case Call("any" | "all" as which, (inner,)):
            return _each(which, inner)
        case Call(name, arguments):
            if name not in _FUNCTIONS:
                raise ExpressionError(f"it uses {name}, which {_BEYOND}")
            return f"f.{name}({', '.join(map(_js, arguments))})"
        case Comparison() | Among():
            return _compared(expression, _js(expression.left))
        case Not(inner):
            return f"!({_js(inner)})"
        case Joined(operator, parts):
            return "(" + _JOINS[operator].join(f"Boolean({_js(part)})" for part in parts) + ")"
    assert_never(expression)


def _compared(comparison: Comparison | Among, left: str) -> str:
    if isinstance(comparison, Among):
        return f"f.among({left}, {json.dumps(comparison.values)})"
    return f"f.{comparison.operator.replace(' ', '_')}({left}, {_js(comparison.right)})"


def _field(field: Field) -> str:
    if field.name in _FIXED:
        return _FIXED[field.name]
    if field.name in _OF_HEADERS:
        return f"(f.at(q.headers[{json.dumps(_OF_HEADERS[field.name])}], 0) || '')"
    if field.name not in _FIELDS:
        raise ExpressionError(f"it reads {field.name}, which {_BEYOND}")
    found = f"q.{_FIELDS[field.name]}"
    for step in field.steps:
        found = f"f.at({found}, {json.dumps(step)})"
    return found


def _each(which: str, inner: Expression) -> str:
    """`any(list[*] eq "x")`: the comparison for each one of the list."""
    if isinstance(inner, Comparison | Among) and isinstance(inner.left, Field) and inner.left.steps[-1:] == ("*",):
        values = _field(Field(inner.left.name, inner.left.steps[:-1]))
        method = {"any": "some", "all": "every"}[which]
        return f"f.each({values}).{method}((each) => {_compared(inner, 'each')})"
    raise ExpressionError(f"it uses {which} on more than a comparison of some list's [*], which {_BEYOND}")
