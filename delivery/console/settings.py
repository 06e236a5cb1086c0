"""What the console must be told, and the environment variables that tell it.

Infrastructure and laptop call `to_env`, the console `from_env`: the variables' names stand nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from delivery.endpoint import variables
from delivery.endpoint.settings import Settings as Catalog
from delivery.endpoint.variables import BadSettings, Said

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Access:
    """The Cloudflare Access application in front, whose word on who asks is believed."""

    access_team: str  # <team>.cloudflareaccess.com signs
    access_audience: str  # the application's `aud`
    access_keys: str = ""  # where the team's public keys are; without: where Cloudflare has them

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Access":
        """These of the variables. Raises BadSettings."""
        return cls(**variables.read(cls, env, _ACCESS))

    @property
    def issuer(self) -> str:
        """Who signs."""
        return f"https://{self.access_team}.cloudflareaccess.com"

    @property
    def keys_url(self) -> str:
        """Where the keys are that may sign."""
        return self.access_keys or f"{self.issuer}/cdn-cgi/access/certs"


@dataclass(frozen=True, slots=True)
class Builds:
    """The endpoint's builds, by digest: `live` answers, save for the share `weight` (0 to 1) that `next` answers."""

    build_live: str
    build_next: str
    build_weight: float

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Builds":
        """These of the variables. Raises BadSettings."""
        return cls(**variables.read(cls, env, _BUILDS))


@dataclass(frozen=True, slots=True)
class Settings:
    """One console."""

    catalog: Catalog  # as the endpoint is told it: both read the same
    access: Access
    builds: Builds

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """The settings in these variables.

        Raises BadSettings with everything that is missing or wrong at once.
        """
        wrong: list[str] = []
        catalog = _told(Catalog.from_env, env, wrong)
        access = _told(Access.from_env, env, wrong)
        builds = _told(Builds.from_env, env, wrong)
        if catalog is None or access is None or builds is None:
            raise BadSettings("\n".join(wrong))
        return cls(catalog, access, builds)

    def to_env(self) -> dict[str, str]:
        """The variables that say this."""
        return {**self.catalog.to_env(), **variables.write(self.access), **variables.write(self.builds)}


def _told(read: Callable[[Mapping[str, str]], T], env: Mapping[str, str], wrong: list[str]) -> T | None:
    try:
        return read(env)
    except BadSettings as bad:
        wrong.append(str(bad))
        return None


_ACCESS: Mapping[str, Said] = {
    "access_team": Said(variables.word, "set it to the name of the Cloudflare Access team"),
    "access_audience": Said(variables.word, "set it to the aud of the Access application in front"),
    "access_keys": Said(
        lambda text: text and variables.url(text), "set it to the address of the team's keys, or leave it unset"
    ),
}
_BUILDS: Mapping[str, Said] = {
    "build_live": Said(variables.word, "set it to the digest of the endpoint's build that answers"),
    "build_next": Said(variables.word, "set it to the digest of the endpoint's build that comes next"),
    "build_weight": Said(variables.share, "set it to the share of checks that the next build answers, from 0 to 1"),
}
