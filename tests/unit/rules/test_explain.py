"""Why a client gets what it gets."""

import pytest
from hypothesis import given

from delivery.rules.decide import Reason, Request, Rule, decide, verdicts
from delivery.rules.explain import explanation
from delivery.rules.facts import Facts
from tests.unit.rules.worlds import NOON, at, hold, step, stop, table, withdrawal, world
from tests.unit.rules.worlds_at_random import TIMES, requests, worlds

FACTS = world(
    {
        "stable/1.2.0": [step(100)],
        "stable/1.3.0": [step(100)],
        "stable/1.4.0": [step(10)],
        "stable/1.5.0": [step(50), hold(25)],
        "stable/1.6.0": [step(1, 5)],
        "stable/1.7.0": [step(100)],
    },
    withdrawals=[withdrawal("1.7.0")],
)


def ask(version: str = "1.1.0", cohort: int | None = None, **more: object) -> Request:
    return Request("stable", "linux-x86_64", "deb", version, cohort, **more)  # type: ignore[arg-type]


def test_every_candidate_above_the_client_is_explained_highest_first() -> None:
    found = explanation(table(FACTS), ask("1.2.0", cohort=437), NOON).findings
    assert [(finding.version, finding.said, finding.why) for finding in found] == [
        ("1.7.0", Reason.withdrawn, "1.7.0 is withdrawn: loses files"),
        ("1.6.0", Reason.not_started, "the rollout of 1.6.0 has not begun"),
        ("1.5.0", Reason.held, "1.5.0 is held at 25 %"),
        ("1.4.0", Reason.later_cohort, "1.4.0 is at 10 %, and cohort 437 has its turn at 75 %"),
        ("1.3.0", Rule.everyone, "1.3.0 is at 100 %"),
    ]


def test_every_finding_names_the_line_that_says_so() -> None:
    found = explanation(table(FACTS), ask(), NOON).findings
    assert [finding.fact for finding in found][:3] == [
        "releases/withdrawals/1.7.0.yaml:1",
        "releases/rollouts/stable/1.6.0.yaml:1",
        "releases/rollouts/stable/1.5.0.yaml:6",
    ]


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        (ask("1.0.0"), "1.3.0 is at 100 %"),
        (ask("1.2.0", 17), "1.4.0 is at 10 %, and cohort 17 has its turn at 1 %"),
        (ask("1.2.0", 437, manual=True), "the user asked, so it does not matter that 1.4.0 is at 10 %"),
        (ask("2.0.0"), "stable has nothing above 2.0.0 for linux-x86_64"),
        (Request("nightly", "linux-x86_64", "deb", "1.0.0"), "there is no channel nightly"),
        (Request("stable", "linux-x86_64", "msi", "1.0.0"), "nothing is built for linux-x86_64 (msi)"),
        (ask("one"), "its version is none, or its cohort is not a number from 0 to 999"),
    ],
)
def test_the_answer_is_explained_in_one_sentence(request_: Request, why: str) -> None:
    rollouts = {"stable/1.3.0": [step(100)], "stable/1.4.0": [step(10)]}
    assert explanation(table(world(rollouts)), request_, NOON).why == why


def test_a_client_without_a_cohort_and_a_failed_version_have_their_own_words() -> None:
    looked_up = table(world({"stable/1.4.0": [step(10)]}))
    assert explanation(looked_up, ask(), NOON).why == "1.4.0 is at 10 %, and a client without a cohort comes last"
    assert explanation(looked_up, ask(failed="1.4.0"), NOON).why == "1.4.0 just failed to install there"


def test_a_stop_is_explained_in_the_words_of_who_stopped() -> None:
    looked_up = table(world({"stable/1.4.0": [step(10)]}, stops=[stop("stable")]))
    assert explanation(looked_up, ask(), NOON).why == "1.4.0 is stopped: under investigation"


@given(worlds(), requests(), TIMES)
def test_an_explanation_never_disagrees_with_the_decision(facts: Facts, request: Request, hours: float) -> None:
    looked_up = table(facts)
    found = explanation(looked_up, request, at(hours))
    assert found.decision == decide(looked_up, request, at(hours))
    assert [finding.fact for finding in found.findings] == [
        verdict.fact for verdict in verdicts(looked_up, request, at(hours))
    ]
