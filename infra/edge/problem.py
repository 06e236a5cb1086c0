"""What the edge says itself to a program that gets no answer from behind it: a problem, as RFC 9457 has it."""

from __future__ import annotations

import json
from http import HTTPStatus

from infra.edge.rule import Rule, updater_paths
from infra.names import Names

KIND = "application/json"  # Cloudflare takes no application/problem+json for what it says itself


def problem(status: int, detail: str) -> str:
    """The members of a refusal with this status."""
    return _written({"title": HTTPStatus(status).phrase, "status": status, "detail": detail})


def error_rules(names: Names) -> list[Rule]:
    """What Cloudflare says where the origin gave no answer (502, 504, 52x, 530) is a page of HTML; here it is not.

    500 and 503 are left alone: the endpoint says them, in its own words and with Retry-After. The status stays as it
    was, so the content, which is the same for all of them, cannot repeat it.
    """
    return [
        {
            "ref": "error-no-answer",
            "description": "no page where nothing answers",
            "expression": (
                f"{updater_paths(names)} and http.response.code ge 500 and not http.response.code in {{500 503}}"
            ),
            "action": "serve_error",
            "action_parameters": {
                "content": _written({"title": "No answer", "detail": "nothing answers here now; ask again later"}),
                "content_type": KIND,
            },
        }
    ]


def _written(members: dict[str, str | int]) -> str:
    return json.dumps({"type": "about:blank", **members}, separators=(",", ":"))
