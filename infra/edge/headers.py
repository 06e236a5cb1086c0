"""What every answer of the zone says, and what none does."""

from __future__ import annotations

from collections.abc import Mapping

from infra.edge.rule import PATH, Rule, at, everywhere, updater_paths
from infra.names import Names

# HSTS stands here and not among the zone's settings, so that one place says it, to Cloudflare and to the laptop alike.
# `preload`: browsers know the whole of .app for TLS only, whatever a domain of it says, so nothing more is promised.
SAID = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
UNSAID = ("X-Powered-By", "Apigw-Requestid")

# What programs read is no page: if a browser shows it all the same, it may load nothing and be framed by nobody.
OF_DATA = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-site",
}
# What no page of the site can say of itself: each has a policy of its own, as a `meta`, of what it loads; where both
# speak, the stricter holds. Forms lead to GitHub, where feedback is written. Nobody else's page frames or embeds ours.
OF_PAGES = {
    "Content-Security-Policy": (
        "frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'self' https://github.com"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(
        f"{feature}=()"
        for feature in (
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "hid",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "serial",
            "usb",
            "xr-spatial-tracking",
        )
    ),
}
# Any site's page may read the documents, and so why it gets none: the endpoint says it, but not where the edge refuses,
# and a bucket says nothing.
OF_DOCUMENTS = {"Access-Control-Allow-Origin": "*"}
READS, CHECKS = "/v1/", "/v1/update/"  # update checks are not for pages
PAGE = "/v1/docs"  # the only page among them says by itself which style it may have


def rules(names: Names) -> list[Rule]:
    """Headers for all hosts, those for hosts that serve data or pages, and those for what any site's pages may read.

    The console says its own CSP. What the firewall and the limits refuse comes by here as well:
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
            OF_DOCUMENTS,
        ),
        _rewrite(
            "headers-manifests",
            "a page may read the manifests, for when nothing answers it",
            f'{at(names.downloads_host)} and starts_with({PATH}, "{READS}")',
            OF_DOCUMENTS,
        ),
        _rewrite("headers-pages", "a page is alone with what it loads itself", at(names.site_host), OF_PAGES),
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
