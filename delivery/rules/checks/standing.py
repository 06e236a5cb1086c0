"""What the facts of a commit amount to, computed once for all rules that ask. Holds no rule."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property

from delivery.rules.assemble import assemble, untrusted
from delivery.rules.catalog import Catalog
from delivery.rules.compile import Table, compile
from delivery.rules.facts import Facts, Filed, Rollout, Version
from delivery.rules.precedence import precedence
from delivery.rules.signature import NotASignature
from delivery.rules.timeline import Stage, Timeline, timeline

Way = tuple[str, str]  # target and bundle


class Standing:
    """Facts by what rules ask of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    @cached_property
    def timelines(self) -> Mapping[str, Timeline]:
        """What the lines of each rollout amount to."""
        return {name: timeline(filed) for name, filed in self.facts.rollouts.items()}

    @cached_property
    def channels(self) -> Mapping[str, tuple[Filed[Rollout], ...]]:
        """The rollouts of each channel, lowest version first."""
        found: dict[str, list[Filed[Rollout]]] = defaultdict(list)
        for filed in sorted(self.facts.rollouts.values(), key=lambda filed: precedence(filed.value.version)):
            found[filed.value.channel].append(filed)
        return {channel: tuple(rollouts) for channel, rollouts in found.items()}

    @cached_property
    def superseding(self) -> Mapping[str, tuple[str, ...]]:
        """The rollouts that supersede each rollout, by name."""
        found: dict[str, list[str]] = defaultdict(list)
        for name, filed in self.facts.rollouts.items():
            if filed.value.supersedes:
                found[f"{filed.value.channel}/{filed.value.supersedes}"].append(name)
        return {name: tuple(names) for name, names in found.items()}

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """All versions, lowest first."""
        return tuple(sorted(self.facts.versions, key=precedence))

    @cached_property
    def _removals(self) -> Mapping[tuple[str, str | None], str]:
        found: dict[tuple[str, str | None], str] = {}
        for withdrawn in self.facts.withdrawals.values():
            if withdrawn.value.lifted is None:
                found |= dict.fromkeys(
                    ((channel, withdrawn.value.withdraw) for channel in withdrawn.value.channels),
                    withdrawn.at("withdraw"),
                )
        for stopped in self.facts.stops.values():
            if stopped.value.lifted is None:
                scope = stopped.value.stop
                versions = (None,) if scope.versions is None else scope.versions
                found |= dict.fromkeys(((scope.channel, version) for version in versions), stopped.at("stop"))
        return found

    def removal(self, channel: str, version: str) -> str | None:
        """The fact that withdraws or stops this version on this channel, if one does."""
        return self._removals.get((channel, version)) or self._removals.get((channel, None))

    def opens(self, name: str) -> Stage | None:
        """The first stage of this rollout that offers it to anybody."""
        return next((stage for stage in self.timelines[name].stages if stage.permille), None)

    def is_open_to_all(self, name: str) -> datetime | None:
        """Since when, or from when on, everyone may have it for good."""
        since: datetime | None = None
        for stage in self.timelines[name].stages:
            since = (since or stage.ends) if stage.permille == 1000 else None
        return since

    @cached_property
    def updates(self) -> Mapping[str, frozenset[Way]]:
        """The targets and bundles to which each version is an update that clients can install."""
        return {name: frozenset(self._updates(filed.value)) for name, filed in self.facts.versions.items()}

    def _updates(self, version: Version) -> list[Way]:
        targets = self.facts.product.value.targets
        return [
            (target, bundle)
            for target, bundles in version.artifacts.items()
            for bundle, artifact in bundles.items()
            if artifact.signature and target in targets and bundle in targets[target].updates
        ]

    def reach(self, rollout: Rollout) -> frozenset[Way]:
        """The targets and bundles that a rollout serves."""
        ways = self.updates.get(rollout.version, frozenset())
        return ways if rollout.targets == "all" else frozenset(way for way in ways if way[0] in rollout.targets)

    @cached_property
    def catalog(self) -> Catalog | None:
        """The catalog of an environment that trusts all artifacts; None where none does, or names lead nowhere.

        Catalogs of environments differ in nothing else, so what is proved of one holds for all.
        """
        try:
            environments = self.facts.product.value.environments
            trusting = next((each for each in environments if not any(untrusted(self.facts, each))), None)
        except NotASignature:
            return None
        return assemble(self.facts, trusting) if trusting and self._is_whole() else None

    @cached_property
    def table(self) -> Table | None:
        """The same as `decide` looks it up."""
        return compile(self.catalog) if self.catalog else None

    def _is_whole(self) -> bool:
        facts = self.facts
        return all(
            filed.value.version in facts.versions and filed.value.channel in facts.channels
            for filed in facts.rollouts.values()
        ) and all(
            target in facts.product.value.targets for each in facts.versions.values() for target in each.value.artifacts
        )
