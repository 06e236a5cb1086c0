"""What a new visitor gets, and the files that people may have of a version.

Pure; `decide.newcomer` decides. A bundle that no updater installs (a dmg) follows the updates of its target, and is
what people get first: an updater's archive (app.tar.gz) is no installer.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.standing import Rollout
from delivery.rules.catalog import Catalog, Stopped
from delivery.rules.compile import Table
from delivery.rules.decide import newcomer
from delivery.rules.facts import Target

Downloads = Literal["keep", "hide", "gone"]
STRICTER: tuple[Downloads, ...] = ("keep", "hide", "gone")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a version. `updater`: the updater can install it, and `signature` (minisign) is what it believes."""

    target: str
    bundle: str
    url: str
    size: int
    sha256: str
    signature: str | None
    updater: bool


def bundles(target: Target) -> tuple[str, ...]:
    """The bundles of a target, what people should get first."""
    return (*target.installs, *target.updates)


def files(moment: Moment, version: str, its: Iterable[Rollout], target: str | None = None) -> tuple[File, ...]:
    """The files of a version (for this target) that some channel lets people have; `its` are its rollouts.

    None where they are hidden or gone.
    """
    if downloads(moment.catalog, version) != "keep":
        return ()
    had = {name for rollout in its if is_to_be_had(rollout, moment.now) for name in rollout.targets}
    return tuple(file for name in sorted(had) if target in (None, name) for file in files_of(moment, version, name))


def is_to_be_had(rollout: Rollout, now: datetime) -> bool:
    """Whether people may have a version from its channel: its rollout began, and is not stopped.

    Of a withdrawn one, its `downloads` say more.
    """
    began = rollout.offering.began
    return began is not None and began <= now and not isinstance(rollout.removal, Stopped)


def file(moment: Moment, channel: str, target: str, bundle: str | None) -> tuple[str, File] | None:
    """The version and file that a new visitor gets: of this bundle, or of the first that the version has."""
    its = moment.table.targets[target]
    for wanted in (bundle,) if bundle else bundles(its):
        if (version := _version(moment.table, channel, target, wanted, moment.now)) is None:
            continue
        found = next((each for each in files_of(moment, version, target) if each.bundle == wanted), None)
        if found and downloads(moment.catalog, version) != "gone":
            return version, found
    return None


def downloads(catalog: Catalog, version: str) -> Downloads:
    """What became of the files of a version: the strictest that any channel's withdrawal says."""
    said = {each.downloads for each in catalog.withdrawals if each.version == version}
    return next((each for each in reversed(STRICTER) if each in said), "keep")


def _version(table: Table, channel: str, target: str, bundle: str, now: datetime) -> str | None:
    its = table.targets[target]
    updates = (bundle,) if bundle in its.updates else its.updates
    found = next((each for name in updates if (each := newcomer(table, channel, target, name, now))), None)
    return found.version if found else None


def files_of(moment: Moment, version: str, target: str) -> Iterator[File]:
    """The files of a version for a target, whatever became of them; what people should get first."""
    its, built = moment.table.targets.get(target), moment.catalog.releases[version].artifacts.get(target, {})
    if its is None:
        return
    for bundle in bundles(its):
        if artifact := built.get(bundle):
            url = moment.url(version, artifact.file)
            updater = bundle in its.updates
            yield File(target, bundle, url, artifact.size, artifact.sha256, artifact.signature, updater)
