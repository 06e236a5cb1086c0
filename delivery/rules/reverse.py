"""How to undo a change: by adding, since nothing merged is ever deleted. Commands for people, with `…` to fill in."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from delivery.rules.catalog import Catalog
from delivery.rules.timeline import Stage

_KINDS = {"barriers": "barrier", "deadends": "deadend", "blocks": "block", "notices": "notice", "stops": "stop"}


def reverse(before: Catalog, after: Catalog, wider: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The commands that take it back; `wider` are the rollouts (channel, version) that reach more."""
    for channel, version in wider:
        yield f'./inv hold {channel} --version {version} --reason "…"'
    yield from _resumed(before, after)
    yield from (f'./inv lift {kind} {name} --reason "…"' for kind, name in _added(before, after))
    yield from (
        f"write {kind} {name} again, in a new file: what is lifted stays so" for kind, name in _ended(before, after)
    )
    yield from (f"set {part} back in releases/flags/{flag}.yaml" for flag, part in _flags(before, after))
    for trial in _new_trials(before, after):
        yield f'./inv conclude {trial} none --reason "…"'


def _resumed(before: Catalog, after: Catalog) -> Iterator[str]:
    known = {(each.channel, each.version): each for each in before.offerings}
    for new in after.offerings:
        old = known.get((new.channel, new.version))
        if old and old.stages and new.stages and new.stages[-1].held and _bare(new.stages) != _bare(old.stages):
            percent = round(max(stage.percent for stage in old.stages))
            yield f'./inv resume {new.channel} {percent} --version {new.version} --reason "…"'


def _added(before: Catalog, after: Catalog) -> Iterator[tuple[str, str]]:
    """(kind, name) of what can be lifted again."""
    old = {each.version for each in before.withdrawals}
    yield from (
        ("withdrawal", version) for version in dict.fromkeys(w.version for w in after.withdrawals) if version not in old
    )
    for kind, singular in _KINDS.items():
        known = {_name(each) for each in getattr(before, kind)}
        yield from ((singular, _name(each)) for each in getattr(after, kind) if _name(each) not in known)


def _ended(before: Catalog, after: Catalog) -> Iterator[tuple[str, str]]:
    """(kind, name) of what was lifted."""
    yield from (("the " + kind, name) for kind, name in _added(after, before))


def _name(fact: Any) -> str:
    """The name of a fact is its file's."""
    return PurePosixPath(fact.fact.rpartition(":")[0]).name.removesuffix(".yaml")


def _flags(before: Catalog, after: Catalog) -> Iterator[tuple[str, str]]:
    for flag in sorted(before.flags.keys() & after.flags.keys()):
        if before.flags[flag] != after.flags[flag]:
            yield flag, "the body"


def _new_trials(before: Catalog, after: Catalog) -> list[str]:
    known = {each.name for each in before.experiments}
    return [each.name for each in after.experiments if each.name not in known]


def _bare(stages: Sequence[Stage]) -> list[Stage]:
    """Without the places they stand at."""
    return [replace(stage, fact="") for stage in stages]
