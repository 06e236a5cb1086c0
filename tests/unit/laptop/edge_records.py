"""Ledger records as the providers write them, for the tests of the edge."""

from typing import Any

Records = dict[str, dict[str, dict[str, Any]]]


def api(host: str, live: str = "1", weights: dict[str, float] | None = None) -> Records:
    """A function `updates` with versions 1 and 2 behind an alias, an HTTP API and a proxied name."""
    versions = {
        each: {
            "code": f"/code/{each}.zip",
            "sha256": each * 64,
            "handler": "delivery.endpoint.handler.handler",
            "environment": {"VERSION": each},
        }
        for each in ("1", "2")
    }
    routing = {"additionalVersionWeights": weights} if weights else None
    alias = {"functionName": "updates", "name": "live", "functionVersion": live, "routingConfig": routing}
    arn = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:updates:live"
    )
    target = "d-1.execute-api.us-east-1.amazonaws.com"
    return {
        "aws:lambda/function:Function": {"f": {"name": "updates", "version": "2", "versions": versions}},
        "aws:lambda/alias:Alias": {"a": alias},
        "aws:apigatewayv2/integration:Integration": {"i": {"integrationUri": f"{arn}/invocations"}},
        "aws:apigatewayv2/route:Route": {
            "r": {"apiId": "api", "routeKey": "$default", "target": "integrations/i"},
        },
        "aws:apigatewayv2/apiMapping:ApiMapping": {"m": {"apiId": "api", "domainName": host, "stage": "$default"}},
        "aws:apigatewayv2/domainName:DomainName": {
            host: {"domainName": host, "domainNameConfiguration": {"targetDomainName": target}}
        },
        "cloudflare:index/dnsRecord:DnsRecord": {
            "r": {"name": host, "type": "CNAME", "content": target, "proxied": True},
        },
    }


def bucket(host: str, name: str, enabled: bool = True) -> Records:
    domain = {"domain": host, "bucketName": name, "enabled": enabled}
    return {"cloudflare:index/r2CustomDomain:R2CustomDomain": {host: domain}}


def zone(*rulesets: dict[str, Any]) -> Records:
    return {"cloudflare:index/ruleset:Ruleset": {each["phase"]: each for each in rulesets}}


def joined(*parts: Records) -> Records:
    whole: Records = {}
    for part in parts:
        for token, records in part.items():
            whole.setdefault(token, {}).update(records)
    return whole


def nowhere(host: str) -> Records:
    """A proxied name without an origin."""
    return {"cloudflare:index/dnsRecord:DnsRecord": {host: {"name": host, "content": "100::", "proxied": True}}}


def access(host: str, *includes: dict[str, Any]) -> Records:
    """An application of Cloudflare Access, and its policy."""
    application = {
        "name": "console",
        "domain": host,
        "aud": "a" * 64,
        "sessionDuration": "12h",
        "policies": [{"id": "p", "precedence": 1}],
    }
    return {
        "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication": {"app": application},
        "cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy": {"p": {"includes": list(includes)}},
    }


def cache(settings: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    never_stale = {"serveStale": {"disableStaleWhileUpdating": True}}
    return _ruleset(
        "http_request_cache_settings", "set_cache_settings", {"cache": True, **never_stale, **settings}, expression
    )


def headers(values: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    return _ruleset("http_response_headers_transform", "rewrite", {"headers": values}, expression)


def redirects(how: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    return _ruleset("http_request_dynamic_redirect", "redirect", {"fromValue": how}, expression)


def rewrites(uri: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    return _ruleset("http_request_transform", "rewrite", {"uri": uri}, expression)


def errors(settings: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    return _ruleset("http_custom_errors", "serve_error", settings, expression)


def firewall(*rules: tuple[str, dict[str, Any], str]) -> dict[str, Any]:
    """Rules of an action, its parameters and an expression."""
    made = [
        {"ref": f"r{number}", "action": action, "actionParameters": settings, "expression": expression}
        for number, (action, settings, expression) in enumerate(rules)
    ]
    return {"name": "rules", "kind": "zone", "phase": "http_request_firewall_custom", "rules": made}


def limits(rate: dict[str, Any], expression: str = "true") -> dict[str, Any]:
    ruleset = _ruleset("http_ratelimit", "block", {}, expression)
    ruleset["rules"][0]["ratelimit"] = {"characteristics": ["cf.colo.id", "ip.src"], "period": 10, **rate}
    return ruleset


def _ruleset(phase: str, action: str, settings: dict[str, Any], expression: str) -> dict[str, Any]:
    rule = {"ref": "r", "expression": expression, "action": action, "actionParameters": settings}
    return {"name": "rules", "kind": "zone", "phase": phase, "rules": [rule]}
