"""What no client of ours sends is refused; what our clients send is never asked whether it is a person."""

from __future__ import annotations

from infra.edge.problem import KIND, problem
from infra.edge.rule import PATH, Rule, at, updater_paths
from infra.names import Names

METRICS = "/metrics"  # where a process of the laptop shows its counts, to who asks it without the edge
EVENTS = "/v1/events"  # the only path that anything is sent to
LONGEST = 2048  # characters of path and query; an update check has some 200

# A challenge page, or a check that only browsers pass, would cut every installation off.
_ASKS_FOR_A_PERSON = {
    "phases": ["http_request_sbfm", "http_request_firewall_managed"],
    "products": ["bic", "hot", "securityLevel", "uaBlock", "waf", "zoneLockdown"],
}
_CLIMBING = ("/..", "%2e%2e", "/.%2e", "/%2e.", "%00")
_RAW = "lower(raw.http.request.uri.path)"  # as sent: Cloudflare resolves dots before other fields see the path


def rules(names: Names) -> list[Rule]:
    """In this order: what updaters send is spared all other checks, then what nobody sends is refused."""
    updaters = updater_paths(names)
    sends_events = f'{at(names.updates_host)} and http.request.method eq "POST" and {PATH} eq "{EVENTS}"'
    return [
        {
            "ref": "skip-updaters",
            "description": "no challenge ever meets an installation",
            "expression": updaters,
            "action": "skip",
            "action_parameters": _ASKS_FOR_A_PERSON,
            "logging": {"enabled": False},
        },
        _block(
            "method",
            f'{updaters} and not http.request.method in {{"GET" "HEAD" "OPTIONS"}} and not ({sends_events})',
            405,
            "this is read with GET or HEAD",  # and with OPTIONS a browser asks whether a page may
        ),
        _block(
            "path",
            " or ".join(f'{_RAW} contains "{part}"' for part in _CLIMBING),
            400,
            "this path climbs out or ends early",
        ),
        _block(
            "metrics",
            f'{at(names.updates_host)} and {PATH} eq "{METRICS}"',
            404,
            "there is nothing here",
        ),
        _block(
            "length", f"len(http.request.uri) gt {LONGEST}", 414, f"an address has at most {LONGEST} characters here"
        ),
    ]


def _block(ref: str, expression: str, status: int, why: str) -> Rule:
    return {
        "ref": f"block-{ref}",
        "description": why,
        "expression": expression,
        "action": "block",
        "action_parameters": {
            "response": {
                "status_code": status,
                "content_type": KIND,
                "content": problem(status, why),
            }
        },
    }
