"""Rulesets, read into what the laptop's edge can do. Whatever it cannot do is an error that names the rule.

Three phases: cache settings, response headers, redirects. Not modelled: Cloudflare's own list of file extensions that
are cached without a rule, and its default lifetimes for answers that name none; here such answers are not cached.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from delivery.laptop.providers.cloudflare import expression
from delivery.laptop.providers.cloudflare.expression import Condition, ExpressionError

Settings = Mapping[str, Any]


class RuleError(ValueError):
    """A rule that the laptop cannot carry out; names the ruleset and the rule."""


@dataclass(frozen=True, slots=True)
class Cache:
    """Whether answers are kept at the edge; for as long as the origin says, or for `seconds` whatever it says."""

    condition: Condition
    keep: bool
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Headers:
    """Response headers to set (a value) or to remove (None)."""

    condition: Condition
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Redirect:
    condition: Condition
    status: int
    target: str
    keep_query: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """A zone's rules by phase, in order."""

    caches: tuple[Cache, ...] = ()
    headers: tuple[Headers, ...] = ()
    redirects: tuple[Redirect, ...] = ()

    def __add__(self, other: Rules) -> Rules:
        return Rules(self.caches + other.caches, self.headers + other.headers, self.redirects + other.redirects)


def read(ruleset: Settings) -> Rules:
    """The rules of one ruleset, from its inputs or outputs as Pulumi has them.

    Raises:
        RuleError: one of them is more than the laptop can do.
    """
    phase = ruleset["phase"]
    if ruleset["kind"] != "zone" or phase not in _PHASES:
        known = ", ".join(_PHASES)
        raise RuleError(f"ruleset {ruleset['name']}: the laptop carries out zone rulesets of the phases {known}")
    name, reader = _PHASES[phase]
    enabled = [rule for rule in ruleset.get("rules", []) if rule.get("enabled", True)]
    return Rules(**{name: tuple(_named(ruleset, rule, reader) for rule in enabled)})


def _named(ruleset: Settings, rule: Settings, reader: Callable[[_Rule], Any]) -> Any:
    label = rule.get("ref") or rule.get("description") or rule["expression"]
    try:
        return reader(_Rule(expression.parse(rule["expression"]), rule["action"], rule.get("actionParameters") or {}))
    except (RuleError, ExpressionError) as error:
        raise RuleError(f"ruleset {ruleset['name']}, rule {label}: {error}") from error


@dataclass(frozen=True, slots=True)
class _Rule:
    condition: Condition
    action: str
    settings: Settings = field(default_factory=dict)

    def expect(self, action: str, known: Mapping[str, object]) -> None:
        """Only this action, only these settings; a known setting may be limited to some values."""
        if self.action != action:
            raise RuleError(f"the action {self.action} is not the one of this phase; use {action}")
        for name, value in self.settings.items():
            if name not in known:
                raise RuleError(f"the laptop does not carry out {name}; it knows {', '.join(known)}")
            if known[name] is not None and value != known[name]:
                raise RuleError(f"the laptop carries out {name} only as {known[name]}")


def _cache(rule: _Rule) -> Cache:
    browser, stale = {"mode": "respect_origin"}, {"disableStaleWhileUpdating": True}
    rule.expect("set_cache_settings", {"cache": None, "edgeTtl": None, "browserTtl": browser, "serveStale": stale})
    lifetime = rule.settings.get("edgeTtl") or {"mode": "respect_origin"}
    if lifetime["mode"] == "override_origin" and "default" not in lifetime:
        raise RuleError("edgeTtl overrides the origin without saying for how long; give default, in seconds")
    seconds = lifetime["default"] if lifetime["mode"] == "override_origin" else None
    return Cache(rule.condition, bool(rule.settings.get("cache", True)), seconds)


def _headers(rule: _Rule) -> Headers:
    rule.expect("rewrite", {"headers": None})
    return Headers(rule.condition, {name: _header(name, how) for name, how in rule.settings["headers"].items()})


def _header(name: str, how: Settings) -> str | None:
    if how["operation"] == "remove":
        return None
    if how["operation"] != "set" or "value" not in how:
        raise RuleError(f"header {name}: the laptop sets headers to plain values, and removes them")
    return _plain(how["value"])


def _redirect(rule: _Rule) -> Redirect:
    rule.expect("redirect", {"fromValue": None})
    how = rule.settings["fromValue"]
    target = how["targetUrl"]
    if "value" not in target:
        raise RuleError("the laptop redirects to plain URLs only; give target_url a value")
    return Redirect(
        rule.condition, how.get("statusCode", 301), _plain(target["value"]), bool(how.get("preserveQueryString"))
    )


def _plain(value: str) -> str:
    """A value that may stand in nginx's configuration between double quotes and means itself there."""
    if re.search(r'["\\$\x00-\x1f]', value):
        raise RuleError(f"the laptop cannot write {value!r}; leave out quotes, backslashes, $ and control characters")
    return value


_PHASES: Mapping[str, tuple[str, Callable[[_Rule], Any]]] = {
    "http_request_cache_settings": ("caches", _cache),
    "http_response_headers_transform": ("headers", _headers),
    "http_request_dynamic_redirect": ("redirects", _redirect),
}
