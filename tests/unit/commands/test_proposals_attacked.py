"""Ways around what people read and agree to, tried against a stand-in for GitHub."""

import pytest

from delivery.proposals import branches
from delivery.proposals.owners import CODEOWNERS
from tests.github.kept import Person
from tests.unit.commands.desk import Said
from tests.unit.commands.test_proposals_at_github import HOLD, AtGitHub, place

pytestmark = pytest.mark.slow

__all__ = ["place"]

ANEW = "what it does to users is not what its comment said; that is written anew: read it again: ./inv proposal 1"
POLICY = "releases/policy.yaml"


def test_a_comment_that_another_edited_is_written_anew_before_it_is_merged(place: AtGitHub) -> None:
    place.inv("ada", *HOLD)
    place.inv("bea", "approve", "1", "--head", place.hub.pull(1).head)
    (remark,) = place.hub.remarks
    true = remark.body
    stamp = "\n".join(true.split("\n")[:2])
    place.hub.rewrite(Person("mal"), remark.id, f"{stamp}\n### laptop: nobody is offered anything else\n")
    assert place.inv("ada", "merge", "1") == Said(1, "", f"proposal 1 was not merged:\n  {ANEW}\n")
    assert "| clients | who |" in place.hub.remarks[0].body
    assert place.inv("ada", "merge", "1").status == 0


def test_facts_of_main_that_nobody_can_read_are_mended_by_a_proposal(place: AtGitHub) -> None:
    bare, good = str(place.hub.bare.folder), place.desk.read(POLICY).encode()
    files = {POLICY: b"approvals: [\n", CODEOWNERS: b"* @bea\n"}
    bad = branches.commit(place.desk.repo, "main", files, "Break it")
    place.desk.git("push", "-q", bare, f"{bad}:refs/heads/main")
    head = branches.commit(place.desk.repo, bad, {POLICY: good}, "Mend it")
    place.desk.git("push", "-q", bare, f"{head}:refs/heads/mend")
    place.hub.open_pull(Person("ada"), {"title": "Mend it", "body": "", "head": "mend", "base": "main"})
    place.inv("bea", "approve", "1", "--head", head)
    said = place.inv("ada", "merge", "1")
    assert said.err.splitlines() == ["proposal 1 was not merged:", f"  1 more approval of {head[:12]}", f"  {ANEW}"]
    assert "there is no plan of this change" in place.hub.remarks[-1].body
    place.inv("bot", "approve", "1", "--head", head)
    said = place.inv("ada", "merge", "1")
    assert (said.status, said.err) == (0, "")
    assert place.desk.git("show", f"{place.hub.bare.tip('refs/heads/main')}:{POLICY}").encode() == good
