"""What an endpoint or a manifest says, read as strictly as the plugin's serde structs read it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from clients.reference.errors import Reqwest, Serialization, TargetNotFound, TargetsNotFound
from clients.reference.installation import Installation
from delivery.rules.precedence import NotAVersion, precedence  # the crate's order; see the package's docstring

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Download:
    """Where the bytes are, and what signed them."""

    url: str
    signature: str


@dataclass(frozen=True, slots=True)
class Release:
    """A version as announced. `platforms` is None in a dynamic answer, whose one download is `download`."""

    version: str
    notes: str | None
    pub_date: datetime | None
    platforms: Mapping[str, Download] | None
    download: Download | None
    raw: Mapping[str, Any]

    def download_for(self, app: Installation) -> Download:
        """This app's download. Raises TargetNotFound or TargetsNotFound, even for an app that is up to date."""
        if self.platforms is None:
            assert self.download is not None  # noqa: S101 - for the type checker: parse made sure
            return self.download
        names = app.platforms()
        found = next((self.platforms[name] for name in names if name in self.platforms), None)
        if found:
            return found
        if app.custom_target:
            raise TargetNotFound(f"the platform `{names[0]}` was not found in the response `platforms` object")
        raise TargetsNotFound(
            f"None of the fallback platforms `{list(names)}` were found in the response `platforms` object"
        )


def decode(body: bytes) -> object:
    """Any JSON. Raises Reqwest: for the plugin this is a broken transfer, and ends the whole ladder."""
    try:
        return json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Reqwest(f"error decoding response body: {error}") from None


def parse(raw: object) -> Release:
    """The release in this JSON. Raises Serialization."""
    if not isinstance(raw, dict):
        raise Serialization("expected a map")
    if "version" in raw and "name" in raw:
        raise Serialization("duplicate field `version`")  # `name` is an alias of it
    platforms = _platforms(raw.get("platforms"))
    url = _url(raw["url"]) if raw.get("url") is not None else None
    signature = _optional_text(raw, "signature")
    return Release(
        version=_version(raw.get("version", raw.get("name"))),
        notes=_optional_text(raw, "notes"),
        pub_date=_moment(_optional_text(raw, "pub_date")),
        platforms=platforms,
        download=_dynamic(url, signature) if platforms is None else None,
        raw=raw,
    )


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _version(said: object) -> str:
    if not isinstance(said, str):
        raise Serialization("missing field `version`, or no text in it")
    version = said.lstrip("v")
    try:
        precedence(version)
    except NotAVersion as error:
        raise Serialization(str(error)) from None
    return version


def _optional_text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise Serialization(f"`{name}` is no text")
    return value


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        if _RFC3339.fullmatch(text):
            return datetime.fromisoformat(text.upper())
    except ValueError:
        pass  # the 31st of February
    raise Serialization(f"invalid value for `pub_date`: {text!r}")


def _platforms(said: object) -> Mapping[str, Download] | None:
    """Null means a dynamic answer; anything else is a static one, even {}. One bad entry spoils it all."""
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Serialization("`platforms` is no map")
    return {name: _entry(name, entry) for name, entry in said.items()}


def _entry(name: str, entry: object) -> Download:
    if not isinstance(entry, dict) or not isinstance(entry.get("signature"), str):
        raise Serialization(f"missing field `signature` of platform {name}")
    return Download(_url(entry.get("url")), entry["signature"])


def _dynamic(url: str | None, signature: str | None) -> Download:
    for name, value in (("url", url), ("signature", signature)):
        if value is None:
            raise Serialization(f"the `{name}` field was not set on the updater response")
    return Download(str(url), str(signature))


def _url(said: object) -> str:
    """An absolute URL, as Rust's `url` takes it: blanks at the ends are cut, blanks inside encoded."""
    if not isinstance(said, str):
        raise Serialization("a `url` is no text")
    url = said.strip(" ").replace(" ", "%20")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if not (parts.scheme and parts.netloc):
        raise Serialization(f"invalid URL: {said!r}")
    return url
