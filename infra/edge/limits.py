"""How much one address may ask. Cloudflare counts in each of its data centres by itself."""

from __future__ import annotations

from infra.edge.problem import KIND, problem
from infra.edge.rule import Rule, at
from infra.names import Names

MINUTE = 60  # seconds; the longest that a Pro zone counts over

PEOPLE = 5_000  # in an office behind one address
# What they ask at the most in a minute, where only what no cache could answer counts.
OFFICE = {
    "update checks": PEOPLE,  # as if all were switched on at once: an installation asks twice a day
    "events": PEOPLE,  # as if each sent its batch in that minute, too: they are hours apart, and spread
    "downloads": 2 * PEOPLE,  # as if everybody were told to: no cache may answer, and a browser asks again when it is
    #                           asked what it runs on
    "documents": 80,  # about 40 addresses (by channel, version and format), which a cache answers for half a minute
}
# That is 20,080; a third more is left. A person, a monitor and a reader of feeds ask a few times a minute. One address
# that means harm is held to 450 a second: a process answers thousands of checks, and some 300 of the usual documents.
# A Pro zone has two such rules, so all that installations and visitors ask shares this one.
ANSWERS = 27_000
BY_HAND = 600  # of the console, at which people look


def rules(names: Names) -> list[Rule]:
    """All of the updates host: above what any office asks. The console, whose answers cost more: less."""
    return [_limit("console", at(names.console_host), BY_HAND), _limit("answers", at(names.updates_host), ANSWERS)]


def _limit(ref: str, expression: str, a_minute: int) -> Rule:
    return {
        "ref": f"limit-{ref}",
        "description": f"{a_minute} a minute from one address",
        "expression": expression,
        "action": "block",
        "action_parameters": {
            "response": {
                "status_code": 429,
                "content_type": KIND,
                "content": problem(429, "too many requests from this address; wait a minute"),
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
