"""The order of versions, as the Rust `semver` crate has it: build metadata counts.

Tauri compares with that crate's `Ord`. Python's libraries follow the SemVer text, which ignores build metadata,
so parsing is theirs and the key is ours (facts: tests/unit/rules/test_precedence.py holds vectors of the crate).
"""

from functools import lru_cache
from typing import Any

import semver

LONGEST = 256  # characters; longer ones are refused before any parsing
_U64 = 2**64 - 1  # the crate's limit for major, minor and patch

Key = tuple[Any, ...]


class NotAVersion(ValueError):  # noqa: N818 - reads as what is wrong
    """The text is no SemVer version that the Rust crate would take."""


@lru_cache(maxsize=8192)
def precedence(version: str) -> Key:
    """A key whose order is the crate's order.

    Raises NotAVersion, which says what is wrong.
    """
    if len(version) > LONGEST or not version.isascii():
        raise NotAVersion(f"a version has at most {LONGEST} plain ASCII characters")
    try:
        parsed = semver.Version.parse(version)
    except ValueError:
        raise NotAVersion(f"{version!r} is not a SemVer version such as 1.4.0 or 1.5.0-beta.1") from None
    core = (parsed.major, parsed.minor, parsed.patch)
    if max(core) > _U64:
        raise NotAVersion(f"{version!r} has a number above {_U64}")
    return (*core, _prerelease(parsed.prerelease), _build(parsed.build))


def successor(key: Key) -> Key:
    """The least key above this one: the same version, and the least build metadata more."""
    *core, build = key
    return (*core, (_LEAST_BUILD,) if build == _build(None) else (*build, _LEAST_BUILD))


def spelled(key: Key) -> str:
    """The version that has this key."""
    *core, prerelease, build = key
    text = ".".join(str(number) for number in core)
    if prerelease != _prerelease(None):
        text += "-" + ".".join(part[-1] for part in prerelease[1:])
    if build != _build(None):
        text += "+" + ".".join(_spelled_build(part) for part in build)
    return text


def is_prerelease(version: str) -> bool:
    """True for 1.5.0-beta.1, false for 1.5.0 and 1.5.0+7."""
    return bool(precedence(version)[3][0] == 0)


def _prerelease(text: str | None) -> Key:
    if text is None:
        return (1,)  # a release is above all its pre-releases
    return (0, *(_identifier(part) for part in text.split(".")))


def _identifier(part: str) -> Key:
    # Numbers by length, then text: the crate's order, and int() refuses more than 4,300 digits.
    return (0, len(part), part) if part.isdigit() else (1, part)


def _build(text: str | None) -> Key:
    return tuple(_build_identifier(part) for part in (text or "").split("."))


def _build_identifier(part: str) -> Key:
    """0 < 00 < 1 < 01 < 001 < 2, and numbers before words (the crate's `impl Ord for BuildMetadata`)."""
    if part and not part.isdigit():
        return (1, part)
    digits = part.lstrip("0")
    return (0, len(digits), digits, len(part))


def _spelled_build(part: Key) -> str:
    return str(part[1] if part[0] else part[2].rjust(part[3], "0"))


_LEAST_BUILD = _build_identifier("0")
