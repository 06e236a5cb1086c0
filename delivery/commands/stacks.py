"""preview, apply, outputs, refresh, import, destroy: what a stack is, would become, and is made, by its own engine."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from delivery.commands import wished
from delivery.commands.declared import differences
from delivery.commands.desk import ROOT, Usage, command, err, machine, out, print_json, tell_later_steps
from delivery.commands.live import running
from delivery.commands.publish import refuse_unpublished
from delivery.commands.purge import after_an_apply
from delivery.commands.watch import say, watched
from delivery.commands.wished import There, Wish
from delivery.deploy import lineage
from delivery.deploy.build_versions import BuildRefused, bring
from delivery.deploy.cloud import NoCredentials
from delivery.deploy.freshen import NotFresh
from delivery.deploy.guards import Guarded
from delivery.deploy.head import live_head
from delivery.deploy.obey import under_the_brake
from delivery.deploy.probe import Question, check_path
from delivery.deploy.tick import tick
from delivery.engines.engine_pulumi import Existing, PulumiEngine
from delivery.engines.stack import Engine, EngineError, Listener, Outcome, Stack
from delivery.history import code, snapshot
from delivery.laptop import engines, planner
from delivery.laptop import status as reports
from delivery.laptop.places import Places
from delivery.present import markdown, terminal
from delivery.rules.brake import Override
from delivery.rules.shapes import Environment
from infra.build import Builds
from infra.endpoint import endpoint_settings
from infra.stacks import Kind

APPLIED = "applied"
"""The tag of a platform stack that says of which commit all of it is; it has none while that is not so."""

PATIENCE = 240.0  # seconds that an apply on the laptop may take, by whichever engine


class _FailedError(Exception):
    """An apply of several ended at one that failed."""


@dataclass(frozen=True, slots=True)
class Site:
    """A stack where it is: HEAD's wish for it, its engine, and what is there."""

    wish: Wish
    kind: Kind
    engine: Engine
    there: There

    @property
    def name(self) -> str:
        """What the stack is called."""
        return self.kind.of(self.wish.environment)

    @property
    def stack(self) -> Stack:
        """As HEAD says it."""
        return wished.stack(self.wish, self.kind, self.there)


@command
def preview(
    name: str, as_json: bool, as_markdown: bool, diff: bool, targets: list[str], declared: bool, against: str
) -> int:
    """The steps that an apply of HEAD would take, by this checkout's program. Changes nothing."""
    environment, kind = wished.named(name)
    _refuse_parts_of_live(name, kind, targets)
    if against:
        return _declared_against(name, against, as_json, as_markdown, diff, alone=declared)
    if as_markdown:
        raise Usage("--markdown is how --declared --against COMMIT prints what differs; name the commit")
    runs = reports.running(Places(ROOT)) if environment == "laptop" else {}
    if declared or (environment == "laptop" and not runs):
        return _declared(name, environment, kind, as_json, diff)
    with watched(f"previewing {name}") as listener:
        if runs:
            wish = Wish.of_head(environment)
            stack = wished.stack(wish, kind, There.on_the_laptop(wish, runs))
            outcome = planner.preview_laptop(stack, Places(ROOT), runs["engine"], listener, tuple(targets))
        else:
            outcome = _previewed(name, environment, kind, listener, tuple(targets))
    return _show(name, outcome, as_json, diff)


def _previewed(
    name: str, environment: Environment, kind: Kind, listener: Listener, targets: tuple[str, ...]
) -> Outcome:
    """In a cloud, with what an apply would refuse among the errors."""
    try:
        with sited(environment, kind) as site:
            outcome = Guarded(site.engine).preview(site.stack, listener, targets=targets)
            return replace(outcome, errors=(*outcome.errors, *wished.refusals(site.wish, kind)))
    except NoCredentials as lacking:
        raise EngineError(f"{lacking}, or see what the program declares: ./inv preview {name} --declared") from None


def _declared(name: str, environment: Environment, kind: Kind, as_json: bool, diff: bool) -> int:
    wish = Wish.of_head(environment)
    status = _show(name, planner.preview(wished.stack(wish, kind, There.nothing(wish))), as_json, diff)
    if not as_json:
        out.print(_NOT_READ[environment == "laptop"])
    return status


def _declared_against(name: str, ref: str, as_json: bool, as_markdown: bool, diff: bool, *, alone: bool) -> int:
    """What two commits declare, each by its own code."""
    if not alone:
        raise Usage("--against compares what two commits declare, and nothing that is live; add --declared")
    base, head = (snapshot.commit_id(ROOT, each) for each in (ref, "HEAD"))
    outcome = differences(name, base, head)
    said = f"{name} as {head[:12]} declares it, against {base[:12]}; what is live there was not read"
    if as_markdown:
        print(markdown.outcome(said, outcome), end="")
        return 0 if outcome.ok else 1
    status = _show(name, outcome, as_json, diff, base=base, head=head)
    if not as_json:
        out.print(said)
    return status


_NOT_READ = {
    True: "nothing runs here, so everything would be made; ./inv up makes it",
    False: "what is live there was not read: these are the resources that the program declares",
}


@command
def apply(name: str, as_json: bool, diff: bool, targets: list[str], outputs: str = "") -> int:
    """Make a stack what HEAD says; on the laptop, the one that runs does it, with all that HEAD says.

    Of a live stack in a cloud, `outputs` is told which commit was live until then, once there is something to write.
    """
    environment, kind = wished.named(name)
    if outputs and (environment == "laptop" or kind is not Kind.live):
        raise Usage(
            f"--outputs tells which commit was live before, and {name} is no live stack of a cloud; leave it out"
        )
    if environment == "laptop":
        return _carry_again(name, as_json, targets)
    _refuse_parts_of_live(name, kind, targets)
    with sited(environment, kind, to_write=True) as site, watched(f"applying {name}") as listener:
        outcome = _apply(site, listener, tuple(targets), outputs)
    return _show(name, outcome, as_json, diff)


def _apply(site: Site, listener: Listener, targets: tuple[str, ...], outputs: str = "") -> Outcome:
    """One apply, or as many as a new build takes until it may answer; with targets, one step of these."""
    engine, done = Guarded(site.engine), Outcome((), {}, wished.refusals(site.wish, site.kind))
    if not done.ok:
        return done

    def once(stack: Stack) -> tuple[str, ...]:
        nonlocal done
        new = engine.apply(stack, listener, targets=targets)
        done = replace(new, steps=(*done.steps, *new.steps))
        return new.errors

    try:
        if site.kind is Kind.platform:
            _platform(site, once, is_whole=not targets)
        elif site.kind is Kind.ground:
            once(site.stack)
        else:
            done = replace(done, errors=_live(site, once, outputs))
            if done.ok:
                after_an_apply(site.wish, wished.cloud(site.wish), changed=bool(done.changes))
                tick(wished.cloud(site.wish).client("cloudwatch"), site.wish.environment)
    except _FailedError:
        pass
    except (BuildRefused, NotFresh) as refused:
        done = replace(done, errors=(str(refused),))
    return done


def _platform(site: Site, once: Callable[[Stack], tuple[str, ...]], *, is_whole: bool) -> None:
    """Which commit all of it is of is not known from the first step until the last one went well."""
    wish, cloud = site.wish, wished.cloud(site.wish)
    question = Question(check_path(wish.facts), endpoint_settings(wish.names, wish.infra, wish.product, None))

    def apply(builds: Builds) -> None:
        if once(wished.platform(wish, site.there, builds)):
            raise _FailedError

    _refuse_to_step_back(site)
    site.engine.tag(site.name, APPLIED, None)
    bring(wish.infra, wish.newest, cloud.function, question, apply, cloud.holds, once=not is_whole)
    if is_whole:
        _note(site)


def _refuse_to_step_back(site: Site) -> None:
    """A platform is taken back by a later commit, never by an older one that came late. Raises EngineError."""
    applied = site.engine.tags(site.name).get(APPLIED)
    if applied and not lineage.has(ROOT, site.wish.commit, applied):
        raise EngineError(f"{site.name} is what {applied} says, which HEAD does not have behind it; git pull")


def _note(site: Site) -> None:
    """Which commit is applied as a whole, for `behind`; of code that no commit has there is nothing to note."""
    if edited := code.edited(ROOT):
        say(f"{site.name} is not noted as what {site.wish.commit} says: {', '.join(edited)} differ from it here")
    else:
        site.engine.tag(site.name, APPLIED, site.wish.commit)


def _live(site: Site, once: Callable[[Stack], tuple[str, ...]], outputs: str) -> tuple[str, ...]:
    """What was halted while an apply was at it stays halted."""
    wish, cloud, first = site.wish, wished.cloud(site.wish), iter([site.there])
    if wished.widens(wish, site.there):  # what takes away waits for no file
        refuse_unpublished(wish, cloud)

    def apply(override: Override | None) -> tuple[str, ...]:
        begins = next(first, None)
        there = begins or There.in_the_cloud(wish, site.kind, cloud, to_write=True)
        stack = wished.stack(wish, site.kind, replace(there, override=override))
        if begins and outputs:
            _tell_before(site, outputs)
        return once(stack)

    return under_the_brake(wished.place(wish, cloud), wish.facts, apply, say)


def _tell_before(site: Site, outputs: str) -> None:
    """As GitHub's workflows read what a step tells those after it; nothing where nothing was live. Raises Usage."""
    if head := live_head(site.there.head, site.wish.product, site.wish.environment):
        tell_later_steps(outputs, {"before": head.commit})


def _carry_again(name: str, as_json: bool, targets: list[str]) -> int:
    if targets:
        raise Usage("the laptop applies all that HEAD says; --target is for staging and production")
    places = Places(ROOT)
    before = running()
    os.kill(before["pid"], signal.SIGUSR1)
    found = _carried(places, before["carried"])
    if found["trouble"]:
        for line in found["trouble"]:
            err.print(line, markup=False)
        return 1
    steps = found["outcomes"][name]
    if as_json:
        print_json({"stack": name, **steps})
    else:
        out.print(f"{name}: {steps['summary']}")
    return 0


def _carried(places: Places, before: int) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = reports.running(places)
        if not found:
            raise Usage("the laptop ended meanwhile; see .state/laptop/logs")
        if found["carried"] > before:
            return found
        time.sleep(0.1)
    raise Usage(f"no answer within {PATIENCE:.0f} s; see .state/laptop/logs/worker.log")


@command
def outputs(name: str, as_json: bool) -> int:
    """What a stack exports, secrets only named."""
    environment, kind = wished.named(name)
    with sited(environment, kind) as site:
        found = site.engine.outputs(name)
    if as_json:
        print_json({"stack": name, "outputs": dict(found)})
    else:
        for key, value in sorted(found.items()):
            out.print(f"{key}: {value}", markup=False)
    return 0


@command
def refresh(name: str, as_json: bool, diff: bool, dry_run: bool) -> int:
    """Compare the state with what is really there, and take that over."""
    environment, kind = wished.named(name)
    with sited(environment, kind) as site, watched(f"reading {name}") as listener:
        outcome = site.engine.refresh(site.stack, listener, preview=dry_run)
    return _show(name, outcome, as_json, diff)


@command
def import_(name: str, token: str, resource: str, identity: str, as_json: bool) -> int:
    """Take something that is there already into a stack's state, under its name in the program."""
    environment, kind = wished.named(name)
    existing = Existing(token, resource, identity)
    with sited(environment, kind, to_write=True) as site, watched(f"importing {resource} into {name}") as listener:
        if not isinstance(site.engine, PulumiEngine):
            raise EngineError(
                "importing is not supported by the embedded engine; ./inv up --engine pulumi runs the real one"
            )
        outcome = site.engine.import_(site.stack, [existing], listener)
    return _show(name, outcome, as_json, False)


@command
def destroy(name: str, as_json: bool, diff: bool, targets: list[str], yes: bool) -> int:
    """Delete what a stack holds; only if that was said twice."""
    environment, kind = wished.named(name)
    with sited(environment, kind) as site:
        if not yes:
            raise Usage(f"{name}: {_doomed(site, name, targets)} would be destroyed; say --yes if that is meant")
        with watched(f"destroying {name}") as listener:
            if kind is Kind.platform and environment != "laptop":
                site.engine.tag(name, APPLIED, None)
            outcome = site.engine.destroy(site.stack, listener, targets=tuple(targets))
    return _show(name, outcome, as_json, diff)


def _doomed(site: Site, name: str, targets: list[str]) -> str:
    resources = (site.engine.deployment(name)["deployment"] or {}).get("resources", ())
    return ", ".join(targets) if targets else f"all {len(resources)} resources"


@contextmanager
def sited(environment: Environment, kind: Kind, *, to_write: bool = False) -> Iterator[Site]:
    """A stack with its engine. Raises Refused, Usage, EngineError: each says what is missing."""
    wish = Wish.of_head(environment)
    if environment != "laptop":
        cloud, engine = wished.cloud(wish), engine_of(wish)
        yield Site(wish, kind, engine, There.in_the_cloud(wish, kind, cloud, to_write=to_write))
        return
    places = Places(ROOT)
    found = running()
    there = There.on_the_laptop(wish, found)
    with engines.at_work(found["engine"], places, wished.moto_url(places), say) as laptop:
        yield Site(wish, kind, laptop, there)


def engine_of(wish: Wish) -> PulumiEngine:
    """The real engine on the environment's own account. Raises NoCredentials, EngineError."""
    return wished.cloud(wish).engine(ROOT / ".state" / "engine" / wish.environment, [ROOT / "policies"], say)


def _refuse_parts_of_live(name: str, kind: Kind, targets: list[str]) -> None:
    if targets and kind is Kind.live:
        raise Usage(f"{name}: its head and its manifests say the same only when all is applied; leave --target out")


def _show(name: str, outcome: Outcome, as_json: bool, diff: bool, **commits: str) -> int:
    if as_json:
        print_json({"stack": name, **commits, **machine.outcome(outcome, diff=diff)})
    else:
        out.print(terminal.outcome(outcome, diff=diff))
    return 0 if outcome.ok else 1
