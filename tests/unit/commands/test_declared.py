"""What two commits declare, and what differs: typed with no account at all, each commit by its own code."""

import json
import re

import pytest

from tests.unit.commands.desk import Desk, Said

pytestmark = pytest.mark.slow


def commit(desk: Desk, path: str, pattern: str, becomes: str) -> str:
    """A commit that says something else in one file; its short id."""
    text = desk.read(path)
    assert re.search(pattern, text), pattern
    desk.write(path, re.sub(pattern, becomes, text, count=1))
    desk.git("commit", "-q", "-a", "-m", "Change it")
    return desk.git("rev-parse", "HEAD").strip()


def test_data_that_changed_is_told_by_resource_and_property(desk: Desk) -> None:
    base = desk.git("rev-parse", "HEAD").strip()
    head = commit(desk, "Pulumi.staging.yaml", r"kept: 4", "kept: 5")
    said = desk.inv("preview", "staging", "--declared", "--against", base)
    assert (said.status, said.err) == (0, "")
    changed, counts, not_read = said.out.splitlines()
    assert changed == "update  aws:sqs/queue:Queue events: messageRetentionSeconds"
    assert re.fullmatch(r"update 1, same \d+", counts)
    assert not_read == f"staging as {head[:12]} declares it, against {base[:12]}; what is live there was not read"
    found = json.loads(desk.inv("preview", "staging", "--declared", "--against", base, "--diff", "--json").out)
    assert (found["stack"], found["base"], found["head"], found["errors"]) == ("staging", base, head, [])
    assert [each["values"] for each in found["changes"]] == [
        {"messageRetentionSeconds": {"was": 345600, "becomes": 432000}}
    ]


def test_it_is_a_table_for_a_job_s_summary(desk: Desk) -> None:
    commit(desk, "Pulumi.staging.yaml", r"kept: 4", "kept: 5")
    lines = desk.inv("preview", "staging", "--declared", "--against", "HEAD~1", "--markdown").out.splitlines()
    assert re.fullmatch(r"\*\*update 1, same \d+\*\*: staging as .* what is live there was not read", lines[0])
    assert lines[1:] == [
        "",
        "| what | name | type | properties |",
        "| --- | --- | --- | --- |",
        "| update | events | aws:sqs/queue:Queue | messageRetentionSeconds |",
    ]


def test_each_commit_is_asked_by_its_own_code(desk: Desk) -> None:
    base = desk.git("rev-parse", "HEAD").strip()
    commit(desk, "infra/names.py", r'return self\._name\("builds"\)', 'return self._name("zips")')
    said = desk.terminal("preview", "staging-ground", "--declared", "--against", base, "--json")
    assert said.err == ""
    changes = json.loads(said.out)["changes"]
    assert {"operation": "replace", "type": "aws:s3/bucket:Bucket", "name": "builds", "changed": ["bucket"]} in changes
    back = desk.terminal("preview", "staging-ground", "--declared", "--against", base)
    assert "builds: it would be replaced, and is protected" in back.out


def test_a_commit_that_cannot_be_told_is_named_with_its_reason(desk: Desk) -> None:
    commit(desk, "Pulumi.staging.yaml", r"log-days: 14", "log-days: 15")
    base = desk.git("rev-parse", "HEAD").strip()
    commit(desk, "Pulumi.staging.yaml", r"log-days: 15", "log-days: 30")
    said = desk.inv("preview", "staging", "--declared", "--against", base)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith(f"what {base[:12]} declares of staging cannot be told: Pulumi.staging.yaml:")


def test_code_of_before_that_cannot_be_asked_is_named(desk: Desk) -> None:
    desk.git("rm", "-q", "delivery/commands/declared.py")
    desk.git("commit", "-q", "-m", "As it was before")
    desk.git("revert", "--no-edit", "HEAD")
    said = desk.terminal("preview", "staging", "--declared", "--against", "HEAD~1")
    assert (said.status, said.out) == (1, "")
    assert "declares of staging cannot be told: " in said.err
    assert said.err.endswith("No module named delivery.commands.declared\n")


def test_secrets_are_not_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.commands.wished.opened", None)
    assert desk.inv("preview", "staging", "--declared", "--against", "HEAD").status == 0


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            ("--against", "HEAD"),
            "--against compares what two commits declare, and nothing that is live; add --declared",
        ),
        (("--markdown",), "--markdown is how --declared --against COMMIT prints what differs; name the commit"),
    ],
)
def test_what_makes_no_sense_together_is_said(desk: Desk, typed: tuple[str, ...], told: str) -> None:
    assert desk.inv("preview", "staging", *typed) == Said(2, "", f"{told}\n")
