"""previews: what each open proposal would do to stacks, by main's program with the proposal's data and nothing else.

What a workflow types after each check, with a role that may only look. A proposal's data is whatever somebody wrote: so
it signs in nowhere but where main does, no secret of its own is opened, and what is told of it holds no value.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from delivery.commands import wished
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json
from delivery.commands.proposed import legible, one_line
from delivery.commands.stacks import engine_of
from delivery.commands.wished import There, Wish
from delivery.deploy.build_versions import BuildRefused
from delivery.deploy.cloud import NoCredentials
from delivery.deploy.guards import Guarded
from delivery.engines.stack import EngineError, Outcome
from delivery.history.code import code_hash, edited
from delivery.history.git import NoHistory
from delivery.present import json as machine
from delivery.present import markdown
from delivery.present.infra import OF_CODE, summary
from delivery.present.words import listed
from delivery.proposals import branches, choose, previewed
from delivery.proposals.forge import Check, Forge, ForgeError, Proposal, Verdict
from delivery.rules.problem import Refused
from delivery.rules.read import FOLDER, PRODUCT
from infra import config as stack_file
from infra.stacks import Kind

STACKS = "staging,staging-live,production,production-live"
_LONG = 8  # characters of a line of a secret that no text holds by chance
_HIDDEN = "the reason names a secret, so it is not said here"


@dataclass(frozen=True, slots=True)
class Previewed:
    """What was said of one stack of one proposal; `stack` empty where none could be looked at, and `says` why.

    `outcome` only where it was previewed just now, `trouble` where it could not be told.
    """

    number: int
    head: str
    stack: str
    verdict: Verdict | None
    says: str
    outcome: Outcome | None = None
    trouble: str | None = None


@command
def previews(stacks: str, as_markdown: bool, as_json: bool) -> int:
    """All that are open and of this repository itself. One that cannot be previewed stops no other."""
    wanted = [_wanted(stack) for stack in (stacks or STACKS).split(",")]
    forge = choose.forge(ROOT)
    main = forge.main()
    _refuse_another_program(main)
    ours = [each for each in forge.proposals() if not each.is_foreign]  # a fork's has no business with any account
    checker = choose.checker(ROOT) or forge
    found = [each for proposal in ours for each in _of(forge, checker, proposal, main, wanted)]
    if as_json:
        print_json([_machine(each) for each in found])
    elif as_markdown:
        print("\n".join(map(_markdown, found)) or "no proposal touches what these stacks are made of")
    else:
        _print(found)
    return 1 if any(each.trouble for each in found) else 0


def touches(stack: str, paths: Sequence[str]) -> bool:
    """Whether a stack is made of any of these files; of data alone, for code is previewed by nobody."""
    environment, kind = wished.named(stack)
    its = {PRODUCT, stack_file.path(environment)}
    return any(path in its or (kind is Kind.live and path.startswith(FOLDER)) for path in paths)


def elsewhere(main: Wish, proposed: Wish) -> tuple[str, ...]:
    """What a proposal would have a preview sign in to, or ask, that is not main's."""
    named = {
        "product and domain": (main.names, proposed.names),
        "AWS account": (main.infra.aws.account, proposed.infra.aws.account),
        "region": (main.infra.aws.region, proposed.infra.aws.region),
        "Cloudflare account": (main.infra.cloudflare.account, proposed.infra.cloudflare.account),
        "zone": (main.infra.cloudflare.zone, proposed.infra.cloudflare.zone),
    }
    return tuple(what for what, (ours, theirs) in named.items() if ours != theirs)


def without(secrets: Mapping[str, str], text: str) -> str:
    """The text, unless it holds a line of a secret."""
    lines = (line.strip() for value in secrets.values() for line in value.splitlines())
    return _HIDDEN if any(len(line) >= _LONG and line in text for line in lines) else text


def _wanted(stack: str) -> str:
    environment, _ = wished.named(stack)
    if environment == "laptop":
        raise Usage(f"{stack}: a proposal does to a laptop what ./inv preview {stack} says on its branch")
    return stack


def _refuse_another_program(main: str) -> None:
    """Raises EngineError: what runs here is not what main would be applied by."""
    if edited(ROOT) or code_hash(ROOT, "HEAD") != code_hash(ROOT, main):
        raise EngineError(f"previews are made by main's own program, of {main[:12]}, and here is another; git pull")


def _of(forge: Forge, checker: Forge, listed_: Proposal, main: str, wanted: Sequence[str]) -> Iterator[Previewed]:
    """Each stack that the proposal touches, told by `checker`. Raises NoCredentials: then nothing is said of any."""
    number, head = listed_.number, listed_.head
    try:
        head = forge.proposal(number).head
        result = branches.merge_result(ROOT, main, head, f"Merge proposal {number}")
        paths = branches.paths(ROOT, main, result)
        is_code = code_hash(ROOT, main) != code_hash(ROOT, result)
        checks, me = forge.checks(head), checker.me()
    except branches.Conflict as conflict:
        yield Previewed(number, head, "", None, legible(str(conflict)))
        return
    except (ForgeError, NoHistory) as error:
        yield Previewed(number, head, "", None, "", trouble=legible(str(error)))
        return
    for stack in wanted:
        if not (is_code or touches(stack, paths)):
            continue
        if previewed.is_known(checks, me, stack, main):
            said = previewed.by_stack(checks)[stack]
            yield Previewed(number, head, stack, said.verdict, f"{said.says}, as was said before")
            continue
        outcome, check = (None, _done(stack, OF_CODE, main)) if is_code else _tried(stack, main, result)
        yield _told(checker, Previewed(number, head, stack, check.verdict, check.says, outcome), check)


def _tried(stack: str, main: str, result: str) -> tuple[Outcome | None, Check]:
    """The preview, and what is said of it. Raises NoCredentials."""
    try:
        outcome = _preview(stack, main, result)
    except NoCredentials:
        raise
    except (BuildRefused, EngineError, NoHistory, Refused) as error:
        return None, _failed(stack, str(error))
    except Exception as error:  # whatever somebody's data breaks: the others are previewed all the same
        return None, _failed(stack, f"{type(error).__name__}; its text is not said here")
    return outcome, _done(stack, summary(outcome), main) if outcome.ok else _failed(stack, "; ".join(outcome.errors))


def _preview(stack: str, main: str, result: str) -> Outcome:
    """What an apply of `result` would do, by the program that runs here, signed in as main says.

    Raises EngineError, NoHistory, Refused.
    """
    environment, kind = wished.named(stack)
    ours, theirs = (Wish.of_commit(ROOT, commit, environment) for commit in (main, result))
    if others := elsewhere(ours, theirs):
        raise EngineError(f"not previewed: it names another {listed(others)}, and a preview signs in to main's only")
    wish = replace(theirs, sealing=ours.sealing)
    there = There.in_the_cloud(wish, kind, wished.cloud(wish), to_write=False)
    try:
        outcome = Guarded(engine_of(wish)).preview(wished.stack(wish, kind, there))
    except (BuildRefused, EngineError, Refused) as error:
        raise EngineError(without(there.secrets, str(error))) from None
    return replace(outcome, errors=tuple(without(there.secrets, each) for each in outcome.errors))


def _told(checker: Forge, said: Previewed, check: Check) -> Previewed:
    try:
        checker.tell(said.head, check)
    except ForgeError as error:
        return replace(said, trouble=f"{check.name} could not be told: {legible(str(error))}")
    return said


def _done(stack: str, words: str, main: str) -> Check:
    return previewed.done(stack, words, main, _run())


def _failed(stack: str, why: str) -> Check:
    return previewed.failed(stack, one_line(why), _run())


def _run() -> str | None:
    """Where people read what the workflow that types this prints."""
    server, name, run = (os.environ.get(f"GITHUB_{each}") for each in ("SERVER_URL", "REPOSITORY", "RUN_ID"))
    return f"{server}/{name}/actions/runs/{run}" if server and name and run else None


def _title(each: Previewed) -> str:
    return f"proposal {each.number} at {each.head[:12]}{f', {each.stack}' if each.stack else ''}"


def _print(found: Sequence[Previewed]) -> None:
    for each in found:
        out.print(f"{_title(each)}: {each.says or 'could not be looked at'}", markup=False)
        for step in each.outcome.changes if each.outcome else ():
            changed = f": {', '.join(step.changed)}" if step.changed else ""
            out.print(f"  {step.operation:8}{step.type} {one_line(step.name)}{changed}", markup=False)
        if each.trouble:
            err.print(f"{_title(each)}: {each.trouble}", markup=False)
    if not found:
        out.print("no proposal touches what these stacks are made of")


def _markdown(each: Previewed) -> str:
    if each.outcome:
        return markdown.outcome(_title(each), each.outcome)
    return markdown.plain(f"{_title(each)}: {each.says or each.trouble or ''}")


def _machine(each: Previewed) -> dict[str, object]:
    done = machine.outcome(each.outcome) if each.outcome else None
    return {**asdict(replace(each, outcome=None)), "outcome": done}
