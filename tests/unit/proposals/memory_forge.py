"""A forge in memory over a real repository: what was said and agreed is kept here, commits are git's."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from delivery.history.git import git, line
from delivery.proposals import branches
from delivery.proposals.forge import (
    Approval,
    Check,
    Comment,
    ForgeError,
    Moved,
    NoProposal,
    Proposal,
    State,
    Wanted,
)

_MAIN = "refs/heads/main"


@dataclass
class Kept:
    """All that anybody did."""

    proposals: dict[int, Proposal] = field(default_factory=dict)
    approvals: dict[int, dict[str, Approval]] = field(default_factory=dict)
    comments: dict[int, list[Comment]] = field(default_factory=dict)
    checks: dict[str, dict[str, Check]] = field(default_factory=dict)
    issues: list[tuple[str, str]] = field(default_factory=list)
    rewritten: int = 0  # how often a comment was


@dataclass(frozen=True)
class MemoryForge:
    """Somebody signed in to it; `as_` is the same forge with another signed in."""

    repo: Path
    who: str
    kept: Kept = field(default_factory=Kept)

    def as_(self, who: str) -> "MemoryForge":
        return replace(self, who=who)

    def me(self) -> str:
        return self.who

    def main(self) -> str:
        return line(self.repo, "rev-parse", _MAIN)

    def propose(self, wanted: Wanted) -> Proposal:
        if wanted.branch == "main":
            raise ForgeError("main is what proposals are merged to")
        old = next((each for each in self.proposals() if each.branch == wanted.branch), None) or self._new(wanted)
        return self._put(replace(old, head=wanted.commit, title=wanted.title, body=wanted.body))

    def proposal(self, number: int) -> Proposal:
        if number not in self.kept.proposals:
            raise NoProposal(f"there is no proposal {number}")
        return self.kept.proposals[number]

    def proposals(self, state: State = State.open) -> Sequence[Proposal]:
        return [each for _, each in sorted(self.kept.proposals.items(), reverse=True) if each.state is state]

    def comments(self, number: int) -> Sequence[Comment]:
        those = self.kept.comments.get(self.proposal(number).number, [])
        return [replace(each, is_ours=each.author == self.who) for each in those]

    def say(self, number: int, body: str) -> Comment:
        said = Comment(sum(map(len, self.kept.comments.values())) + 1, self.who, body, is_ours=True)
        self.kept.comments.setdefault(self.proposal(number).number, []).append(said)
        return said

    def rewrite(self, comment: Comment, body: str) -> None:
        for those in self.kept.comments.values():
            for place, each in enumerate(those):
                if each.number == comment.number and each.author == self.who:
                    those[place] = replace(each, body=body)
                    self.kept.rewritten += 1
                    return
        raise ForgeError(f"{self.who} wrote no comment {comment.number}")

    def approvals(self, number: int) -> Sequence[Approval]:
        return list(self.kept.approvals.get(self.proposal(number).number, {}).values())

    def approve(self, number: int, head: str, says: str) -> None:  # noqa: ARG002 - nothing here asks what was said
        self._refuse_moved(number, head)
        self.kept.approvals.setdefault(number, {})[self.who] = Approval(self.who, head, datetime.now(UTC))

    def tell(self, head: str, check: Check) -> None:
        self.kept.checks.setdefault(head, {})[check.name] = check

    def checks(self, head: str) -> Sequence[Check]:
        return list(self.kept.checks.get(head, {}).values())

    def merge(self, number: int, head: str, message: str) -> str:
        proposal = self._refuse_moved(number, head)
        result = branches.merge_result(self.repo, self.main(), head, message)
        git(self.repo, "update-ref", _MAIN, result)
        self._put(replace(proposal, state=State.merged, merged_as=result))
        return result

    def close(self, number: int) -> None:
        self._put(replace(self.proposal(number), state=State.closed))

    def open_issue(self, title: str, body: str) -> str:
        self.kept.issues.append((title, body))
        return f"issue {len(self.kept.issues)}"

    def _new(self, wanted: Wanted) -> Proposal:
        number, now = len(self.kept.proposals) + 1, datetime.now(UTC)
        return Proposal(number, wanted.branch, wanted.commit, wanted.title, wanted.body, self.who, State.open, now)

    def _put(self, proposal: Proposal) -> Proposal:
        self.kept.proposals[proposal.number] = proposal
        return proposal

    def _refuse_moved(self, number: int, head: str) -> Proposal:
        proposal = self.proposal(number)
        if proposal.state is not State.open or proposal.head != head:
            raise Moved(f"proposal {number} is not what it was")
        return proposal
