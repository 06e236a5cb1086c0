"""Which installations ask during a drill: chosen from the facts, so that every way of answering is among them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from delivery.artifacts.manifests import manifests
from delivery.rules.brake import Halt, Override, braked
from delivery.rules.compile import COHORTS, NEXT, Table, compile
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.precedence import precedence


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of installation, and all that it may ever be offered.

    `near` ones ask with a URL that the edge has an answer for; all others are alone with theirs, as most are.
    """

    name: str
    request: Request
    offered: str | None  # by the endpoint
    everyone: str | None  # what it would be offered without a cohort: the most that a static manifest may offer to it
    static: str | None  # by the static manifest
    gone: frozenset[str]  # versions that are stopped or withdrawn on its channel
    near: bool = False

    def wrong(self, offered: str | None) -> str | None:
        """Why this must never be offered to it; None if it may be."""
        if offered is None or (offered in (self.offered, self.everyone) and offered not in self.gone):
            return None
        if offered in self.gone:
            return f"{offered} is stopped or withdrawn"
        if precedence(offered) <= precedence(self.request.version):
            return f"{offered} is not above {self.request.version}"
        return f"{offered} is for others only"


def kinds(table: Table, now: datetime) -> tuple[Kind, ...]:
    """All of them on the first channel; on others, cohorts first and none, and those that have what is gone."""
    first, *others = (_Made(table, channel, now, manifests(table, now, "", "")) for channel in _channels(table))
    return (*_all(first), *(kind for other in others for kind in _few(other)))


def partial(table: Table, now: datetime) -> tuple[str, str] | None:
    """A channel, and a version that only some are offered there, so no static manifest has it."""
    asking = (kind for kind in kinds(table, now) if not kind.request.failed)
    found = (kind for kind in asking if kind.offered not in (None, kind.everyone))
    return next(((kind.request.channel, str(kind.offered)) for kind in found), None)


def under(table: Table, halted: Iterable[tuple[str, str | None]], now: datetime) -> Table:
    """The table with these versions halted, each on its channel; None is every version."""
    found = ((channel, (version,) if version else None) for channel, version in halted)
    halts = tuple(Halt(f"drill-{channel}", channel, versions, now, "a drill") for channel, versions in found)
    catalog = table.catalog
    return compile(braked(catalog, Override(catalog.product, catalog.environment, 1, now, halts)))


def offers(table: Table, kinds: Iterable[Kind], now: datetime) -> Mapping[str, str | None]:
    """What the endpoint offers to each kind by this table."""
    return {kind.name: _offered(table, kind.request, now) for kind in kinds}


def most_offered(table: Table, now: datetime) -> tuple[str, str] | None:
    """The channel and version whose stop leaves most installations with an older one; None if nothing is offered."""
    found = []
    for channel in _channels(table):
        for request in _asking(table, channel):
            offered = _offered(table, request, now)
            others = _offered(table, replace(request, failed=offered), now) if offered else None
            found.append((others is not None, channel, offered))
    chosen = max(((rest, channel, offered) for rest, channel, offered in found if offered), default=None)
    return chosen[1:] if chosen else None


def _channels(table: Table) -> list[str]:
    return sorted((name for name in table.channels if not name.endswith(NEXT)), reverse=True)


def _all(kind: "_Made") -> Iterator[Kind]:
    table, channel, now = kind.table, kind.channel, kind.now
    first, *others = _asking(table, channel)
    early, late = _cohorts(table, first, now)
    offered = _offered(table, replace(first, cohort=early), now)
    newest = max(table.catalog.releases, key=precedence)
    yield kind(f"cohort {early}", replace(first, cohort=early))
    yield kind(f"cohort {late}", replace(first, cohort=late))
    yield kind("no cohort", first)
    yield kind("near the edge", first, near=True)
    yield kind("by hand", replace(first, manual=True))
    yield kind(f"{offered} failed", replace(first, cohort=early, failed=offered))
    for other in others:
        yield kind(f"{other.target} {other.bundle}", replace(other, cohort=early))
    yield kind("up to date", replace(first, version=newest, cohort=early))


def _few(kind: "_Made") -> Iterator[Kind]:
    table, channel, now = kind.table, kind.channel, kind.now
    first, *_ = _asking(table, channel)
    early, _late = _cohorts(table, first, now)
    yield kind(f"cohort {early}", replace(first, cohort=early))
    yield kind("no cohort", first)
    for version in sorted(_gone(table, channel) & set(table.catalog.releases), key=precedence):
        yield kind("which is gone", replace(first, version=version))


@dataclass(frozen=True, slots=True)
class _Made:
    """Makes the kinds of one channel."""

    table: Table
    channel: str
    now: datetime
    files: Mapping[str, bytes]  # the manifests

    def __call__(self, name: str, request: Request, *, near: bool = False) -> Kind:
        anyone = replace(request, cohort=None, manual=False, failed=None)
        offered, everyone = (_offered(self.table, each, self.now) for each in (request, anyone))
        said = f"{self.channel} {request.version} {name}"
        return Kind(said, request, offered, everyone, self._static(request), _gone(self.table, self.channel), near)

    def _static(self, request: Request) -> str | None:
        """What an installation takes from its manifest: only what is above its own version."""
        cell = f"{request.channel}/{request.target.replace('-', '/', 1)}/{request.bundle}"
        version: str = msgspec.json.decode(self.files[f"v1/update/{cell}.json"])["version"]
        return version if precedence(version) > precedence(request.version) else None


def _asking(table: Table, channel: str) -> list[Request]:
    """With the oldest version there is: the first two bundles of the target that has most, and each other system."""
    oldest = min(table.catalog.releases, key=precedence)
    (most, target), *others = sorted(table.targets.items(), key=lambda item: -len(item[1].updates))
    systems = {name.partition("-")[0]: (name, other.updates[0]) for name, other in others if other.updates}
    systems.pop(most.partition("-")[0], None)
    cells = [*((most, bundle) for bundle in target.updates[:2]), *systems.values()]
    return [Request(channel, name, bundle, oldest) for name, bundle in cells]


def _cohorts(table: Table, request: Request, now: datetime) -> tuple[int, int]:
    """One that is offered more than an installation without a cohort, and one that is not, where there are both."""
    anyone = _offered(table, request, now)
    more = [_offered(table, replace(request, cohort=each), now) != anyone for each in range(COHORTS)]
    return (more.index(True) if any(more) else 0), (more.index(False) if not all(more) else 1)


def _offered(table: Table, request: Request, now: datetime) -> str | None:
    decision = decide(table, request, now)
    return decision.version if isinstance(decision, Offer) else None


def _gone(table: Table, channel: str) -> frozenset[str]:
    """What is stopped or withdrawn there. A stop of a whole channel is of every version."""
    catalog = table.catalog
    stops = [stop for stop in catalog.stops if stop.channel == channel]
    stopped = {version for stop in stops for version in (stop.versions or catalog.releases)}
    return frozenset(stopped | {each.version for each in catalog.withdrawals if each.channel == channel})
