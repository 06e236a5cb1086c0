"""site/settings.yaml: what the site needs to know of an environment beyond product.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from delivery.rules.facts import Filed
from delivery.rules.load import parse
from delivery.rules.problem import Problem
from delivery.rules.read import File
from delivery.rules.shapes import STRICT, Environment, OneOf, Shape

SETTINGS = "site/settings.yaml"


@dataclass(frozen=True, slots=True)
class Cloudflare:
    """Cloudflare Web Analytics, which sets no cookies: the token of its script."""

    __pydantic_config__ = STRICT
    cloudflare: Annotated[str, Shape(r"[0-9a-f]{32}", "a token of 32 hexadecimal digits")]


@dataclass(frozen=True, slots=True)
class Google:
    """Google Analytics 4, which needs consent: the measurement id."""

    __pydantic_config__ = STRICT
    ga4: Annotated[str, Shape(r"G-[A-Z0-9]{4,16}", "a measurement id such as G-ABC123DEF4")]


Analytics = Annotated[Cloudflare | Google, OneOf(("cloudflare", "ga4"), (Cloudflare, Google))]
Dsn = Annotated[str, Shape(r"https://[0-9a-f]{32}@[a-z0-9.-]+/[0-9]+", "a DSN as Sentry shows it")]


@dataclass(frozen=True, slots=True)
class Sentry:
    """Where errors of pages are told; `replay`: visitors are asked whether what led to one may be recorded."""

    __pydantic_config__ = STRICT
    dsn: Dsn
    replay: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One environment. What is left out is off."""

    __pydantic_config__ = STRICT
    sentry: Sentry | None = None
    analytics: Analytics | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """`repository` is where this repository lies at GitHub: where people write feedback and read the source."""

    __pydantic_config__ = STRICT
    repository: Annotated[str, Shape(r"[\w.-]+/[\w.-]+", "owner/name")]
    environments: Mapping[Environment, Place]


def read(files: Mapping[str, File]) -> tuple[Filed[Settings] | None, tuple[Problem, ...]]:
    """The settings in these files (path -> bytes), or every problem of theirs. Never raises."""
    if SETTINGS not in files:
        return None, (Problem(SETTINGS, 0, "", "is missing", "restore it from git"),)
    return parse(SETTINGS, files[SETTINGS], Settings)
