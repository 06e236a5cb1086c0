"""DNS: records, each with what its type must hold, and whether the zone is signed."""

# ruff: noqa: ARG002 - the interface gives every method what some type needs

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare.recorded import Recorded

AUTOMATIC = 1  # the TTL of what Cloudflare answers for itself

_NAME = re.compile(r"(?:\*\.|\*$)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.?)*", re.IGNORECASE)
_PROXIABLE = ("A", "AAAA", "CNAME")
_BY_DATA = ("CAA", "CERT", "DNSKEY", "DS", "HTTPS", "LOC", "NAPTR", "SMIMEA", "SRV", "SSHFP", "SVCB", "TLSA", "URI")


def record_problems(record: Properties) -> Mapping[str, str]:
    """What Cloudflare would not take in a record: property to reason."""
    kind = record["type"]
    return {**_name(record["name"]), **_ttl(record, kind), **_holds(record, kind)}


def _name(name: str) -> Mapping[str, str]:
    if name == "@":
        return {"name": "is '@', which Cloudflare hands back as the domain; write the domain, or every preview differs"}
    if not name or name.endswith(".") or len(name) > 253 or not _NAME.fullmatch(name):
        return {"name": f"is {name!r}, no domain name; write it whole and without a dot at its end"}
    return {}


def _ttl(record: Properties, kind: str) -> Mapping[str, str]:
    ttl = record["ttl"]
    if record.get("proxied"):
        if kind not in _PROXIABLE:
            return {"proxied": f"is not for {kind} records; only {', '.join(_PROXIABLE)} are proxied"}
        return {} if ttl == AUTOMATIC else {"ttl": f"is {ttl}; Cloudflare takes only 1 (automatic) for proxied records"}
    if ttl != AUTOMATIC and not 30 <= ttl <= 86_400:
        return {"ttl": f"is {ttl}; give 1 (automatic) or 30 to 86400 seconds"}
    return {}


def _holds(record: Properties, kind: str) -> Mapping[str, str]:
    content, data = record.get("content"), record.get("data")
    if kind in _BY_DATA:
        if content is not None or not data:
            return {"data": f"is what a {kind} record holds, instead of content; give it, and no content"}
        return _caa(data) if kind == "CAA" else {}
    if data is not None or not content:
        return {"content": f"is what a {kind} record holds; give it, and no data"}
    reason = _CONTENT[kind](content) if kind in _CONTENT else None
    if reason:
        return {"content": f"is {content!r}; {reason}"}
    if kind == "MX" and record.get("priority") is None:
        return {"priority": "is missing; a MX record needs one, 0 to 65535"}
    return {}


def _caa(data: Mapping[str, object]) -> Mapping[str, str]:
    if data.get("tag") not in ("issue", "issuewild", "iodef"):
        return {"data.tag": f"is {data.get('tag')!r}; give issue, issuewild or iodef"}
    if data.get("flags") not in (0, 128, "0", "128"):
        return {"data.flags": f"is {data.get('flags')!r}; give 0, or 128 for critical"}
    return {} if data.get("value") else {"data.value": "is missing; name the certificate authority"}


def _address(version: int) -> Callable[[str], str | None]:
    def check(content: str) -> str | None:
        try:
            right = ipaddress.ip_address(content).version == version
        except ValueError:
            right = False
        return None if right else f"give an IPv{version} address"

    return check


def _host(content: str) -> str | None:
    return "give a domain name without a dot at its end" if _name(content) else None


def _mail_host(content: str) -> str | None:
    return None if content == "." else _host(content)  # a dot alone: no mail is taken (RFC 7505)


def _text(content: str) -> str | None:
    if not (content.startswith('"') and content.endswith('"') and len(content) > 1):
        return "put it in double quotes, as Cloudflare hands it back, or every preview differs"
    return None if len(content.encode()) <= 2048 else "at most 2048 characters are taken"


_CONTENT: Mapping[str, Callable[[str], str | None]] = {
    "A": _address(4),
    "AAAA": _address(6),
    "CNAME": _host,
    "NS": _host,
    "PTR": _host,
    "MX": _mail_host,
    "TXT": _text,
}


class ZoneDnssec(Recorded):
    """Whether the zone is signed. What the registrar is told is made up."""

    def computed_for(self, identity: str, inputs: Properties) -> Properties:
        return {"algorithm": "13", "digestType": "2", "keyTag": 2371, "flags": 257}


RECORDS = (
    # A zone may have several records of one name and type; only a record's zone is for ever.
    Recorded("DnsRecord", "zoneId", "type", "name", "content", "data", fixed=("zoneId",), check=record_problems),
    ZoneDnssec("ZoneDnssec", "zoneId", own_id="zoneId"),
)
