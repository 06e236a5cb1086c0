"""Every release: what is new in it, its files, and where it stands on each channel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from flask import Response
from msgspec import Meta

from delivery.endpoint.operations import TAGGED, UNAVAILABLE, Operation, Parameter, Reply, refused
from delivery.endpoint.reads import asked
from delivery.endpoint.reads.moment import Moment
from delivery.endpoint.reads.offered import Downloads, File, downloads, files
from delivery.endpoint.reads.responses import value
from delivery.endpoint.reads.standing import Rollout, Standing, When, standing
from delivery.rules.precedence import precedence

USUAL, MOST = 50, 200  # releases at once: some 6 kB each, and Lambda answers no more than 6 MB


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """On these channels it is offered to nobody any more; `instead` is what is offered in its place."""

    channels: tuple[str, ...]
    at: When
    reason: str
    instead: str | None


@dataclass(frozen=True, slots=True)
class Release:
    """A version. `files` are those that people may have from some channel: its rollout there began, and is not stopped.
    `downloads` is `keep`, or where it was withdrawn `hide` (not listed, links work) or `gone`.

    `minimum_os` by operating system; what is not named runs on any.
    """

    version: str
    published: When
    notes: str
    minimum_os: Mapping[str, str]
    downloads: Downloads
    files: tuple[File, ...]
    channels: tuple[Standing, ...]
    withdrawals: tuple[Withdrawal, ...]


@dataclass(frozen=True, slots=True)
class Releases:
    """The highest version first. `next` is where the list goes on, if it does."""

    product: str
    environment: str
    releases: tuple[Release, ...]
    next: str | None


RELEASES = Operation(
    path="/v1/releases",
    name="releases",
    summary="All releases",
    description="What was released, the highest version first, and where it stands on each channel now.",
    tag="Releases",
    parameters=(
        asked.CHANNEL,
        asked.TARGET,
        Parameter("before", "query", "Go on below this version; `next` of the answer before says it.", "1.4.0"),
        Parameter("limit", "query", "How many at most.", str(USUAL), Annotated[int, Meta(ge=1, le=MOST)]),
    ),
    answers={
        HTTPStatus.OK: Reply("The releases.", Releases, headers=TAGGED),
        HTTPStatus.BAD_REQUEST: refused("The limit is no number within its bounds."),
        HTTPStatus.NOT_FOUND: asked.UNKNOWN,
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)
RELEASE = Operation(
    path="/v1/releases/{version}",
    name="release",
    summary="One release",
    description="A release as the list has it. A withdrawn one stays, and says that it was and why.",
    tag="Releases",
    parameters=(Parameter("version", "path", "The version, exactly as it was published.", "1.4.0"),),
    answers={
        HTTPStatus.OK: Reply("The release.", Release, headers=TAGGED),
        HTTPStatus.NOT_FOUND: refused("No release has this version."),
        HTTPStatus.SERVICE_UNAVAILABLE: UNAVAILABLE,
    },
    cors=True,
)


def view_all(moment: Moment) -> Response:
    """RELEASES."""
    channel, target, before = map(asked.queried, ("channel", "target", "before"))
    if channel:
        asked.channel(moment, channel)
    if target:
        asked.target(moment, target)
    if before:
        asked.version(moment, before)
    limit = asked.number("limit", USUAL, MOST)
    found = listed(moment, channel, target, before)
    made = _releases(moment, found[:limit], target)
    said = {"channel": channel, "target": target, "limit": limit, "before": found[:limit][-1] if found else None}
    more = f"{RELEASES.path}?{urlencode({name: each for name, each in said.items() if each})}"
    page = Releases(moment.catalog.product, moment.catalog.environment, made, more if len(found) > limit else None)
    return value(page, moment.live, moment.now, moment.until())


def view_one(moment: Moment, version: str) -> Response:
    """RELEASE."""
    [made] = _releases(moment, [asked.version(moment, version)], None)
    return value(made, moment.live, moment.now, moment.until())


def listed(moment: Moment, channel: str | None, target: str | None, before: str | None) -> list[str]:
    """The versions on this channel and for this target, below `before`, the highest first."""
    catalog = moment.catalog
    there = {each.version for each in catalog.offerings if channel in (None, each.channel)}
    found = (
        version
        for version, release in catalog.releases.items()
        if (channel is None or version in there)
        and (target is None or target in release.artifacts)
        and (before is None or precedence(version) < precedence(before))
    )
    return sorted(found, key=precedence, reverse=True)


def _releases(moment: Moment, versions: Iterable[str], target: str | None) -> tuple[Release, ...]:
    by_version: dict[str, list[Rollout]] = {}
    for each in moment.rollouts:
        by_version.setdefault(each.offering.version, []).append(each)
    return tuple(_release(moment, version, by_version.get(version, ()), target) for version in versions)


def _release(moment: Moment, version: str, its: Sequence[Rollout], target: str | None) -> Release:
    release = moment.catalog.releases[version]
    return Release(
        version=version,
        published=release.published,
        notes=release.notes,
        minimum_os=release.minimum_os,
        downloads=downloads(moment.catalog, version),
        files=files(moment, version, its, target),
        channels=tuple(standing(each, moment.now) for each in sorted(its, key=lambda each: each.offering.channel)),
        withdrawals=_withdrawals(moment, version),
    )


def _withdrawals(moment: Moment, version: str) -> tuple[Withdrawal, ...]:
    """One for each fact, whatever the number of channels it names."""
    by_fact: dict[str, Withdrawal] = {}
    for each in moment.catalog.withdrawals:
        if each.version == version:
            before = by_fact[each.fact].channels if each.fact in by_fact else ()
            by_fact[each.fact] = Withdrawal((*before, each.channel), each.at, each.reason, each.instead)
    return tuple(by_fact.values())
