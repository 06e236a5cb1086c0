"""What the zone does to every request: TLS, what may be cached and for how long, headers, who may issue certificates.

One ruleset a phase is all that a zone has, so every rule of the zone stands here.
"""

from __future__ import annotations

from typing import TypeAlias

import pulumi
import pulumi_cloudflare as cloudflare
from pulumi import ResourceOptions

from infra.names import Names

Rule: TypeAlias = cloudflare.RulesetRuleArgsDict

SETTINGS = {"ssl": "strict", "min_tls_version": "1.2", "always_use_https": "on"}

# ACM for the API's host; the others are who Cloudflare gets its edge certificates from.
CERTIFICATE_AUTHORITIES = ("amazon.com", "letsencrypt.org", "pki.goog", "ssl.com")

HEADERS: dict[str, cloudflare.RulesetRuleActionParametersHeadersArgsDict] = {
    "Strict-Transport-Security": {"operation": "set", "value": "max-age=31536000; includeSubDomains"},
    "X-Content-Type-Options": {"operation": "set", "value": "nosniff"},
    "Referrer-Policy": {"operation": "set", "value": "no-referrer"},
    "X-Powered-By": {"operation": "remove"},
    "Apigw-Requestid": {"operation": "remove"},
}


def cache_rules(names: Names) -> list[Rule]:
    """Who says how long: always the origin, object by object; without its word nothing is cached.

    So an answer to an update check lives as long as the endpoint meant, an artifact for its year, a static manifest for
    its half minute, and a 404 for an artifact about to be published not at all. Nothing is served beyond its time, not
    even while a newer one is fetched: that would lengthen a withdrawal.
    """
    return [_cached("updates", names.updates_host), _cached("downloads", names.downloads_host)]


def _cached(ref: str, host: str) -> Rule:
    return {
        "ref": f"cache-{ref}",
        "description": f"{host}: for as long as the origin says",
        "expression": f'http.host eq "{host}"',
        "action": "set_cache_settings",
        "action_parameters": {
            "cache": True,
            "edge_ttl": {"mode": "bypass_by_default"},
            "browser_ttl": {"mode": "respect_origin"},
            "serve_stale": {"disable_stale_while_updating": True},
        },
    }


def header_rules() -> list[Rule]:
    """What every answer of the zone says, and what none does."""
    return [
        {
            "ref": "headers-everywhere",
            "description": "TLS only, no sniffing, no referrer; nothing about what runs behind",
            "expression": "true",
            "action": "rewrite",
            "action_parameters": {"headers": HEADERS},
        }
    ]


class Edge(pulumi.ComponentResource):
    """The zone's settings, rulesets and CAA records."""

    def __init__(self, name: str, *, names: Names, zone: str, provider: pulumi.ProviderResource) -> None:
        super().__init__("espice:infra:Edge", name)
        self._zone = zone
        self._options = ResourceOptions(parent=self, provider=provider)
        for setting, value in SETTINGS.items():
            cloudflare.ZoneSetting(f"zone-{setting}", zone_id=zone, setting_id=setting, value=value, opts=self._options)
        cloudflare.TieredCache("tiered-cache", zone_id=zone, value="on", opts=self._options)
        for authority in CERTIFICATE_AUTHORITIES:
            self._allow_certificates_of(authority, names.domain)
        self._rule("cache", "http_request_cache_settings", cache_rules(names))
        self._rule("headers", "http_response_headers_transform", header_rules())
        self.register_outputs({})

    def _allow_certificates_of(self, authority: str, domain: str) -> None:
        cloudflare.DnsRecord(
            f"caa-{authority}",
            zone_id=self._zone,
            name=domain,
            type="CAA",
            data={"flags": 0, "tag": "issue", "value": authority},
            ttl=3600,
            opts=self._options,
        )

    def _rule(self, name: str, phase: str, rules: list[Rule]) -> None:
        cloudflare.Ruleset(
            f"ruleset-{name}",
            zone_id=self._zone,
            name=name,
            kind="zone",
            phase=phase,
            rules=rules,
            opts=self._options,
        )
