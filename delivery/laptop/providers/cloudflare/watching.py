"""What Cloudflare watches, and whom it tells. On the laptop it is on record: nothing here asks, nobody is told."""

from __future__ import annotations

import re
from collections.abc import Mapping

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare.recorded import Recorded

_CODES = re.compile(r"\d{3}|\dxx")


def healthcheck_problems(check: Properties) -> Mapping[str, str]:
    kind = check.get("type", "HTTP")
    if kind not in ("HTTP", "HTTPS", "TCP"):
        return {"type": f"is {kind!r}; give HTTP, HTTPS or TCP"}
    wrong = "httpConfig" if kind == "TCP" else "tcpConfig"
    if check.get(wrong):
        return {wrong: f"is not for a check by {kind}; leave it out"}
    config = check.get("httpConfig") or {}
    if not (config.get("path") or "/").startswith("/"):
        return {"httpConfig.path": f"is {config['path']!r}; start it with /"}
    for code in config.get("expectedCodes") or []:
        if not _CODES.fullmatch(code):
            return {"httpConfig.expectedCodes": f"has {code!r}; write 200 or 2xx"}
    return {}


def policy_problems(policy: Properties) -> Mapping[str, str]:
    if not any(policy["mechanisms"].values()):
        return {"mechanisms": "names nobody; give emails, webhooks or pagerduties"}
    return {}


class Webhooks(Recorded):
    secrets = frozenset({"secret"})


RECORDS = (
    Recorded("Healthcheck", "zoneId", "name", fixed=("zoneId",), check=healthcheck_problems),
    Recorded("NotificationPolicy", "accountId", "name", fixed=("accountId",), check=policy_problems),
    Webhooks("NotificationPolicyWebhooks", "accountId", "name", fixed=("accountId",)),
)
