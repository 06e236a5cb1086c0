"""From the facts of a commit to one environment's catalog. Knows no bytes (`catalog`) and no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from delivery.rules.catalog import (
    SCHEMA,
    Catalog,
    Edge,
    Offering,
    Passage,
    Release,
    Stopped,
    Stuck,
    Told,
    Trial,
    Urgent,
    Withdrawn,
)
from delivery.rules.facts import (
    Barrier,
    Block,
    Critical,
    Deadend,
    Experiment,
    Facts,
    Filed,
    Notice,
    Rollout,
    Stop,
    Version,
    Withdrawal,
)
from delivery.rules.precedence import precedence
from delivery.rules.problem import Problem, Refused
from delivery.rules.signature import key_id
from delivery.rules.timeline import timeline


def assemble(facts: Facts, environment: str) -> Catalog:
    """The catalog of one environment.

    Raises Refused, naming each artifact whose signature this environment does not trust.
    """
    product = facts.product.value
    problems = tuple(untrusted(facts, environment))
    if problems:
        raise Refused(problems)
    catalog = Catalog(
        schema=SCHEMA,
        requires=(),
        product=product.product,
        environment=environment,
        targets=dict(sorted(product.targets.items())),
        channels=tuple(sorted(facts.channels)),
        releases={name: _release(facts.versions[name]) for name in sorted(facts.versions, key=precedence)},
        offerings=tuple(_offering(facts.rollouts[name]) for name in sorted(facts.rollouts)),
        withdrawals=tuple(_withdrawals(facts)),
        stops=tuple(_stop(filed) for filed in _in_force(facts.stops)),
        barriers=tuple(_passage(filed) for filed in _in_force(facts.barriers)),
        deadends=tuple(_stuck(filed) for filed in _in_force(facts.deadends)),
        blocks=tuple(_edge(filed) for filed in _in_force(facts.blocks)),
        experiments=tuple(_trial(facts.experiments[name]) for name in sorted(facts.experiments)),
        flags={name: facts.flags[name].value.body for name in sorted(facts.flags)},
        notices=tuple(_told(filed) for filed in _in_force(facts.notices)),
        decided=tuple(sorted({filed.value.decides for filed in facts.stops.values() if filed.value.decides})),
    )
    return replace(catalog, requires=tuple(sorted(_used(catalog))))


def untrusted(facts: Facts, environment: str) -> Iterator[Problem]:
    """The signed artifacts whose key this environment does not trust."""
    product = facts.product.value
    trusted = product.artifact_keys(environment)
    names = {key.id: key.note for key in product.keys.artifacts}
    for filed in facts.versions.values():
        for target, bundles in filed.value.artifacts.items():
            for bundle, artifact in bundles.items():
                if artifact.signature is None or (signer := key_id(artifact.signature)) in trusted:
                    continue
                known = f" ({names[signer]})" if signer in names else ""
                place = ("artifacts", target, bundle, "signature")
                yield Problem(
                    filed.path,
                    filed.line(*place),
                    ".".join(place),
                    f"{artifact.file} is signed by key {signer}{known}, which {environment} does not trust",
                    f"sign it with a key that product.yaml trusts in {environment}",
                )


def _in_force(facts: Mapping[str, Filed[Any]]) -> Iterator[Filed[Any]]:
    """Those that were not lifted, by name."""
    return (facts[name] for name in sorted(facts) if facts[name].value.lifted is None)


def _used(catalog: Catalog) -> Iterator[str]:
    """The features that a reader of this catalog must have."""
    for name in ("barriers", "blocks", "deadends", "experiments", "flags", "notices"):
        if getattr(catalog, name):
            yield name
    for name, found in {
        "critical": any(offering.urgent for offering in catalog.offerings),
        "ramps": any(stage.over for offering in catalog.offerings for stage in offering.stages),
        "supersedes": any(offering.supersedes for offering in catalog.offerings),
        "targets": any(offering.targets for offering in catalog.offerings),
        "minimum-os": any(release.minimum_os for release in catalog.releases.values()),
        "offer-instead": any(withdrawn.instead for withdrawn in catalog.withdrawals),
        "installed": any(withdrawn.reissue or withdrawn.downgrade for withdrawn in catalog.withdrawals),
    }.items():
        if found:
            yield name


def _some(targets: str | tuple[str, ...]) -> tuple[str, ...] | None:
    return None if isinstance(targets, str) else tuple(sorted(targets))


def _release(filed: Filed[Version]) -> Release:
    fact = filed.value
    least = {str(os): version for os, version in (fact.minimum_os or {}).items()}
    return Release(fact.published, fact.notes, fact.artifacts, least, filed.at("minimum-os"))


def _offering(filed: Filed[Rollout]) -> Offering:
    rollout, line = filed.value, timeline(filed)
    urgent = (
        Urgent(line.critical.below, line.at, filed.at("steps", number))
        for number, line in enumerate(rollout.steps)
        if isinstance(line, Critical)
    )
    return Offering(
        rollout.channel,
        rollout.version,
        rollout.salt,
        _some(rollout.targets),
        rollout.supersedes,
        line.stages,
        line.waiting,
        tuple(urgent),
        filed.at(),
        line.began,
    )


def _withdrawals(facts: Facts) -> Iterator[Withdrawn]:
    for filed in _in_force(facts.withdrawals):
        fact: Withdrawal = filed.value
        for channel in sorted(fact.channels):
            yield Withdrawn(
                channel,
                fact.withdraw,
                fact.at,
                fact.reason,
                fact.downloads,
                fact.offer_instead,
                fact.reissue_as,
                fact.downgrade_to,
                filed.at("withdraw"),
            )


def _stop(filed: Filed[Stop]) -> Stopped:
    fact = filed.value
    versions = None if fact.stop.versions is None else tuple(sorted(fact.stop.versions, key=precedence))
    return Stopped(fact.stop.channel, versions, fact.at, fact.reason, filed.at("stop"))


def _passage(filed: Filed[Barrier]) -> Passage:
    fact = filed.value
    return Passage(fact.barrier, fact.applies_below, _some(fact.targets), fact.reason, filed.at("barrier"))


def _stuck(filed: Filed[Deadend]) -> Stuck:
    return Stuck(filed.value.deadend, filed.value.reason, filed.at("deadend"))


def _edge(filed: Filed[Block]) -> Edge:
    fact = filed.value
    return Edge(fact.block, fact.from_, fact.to, _some(fact.targets), fact.effect, fact.reason, filed.at("block"))


def _trial(filed: Filed[Experiment]) -> Trial:
    fact = filed.value
    arms, decided = fact.arms or {}, fact.decision
    return Trial(
        fact.experiment,
        fact.layer,
        fact.salt,
        fact.audience.channel,
        fact.audience.versions,
        fact.audience.percent,
        fact.start,
        fact.end,
        {name: arm.weight for name, arm in arms.items()},
        {name: arm.flags or {} for name, arm in arms.items()},
        None if decided else fact.holdback,
        decided.keep if decided else None,
        filed.at("experiment"),
    )


def _told(filed: Filed[Notice]) -> Told:
    fact = filed.value
    channels = tuple(sorted(fact.channels))
    return Told(
        fact.notice, channels, fact.versions, fact.at, fact.text, fact.url, fact.support_ends, filed.at("notice")
    )
