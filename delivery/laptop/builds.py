"""Which builds must lie in the laptop's bucket of builds, where ./inv build --publish puts them elsewhere."""

from collections.abc import Mapping
from pathlib import Path

from delivery.deploy.build import Zip
from delivery.deploy.build_commit import FAR, found_for_laptop
from delivery.deploy.build_versions import BuildRefused
from infra.build import PREFIX
from infra.config import NEWEST, InfraConfig


def needed(repo: Path, commit: str, infra: InfraConfig, own: Mapping[str, Zip]) -> tuple[Zip, ...]:
    """The commit's own builds, and every other one that its stack file names, made again from history.

    Raises:
        BuildRefused: the stack file names a build that no commit up to this one has.
    """
    by_digest = {made.digest: made for made in own.values()}
    for digest in (infra.endpoint.live, infra.endpoint.next, infra.console.build, infra.telemetry.build):
        if digest != NEWEST and digest not in by_digest:
            by_digest[digest] = _found(repo, commit, digest)
    return tuple(by_digest.values())


def _found(repo: Path, commit: str, digest: str) -> Zip:
    made = found_for_laptop(repo, commit, digest.removeprefix(PREFIX))
    if made is None:
        raise BuildRefused(
            f"none of the last {FAR} commits of code has the build {digest}; "
            "./inv switch laptop --next HEAD names the build of the commit that is checked out"
        )
    return made
