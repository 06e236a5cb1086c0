"""What cannot be judged, by whatever a stranger committed: it fails, and stops no other."""

import json
import os
import subprocess
from datetime import datetime

import pytest

from delivery.commands import judge as module
from delivery.commands.propose import stands
from delivery.history.git import NoHistory
from delivery.proposals import branches
from delivery.proposals.forge import Forge, Proposal
from delivery.proposals.standing import Standing
from tests.unit.commands.desk import Said
from tests.unit.commands.test_judge import checks
from tests.unit.commands.test_proposals_at_github import HOLD, AtGitHub, place

pytestmark = pytest.mark.slow

__all__ = ["place"]


def test_a_success_does_not_outlive_a_judge_that_fails(place: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    place.inv("ada", *HOLD)
    head = place.hub.pull(1).head
    place.inv("bea", "approve", "1", "--head", head)
    place.inv("bot", "judge")
    assert checks(place)[-1][0] == "success"

    def refuse(*_: object) -> Standing:
        raise NoHistory("git says no")

    monkeypatch.setattr(module, "stands", refuse)
    said = place.inv("bot", "judge")
    assert said == Said(1, "", "proposal 1 was not judged: git says no\n")
    assert checks(place)[-1] == ("failure", "could not be judged")
    monkeypatch.undo()


def test_what_nobody_thought_of_stops_no_other(place: AtGitHub, monkeypatch: pytest.MonkeyPatch) -> None:
    place.inv("ada", *HOLD)
    place.inv("ada", "stop", "beta", "--reason", "crashes", "--pr")

    def breaks(forge: Forge, proposal: Proposal, now: datetime) -> Standing:
        if proposal.number == 2:
            raise RecursionError("too deep \udcff")
        return stands(forge, proposal, now)

    with monkeypatch.context() as broken:
        broken.setattr(module, "stands", breaks)
        said = place.inv("bot", "judge")
        machine = json.loads(place.inv("bot", "judge", "--json").out)
    assert (said.status, said.err) == (1, "proposal 2 was not judged: RecursionError: too deep \ufffd\n")
    assert [(each["number"], each["verdict"], each["trouble"]) for each in machine] == [
        (2, "failure", "RecursionError: too deep \ufffd"),
        (1, "pending", None),
    ]
    assert [verdict for verdict, _ in checks(place)] == ["failure", "pending"] * 2


PATHS = {
    "bytes": (b"releases/flags/\xff.yaml", b"a: 1\n"),
    "a newline": (b"releases/flags/a\nb.yaml", b"a: 1\n"),
    "code": (b"tests/\xff.py", b""),
    "a terminal's word": (b"releases/\x1b[2J.yaml", b"a: 1\n"),
    "depth": (b"releases/flags/deep.yaml", b"[" * 20_000),
}


@pytest.mark.parametrize("name", PATHS)
def test_a_path_of_a_strangers_commit_breaks_no_judgement(place: AtGitHub, name: str) -> None:
    place.inv("ada", *HOLD)
    path, data = PATHS[name]
    blob = subprocess.run(
        ["git", "hash-object", "-w", "--stdin"], cwd=place.desk.repo, input=data, capture_output=True, check=True
    )
    listed = subprocess.run(
        ["git", "ls-tree", "-r", "-z", "main"], cwd=place.desk.repo, capture_output=True, check=True
    )
    index = {"GIT_INDEX_FILE": str(place.desk.repo / ".git/strange"), "PATH": os.environ["PATH"]}
    for line in (listed.stdout, b"100644 blob " + blob.stdout.strip() + b"\t" + path + b"\0"):
        adds = ["git", "update-index", "-z", "--index-info"]
        subprocess.run(adds, cwd=place.desk.repo, env=index, input=line, capture_output=True, check=True)
    tree = subprocess.run(["git", "write-tree"], cwd=place.desk.repo, env=index, capture_output=True, check=True)
    head = branches.commit_tree(place.desk.repo, tree.stdout.decode().strip(), "Strange", "main")
    place.desk.git("push", "-q", str(place.hub.bare.folder), f"{head}:refs/heads/strange")
    place.hub.fork_pull("mal", head, "strange", "Strange")
    place.inv("bot", "judge", "--json").out.encode()
    assert [(each.commit, each.said["state"] == "success") for each in place.hub.statuses] == [
        (head, False),
        (place.hub.pull(1).head, False),
    ]
    assert "success" not in dict(checks(place))
