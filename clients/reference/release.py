"""What an endpoint or a manifest says, read as strictly as the plugin's serde structs read it."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from ada_url import URL

from clients.reference.errors import Reqwest, Serialization, TargetNotFound, TargetsNotFound
from clients.reference.installation import Installation
from delivery.rules.precedence import NotAVersion, precedence  # the crate's order; see the package's docstring

# Whatever one character stands between day and time: that is how the plugin's library reads RFC 3339.
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[\x00-\x7f](\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:[0-5]\d))", re.ASCII | re.DOTALL
)
_DEEPEST = 127  # how far JSON may be nested


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
    raw: Any

    def download_for(self, app: Installation) -> Download:
        """This app's download. Raises TargetNotFound or TargetsNotFound."""
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
            f"None of the fallback platforms `{json.dumps(names)}` were found in the response `platforms` object"
        )


def decode(body: bytes) -> object:
    """Any JSON. Raises Reqwest: for the plugin this is a broken transfer, and ends the whole ladder."""
    try:
        said = json.loads(body.decode(), parse_constant=_refuse, parse_float=_number, parse_int=_whole)
        _refuse_what_is_too_deep(said, _DEEPEST)
        json.dumps(said, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise Reqwest(f"error decoding response body: {error}") from None
    return said


def parse(raw: object) -> Release:
    """The release in this JSON. Raises Serialization."""
    said = _fields(raw, _RELEASE)
    if said is None:
        raise Serialization("expected a release")
    if "version" in said and "name" in said:
        raise Serialization("duplicate field `version`")  # `name` is an alias of it
    platforms = _platforms(said.get("platforms"))
    url = _url(said["url"]) if said.get("url") is not None else None
    signature = _optional_text(said, "signature")
    return Release(
        version=_version(said.get("version", said.get("name"))),
        notes=_optional_text(said, "notes"),
        pub_date=_moment(_optional_text(said, "pub_date")),
        platforms=platforms,
        download=_dynamic(url, signature) if platforms is None else None,
        raw=raw,
    )


_RELEASE = ("version", "notes", "pub_date", "platforms", "url", "signature")
_ENTRY = ("url", "signature")


def _fields(raw: object, names: tuple[str, ...]) -> Mapping[str, Any] | None:
    """A map, or a list of its values: serde takes one for the other."""
    if isinstance(raw, list) and len(raw) == len(names):
        return dict(zip(names, raw, strict=True))
    return raw if isinstance(raw, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _number(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("number out of range")
    return number


def _whole(text: str) -> int | float:
    number = _number(text)
    return int(text) if -(2.0**63) <= number < 2.0**64 else number


def _refuse_what_is_too_deep(said: object, left: int) -> None:
    within = said.values() if isinstance(said, dict) else said if isinstance(said, list) else None
    if within is None:
        return
    if not left:
        raise ValueError("recursion limit exceeded")
    for each in within:
        _refuse_what_is_too_deep(each, left - 1)


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
        if found := _RFC3339.fullmatch(text):
            return _read(found[1], found[2].upper())
    except ValueError:
        pass  # the 31st of February
    raise Serialization(f"invalid value for `pub_date`: {text!r}")


def _read(day: str, time: str) -> datetime:
    """Raises ValueError, also for the year 0, which the plugin knows and Python does not."""
    if time[6:8] != "60":
        return datetime.fromisoformat(f"{day}T{time}")
    before = datetime.fromisoformat(f"{day}T{time[:6]}59{time[8:]}")  # a leap second; the plugin takes it back by one
    after = before.astimezone(UTC) + timedelta(seconds=1)
    if (after.day, after.hour, after.minute) != (1, 0, 0):
        raise ValueError("there are leap seconds at the end of a month only")
    return before


def _platforms(said: object) -> Mapping[str, Download] | None:
    """Null means a dynamic answer; anything else is a static one, even {}. One bad entry spoils it all."""
    if said is None:
        return None
    if not isinstance(said, dict):
        raise Serialization("`platforms` is no map")
    return {name: _entry(name, entry) for name, entry in said.items()}


def _entry(name: str, said: object) -> Download:
    entry = _fields(said, _ENTRY)
    if entry is None or not isinstance(entry.get("signature"), str):
        raise Serialization(f"missing field `signature` of platform {name}")
    return Download(_url(entry.get("url")), entry["signature"])


def _dynamic(url: str | None, signature: str | None) -> Download:
    for name, value in (("url", url), ("signature", signature)):
        if value is None:
            raise Serialization(f"the `{name}` field was not set on the updater response")
    return Download(str(url), str(signature))


def _url(said: object) -> str:
    """An absolute URL, spelled as browsers and Rust's `url` spell it. Its scheme may be any."""
    if not isinstance(said, str):
        raise Serialization("a `url` is no text")
    try:
        return str(URL(said).href)
    except ValueError:
        raise Serialization(f"invalid URL: {said!r}") from None
