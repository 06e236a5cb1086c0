"""Rules of blocks: which versions may not be left for which."""

from collections.abc import Iterator

from delivery.rules import ranges
from delivery.rules.checks.change import Change, at, did_you_mean, few, warn
from delivery.rules.facts import Block, Filed
from delivery.rules.precedence import is_prerelease, precedence
from delivery.rules.problem import Problem
from delivery.rules.ranges import Range


def blocks_are_for_targets_that_exist(change: Change) -> Iterator[Problem]:
    """A block is for targets that exist."""
    known = change.facts.product.value.targets
    for filed in change.facts.blocks.values():
        for number, target in enumerate(filed.value.targets if filed.value.targets != "all" else ()):
            if target not in known:
                mend = did_you_mean(target, known, "target")
                yield at(filed, ("targets", number), f"product.yaml has no target {target}", mend)


def blocks_end(change: Change) -> Iterator[Problem]:
    """A block's `to` has an upper bound: the version that mends it, so that nobody waits for ever."""
    for filed in _blocks(change):
        if _upper(filed.value.to) is None:
            what = f"{filed.value.to} has no upper bound, so those on {filed.value.from_} wait for ever"
            highest = _highest(change, filed.value.to)
            bound = _next(highest) if highest else "<the version that mends it>"
            yield at(filed, ("to",), what, f'add one: "{filed.value.to} <{bound}"')


def blocks_match_something(change: Change) -> Iterator[Problem]:
    """A new block is of an update that somebody could be offered."""
    for filed in change.new("blocks"):
        source, to = _matched(change, filed.value.from_), _matched(change, filed.value.to)
        for key, found in (("from", source), ("to", to)):
            if not found:
                said = filed.value.from_ if key == "from" else filed.value.to
                yield warn(filed, (key,), f"matches nothing: no version is {said}", "look at releases/versions/")
        if source and to and precedence(source[0]) >= precedence(to[-1]):
            what = f"matches nothing: no update leads from {few(source)} up to {few(to)}"
            yield warn(filed, ("from",), what, "see whether from and to are the right way round")


def blocks_do_not_reach_beyond_the_mend(change: Change) -> Iterator[Problem]:
    """A new block's upper bound is at most the next version after the highest affected."""
    for filed in change.new("blocks"):
        highest, upper = _highest(change, filed.value.to), _upper(filed.value.to)
        if highest and upper and precedence(upper) > precedence(_next(highest)):
            what = f"reaches to {upper}, beyond the next version after {highest}, the highest affected"
            yield warn(
                filed, ("to",), what, f"write <{_next(highest)}, or the version that mends it would be blocked too"
            )


def blocks_miss_no_version_beside_those_they_name(change: Change) -> Iterator[Problem]:
    """A new block's ranges hold every version with the number of their lower bound, pre-releases too."""
    for filed in change.new("blocks"):
        for key, text in (("from", filed.value.from_), ("to", filed.value.to)):
            bounds = {precedence(bound)[:3] for bound in _lower(text)}
            beside = [version for version in change.standing.versions if precedence(version)[:3] in bounds]
            if missed := [version for version in beside if not ranges.parse(text).holds(version)]:
                what = f"misses {few(missed)}, beside what it names"
                yield warn(filed, (key,), what, f"write >={missed[0]} if that is affected too")


def blocks_agree_on_an_edge(change: Change) -> Iterator[Problem]:
    """No update is both blocked and only warned of, for then the block holds and the warning is never seen."""
    weaker = [filed for filed in _blocks(change) if filed.value.effect == "warn"]
    stronger = [filed for filed in _blocks(change) if filed.value.effect == "block"]
    for one in weaker:
        for other in stronger:
            if edge := _common(change, one.value, other.value):
                what = f"only warns of {edge[0]} to {edge[1]}, which {other.at('block')} blocks: the block holds"
                yield warn(one, ("effect",), what, "lift one of them")


def blocks_are_reviewed(change: Change) -> Iterator[Problem]:
    """A block is looked at again by its day of review."""
    for filed in _blocks(change):
        if change.now and f"{change.now:%Y-%m-%d}" > filed.value.review_by:
            what = f"{filed.value.owner} was to review it by {filed.value.review_by}"
            yield warn(filed, ("review-by",), what, "lift it, or block the same again with a later day")


def _blocks(change: Change) -> list[Filed[Block]]:
    return [filed for filed in change.facts.blocks.values() if filed.value.lifted is None]


def _matched(change: Change, text: str) -> tuple[str, ...]:
    found: Range = ranges.parse(text)
    return tuple(version for version in change.standing.versions if found.holds(version))


def _highest(change: Change, text: str) -> str | None:
    return next(reversed(_matched(change, text)), None)


def _upper(text: str) -> str | None:
    """The lowest version of an upper comparator (or of an exact one)."""
    bounds = [part.lstrip("<=") for part in text.split(" ") if part[0] in "<="]
    return min(bounds, key=precedence, default=None)


def _lower(text: str) -> list[str]:
    return [part.lstrip(">=") for part in text.split(" ") if part[0] in ">="]


def _next(version: str) -> str:
    """The next version that could mend it: the release of a pre-release, the next patch of a release."""
    major, minor, patch = precedence(version)[:3]
    return f"{major}.{minor}.{patch if is_prerelease(version) else patch + 1}"


def _common(change: Change, one: Block, other: Block) -> tuple[str, str] | None:
    """An update that both are of."""
    if one.targets != "all" and other.targets != "all" and not set(one.targets) & set(other.targets):
        return None
    both = [
        [version for version in _matched(change, mine) if ranges.parse(theirs).holds(version)]
        for mine, theirs in ((one.from_, other.from_), (one.to, other.to))
    ]
    edge = (both[0][0], both[1][-1]) if all(both) else None
    return edge if edge and precedence(edge[0]) < precedence(edge[1]) else None
