"""What the endpoint answers, said once and in code: Flask's rules, the OpenAPI document, its page and the fuzz tests
are all made from these values, so that none of them can say something else.

    RELEASE = Operation(
        path="/v1/releases/{version}",
        name="release",
        summary="One release",
        description="…",
        tag="releases",
        parameters=(Parameter("version", "path", "The version, exactly as it was published.", "1.4.2"),),
        answers={
            HTTPStatus.OK: Reply("The release.", ReleaseRead, headers=KEPT),
            HTTPStatus.NOT_FOUND: refused("No release has this version."),
        },
        cors=True,
    )
    register(app, RELEASE, view)  # view(version: str) -> Response

Every operation is a GET, and HEAD gives the same headers. Every one may also answer 500 as a problem; that stands in
the document without being said here. Imports nothing but the standard library: a cold start pays for it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from flask import Flask

JSON = "application/json"
PROBLEM = "application/problem+json"
CACHED = {
    "Cache-Control": "How long a cache may keep it: at most 30 s, and never past a moment at which it may change."
}
KEPT = {
    **CACHED,
    "ESpice-Serial": "The serial of the head that was answered from; it rises with each deploy.",
    "ESpice-Commit": "The commit whose facts decided.",
}
ETAG = {"ETag": "Names these bytes; sent back as If-None-Match it saves sending them again."}
TAGGED = {**KEPT, **ETAG}

_NAME = re.compile(r"\{([a-z_]+)\}")
_REGISTERED = "espice-operations"


@dataclass(frozen=True, slots=True)
class Parameter:
    """Something a client may say. `shape` is a type as msgspec understands it: `Annotated[int, Meta(ge=0)]`,
    `Literal["rss", "atom"]`, …; what is in the path is always required, everything else never.
    """

    name: str
    where: Literal["path", "query", "header"]
    description: str
    example: str
    shape: Any = str


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. `body` is the type that msgspec encodes, `str` where the media type is no JSON, None for none."""

    description: str
    body: Any = None
    media: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)  # name -> what it says; it always stands there, but for
    maybe: Mapping[str, str] = field(default_factory=dict)  # these
    example: Any = None  # a value that was really answered, as JSON has it


@dataclass(frozen=True, slots=True)
class Operation:
    """What one path answers to GET and HEAD."""

    path: str  # as OpenAPI writes it: /v1/releases/{version}
    name: str  # unique; Flask's endpoint and OpenAPI's operationId
    summary: str  # a few words without a full stop
    description: str
    tag: str
    answers: Mapping[HTTPStatus, Reply]
    parameters: tuple[Parameter, ...] = ()
    cors: bool = False  # any site's page may read it, so OPTIONS answers 204


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong (RFC 9457): the body of every error."""

    type: str
    title: str
    status: int
    detail: str
    instance: str = ""  # urn:espice:request:<id>, which also stands in ESpice-Request; say it when you report a problem


def refused(description: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An answer that is a problem."""
    return Reply(description, Problem, PROBLEM, headers or {})


UNAVAILABLE = refused(
    "There is no head that may be believed now. Ask elsewhere, or again later.",
    {"Retry-After": "Seconds after which to ask again."},
)


def rule(operation: Operation) -> str:
    """The path as Flask has it.

    Raises ValueError where path and parameters name different things.
    """
    said = {each.name: each.shape for each in operation.parameters if each.where == "path"}
    names = _NAME.findall(operation.path)
    if sorted(names) != sorted(said):
        raise ValueError(f"{operation.path}: describe exactly these parameters of the path: {', '.join(names)}")
    return _NAME.sub(lambda found: f"<{_converter(said[found[1]])}:{found[1]}>", operation.path)


def register(app: "Flask", operation: Operation, view: Callable[..., Any]) -> None:
    """Answer this operation by `view`, which gets the path's parameters by their names."""
    app.add_url_rule(rule(operation), operation.name, view, methods=["GET"])
    app.extensions.setdefault(_REGISTERED, []).append(operation)


def registered(app: "Flask") -> tuple[Operation, ...]:
    """The operations of this app, in the order in which they were registered."""
    return tuple(app.extensions.get(_REGISTERED, ()))


def _converter(shape: Any) -> str:
    words = get_args(shape)
    if not words or not all(isinstance(word, str) for word in words):
        return "string"
    quoted = ", ".join(f'"{word}"' for word in words)
    return f"any({quoted})"
