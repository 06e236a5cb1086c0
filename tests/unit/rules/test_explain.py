"""Why a client gets what it gets."""

import pytest
from hypothesis import given

from delivery.rules.decide import Reason, Request, Rule, decide, verdicts
from delivery.rules.explain import explanation
from delivery.rules.facts import Facts
from tests.unit.rules.worlds import (
    LINUX,
    NOON,
    at,
    barrier,
    block,
    critical,
    deadend,
    hold,
    holdback,
    step,
    stop,
    table,
    withdrawal,
    world,
)
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


WHY = [
    (world({"stable/1.4.0": [step(100)]}, blocks=[block("<1.2.0", ">=1.4.0")]), ask(),
     "1.4.0 is blocked from 1.1.0: crashes"),
    (world({"stable/1.3.0": [step(0)], "stable/1.4.0": [step(100)]}, barriers=[barrier("1.3.0")]), ask(),
     "1.4.0 lies behind the barrier 1.3.0: converts projects"),
    (world({"stable/1.4.0": [step(100)]}, minimum_os={"1.4.0": "22.04"}), ask(os="20.4"),
     "1.4.0 needs linux 22.4 or newer, and the client says 20.4"),
    (world({"stable/1.4.0": [step(100)]}, minimum_os={"1.4.0": "22.04"}), ask(),
     "1.4.0 needs linux 22.4 or newer, and the client says nothing"),
    (world({"stable/1.4.0": [step(10), critical("1.2.0")]}), ask(),
     "1.4.0 is critical for 1.1.0, so it does not matter that 1.4.0 is at 10 %"),
    (world({"stable/1.3.0": [step(10)], "stable/1.4.0": [step(1)]}, supersedes={"stable/1.4.0": "1.3.0"}), ask("1.3.0"),
     "1.4.0 takes the place of 1.3.0, so it does not matter that 1.4.0 is at 1 %"),
    (world({"stable/1.4.0": [step(100)]}, deadends=[deadend("1.1.0")]), ask(),
     "1.1.0 is a dead end, which cannot update itself: its updater crashes"),
    (world({"stable/1.4.0": [step(100)]}, experiments=[holdback("stable/1.4.0", 100)]), ask(cohort=7),
     "1.4.0 is held back from cohort 7 by the experiment without-stable-1.4.0"),
    (world({"stable/1.3.0": [step(10)], "stable/1.4.0": [step(100)]},
           withdrawals=[withdrawal("1.4.0", instead="1.3.0")]), ask(),
     "1.3.0 is offered instead of 1.4.0, which is withdrawn"),
    (world({"stable/1.3.0": [step(100)], "stable/1.4.0": [step(100)]},
           withdrawals=[withdrawal("1.4.0", installed="downgrade-to 1.3.0")]),
     ask("1.4.0", accepts=frozenset({"downgrade"})),
     "1.4.0 is withdrawn, and the client accepts to go back to 1.3.0"),
    (world({"stable/1.4.0": [step(0)]}), Request("stable-next", "linux-x86_64", "deb", "1.1.0"),
     "1.4.0 is the newest on stable, and stable-next gives it to all who ask"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "request_", "why"), WHY, ids=[why for _, _, why in WHY])
def test_every_rule_and_reason_has_its_sentence(facts: Facts, request_: Request, why: str) -> None:
    assert explanation(table(facts), request_, NOON).why == why


def test_a_superseded_version_names_what_took_its_place() -> None:
    facts = world(
        {"stable/1.3.0": [step(10)], "stable/1.4.0": [step(1)]}, supersedes={"stable/1.4.0": "1.3.0"}, targets=LINUX
    )
    found = explanation(table(facts), ask(cohort=999), NOON).findings
    assert [finding.why for finding in found][1] == "1.3.0 is superseded by 1.4.0"


def test_a_warning_is_said_in_the_words_of_its_block() -> None:
    facts = world({"stable/1.4.0": [step(100)]}, blocks=[block("<1.2.0", ">=1.4.0", effect="warn")])
    found = explanation(table(facts), ask(), NOON)
    assert found.warnings == ("block 1-2-0---1-4-0-warn warns of this update: crashes",)
    assert found.chain == ("releases/rollouts/stable/1.4.0.yaml:5", "releases/blocks/1-2-0---1-4-0-warn.yaml:1")


def test_the_chain_is_of_what_took_away_the_versions_above_and_of_what_decided() -> None:
    assert explanation(table(FACTS), ask(cohort=437), NOON).chain == (
        "releases/withdrawals/1.7.0.yaml:1",
        "releases/rollouts/stable/1.6.0.yaml:1",
        "releases/rollouts/stable/1.5.0.yaml:6",
        "releases/rollouts/stable/1.4.0.yaml:5",
        "releases/rollouts/stable/1.3.0.yaml:5",
    )


@given(worlds(), requests(), TIMES)
def test_an_explanation_never_disagrees_with_the_decision(facts: Facts, request: Request, hours: float) -> None:
    looked_up = table(facts)
    found = explanation(looked_up, request, at(hours))
    assert found.decision == decide(looked_up, request, at(hours))
    assert [finding.fact for finding in found.findings] == [
        verdict.fact for verdict in verdicts(looked_up, request, at(hours))
    ]
