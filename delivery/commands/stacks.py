"""preview, apply: what a stack's resources would become, and making it so."""

import json
import os
import signal
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from securesystemslib.signer import CryptoSigner

from delivery.commands.desk import ROOT, Usage, command, err, machine, out, print_json
from delivery.deploy import programs, steps
from delivery.deploy.build_commit import for_laptop
from delivery.deploy.build_versions import step
from delivery.deploy.head import next_head
from delivery.deploy.history import public_history
from delivery.deploy.stack import Outcome, Stack
from delivery.deploy.steps import Prepared
from delivery.history import snapshot
from delivery.laptop import keys, planner
from delivery.laptop import status as reports
from delivery.laptop.functions import LaptopFunction
from delivery.laptop.moto import Moto
from delivery.laptop.places import Places
from delivery.present import terminal
from delivery.rules.catalog import HEAD_KEY
from delivery.rules.problem import Refused
from delivery.rules.shapes import Environment
from infra import config as stack_file
from infra.build import Build
from infra.names import Names
from infra.stacks import Kind, split

PATIENCE = 120.0  # seconds that an apply on the laptop may take


@command
def preview(name: str, as_json: bool) -> int:
    """The steps that an apply of HEAD would take, by this checkout's program. Changes nothing."""
    environment, kind = _split(name)
    places = Places(ROOT)
    running = reports.running(places) if environment == "laptop" else {}
    stack = _stack(environment, kind, running)
    outcome = planner.preview(stack, places.engine if running else None)
    _show(name, outcome, as_json)
    if not running and not as_json:
        out.print(_NOT_READ[environment == "laptop"])
    return 0 if outcome.ok else 1


_NOT_READ = {
    True: "nothing runs here, so everything would be made; ./inv up makes it",
    False: "what is live there was not read: these are the resources that the program declares",
}


@command
def apply(name: str, as_json: bool) -> int:
    """Have the running laptop carry HEAD out again, all of it, and show what that did to this stack."""
    environment, _ = _split(name)
    if environment != "laptop":
        raise Usage(
            f"{name} is applied by the real Pulumi engine with its own credentials, which this machine does not have; "
            f"./inv preview {name} shows what the program declares"
        )
    places = Places(ROOT)
    before = reports.running(places)
    if not before:
        raise Usage("nothing runs here; ./inv up starts it and applies HEAD")
    os.kill(before["pid"], signal.SIGUSR1)
    found = _carried_again(places, before["carried"])
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


def _carried_again(places: Places, before: int) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = reports.running(places)
        if not found:
            raise Usage("the laptop ended meanwhile; see .state/laptop/logs")
        if found["carried"] > before:
            return found
        time.sleep(0.1)
    raise Usage(f"no answer within {PATIENCE:.0f} s; see .state/laptop/logs/worker.log")


def _split(name: str) -> tuple[Environment, Kind]:
    try:
        return split(name)
    except ValueError as error:
        raise Usage(str(error)) from None


def _stack(environment: Environment, kind: Kind, running: Mapping[str, Any]) -> Stack:
    """The stack as HEAD's facts and stack file have it. Raises Refused."""
    now = datetime.now(UTC)
    files = snapshot.at_commit(ROOT, "HEAD")
    path = stack_file.path(environment)
    infra, problems = stack_file.read(path, snapshot.at_commit(ROOT, "HEAD", [path]).get(path, b""))
    facts, more = steps.examine(files, files, now)
    if infra is None or facts is None:
        raise Refused((*more, *problems))
    product = facts.product.value
    if kind is Kind.ground:
        return programs.ground_stack(product, environment, infra)
    if kind is Kind.platform:
        newest = {app: Build(made.sha256) for app, made in for_laptop(ROOT, "HEAD").items()}
        function = LaptopFunction(Places(ROOT), {}, Names.of(product, environment).function)
        builds = step(infra, newest, function.published() if running else None).builds
        url = running["hosts"]["downloads"]["url"] if running else None
        return programs.platform_stack(product, environment, infra, builds, _secrets(environment), url)
    prepared = steps.prepare(files, files, environment, now)
    url = (
        running["hosts"]["downloads"]["url"] if running else f"https://{Names.of(product, environment).downloads_host}"
    )
    history = public_history(ROOT, "HEAD", environment, now)
    made = steps.publication(prepared, _head(environment, prepared, now, running), url, now, history)
    return programs.live_stack(product, environment, infra, made, narrowing=False)


def _secrets(environment: Environment) -> Mapping[str, str]:
    """The laptop's are no secrets; elsewhere nothing here can read them."""
    return keys.secrets() if environment == "laptop" else dict.fromkeys(stack_file.SECRETS, stack_file.NOT_READ)


def _head(environment: Environment, prepared: Prepared, now: datetime, running: Mapping[str, Any]) -> bytes:
    """The head that an apply would write. Elsewhere its key is not here: one of the moment signs what nobody reads."""
    signer = keys.head_signer() if environment == "laptop" else CryptoSigner.generate_ed25519()
    live = None
    if running:
        ports = json.loads(Places(ROOT).ports.read_text())
        names = Names.of(prepared.facts.product.value, environment)
        live = Moto(f"http://127.0.0.1:{ports['aws']}").read(names.catalog, HEAD_KEY)
    return next_head(
        live,
        prepared.facts.product.value,
        environment,
        commit=snapshot.commit_id(ROOT, "HEAD"),
        serial=snapshot.serial(ROOT, "HEAD"),
        sha256=prepared.sha256,
        signer=signer,
        now=now,
    )


def _show(name: str, outcome: Outcome, as_json: bool) -> None:
    if as_json:
        print_json({"stack": name, **machine.outcome(outcome)})
    else:
        out.print(terminal.outcome(outcome))
