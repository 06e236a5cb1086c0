"""switch: which builds of the update endpoint answer, and the reviewed lines that say who answers next."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import unified_diff
from functools import partial
from typing import Any, Unpack

import boto3

from delivery.commands import live, wished
from delivery.commands.build import zip_of
from delivery.commands.desk import ROOT, Usage, command, err, out, print_json, put
from delivery.commands.hand_over import EITHER, How, hand_over, refuse_if_changed
from delivery.commands.propose import Main, changed, on_main, propose
from delivery.deploy import switch as switching
from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import Function, LambdaFunction, Published
from delivery.deploy.probe import Question, check_path, trouble
from delivery.deploy.switch import Switch, SwitchRefused, Turn
from delivery.engines.stack import EngineError
from delivery.history import snapshot
from delivery.history.git import git
from delivery.laptop import status as reports
from delivery.laptop.functions import LaptopFunction
from delivery.laptop.places import Places
from delivery.rules.facts import Facts
from delivery.rules.problem import Refused
from delivery.rules.read import read
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import PREFIX
from infra.config import NEWEST, Endpoint, InfraConfig
from infra.endpoint import endpoint_settings
from infra.names import Names
from infra.stacks import Kind


@dataclass(frozen=True, slots=True)
class Said:
    """What was typed, of which one thing at most may be meant."""

    next: str
    weight: str
    finish: bool
    back: bool
    because: str

    @property
    def is_nothing(self) -> bool:
        """Only what is in force is asked for."""
        return not (self.next or self.weight or self.finish or self.back)


@dataclass(frozen=True, slots=True)
class InForce:
    """What the function has published, if it exists; or, in `unread`, why that could not be told."""

    published: Published | None
    unread: str = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """Why the next build cannot answer, empty if it can; None where it was not asked, for the reason in `unasked`."""

    wrong: str | None = None
    unasked: str = ""


@command
def switch(stack: str, said: Said, as_json: bool, **how: Unpack[How]) -> int:
    """Show what is in force, ask the next build whether it can answer, and write or propose the lines."""
    if how["commit"] and how["pr"]:
        raise Usage(EITHER)
    environment = _environment(stack)
    path = stack_file.path(environment)
    main = on_main() if how["pr"] else None
    before = main.files(path).get(path, b"") if main else (ROOT / path).read_bytes()
    facts, infra = _facts(path, before)
    function, question = _function(environment, facts, infra)
    force = _in_force(function)
    turn = _turn(environment, path, said, main.commit if main else "HEAD")
    try:
        switched = switching.turned(path, before, turn) if turn else Switch(before, infra.endpoint, "")
    except SwitchRefused as refused:
        raise Usage(str(refused)) from None
    probe = _probe(function, force, switched.ends, question)
    if as_json:
        ends = {name: getattr(switched.ends, name) for name in ("live", "next", "weight")}
        unread = force.unread or probe.unasked
        print_json({"stack": stack, **ends, "published": _rows(force), "unread": unread, "probe": probe.wrong})
    else:
        _show(stack, switched.ends, force, probe)
    barred = _barred(infra.endpoint, switched.ends, said, probe)
    if barred:
        err.print(f"nothing was written: {barred}", markup=False)
        return 1
    with out.capture() if as_json else contextlib.nullcontext():
        return _write(path, before, switched, said, main, how)


def _barred(before: Endpoint, ends: Endpoint, said: Said, probe: Probe) -> str:
    """Why no line may let the next build answer more than now; the ways back are always open."""
    if said.is_nothing:
        return ""
    if probe.wrong and ends.weight:
        return f"{ends.next} cannot answer: {probe.wrong}"
    if probe.unasked and (said.finish or ends.weight > before.weight):
        return f"{ends.next} could not be asked whether it can answer"
    return ""


def _write(path: str, before: bytes, switched: Switch, said: Said, main: Main | None, how: How) -> int:
    if said.is_nothing:
        return 0
    if how["commit"]:
        refuse_if_changed(path, before)
    if main and not how["dry_run"]:
        change = changed(main, _branch(path), {path: switched.after}, switched.summary, said.because)
        return propose(main, change, datetime.now(UTC))
    lines = unified_diff(before.decode().splitlines(), switched.after.decode().splitlines(), n=0, lineterm="")
    out.print(path, style="bold")
    for line in list(lines)[2:]:
        if not line.startswith("@@"):
            out.print(line, style="green" if line[0] == "+" else "red", markup=False)
    if how["dry_run"]:
        out.print(f"dry run: nothing was {'proposed' if main else 'written'}")
        return 0
    put(ROOT / path, switched.after)
    return hand_over({path: False}, switched.summary, said.because, commit=how["commit"])


def _branch(path: str) -> str:
    """One for each stack file: no two of its steps are open at once."""
    return f"switch/{path.removeprefix('Pulumi.').removesuffix('.yaml')}"


def _turn(environment: Environment, path: str, said: Said, ref: str) -> Turn | None:
    meant = [name for name in ("next", "weight", "finish", "back") if getattr(said, name)]
    if len(meant) > 1:
        raise Usage(f"--{' and --'.join(meant)} are steps of their own; take one at a time")
    if said.next:
        own = for_laptop(ROOT, "HEAD")["endpoint"].digest if environment == "laptop" else ""
        return switching.name_next(_digest(environment, said.next), own)
    if said.weight:
        return switching.weigh(_share(said.weight), said.because)
    if said.back:
        return switching.back(_former(path, ref))
    return switching.finish() if said.finish else None


def _digest(environment: Environment, text: str) -> str:
    """The build that was named: by its digest, as `newest`, or as a commit, whose build is made. Raises Usage."""
    if text == NEWEST or text.startswith(PREFIX):
        return text
    if environment == "laptop":
        return for_laptop(ROOT, text)["endpoint"].digest
    return zip_of("endpoint", text).digest


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0 <= share <= 1:
        raise Usage(f"--weight {text}: write a share from 0.0 to 1.0")
    return share


def _former(path: str, ref: str) -> Sequence[str]:
    """The builds that the stack file named live, newest first."""
    commits = git(ROOT, "log", "--format=%H", ref, "--", path).decode().split()
    files = (snapshot.at_commit(ROOT, commit, [path]).get(path, b"") for commit in commits)
    return [live for data in files if (live := switching.live_of(path, data))]


def _environment(stack: str) -> Environment:
    environment, kind = wished.named(stack)
    if kind is not Kind.platform:
        raise Usage(f"{stack} runs no builds; name {environment}")
    return environment


def _facts(path: str, data: bytes) -> tuple[Facts, InfraConfig]:
    infra, problems = stack_file.read(path, data)
    files = snapshot.at_commit(ROOT, "HEAD")
    facts, more = read(files)
    if infra is None or facts is None:
        raise Refused((*more, *problems))
    return facts, infra


def _function(environment: Environment, facts: Facts, infra: InfraConfig) -> tuple[Function | None, Question]:
    """The environment's update endpoint, None where nothing runs; and what it is asked."""
    product = facts.product.value
    names, url = Names.of(product, environment), None
    function: Function | None = None
    if environment == "laptop":
        places = Places(ROOT)
        running = reports.running(places)
        if running:
            ports = json.loads(places.ports.read_text())
            url, function = running["hosts"]["downloads"]["url"], LaptopFunction(places, ports, names.function)
    else:
        client: Any = boto3.client("lambda", region_name=infra.aws.region)
        function = LambdaFunction(client, names.function)
    settings = endpoint_settings(names, infra, product, url)
    return function, Question(check_path(facts), settings)


def _in_force(function: Function | None) -> InForce:
    if function is None:
        return InForce(None, live.NOTHING_RUNS)
    try:
        return InForce(function.published())
    except EngineError as error:
        return InForce(None, str(error))


def _probe(function: Function | None, force: InForce, ends: Endpoint, question: Question) -> Probe:
    """The next build, asked if it is published there."""
    if function is None or force.unread:
        return Probe(unasked=force.unread)
    digest = for_laptop(ROOT, "HEAD")["endpoint"].digest if ends.next == NEWEST else ends.next
    version = force.published.version(digest.removeprefix(PREFIX)) if force.published else None
    if version is None:
        return Probe()
    try:
        return Probe(trouble(partial(function.invoke, version), question))
    except EngineError as error:
        return Probe(unasked=str(error))


def _rows(force: InForce) -> list[dict[str, Any]]:
    """Each version, newest first."""
    there = force.published or Published({})
    return [
        {"version": version, "digest": PREFIX + sha256, "share": there.share(version)}
        for version, sha256 in there.versions.items()
    ]


def _show(stack: str, ends: Endpoint, force: InForce, probe: Probe) -> None:
    for row in _rows(force):
        out.print(f"{stack}: version {row['version']} answers {row['share']:.0%}: {row['digest']}", markup=False)
    if probe.unasked:
        out.print(f"{stack}: {probe.unasked}", markup=False)
    out.print(f"{ends.next} {_verdict(probe)}", markup=False)


def _verdict(probe: Probe) -> str:
    if probe.unasked:
        return "could not be asked whether it can answer"
    if probe.wrong is None:
        return "is not published there yet, so it was not asked"
    return f"cannot answer: {probe.wrong}" if probe.wrong else "was asked, and can answer"
