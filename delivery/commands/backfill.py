"""backfill: makes each halt a fact on the forge's main by a merged proposal, and asks people to review it.

Once and only once, however often and from wherever it runs: the same halt on the same main makes the same commit on a
branch of its own, and whoever loses a race looks again. What others propose for it is named, and never merged here.
"""

from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from delivery.announce.claims import Claims, here_or_at_github
from delivery.announce.review import Issue, open_once
from delivery.commands import live
from delivery.commands.desk import ROOT, command, err, out, print_json
from delivery.commands.halt import is_of, reserved
from delivery.commands.judge import APPROVALS
from delivery.commands.propose import Main, stands, telling
from delivery.commands.proposed import legible
from delivery.deploy import halt as halting
from delivery.deploy.halt import Place, Standing
from delivery.history import snapshot, trailers
from delivery.history.git import NoHistory, line, log
from delivery.history.trailers import Trailers
from delivery.present import review
from delivery.present.review import Used
from delivery.present.words import listed
from delivery.proposals import branches, choose, standing, unasked
from delivery.proposals.forge import Check, Forge, ForgeError, Moved, Proposal, State, Unreachable, Verdict, Wanted
from delivery.proposals.github import GitHub
from delivery.proposals.owners import CODEOWNERS, owned
from delivery.rules import edit as verbs
from delivery.rules.brake import Halt, pending
from delivery.rules.edit import Edit, Ground
from delivery.rules.facts import Product
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.read import PRODUCT, read
from infra.names import Names

_TRIES = 10  # times that somebody else was quicker, or main moved


@dataclass(frozen=True, slots=True)
class Filled:
    """What became of a halt: the commit on main that brought its fact, or the proposal that is open; and its review."""

    halt: str
    merged: str | None
    proposal: int | None
    says: str
    wrong: bool = False
    review: str | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """What all of one run share. `checker` is who sets the check, where that is not who merges."""

    place: Place
    stands: Standing
    forge: Forge
    checker: Forge | None
    claims: Claims
    dry_run: bool

    @property
    def pending(self) -> tuple[Halt, ...]:
        """The halts that wait for their fact."""
        return pending(self.stands.override, self.stands.catalog)

    @property
    def is_shared(self) -> bool:
        """Whether others have this main, too."""
        return isinstance(self.forge, GitHub)


@command
def backfill(environment: str, *, dry_run: bool, as_json: bool) -> int:
    """Each halt; what goes wrong with one stops no other. Raises Usage, Refused, EngineError, ForgeError."""
    forge, place = choose.forge(ROOT), _place(environment)
    run = Run(place, halting.standing(place), forge, choose.checker(ROOT), here_or_at_github(ROOT, forge), dry_run)
    with telling("what was merged stays so; type it again: that is safe"):
        done = [_filled(run, each) for each in halting.used(place, run.stands)]
    doubt = [each for each in (run.stands.doubt, run.stands.lost) if each]
    for sentence in doubt:
        err.print(sentence, style="red", markup=False)
    if as_json:
        print_json([asdict(each) for each in done])
    else:
        _print(done, place)
    return 1 if doubt or any(each.wrong for each in done) else 0


def _place(environment: str) -> Place:
    """As this checkout's HEAD says it: only reads."""
    filed, problems = parse(PRODUCT, snapshot.at_commit(ROOT, "HEAD", [PRODUCT]).get(PRODUCT, b""), Product)
    if filed is None:
        raise Refused(problems)
    return live.reached(Names.of(filed.value, live.environment(environment))).place(filed.value)


def _filled(run: Run, halt: Halt) -> Filled:
    """Its fact first: the issue says where that is. Raises Unreachable."""
    try:
        done = _fact(run, halt)
    except Unreachable:
        raise
    except (Refused, ForgeError, NoHistory) as error:
        done = Filled(halt.name, None, None, legible(str(error)), wrong=True)
    if run.dry_run:
        return done
    try:
        return _reviewed(run, halt, done)
    except Unreachable:
        raise
    except (ForgeError, NoHistory) as error:
        says = f"{done.says}; whether the issue for its review is open is not known: {legible(str(error))}"
        return replace(done, says=says, wrong=True)


# --- its fact ---------------------------------------------------------------------------------------------------------


def _fact(run: Run, halt: Halt) -> Filled:
    """On main, or on its way there. Raises Refused, ForgeError, NoHistory."""
    for _ in range(_TRIES):
        main = Main(run.forge, run.forge.main())
        try:
            return _once(run, halt, main)
        except Moved:
            continue
        except Unreachable:
            raise
        except ForgeError:
            if run.forge.main() == main.commit:
                raise
    raise ForgeError(f"{_TRIES} times others were quicker with its fact, or main moved; type it again")


def _once(run: Run, halt: Halt, main: Main) -> Filled:
    """Raises Moved where what was read is not so any more."""
    files = main.files()
    facts, problems = read(files)
    if facts is None:
        raise Refused(problems)
    filed = next((each for each in facts.stops.values() if each.value.decides == halt.name), None)
    if filed:
        _close_what_is_left(run, halt, main.commit)
        return Filled(halt.name, _brought(main.commit, filed.path), None, f"its fact is on main: {filed.path}")
    if halt not in run.pending:
        return Filled(halt.name, None, None, "is decided by what is live, though not by main")
    edit = verbs.decide(Ground(facts, files, datetime.now(UTC), facts), halt)
    there = next((each for each in run.forge.proposals() if each.branch == reserved(halt.name)), None)
    if run.dry_run:
        says = f"proposal {there.number} would be merged, or told what it needs" if there else "would be proposed"
        return Filled(halt.name, None, there.number if there else None, says)
    beside = _beside(run, halt, main, edit)
    done = _brought_home(run, halt, main, edit, there)
    if done.merged:
        _close_what_is_left(run, halt, run.forge.main())
    return replace(done, says=legible("; ".join((done.says, *beside))))


def _brought_home(run: Run, halt: Halt, main: Main, edit: Edit, there: Proposal | None) -> Filled:
    """Proposed, and merged if nobody must be asked. `there` is what is open already on the branch of its own."""
    body = f"{halt.reason}\n\nThe brake of {run.place.environment} was pulled: {halt.name}."
    by = branches.nobody(int(halt.at.timestamp()))
    commit = branches.commit(ROOT, main.commit, {edit.path: edit.after}, f"{edit.summary}\n\n{body}\n", by=by)
    proposal = _proposed(run, Wanted(reserved(halt.name), commit, edit.summary, body), there)
    needs = stands(run.forge, proposal, datetime.now(UTC))
    if needs.main != main.commit:
        raise Moved("main has moved in the meantime")
    is_own = proposal.head == commit and _is_ours(run, proposal)
    why = [*unasked.refusals(needs, run.place.environment, is_own=is_own, is_shared=run.is_shared)]
    if why:
        missing = needs.missing or (f"nothing else is missing: ./inv merge {proposal.number}",)
        says = f"proposal {proposal.number} stays open: {'; '.join((*why, *missing))}"
        return Filled(halt.name, None, proposal.number, says)
    return _merged(run, halt, replace(proposal, title=edit.summary), needs)


def _proposed(run: Run, wanted: Wanted, there: Proposal | None) -> Proposal:
    """By ourselves, where it may be merged then; what people are asked for is left as they saw it."""
    if there and not unasked.speaks(run.place.environment, is_shared=run.is_shared):
        return run.forge.proposal(there.number)
    if there and not _is_ours(run, there):
        run.forge.close(there.number)
    elif there and there.head == wanted.commit:
        return run.forge.proposal(there.number)
    return run.forge.propose(wanted)  # also anew: GitHub merges only what was checked on main as it is


def _is_ours(run: Run, proposal: Proposal) -> bool:
    return proposal.author.casefold() == run.forge.me().casefold()


def _merged(run: Run, halt: Halt, proposal: Proposal, needs: standing.Standing) -> Filled:
    """Raises Moved where another was quicker."""
    number, who = proposal.number, "as the brake's key decided"
    approved = tuple(each.by for each in needs.given)
    message = trailers.write(f"{proposal.title} (#{number})\n\nMerged {who}.", Trailers(number, approved_by=approved))
    if run.checker:
        said = f"the fact of {halt.name}, {who}"
        run.checker.tell(proposal.head, Check(APPROVALS, Verdict.success, said))
    try:
        merged = run.forge.merge(number, proposal.head, message, needs.main)
    except (Moved, Unreachable):
        raise
    except ForgeError as error:
        if run.forge.proposal(number).state is State.merged:
            raise Moved("another run merged it") from None
        says = f"proposal {number} stays open: {error}; the next ./inv backfill tries again"
        return Filled(halt.name, None, number, legible(says))
    run.forge.main()  # brings the merge here
    return Filled(halt.name, merged, number, f"merged proposal {number} as {merged[:12]}, {who}")


def _beside(run: Run, halt: Halt, main: Main, edit: Edit) -> list[str]:
    """What else is open that brings this file: nothing that others propose is merged or waited for here."""
    said = []
    for each in run.forge.proposals():
        if each.is_foreign or each.branch == reserved(halt.name):
            continue
        with suppress(NoHistory, ForgeError):  # whatever it is: it is only named, and stops nothing
            head = run.forge.proposal(each.number).head
            if edit.path in branches.paths(ROOT, snapshot.merge_base(ROOT, main.commit, head), head):
                said.append(f"beside it proposal {each.number} by {each.author} is open for {edit.path}")
    return said


def _close_what_is_left(run: Run, halt: Halt, main: str) -> None:
    """Our own, which nothing is left for, and what people opened for the very same fact."""
    for each in run.forge.proposals():
        if is_of(halt.name, each) and not run.dry_run and (_is_spare(run, halt, each) or _is_empty(run, main, each)):
            run.forge.close(each.number)


def _is_spare(run: Run, halt: Halt, proposal: Proposal) -> bool:
    return proposal.branch == reserved(halt.name) and _is_ours(run, proposal)


def _is_empty(run: Run, main: str, proposal: Proposal) -> bool:
    """Whether main has all of it. What contradicts main does not."""
    try:
        result = branches.merge_result(ROOT, main, run.forge.proposal(proposal.number).head, "Merge")
    except (branches.Conflict, NoHistory):
        return False
    return not branches.paths(ROOT, main, result)


def _brought(main: str, path: str) -> str:
    """The commit on main that brought this file."""
    return line(ROOT, "log", "-1", "--first-parent", "-m", "--diff-filter=A", "--format=%H", main, "--", path)


# --- its review -------------------------------------------------------------------------------------------------------


def _reviewed(run: Run, halt: Halt, done: Filled) -> Filled:
    """With the issue that asks for it, opened if nobody did. Raises ForgeError, NoHistory."""
    used = _used(run, halt, done)
    name = f"review/{used.environment}/{halt.name}"
    opened = open_once(run.claims, run.forge, Issue(name, review.title(used), review.body(used), halt.at))
    if opened.where is None:
        return replace(done, says=f"{done.says}; the issue for its review: {opened.says}", wrong=True)
    return replace(done, says=f"{done.says}; its review {opened.says}: {opened.where}", review=opened.where)


def _used(run: Run, halt: Halt, done: Filled) -> Used:
    path = f"releases/stops/{halt.name}.yaml"
    text = snapshot.at_commit(ROOT, run.forge.main(), [CODEOWNERS]).get(CODEOWNERS, b"").decode(errors="replace")
    owners = [name for each in owned(text, [path]) for name in each.owners]
    number, by = _by(run, done)
    proposal = f"#{number}" if number else None
    return Used(halt, run.place.environment, path, bool(done.merged), proposal, by, owners)


def _by(run: Run, done: Filled) -> tuple[int | None, str | None]:
    """The proposal that brought its fact, and whoever is known to have written that."""
    if done.merged is None:
        return done.proposal, run.forge.proposal(done.proposal).author if done.proposal else None
    said = trailers.read(log(ROOT, trailers.PRINTED, "-1", done.merged).decode(errors="replace"))
    author = log(ROOT, "%an", "-1", done.merged).decode(errors="replace").strip()
    return said.proposal, listed(said.requested_by) if said.requested_by else (None if said.proposal else author)


def _print(done: list[Filled], place: Place) -> None:
    for each in done:
        (err if each.wrong else out).print(f"{each.halt}: {each.says}", markup=False)
    if not done:
        out.print(f"{place.environment}: nothing is halted, and nothing was", markup=False)
