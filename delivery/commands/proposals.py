"""proposals, proposal, approve, merge, close: a change on its way to main, at GitHub or on this laptop alone."""

from datetime import UTC, datetime

from delivery.commands.desk import ROOT, Usage, command, err, out, print_json, whole
from delivery.commands.propose import say_missing, stands, telling
from delivery.commands.proposed import Shown, described, difference, legible, listed, machine, one_line
from delivery.deploy import lineage
from delivery.history import snapshot, trailers
from delivery.history.git import log
from delivery.history.trailers import Trailers
from delivery.laptop import status as reports
from delivery.laptop.places import Places
from delivery.proposals import choose, comment, previewed
from delivery.proposals.forge import Approval, Forge, ForgeError, Moved, Proposal, State, Unreachable
from delivery.proposals.standing import Standing, naming
from delivery.rules.expected import listed as either

MOST = 10**9  # no forge numbers higher
LEAST = 7  # digits of a commit that name it


@command
def proposals(state: str, as_json: bool) -> int:
    """Those of this state, the newest first; for open ones what they do to users, and what they still need."""
    if state not in set(State):
        raise Usage(f"--state {state}: is none; write {either(list(State), 'or')}")
    forge, now = choose.forge(ROOT), datetime.now(UTC)
    found = [_shown(forge, each.number, now) for each in forge.proposals(State(state))]
    if as_json:
        print_json([machine(each) for each in found])
    elif found:
        out.print(listed(found))
    else:
        out.print(f"no proposal is {state}")
    return 0


@command
def proposal(number: str, as_json: bool, diff: bool) -> int:
    """Everything about one: what it does to users, who agreed, what it still needs, and what can be typed."""
    forge = choose.forge(ROOT)
    shown = _shown(forge, _number(number), datetime.now(UTC))
    patch = _difference(forge, shown) if diff else ""
    if as_json:
        print_json({**machine(shown), **({"diff": patch} if diff else {})})
    else:
        out.print(described(shown))
        out.print(legible(patch), markup=False, end="")
    return 0


@command
def approve(number: str, as_: str, head: str) -> int:
    """Agree to what was read, and to nothing that took its place since. Raises ForgeError.

    Read was the commit that is named, else the one whose plan the comment shows.
    """
    forge, person, now = choose.forge(ROOT), choose.forge(ROOT, as_=as_), datetime.now(UTC)
    wanted, me = _open(forge, number), legible(person.me())
    if head and (len(head) < LEAST or not wanted.head.startswith(head)):
        raise Moved(f"proposal {number} is at {wanted.head[:12]} now, not at {head}; {_again(wanted)}")
    if person.me().casefold() == wanted.author.casefold():
        raise ForgeError(f"proposal {number} is your own, {me}; somebody else must agree to it")
    read = stands(forge, wanted, now)
    if not head and (stale := _stale(forge, wanted, read)):
        raise Moved(stale)
    person.approve(wanted.number, wanted.head, naming(read.plan))
    needs = stands(forge, wanted, now)
    if comment.shown(forge, wanted):  # where another's comment says it, another keeps it true
        comment.post(forge, wanted, needs)
    out.print(f"{me} approved proposal {number} at {wanted.head[:12]}: {one_line(wanted.title)}", markup=False)
    say_missing(wanted, needs)
    return 0


@command
def merge(number: str, as_: str) -> int:
    """Make it true on main, if it has all that it needs and does what its comment says. Raises ForgeError."""
    forge, person, now = choose.forge(ROOT), choose.forge(ROOT, as_=as_), datetime.now(UTC)
    wanted = _open(forge, number)
    needs = stands(forge, wanted, now)
    stale = _stale(forge, wanted, needs)
    if wrong := (*needs.missing, *([stale] if stale else [])):
        raise ForgeError("\n".join((f"proposal {number} was not merged:", *(f"  {legible(each)}" for each in wrong))))
    with telling(f"whether it was merged is not known; ./inv proposal {number} says so"):
        merged = person.merge(wanted.number, wanted.head, _message(wanted, needs), needs.main)
    out.print(f"merged proposal {number} as {merged}: {one_line(wanted.title)}", markup=False)
    _say_if_it_moved(forge, merged, needs)
    if reports.running(Places(ROOT)) and lineage.has(ROOT, "HEAD", merged):
        out.print("the laptop follows main: it goes live by itself; ./inv status says when")
    return 0


@command
def close(number: str) -> int:
    """Take it back unmerged. Raises ForgeError."""
    forge = choose.forge(ROOT)
    wanted = _open(forge, number)
    forge.close(wanted.number)
    out.print(f"closed proposal {number}: {one_line(wanted.title)}", markup=False)
    return 0


def _number(text: str) -> int:
    return whole(text.removeprefix("#"), "number", 1, MOST)


def _open(forge: Forge, number: str) -> Proposal:
    """One that can still be agreed to, merged or closed. Raises ForgeError."""
    found = forge.proposal(_number(number))
    if found.state is not State.open:
        raise ForgeError(f"proposal {number} is {found.state}; ./inv proposals lists those that are open")
    return found


def _shown(forge: Forge, number: int, now: datetime) -> Shown:
    found = forge.proposal(number)
    if found.state is not State.open:
        return Shown(found, None, given=_given(forge, found))
    needs, previews = stands(forge, found, now), previewed.by_stack(forge.checks(found.head))
    is_own = found.author.casefold() == forge.me().casefold()
    return Shown(found, needs, previews, needs.given, is_own=is_own)


def _given(forge: Forge, ended: Proposal) -> tuple[Approval, ...]:
    """Who agreed to what became of it: those whom main's commit names, where it names any, for these counted."""
    found = tuple(each for each in forge.approvals(ended.number) if each.head == ended.head)
    if ended.merged_as is None:
        return found
    forge.main()  # brings here what was merged
    said = trailers.read(log(ROOT, trailers.PRINTED, "-1", ended.merged_as).decode(errors="replace"))
    return tuple(each for each in found if said.proposal != ended.number or one_line(each.by) in said.approved_by)


def _difference(forge: Forge, shown: Shown) -> str:
    forge.main()  # brings here what was merged
    return difference(ROOT, shown)


def _stale(forge: Forge, wanted: Proposal, needs: Standing) -> str:
    """Why nobody can have read what it does now, empty if they can; its comment says it from here on."""
    if (needs.plan or needs.needed) and comment.is_true(forge, wanted, needs):
        return ""
    comment.post(forge, wanted, needs)
    return f"what it does to users is not what its comment said; that is written anew: {_again(wanted)}"


def _again(wanted: Proposal) -> str:
    return f"read it again: ./inv proposal {wanted.number}"


def _say_if_it_moved(forge: Forge, merged: str, needs: Standing) -> None:
    """GitHub merges onto no named main, so one that moved in the last moment is told instead."""
    try:
        forge.main()  # brings the merge here
    except Unreachable as error:
        err.print(f"{error}; it is merged, but whether main had moved just before is not known", markup=False)
        return
    if (onto := snapshot.commit_id(ROOT, f"{merged}^1")) != needs.main:
        moved = f"main moved to {onto[:12]} just before, so this may do more than its comment says"
        err.print(f"{moved}; see what it did: ./inv plan --base {onto[:12]}", markup=False)


def _message(wanted: Proposal, needs: Standing) -> str:
    """What main says of it: who asked, by the commit itself, and who agreed. What its body says counts for nothing."""
    asked = trailers.read(log(ROOT, trailers.PRINTED, "-1", wanted.head).decode(errors="replace"))
    agreed = tuple(each.by for each in needs.given)
    said = Trailers(wanted.number, requested_by=asked.requested_by, approved_by=agreed)
    return trailers.write(f"{one_line(wanted.title)} (#{wanted.number})", said)
