"""What is live at one moment: all that a public document is made from."""

from dataclasses import dataclass
from datetime import UTC, datetime

from delivery.endpoint.look import Live
from delivery.endpoint.reads.standing import Rollout, Rollouts
from delivery.endpoint.settings import Settings
from delivery.rules.catalog import Catalog, download_url
from delivery.rules.compile import Table


@dataclass(frozen=True, slots=True)
class Moment:
    """`trouble` is what the last look at the store stumbled over, if anything."""

    live: Live
    settings: Settings
    now: datetime
    trouble: str | None
    known: Rollouts

    @property
    def table(self) -> Table:
        """Of the catalog under the brake."""
        return self.live.table

    @property
    def catalog(self) -> Catalog:
        """Under the brake: what is halted is stopped."""
        return self.live.table.catalog

    @property
    def rollouts(self) -> tuple[Rollout, ...]:
        """Every rollout, in the catalog's order."""
        return self.known.of(self.live.table)

    def until(self) -> datetime | None:
        """The next moment at which an answer of any cell may change, if there is one."""
        moment = self.now.timestamp()
        found = [cell.next_boundary(moment) for cell in self.table.cells.values()]
        first = min((each for each in found if each is not None), default=None)
        return None if first is None else datetime.fromtimestamp(first, UTC)

    def url(self, version: str, file: str) -> str:
        """Where a file of a version is downloaded."""
        return download_url(self.settings.downloads_url, self.settings.product, version, file)
