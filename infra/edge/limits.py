"""How much one address may ask. Cloudflare counts in each of its data centres by itself."""

from __future__ import annotations

from infra.edge.firewall import EVENTS
from infra.edge.rule import PATH, Rule, at
from infra.names import Names

MINUTE = 60  # seconds; the longest that a Pro zone counts over

# What an office of 5,000 behind one address asks at the most in a minute, where only what no cache could answer counts:
#  5,000 update checks, as if all were switched on at once (an installation asks twice a day);
# 10,000 clicks on "download", as if everybody were told to in that minute: no cache may answer that, and a browser asks
#        again when it is asked what it runs on;
#     80 documents for the pages that they look at: about 40 addresses (by channel, version and format), which the
#        cache answers for half a minute to everybody.
# That is 15,080; a third more is left. A person, a monitor and a reader of feeds ask a few times a minute. One address
# that means harm is held to 333 a second: a process answers thousands of checks, and some 300 of the usual documents.
# A Pro zone has two such rules, so documents and downloads share this one with the checks.
ANSWERS = 20_000
# People look at the console; installations send their events in batches, minutes apart and hours spread.
BY_HAND = 600


def rules(names: Names) -> list[Rule]:
    """Checks, documents and downloads: above what any office asks. Console and events, which cost more: less."""
    costly = f'{at(names.console_host)} or ({at(names.updates_host)} and {PATH} eq "{EVENTS}")'
    answers = f'{at(names.updates_host)} and {PATH} ne "{EVENTS}"'
    return [_limit("costly", costly, BY_HAND), _limit("answers", answers, ANSWERS)]


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
