"""Builds, known by their digests alone: the same code has the same name everywhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from infra.config import NEWEST, InfraConfig
from infra.names import build_key

PREFIX = "sha256:"  # of a digest in a stack file


@dataclass(frozen=True, slots=True)
class Build:
    """A zip that lies in the bucket of builds before an apply names it. `sha256` in hex."""

    sha256: str

    @property
    def digest(self) -> str:
        """How a stack file names it."""
        return PREFIX + self.sha256

    @property
    def key(self) -> str:
        """Where it lies in the bucket of builds."""
        return build_key(self.sha256)

    @property
    def code_hash(self) -> str:
        """The same digest as Lambda writes it, in base64."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


@dataclass(frozen=True, slots=True)
class Builds:
    """What the functions of an environment run, looked up beforehand: the program itself asks no cloud anything.

    The update endpoint's code is `next`, so its newest version is. The version `live` answers, without one the newest,
    except for the share `weight` (0 to 1), which the newest answers.
    """

    next: Build
    console: Build
    consumer: Build
    live: str | None = None
    weight: float = 0.0

    @classmethod
    def of(cls, config: InfraConfig, newest: Mapping[str, Build]) -> Builds:
        """Those that a stack file names, where it says `newest` these (by app); which version is live is not told."""
        return cls(
            next=named(config.endpoint.next, newest, "endpoint"),
            console=named(config.console.build, newest, "console"),
            consumer=named(config.telemetry.build, newest, "consumer"),
        )


def named(digest: str, newest: Mapping[str, Build], app: str) -> Build:
    """The build of a digest as a stack file writes it; KeyError for a `newest` that nobody made."""
    return newest[app] if digest == NEWEST else Build(digest.removeprefix(PREFIX))
