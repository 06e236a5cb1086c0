"""How much one address may ask. Cloudflare counts in each of its data centres by itself."""

from __future__ import annotations

from infra.edge.firewall import EVENTS
from infra.edge.rule import PATH, Rule, at
from infra.names import Names

MINUTE = 60  # seconds; the longest that a Pro zone counts over

# An office of 5,000 behind one address, all switched on within a minute, asks 5,000 times; and only what the cache
# could not answer is counted.
CHECKS = 12_000
# People look at the console; installations send their events in batches, minutes apart and hours spread.
BY_HAND = 600


def rules(names: Names) -> list[Rule]:
    """Update checks: far above what any office asks. Console and events, which cost more and are never cached: less."""
    costly = f'{at(names.console_host)} or ({at(names.updates_host)} and {PATH} eq "{EVENTS}")'
    checks = f'{at(names.updates_host)} and {PATH} ne "{EVENTS}"'
    return [_limit("costly", costly, BY_HAND), _limit("checks", checks, CHECKS)]


def _limit(ref: str, expression: str, a_minute: int) -> Rule:
    return {
        "ref": f"limit-{ref}",
        "description": f"{a_minute} a minute from one address",
        "expression": expression,
        "action": "block",
        "action_parameters": {
            "response": {
                "status_code": 429,
                "content_type": "application/json",
                "content": '{"error":"too many requests from this address; wait a minute"}',
            }
        },
        "ratelimit": {
            "characteristics": ["ip.src", "cf.colo.id"],
            "period": MINUTE,
            "requests_per_period": a_minute,
            "mitigation_timeout": MINUTE,
            "requests_to_origin": True,
        },
    }
