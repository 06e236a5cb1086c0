"""halt, halts, decide: the brake. What is offered wrongly is offered no more within seconds; then a fact says so."""

import contextlib
import shlex
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from queue import Empty, Queue
from typing import Any, Unpack, get_args

from securesystemslib.signer import Signer

from delivery.commands import live
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json, worktree
from delivery.commands.hand_over import How
from delivery.commands.write import write
from delivery.deploy import halt as halting
from delivery.deploy import lineage
from delivery.deploy.cloud import Cloud
from delivery.deploy.freshen import Edge
from delivery.deploy.halt import HaltRefused, Place, Pulled, Standing, Step, Wanted
from delivery.deploy.head import REWRITES
from delivery.deploy.objects import PROMPT
from delivery.deploy.purge import cloud_edge
from delivery.deploy.signer import Paper, kms_signer
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import NoHistory
from delivery.laptop import fresh, keys
from delivery.laptop import status as reports
from delivery.laptop.places import Places
from delivery.proposals import choose
from delivery.proposals.forge import ForgeError, Proposal
from delivery.rules import edit as verbs
from delivery.rules import expected
from delivery.rules.brake import Halt, pending
from delivery.rules.checks.change import did_you_mean, stamp
from delivery.rules.edit import Edit, Ground
from delivery.rules.facts import Filed, Product, Stop
from delivery.rules.load import parse
from delivery.rules.problem import Refused
from delivery.rules.read import PRODUCT, read
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.config import InfraConfig
from infra.names import Names

ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
INTERRUPTED = 130  # as shells say it
PATIENCE_S = 4.0  # for a forge that only tells what is proposed


@dataclass(frozen=True, slots=True)
class Site:
    """An environment, the caches in front of it, and who signs for its brake."""

    place: Place
    edge: Edge
    signer: Callable[[], Signer]

    @property
    def environment(self) -> Environment:
        """Its name."""
        return self.place.environment


@command
def halt(channel: str, version: str, reason: str, environment: str, *, as_json: bool, **how: Unpack[How]) -> int:
    """Offer nothing on a channel, or none of these versions: at once, and past all that could be in the way."""
    wanted, site, now = Wanted(channel, _versions(version), reason), _site(environment), datetime.now(UTC)
    try:
        if how["dry_run"]:
            return _rehearsed(site, wanted, now, as_json)
        return _halted(site, wanted, now, as_json, {**how, "commit": how["commit"] and not how["pr"]})
    except HaltRefused as refused:
        raise Usage(str(refused)) from None
    except KeyboardInterrupt:
        err.print(f"interrupted: what was done stays, the rest is not true yet; {_again(site, wanted)}", markup=False)
        return INTERRUPTED


def _halted(site: Site, wanted: Wanted, now: datetime, as_json: bool, how: How) -> int:
    began = time.monotonic()
    done = halting.pull(site.place, wanted, site.signer, now)
    steps = [Step(_pulled(wanted, done), time.monotonic() - began, done.standing.lost)]
    _tell(steps[0], as_json)
    if done.standing.lacks:
        err.print(f"without the live catalog: {done.standing.lacks}", style="red", markup=False)
    edge = replace(site.edge, again="type it again")
    for step in halting.finish(site.place, wanted, done, edge, now):
        steps.append(replace(step, seconds=step.seconds + steps[0].seconds))
        _tell(steps[-1], as_json)
    is_true = not any(step.wrong for step in steps)
    if is_true and not as_json:
        out.print(f"{site.environment}: {wanted} is halted, {steps[-1].seconds:.1f} s", markup=False)
    elif not is_true:
        err.print(f"not all of it is true yet; {_again(site, wanted)}", markup=False)
    remains = _fact(site, done.halt, done.standing, how, quiet=as_json) if done.halt else ""
    if as_json:
        print_json(_json(site, done, steps, remains))
    elif remains:
        err.print(remains, markup=False)
    if site.environment == "laptop":
        err.print(_ONLY_HERE, style="bold", markup=False)
    return 0 if is_true else 1


_ONLY_HERE = "only this laptop is halted; staging and production are NOT: --environment production halts there"


@command
def halts(environment: str, as_json: bool, *, sign_anew: bool = False) -> int:
    """The halts that wait for their decision, and what became of the others; all signed anew first, if so."""
    site = _site(environment)
    if sign_anew:
        override = halting.sign_anew(site.place, site.signer, datetime.now(UTC))
        err.print(f"override {override.number} written: the same halts, signed with the key of now", markup=False)
    answered = _asking()
    stands, stops = halting.standing(site.place), _deciding()
    waiting = {each.name: each for each in pending(stands.override, stands.catalog)}
    proposed = answered() if waiting else Proposed()
    ended = {name: filed for name, filed in stops.items() if name not in waiting}
    if as_json:
        number = stands.override.number if stands.override else 0
        said = [
            {**_halt_json(each), "fact": _path(stops, name), "proposal": proposed.number(name)}
            for name, each in waiting.items()
        ]
        became = [{"name": name, "fact": filed.path, "became": _became(filed)} for name, filed in ended.items()]
        print_json(
            {
                "environment": site.environment,
                "override": number,
                "doubt": stands.doubt,
                "lost": stands.lost,
                "unasked": proposed.wrong,
                "pending": said,
                "decided": became,
            }
        )
        return 0
    if stands.doubt:
        err.print(f"{stands.doubt}; the next ./inv halt mends that", markup=False)
    if stands.lost:
        err.print(stands.lost, style="red", markup=False)
    for name, each in waiting.items():
        fact, its = _path(stops, name), proposed.number(name)
        ends = f"its fact is {fact}, not live yet" if fact else f"{_decide(site, name)} writes its fact"
        ends = f"proposal {its} brings its fact" if its else ends
        out.print(f"{name}: {_what(each)} is halted since {stamp(each.at)}: {each.reason}; {ends}", markup=False)
    if proposed.wrong:
        err.print(f"what is proposed is not known: {proposed.wrong}", markup=False)
    for name, filed in ended.items():
        out.print(f"{name}: became {filed.path}, {_became(filed)}", markup=False)
    if not (waiting or ended):
        out.print(f"{site.environment}: nothing is halted, and nothing was", markup=False)
    return 0


@dataclass(frozen=True, slots=True)
class Proposed:
    """The proposals that are open; or why the forge did not say so."""

    those: Sequence[Proposal] = ()
    wrong: str = ""

    def number(self, halt: str) -> int | None:
        """Of the one that brings the fact of this halt."""
        return next((each.number for each in self.those if is_of(halt, each)), None)


def reserved(halt: str) -> str:
    """The branch of the fact of this halt that ./inv backfill writes, and nobody else should."""
    return f"backfill/{halt}"


def is_of(halt: str, proposal: Proposal) -> bool:
    """Whether a proposal was made for the fact of this halt, which its branch is named for."""
    by_hand = proposal.branch.startswith("releases/stop-") and proposal.branch.endswith(f"-{halt}")
    return by_hand or proposal.branch == reserved(halt)


def _asking() -> Callable[[], Proposed]:
    """Asks the forge beside all else. What is halted matters more, so it is soon waited for no more."""
    answer: Queue[Proposed] = Queue()
    until = time.monotonic() + PATIENCE_S

    def ask() -> None:
        try:
            answer.put(Proposed(choose.forge(ROOT).proposals()))
        except (ForgeError, NoHistory) as error:
            answer.put(Proposed(wrong=str(error)))

    def answered() -> Proposed:
        try:
            return answer.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return Proposed(wrong=f"the forge did not answer within {PATIENCE_S:g} s")

    threading.Thread(target=ask, daemon=True).start()
    return answered


@command
def decide(name: str, environment: str, **how: Unpack[How]) -> int:
    """Write the fact of a halt that was made elsewhere: once that is live the stop speaks, and the brake no more."""
    site = _site(environment)
    stands = halting.standing(site.place)
    waiting = {each.name: each for each in pending(stands.override, stands.catalog)}
    if name in stands.catalog.decided:
        raise Usage(f"{name} was decided, and that is live; ./inv halts says what became of it")
    if name not in waiting:
        raise Usage(f"no halt {name} is pending in {site.environment}; {did_you_mean(name, waiting, 'halt')}")
    _refuse_to_be_behind(site, stands)
    return write(partial(_stop, waiting[name]), waiting[name].reason, brake=True, **how)


# --- where ------------------------------------------------------------------------------------------------------------


def _site(environment: str) -> Site:
    """As this checkout's HEAD says it; no remote and no fact is asked. Raises Usage, Refused, EngineError."""
    named = next((each for each in ENVIRONMENTS if each == (environment or "laptop")), None)
    if named is None:
        there = expected.listed(ENVIRONMENTS, "and")
        raise Usage(f"--environment {environment}: there is no such environment; there are {there}")
    running = reports.running(Places(ROOT)) if named == "laptop" else {}
    if named == "laptop" and not running:
        others = expected.listed([each for each in ENVIRONMENTS if each != named], "or")
        raise Usage(live.NOTHING_RUNS if environment else f"{live.NOTHING_RUNS}; elsewhere say --environment {others}")
    product, infra = _head_says(named)
    return _on_the_laptop(product, running) if named == "laptop" else _in_the_cloud(product, named, infra)


def _on_the_laptop(product: Product, running: Mapping[str, Any]) -> Site:
    places, names = Places(ROOT), Names.of(product, "laptop")
    builds = [each for each in running["builds"] if each["function"].startswith(f"{names.function}:")]
    origins = tuple(f"http://127.0.0.1:{build['port']}" for build in builds if build["weight"])
    edge = fresh.laptop_edge(places.edge / "cache", names.updates_host, names.downloads_host)
    return Site(replace(live.on_the_laptop(names).place(product), origins=origins), edge, keys.brake_signer)


def _in_the_cloud(product: Product, environment: Environment, infra: InfraConfig) -> Site:
    names = Names.of(product, environment)
    cloud = Cloud.reached(names, infra)

    def signer() -> Signer:
        return kms_signer(Paper.override, product, environment, cloud.client("kms", PROMPT))

    return Site(live.in_the_cloud(names, cloud).place(product), cloud_edge(names, infra), signer)


def _head_says(environment: Environment) -> tuple[Product, InfraConfig]:
    """What is needed and no more: a fact that cannot be read must not stand in the way. Raises Refused."""
    path = stack_file.path(environment)
    files = snapshot.at_commit(ROOT, "HEAD", [PRODUCT, path])
    product, problems = parse(PRODUCT, files.get(PRODUCT, b""), Product)
    infra, more = stack_file.read(path, files.get(path, b""))
    if product is None or infra is None:
        raise Refused((*problems, *more))
    return product.value, infra


# --- what is said -----------------------------------------------------------------------------------------------------


def _versions(text: str) -> tuple[str, ...] | None:
    words = tuple(word.strip() for word in text.split(",")) if text else ()
    if not all(words):
        raise Usage(f"--version {text!r}: a version is missing; write them with commas between them")
    return words or None


def _again(site: Site, wanted: Wanted) -> str:
    version = ["--version", ",".join(wanted.versions)] if wanted.versions else []
    where = ["--environment", site.environment] if site.environment != "laptop" else []
    words = ["./inv", "halt", wanted.channel, *version, "--reason", wanted.reason, *where]
    return f"it goes on from there by {shlex.join(words)}"


def _decide(site: Site, name: str, how: str = "--commit") -> str:
    where = "" if site.environment == "laptop" else f" --environment {site.environment}"
    return f"./inv decide {name}{where} {how}"


def _pulled(wanted: Wanted, done: Pulled) -> str:
    if done.by:
        return f"{wanted} is halted already by {done.by}; now that this is so everywhere"
    number = done.standing.override.number if done.standing.override else 0
    return f"override {number} written: {wanted} is halted, as {done.halt.name if done.halt else 'decided'}"


def _tell(step: Step, as_json: bool) -> None:
    """As soon as it is so."""
    if step.wrong:
        err.print(f"{step.seconds:5.1f} s  {step.what}: {step.wrong}", style="red", markup=False)
    else:
        (err if as_json else out).print(f"{step.seconds:5.1f} s  {step.what}", markup=False)


def _rehearsed(site: Site, wanted: Wanted, now: datetime, as_json: bool) -> int:
    """What it would do. Raises HaltRefused, EngineError."""
    stands = halting.standing(site.place, wanted)
    halting.refuse_what_is_nothing(wanted, stands.catalog)
    stop = stands.stopping(wanted)
    name = "" if stop else halting.new_halt(stands, wanted, now).name
    paths, manifests = halting.offering(site.place, wanted, stands, now)
    if as_json:
        already = stop.fact if stop else ""
        said = {"environment": site.environment, "would_be": name, "already": already}
        print_json({**said, "checks": paths, "manifests": manifests})
        return 0
    out.print(f"{wanted} is halted already by {stop.fact}" if stop else f"would halt {wanted}, as {name}", markup=False)
    for where in (*paths, *manifests):
        out.print(f"  offers it: {where}", markup=False)
    out.print("dry run: nothing was written")
    return 0


def _json(site: Site, done: Pulled, steps: list[Step], remains: str) -> dict[str, Any]:
    return {
        "environment": site.environment,
        "halt": _halt_json(done.halt) if done.halt else None,
        "override": done.standing.override.number if done.standing.override else 0,
        "already": done.by,
        "lacks": done.standing.lacks,
        "steps": [{**asdict(step), "seconds": round(step.seconds, 2)} for step in steps],
        "remains": remains,
    }


def _halt_json(halt: Halt) -> dict[str, Any]:
    return {**asdict(halt), "at": stamp(halt.at)}


def _what(halt: Halt) -> str:
    return str(Wanted(halt.channel, halt.versions, halt.reason))


# --- the fact ---------------------------------------------------------------------------------------------------------


def _fact(site: Site, halt: Halt, stands: Standing, how: How, *, quiet: bool) -> str:
    """Writes it, if nobody did, and says what remains to be done. Nothing that is wrong here touches the halt."""
    stays = "the brake holds until that is merged and live"
    if site.environment != "laptop":
        stays += f"; ./inv backfill {site.environment} sees to it"
    try:
        if path := _path(_deciding(), halt.name):
            return f"its fact is {path}; {stays}"
        _refuse_to_be_behind(site, stands)
        with out.capture() if quiet else contextlib.nullcontext():
            if not quiet:
                out.print("\nand as a fact:", style="bold")
            status = write(partial(_stop, halt), halt.reason, brake=True, **how)
    except (Refused, NoHistory, EngineError, ForgeError, Usage, OSError) as error:
        again = _decide(site, halt.name, "--pr" if how["pr"] else "--commit")
        return f"its fact is not written: {error}; when that is mended: {again}"
    if how["pr"]:
        return f"its fact is proposed; {stays}"
    is_followed = site.environment == "laptop" and how["commit"] and not status
    return "" if is_followed else f"its fact is releases/stops/{halt.name}.yaml; {stays}"


def _stop(halt: Halt, ground: Ground) -> Edit:
    return verbs.decide(ground, halt)


def _refuse_to_be_behind(site: Site, stands: Standing) -> None:
    if stands.head is None:
        raise Usage(stands.lacks)
    commit = stands.head.commit
    if site.environment != REWRITES and not lineage.has(ROOT, "HEAD", commit):
        raise Usage(f"this checkout does not have {commit[:12]}, which is live; git pull")


def _deciding() -> dict[str, Filed[Stop]]:
    """The stops of this checkout that took over a halt, by the halt's name, the oldest first."""
    facts = read(worktree())[0]
    stops = facts.stops.values() if facts else ()
    return {each.value.decides: each for each in sorted(stops, key=lambda its: its.value.at) if each.value.decides}


def _path(stops: Mapping[str, Filed[Stop]], name: str) -> str:
    return stops[name].path if name in stops else ""


def _became(filed: Filed[Stop]) -> str:
    lifted = filed.value.lifted
    return f"lifted {stamp(lifted.at)}: {lifted.reason}" if lifted else "in force"
