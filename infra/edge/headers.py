"""What every answer of the zone says, and what none does."""

from __future__ import annotations

from collections.abc import Mapping

from infra.edge.rule import PATH, Rule, at, everywhere, updater_paths
from infra.names import Names

# HSTS stands here and not among the zone's settings, so that one place says it, to Cloudflare and to the laptop alike.
SAID = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
UNSAID = ("X-Powered-By", "Apigw-Requestid")

# What programs read is no page: if a browser shows it all the same, it may load nothing and be framed by nobody.
OF_DATA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
}
# Any site's page may read the documents, and so why it gets none: the endpoint says it, but not where the edge refuses.
OF_REFUSALS = {"Access-Control-Allow-Origin": "*"}
READS, CHECKS = "/v1/", "/v1/update/"  # update checks are not for pages
PAGE = "/v1/docs"  # the only page among them says by itself which style it may have


def rules(names: Names) -> list[Rule]:
    """Headers for all hosts, those for hosts that serve data, and those for refusals that pages may read.

    The site and the console say their own CSP. What the firewall and the limits refuse comes by here as well:
    https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/cf.response.error_type
    """
    return [
        _rewrite(
            "headers-everywhere",
            "TLS only, no sniffing, no referrer; nothing about what runs behind",
            everywhere(names),
            SAID,
            UNSAID,
        ),
        _rewrite(
            "headers-data",
            "data is no page",
            f'{updater_paths(names)} and not ({at(names.updates_host)} and {PATH} eq "{PAGE}")',
            OF_DATA,
        ),
        _rewrite(
            "headers-refusals",
            "a page may read why it was refused",
            f'{at(names.updates_host)} and starts_with({PATH}, "{READS}") and not starts_with({PATH}, "{CHECKS}") '
            "and http.response.code ge 400",
            OF_REFUSALS,
        ),
    ]


def _rewrite(
    ref: str, description: str, expression: str, said: Mapping[str, str], unsaid: tuple[str, ...] = ()
) -> Rule:
    set_ = {name: {"operation": "set", "value": value} for name, value in said.items()}
    removed = {name: {"operation": "remove"} for name in unsaid}
    return {
        "ref": ref,
        "description": description,
        "expression": expression,
        "action": "rewrite",
        "action_parameters": {"headers": {**set_, **removed}},
    }
