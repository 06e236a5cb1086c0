"""Rules of versions beside each other: their numbers, and what a new one lacks that the one before had."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby, pairwise

from delivery.rules.checks.change import Change, at, few, stamp, warn
from delivery.rules.checks.standing import Way
from delivery.rules.compile import SYSTEMS, os_version
from delivery.rules.facts import Filed, Version
from delivery.rules.precedence import Key, is_prerelease, precedence
from delivery.rules.problem import Problem

LEAST_SHARE = 4  # an artifact with less than a quarter of the bytes of the one before was cut off


def no_version_has_a_twin(change: Change) -> Iterator[Problem]:
    """No two versions differ in their build metadata only, for people and most tools take them for one."""
    for _, twins in groupby(change.standing.versions, key=lambda version: precedence(version)[:4]):
        for lower, higher in pairwise(twins):
            filed, other = change.facts.versions[higher], change.facts.versions[lower]
            what = f"{higher} differs from {lower} ({other.path}) in build metadata only"
            yield at(filed, ("version",), what, "give it a number of its own")


def pre_releases_are_in_the_order_of_their_numbers(change: Change) -> Iterator[Problem]:
    """A pre-release sorts as its number counts, which beta10 beside beta2 does not."""
    versions = [version for version in change.standing.versions if is_prerelease(version)]
    for _, group in groupby(versions, key=_core):
        for lower, higher in pairwise(group):
            if _counts_above(lower, higher):
                what = f"{lower} sorts below {higher}, for its last part is compared as text"
                mend = f"write the number as a part of its own, such as {_dotted(lower)}"
                yield at(change.facts.versions[lower], ("version",), what, mend)


def numbers_do_not_jump(change: Change) -> Iterator[Problem]:
    """A new version is the next patch, minor or major after the one below it."""
    if change.base is None:
        return
    cores = sorted({_core(version) for version in change.facts.versions})
    for filed in change.new("versions"):
        core = _core(filed.value.version)
        if before := max((each for each in cores if each < core), default=None):
            major, minor, patch = before
            following = (major, minor, patch + 1), (major, minor + 1, 0), (major + 1, 0, 0)
            if core not in following:
                named = [".".join(map(str, each)) for each in (before, *following)]
                what = f"{filed.value.version} leaves out numbers: {named[0]} is the one below it"
                yield warn(filed, ("version",), what, f"see whether {named[1]}, {named[2]} or {named[3]} was meant")


def higher_numbers_are_newer(change: Change) -> Iterator[Problem]:
    """A new version was published after all merged ones that are below it."""
    for filed in change.new("versions"):
        mine = precedence(filed.value.version)
        older = [each for name, each in change.merged("versions").items() if precedence(name) < mine]
        latest = max(older, key=lambda each: (each.value.published, precedence(each.value.version)), default=None)
        if latest and filed.value.published < latest.value.published:
            what = f"{stamp(filed.value.published)} is before {latest.value.version} was ({latest.at('published')})"
            yield at(filed, ("published",), what, "build it again: older content under a higher number is a downgrade")


def artifacts_are_not_cut_off(change: Change) -> Iterator[Problem]:
    """A new artifact has at least a quarter of the bytes that the version below it had there."""
    for filed, before in _with_the_one_before(change):
        for target, bundles in filed.value.artifacts.items():
            for bundle, artifact in bundles.items():
                old = before.value.artifacts.get(target, {}).get(bundle)
                if old and artifact.size * LEAST_SHARE < old.size:
                    had = f"where {before.value.version} had {old.size}"
                    what = f"{artifact.size} bytes, {had}: {artifact.file} looks cut off"
                    yield at(filed, ("artifacts", target, bundle, "size"), what, "build and upload it again")


def nothing_is_left_out_that_the_one_before_had(change: Change) -> Iterator[Problem]:
    """A new version is built for every target and bundle of the version below it."""
    targets = change.facts.product.value.targets
    for filed, before in _with_the_one_before(change):
        known = {(name, bundle) for name, target in targets.items() for bundle in (*target.updates, *target.installs)}
        lost = _ways(before.value) - _ways(filed.value) if _ways(filed.value) <= known else None
        if lost:
            what = f"has no {few(_named(lost))}, which {before.value.version} had"
            yield warn(filed, ("artifacts",), what, "see whether the build failed there: who has it stays behind")


def minimums_are_of_systems_it_is_built_for(change: Change) -> Iterator[Problem]:
    """A minimum of an operating system is of one that the version has artifacts for."""
    for filed in change.new("versions"):
        built = {SYSTEMS.get(target.partition("-")[0]) for target in filed.value.artifacts}
        for system in filed.value.minimum_os or {}:
            if system not in built:
                what = f"matches nothing: {filed.value.version} is not built for {system}"
                yield warn(filed, ("minimum-os", system), what, "remove it, or add the artifacts")


def minimums_that_rise_are_seen(change: Change) -> Iterator[Problem]:
    """A new version asks for no newer operating system than the version below it."""
    for filed, before in _with_the_one_before(change):
        for system, least in (filed.value.minimum_os or {}).items():
            old = (before.value.minimum_os or {}).get(system)
            if (os_version(least) or ()) > (os_version(old) or ()):
                was = f"needed {old}" if old else "had no minimum"
                what = f"needs {system} {least}, where {before.value.version} {was}"
                mend = f"see that those with an older {system} may stay on {before.value.version}, and tell them"
                yield warn(filed, ("minimum-os", system), what, mend)


def _with_the_one_before(change: Change) -> Iterator[tuple[Filed[Version], Filed[Version]]]:
    """Each new version with the highest one below it; a release looks past pre-releases."""
    order = change.standing.versions
    releases = tuple(version for version in order if not is_prerelease(version))
    for filed in change.new("versions"):
        mine = filed.value.version
        among = order if is_prerelease(mine) else releases
        if place := bisect_left(among, precedence(mine), key=precedence):
            yield filed, change.facts.versions[among[place - 1]]


def _ways(version: Version) -> set[Way]:
    return {(target, bundle) for target, bundles in version.artifacts.items() for bundle in bundles}


def _named(ways: set[Way]) -> list[str]:
    return [f"{target} {bundle}" for target, bundle in sorted(ways)]


def _core(version: str) -> Key:
    """Major, minor and patch."""
    return precedence(version)[:3]


def _counts_above(one: str, other: str) -> bool:
    """Whether people count it higher: the first parts that differ have one word, and a higher number."""
    for mine, theirs in zip(_parts(one), _parts(other), strict=False):
        if mine != theirs:
            (word, number), (other_word, other_number) = _counted(mine), _counted(theirs)
            return bool(word) and word == other_word and number > other_number
    return False


def _parts(version: str) -> list[str]:
    """The parts of a pre-release: beta and 2 of 1.5.0-beta.2+7."""
    return version.partition("+")[0].partition("-")[2].split(".")


def _counted(part: str) -> tuple[str, int]:
    """beta10 is beta and 10."""
    word = part.rstrip("0123456789")
    return word, int(part[len(word) :] or 0)


def _dotted(version: str) -> str:
    """1.5.0-beta.10 for 1.5.0-beta10."""
    words = (
        f"{word}.{number}" if word and number else part for part in _parts(version) for word, number in [_counted(part)]
    )
    return f"{version.partition('-')[0]}-{'.'.join(words)}"
