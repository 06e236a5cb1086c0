"""What the edge may keep, and for how long."""

from __future__ import annotations

from infra.edge.rule import Rule, at
from infra.names import Names


def rules(names: Names) -> list[Rule]:
    """Who says how long: always the origin, object by object; without its word nothing is cached.

    So an answer to an update check lives as long as the endpoint meant, an artifact or an asset named by its content
    for its year, a static manifest for its half minute, and a 404 for an artifact about to be published not at all.
    Nothing is served beyond its time, not even while a newer one is fetched: that would lengthen a withdrawal.
    What staff see is never kept: it is theirs alone.
    """
    return [
        _as_origin_says("updates", names.updates_host),
        _as_origin_says("downloads", names.downloads_host),
        _as_origin_says("site", names.site_host),
        {
            "ref": "cache-console",
            "description": f"{names.console_host}: never",
            "expression": at(names.console_host),
            "action": "set_cache_settings",
            "action_parameters": {"cache": False},
        },
    ]


def _as_origin_says(ref: str, host: str) -> Rule:
    return {
        "ref": f"cache-{ref}",
        "description": f"{host}: for as long as the origin says",
        "expression": at(host),
        "action": "set_cache_settings",
        "action_parameters": {
            "cache": True,
            "edge_ttl": {"mode": "bypass_by_default"},
            "browser_ttl": {"mode": "respect_origin"},
            "serve_stale": {"disable_stale_while_updating": True},
        },
    }
