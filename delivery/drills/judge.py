"""What to think of what the fleet saw: pure, from checks and expectations to sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from delivery.drills.kinds import Kind
from delivery.present.drill import Ask, Rung

MOST = 5  # sentences about one thing
ENDPOINT = frozenset({Rung.endpoint})

Halts = frozenset[tuple[str, str | None]]  # versions by their channel; None is every one
Offers = Mapping[str, str | None]  # a version by the name of the kind; None is nothing


@dataclass(frozen=True, slots=True)
class Staged:
    """A stage as it went, in seconds since the drill began: it was broken from `began` on, all of it at `done`.

    `offered` is what the endpoint must say meanwhile.
    """

    what: str
    answers: frozenset[Rung]
    reaches: Rung
    never: Halts
    offered: Offers
    began: float
    done: float
    ended: float
    within: float | None = None
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Right:
    """Who may answer, and what the endpoint must say."""

    answers: frozenset[Rung]
    offered: Offers


def latest(asks: Sequence[Ask]) -> Mapping[str, Ask]:
    """The last check of each kind."""
    return {ask.kind: ask for ask in asks}


def settled(asks: Sequence[Ask], kinds: Sequence[Kind], rung: Rung) -> bool:
    """Whether this rung is who answers everybody now; the edge may still have an answer for those near it."""
    last = latest(asks)
    return all(kind.name in last and (kind.near or last[kind.name].rung is rung) for kind in kinds)


def recovered_at(asks: Sequence[Ask], kinds: Sequence[Kind]) -> float | None:
    """When the last check ended that was not answered as always; None until each kind was twice in a row.

    0.0 where there was no such check.
    """
    unusual = 0.0
    for kind in kinds:
        its = [ask for ask in asks if ask.kind == kind.name]
        odd = [ask for ask in its if ask.rung is not Rung.endpoint or ask.offered != kind.offered]
        unusual = max([unusual, *(ask.ended for ask in odd)])
        if len(its) < 2 or any(ask in odd for ask in its[-2:]):
            return None
    return unusual


def judge(
    kinds: Sequence[Kind],
    asks: Sequence[Ask],
    stages: Sequence[Staged],
    recovered: float | None,
    most: float,
    unsigned: Iterable[str] = (),
) -> tuple[str, ...]:
    """Everything that was not as expected, each in a sentence; empty when all was.

    `recovered` and `most` are the seconds after the mend began, and how many they may be.
    """
    by_name = {kind.name: kind for kind in kinds}
    found = [*_wrong_offers(asks), *unsigned]
    before = _Right(ENDPOINT, {kind.name: kind.offered for kind in kinds})
    first = stages[0].began
    found += _strays(
        asks, Staged("", ENDPOINT, Rung.endpoint, frozenset(), before.offered, 0, 0, first), before, by_name
    )
    for stage in stages:
        found += _strays(asks, stage, before, by_name)
        found += _unreached(asks, stage, kinds)
        found += [*_slow(asks, stage), *(f"while {stage.what}, {lack}" for lack in stage.lacks)]
        before = _Right(stage.answers, stage.offered)
    found += _never(asks, stages, {kind.name: kind.request.channel for kind in kinds})
    return (*found, *_late(recovered, most))


def _wrong_offers(asks: Sequence[Ask]) -> list[str]:
    said = dict.fromkeys(f"{ask.kind} was offered {ask.offered}: {ask.wrong}" for ask in asks if ask.wrong)
    return list(said)[:MOST]


def _strays(asks: Sequence[Ask], stage: Staged, before: _Right, kinds: Mapping[str, Kind]) -> Iterator[str]:
    """Who was answered by whom, or with what, but should not have been.

    A check that began before all was broken may be answered as before, and the edge may have such an answer for those
    near it.
    """
    now = _Right(stage.answers, stage.offered)
    who: dict[tuple[str, Rung], int] = {}
    what: dict[tuple[str, Rung, str | None], int] = {}
    for ask in asks:
        kind = kinds[ask.kind]
        rights = [now, *([before] if kind.near or ask.began < stage.done else [])]
        answers = frozenset().union(*(right.answers for right in rights), ENDPOINT if kind.near else ())
        if not stage.began <= ask.ended < stage.ended:
            continue
        if ask.rung not in answers:
            who[ask.kind, ask.rung] = who.get((ask.kind, ask.rung), 0) + 1
        elif not ask.wrong and all(ask.offered != _meant(ask.rung, kind, right) for right in rights):
            what[ask.kind, ask.rung, ask.offered] = what.get((ask.kind, ask.rung, ask.offered), 0) + 1
    when = f"while {stage.what}" if stage.what else "before anything was broken"
    expected = " or ".join(sorted(stage.answers))
    for (name, rung), count in [*who.items()][:MOST]:
        yield f"{when}, {name} was answered by {rung} {count} times; only {expected} may"
    for (name, rung, offered), count in [*what.items()][:MOST]:
        meant = _meant(rung, kinds[name], now) or "nothing"
        yield f"{when}, {name} was offered {offered or 'nothing'} by {rung} {count} times instead of {meant}"


def _meant(rung: Rung, kind: Kind, right: _Right) -> str | None:
    """What this one must offer; nobody offers nothing."""
    return {Rung.endpoint: right.offered[kind.name], Rung.static: kind.static, Rung.nobody: None}[rung]


def _unreached(asks: Sequence[Ask], stage: Staged, kinds: Sequence[Kind]) -> list[str]:
    """Without this, a drill that breaks nothing would pass."""
    last = latest([ask for ask in asks if ask.began >= stage.done and ask.ended <= stage.ended])
    others = [kind.name for kind in kinds if not settled([*last.values()], [kind], stage.reaches)]
    return [f"while {stage.what}, {', '.join(others)} never came to {stage.reaches}"] if others else []


def _slow(asks: Sequence[Ask], stage: Staged) -> Iterator[str]:
    """Nine of ten answers count: a machine that does other things too may take long for the tenth."""
    its = (ask for ask in asks if ask.rung is Rung.endpoint and stage.done <= ask.began and ask.ended <= stage.ended)
    took = sorted(ask.ended - ask.began for ask in its)
    if stage.within is not None and took and (ninth := took[len(took) * 9 // 10]) > stage.within:
        yield f"while {stage.what}, one of ten answers took {ninth:.1f} s or more; {stage.within:.1f} s are promised"


def _never(asks: Sequence[Ask], stages: Sequence[Staged], channels: Mapping[str, str]) -> list[str]:
    said: dict[str, None] = {}
    for stage in stages:
        for ask in asks:
            is_within = stage.done <= ask.began and ask.ended <= stage.ended
            halts = {(channels[ask.kind], ask.offered), (channels[ask.kind], None)}
            if is_within and ask.offered and halts & stage.never:
                said[f"{ask.kind} was offered {ask.offered}, although {stage.what}"] = None
    return list(said)[:MOST]


def _late(recovered: float | None, most: float) -> Iterator[str]:
    if recovered is None:
        yield "after the mend, not everybody was answered as before"
    elif recovered > most:
        yield f"everybody was answered as before only {recovered:.1f} s after the mend began; {most:.0f} s are promised"
