"""Cloudflare Access: applications and the policies that say who is let in. The edge has a stand-in that obeys them."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare.recorded import Recorded

_DURATION = re.compile(r"(?:\d+(?:ns|us|µs|ms|[smh]))+")
_WHO = ("email", "emailDomain", "everyone")


def application_problems(application: Properties) -> Mapping[str, str]:
    """What Cloudflare or the edge's stand-in would not take."""
    if bool(application.get("accountId")) == bool(application.get("zoneId")):
        return {"accountId": "or zoneId says where it is; give one of them"}
    if application.get("type") != "self_hosted":
        return {"type": f"is {application.get('type')!r}; the laptop has self_hosted applications only"}
    if not application.get("domain") or "/" in application["domain"]:
        return {"domain": f"is {application.get('domain')!r}; give a host, without a path"}
    if not application.get("policies"):
        return {"policies": "is missing; without one nobody is let in"}
    if any("id" not in policy for policy in application["policies"]):
        return {"policies": "has one without an id; make it a resource of its own and give its id"}
    return _duration(application)


def policy_problems(policy: Properties) -> Mapping[str, str]:
    if policy["decision"] != "allow":
        return {"decision": f"is {policy['decision']!r}; the laptop has allow only"}
    if policy.get("excludes") or policy.get("requires"):
        return {"includes": "is all that the laptop knows; leave out excludes and requires"}
    if not policy.get("includes"):
        return {"includes": "is missing; without it nobody is let in"}
    for index, include in enumerate(policy["includes"]):
        if len(include) != 1 or next(iter(include)) not in _WHO:
            return {
                f"includes[{index}]": f"has {', '.join(include)}; the laptop knows one of {', '.join(_WHO)} in each"
            }
    return _duration(policy)


def _duration(thing: Properties) -> Mapping[str, str]:
    duration = thing.get("sessionDuration")
    if duration is None or _DURATION.fullmatch(duration):
        return {}
    return {"sessionDuration": f"is {duration!r}; write it as 12h or 1h30m"}


class Application(Recorded):
    """An application. Its `aud`, by which an origin knows that a visitor was let in there, comes from its id."""

    def computed_for(self, identity: str, inputs: Properties) -> Properties:
        return {"aud": hashlib.sha256(identity.encode()).hexdigest()}


RECORDS = (
    Application(
        "ZeroTrustAccessApplication",
        "accountId",
        "zoneId",
        "name",
        fixed=("accountId", "zoneId", "type"),
        check=application_problems,
    ),
    Recorded("ZeroTrustAccessPolicy", "accountId", "name", fixed=("accountId",), check=policy_problems),
)
