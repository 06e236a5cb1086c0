"""Rulesets, read into what the laptop's edge does. A rule that Cloudflare or the edge would not carry out is an error.

A phase is a moment in the life of a request, and has its own actions. Not modelled: Cloudflare's own list of file
extensions that are cached without a rule, and its default lifetimes for answers that name none; here such answers are
not cached.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from delivery.engines.wire import has_unknown
from delivery.laptop.providers.cloudflare import javascript, language
from delivery.laptop.providers.cloudflare.language import Call, Constant, Expression, ExpressionError, Field

Settings: TypeAlias = Mapping[str, Any]


class RuleError(ValueError):
    """A rule that cannot be carried out; `property` leads to what is wrong in it."""

    def __init__(self, property_: str, reason: str) -> None:
        super().__init__(reason)
        self.property = property_


@dataclass(frozen=True, slots=True)
class Answer:
    """What the edge says itself, instead of the origin."""

    status: int
    kind: str
    content: str


@dataclass(frozen=True, slots=True)
class Redirect:
    when: Expression
    status: int
    target: Expression
    keep_query: bool


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Another path or query for the origin and for all later phases; None leaves it."""

    when: Expression
    path: Expression | None
    query: Expression | None


@dataclass(frozen=True, slots=True)
class Block:
    when: Expression
    answer: Answer


@dataclass(frozen=True, slots=True)
class Skip:
    """Spares a request the rest of the firewall (`rest`), or the rate limits (`limits`)."""

    when: Expression
    rest: bool
    limits: bool


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `requests` in `period` seconds with one `key`; whoever asks more gets `answer` for `timeout` seconds.

    `origin_only`: what the cache answered does not count.
    """

    when: Expression
    ref: str
    key: tuple[Expression, ...]
    requests: int
    period: int
    timeout: int
    origin_only: bool
    answer: Answer


@dataclass(frozen=True, slots=True)
class Cache:
    """Whether answers are kept at the edge; for as long as the origin says, or for `seconds` whatever it says."""

    when: Expression
    keep: bool
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Header:
    """How one response header changes: `set`, `add` (with a value) or `remove` (without)."""

    operation: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class Headers:
    when: Expression
    headers: Mapping[str, Header]


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Another body for an answer of 400 and more, and maybe another status (0 leaves it)."""

    when: Expression
    answer: Answer


@dataclass(frozen=True, slots=True)
class Rules:
    """A zone's rules by phase, in the order of the phases and in their own order."""

    redirects: tuple[Redirect, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    firewall: tuple[Block | Skip, ...] = ()
    limits: tuple[Limit, ...] = ()
    caches: tuple[Cache, ...] = ()
    errors: tuple[ErrorPage, ...] = ()
    headers: tuple[Headers, ...] = ()

    def __add__(self, other: Rules) -> Rules:
        return Rules(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Rules)))


def read(ruleset: Settings) -> Rules:
    """The rules of one ruleset, from its inputs or outputs as Pulumi has them.

    Raises:
        RuleError: the first of its problems.
    """
    for property_, reason in problems(ruleset):
        raise RuleError(property_, f"ruleset {ruleset['name']}: {property_} {reason}")
    phase = _PHASES[ruleset["phase"]]
    enabled = [_rule(each, phase) for each in ruleset.get("rules") or [] if each.get("enabled", True)]
    return Rules(**{phase.name: tuple(phase.readers[rule.action](rule) for rule in enabled)}) if phase.name else Rules()


def problems(ruleset: Settings) -> Iterator[tuple[str, str]]:
    """Everything that is wrong with a ruleset: property and reason. What is not known yet is not judged."""
    if ruleset["kind"] != "zone":
        yield "kind", f"is {ruleset['kind']!r}; the laptop has no other rulesets than a zone's own; give zone"
    phase = _PHASES.get(ruleset["phase"])
    if phase is None:
        known = ", ".join(_PHASES)
        yield "phase", f"is {ruleset['phase']!r}, which the laptop's edge does not carry out; it knows {known}"
        return
    refs: dict[str, int] = {}
    for index, each in enumerate(ruleset.get("rules") or []):
        at = f"rules[{index}]"
        if not each.get("ref"):
            yield f"{at}.ref", "is missing; name the rule, or Cloudflare takes it for a new one at every change"
        elif refs.setdefault(each["ref"], index) != index:
            yield f"{at}.ref", f"is {each['ref']!r}, as that of rules[{refs[each['ref']]}]; give each rule its own"
        if not has_unknown(each):
            try:
                rule = _rule(each, phase)
                phase.readers[rule.action](rule)
            except RuleError as error:
                yield f"{at}.{error.property}", str(error)


@dataclass(frozen=True, slots=True)
class _Rule:
    ref: str
    when: Expression
    action: str
    settings: Settings
    rate: Settings
    sees_answer: bool

    def only(self, *known: str) -> None:
        """No other parameters than these: the SDK knows those of all actions, so it cannot tell."""
        for name in self.settings:
            if name not in known:
                near = difflib.get_close_matches(name, known, n=1)
                hint = f"did you mean {near[0]}?" if near else f"it takes {', '.join(known)}"
                reason = f"is nothing that the laptop's edge does for {self.action}; {hint}"
                raise RuleError(f"actionParameters.{name}", reason)

    def needed(self, name: str) -> Any:
        found = self.settings.get(name)
        if not found:
            raise RuleError(f"actionParameters.{name}", f"is missing; the action {self.action} needs it")
        return found

    def text(self, path: str, given: Settings) -> Expression:
        """A text that is given as it is (`value`) or worked out for each request (`expression`)."""
        if ("value" in given) == ("expression" in given):
            raise RuleError(path, "needs a value or an expression, and not both")
        if "value" in given:
            return Constant(given["value"])
        try:
            found = language.value(given["expression"])
        except ExpressionError as error:
            raise RuleError(f"{path}.expression", str(error)) from None
        _fits(found, f"{path}.expression", self.sees_answer)
        return found


def _rule(given: Settings, phase: _Phase) -> _Rule:
    try:
        when = language.condition(given["expression"])
    except ExpressionError as error:
        raise RuleError("expression", str(error)) from None
    _fits(when, "expression", phase.sees_answer)
    _no_replacing(when)
    action = given["action"]
    if action not in phase.readers:
        fitting = ", ".join(phase.readers)
        raise RuleError("action", f"is {action!r}, which this phase does not have at the laptop's edge; use {fitting}")
    return _Rule(
        given.get("ref", ""),
        when,
        action,
        given.get("actionParameters") or {},
        given.get("ratelimit") or {},
        phase.sees_answer,
    )


_OF_THE_ANSWER = ("http.response.", "raw.http.response.", "cf.response.")
_FOR_VALUES = ("regex_replace", "wildcard_replace")


def _fits(expression: Expression, path: str, sees_answer: bool) -> None:
    try:
        javascript.function(expression)
    except ExpressionError as error:
        raise RuleError(path, str(error)) from None
    for part in language.walk(expression):
        if isinstance(part, Field) and part.name.startswith(_OF_THE_ANSWER) and not sees_answer:
            raise RuleError(path, f"reads {part.name}, but in this phase there is no answer yet; take it out")


def _no_replacing(expression: Expression) -> None:
    for part in language.walk(expression):
        if isinstance(part, Call) and part.function in _FOR_VALUES:
            raise RuleError(
                "expression", f"uses {part.function}, which Cloudflare has for targets only; compare instead"
            )


# -- actions ------------------------------------------------------------------------------------------------------


def _redirect(rule: _Rule) -> Redirect:
    rule.only("fromValue")
    how = rule.needed("fromValue")
    status = how.get("statusCode", 301)
    if status not in (301, 302, 303, 307, 308):
        raise RuleError("actionParameters.fromValue.statusCode", f"is {status}; give 301, 302, 303, 307 or 308")
    target = rule.text("actionParameters.fromValue.targetUrl", how["targetUrl"])
    return Redirect(rule.when, status, target, bool(how.get("preserveQueryString")))


def _rewrite(rule: _Rule) -> Rewrite:
    rule.only("uri")
    parts = {
        name: rule.text(f"actionParameters.uri.{name}", given)
        for name, given in rule.needed("uri").items()
        if given is not None
    }
    return Rewrite(rule.when, parts.get("path"), parts.get("query"))


_BLOCKED = Answer(403, "application/json", '{"error":"this request is refused"}')
_TOO_MANY = Answer(429, "application/json", '{"error":"too many requests; wait a little"}')


def _block(rule: _Rule) -> Block:
    return Block(rule.when, _response(rule, _BLOCKED))


def _response(rule: _Rule, otherwise: Answer) -> Answer:
    rule.only("response")
    given = rule.settings.get("response")
    if not given:
        return otherwise
    if not 400 <= given["statusCode"] <= 499:
        raise RuleError("actionParameters.response.statusCode", f"is {given['statusCode']}; give one from 400 to 499")
    return Answer(given["statusCode"], given["contentType"], given["content"])


_SKIPPABLE = ("http_ratelimit", "http_request_sbfm", "http_request_firewall_managed")


def _skip(rule: _Rule) -> Skip:
    rule.only("ruleset", "phases", "products")
    if not rule.settings:
        raise RuleError("actionParameters", "is missing; say what is skipped: ruleset, phases or products")
    for phase in rule.settings.get("phases") or []:
        if phase not in _SKIPPABLE:
            raise RuleError("actionParameters.phases", f"has {phase!r}; only {', '.join(_SKIPPABLE)} can be skipped")
    return Skip(
        rule.when,
        rest=rule.settings.get("ruleset") == "current",
        limits="http_ratelimit" in (rule.settings.get("phases") or []),
    )


# Cloudflare takes no others: https://developers.cloudflare.com/waf/rate-limiting-rules/parameters/
_PERIODS = (10, 60, 120, 300, 600, 3600)
_COLO = "cf.colo.id"


def _limit(rule: _Rule) -> Limit:
    answer = _response(rule, _TOO_MANY)
    rate = rule.rate
    if not rate:
        raise RuleError("ratelimit", "is missing; say how many requests in how long")
    for name in ("countingExpression", "scorePerPeriod", "scoreResponseHeaderName"):
        if rate.get(name):
            raise RuleError(f"ratelimit.{name}", "is not carried out by the laptop's edge; count requests")
    if _COLO not in rate["characteristics"]:
        raise RuleError("ratelimit.characteristics", f"lacks {_COLO}, by which Cloudflare always counts; add it")
    if rate["period"] not in _PERIODS:
        raise RuleError("ratelimit.period", f"is {rate['period']}; give one of {', '.join(map(str, _PERIODS))} seconds")
    if not rate.get("requestsPerPeriod"):
        raise RuleError("ratelimit.requestsPerPeriod", "is missing; give a number of requests")
    return Limit(
        rule.when,
        rule.ref,
        tuple(_characteristic(each) for each in rate["characteristics"] if each != _COLO),
        rate["requestsPerPeriod"],
        rate["period"],
        rate.get("mitigationTimeout", 0),
        bool(rate.get("requestsToOrigin")),
        answer,
    )


def _characteristic(text: str) -> Expression:
    try:
        return Field("ip.src") if text in ("ip.src", "cf.unique_visitor_id") else language.value(f"{text}[0]")
    except ExpressionError as error:
        raise RuleError("ratelimit.characteristics", str(error)) from None


def _cache(rule: _Rule) -> Cache:
    rule.only("cache", "edgeTtl", "browserTtl", "serveStale")
    keep = bool(rule.settings.get("cache", True))
    edge = rule.settings.get("edgeTtl") or {"mode": "respect_origin"}
    overrides = edge["mode"] == "override_origin"
    if overrides and not edge.get("default"):
        raise RuleError("actionParameters.edgeTtl.default", "is missing; say for how many seconds")
    browser = (rule.settings.get("browserTtl") or {"mode": "respect_origin"})["mode"]
    if browser != "respect_origin":
        path = "actionParameters.browserTtl.mode"
        raise RuleError(path, f"is {browser!r}; the laptop's edge carries out respect_origin only")
    stale = rule.settings.get("serveStale") or {}
    if keep and not stale.get("disableStaleWhileUpdating"):
        path = "actionParameters.serveStale"
        raise RuleError(path, "lets old answers out; the laptop's edge never does: set disable_stale_while_updating")
    return Cache(rule.when, keep, edge["default"] if overrides else None)


def _headers(rule: _Rule) -> Headers:
    rule.only("headers")
    return Headers(rule.when, {name: _header(rule, name, how) for name, how in rule.needed("headers").items()})


def _header(rule: _Rule, name: str, how: Settings) -> Header:
    path = f"actionParameters.headers.{name}"
    if how["operation"] != "remove":
        return Header(how["operation"], rule.text(path, {k: v for k, v in how.items() if k != "operation"}))
    if how.keys() != {"operation"}:
        raise RuleError(path, "is removed, so it takes no value; leave it out")
    return Header("remove", None)


_KINDS = ("application/json", "text/html", "text/plain", "text/xml")


def _error_page(rule: _Rule) -> ErrorPage:
    rule.only("content", "contentType", "statusCode")
    content, kind = rule.needed("content"), rule.needed("contentType")
    status = rule.settings.get("statusCode", 0)
    if kind not in _KINDS:
        raise RuleError("actionParameters.contentType", f"is {kind!r}; give one of {', '.join(_KINDS)}")
    if status and not 400 <= status <= 999:
        raise RuleError("actionParameters.statusCode", f"is {status}; give one from 400 to 999")
    if len(content.encode()) > 10_240:
        raise RuleError("actionParameters.content", f"has {len(content.encode())} bytes; at most 10240 are taken")
    return ErrorPage(rule.when, Answer(status, kind, content))


def _recorded(rule: _Rule) -> None:
    """Means nothing to a laptop: it is on record, and that is all."""


@dataclass(frozen=True, slots=True)
class _Phase:
    """Which part of `Rules` it fills (none, if it means nothing here), its actions, and whether it sees the answer."""

    name: str
    readers: Mapping[str, Callable[[_Rule], Any]] = field(default_factory=dict)
    sees_answer: bool = False


_PHASES: Mapping[str, _Phase] = {
    "http_request_dynamic_redirect": _Phase("redirects", {"redirect": _redirect}),
    "http_request_transform": _Phase("rewrites", {"rewrite": _rewrite}),
    "http_request_firewall_custom": _Phase("firewall", {"block": _block, "skip": _skip}),
    "http_ratelimit": _Phase("limits", {"block": _limit}),
    "http_request_cache_settings": _Phase("caches", {"set_cache_settings": _cache}),
    "http_custom_errors": _Phase("errors", {"serve_error": _error_page}, sees_answer=True),
    "http_response_headers_transform": _Phase("headers", {"rewrite": _headers}, sees_answer=True),
    "http_config_settings": _Phase("", {"set_config": _recorded}),
    "http_request_firewall_managed": _Phase("", {"execute": _recorded}),
    "http_response_compression": _Phase("", {"compress_response": _recorded}, sees_answer=True),
}
