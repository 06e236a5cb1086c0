"""Hypothesis strategies for small worlds, their neighbours, and what clients ask of them.

The worlds are wilder than `check` would let pass (several partial rollouts, unsigned bundles, holds in odd places):
what decides must be right for all of them.
"""

from collections.abc import Sequence

from hypothesis import strategies as st

from delivery.rules.decide import Request
from delivery.rules.facts import Facts, Line
from tests.unit.rules.worlds import hold, passed, resume, step, stop, withdrawal, world

VERSIONS = ("1.2.0", "1.3.0", "1.4.0-beta.1", "1.4.0", "1.4.0+1")
INSTALLED = ("0.0.0-0", "1.1.9", *VERSIONS, "1.4.0-beta.0", "1.3.7", "2.0.0")
CHANNELS = ("stable", "beta")
HOURS = st.sampled_from((-3.0, -2.0, -1.0, 1.0, 2.0, 3.0))
TIMES = st.sampled_from((-2.5, -0.5, 0.0, 1.0, 1.5, 2.0, 4.0))
PERCENTS = st.sampled_from((0, 1, 10, 50, 100))


def lines() -> st.SearchStrategy[list[Line]]:
    """The lines of a rollout in order of time, rising, now and then held or resumed."""
    one = st.one_of(
        st.builds(step, PERCENTS, HOURS, st.sampled_from((None, None, "default"))),
        st.builds(passed, PERCENTS, HOURS),
        st.builds(hold, PERCENTS, HOURS),
        st.builds(resume, PERCENTS, HOURS),
    )
    return st.lists(one, min_size=1, max_size=4).map(_in_order)


def worlds() -> st.SearchStrategy[Facts]:
    """A few rollouts on two channels, with withdrawals, stops and an unsigned version here and there."""
    names = st.sampled_from([f"{channel}/{version}" for channel in CHANNELS for version in VERSIONS])
    versions = st.sampled_from(VERSIONS)
    return st.builds(
        world,
        st.dictionaries(names, lines(), min_size=1, max_size=4),
        withdrawals=st.lists(st.builds(withdrawal, versions, st.sampled_from(CHANNELS)), max_size=1),
        stops=st.lists(
            st.one_of(st.builds(stop, st.just("beta")), st.builds(stop, st.just("stable"), versions)), max_size=1
        ),
        unsigned=st.lists(versions, max_size=1),
    )


def requests() -> st.SearchStrategy[Request]:
    """What a client may ask, well formed."""
    return st.builds(
        Request,
        st.sampled_from(CHANNELS),
        st.just("linux-x86_64"),
        st.sampled_from(("appimage", "deb")),
        st.sampled_from(INSTALLED),
        st.none() | st.integers(0, 999),
        st.booleans(),
        st.none() | st.sampled_from(VERSIONS),
    )


def _in_order(lines: Sequence[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: line.at)
