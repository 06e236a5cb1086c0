"""From the URL of an update check to what `decide` is asked.

    /v1/update/<channel>/<target>/<arch>/<current_version>?bundle=&os=&cohort=&manual=&failed=&accepts=

Pure. Nothing here refuses: what cannot be understood becomes a request that is offered nothing (or, for a cohort,
no cohort), because an unknown client must get 204 and never an error page, and a mistake must never widen.
An `os` that is no version (10.0.19041) counts as none stated; of `accepts` only `downgrade` means something so far.
"""

import re
from collections.abc import Mapping
from urllib.parse import unquote

from delivery.rules.decide import Request, bundle_for
from delivery.rules.facts import Target

PREFIX = "/v1/update/"
_KEYS = frozenset({"accepts", "bundle", "cohort", "failed", "manual", "os"})  # whatever else is sent is ignored
_COHORT = re.compile(r"[0-9]{1,3}")
_UNSAID = ("", "unknown", "{{bundle_type}}")  # what plugins send that do not know their bundle


def canonical(query: str) -> str:
    """What of a query (as sent) may matter, always in the same order: queries that differ otherwise are the same."""
    said: dict[str, str] = {}
    for pair in query.split("&"):
        key = pair.partition("=")[0]
        if key in _KEYS and key not in said:
            said[key] = pair
    return "&".join(sorted(said.values()))


def parse(path: str, query: str, targets: Mapping[str, Target]) -> Request | None:
    """What the client says of itself; None when the path has another shape.

    `path` is decoded once (WSGI's PATH_INFO), `query` is as sent. A plus stays a plus in both: it belongs to versions.
    """
    parts = path.removeprefix(PREFIX).split("/")
    if len(parts) != 4:
        return None
    channel, said, arch, version = parts
    fields = _fields(query)
    target, suffix = _platform(said, arch, targets)
    known = targets.get(target)
    bundle = next((name for name in (fields.get("bundle"), suffix) if name not in (None, *_UNSAID)), None)
    return Request(
        channel=channel,
        target=target,
        bundle=(bundle_for(known, bundle) if known else None) or "",  # no target has a bundle without a name
        version=version,
        cohort=_cohort(fields.get("cohort", "")),
        manual=fields.get("manual") in ("1", "true"),
        failed=fields.get("failed") or None,
        os=fields.get("os") or None,
        accepts=frozenset(filter(None, fields.get("accepts", "").split(","))),
    )


def _fields(query: str) -> dict[str, str]:
    """The values of the keys we know; the first of a repeated key wins."""
    found: dict[str, str] = {}
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if key in _KEYS:
            found.setdefault(key, unquote(value))
    return found


def _platform(said: str, arch: str, targets: Mapping[str, Target]) -> tuple[str, str | None]:
    """The target's name as product.yaml has it, and the bundle at its end if there is one.

    linux -> linux-<arch>; linux-x86_64 as it is; linux-x86_64-deb -> its bundle too; darwin-universal -> darwin-<arch>.
    """
    parts = said.split("-") if "-" in said else [said, arch]
    if parts[1] == "universal":
        parts[1] = arch
    name = "-".join(parts)
    whole, _, suffix = name.rpartition("-")
    return (whole, suffix) if name not in targets and whole in targets else (name, None)


def _cohort(text: str) -> int | None:
    return int(text) if _COHORT.fullmatch(text) else None
