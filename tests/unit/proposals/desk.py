"""A small repository of facts with a forge over it, in which people propose, approve and merge."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from delivery.history.git import git
from delivery.proposals import branches, record
from delivery.proposals.forge import Proposal, Wanted
from delivery.proposals.local import Local
from delivery.proposals.owners import CODEOWNERS
from delivery.proposals.standing import Standing, standing
from tests.unit.history.conftest import Repository
from tests.unit.rules.files import NOW, ROLLOUT, TEXTS

APPROVALS = "delivery/rules/approvals.py"
OWNERS = "* @espice/platform\n/docs/\n/releases/ @espice/release\n/releases/policy.yaml @ruth\n"
BRANCH = "releases/raise-stable-1.4.0"

RAISED = 'at: "2026-11-25T13:00:00Z", percent: 25'
GATED = 'at: "2026-11-25T11:00:00Z", percent: 25, gate: default'
PASSED = 'pass: 25, at: "2026-11-25T11:30:00Z", evidence: "48 h at 10 %: *well*, says @ada"'
HELD = 'hold: 0, at: "2026-11-25T11:55:00Z", reason: it loses files'


def lines(*more: str, of: str = TEXTS[ROLLOUT]) -> str:
    """The rollout of 1.4.0 with these lines added."""
    return of + "".join(f"  - {{{line}}}\n" for line in more)


@dataclass(frozen=True)
class Desk:
    """Ada's, whose git says A Person."""

    repository: Repository
    forge: Local

    @property
    def repo(self) -> Path:
        return self.repository.path

    def as_(self, who: str) -> Local:
        """The same forge with another signed in."""
        return Local(self.repo, who)

    def rewritten(self) -> int:
        """How often a comment was."""
        return git(self.repo, "log", "--format=%s", record.REF).decode().count("rewrites it")

    def merged(self, files: Mapping[str, str]) -> str:
        """Main has these, however they came there."""
        return self.repository.commit(files)

    def propose(self, files: Mapping[str, str], who: str = "ada", branch: str = BRANCH) -> Proposal:
        """A commit on main as it is now, or the same proposal with another one."""
        data = {path: text.encode() for path, text in files.items()}
        commit = branches.commit(self.repo, self.forge.main(), data, "Raise stable\n\nIt is good\n")
        return self.as_(who).propose(Wanted(branch, commit, "Raise stable", "It is good"))

    def approve(self, proposal: Proposal, *people: str) -> None:
        for who in people:
            self.as_(who).approve(proposal.number, proposal.head, "good")

    def standing(self, proposal: Proposal, now: datetime = NOW) -> Standing:
        return standing(self.repo, self.forge, self.forge.proposal(proposal.number), now)


def desk(folder: Path) -> Desk:
    """Main with the facts of `tests.unit.rules.files`, with owners, and with some code."""
    made = Repository(folder / "repo")
    made.commit({**TEXTS, CODEOWNERS: OWNERS, APPROVALS: "COUNT = 2\n", "docs/a.md": "a\n"})
    return Desk(made, Local(made.path, "the-bot"))
