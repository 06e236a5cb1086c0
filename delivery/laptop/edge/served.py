"""What the realised clouds mean: which builds run, which host is answered from where, who is let in, by which rules.

Pure reading of the ledger's records. Nothing here knows the names of our own resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.laptop.providers.cloudflare import rulesets
from delivery.laptop.providers.cloudflare.rulesets import Rules
from delivery.laptop.providers.ledger import Records

# Proxied names with these addresses have no origin: only rules answer there.
NOWHERE = {"100::", "192.0.2.1"}


class EdgeError(ValueError):
    """The realised resources do not fit together; names the one to mend."""


@dataclass(frozen=True, slots=True)
class EndpointBuild:
    """One published version of a function that must run, and the share (0 to 1) of its requests that it gets.

    Without a share it is reached by its own qualifier only: on the laptop, by its own port.
    """

    function: str
    version: str
    code: Path
    sha256: str
    handler: str
    environment: Mapping[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class Host:
    """A public host name, answered by a function, from a bucket, or (neither) by rules only."""

    name: str
    function: str = ""
    bucket: str = ""


@dataclass(frozen=True, slots=True)
class Application:
    """Who Cloudflare Access lets in at a host, and for how many seconds what it signs is good."""

    host: str
    audience: str
    seconds: int
    emails: tuple[str, ...]
    domains: tuple[str, ...]
    everybody: bool


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that runs for one account: builds, hosts, applications behind Access, and the rules of the zones."""

    endpoints: tuple[EndpointBuild, ...]
    hosts: tuple[Host, ...]
    applications: tuple[Application, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports: the edge's for all hosts by name, one for each host, one for each build."""

    edge: int
    hosts: Mapping[str, int] = field(default_factory=dict)
    endpoints: Mapping[tuple[str, str], int] = field(default_factory=dict)


def runtime(records: Records) -> Runtime:
    """What the ledger's records mean.

    Raises:
        EdgeError: a proxied name leads nowhere, or an alias names a version that was never published.
        RuleError: a rule that the laptop cannot carry out.
    """
    hosts = tuple(sorted([*_proxied_hosts(records), *_bucket_hosts(records)], key=lambda host: host.name))
    functions = dict.fromkeys(host.function for host in hosts if host.function)
    endpoints = [build for function in functions for build in _builds(records, function)]
    everything = Rules()
    for ruleset in _all(records, "cloudflare:index/ruleset:Ruleset"):
        everything += rulesets.read(ruleset)
    return Runtime(tuple(endpoints), hosts, tuple(_applications(records)), everything)


def _all(records: Records, token: str) -> list[Mapping[str, Any]]:
    return list(records.get(token, {}).values())


def _one(records: Records, token: str, **values: str) -> Mapping[str, Any]:
    for each in _all(records, token):
        if all(each.get(name) == value for name, value in values.items()):
            return each
    wanted = ", ".join(f"{name} {value}" for name, value in values.items())
    raise EdgeError(f"there is no {token.rsplit(':', 1)[1]} with {wanted}; add one to the program")


# -- hosts --------------------------------------------------------------------------------------------------------


def _bucket_hosts(records: Records) -> Iterator[Host]:
    for domain in _all(records, "cloudflare:index/r2CustomDomain:R2CustomDomain"):
        if domain["enabled"]:
            yield Host(domain["domain"], bucket=domain["bucketName"])


def _proxied_hosts(records: Records) -> Iterator[Host]:
    targets = {
        each["domainNameConfiguration"]["targetDomainName"]: each["domainName"]
        for each in _all(records, "aws:apigatewayv2/domainName:DomainName")
    }
    for record in _all(records, "cloudflare:index/dnsRecord:DnsRecord"):
        content = record.get("content")
        if not record.get("proxied"):
            continue
        if content in NOWHERE:
            yield Host(record["name"])
        elif content in targets:
            yield Host(record["name"], function=_function_behind(records, targets[content]))
        else:
            raise EdgeError(
                f"the proxied record {record['name']} points to {content}, which is nothing here; "
                "point it to an API's target domain name"
            )


def _function_behind(records: Records, domain: str) -> str:
    """The `function` or `function:alias` to which an API's custom domain leads, through mapping, route, integration."""
    mapping = _one(records, "aws:apigatewayv2/apiMapping:ApiMapping", domainName=domain)
    route = _one(records, "aws:apigatewayv2/route:Route", apiId=mapping["apiId"], routeKey="$default")
    integrations = records.get("aws:apigatewayv2/integration:Integration", {})
    uri = integrations.get(route["target"].removeprefix("integrations/"), {}).get("integrationUri", "")
    found = re.search(r":function:([^:/]+(?::[^:/]+)?)", uri)
    if found is None:
        raise EdgeError(f"the $default route of {domain} leads to {uri or 'no integration'}; give a function's ARN")
    return found[1]


# -- builds -------------------------------------------------------------------------------------------------------


def _builds(records: Records, qualified: str) -> Iterator[EndpointBuild]:
    name, _, alias = qualified.partition(":")
    function = _one(records, "aws:lambda/function:Function", name=name)
    for version, weight in _shares(records, function, alias).items():
        build = function["versions"].get(version)
        if build is None:
            known = ", ".join(function["versions"])
            raise EdgeError(f"{qualified} names version {version}, which was never published; there is {known}")
        yield EndpointBuild(
            function=qualified,
            version=version,
            code=Path(build["code"]),
            sha256=build["sha256"],
            handler=build.get("handler", ""),
            environment=build["environment"],
            weight=weight,
        )


def _shares(records: Records, function: Mapping[str, Any], alias: str) -> Mapping[str, float]:
    """The versions that answer, and the newest one: it may have no share yet, and is probed before it gets one."""
    newest = function["version"]
    if not alias:
        return {newest: 1.0}
    found = _one(records, "aws:lambda/alias:Alias", functionName=function["name"], name=alias)
    others = (found.get("routingConfig") or {}).get("additionalVersionWeights") or {}
    weights = {version: float(weight) for version, weight in others.items()}
    shares = {found["functionVersion"]: 1.0 - sum(weights.values()), **weights}
    return {**shares, newest: shares.get(newest, 0.0)}


# -- Access -------------------------------------------------------------------------------------------------------


def _applications(records: Records) -> Iterator[Application]:
    policies = records.get("cloudflare:index/zeroTrustAccessPolicy:ZeroTrustAccessPolicy", {})
    for each in _all(records, "cloudflare:index/zeroTrustAccessApplication:ZeroTrustAccessApplication"):
        own = [_policy(policies, each, policy["id"]) for policy in each.get("policies") or []]
        includes = [include for policy in own for include in policy["includes"]]
        yield Application(
            host=each["domain"],
            audience=each["aud"],
            seconds=seconds(each.get("sessionDuration") or "24h"),
            emails=tuple(include["email"]["email"] for include in includes if "email" in include),
            domains=tuple(include["emailDomain"]["domain"] for include in includes if "emailDomain" in include),
            everybody=any("everyone" in include for include in includes),
        )


def _policy(
    policies: Mapping[str, Mapping[str, Any]], application: Mapping[str, Any], identity: str
) -> Mapping[str, Any]:
    if identity not in policies:
        raise EdgeError(f"the application {application['name']} has the policy {identity}, which is nowhere; make it")
    return policies[identity]


_UNITS = {"h": 3600, "m": 60, "s": 1}


def seconds(duration: str) -> int:
    """A duration as Access has it, such as 12h or 1h30m.

    Raises:
        ValueError: it is none.
    """
    parts = re.findall(r"(\d+)([hms])", duration)
    if not parts or "".join(f"{number}{unit}" for number, unit in parts) != duration:
        raise ValueError(f"{duration!r} is no duration; write it as 12h or 1h30m")
    return sum(int(number) * _UNITS[unit] for number, unit in parts)
