"""promote: ask the gate of each step that is due, and propose what it says: the pass, or a hold.

It only proposes, by the same verbs as people. Where a channel says `auto-promote: true` it also merges, as
`./inv merge` does, and so not before people approved: nothing here lowers what a change needs.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from delivery.commands import proposals
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.commands.propose import Main, branch, on_main, stands
from delivery.commands.proposed import legible
from delivery.commands.recorded import Recorded, recorded
from delivery.commands.write import Verb, write
from delivery.history.git import NoHistory
from delivery.present import terminal
from delivery.proposals.forge import Forge, ForgeError, Proposal
from delivery.rules import edit as verbs
from delivery.rules.checks.change import did_you_mean
from delivery.rules.due import Due, due
from delivery.rules.edit import Ground
from delivery.rules.facts import Channel, Facts, hours
from delivery.rules.gate import GATE, Answer, Samples, Verdict, ask, seen
from delivery.rules.plan import Effect
from delivery.rules.problem import Refused
from delivery.rules.read import read

RECORDED = Path(".state/samples.json")  # where a laptop keeps what it saw


@dataclass(frozen=True, slots=True)
class Run:
    """What all of one run share."""

    main: Main
    facts: Facts
    samples: Samples
    now: datetime
    dry_run: bool

    @property
    def forge(self) -> Forge:
        """Where proposals are kept."""
        return self.main.forge

    def open(self) -> Mapping[str, Proposal]:
        """The proposals that are open, by branch."""
        return {each.branch: each for each in self.forge.proposals()}


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a step: the gate's answer, the proposal that is open for it, and what is to be said of that."""

    step: Due
    answer: Answer
    status: int
    proposal: int | None
    says: str


@command
def promote(channel: str, samples: str, *, dry_run: bool, as_json: bool) -> int:
    """Ask each gate that is due on main. Raises Refused, ForgeError."""
    main, now = on_main(), datetime.now(UTC)
    facts, problems = read(main.files())
    if facts is None:
        raise Refused(problems)
    if channel and channel not in facts.channels:
        raise Usage(f"--channel {channel}: there is none; {did_you_mean(channel, facts.channels, 'channel')}")
    run = Run(main, facts, _samples(samples, now), now, dry_run)
    steps = [step for step in due(facts, now) if channel in ("", step.channel)]
    with out.capture() if as_json else contextlib.nullcontext():
        done = [_tried(run, step) for step in steps]
    if as_json:
        print_json([_machine(each) for each in done])
    elif not done:
        out.print("no gated step is due; ./inv next says what comes")
    return max((each.status for each in done), default=0)


def _samples(named: str, now: datetime) -> Samples:
    """Those of the file that is named; else the laptop's, if it has some. Raises Usage, Refused."""
    file = Path(named) if named else ROOT / RECORDED
    return recorded(file, now) if named or file.exists() else Recorded({})


def _tried(run: Run, step: Due) -> Done:
    """One rollout; what is refused there holds up no other."""
    answer = _answer(run, step)
    out.print(f"{step.channel} {step.version} to {step.percent} %: {answer.verdict}", style="bold", markup=False)
    out.print(f"  {answer.why}", markup=False)
    try:
        done = _done(run, step, answer)
    except (Refused, ForgeError, NoHistory) as error:
        err.print(terminal.problems(error.problems) if isinstance(error, Refused) else str(error), markup=False)
        done = Done(step, answer, 1, None, str(error))
    else:
        out.print(f"  {done.says}", markup=False)
    out.print()
    return done


def _answer(run: Run, step: Due) -> Answer:
    if step.gate != GATE:
        mend = f'./inv pass {step.channel} {step.percent} --evidence "…" --version {step.version}'
        return Answer(Verdict.hold_on, f"the gate {step.gate} is people's to answer, not that of figures: {mend}")
    figures = seen(run.samples.of(step.rollout), step.began, step.since, run.now)
    return ask(figures, _bake(run.facts.channels[step.channel].value), run.now)


def _bake(channel: Channel) -> timedelta:
    """As long as the channel asks a version to soak elsewhere, it stands at each step here."""
    return timedelta(hours=hours(channel.soak.at_least) if channel.soak else 0)


def _done(run: Run, step: Due, answer: Answer) -> Done:
    """Raises Refused, ForgeError, NoHistory."""
    there = run.open()
    held, passed = (there.get(branch(f"{word} {step.channel} {step.version}")) for word in ("Hold", "Pass"))
    against = f"; proposal {passed.number} would pass it all the same: ./inv close {passed.number}" if passed else ""
    match answer.verdict:
        case Verdict.hold_on:
            return Done(step, answer, 0, None, f"nothing is proposed{against}")
        case Verdict.halt:
            done = _proposed(run, step, answer, _hold(step, answer), held)
            return replace(done, says=f"{done.says}{against}")
        case Verdict.promote if held:
            return Done(step, answer, 0, held.number, f"proposal {held.number} would hold it; no pass is proposed")
    done = _proposed(run, step, answer, _pass(step, answer), passed)
    return _merged(run, done) if done.proposal and run.facts.channels[step.channel].value.auto_promote else done


def _proposed(run: Run, step: Due, answer: Answer, verb: Verb, there: Proposal | None) -> Done:
    """Open a proposal, or change the one that is open unless people count on it as it is."""
    edit = verb(Ground(run.facts, run.main.files(), run.now, run.facts))
    if there and (why := _kept(run, there, edit.summary)):
        return Done(step, answer, 0, there.number, f"proposal {there.number} {why}")
    write(verb, "", brake=answer.verdict is Verdict.halt, commit=False, pr=True, dry_run=run.dry_run)
    now = run.open().get(branch(edit.summary))
    if run.dry_run or now is None:
        return Done(step, answer, 0, None, "dry run: nothing is proposed")
    is_same = there is not None and there.head == now.head
    return Done(step, answer, 0, now.number, f"proposal {now.number} says so{' already' if is_same else ''}")


def _kept(run: Run, there: Proposal, summary: str) -> str:
    """Why a proposal is not written anew, empty if it is: another's words, or those that somebody agreed to."""
    if there.author.casefold() != run.forge.me().casefold():
        return f"by {legible(there.author)} is open for it, and left to them"
    agreed = any(each.head == there.head for each in run.forge.approvals(there.number))
    if agreed and there.title == summary and stands(run.forge, run.forge.proposal(there.number), run.now).plan:
        return "is approved with the figures of its time, and stays as it is"
    return ""


def _merged(run: Run, done: Done) -> Done:
    """Merge what the schedule itself proposed, where nothing is missing and it is that step and nothing else."""
    there = run.forge.proposal(done.proposal or 0)
    if run.dry_run or there.author.casefold() != run.forge.me().casefold():
        return done
    needs = stands(run.forge, there, run.now)
    if needs.missing:
        return replace(done, says=f"{done.says}; not merged: {'; '.join(map(legible, needs.missing))}")
    if needs.paths != (done.step.path,) or needs.plan is None or needs.plan.effect is not Effect.next_step:
        return replace(done, says=f"{done.says}; not merged, for it does not do that step alone; people may")
    status = proposals.merge(str(there.number), "")
    came = "it was not merged" if status else "merged, as the channel says auto-promote"
    return replace(done, status=status, says=f"{done.says}; {came}")


def _pass(step: Due, answer: Answer) -> Verb:
    return lambda on: verbs.pass_(on, step.channel, step.percent, _whole(on.now), answer.why, version=step.version)


def _hold(step: Due, answer: Answer) -> Verb:
    return lambda on: verbs.hold(on, step.channel, _whole(on.now), answer.why, version=step.version)


def _whole(now: datetime) -> datetime:
    return now.replace(microsecond=0)


def _machine(done: Done) -> dict[str, Any]:
    """For machines. Keys are added, never renamed or removed."""
    step, answer = done.step, done.answer
    return {
        "rollout": step.rollout,
        "percent": step.percent,
        "gate": step.gate,
        "fact": step.fact,
        "verdict": answer.verdict.value,
        "why": answer.why,
        "more": answer.more,
        "proposal": done.proposal,
        "done": done.says,
        "status": done.status,
    }
