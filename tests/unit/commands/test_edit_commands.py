"""raise, hold, withdraw, stop: one file, one line, one commit; or a refusal that leaves everything as it was."""

import pytest

from tests.unit.commands.desk import Desk, timeless

ROLLOUT = "releases/rollouts/stable/1.4.0.yaml"
AT = ("--at", "2026-11-22T14:00:00Z")
DRY = "dry run: nothing was written"
VERBS = {
    "raise": ("raise", "stable", "25", *AT),
    "hold": ("hold", "stable", "--reason", "crashes on start", *AT),
    "withdraw": ("withdraw", "1.4.0", "--reason", "corrupts project files", *AT),
    "stop": ("stop", "stable", "--reason", "two reports of lost work", *AT),
}
WRITES = {
    "raise": (ROLLOUT, ['  - {at: "2026-11-22T14:00:00Z", percent: 25}'], "Raise stable 1.4.0 to 25 %"),
    "hold": (
        ROLLOUT,
        ['  - {hold: 0, at: "2026-11-22T14:00:00Z", reason: "crashes on start"}'],
        "Hold stable 1.4.0 at 0 %",
    ),
    "withdraw": (
        "releases/withdrawals/1.4.0.yaml",
        [
            "withdraw: 1.4.0",
            "channels: [beta, stable]",
            'at: "2026-11-22T14:00:00Z"',
            'reason: "corrupts project files"',
        ],
        "Withdraw 1.4.0",
    ),
    "stop": (
        "releases/stops/2026-11-22-stable.yaml",
        ["stop: {channel: stable}", 'at: "2026-11-22T14:00:00Z"', 'reason: "two reports of lost work"'],
        "Stop stable",
    ),
}


def added(desk: Desk) -> list[str]:
    """The lines that the last commit added; it must take none away."""
    diff = desk.git("show", "--format=", "--unified=0", "HEAD").splitlines()
    assert not [line for line in diff if line.startswith("-") and not line.startswith("---")]
    return [line[1:] for line in diff if line.startswith("+") and not line.startswith("+++")]


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_shows_line_and_plan_and_writes_nothing(desk: Desk, verb: str) -> None:
    path, lines, _ = WRITES[verb]
    said = desk.inv(*VERBS[verb], "--dry-run", "--commit")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[: len(lines) + 1] == [path, *(f"+ {line}" for line in lines)]
    assert "Plan for laptop at" in said.out
    assert said.out.splitlines()[-1] == DRY
    assert desk.changed() == ""
    assert desk.git("rev-list", "--count", "HEAD").strip() == "1"


@pytest.mark.parametrize("verb", VERBS)
def test_a_commit_is_one_file_with_only_these_lines(desk: Desk, verb: str) -> None:
    path, lines, subject = WRITES[verb]
    said = desk.inv(*VERBS[verb], "--commit")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"committed: {subject}"
    assert desk.git("show", "--numstat", "--format=", "HEAD").split() == [str(len(lines)), "0", path]
    assert added(desk) == lines
    assert desk.git("log", "-1", "--format=%s").strip() == subject
    assert desk.changed() == ""
    assert desk.inv("check", "--base", "HEAD~1").out == "0 problems\n"


@pytest.mark.parametrize("verb", ["raise", "stop"])
def test_without_commit_the_file_is_staged_and_the_way_back_works_as_printed(desk: Desk, verb: str) -> None:
    path, _, _ = WRITES[verb]
    said = desk.inv(*VERBS[verb])
    assert desk.changed()[:2] in ("M ", "A ")
    told, _, back = said.out.splitlines()[-1].partition("or take it back by git ")
    assert told == f"staged {path}; commit it, "
    desk.git(*back.split())
    assert desk.changed() == ""


def test_why_stands_in_the_commits_body(desk: Desk) -> None:
    desk.inv(*VERBS["hold"], "--commit")
    assert desk.git("log", "-1", "--format=%b").strip() == "crashes on start"


def test_text_with_marks_of_yaml_and_of_terminals_is_kept_as_typed(desk: Desk) -> None:
    reason = "[red]it's[/red]: 100 % # broken {so}"
    said = desk.inv("hold", "stable", "--reason", reason, "--commit", *AT)
    assert f'reason: "{reason}"' in said.out
    assert added(desk) == [f'  - {{hold: 0, at: "2026-11-22T14:00:00Z", reason: "{reason}"}}']
    assert desk.git("log", "-1", "--format=%b").strip() == reason


def test_what_else_is_staged_stays_out_of_the_commit(desk: Desk) -> None:
    desk.append("README.md", "more")
    desk.git("add", "README.md")
    desk.inv(*VERBS["raise"], "--commit")
    assert desk.git("show", "--name-only", "--format=", "HEAD").split() == [ROLLOUT]
    assert desk.changed() == "M  README.md\n"


def test_a_commit_never_takes_along_what_was_changed_in_its_file_before(desk: Desk) -> None:
    desk.append(ROLLOUT, "  # a note that nobody has committed")
    before = desk.changed()
    said = desk.inv(*VERBS["raise"], "--commit")
    assert said.err == f"{ROLLOUT} has changes that are not committed; commit them first, or leave out --commit\n"
    assert (said.status, desk.changed()) == (2, before)


@pytest.mark.parametrize(
    ("arguments", "status", "answer"),
    [
        (("raise", "stable", "140"), 2, "percent 140: is not a whole number from 0 to 100"),
        (("raise", "stable", "ten"), 2, "percent ten: is not a whole number from 0 to 100"),
        (("raise", "stable", "-1"), 2, "percent -1: is not a whole number from 0 to 100"),
        (("raise", "stable", "9" * 5000), 2, f"percent {'9' * 5000}: is not a whole number from 0 to 100"),
        (
            ("raise", "stable", "30", *AT),
            1,
            f"{ROLLOUT}:9: steps.3.percent: 30 is not on the ladder of stable; write 1, 10, 25, 50 or 100",
        ),
        (
            ("raise", "stable", "10", *AT),
            1,
            f"{ROLLOUT}:9: steps.3.percent: 10 is not above 10 in line 7; "
            "write a hold to lower it, or a higher percent",
        ),
        (("raise", "stabel", "25"), 1, "releases/channels/: there is no channel stabel; did you mean stable?"),
        (
            ("raise", "stable", "25", "--version", "1.x"),
            1,
            "releases/rollouts/stable/: 1.x has no rollout on stable; the versions are 1.2.0, 1.3.0 and 1.4.0",
        ),
        (
            ("raise", "stable", "25", "--gate", "defualt", *AT),
            1,
            f"{ROLLOUT}:9: steps.3.gate: releases/policy.yaml has no gate defualt; did you mean default?",
        ),
        (
            ("raise", "stable", "25", "--at", "25.11.2026"),
            2,
            "--at 25.11.2026: is no UTC time with seconds; write it like 2026-11-25T14:00:00Z",
        ),
        (
            ("hold", "stable", "--percent", "25", "--reason", "x", *AT),
            1,
            f"{ROLLOUT}: a hold at 25 % would keep more than the 10 % in force; hold it at 10 or less",
        ),
        (
            ("hold", "stable", "--reason", "two\nlines", *AT),
            1,
            f'{ROLLOUT}:9: steps.3.reason: "two\\nlines" is not a sentence on one line, not empty; write one',
        ),
        (("hold", "stable"), 1, "'hold' did not receive required positional arguments: 'reason'"),
        (
            ("withdraw", "9.9.9", "--reason", "x", *AT),
            1,
            "releases/withdrawals/9.9.9.yaml:1: withdraw: withdraws nothing: there is no version 9.9.9; "
            "the versions are 1.2.0, 1.3.0, 1.4.0, 1.4.0-beta.1 and 1.5.0-beta.1",
        ),
        (
            ("withdraw", "../x", "--reason", "x", *AT),
            1,
            'releases/withdrawals/../x.yaml:1: withdraw: "../x" is not a version such as 1.4.0 or 1.5.0-beta.1; '
            "write one",
        ),
        (
            ("stop", "nope", "--reason", "x", *AT),
            1,
            "releases/stops/2026-11-22-nope.yaml:1: stop.channel: stops nothing: there is no channel nope; "
            "the channels are beta and stable",
        ),
        (
            ("stop", "stable", "--version", "1.x", "--reason", "x"),
            2,
            "'1.x' is not a SemVer version such as 1.4.0 or 1.5.0-beta.1",
        ),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else "",
)
def test_a_refused_edit_says_why_and_writes_nothing(
    desk: Desk, arguments: tuple[str, ...], status: int, answer: str
) -> None:
    said = desk.inv(*arguments)
    assert (said.status, said.out) == (status, "")
    assert said.err.removesuffix("1 problem\n").strip() == answer
    assert desk.changed() == ""


def test_bytes_that_are_no_text_are_refused(desk: Desk) -> None:
    said = desk.inv("hold", "stable", "--reason", "\udcff", *AT)
    assert (said.status, said.err) == (2, "'\\udcff' is no UTF-8 text; type it again in a UTF-8 terminal\n")


@pytest.mark.parametrize(
    ("verb", "answer"),
    [
        (
            VERBS["hold"],
            f"{ROLLOUT}: it is held at 0 % already; hold it at less, or leave it",
        ),
        (VERBS["stop"], "releases/stops/2026-11-22-stable.yaml: stable is stopped already; leave it"),
        (
            VERBS["withdraw"],
            "releases/withdrawals/1.4.0.yaml: 1.4.0 is withdrawn from beta and stable already; "
            "stop it elsewhere: ./inv stop",
        ),
    ],
    ids=["hold", "stop", "withdraw"],
)
def test_what_was_done_is_not_done_twice(desk: Desk, verb: tuple[str, ...], answer: str) -> None:
    assert desk.inv(*verb, "--commit").status == 0
    said = desk.inv(*verb, "--commit")
    assert (said.status, said.err) == (1, f"{answer}\n1 problem\n")
    assert desk.git("rev-list", "--count", "HEAD").strip() == "2"
    assert desk.changed() == ""


def test_an_edit_of_facts_that_are_broken_already_says_what_is_wrong_with_them(desk: Desk) -> None:
    desk.append(ROLLOUT, '  - {at: "2026-11-25T14:00:00Z", percent: 140}')
    said = desk.inv(*VERBS["raise"])
    assert said.status == 1
    assert said.err.splitlines()[0].startswith(f"{ROLLOUT}:9: steps.3.percent: 140 is above 100")


def test_a_git_that_refuses_leaves_the_line_written_and_says_so(desk: Desk) -> None:
    hook = desk.repo / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho 'no commits today' >&2\nexit 1\n")
    hook.chmod(0o755)
    try:
        said = desk.inv(*VERBS["raise"], "--commit")
    finally:
        hook.unlink()
    assert (said.status, said.err) == (
        1,
        f"no commits today\ngit did not commit; {ROLLOUT} is written and staged\n",
    )
    assert desk.changed() == f"M  {ROLLOUT}\n"


def test_now_is_written_where_no_time_is_given(desk: Desk) -> None:
    desk.inv("withdraw", "1.5.0-beta.1", "--reason", "x", "--commit")
    assert timeless("\n".join(added(desk))) == 'withdraw: 1.5.0-beta.1\nchannels: [beta]\nat: "<at>"\nreason: x'
