"""A rule of the zone, and the words that all rules share."""

from __future__ import annotations

from typing import TypeAlias

import pulumi_cloudflare as cloudflare

from infra.names import Names

Rule: TypeAlias = cloudflare.RulesetRuleArgsDict

PATH = "http.request.uri.path"


def at(*hosts: str) -> str:
    """Requests to one of these hosts."""
    if len(hosts) == 1:
        return f'http.host eq "{hosts[0]}"'
    return f"http.host in {{{' '.join(map(_quoted, hosts))}}}"


def everywhere(names: Names) -> str:
    """Requests to any host of the zone. Named one by one: the rule language has no word for everything."""
    return at(names.updates_host, names.downloads_host, names.site_host, names.www_host, names.console_host)


def updater_paths(names: Names) -> str:
    """Requests that installed applications make: a program asks, so nothing there may ever ask for a person."""
    return at(names.updates_host, names.downloads_host)


def _quoted(text: str) -> str:
    return f'"{text}"'
