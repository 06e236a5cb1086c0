"""Hypothesis strategies for small worlds, their neighbours, and what clients ask of them.

The worlds are wilder than `check` would let pass (several partial rollouts, unsigned bundles, holds in odd places):
what decides must be right for all of them.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from hypothesis import strategies as st

from delivery.rules.decide import Request
from delivery.rules.facts import Barrier, Block, Experiment, Facts, Line, Stop, Withdrawal
from tests.unit.rules.worlds import (
    barrier,
    block,
    critical,
    deadend,
    hold,
    holdback,
    passed,
    resume,
    step,
    stop,
    withdrawal,
    world,
)

T = TypeVar("T")
VERSIONS = ("1.2.0", "1.3.0", "1.4.0-beta.1", "1.4.0", "1.4.0+1")
INSTALLED = ("0.0.0-0", "1.1.9", *VERSIONS, "1.4.0-beta.0", "1.3.7", "2.0.0")
CHANNELS = ("stable", "beta")
TARGETS = {"linux-x86_64": ("appimage", "deb"), "windows-x86_64": ("nsis",)}
HOURS = st.sampled_from((-3.0, -2.0, -1.0, 1.0, 2.0, 3.0))
TIMES = st.sampled_from((-2.5, -0.5, 0.0, 1.0, 1.5, 2.0, 4.0))
PERCENTS = st.sampled_from((0, 1, 10, 50, 100))
SYSTEMS = st.none() | st.sampled_from(("9", "10.0", "11.1", "garbage"))
A_VERSION = st.sampled_from(VERSIONS)
A_CHANNEL = st.sampled_from(CHANNELS)
NAMES = tuple(f"{channel}/{version}" for channel in CHANNELS for version in VERSIONS)
RANGES = st.sampled_from((">=0.0.0", "<1.3.0", ">=1.3.0", "=1.4.0", ">=1.2.0 <1.4.0-0", "<=1.4.0-beta.1"))
SOME_TARGETS = st.sampled_from(((), (), ("linux-x86_64",), ("windows-x86_64",)))


def lines() -> st.SearchStrategy[list[Line]]:
    """The lines of a rollout in order of time, rising, now and then ramped, held, resumed or critical."""
    one = st.one_of(
        st.builds(step, PERCENTS, HOURS, st.sampled_from((None, None, "default"))),
        st.builds(step, st.just(1), HOURS, st.none(), st.just("2h")),  # a short ramp: each of its cohorts is a moment
        st.builds(passed, PERCENTS, HOURS),
        st.builds(hold, PERCENTS, HOURS),
        st.builds(resume, PERCENTS, HOURS),
        st.builds(critical, A_VERSION, HOURS),
    )
    return st.lists(one, min_size=1, max_size=4).map(_in_order)


def withdrawals() -> st.SearchStrategy[Withdrawal]:
    """Withdrawals that only take away."""
    return st.builds(withdrawal, A_VERSION, A_CHANNEL)


def generous_withdrawals() -> st.SearchStrategy[Withdrawal]:
    """Withdrawals that give something instead, or to those who have the version."""
    installed = st.none() | st.builds("{} {}".format, st.sampled_from(("reissue-as", "downgrade-to")), A_VERSION)
    return st.builds(withdrawal, A_VERSION, A_CHANNEL, instead=st.none() | A_VERSION, installed=installed)


def stops() -> st.SearchStrategy[Stop]:
    """A stop of a channel, or of one version on it."""
    return st.one_of(st.builds(stop, st.just("beta")), st.builds(stop, st.just("stable"), A_VERSION))


def barriers() -> st.SearchStrategy[Barrier]:
    """A barrier for all below it or below another version, here or there."""
    return st.builds(lambda version, below, some: barrier(version, below, *some), A_VERSION, A_VERSION, SOME_TARGETS)


def blocks() -> st.SearchStrategy[Block]:
    """A block or a warning between two ranges."""
    effects = st.sampled_from(("block", "block", "warn"))
    return st.builds(
        lambda source, to, some, effect: block(source, to, *some, effect=effect), RANGES, RANGES, SOME_TARGETS, effects
    )


def holdbacks() -> st.SearchStrategy[Experiment]:
    """Half of a channel kept back from a rollout, for a while."""
    times = st.sampled_from(((-1.0, 1.5), (-1.0, 100.0), (1.0, 2.0)))
    return st.builds(holdback, st.sampled_from(NAMES), st.just(50), times, RANGES)


def few(one: st.SearchStrategy[T]) -> st.SearchStrategy[list[T]]:
    """Seldom any: rare facts must not hide the others."""
    return st.one_of(st.just([]), st.just([]), st.lists(one, min_size=1, max_size=2))


def parts() -> st.SearchStrategy[dict[str, Any]]:
    """What `world` takes, of every kind: to build it, and its neighbours with one thing more."""
    return st.fixed_dictionaries(
        {
            "rollouts": st.dictionaries(st.sampled_from(NAMES), lines(), min_size=1, max_size=4),
            "withdrawals": few(st.one_of(withdrawals(), generous_withdrawals())),
            "stops": few(stops()),
            "unsigned": st.lists(A_VERSION, max_size=1),
            "targets": st.just(TARGETS),
            "supersedes": st.dictionaries(st.sampled_from(NAMES), A_VERSION, max_size=1),
            "only": st.dictionaries(st.sampled_from(NAMES), st.sampled_from((("linux-x86_64",), ("windows-x86_64",))),
                                    max_size=1),
            "minimum_os": st.dictionaries(A_VERSION, st.sampled_from(("10.0", "11")), max_size=1),
            "barriers": few(barriers()),
            "deadends": few(st.builds(deadend, A_VERSION)),
            "blocks": few(blocks()),
            "experiments": few(holdbacks()),
        }
    )  # fmt: skip


def worlds() -> st.SearchStrategy[Facts]:
    """A few rollouts on two channels, with a few facts of every other kind."""
    return parts().map(lambda made: world(**made))


def requests() -> st.SearchStrategy[Request]:
    """What a client may ask, well formed."""
    cells = st.sampled_from([(target, bundle) for target, bundles in TARGETS.items() for bundle in bundles])
    return st.builds(
        lambda channel, cell, *rest: Request(channel, *cell, *rest),
        st.sampled_from((*CHANNELS, *CHANNELS, "stable-next")),
        cells,
        st.sampled_from(INSTALLED),
        st.none() | st.integers(0, 999),
        st.booleans(),
        st.none() | A_VERSION,
        SYSTEMS,
        st.sampled_from((frozenset(), frozenset({"downgrade"}))),
    )


def _in_order(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.at)
