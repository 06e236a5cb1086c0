"""The zone itself: its settings, its records, and one ruleset a phase, which is all that a zone has."""

from __future__ import annotations

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions

from infra.edge import cache, firewall, headers, limits, problem, redirects, site
from infra.edge.records import records
from infra.names import Names

SETTINGS = {
    "ssl": "strict",
    "min_tls_version": "1.2",
    "tls_1_3": "on",
    "always_use_https": "on",
    "http3": "on",
    "ipv6": "on",
    "0rtt": "off",  # an early request can be replayed
    "always_online": "off",  # it would silence stale-if-error, and show old copies of what was withdrawn
    "email_obfuscation": "off",  # these two put scripts into pages
    "rocket_loader": "off",
}

RULESETS = {
    "redirects": ("http_request_dynamic_redirect", redirects.rules),
    "index": ("http_request_transform", site.index_rules),
    "firewall": ("http_request_firewall_custom", firewall.rules),
    "limits": ("http_ratelimit", limits.rules),
    "cache": ("http_request_cache_settings", cache.rules),
    "headers": ("http_response_headers_transform", headers.rules),
    "errors": ("http_custom_errors", lambda names: [*site.error_rules(names), *problem.error_rules(names)]),
}


class Edge(pulumi.ComponentResource):
    """The zone's settings, records and rulesets."""

    def __init__(self, name: str, *, names: Names, zone: str, provider: pulumi.ProviderResource) -> None:
        super().__init__("espice:infra:Edge", name)
        self._options = ResourceOptions(parent=self, provider=provider)
        self._set(zone)
        for record, values in records(names).items():
            cloudflare.DnsRecord(record, zone_id=zone, **values, opts=self._options)
        for ruleset, (phase, rules) in RULESETS.items():
            cloudflare.Ruleset(
                f"ruleset-{ruleset}",
                zone_id=zone,
                name=ruleset,
                kind="zone",
                phase=phase,
                rules=rules(names),
                opts=self._options,
            )
        self.register_outputs({})

    def _set(self, zone: str) -> None:
        for setting, value in SETTINGS.items():
            cloudflare.ZoneSetting(f"zone-{setting}", zone_id=zone, setting_id=setting, value=value, opts=self._options)
        cloudflare.TieredCache("tiered-cache", zone_id=zone, value="on", opts=self._options)
        cloudflare.ZoneDnssec("dnssec", zone_id=zone, status="active", opts=self._options)
        # The one check for bots that no rule can spare a request.
        cloudflare.BotManagement("bots", zone_id=zone, fight_mode=False, enable_js=False, opts=self._options)
