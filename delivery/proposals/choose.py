"""Which forge keeps the proposals: GitHub where this repository is at GitHub, else the repository itself."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from delivery.history.git import NoHistory, line
from delivery.proposals.forge import Forge, ForgeError
from delivery.proposals.local import Local

PUBLIC = "https://api.github.com"
CHECKS = "ESPICE_CHECKS_TOKEN"
# https://github.com/owner/name.git, ssh://git@github.com/owner/name.git and git@github.com:owner/name.git
_AT_GITHUB = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@?#\s]*@)?(?:www\.|ssh\.)?github\.com(?::[0-9]+)?/|(?:[^/@:\s]+@)?github\.com:/?)"
    r"(?P<name>[A-Za-z0-9-]+/[A-Za-z0-9._-]+?)(?:\.git)?/?",
    re.IGNORECASE,
)
_TOKENS = "https://github.com/settings/personal-access-tokens/new"


def forge(repo: Path, *, as_: str = "") -> Forge:
    """The forge, and who one is there: at GitHub whom the token belongs to, else `as_`, else git's own user.

    Where GITHUB_API_URL and GITHUB_REPOSITORY are set, as GitHub Actions does, they say which repository it is at
    which GitHub; else `origin` does. Raises ForgeError where there is no token or no name.
    """
    name = at_github(repo)
    if name is None:
        return Local(repo, as_.strip() or _user(repo))
    if as_:
        raise ForgeError(f"--as {as_}: proposals are kept by GitHub here, where you are whom the token belongs to")
    from delivery.proposals.github import GitHub  # noqa: PLC0415 - a laptop without it needs none of what it imports

    rights = f"that may write Contents, Pull requests, Commit statuses and Issues of {name}"
    return GitHub(repo, name, api(), token(f"proposals are kept by GitHub, in {name}", f"at {_TOKENS} {rights}"))


def checker(repo: Path) -> Forge | None:
    """Who sets checks, where GitHub takes them from somebody else than `forge`: whose token ESPICE_CHECKS_TOKEN is.

    That is an App which sets checks and nothing else, so that a ruleset can require it as their source.
    """
    said, name = os.environ.get(CHECKS), at_github(repo)
    if not said or name is None:
        return None
    from delivery.proposals.github import GitHub  # noqa: PLC0415 - as above

    return GitHub(repo, name, api(), said)


def at_github(repo: Path) -> str | None:
    """The repository's owner/name at GitHub, if it is there."""
    if said := _told():
        return said[1]
    try:
        found = _AT_GITHUB.fullmatch(line(repo, "remote", "get-url", "origin"))
    except NoHistory:
        return None
    return found["name"] if found else None


def api() -> str:
    """Where that GitHub's API is. Raises ForgeError where whoever is on the way there could read the token."""
    said = _told()
    if said is None:
        return PUBLIC
    if not _is_safe(said[0]):
        why = "whoever is on the way there could read your token"
        raise ForgeError(f"GITHUB_API_URL {said[0]}: {why}; write an address that begins with https://")
    return said[0]


def token(what: str, kind: str) -> str:
    """The token in the environment. Raises ForgeError: `what` takes one, and of which kind it must be."""
    found = os.environ.get("GITHUB_TOKEN") or os.environ.get("GH_TOKEN")
    if not found:
        mend = f"make one {kind}, and set GITHUB_TOKEN to it (or use GitHub's own: gh auth token)"
        raise ForgeError(f"{what}, and that takes a token; {mend}")
    return found


def _told() -> tuple[str, str] | None:
    """Which API and which repository, where the environment says both: one alone may be left over from elsewhere."""
    where, name = os.environ.get("GITHUB_API_URL"), os.environ.get("GITHUB_REPOSITORY")
    return (where, name) if where and name else None


def _is_safe(address: str) -> bool:
    """Whether what goes there is encrypted, or never leaves this machine."""
    try:
        found = urlsplit(address)
        if found.scheme != "http":
            return found.scheme == "https"
        return found.hostname == "localhost" or ip_address(found.hostname or "").is_loopback
    except ValueError:
        return False


def _user(repo: Path) -> str:
    try:
        return line(repo, "config", "user.name")
    except NoHistory:
        raise ForgeError("git does not know who you are; say it by git config user.name, or by --as NAME") from None
