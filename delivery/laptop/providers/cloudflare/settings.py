"""A zone's settings, and what each takes. On the laptop they are on record, and no more: its edge has no TLS."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from delivery.engines.wire import Properties
from delivery.laptop.providers.cloudflare.recorded import Recorded

_SWITCH = ("on", "off")
_NUMBER: tuple[Any, ...] = ()  # any that the SDK takes
# https://developers.cloudflare.com/api/resources/zones/subresources/settings/
_VALUES: Mapping[str, tuple[Any, ...]] = {
    **dict.fromkeys(
        (
            "0rtt",
            "always_online",
            "always_use_https",
            "automatic_https_rewrites",
            "brotli",
            "browser_check",
            "development_mode",
            "early_hints",
            "ech",
            "email_obfuscation",
            "h2_prioritization",
            "hotlink_protection",
            "http2",
            "http3",
            "ip_geolocation",
            "ipv6",
            "opportunistic_encryption",
            "opportunistic_onion",
            "orange_to_orange",
            "privacy_pass",
            "response_buffering",
            "rocket_loader",
            "server_side_exclude",
            "sort_query_string_for_cache",
            "tls_client_auth",
            "true_client_ip_header",
            "websockets",
        ),
        _SWITCH,
    ),
    "browser_cache_ttl": _NUMBER,
    "cache_level": ("aggressive", "basic", "simplified"),
    "challenge_ttl": _NUMBER,
    "ciphers": _NUMBER,
    "max_upload": _NUMBER,
    "min_tls_version": ("1.0", "1.1", "1.2", "1.3"),
    "pseudo_ipv4": ("off", "add_header", "overwrite_header"),
    "security_header": _NUMBER,
    "security_level": ("off", "essentially_off", "low", "medium", "high", "under_attack"),
    "ssl": ("off", "flexible", "full", "strict", "origin_pull"),
    "tls_1_3": ("on", "off", "zrt"),
}


def setting_problems(setting: Properties) -> Mapping[str, str]:
    """A setting that there is not, or a value that it does not take."""
    name, value = setting["settingId"], setting.get("value")
    if name not in _VALUES:
        near = difflib.get_close_matches(name, _VALUES, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(_VALUES))}"
        return {"settingId": f"is {name!r}, which no zone has; {hint}"}
    allowed = _VALUES[name]
    if allowed and value not in allowed:
        return {"value": f"is {value!r}; {name} takes {', '.join(allowed)}"}
    return {}


RECORDS = (
    Recorded("BotManagement", "zoneId", own_id="zoneId"),
    Recorded("TieredCache", "zoneId", own_id="zoneId"),
    Recorded("UrlNormalizationSettings", "zoneId", own_id="zoneId"),
    Recorded("ZoneSetting", "zoneId", "settingId", own_id="settingId", check=setting_problems),
)
