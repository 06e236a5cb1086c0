"""Cloudflare's resource types, by token."""

from __future__ import annotations

from collections.abc import Mapping

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare import access, dns, origin_pulls, r2, rulesets, settings, watching
from delivery.laptop.providers.cloudflare.recorded import Recorded
from delivery.laptop.providers.cloudflare.zone import Zone
from delivery.laptop.providers.handler import Handler


class Ruleset(Recorded):
    """A phase of a zone has one entry point, whatever it is called. What the edge could not do is refused here."""

    def check(self, inputs: Properties) -> Mapping[str, str]:
        return dict(rulesets.problems(inputs))


_ALL = (
    Ruleset("Ruleset", "zoneId", "accountId", "kind", "phase"),
    *access.RECORDS,
    *dns.RECORDS,
    *origin_pulls.RECORDS,
    *r2.RECORDS,
    *settings.RECORDS,
    *watching.RECORDS,
)

HANDLERS: dict[str, Handler[Zone]] = {handler.token: handler for handler in _ALL}
