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
UNJUDGED = "could not be judged"


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of one proposal. Where it could not be judged, `trouble` says why."""

    number: int
    head: str
    verdict: Verdict | None
    says: str
    trouble: str | None = None


@command
def judge(as_json: bool) -> int:
    """All that are open. One that cannot be judged stops no other."""
    forge, now = choose.forge(ROOT), datetime.now(UTC)
    found = list(_each(forge, choose.checker(ROOT) or forge, forge.proposals(), now))
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
    says = legible(f"missing: {'; '.join(needs.missing)}")
    return Check(APPROVALS, Verdict.failure if broken else Verdict.pending, says)


def _each(forge: Forge, checker: Forge, wanted: Sequence[Proposal], now: datetime) -> Iterator[Judged]:
    for each in wanted:
        head = each.head
        try:
            proposal = forge.proposal(each.number)
            head = proposal.head
            said = _said(forge, checker, proposal, now)
            checker.tell(head, said)
            yield Judged(each.number, head, said.verdict, said.says)
        except Exception as error:  # whatever a stranger's commit breaks: the others are judged all the same
            yield _unjudged(checker, each.number, head, error)


def _said(forge: Forge, checker: Forge, proposal: Proposal, now: datetime) -> Check:
    """Say it in its comment; what its check has to say."""
    needs = stands(forge, proposal, now)
    comment.post(forge, proposal, needs, checker.me())
    return check(needs)


def _unjudged(checker: Forge, number: int, head: str, error: Exception) -> Judged:
    """See that no success stays on what nobody can judge any more."""
    known = isinstance(error, (ForgeError, NoHistory))
    trouble = legible(str(error) if known else f"{type(error).__name__}: {error}")
    try:
        checker.tell(head, Check(APPROVALS, Verdict.failure, UNJUDGED))
    except ForgeError as worse:
        return Judged(number, head, None, "", f"{trouble}; what {APPROVALS} said of it before still stands: {worse}")
    return Judged(number, head, Verdict.failure, UNJUDGED, trouble)


def _print(found: list[Judged]) -> None:
    for each in found:
        if each.trouble:
            err.print(f"proposal {each.number} was not judged: {each.trouble}", markup=False)
        else:
            out.print(f"proposal {each.number} at {each.head[:12]}: {each.verdict}, {each.says}", markup=False)
    if not found:
        out.print("no proposal is open")
