"""The zone's own DNS records: who may issue certificates, that no mail comes from here, and where www is.

The records of hosts stand with what answers there.
"""

from __future__ import annotations

from typing import Any

from infra.names import Names

HOUR = 3600

# ACM for the API's hosts; the others are who Cloudflare gets its edge certificates from.
CERTIFICATE_AUTHORITIES = ("amazon.com", "letsencrypt.org", "pki.goog", "ssl.com")


def records(names: Names) -> dict[str, dict[str, Any]]:
    """By the name of its resource, what each record is, besides its zone."""
    return {**_certificates(names), **_no_mail(names), "www": _nowhere(names.www_host)}


def _certificates(names: Names) -> dict[str, dict[str, Any]]:
    return {
        f"caa-{authority}": {
            "name": names.domain,
            "type": "CAA",
            "data": {"flags": 0, "tag": "issue", "value": authority},
            "ttl": HOUR,
        }
        for authority in CERTIFICATE_AUTHORITIES
    }


def _no_mail(names: Names) -> dict[str, dict[str, Any]]:
    """Nobody sends mail as this domain, and none is taken (RFC 7208, 7489, 7505): whatever claims to be is forged."""
    return {
        "mail-spf": _text(names.domain, "v=spf1 -all"),
        "mail-dmarc": _text(f"_dmarc.{names.domain}", "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s"),
        "mail-dkim": _text(f"*._domainkey.{names.domain}", "v=DKIM1; p="),
        "mail-none": {"name": names.domain, "type": "MX", "content": ".", "priority": 0, "ttl": HOUR},
    }


def _text(name: str, text: str) -> dict[str, Any]:
    # With its quotes, as Cloudflare hands it back: without them every preview would show a change.
    return {"name": name, "type": "TXT", "content": f'"{text}"', "ttl": HOUR}


def _nowhere(host: str) -> dict[str, Any]:
    """A proxied name without an origin (RFC 6666's discard prefix): only a redirect answers there."""
    return {"name": host, "type": "AAAA", "content": "100::", "proxied": True, "ttl": 1}
