"""zone.js: the realised rules as a JavaScript module, which edge.js carries out inside nginx (by njs).

Each expression becomes a function of the request `q` and of the rule language's own functions `f`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from delivery.laptop.edge.identity import Identity
from delivery.laptop.edge.served import Application, Host, Ports, Runtime
from delivery.laptop.providers.cloudflare.javascript import function
from delivery.laptop.providers.cloudflare.rulesets import (
    Answer,
    Block,
    Cache,
    ErrorPage,
    Headers,
    Limit,
    Redirect,
    Rewrite,
    Skip,
)

_HERE = Path(__file__).parent


def zone_js(runtime: Runtime, ports: Ports, identity: Identity) -> str:
    """The module for these rules, hosts and applications.

    Raises:
        ExpressionError: one that the edge cannot work out.
    """
    rules = runtime.rules
    parts = {
        "port": str(ports.edge),
        "hosts": _object({host.name: _host(host, ports) for host in runtime.hosts}),
        "redirects": _list(_redirect(each) for each in rules.redirects),
        "rewrites": _list(_rewrite(each) for each in rules.rewrites),
        "firewall": _list(_firewall(each) for each in rules.firewall),
        "limits": _list(_limit(each) for each in rules.limits),
        "applications": _object({each.host: _application(each) for each in runtime.applications}),
        "identity": json.dumps(asdict(identity)),
        "caches": _list(_cache(each) for each in rules.caches),
        "errors": _list(_error(each) for each in rules.errors),
        "headers": _list(_headers(each) for each in rules.headers),
    }
    return f"// Made from the realised rules; changed by nobody.\nexport default {_object(parts)};\n"


def put_scripts(folder: Path, zone: str) -> Path:
    """Write zone.js beside edge.js and what that needs, into a folder named by their content: none is ever changed."""
    files = {name: (_HERE / name).read_text() for name in ("edge.js", "language.js")} | {"zone.js": zone}
    scripts = folder / "scripts" / hashlib.sha256(json.dumps(files).encode()).hexdigest()[:16]
    scripts.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (scripts / name).write_text(text)
    return scripts


def lane(host: Host) -> str:
    """The first part of the names of a host's nginx locations."""
    return "".join(letter if letter.isalnum() else "_" for letter in host.name)


def _host(host: Host, ports: Ports) -> str:
    kind = "function" if host.function else "bucket" if host.bucket else "nowhere"
    return json.dumps({"kind": kind, "lane": lane(host), "bucket": host.bucket, "port": ports.hosts.get(host.name, 0)})


def _redirect(rule: Redirect) -> str:
    return _object(
        {
            "when": function(rule.when),
            "status": str(rule.status),
            "target": function(rule.target),
            "keepQuery": json.dumps(rule.keep_query),
        }
    )


def _rewrite(rule: Rewrite) -> str:
    changes = {"path": rule.path, "query": rule.query}
    return _object(
        {
            "when": function(rule.when),
            **{name: function(value) for name, value in changes.items() if value is not None},
        }
    )


def _firewall(rule: Block | Skip) -> str:
    if isinstance(rule, Block):
        return _object({"when": function(rule.when), "answer": _answer(rule.answer)})
    return _object(
        {"when": function(rule.when), "rest": json.dumps(rule.rest), "limits": json.dumps(rule.limits)},
    )


def _limit(rule: Limit) -> str:
    return _object(
        {
            "when": function(rule.when),
            "ref": json.dumps(rule.ref),
            "key": _list(function(part) for part in rule.key),
            "requests": str(rule.requests),
            "period": str(rule.period),
            "timeout": str(rule.timeout),
            "originOnly": json.dumps(rule.origin_only),
            "answer": _answer(rule.answer),
        }
    )


def _application(application: Application) -> str:
    return json.dumps(
        {
            "aud": application.audience,
            "seconds": application.seconds,
            "emails": application.emails,
            "domains": application.domains,
            "everybody": application.everybody,
            "somebody": _somebody(application),
        }
    )


def _somebody(application: Application) -> str:
    """Who a visitor of the laptop is who has not said so: the first one that is let in."""
    return next(iter(application.emails), None) or f"somebody@{next(iter(application.domains), 'localhost')}"


def _cache(rule: Cache) -> str:
    return _object(
        {"when": function(rule.when), "keep": json.dumps(rule.keep), "seconds": json.dumps(rule.seconds)},
    )


def _error(rule: ErrorPage) -> str:
    return _object({"when": function(rule.when), "answer": _answer(rule.answer)})


def _headers(rule: Headers) -> str:
    changes = [
        _object(
            {
                "name": json.dumps(name),
                "operation": json.dumps(header.operation),
                **({} if header.value is None else {"value": function(header.value)}),
            }
        )
        for name, header in rule.headers.items()
    ]
    return _object({"when": function(rule.when), "headers": _list(changes)})


def _answer(answer: Answer) -> str:
    return json.dumps({"status": answer.status, "kind": answer.kind, "content": answer.content})


def _object(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in parts.items()) + "}"


def _list(parts: Iterable[str]) -> str:
    return "[" + ",\n".join(parts) + "]"
