"""How many people must approve a change, and why: by what it does to users, never by what its files are called.

Counted by the policy of the base or by the change's own, whichever asks for more, so no change lowers its own bar.
Who they are is the forge's business (`proposals`); this only counts.
"""

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from delivery.rules.brake import ended
from delivery.rules.catalog import Catalog, Offering
from delivery.rules.checks.standing import Standing
from delivery.rules.facts import Facts, Policy
from delivery.rules.plan import Effect, plan
from delivery.rules.problem import Problem

_FACT = re.compile(r"product\.yaml|Pulumi\.[a-z]+\.yaml|releases/.*")
# What only says something. Content of the site is that, for `site.mdx` lets none of it be code.
_CONTENT = r"site/content/((docs|news|legal|quotes|incidents)/.*|authors\.yaml|words\.txt)"
_DOCUMENT = re.compile(rf"(docs|runbooks)/.*|.*\.md|LICENSE|{_CONTENT}")
_POLICY = re.compile(r"product\.yaml|Pulumi\.[a-z]+\.yaml|releases/(policy\.yaml|channels/.*|flags/.*)")
_BLIND = 2  # who mend what cannot be read, whatever a policy says
_SAYS = {
    Effect.none: "nobody is offered anything else",
    Effect.narrower: "it only takes back: nobody is offered what was not open to everyone",
    Effect.next_step: "one gated step takes effect, by its pass",
    Effect.wider: "somebody is offered what was not open to everyone",
}


@dataclass(frozen=True, slots=True)
class Needed:
    """How many approvals, each reason in words, and the paths whose owners must be among them."""

    count: int
    why: tuple[str, ...]
    owners: tuple[str, ...] = ()


def approvals(
    before: Catalog | None,
    after: Catalog,
    effect: Effect,
    policy: Policy,
    base: Policy | None = None,
    paths: Iterable[str] = (),
) -> Needed:
    """What a change of catalogs needs that has this effect; `paths` are the files it touches.

    A start, a resume, a lift, a reissue and a downgrade count as wider even while nobody meets them; and so does the
    decision of a halt, unless all of its channel stays stopped.
    """
    decided = tuple(_decided(before, after)) if before else ()
    asked = Effect.wider if decided else effect
    counts = [_count(each, asked) for each in (base, policy) if each]
    why = [_SAYS[effect], *decided]
    if base and len(set(counts)) > 1:
        why.append(f"the merged policy asks for {counts[0]}, this change's for {counts[1]}: the higher counts")
    owners = tuple(sorted(path for path in paths if _POLICY.fullmatch(path) or is_code(path)))
    return Needed(max(counts), tuple(why), owners)


def needed(facts: Facts, base: Facts, now: datetime, paths: Iterable[str] = ()) -> Needed | None:
    """The same for facts; None where they make no catalog, and check says why."""
    before, after = Standing(base).catalog, Standing(facts).catalog
    if before is None or after is None:
        return None
    policy = facts.policy.value
    return approvals(before, after, plan(before, after, now, policy).effect, policy, base.policy.value, paths)


def blind(facts: Facts, base: Facts | None, paths: Iterable[str] = ()) -> Needed | None:
    """The same where the base cannot be read or makes no catalog: as many mend it as may widen, and never one alone."""
    after = Standing(facts).catalog
    if after is None:
        return None
    asked = approvals(None, after, Effect.wider, facts.policy.value, base.policy.value if base else None, paths)
    why = "main's facts cannot be read, so nobody can tell what this does to users"
    return Needed(max(asked.count, _BLIND), (why,), asked.owners)


def is_fact(path: str) -> bool:
    """Whether a file is one that people edit to ship."""
    return bool(_FACT.fullmatch(path)) and not _DOCUMENT.fullmatch(path)


def is_code(path: str) -> bool:
    """Whether a file can change what facts mean."""
    return not is_fact(path) and not _DOCUMENT.fullmatch(path)


def mixed(paths: Iterable[str]) -> tuple[Problem, ...]:
    """Facts and code never change together: what the facts did could not be told from what the code did."""
    changed = sorted(paths)
    facts, code = [path for path in changed if is_fact(path)], [path for path in changed if is_code(path)]
    if not facts or not code:
        return ()
    more = f" and {len(code) - 1} more files" if len(code) > 1 else ""
    what = f"changes together with code: {code[0]}{more}"
    return (Problem(facts[0], 0, "", what, "make two pull requests, the code first"),)


def _count(policy: Policy, effect: Effect) -> int:
    asked = policy.approvals
    return {Effect.next_step: asked.next_step, Effect.wider: asked.wider}.get(effect, asked.narrower)


# --- decisions that two people take, whoever meets them -----------------------------------------------------------


def _decided(before: Catalog, after: Catalog) -> Iterator[str]:
    old, new = _offerings(before), _offerings(after)
    for name, offering in new.items():
        if name not in old and (offering.waiting or any(stage.permille for stage in offering.stages)):
            yield f"{name} starts"
        elif name in old and _is_held(old[name]) and not _is_held(offering):
            yield f"{name} is resumed"
    for halt in ended(before, after):
        if not halt.stays:
            yield f"the halt {halt.halt} ends, and not all that it may have held stays stopped"
    kept = set(_bars(after))
    for bar, words in _bars(before).items():
        if bar not in kept:
            yield f"{words} is lifted"
    yield from _made_good(before, after)


def _made_good(before: Catalog, after: Catalog) -> Iterator[str]:
    """What those get who have a withdrawn version."""
    told = {(each.channel, each.version): each for each in before.withdrawals}
    for each in after.withdrawals:
        was = told.get((each.channel, each.version))
        if each.reissue and not (was and was.reissue):
            yield f"{each.version} is reissued as {each.reissue} on {each.channel}"
        if each.downgrade and not (was and was.downgrade):
            yield f"{each.version} goes back to {each.downgrade} on {each.channel}"


def _offerings(catalog: Catalog) -> Mapping[str, Offering]:
    return {f"{each.channel}/{each.version}": each for each in catalog.offerings}


def _is_held(offering: Offering) -> bool:
    return bool(offering.stages) and offering.stages[-1].held


def _bars(catalog: Catalog) -> Mapping[Hashable, str]:
    """Everything in force that keeps people from versions, by what makes it itself: lines may move."""
    return {
        **{
            ("withdrawal", w.channel, w.version): f"the withdrawal of {w.version} from {w.channel}"
            for w in catalog.withdrawals
        },
        **{("stop", s.channel, s.versions, s.at): f"the stop of {s.channel}" for s in catalog.stops},
        **{("barrier", b.version): f"the barrier {b.version}" for b in catalog.barriers},
        **{("deadend", d.version): f"the dead end {d.version}" for d in catalog.deadends},
        **{("block", b.name): f"the block {b.name}" for b in catalog.blocks},
    }
