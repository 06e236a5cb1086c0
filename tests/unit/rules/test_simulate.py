"""A fleet through small worlds: what must hold whatever the facts and the chances are."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.rules.compile import Table
from delivery.rules.crowd import HOUR, NONE, WITHOUT, Checks, Crowd, Rhythm
from delivery.rules.decide import Offer, Request, decide
from delivery.rules.facts import Facts, Line
from delivery.rules.fleet import Fleet, typical
from delivery.rules.simulate import Simulation, _Oracle, origin_checks, simulate
from tests.examples import examples
from tests.unit.rules.worlds import NOON, hold, holdback, step, stop, table, withdrawal, world
from tests.unit.rules.worlds_at_random import INSTALLED, TIMES, worlds

START = NOON - timedelta(hours=12)
OLD = {"stable/1.3.0": [step(100, -100)]}


def fleet(**given: object) -> Fleet:
    """A small one on 1.3.0, none of whose machines is ever off."""
    said: dict[str, object] = {
        "installs": 3000,
        "channels": {"stable": 1.0},
        "targets": {("linux-x86_64", "appimage"): 0.8, ("linux-x86_64", "deb"): 0.2},
        "versions": {"stable": {"1.3.0": 1.0}},
        "activity": (1.0,) * 24,
        "weekend": 1.0,
        "seldom": 0.0,
        "manual": 0.0,
        "failure": 0.0,
        "churn": 0.0,
        "no_cohort": 0.0,
        "warmup": 0,
    }
    return Fleet(**{**said, **given})  # type: ignore[arg-type]


def ran(rollouts: Mapping[str, Sequence[Line]], days: int = 2, seed: int = 1, **given: object) -> Simulation:
    """A simulation of these rollouts, beside 1.3.0 for all."""
    return simulate(table(world({**OLD, **rollouts})), fleet(**given), START, days, seed)


def has(simulation: Simulation, version: str) -> list[int]:
    """How many have this version, hour by hour."""
    return simulation.adoption[:, simulation.versions.index(version)].tolist()


def given_to(simulation: Simulation, rollout: str) -> list[int]:
    """To how many a rollout was given, hour by hour."""
    return simulation.exposed[:, simulation.rollouts.index(rollout)].tolist()


# --- what always holds --------------------------------------------------------------------------------------------


@examples(10)
@given(facts=worlds(), seed=st.integers(0, 99))
def test_nobody_gets_lost(facts: Facts, seed: int) -> None:
    made = table(facts)
    mixed = fleet(
        channels=dict.fromkeys(sorted(made.channels), 1.0),
        versions={},
        churn=0.2,
        failure=0.3,
        manual=0.1,
        installs=500,
    )
    simulation = simulate(made, mixed, START, 1, seed)
    assert simulation.adoption.sum(axis=1).tolist() == [500] * 24
    assert (np.diff(simulation.exposed, axis=0) >= 0).all()
    assert (simulation.origin <= simulation.checks).all()


@examples(20)
@given(facts=worlds(), hours=TIMES, failed=st.none() | st.sampled_from(["1.3.0", "1.4.0"]), manual=st.booleans())
def test_each_installation_is_told_what_decide_tells_it(
    facts: Facts, hours: float, failed: str | None, manual: bool
) -> None:
    made, moment = table(facts), NOON + timedelta(hours=hours)
    versions = tuple(sorted({*INSTALLED, *made.catalog.releases}))
    crowd = mixed_crowd(versions, moment)
    crowd.failed[:] = versions.index(failed) if failed else NONE
    everyone = np.arange(300)
    oracle = _Oracle.about(made, crowd, moment.timestamp())
    checks = Checks(everyone, np.full(300, moment.timestamp()), np.full(300, manual), np.zeros(300))
    answers, _ = oracle.answers(oracle.urls(checks))
    told = [None if answer == NONE else versions[answer] for answer in answers.tolist()]
    assert told == [offered(made, one(crowd, place, manual, failed), moment) for place in everyone.tolist()]


def mixed_crowd(versions: tuple[str, ...], moment: datetime) -> Crowd:
    """300 installations on two channels, on all versions alike."""
    cells = (("stable", "linux-x86_64", "appimage"), ("beta", "linux-x86_64", "deb"))
    every = {channel: dict.fromkeys(versions, 1.0) for channel in ("stable", "beta")}
    both = fleet(channels={"stable": 1.0, "beta": 1.0}, versions=every, no_cohort=0.1, installs=300)
    return Crowd.drawn(both, cells, versions, (moment.timestamp(), moment.timestamp() + HOUR), 1)


def one(crowd: Crowd, place: int, manual: bool, failed: str | None) -> Request:
    """What a single installation asks."""
    cohort, system = int(crowd.cohort[place]), crowd.states[crowd.system[place]]
    version = crowd.versions[crowd.version[place]]
    known = None if cohort == WITHOUT else cohort
    return Request(*crowd.cells[crowd.cell[place]], version, known, manual, failed, system or None)


def offered(made: Table, request: Request, moment: datetime) -> str | None:
    """What the decider says to it."""
    decision = decide(made, request, moment)
    return decision.version if isinstance(decision, Offer) else None


@examples(15)
@given(
    percents=st.tuples(st.sampled_from((1, 10, 25)), st.sampled_from((50, 100))),
    hours=st.sampled_from((1.0, 7.5, 20.25)),
    failure=st.sampled_from((0.0, 0.3)),
    churn=st.sampled_from((0.0, 0.2)),
)
def test_raising_only_adds_exposure(percents: tuple[int, int], hours: float, failure: float, churn: float) -> None:
    first, second = percents
    common = {"failures": {"1.4.0": failure}, "churn": churn, "manual": 0.05, "installs": 1000}
    before = ran({"stable/1.4.0": [step(first)]}, **common)
    after = ran({"stable/1.4.0": [step(first), step(second, hours)]}, **common)
    reached = list(zip(given_to(before, "stable/1.4.0"), given_to(after, "stable/1.4.0"), strict=True))
    assert all(less <= more for less, more in reached)
    assert reached[-1][0] < reached[-1][1]


def test_the_same_seed_gives_the_same_result_and_another_gives_another() -> None:
    rollouts = {"stable/1.4.0": [step(25)]}
    one, same, other = (ran(rollouts, seed=seed, failure=0.1, churn=0.1) for seed in (1, 1, 2))
    for name in ("adoption", "exposed", "seen", "failures", "checks", "origin", "traffic"):
        assert (getattr(one, name) == getattr(same, name)).all()
    assert (one.adoption != other.adoption).any()


def test_other_facts_change_no_chances() -> None:
    """So that two commits can be compared: the same machines check at the same times, whatever they are told."""
    few, many = ran({"stable/1.4.0": [step(1)]}), ran({"stable/1.4.0": [step(1), step(100, 0.5)]})
    assert few.checks.tolist() == many.checks.tolist()


# --- rollouts -----------------------------------------------------------------------------------------------------


def test_a_rollout_reaches_its_percent_and_no_more() -> None:
    simulation = ran({"stable/1.4.0": [step(10, -100)]}, installs=20_000)
    assert given_to(simulation, "stable/1.4.0")[-1] == pytest.approx(2000, rel=0.05)
    assert has(simulation, "1.4.0") == given_to(simulation, "stable/1.4.0")


def test_a_step_within_an_hour_acts_from_then_on() -> None:
    made = ran({"stable/1.4.0": [step(100, 0.5)]}, interval=1.0, jitter=0.0)
    reached = given_to(made, "stable/1.4.0")
    assert reached[11] == 0
    assert 0 < reached[12] < 3000
    assert reached[15] == 3000


def test_a_ramp_reaches_them_one_after_another() -> None:
    ramp = replace(step(100, -12), over="24h")
    reached = given_to(ran({"stable/1.4.0": [ramp]}, interval=1.0), "stable/1.4.0")
    assert reached[5] == pytest.approx(0.25 * 3000, rel=0.15)
    assert reached[11] == pytest.approx(0.5 * 3000, rel=0.1)
    assert reached[26] == 3000


def test_a_stopped_channel_adopts_nothing() -> None:
    made = table(world({**OLD, "stable/1.4.0": [step(100, -100)]}, stops=[stop("stable")]))
    simulation = simulate(made, fleet(churn=0.3, manual=0.5), START, 2)
    assert has(simulation, "1.3.0") == [3000] * 48
    assert not simulation.traffic.any()


def test_a_withdrawn_version_is_given_to_nobody() -> None:
    made = table(world({**OLD, "stable/1.4.0": [step(100, -100)]}, withdrawals=[withdrawal("1.4.0")]))
    simulation = simulate(made, fleet(churn=0.3), START, 2)
    assert given_to(simulation, "stable/1.4.0") == [0] * 48


def test_a_hold_ends_exposure() -> None:
    simulation = ran({"stable/1.4.0": [step(50, -10), hold(0, 0)]}, interval=1.0)
    reached = given_to(simulation, "stable/1.4.0")
    assert reached[:12] == [0] * 12  # a hold in the facts acts at once, whatever the clock says
    assert reached[-1] == 0


def test_a_holdback_keeps_its_share_back_until_it_ends() -> None:
    trial = holdback("stable/1.4.0", 20, (-100, 24))
    made = table(world({**OLD, "stable/1.4.0": [step(100, -90)]}, experiments=[trial]))
    reached = given_to(simulate(made, fleet(installs=20_000, warmup=1), START, 3), "stable/1.4.0")
    assert reached[35] == pytest.approx(16_000, rel=0.02)
    assert reached[-1] == 20_000


def test_those_without_a_cohort_are_last() -> None:
    partial = ran({"stable/1.4.0": [step(50, -100)]}, no_cohort=1.0)
    assert given_to(partial, "stable/1.4.0")[-1] == 0
    full = ran({"stable/1.4.0": [step(50, -100), step(100, 0)]}, no_cohort=1.0)
    assert given_to(full, "stable/1.4.0")[-1] == 3000


def test_checks_by_hand_pass_the_percentage() -> None:
    simulation = ran({"stable/1.4.0": [step(1, -100)]}, manual=1.0)
    assert given_to(simulation, "stable/1.4.0")[-1] == 3000


# --- failures, churn, systems -------------------------------------------------------------------------------------


def test_a_failed_update_is_not_offered_again() -> None:
    simulation = ran({"stable/1.4.0": [step(100, -100)]}, failures={"1.4.0": 1.0})
    assert simulation.failures.sum() == 3000
    assert has(simulation, "1.4.0")[-1] == 0
    assert given_to(simulation, "stable/1.4.0")[-1] == 3000


def test_failures_come_at_their_rate() -> None:
    simulation = ran({"stable/1.4.0": [step(100, -100)]}, failures={"1.4.0": 0.1}, installs=20_000)
    assert simulation.failures.sum() == pytest.approx(2000, rel=0.1)


def test_those_who_come_have_what_the_download_centre_gives() -> None:
    rare = {"interval": 10_000.0, "churn": 0.5}
    partial = ran({"stable/1.4.0": [step(50, -100)]}, **rare)
    assert has(partial, "1.3.0")[-1] > 2950
    full = ran({"stable/1.4.0": [step(100, -100)]}, **rare)
    assert has(full, "1.4.0")[-1] == pytest.approx(0.75 * 3000, rel=0.1)
    assert full.seen[-1, 0] > 3000 + 1500


def test_a_version_that_needs_a_newer_system_reaches_those_who_state_one() -> None:
    facts = world({**OLD, "stable/1.4.0": [step(100, -100)]})
    version = facts.versions["1.4.0"]
    newer = replace(version, value=replace(version.value, minimum_os={"linux": "24.04"}))
    made = table(replace(facts, versions={**facts.versions, "1.4.0": newer}))
    simulation = simulate(made, fleet(systems={"linux": {"22.04": 1.0, "24.04": 1.0, "": 2.0}}), START, 2)
    assert has(simulation, "1.4.0")[-1] == pytest.approx(750, rel=0.15)


# --- load ---------------------------------------------------------------------------------------------------------


def test_every_installation_checks_once_an_interval() -> None:
    simulation = ran({}, days=4, interval=12.0)
    assert simulation.checks.sum() * HOUR == pytest.approx(3000 * 8, rel=0.05)


def test_machines_check_in_working_hours_and_rest_at_weekends() -> None:
    made = table(world(OLD))
    days = simulate(made, typical(made, START, 5000, zones={0: 1.0}), NOON - timedelta(days=3, hours=12), 7)
    by_day = days.checks.reshape(7, 24)  # from a Sunday
    assert by_day[1:6, 9:17].mean() > 3 * by_day[1:6, 0:6].mean()
    assert by_day[6].mean() < 0.7 * by_day[1:6].mean()


def test_time_zones_are_hours_apart() -> None:
    busy = tuple(1.0 if hour == 9 else 0.0 for hour in range(24))
    made = table(world(OLD))
    for zone, hour in ((0, 9), (8, 1), (-5, 14)):
        simulation = simulate(made, fleet(zones={zone: 1.0}, activity=busy), START, 1)
        assert np.flatnonzero(simulation.checks).tolist() == [hour]


def test_a_download_weighs_what_its_artifact_does() -> None:
    simulation = ran({"stable/1.4.0": [step(100, -100)]})
    assert simulation.traffic.sum() * HOUR == pytest.approx(3000 * 1000)


def test_the_origin_sees_one_request_a_ttl_of_a_busy_url() -> None:
    busy = fleet(caches=1, ttl=30.0)
    assert origin_checks(np.array([1_000_000]), 3600, busy) == pytest.approx(120, rel=0.01)
    assert origin_checks(np.array([1] * 50), 3600, busy) == pytest.approx(50, rel=0.01)
    assert origin_checks(np.array([1_000_000]), 3600, replace(busy, caches=10)) == pytest.approx(1200, rel=0.01)
    assert origin_checks(np.array([70]), 3600, replace(busy, ttl=0.0)) == 70


def test_the_decider_is_asked_once_for_a_kind() -> None:
    few, many = (ran({"stable/1.4.0": [step(10, -100)]}, installs=number) for number in (3000, 30_000))
    assert few.asked == many.asked < 20


# --- the fleet ----------------------------------------------------------------------------------------------------


def test_a_fleet_of_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match=r"churn is 1.5; it must be a share from 0 to 1"):
        fleet(churn=1.5)
    with pytest.raises(ValueError, match=r"the failure rate of 1.4.0 is -1; it must be a share from 0 to 1"):
        fleet(failures={"1.4.0": -1})
    with pytest.raises(ValueError, match="installs is 0; it must be 1 or more"):
        fleet(installs=0)
    with pytest.raises(ValueError, match="there is no channel nightly; there are beta, stable"):
        simulate(table(world(OLD)), fleet(channels={"nightly": 1.0}), START)
    with pytest.raises(ValueError, match="there is no target linux-x86_64 with updates as snap"):
        simulate(table(world(OLD)), fleet(targets={("linux-x86_64", "snap"): 1.0}), START)


def test_a_typical_fleet_is_mostly_on_what_was_open_to_everyone() -> None:
    made = table(world({"stable/1.2.0": [step(100, -500)], "stable/1.3.0": [step(100, -400)],
                        "stable/1.4.0": [step(10, -300)]}))  # fmt: skip
    assert typical(made, START, 10).versions == {"beta": {"0.0.0": 1}, "stable": {"1.3.0": 1.0, "1.2.0": 0.3}}


def test_a_machine_that_is_off_waits_until_it_is_on() -> None:
    busy = tuple(0.9999 if hour >= 12 else 0.0 for hour in range(24))
    rhythm = Rhythm.of(fleet(activity=busy, zones={0: 1.0}), START.timestamp(), START.timestamp() + 48 * HOUR)
    due = np.array([START.timestamp(), START.timestamp() + 13 * HOUR, START.timestamp() + 47.9 * HOUR])
    found = rhythm.on(due, np.zeros(3, np.int64), np.array([0.1, 0.1, 100.0]))
    assert 12 <= (found[0] - START.timestamp()) / HOUR < 12.1
    assert 13 <= (found[1] - START.timestamp()) / HOUR < 13.1
    assert found[2] == np.inf


def test_the_days_of_a_simulation_say_the_same_as_its_hours() -> None:
    simulation = ran({"stable/1.4.0": [step(100, 0)]}, days=2, failure=0.1)
    first, second = simulation.days()
    assert (first.at, second.at) == (START, START + timedelta(days=1))
    assert first.adoption["1.4.0"] == has(simulation, "1.4.0")[23]
    assert second.exposed["stable/1.4.0"] == given_to(simulation, "stable/1.4.0")[47]
    assert first.failures + second.failures == simulation.failures.sum()
    assert first.most_checks == simulation.checks[:24].max()
