"""What a verb refuses, with nothing written; and that a brake works all the same on a red day."""

import pytest

from tests.laptop.system import now
from tests.unit.commands.desk import Desk

STEPS = "releases/rollouts/stable/1.4.0.yaml"
BETA = "releases/rollouts/beta/1.4.0.yaml"
MOMENT = now()
AT = ("--at", MOMENT)
WHY = ("--reason", "crashes at start")
STABLE = "the rollouts are 1.2.0, 1.3.0 and 1.4.0"
VERSION = "is not a version such as 1.4.0 or 1.5.0-beta.1"
WHOLE = "is not a whole number from 0 to 100"
TIME = "is no UTC time with seconds; write it like 2026-11-25T14:00:00Z"

REFUSED = [
    (
        ("raise", "stable", "30", "--gate", "default"),
        f"{STEPS}:10: steps.3.percent: 30 is not on the ladder of stable; write 1, 10, 25, 50 or 100",
    ),
    (
        ("raise", "stable", "10"),
        f"{STEPS}:10: steps.3.percent: 10 is not above 10 in line 8; write a hold to lower it, or a higher percent",
    ),
    (
        ("raise", "stable", "50", "--gate", "default"),
        f"{STEPS}:10: steps.3.percent: 50 after 10 leaves out 25 of the ladder of stable; "
        "write 25, or because: and why",
    ),
    (
        ("raise", "stable", "50", "--because", "all is well"),
        f"{STEPS}:10: steps.3: 50 % without a gate, where releases/policy.yaml lets ungated steps of stable reach "
        "25 % at most; add gate: default, and a pass once it is met",
    ),
    (
        ("raise", "stable", "25", "--gate", "defualt"),
        f"{STEPS}:10: steps.3.gate: releases/policy.yaml has no gate defualt; did you mean default?",
    ),
    (("raise", "stabel", "25"), "releases/channels/: there is no channel stabel; did you mean stable?"),
    (
        ("raise", "stable", "25", "--version", "1.x"),
        f"releases/rollouts/stable/: 1.x has no rollout on stable; {STABLE}",
    ),
    (
        ("start", "stable", "1.5.0-beta.1"),
        "releases/rollouts/stable/1.5.0-beta.1.yaml: steps.0.evidence: a first step above 0 needs the evidence of a "
        "full update through stable-next; say by --evidence what was seen",
    ),
    (
        ("pass", "stable", "25", "--evidence", "all is well"),
        "releases/rollouts/stable/: no step waits for a pass on stable; raise it first: ./inv raise",
    ),
    (
        ("resume", "stable", "10", *WHY),
        "releases/rollouts/stable/: no rollout is held on stable; raise it instead: ./inv raise",
    ),
    (
        ("hold", "stable", "--percent", "25", *WHY),
        f"{STEPS}: a hold at 25 % would keep more than the 10 % in force; hold it at 10 or less",
    ),
    (
        ("hold", "stable", "--reason", "two\nlines"),
        f'{STEPS}:10: steps.3.reason: "two\\nlines" is not a sentence on one line, not empty; write one',
    ),
    (("critical", "stable", "--below", "soon", *WHY), f"{STEPS}: soon {VERSION}; write one after --below"),
    (
        ("withdraw", "9.9.9", *WHY),
        "releases/withdrawals/9.9.9.yaml:2: withdraw: withdraws nothing: there is no version 9.9.9; "
        "the versions are 1.2.0, 1.3.0, 1.4.0, 1.4.0-beta.1 and 1.5.0-beta.1",
    ),
    (("withdraw", "../x", *WHY), f'releases/withdrawals/../x.yaml:2: withdraw: "../x" {VERSION}; write one'),
    (
        ("withdraw", "1.4.0", "--installed", "keep"),
        "releases/withdrawals/: 1.4.0 is not withdrawn; the withdrawals are 1.4.0-beta.1",
    ),
    (("stop", "nope", *WHY), "releases/channels/: there is no channel nope; the channels are beta and stable"),
    (
        ("stop", "stable", "--version", "1.x", *WHY),
        f"releases/rollouts/stable/: 1.x has no rollout on stable; {STABLE}",
    ),
    (("lift", "stop", "stable", *WHY), "releases/stops/: stable is not stopped; leave it"),
]
TYPED_WRONG = [
    *((("raise", "stable", wrong), f"percent {wrong}: {WHOLE}") for wrong in ("140", "ten", "-1", "9" * 5000)),
    (("raise", "stable", "25", "--at", "25.11.2026"), f"--at 25.11.2026: {TIME}"),
    (
        ("start", "stable", "1.5.0-beta.1", "--targets", ""),
        "--targets '': a name is missing; write all, or names with commas between them",
    ),
    (("withdraw", "1.4.0"), 'a withdrawal needs its reason; type ./inv withdraw 1.4.0 --reason "…"'),
    (
        ("withdraw", "1.4.0", "--downloads", "show", *WHY),
        "--downloads show: is not allowed here; write keep, hide or gone",
    ),
    (
        ("lift", "rollout", "stable/1.4.0", *WHY),
        "a rollout cannot be lifted; write withdrawal, stop, barrier, deadend, block, freeze or notice",
    ),
    (("freeze", "x", "--from", "monday", "--until", "2099-12-31T00:00:00Z", *WHY), f"--from monday: {TIME}"),
    (("hold", "stable", "--reason", "\udcff"), "'\\udcff' is no UTF-8 text; type it again in a UTF-8 terminal"),
]


def words(value: object) -> str:
    return " ".join(value)[:40].encode("ascii", "replace").decode() if isinstance(value, tuple) else ""


@pytest.mark.parametrize(("typed", "answer"), REFUSED, ids=words)
def test_what_the_rules_refuse_is_not_written(desk: Desk, typed: tuple[str, ...], answer: str) -> None:
    said = desk.inv(*typed)
    assert (said.status, said.out, said.err) == (1, "", f"{answer}\n1 problem\n")
    assert desk.changed() == ""


@pytest.mark.parametrize(("typed", "answer"), TYPED_WRONG, ids=words)
def test_what_was_typed_wrong_is_answered_with_what_to_type(desk: Desk, typed: tuple[str, ...], answer: str) -> None:
    said = desk.inv(*typed)
    assert (said.status, said.out, said.err) == (2, "", f"{answer}\n")
    assert desk.changed() == ""


def test_what_is_missing_is_named(desk: Desk) -> None:
    said = desk.inv("hold", "stable")
    assert said.status == 1
    assert said.err.strip() == "'hold' did not receive required positional arguments: 'reason'"


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        (("hold", "stable"), f"{STEPS}: it is held at 0 % already; hold it at less, or leave it"),
        (("stop", "stable"), f"releases/stops/{MOMENT[:10]}-stable.yaml: stable is stopped already; leave it"),
        (
            ("withdraw", "1.4.0"),
            "releases/withdrawals/1.4.0.yaml: 1.4.0 is withdrawn from beta and stable already; "
            "stop it elsewhere: ./inv stop",
        ),
    ],
    ids=["hold", "stop", "withdraw"],
)
def test_what_was_done_is_not_done_twice(desk: Desk, verb: tuple[str, ...], answer: str) -> None:
    assert desk.inv(*verb, *WHY, *AT, "--commit").status == 0
    said = desk.inv(*verb, *WHY, *AT, "--commit")
    assert (said.status, said.err) == (1, f"{answer}\n1 problem\n")
    assert desk.git("rev-list", "--count", "HEAD").strip() == "2"
    assert desk.changed() == ""


def test_a_commit_never_takes_along_what_was_changed_in_its_file_before(desk: Desk) -> None:
    desk.append(STEPS, "  # a note that nobody has committed")
    before = desk.changed()
    said = desk.inv("raise", "stable", "25", "--commit")
    assert said.err == f"{STEPS} has changes that are not committed; commit them first, or leave out --commit\n"
    assert (said.status, desk.changed()) == (2, before)


# --- a red day ----------------------------------------------------------------------------------------------------


def test_a_brake_works_beside_facts_that_are_wrong_and_says_so(desk: Desk) -> None:
    desk.append(BETA, f'  - {{pass: 50, at: "{now()}", evidence: all well}}')
    for brake in (("hold", "stable"), ("withdraw", "1.4.0"), ("stop", "stable")):
        said = desk.inv(*brake, *WHY, "--dry-run")
        assert (said.status, said.out.splitlines()[-1]) == (0, "dry run: nothing was written")
        assert "these were there before, and do not hold up what takes away; see ./inv check" in said.err
    said = desk.inv("raise", "stable", "25")
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"{BETA}:{len(desk.read(BETA).splitlines())}: steps.2.pass: no gated step to 50 %")


def test_a_brake_works_beside_a_file_that_cannot_be_read(desk: Desk) -> None:
    desk.write(BETA, "steps: [\n")
    desk.write("releases/blocks/half.yaml", "block: half\n")
    said = desk.inv("hold", "stable", *WHY)
    assert said.status == 0
    assert f"{BETA}:2: is not YAML" in said.err
    assert f"M  {STEPS}\n" in desk.changed()
    assert desk.read(BETA) == "steps: [\n"


def test_a_file_that_cannot_be_read_is_never_written_over(desk: Desk) -> None:
    desk.write(STEPS, "steps: [\n")
    said = desk.inv("hold", "stable", *WHY)
    assert (said.status, desk.read(STEPS)) == (1, "steps: [\n")
    assert said.err.startswith(f"{STEPS}:2: is not YAML")
