"""What a block means in versions that exist: from which to which, pre-releases by their names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from delivery.rules import ranges
from delivery.rules.catalog import Catalog, Edge
from delivery.rules.precedence import precedence


@dataclass(frozen=True, slots=True)
class Edges:
    """A block that a change puts in force (`added`) or ends, and the updates it is about.

    `pairs` are (from these versions, to each of these); versions to come that the ranges hold are not among them.
    """

    name: str
    effect: str  # block | warn
    added: bool
    source: str
    to: str
    targets: tuple[str, ...] | None
    pairs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        """How many updates of one version to another."""
        return sum(len(old) * len(new) for old, new in self.pairs)


def edges(before: Catalog, after: Catalog) -> tuple[Edges, ...]:
    """The blocks that only one of the two has, ended ones first."""
    old, new = ({_told(each): each for each in side.blocks} for side in (before, after))
    ended = (_edges(each, False, before) for told, each in old.items() if told not in new)
    return (*ended, *(_edges(each, True, after) for told, each in new.items() if told not in old))


def _told(block: Edge) -> tuple[object, ...]:
    return block.name, block.source, block.to, block.targets, block.effect


def _edges(block: Edge, added: bool, catalog: Catalog) -> Edges:
    versions = sorted(catalog.releases, key=precedence)
    sources, targets = (ranges.parse(text).expand(versions) for text in (block.source, block.to))
    return Edges(
        block.name, block.effect, added, block.source, block.to, block.targets, tuple(_pairs(sources, targets))
    )


def _pairs(sources: Sequence[str], targets: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """An update goes up: those that go to the same versions together."""
    for above, those in groupby(sources, key=lambda version: _above(version, targets)):
        if above:
            yield tuple(those), above


def _above(version: str, targets: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for each in targets if precedence(each) > precedence(version))
