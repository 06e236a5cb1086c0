"""judge: says on each open proposal what it does and still needs, as main's code sees it, and whether it may be merged.

What a workflow types after each check and each review. The proposal's own code never runs: its commit is read as data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from delivery.commands.desk import ROOT, command, err, out, print_json
from delivery.commands.propose import stands
from delivery.commands.proposed import legible
from delivery.history.git import NoHistory
from delivery.present.words import counted
from delivery.proposals import choose, comment
from delivery.proposals.forge import Check, Forge, ForgeError, Proposal, Verdict
from delivery.proposals.standing import Standing
from delivery.rules.problem import Severity

APPROVALS = "espice/approvals"  # the check that a ruleset requires: it counts what the effect needs


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one proposal; `trouble` where it could not be."""

    number: int
    head: str
    verdict: Verdict | None
    says: str
    trouble: str | None = None


@command
def judge(as_json: bool) -> int:
    """All that are open. One that cannot be judged stops no other."""
    forge, now = choose.forge(ROOT), datetime.now(UTC)
    found = list(_each(forge, forge.proposals(), now))
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        _print(found)
    return 1 if any(each.trouble for each in found) else 0


def check(needs: Standing) -> Check:
    """May it be merged? Pending is what others can still bring about; failure is mended by who proposes."""
    if not needs.missing:
        return Check(APPROVALS, Verdict.success, f"{counted(len(needs.given), 'approval')} of exactly this")
    broken = needs.result is None or any(each.severity is Severity.error for each in needs.problems)
    return Check(APPROVALS, Verdict.failure if broken else Verdict.pending, f"missing: {'; '.join(needs.missing)}")


def _each(forge: Forge, wanted: Sequence[Proposal], now: datetime) -> Iterator[Judged]:
    for each in wanted:
        try:
            proposal = forge.proposal(each.number)
            needs = stands(forge, proposal, now)
            comment.post(forge, proposal, needs)
            said = check(needs)
            forge.tell(proposal.head, said)
            yield Judged(proposal.number, proposal.head, said.verdict, said.says)
        except (ForgeError, NoHistory) as error:
            yield Judged(each.number, each.head, None, "", str(error))


def _print(found: list[Judged]) -> None:
    for each in found:
        if each.trouble:
            err.print(f"proposal {each.number} was not judged: {legible(each.trouble)}", markup=False)
        else:
            out.print(f"proposal {each.number} at {each.head[:12]}: {each.verdict}, {legible(each.says)}", markup=False)
    if not found:
        out.print("no proposal is open")
