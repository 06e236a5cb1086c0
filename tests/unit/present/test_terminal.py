"""What people read in a terminal, word for word."""

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from delivery.engines.stack import Operation, Outcome, Step
from delivery.present import terminal, words
from delivery.rules.decide import Request
from delivery.rules.explain import explanation
from delivery.rules.facts import Facts, Filed, Flag, Flagd
from delivery.rules.plan import Plan, plan
from delivery.rules.problem import Problem, Severity
from tests.unit.rules.worlds import ALL_TARGETS, NOON, at, block, catalog, hold, step, table, withdrawal, world

BASE = {"stable/1.3.0": [step(100)]}
TEN = {**BASE, "stable/1.4.0": [step(10)]}


def between(before: Facts, after: Facts) -> Plan:
    return plan(catalog(before), catalog(after), NOON, after.policy.value)


def lines(found: Plan) -> list[str]:
    """Without the last line, the hashes of the catalogs."""
    return terminal.plan_text(found).splitlines()[:-1]


def test_a_flag_with_targeting_is_not_said_to_give_everyone_its_default() -> None:
    body = Flagd("ENABLED", {"on": True, "off": False}, "off", {"if": [{"==": [{"var": "channel"}, "beta"]}, "on"]})
    flag = Filed("releases/flags/router.yaml", Flag("router", "@core", "2027-01-31", body))
    (said,) = (
        line for line in lines(between(world(BASE), replace(world(BASE), flags={"router": flag}))) if "→" in line
    )
    assert said.endswith(
        "everyone: what the program does by itself → off, at once, where its targeting says nothing else"
    )


def test_a_raise() -> None:
    before, after = ({**TEN, "stable/1.4.0": [step(10), *more]} for more in ([], [step(25, 2)]))
    assert lines(between(world(before, targets=ALL_TARGETS), world(after, targets=ALL_TARGETS))) == [
        "Plan for laptop at Wed 2026-11-25 12:00 UTC",
        "wider: someone gets a version that was not open to everyone before; needs 2 approvals",
        "",
        "stable, all targets, below 1.4.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks",
        "    1.3.0 (or nothing) → 1.4.0, from Wed 2026-11-25 14:00 UTC",
        "",
        "New visitors",
        "    stable: 1.3.0, as before",
        "",
        "What it costs",
        "    stable 1.4.0, from Wed 2026-11-25 14:00 UTC: at most 150 of 1,000 installations, 150 kB, "
        "0.01 downloads a second at the peak",
        "",
        "After a failed install",
        "    where 1.4.0 just failed, nothing changes",
        "    where 1.3.0 just failed:",
        "        stable, all targets, below 1.3.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks: "
        "nothing → 1.4.0, from Wed 2026-11-25 14:00 UTC",
        "",
        "✓ nobody is downgraded  ✓ nobody is stranded  ✓ nobody crosses channels  ✓ nothing published changes",
        'To reverse: ./inv hold stable --version 1.4.0 --reason "…"',
    ]


def test_offices_read_their_own_time_and_the_weekday_where_it_is_another() -> None:
    offices = {"berlin": "Europe/Berlin", "san-francisco": "America/Los_Angeles", "tokyo": "Asia/Tokyo"}
    assert words.moment(at(4), offices) == (
        "Wed 2026-11-25 16:00 UTC (Berlin 17:00, San Francisco 08:00, Tokyo Thu 01:00)"
    )


def test_a_ramp_is_told_as_one_after_another() -> None:
    ramp = world({**BASE, "stable/1.4.0": [step(10), step(50, 2, over="40h")]})
    assert lines(between(world(TEN), ramp))[3:5] == [
        "stable, all targets, below 1.4.0: cohorts in 10-50 % of 1.4.0 (400 of 1,000), automatic checks",
        "    1.3.0 (or nothing) → 1.4.0, "
        "one after another between Wed 2026-11-25 14:06 UTC and Fri 2026-11-27 06:00 UTC",
    ]


def test_a_block_is_told_by_all_its_pairs_a_warning_beside_the_offer_and_who_waits_by_name() -> None:
    blocks = [block("=1.2.0", ">=1.3.0 <1.4.1"), block("<1.2.0", ">=1.3.0", effect="warn")]
    found = lines(between(world(BASE, versions=["1.2.0"]), world(BASE, versions=["1.2.0"], blocks=blocks)))
    assert found[3:15] == [
        "stable, all targets, below 1.2.0: everyone",
        "    1.3.0 → 1.3.0 (with a warning: 1-2-0---1-3-0-warn), at once",
        "",
        "stable, all targets, on 1.2.0: everyone",
        "    1.3.0 → nothing, at once",
        "",
        "Who does not get on",
        "    stable, all targets: 1 version (1.2.0) wait: blocked, releases/blocks/1-2-0---1-3-0--1-4-1-block.yaml:1",
        "",
        "Blocks",
        "    1-2-0---1-3-0--1-4-1-block blocks 1 update, from =1.2.0 to >=1.3.0 <1.4.1",
        "        from 1.2.0 to 1.3.0",
    ]


@pytest.mark.parametrize(
    ("least", "below", "said"),
    [
        (None, "1.4.0", "below 1.4.0"),
        ("1.3.0", "1.4.0", "from 1.3.0 to below 1.4.0"),
        ("1.3.0", "1.3.0+0", "on 1.3.0"),
        ("1.3.0+7", "1.3.0+7.0", "on 1.3.0+7"),
        ("1.3.0+0", "1.4.0", "above 1.3.0 below 1.4.0"),
        (None, "1.3.0+0", "up to 1.3.0"),
        ("1.3.0", None, "from 1.3.0"),
        (None, None, ""),
    ],
)
def test_versions_are_named_as_people_name_them(least: str | None, below: str | None, said: str) -> None:
    assert words.versions(least, below) == said


def test_a_step_that_waits() -> None:
    gated = world({**TEN, "stable/1.4.0": [step(10), step(25, -0.5, "default")]})
    assert lines(between(world(TEN), gated))[1:] == [
        "nobody is offered anything else; needs 1 approval",
        "",
        "Waiting",
        "    stable 1.4.0 stays at 10 %: the step to 25 % waits for its pass (gate default), "
        "releases/rollouts/stable/1.4.0.yaml:6",
        "",
        "✓ nobody is downgraded  ✓ nobody is stranded  ✓ nobody crosses channels  ✓ nothing published changes",
    ]


def test_a_hold() -> None:
    held = world({**TEN, "stable/1.4.0": [step(10), hold(0)]})
    assert lines(between(world(TEN), held))[1:7] == [
        "proved narrower: nobody gets a version that was not open to everyone before; needs 1 approval",
        "",
        "stable, all targets, below 1.4.0: cohorts in 0-10 % of 1.4.0 (100 of 1,000)",
        "    1.4.0 → 1.3.0 (or nothing), at once",
        "",
        "stable, all targets, below 1.4.0: cohorts in 10-100 % of 1.4.0 (900 of 1,000) and clients without one, "
        "only when they check by hand",
    ]


def test_only_some_targets_are_named() -> None:
    after = world({**BASE, "stable/1.4.0": [step(100)]}, targets=ALL_TARGETS)
    del after.versions["1.4.0"].value.artifacts["darwin-aarch64"]  # type: ignore[attr-defined]
    del after.versions["1.4.0"].value.artifacts["windows-x86_64"]["msi"]  # type: ignore[attr-defined]
    assert lines(between(world(BASE, targets=ALL_TARGETS), after))[3] == (
        "stable, linux-x86_64 and windows-x86_64 (nsis), below 1.4.0: everyone"
    )


def test_problems_are_one_a_line_and_counted() -> None:
    path = "releases/rollouts/stable/1.4.0.yaml"
    found = [
        Problem(path, 7, "steps.2.percent", "140 is above 100", "write 0 to 100"),
        Problem(path, 0, "", "is strange", "look at it", Severity.warning),
    ]
    assert terminal.problems(found).plain.splitlines() == [
        f"{path}:7: steps.2.percent: 140 is above 100; write 0 to 100",
        f"{path}: is strange; look at it (warning)",
        "1 problem, 1 warning",
    ]
    assert terminal.problems([]).plain == "0 problems"


def test_a_long_line_stays_whole_for_the_editors_that_follow_it() -> None:
    found = Problem("releases/" + "x" * 200, 7, "steps", "is wrong", "mend it")
    narrow = Console(file=StringIO(), width=40)
    narrow.print(terminal.problems([found]), soft_wrap=True)
    assert isinstance(narrow.file, StringIO)
    assert narrow.file.getvalue().splitlines()[0] == str(found)


def test_an_explanation() -> None:
    facts = world({**TEN, "stable/1.5.0": [step(100)]}, withdrawals=[withdrawal("1.5.0")])
    explained = explanation(table(facts), Request("stable", "linux-x86_64", "deb", "1.2.0", 437), NOON)
    commits = {"releases/rollouts/stable/1.4.0.yaml:5": "0123456789abcdef"}
    assert terminal.explanation(explained, commits).plain.splitlines() == [
        "stable, linux-x86_64 (deb), 1.2.0, cohort 437, at Wed 2026-11-25 12:00 UTC",
        "1.3.0, because 1.3.0 is at 100 %",
        "    1.5.0 withdrawn: 1.5.0 is withdrawn: loses files",
        "        releases/withdrawals/1.5.0.yaml:1",
        "    1.4.0 later-cohort: 1.4.0 is at 10 %, and cohort 437 has its turn at 75 %",
        "        releases/rollouts/stable/1.4.0.yaml:5 (0123456789ab)",
        "    1.3.0 everyone: 1.3.0 is at 100 %",
        "        releases/rollouts/stable/1.3.0.yaml:5",
    ]


def test_what_an_engine_did() -> None:
    steps = (
        Step(Operation.create, "urn:1", "aws:s3/bucket:Bucket", "archive"),
        Step(Operation.update, "urn:2", "aws:s3/bucketObjectv2:BucketObjectv2", "head", ("content",)),
        Step(Operation.same, "urn:3", "aws:s3/bucket:Bucket", "site"),
    )
    assert terminal.outcome(Outcome(steps, {}, ("head: access denied",))).plain.splitlines() == [
        "create  aws:s3/bucket:Bucket archive",
        "update  aws:s3/bucketObjectv2:BucketObjectv2 head: content",
        "head: access denied",
        "create 1, update 1, same 1, 1 error",
    ]
    assert terminal.outcome_line(Outcome((), {})) == "no resources"
