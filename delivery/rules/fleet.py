"""What a simulation assumes of the installed base. Every number may be given; `typical` guesses those that are not.

Shares are weights: they need not add up to one. Nothing here is measured and nothing decides.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from delivery.rules.catalog import Catalog
from delivery.rules.compile import COHORTS, SYSTEMS, Table
from delivery.rules.facts import Target
from delivery.rules.precedence import precedence

OLDEST = "0.0.0"  # what they have where a channel never offered anything to everyone
STATES_NONE = ""  # an installation that does not say the version of its operating system

# How likely a machine that is due for a check makes it within an hour, by the hour of its local day.
_DAY = (*[0.02] * 7, 0.1, 0.3, 0.5, 0.5, 0.4, 0.3, 0.4, 0.4, 0.4, 0.3, 0.2, *[0.12] * 4, 0.06, 0.03)
_ZONES = {-8: 0.12, -5: 0.18, 0: 0.12, 1: 0.26, 5.5: 0.08, 8: 0.16, 9: 0.08}  # where circuits are drawn
_SYSTEMS = {
    "windows": {"10.0.19045": 0.3, "10.0.22631": 0.65, STATES_NONE: 0.05},
    "macos": {"13.7.8": 0.2, "15.6.1": 0.75, STATES_NONE: 0.05},
    "linux": {"24.04": 0.8, STATES_NONE: 0.2},
}
_FAMILIES = {"windows": 0.6, "macos": 0.22, "linux": 0.18}
_FIRST_BUNDLE = 0.7  # share of a target's first bundle; the others divide the rest
_OLDER = 0.3  # for each installation on a version, this many on the one before
_PARTICULAR = 0.05  # share of each channel that is not the main one


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Who is out there. Raises ValueError for numbers that no fleet can have.

    `versions` is what they have when the warm-up begins: `warmup` days of simulation before anything is recorded, so
    that rollouts under way have already reached those they reach. `activity` is the chance, for each hour of the local
    day, that a machine which is due makes its check within that hour; `weekend` times that on Saturday and Sunday, and
    `idle` times that for the share `seldom`. A `failure` is an update that fails or is rolled back: the installation
    keeps its version, and names the failed one in its further checks until it has another.
    """

    installs: int
    channels: Mapping[str, float]
    targets: Mapping[tuple[str, str], float]  # (target, bundle)
    versions: Mapping[str, Mapping[str, float]]  # by channel
    systems: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _SYSTEMS)  # stated, by system
    zones: Mapping[float, float] = field(default_factory=lambda: _ZONES)  # by hours east of UTC
    interval: float = 12.0  # hours from a check until the next is due
    jitter: float = 0.1  # of the interval, to either side
    activity: tuple[float, ...] = _DAY
    weekend: float = 0.3
    seldom: float = 0.2
    idle: float = 0.1
    churn: float = 0.002  # share that leaves in a day; as many come, with what the download centre gives them
    failure: float = 0.005
    failures: Mapping[str, float] = field(default_factory=dict)  # of single versions
    no_cohort: float = 0.02
    manual: float = 0.001  # share of checks that the user asked for
    accepts: frozenset[str] = frozenset()
    ttl: float = 30.0  # seconds that a cache may keep an answer
    caches: int = 10  # upper tiers of the edge that ask the origin, each for itself
    warmup: int = 7  # days

    def __post_init__(self) -> None:
        for name in ("jitter", "weekend", "seldom", "idle", "churn", "failure", "no_cohort", "manual"):
            _share(name, getattr(self, name))
        for version, rate in self.failures.items():
            _share(f"the failure rate of {version}", rate)
        for name, least in (("installs", 1), ("interval", 1), ("caches", 1), ("ttl", 0), ("warmup", 0)):
            if not getattr(self, name) >= least:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be {least} or more")
        if len(self.activity) != 24:
            raise ValueError(f"activity has {len(self.activity)} hours; a day has 24")

    def failure_of(self, version: str) -> float:
        """The share of updates to this version that fail."""
        return self.failures.get(version, self.failure)


def typical(table: Table, start: datetime, installs: int, **given: object) -> Fleet:
    """A fleet as one would guess it from the facts: most on what was open to everyone when the warm-up began.

    `given` are fields of `Fleet` that are known better.
    """
    catalog = table.catalog
    warmup = given.get("warmup", 7)
    assert isinstance(warmup, int)  # noqa: S101 - for the type checker
    begun = start - timedelta(days=warmup)
    guessed: dict[str, object] = {
        "channels": _channels(catalog),
        "targets": dict(_bundles(catalog.targets)),
        "versions": {channel: _versions(table, channel, begun) for channel in catalog.channels},
    }
    return Fleet(installs=installs, **{**guessed, **given})  # type: ignore[arg-type] # checked by Fleet


def _share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; it must be a share from 0 to 1")


def _channels(catalog: Catalog) -> dict[str, float]:
    """The main channel is the one called stable, else the first."""
    main = "stable" if "stable" in catalog.channels else next(iter(catalog.channels), "")
    others = len(catalog.channels) - 1
    return {name: 1 - _PARTICULAR * others if name == main else _PARTICULAR for name in catalog.channels}


def _bundles(targets: Mapping[str, Target]) -> Iterator[tuple[tuple[str, str], float]]:
    families = [SYSTEMS.get(name.partition("-")[0], "") for name in targets]
    for (name, target), family in zip(targets.items(), families, strict=True):
        share = _FAMILIES.get(family, 0.1) / families.count(family)
        for number, bundle in enumerate(target.updates):
            yield (name, bundle), share * _part(number, len(target.updates))


def _part(number: int, bundles: int) -> float:
    if bundles == 1:
        return 1
    return _FIRST_BUNDLE if number == 0 else (1 - _FIRST_BUNDLE) / (bundles - 1)


def _versions(table: Table, channel: str, moment: datetime) -> dict[str, float]:
    """Those open to everyone at this moment, each older one rarer."""
    opened: set[str] = set()
    for key, cell in table.cells.items():
        for candidate in cell.candidates if key[0] == channel else ():
            stage = candidate.stage(moment.timestamp())
            if stage and stage.permille == COHORTS and not candidate.removed:
                opened.add(candidate.version)
    newest = sorted(opened, key=precedence, reverse=True)
    return {version: _OLDER**number for number, version in enumerate(newest[:8])} or {OLDEST: 1}
