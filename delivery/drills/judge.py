"""What to think of what the fleet saw: pure, from checks and expectations to sentences."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from delivery.drills.kinds import Kind
from delivery.present.drill import Ask, Rung

MOST = 5  # sentences about one thing


@dataclass(frozen=True, slots=True)
class Staged:
    """A stage as it went, in seconds since the drill began: it was broken from `began` on, all of it at `done`."""

    what: str
    answers: frozenset[Rung]
    reaches: Rung
    never: frozenset[tuple[str, str]]
    began: float
    done: float
    ended: float


def latest(asks: Sequence[Ask]) -> Mapping[str, Ask]:
    """The last check of each kind."""
    return {ask.kind: ask for ask in asks}


def settled(asks: Sequence[Ask], kinds: Sequence[Kind], rung: Rung) -> bool:
    """Whether this rung is who answers everybody now; the edge may still have an answer for those near it."""
    last = latest(asks)
    return all(kind.name in last and (kind.near or last[kind.name].rung is rung) for kind in kinds)


def recovered_at(asks: Sequence[Ask], kinds: Sequence[Kind], usual: Mapping[str, str | None]) -> float | None:
    """When the last check ended that was not answered as before; None until each kind was twice in a row.

    0.0 where there was no such check.
    """
    unusual = 0.0
    for kind in kinds:
        its = [ask for ask in asks if ask.kind == kind.name]
        odd = [ask for ask in its if ask.rung is not Rung.endpoint or ask.offered != usual.get(kind.name)]
        unusual = max([unusual, *(ask.ended for ask in odd)])
        if len(its) < 2 or any(ask in odd for ask in its[-2:]):
            return None
    return unusual


def judge(
    kinds: Sequence[Kind],
    asks: Sequence[Ask],
    stages: Sequence[Staged],
    recovered: float | None,
    unsigned: Iterable[str] = (),
) -> tuple[str, ...]:
    """Everything that was not as expected, each in a sentence; empty when all was."""
    near = {kind.name for kind in kinds if kind.near}
    found = [*_wrong_offers(asks), *unsigned]
    before: frozenset[Rung] = frozenset({Rung.endpoint})
    found += _strays(asks, "before anything was broken", 0.0, 0.0, stages[0].began, before, before, near)
    for stage in stages:
        found += _strays(asks, f"while {stage.what}", stage.began, stage.done, stage.ended, stage.answers, before, near)
        found += _unreached(asks, stage, kinds)
        before = stage.answers
    found += _never(asks, stages, {kind.name: kind.request.channel for kind in kinds})
    if recovered is None:
        found.append("after the mend, not everybody was answered as before")
    return tuple(found)


def _wrong_offers(asks: Sequence[Ask]) -> list[str]:
    said = dict.fromkeys(f"{ask.kind} was offered {ask.offered}: {ask.wrong}" for ask in asks if ask.wrong)
    return list(said)[:MOST]


def _strays(
    asks: Sequence[Ask],
    when: str,
    began: float,
    done: float,
    ended: float,
    answers: frozenset[Rung],
    before: frozenset[Rung],
    near: set[str],
) -> list[str]:
    """Who was answered by whom, but should not have been; as before, too, if a check began before all was broken."""
    counted: dict[tuple[str, Rung], int] = {}
    for ask in asks:
        allowed = answers | (before if ask.began < done else frozenset())
        allowed |= {Rung.endpoint} if ask.kind in near else frozenset()
        if began <= ask.ended < ended and ask.rung not in allowed:
            counted[ask.kind, ask.rung] = counted.get((ask.kind, ask.rung), 0) + 1
    expected = " or ".join(sorted(answers))
    return [
        f"{when}, {kind} was answered by {rung} {count} times; only {expected} may"
        for (kind, rung), count in [*counted.items()][:MOST]
    ]


def _unreached(asks: Sequence[Ask], stage: Staged, kinds: Sequence[Kind]) -> list[str]:
    """Without this, a drill that breaks nothing would pass."""
    last = latest([ask for ask in asks if ask.began >= stage.done and ask.ended <= stage.ended])
    others = [kind.name for kind in kinds if not settled([*last.values()], [kind], stage.reaches)]
    return [f"while {stage.what}, {', '.join(others)} never came to {stage.reaches}"] if others else []


def _never(asks: Sequence[Ask], stages: Sequence[Staged], channels: Mapping[str, str]) -> list[str]:
    said: dict[str, None] = {}
    for stage in stages:
        for ask in asks:
            is_within = stage.done <= ask.began and ask.ended <= stage.ended
            if is_within and (channels[ask.kind], ask.offered) in stage.never:
                said[f"{ask.kind} was offered {ask.offered}, although {stage.what}"] = None
    return list(said)[:MOST]
