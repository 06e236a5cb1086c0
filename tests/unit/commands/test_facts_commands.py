"""check, plan, explain: their whole answers, for people and for scripts, and what is said to what was typed wrong."""

import json
import signal
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.unit.commands.desk import Desk, timeless

pytestmark = pytest.mark.slow

ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"
THEN = ("--commit", "HEAD", "--at", "2026-11-22T12:00:00Z")  # the copy's only commit is younger than that
PROMISES = "✓ nobody is downgraded  ✓ nobody is stranded  ✓ nobody crosses channels  ✓ nothing published changes"


def break_in_three_places(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2026-11-25T14:00:00Z", percent: 140}')
    desk.append(ROLLOUT, '  - {at: "2026-11-26T14:00:00Z", percnt: ten}')
    desk.write("releases/channels/stable.yaml", "channel: stable\ntitel: Stable\nladder: [1, 10, 25, 50, 100]\n")
    desk.append("Pulumi.laptop.yaml", "x: [")


def test_a_sound_checkout_has_no_problem(desk: Desk) -> None:
    said = desk.inv("check")
    assert (said.status, said.out, said.err) == (0, "0 problems\n", "")


def test_everything_that_is_wrong_is_said_at_once_with_its_mend(desk: Desk) -> None:
    break_in_three_places(desk)
    said = desk.inv("check")
    assert (said.status, said.err) == (1, "")
    last = len((desk.repo / "Pulumi.laptop.yaml").read_text().splitlines()) + 1  # it ends with its file
    assert said.out.splitlines() == [
        f"Pulumi.laptop.yaml:{last}: is not YAML: while parsing a flow node, did not find expected node content; "
        "mend the indentation, brackets or quotes here or just above",
        "releases/channels/stable.yaml:1: title: is missing; write a sentence on one line, not empty",
        "releases/channels/stable.yaml:2: titel: is not a key here; did you mean title?",
        f"{ROLLOUT}:10: steps.3.percent: 140 is above 100; write a whole number of percent from 0 to 100",
        f"{ROLLOUT}:11: steps.4: has none of the keys percent, pass, hold, resume or critical; "
        "did you mean percent by percnt?",
        "5 problems",
    ]


def test_the_same_problems_are_given_to_scripts_field_by_field(desk: Desk) -> None:
    break_in_three_places(desk)
    said = desk.inv("check", "--json")
    found = json.loads(said.out)
    assert (said.status, said.err, found["errors"], found["warnings"]) == (1, "", 5, 0)
    assert found["problems"][3] == {
        "path": ROLLOUT,
        "line": 10,
        "field": "steps.3.percent",
        "what": "140 is above 100",
        "mend": "write a whole number of percent from 0 to 100",
        "severity": "error",
    }


def test_a_change_is_checked_against_the_base_that_is_named(desk: Desk) -> None:
    desk.git("rm", "-q", "releases/rollouts/beta/1.3.0.yaml")
    desk.git("commit", "-q", "-m", "Remove what was merged")
    said = desk.inv("check", "--base", "HEAD~1")
    assert said.out.splitlines() == [
        "releases/rollouts/beta/1.3.0.yaml: was merged and is gone; "
        "restore it; to offer less, add a hold, a withdrawal or a stop",
        "1 problem",
        "needs 1 approval:",
        "  nobody is offered anything else",
    ]
    assert desk.inv("check").out == "0 problems\n"  # on main itself nothing else is merged


def test_a_missing_stack_file_is_a_problem(desk: Desk) -> None:
    (desk.repo / "Pulumi.staging.yaml").unlink()
    said = desk.inv("check")
    assert (said.status, said.out) == (1, "Pulumi.staging.yaml: is missing; restore it from git\n1 problem\n")


def test_tasks_answer_the_same_from_any_folder_of_the_checkout(desk: Desk) -> None:
    assert desk.terminal("check", folder="releases/versions").out == "0 problems\n"


def test_a_plan_of_nothing_says_so(desk: Desk) -> None:
    said = desk.inv("plan")
    assert (said.status, said.err) == (0, "")
    assert timeless(said.out).splitlines() == [
        "Plan for laptop at <time>",
        "nobody is offered anything else; needs 1 approval",
        "",
        PROMISES,
        "catalog <id> → <id>, plan <id>",
    ]


def test_a_plan_says_in_words_and_numbers_who_gets_what(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2099-11-25T14:00:00Z", percent: 25}')
    said = desk.inv("plan")
    assert timeless(said.out).splitlines() == [
        "Plan for laptop at <time>",
        "wider: someone gets a version that was not open to everyone before; needs 2 approvals",
        "",
        "stable, all targets, below 1.4.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks",
        "    1.3.0 (or nothing) → 1.4.0, from <time>",
        "",
        "New visitors",
        "    stable: 1.3.0, as before",
        "",
        "What it costs",
        "    stable 1.4.0, from <time>: at most 150 of 1,000 installations, 42.7 MB, "
        "0.01 downloads a second at the peak",
        "",
        "After a failed install",
        "    where 1.4.0 just failed, nothing changes",
        "    where 1.3.0 just failed:",
        "        stable, all targets, below 1.3.0: cohorts in 10-25 % of 1.4.0 (150 of 1,000), automatic checks: "
        "1.2.0 (or nothing) → 1.4.0, from <time>",
        "",
        PROMISES,
        'To reverse: ./inv hold stable --version 1.4.0 --reason "…"',
        "catalog <id> → <id>, plan <id>",
    ]


def test_a_plan_for_scripts_is_json_and_nothing_else(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2099-11-25T14:00:00Z", percent: 25}')
    said = desk.inv("plan", "--json")
    plan = json.loads(said.out)
    assert (said.status, said.err) == (0, "")
    assert (plan["environment"], plan["effect"], plan["approvals"]) == ("laptop", "wider", 2)
    assert [(change["cohorts"], change["since"]) for change in plan["changes"]] == [(150, "2099-11-25T14:00:00+00:00")]


def test_a_plan_for_a_pull_request_is_markdown_that_names_both_commits(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2099-11-25T14:00:00Z", percent: 25}')
    desk.git("commit", "-q", "-a", "-m", "Raise")
    base, head = desk.git("rev-parse", "HEAD~1", "HEAD").split()
    said = desk.inv("plan", "--base", "HEAD~1", "--markdown")
    lines = said.out.splitlines()
    assert (said.status, said.err) == (0, "")
    assert lines[:4] == [
        "<!-- espice-plan:v1 -->",
        "### laptop: wider: someone gets a version that was not open to everyone before",
        "",
        "Needs 2 approvals.",
    ]
    assert lines[-1].startswith(f"<sub>head {head[:12]} ← base {base[:12]} · catalog ")


def test_a_plan_writes_both_catalogs_where_it_is_told(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2099-11-25T14:00:00Z", percent: 25}')
    both = desk.repo / ".state/both"
    said = desk.inv("plan", "--json", "--catalogs", str(both))
    told = json.loads(said.out)["catalog"]
    written = {each: sha256((both / f"{each}.json").read_bytes()).hexdigest() for each in ("base", "head")}
    assert (said.status, written) == (0, {"base": told["before"], "head": told["after"]})
    assert written["base"] != written["head"]
    no_folder = str(desk.repo / "README.md/both")
    refused = desk.inv("plan", "--catalogs", no_folder)
    assert (refused.status, refused.err) == (
        2,
        f"{no_folder} is no folder to write to: Not a directory; name another\n",
    )


def test_a_plan_of_what_the_check_refuses_is_refused_with_every_problem(desk: Desk) -> None:
    break_in_three_places(desk)
    said = desk.inv("plan", "--json")
    assert (said.status, said.out) == (1, "")
    assert len(said.err.splitlines()) == 5  # four in facts, and their count: stack files are not in a plan


@pytest.mark.parametrize("environment", ["staging", "production"])
def test_a_plan_for_an_environment_that_does_not_trust_the_demo_key_names_every_artifact(
    desk: Desk, environment: str
) -> None:
    said = desk.inv("plan", "--environment", environment)
    *problems, count = said.err.splitlines()
    assert (said.status, said.out, count) == (1, "", f"{len(problems)} problems")
    assert all(f"which {environment} does not trust" in problem for problem in problems)


def test_an_explanation_names_the_line_and_the_commit_that_decided(desk: Desk) -> None:
    said = desk.inv("explain", "stable", "linux-x86_64", "1.3.0", "--cohort", "437", *THEN)
    commit = desk.git("rev-parse", "HEAD")[:12]
    why = "1.4.0 is at 10 %, and cohort 437 has its turn at 75 %"
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines() == [
        "stable, linux-x86_64 (appimage), 1.3.0, cohort 437, at Sun 2026-11-22 12:00 UTC",
        f"nothing, because {why}",
        f"    1.4.0 later-cohort: {why}",
        f"        {ROLLOUT}:8 ({commit})",
        f"by the facts of {commit}; of the past only what was merged is known, not what was halted by the brake",
    ]


def test_an_explanation_for_scripts_replays_the_request(desk: Desk) -> None:
    said = json.loads(desk.inv("explain", "stable", "darwin-aarch64", "1.2.0", "--manual", *THEN, "--json").out)
    assert (said["request"]["bundle"], said["request"]["manual"]) == ("app", True)
    assert (said["decision"]["offer"], said["decision"]["said"]) == ("1.4.0", "manual")
    assert said["now"] == "2026-11-22T12:00:00+00:00"


@pytest.mark.parametrize(
    ("arguments", "status", "answer"),
    [
        (
            ("explain", "stable", "linux", "1.3.0"),
            2,
            "there is no target linux; there are darwin-aarch64, darwin-x86_64, linux-x86_64, windows-x86_64",
        ),
        (("explain", "stabel", "linux-x86_64", "1.3.0"), 2, "there is no channel stabel; there are beta, stable"),
        (
            ("explain", "stable", "linux-x86_64", "1.3"),
            2,
            "'1.3' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1",
        ),
        (
            ("explain", "stable", "linux-x86_64", "1.3.0", "--bundle", "msi"),
            2,
            "linux-x86_64 has no bundle msi that is updated; it has appimage, deb, rpm",
        ),
        (
            ("explain", "stable", "darwin-x86_64", "1.3.0", "--bundle", "dmg"),
            2,
            "darwin-x86_64 has no bundle dmg that is updated; it has app",
        ),
        (
            ("explain", "stable", "linux-x86_64", "1.3.0", "--cohort", "1000"),
            2,
            "--cohort 1000: is not a whole number from 0 to 999",
        ),
        (
            ("explain", "stable", "linux-x86_64", "1.3.0", "--cohort", "-1"),
            2,
            "--cohort -1: is not a whole number from 0 to 999",
        ),
        (
            ("explain", "stable", "linux-x86_64", "1.3.0", "--at", "tomorrow"),
            2,
            "--at tomorrow: is no UTC time with seconds; write it like 2026-11-25T14:00:00Z",
        ),
        (
            ("explain", "stable", "linux-x86_64", "1.3.0", "--commit", "nope"),
            1,
            "git knows no commit nope here; fetch it, or name another",
        ),
        (("plan", "--environment", "prod"), 2, "there is no environment prod; there are laptop, staging, production"),
        (("plan", "--base", "nope"), 1, "git knows no commit nope here; fetch it, or name another"),
        (("check", "--base", "nope"), 1, "git knows no commit nope here; fetch it, or name another"),
        (
            ("explain", "stable"),
            1,
            "'explain' did not receive required positional arguments: 'target', 'version'",
        ),
    ],
)
def test_what_was_typed_wrong_is_answered_with_what_there_is(
    desk: Desk, arguments: tuple[str, ...], status: int, answer: str
) -> None:
    said = desk.inv(*arguments)
    assert (said.status, said.out, said.err.strip()) == (status, "", answer)


def test_a_terminal_without_our_letters_gets_an_answer_all_the_same(desk: Desk) -> None:
    said = desk.terminal("plan", PYTHONIOENCODING="ascii")
    assert said.status == 0
    assert "? nobody is downgraded" in said.out


def test_a_reader_that_has_read_enough_meets_no_traceback(desk: Desk) -> None:
    typed = [sys.executable, "-m", "invoke", "explain", "stable", "linux-x86_64", "1.3.0", "--json"]
    with subprocess.Popen(typed, cwd=desk.repo, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()  # before anything was written
        said = running.stderr.read()
    assert (running.returncode, said) == (128 + signal.SIGPIPE, "")
