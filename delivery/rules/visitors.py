"""What those get who have nothing installed: the download centre, redirects and package managers.

They get the newest version that everyone may have (`decide.newcomer`); bundles that no updater installs, such as a dmg,
follow the updates of their target. What a withdrawal does to files that people could download before is apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby

from delivery.rules.catalog import Catalog
from delivery.rules.compare import Alike
from delivery.rules.compile import Table
from delivery.rules.decide import newcomer
from delivery.rules.precedence import precedence

DOWNLOADS = ("keep", "hide", "gone")  # ever stricter; keep is also what a version has that was not withdrawn


@dataclass(frozen=True, slots=True)
class Newcomers:
    """What a new visitor gets for these targets from `since` until `until`; the same twice where nothing changes."""

    channel: str
    cells: tuple[tuple[str, str], ...]
    before: str | None
    after: str | None
    since: datetime
    until: datetime | None = None

    @property
    def is_wider(self) -> bool:
        """Whether they get a version that is higher than before, or any where there was none."""
        if self.after is None or self.after == self.before:
            return False
        return self.before is None or precedence(self.after) > precedence(self.before)


@dataclass(frozen=True, slots=True)
class Downloads:
    """What becomes of the files of a version: keep, hide, or gone (410)."""

    version: str
    before: str
    after: str


def newcomers(before: Table, after: Table, cells: Iterable[Alike], now: datetime) -> tuple[Newcomers, ...]:
    """What new visitors get in the cells that changed."""
    found: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    for those in cells:
        for stretch in _stretches((before, after), those, now):
            found.setdefault((those.channel, *stretch), []).extend(those.cells)
    made = [Newcomers(channel, tuple(sorted(where)), *rest) for (channel, *rest), where in found.items()]  # type: ignore[arg-type]
    return tuple(sorted(made, key=lambda each: (each.channel, each.since, each.cells)))


def downloads(before: Catalog, after: Catalog) -> tuple[Downloads, ...]:
    """The versions whose files change what the download centre does with them."""
    old, new = _files(before), _files(after)
    versions = sorted(old.keys() | new.keys(), key=precedence)
    made = (Downloads(version, old.get(version, "keep"), new.get(version, "keep")) for version in versions)
    return tuple(each for each in made if each.before != each.after)


def _stretches(
    tables: tuple[Table, Table], those: Alike, now: datetime
) -> Iterator[tuple[str | None, str | None, datetime, datetime | None]]:
    """The stretches of time in which what visitors get differs; one from now on if it never does."""
    times = [now, *(datetime.fromtimestamp(time, UTC) for time in _times(those) if time > now.timestamp())]
    pairs = [tuple(_gets(table, those, time) for table in tables) for time in times]
    told = False
    for (old, new), stretch in groupby(range(len(times)), key=pairs.__getitem__):
        numbers = list(stretch)
        if old != new:
            end, told = numbers[-1] + 1, True
            yield old, new, times[numbers[0]], times[end] if end < len(times) else None
    if not told:
        yield *pairs[0], now, None  # type: ignore[misc]


def _times(those: Alike) -> list[float]:
    prospects = (*those.before.prospects, *those.after.prospects)
    starts = {start for each in prospects for start, _, _ in each.shares}
    return sorted(starts | {each.superseded for each in prospects if each.superseded is not None})


def _gets(table: Table, those: Alike, time: datetime) -> str | None:
    found = newcomer(table, those.channel, *those.cells[0], time)
    return found.version if found else None


def _files(catalog: Catalog) -> dict[str, str]:
    """The strictest that any channel's withdrawal says of each version."""
    found: dict[str, str] = {}
    for each in catalog.withdrawals:
        found[each.version] = max(each.downloads, found.get(each.version, "keep"), key=DOWNLOADS.index)
    return found
