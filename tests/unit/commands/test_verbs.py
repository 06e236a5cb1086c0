"""The verbs as people type them: one file each, shown with its plan, and staged or committed."""

import json

import pytest

import tasks
from tests.laptop.system import now
from tests.unit.commands.desk import Desk, timeless

pytestmark = pytest.mark.slow

MOMENT = now()
AT = ("--at", MOMENT)
WHY = ("--reason", "crashes at start")
STEPS = "releases/rollouts/stable/1.4.0.yaml"
STOP = f"releases/stops/{MOMENT[:10]}-stable.yaml"
DRY = "dry run: nothing was written"
SAID = f'at: "{MOMENT}"'
BECAUSE = 'reason: "crashes at start"'

# What is typed, the file it changes, the lines it adds (behind the line that names a new file's schema), its commit.
VERBS = {
    "raise": (
        ("raise", "stable", "25", *AT),
        STEPS,
        (f"  - {{{SAID}, percent: 25}}",),
        "Raise stable 1.4.0 to 25 %",
    ),
    "hold": (
        ("hold", "stable", *WHY, *AT),
        STEPS,
        (f"  - {{hold: 0, {SAID}, {BECAUSE}}}",),
        "Hold stable 1.4.0 at 0 %",
    ),
    "critical": (
        ("critical", "stable", "--below", "1.3.0", *WHY, *AT),
        STEPS,
        (f"  - {{critical: {{below: 1.3.0}}, {SAID}, {BECAUSE}}}",),
        "Make stable 1.4.0 critical below 1.3.0",
    ),
    "withdraw": (
        ("withdraw", "1.4.0", *WHY, *AT),
        "releases/withdrawals/1.4.0.yaml",
        ("withdraw: 1.4.0", "channels: [beta, stable]", SAID, BECAUSE, "downloads: hide"),
        "Withdraw 1.4.0",
    ),
    "stop": (("stop", "stable", *WHY, *AT), STOP, ("stop: {channel: stable}", SAID, BECAUSE), "Stop stable"),
    "stop a version": (
        ("stop", "stable", "--version", "1.4.0", *WHY, *AT),
        STOP,
        ("stop: {channel: stable, versions: [1.4.0]}", SAID, BECAUSE),
        "Stop 1.4.0 on stable",
    ),
    "lift": (
        ("lift", "withdrawal", "1.4.0-beta.1", *WHY, *AT),
        "releases/withdrawals/1.4.0-beta.1.yaml",
        (f"lifted: {{{SAID}, {BECAUSE}}}",),
        "Lift the withdrawal 1.4.0-beta.1",
    ),
    "block": (
        (
            *("block", "gtk", "--from", ">=1.2.0 <1.3.1", "--to", ">=1.4.0-beta.1 <1.4.1", *WHY),
            *("--owner", "@linux", "--review-by", "2099-01-31", "--targets", "linux-x86_64"),
        ),
        "releases/blocks/gtk.yaml",
        (
            "block: gtk",
            'from: ">=1.2.0 <1.3.1"',
            'to: ">=1.4.0-beta.1 <1.4.1"',
            "targets: [linux-x86_64]",
            "effect: block",
            BECAUSE,
            'owner: "@linux"',
            'review-by: "2099-01-31"',
        ),
        "Block gtk",
    ),
    "barrier": (
        ("barrier", "1.3.0", "--below", "1.3.0", *WHY),
        "releases/barriers/1.3.0.yaml",
        ("barrier: 1.3.0", "applies-below: 1.3.0", "targets: all", BECAUSE),
        "Make 1.3.0 a barrier below 1.3.0",
    ),
    "freeze": (
        ("freeze", "rest", "--from", "2099-12-20T00:00:00Z", "--until", "2099-12-31T00:00:00Z", *WHY),
        "releases/freezes/rest.yaml",
        (
            "freeze: rest",
            "channels: [beta, stable]",
            'from: "2099-12-20T00:00:00Z"',
            'until: "2099-12-31T00:00:00Z"',
            BECAUSE,
        ),
        "Freeze rest",
    ),
    "notice": (
        ("notice", "news", "--versions", "<1.3.0", "--text", "Please update.", *AT),
        "releases/notices/news.yaml",
        ("notice: news", "channels: [beta, stable]", 'versions: "<1.3.0"', SAID, 'text: "Please update."'),
        "Add the notice news",
    ),
}


def written(path: str, lines: tuple[str, ...]) -> list[str]:
    """With the first line of a new file."""
    kind = path.split("/")[1].removesuffix("s")
    is_new = not lines[0].startswith(("  - ", "lifted"))
    return [*([f"# yaml-language-server: $schema=../../schemas/{kind}.json"] if is_new else []), *lines]


def added(desk: Desk, commit: str = "HEAD") -> list[str]:
    """The lines that a commit added; it must take none away."""
    diff = desk.git("show", "--format=", "--unified=0", commit).splitlines()
    assert not [line for line in diff if line.startswith("-") and not line.startswith("---")]
    return [line[1:] for line in diff if line.startswith("+") and not line.startswith("+++")]


@pytest.mark.parametrize("verb", VERBS)
def test_a_dry_run_shows_lines_and_plan_and_writes_nothing(desk: Desk, verb: str) -> None:
    typed, path, lines, _ = VERBS[verb]
    said = desk.inv(*typed, "--dry-run", "--commit")
    assert (said.status, said.err) == (0, "")
    shown = written(path, lines)
    assert said.out.splitlines()[: len(shown) + 1] == [path, *(f"+ {line}" for line in shown)]
    assert "Plan for laptop at" in said.out
    assert said.out.splitlines()[-1] == DRY
    assert desk.changed() == ""
    assert desk.git("rev-list", "--count", "HEAD").strip() == "1"


@pytest.mark.parametrize("verb", VERBS)
def test_a_commit_is_one_file_to_which_these_lines_were_added(desk: Desk, verb: str) -> None:
    typed, path, lines, subject = VERBS[verb]
    said = desk.inv(*typed, "--commit")
    assert (said.status, said.err) == (0, "")
    assert said.out.splitlines()[-1] == f"committed: {subject}"
    assert desk.git("show", "--name-only", "--format=%s", "HEAD").split("\n\n") == [subject, f"{path}\n"]
    assert added(desk) == written(path, lines)
    assert desk.changed() == ""
    assert desk.inv("check", "--base", "HEAD~1").status == 0


BRANCHES = {
    "raise": "raise-stable-1.4.0",
    "hold": "hold-stable-1.4.0",
    "critical": "make-stable-1.4.0-critical",
    "withdraw": "withdraw-1.4.0",
    "stop": f"stop-stable-{MOMENT[:10]}-stable",
    "stop a version": f"stop-1.4.0-on-stable-{MOMENT[:10]}-stable",
    "lift": "lift-the-withdrawal-1.4.0-beta.1",
    "block": "block-gtk",
    "barrier": "make-1.3.0-a-barrier",
    "freeze": "freeze-rest",
    "notice": "add-the-notice-news",
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_proposal_is_one_commit_of_the_same_on_a_branch_of_its_own(alone: Desk, verb: str) -> None:
    typed, path, lines, subject = VERBS[verb]
    said = alone.inv(*typed, "--pr")
    assert (said.status, said.err) == (0, "")
    assert f"opened proposal 1: {subject}" in said.out.splitlines()
    branch = f"releases/{BRANCHES[verb]}"
    assert alone.git("log", "--format=%s", f"main..{branch}") == f"{subject}\n"
    assert alone.git("show", "--name-only", "--format=", branch) == f"{path}\n"
    assert added(alone, branch) == written(path, lines)
    assert alone.changed() == ""
    assert json.loads(alone.inv("proposal", "1", "--json").out)["errors"] == 0


@pytest.mark.parametrize("verb", ["raise", "stop"])
def test_without_commit_the_file_is_staged_and_the_way_back_works_as_printed(desk: Desk, verb: str) -> None:
    typed, path, _, _ = VERBS[verb]
    said = desk.inv(*typed)
    assert desk.changed()[:2] in ("M ", "A ")
    told, _, back = said.out.splitlines()[-1].partition("or take it back by git ")
    assert told == f"staged {path}; commit it, "
    desk.git(*back.split())
    assert desk.changed() == ""


def test_a_rollout_goes_its_way_by_verbs_alone(desk: Desk) -> None:
    way = (
        ("raise", "stable", "25", "--gate", "default"),
        ("pass", "stable", "25", "--evidence", "48 h at 10 %: all is well"),
        ("hold", "stable", *WHY),
        ("resume", "stable", "25", *WHY),
        ("raise", "stable", "50", "--gate", "default", "--over", "24h"),
    )
    for minutes, typed in enumerate(way, -len(way)):
        said = desk.inv(*typed, "--at", now(minutes), "--commit")
        assert (said.status, said.err) == (0, "")
    assert timeless(desk.read(STEPS)).splitlines()[-5:] == [
        '  - {at: "<at>", percent: 25, gate: default}',
        '  - {pass: 25, at: "<at>", evidence: "48 h at 10 %: all is well"}',
        '  - {hold: 0, at: "<at>", reason: "crashes at start"}',
        '  - {resume: 25, at: "<at>", reason: "crashes at start"}',
        '  - {at: "<at>", percent: 50, over: 24h, gate: default}',
    ]


def test_what_takes_back_is_lifted_by_its_channel_too(desk: Desk) -> None:
    assert desk.inv(*VERBS["stop"][0], "--commit").status == 0
    assert desk.inv("lift", "stop", "stable", *WHY, *AT, "--commit").status == 0
    assert added(desk) == [f"lifted: {{{SAID}, {BECAUSE}}}"]


def test_what_installations_get_is_added_to_a_withdrawal_later(desk: Desk) -> None:
    assert desk.inv(*VERBS["withdraw"][0], "--commit").status == 0
    said = desk.inv("withdraw", "1.4.0", "--installed", "keep", "--commit")
    assert (said.status, said.err) == (0, "")
    assert added(desk) == ["installed: keep"]


def test_now_is_written_where_no_time_is_given(desk: Desk) -> None:
    desk.inv("withdraw", "1.5.0-beta.1", *WHY, "--commit")
    assert timeless("\n".join(added(desk)[1:4])) == 'withdraw: 1.5.0-beta.1\nchannels: [beta]\nat: "<at>"'


def test_why_stands_in_the_commits_body(desk: Desk) -> None:
    desk.inv(*VERBS["hold"][0], "--commit")
    assert desk.git("log", "-1", "--format=%b").strip() == "crashes at start"


def test_text_with_marks_of_yaml_and_of_terminals_is_kept_as_typed(desk: Desk) -> None:
    reason = "[red]it's[/red]: 100 % # broken {so}"
    said = desk.inv("hold", "stable", "--reason", reason, "--commit", *AT)
    assert f'reason: "{reason}"' in said.out
    assert added(desk) == [f'  - {{hold: 0, {SAID}, reason: "{reason}"}}']
    assert desk.git("log", "-1", "--format=%b").strip() == reason


def test_what_else_is_staged_stays_out_of_the_commit(desk: Desk) -> None:
    desk.append("README.md", "more")
    desk.git("add", "README.md")
    desk.inv(*VERBS["raise"][0], "--commit")
    assert desk.git("show", "--name-only", "--format=", "HEAD").split() == [STEPS]
    assert desk.changed() == "M  README.md\n"


def test_a_git_that_refuses_leaves_the_line_written_and_says_so(desk: Desk) -> None:
    hook = desk.repo / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\necho 'no commits today' >&2\nexit 1\n")
    hook.chmod(0o755)
    try:
        said = desk.terminal(*VERBS["raise"][0], "--commit")
    finally:
        hook.unlink()
    assert (said.status, said.err) == (1, f"no commits today\ngit did not commit; {STEPS} is written and staged\n")
    assert desk.changed() == f"M  {STEPS}\n"


def test_every_verb_can_be_tried_and_committed() -> None:
    found = {task.name: task for task in vars(tasks).values() if hasattr(task, "get_arguments")}
    for verb in (
        *("release", "start", "raise", "pass", "hold", "resume", "critical", "withdraw", "stop", "lift"),
        *("block", "barrier", "deadend", "freeze", "notice", "conclude"),
    ):
        assert {"dry-run", "commit"} <= {argument.names[0] for argument in found[verb].get_arguments()}
