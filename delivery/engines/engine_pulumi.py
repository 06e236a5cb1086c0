"""The real engine: Pulumi's own CLI, driven through its Automation API, with the program inline in this process.

It does everything that the embedded engine does, and what that one refuses: targets, refresh, import, aliases,
policies in a process of their own, state in a bucket, secrets under KMS. `command` runs the CLI, `backend` where
a stack lies, `inline` serves the program to it, `events` reads what it says.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pulumi
import pulumi.runtime
import yaml
from botocore.exceptions import BotoCoreError, ClientError
from pulumi.automation.errors import (
    CommandError,
    ConcurrentUpdateError,
    StackAlreadyExistsError,
    StackNotFoundError,
)

from delivery.engines.backend import FORGOTTEN, Backend, Lock, locks
from delivery.engines.command import Cli
from delivery.engines.events import Account, plain
from delivery.engines.inline import served
from delivery.engines.stack import EngineError, Listener, Operation, Outcome, Stack, Step

PARALLEL = 8  # resources at a time; more only waits for the same clouds

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Existing:
    """A thing that is there already, and is to be that of the program with this type and name from now on."""

    type: str
    name: str
    id: str


class PulumiEngine:
    """An engine that keeps its work in a folder, and a stack's state in a backend.

    `providers` are those of this process, at `127.0.0.1:PORT` by package name; without any, the CLI starts its own.
    `policies` are folders with policy packs. `say` is told of what a killed run had left and is mended.
    """

    name = "pulumi"

    def __init__(
        self,
        cli: Path,
        folder: Path,
        backend: Backend,
        project: str,
        providers: Mapping[str, str] | None = None,
        policies: Sequence[Path] = (),
        say: Say = lambda _: None,
    ) -> None:
        self._cli = Cli(cli)
        self._folder = folder
        self._backend = backend
        self._project = project
        self._policies = [f"--policy-pack={path}" for path in policies]
        self._say = say
        ports = ",".join(f"{name}:{address.rpartition(':')[2]}" for name, address in (providers or {}).items())
        self._env = {
            "PULUMI_BACKEND_URL": backend.url,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # the event log is one of them
            **(
                {"PULUMI_DEBUG_PROVIDERS": ports, "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}
                if ports
                else {}
            ),
            **backend.env,
        }

    def preview(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """What `apply` would do. Takes no lock, changes nothing but that the backend knows the stack's name.

        Raises:
            EngineError: the backend cannot be reached.
        """
        return _met(targets, self._run(stack, ["preview", *self._policies, *_limits(stack, targets)], on_step))

    def apply(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Make the stack so. What a killed run had left half-done is looked at first.

        Raises:
            EngineError: another run holds the stack; or the backend cannot be reached.
        """
        self.recover(stack)
        args = ["up", "--yes", "--skip-preview", *self._policies, *_limits(stack, targets)]
        args += self._components(stack, targets) if targets else []
        return _met(targets, self._run(stack, args, on_step))

    def destroy(self, stack: Stack, on_step: Listener | None = None, *, targets: tuple[str, ...] = ()) -> Outcome:
        """Delete everything the state knows, dependents first; protected resources refuse.

        Raises:
            EngineError: another run holds the stack; or the backend cannot be reached.
        """
        self.recover(stack)
        args = ["destroy", "--yes", "--skip-preview", *_limits(stack, targets)]
        return _met(targets, self._run(stack, args, on_step))

    def recover(self, stack: Stack) -> None:
        """Make a stack that a killed run has left as it was when it died into one that can be changed again.

        Raises:
            EngineError: another run holds the stack; or the backend cannot be reached.
        """
        if not self._release(stack):
            return
        outcome = self._refresh(stack, None)
        if not outcome.ok:
            raise EngineError("; ".join(outcome.errors))

    def refresh(self, stack: Stack, on_step: Listener | None = None, *, preview: bool = False) -> Outcome:
        """Compare the state with what is really there, and unless it is a preview, take that over into the state.

        Raises:
            EngineError: another run holds the stack; or the backend cannot be reached.
        """
        if preview:
            return self._run(stack, ["refresh", "--preview-only"], on_step)
        self._release(stack)
        return self._refresh(stack, on_step)

    def import_(self, stack: Stack, existing: Sequence[Existing], on_step: Listener | None = None) -> Outcome:
        """Take things that are there over into the state, as the program declares them: what differs is an error.

        Raises:
            EngineError: another run holds the stack; or the backend cannot be reached.
        """
        adopting = replace(stack, program=partial(_adopting, stack.program, existing))
        names = tuple(each.name for each in existing)
        expected = self.preview(adopting, targets=names)
        differing = tuple(step for step in expected.steps if step.operation is Operation.import_ and step.changed)
        if not expected.ok or differing:
            return replace(expected, errors=(*expected.errors, *map(_differs, differing)))
        return self.apply(adopting, on_step, targets=names)

    def outputs(self, stack_name: str) -> Mapping[str, Any]:
        """What the stack exports, secrets only named; nothing if it was never applied.

        Raises:
            EngineError: the backend cannot be reached.
        """
        said = self._asked(stack_name, "stack", "output", "--json")
        return json.loads(said) if said else {}

    def deployment(self, stack_name: str) -> dict[str, Any]:
        """The stack's state as `pulumi stack import` takes it, secrets encrypted; without resources if there is none.

        Raises:
            EngineError: the backend cannot be reached.
        """
        said = self._asked(stack_name, "stack", "export")
        return dict(json.loads(said)) if said else {"version": 3, "deployment": {}}

    def tags(self, stack_name: str) -> Mapping[str, str]:
        """What was noted of the stack beside its state; nothing of one that is not there.

        Raises:
            EngineError: the backend cannot be reached.
        """
        said = self._asked(stack_name, "stack", "tag", "ls", "--json")
        return json.loads(said) if said else {}

    def tag(self, stack_name: str, name: str, value: str | None) -> None:
        """Note this of a stack that is there, or with None take the note away.

        Raises:
            EngineError: the backend cannot be reached.
        """
        self._asked(stack_name, "stack", "tag", *(("rm", name) if value is None else ("set", name, value)))

    def import_deployment(self, stack: Stack, deployment: Mapping[str, Any]) -> None:
        """Take over a state, such as one that the embedded engine has written with the same passphrase.

        Raises:
            EngineError: it is no state, or the stack is held.
        """
        self._release(stack)
        work = self._work(stack)
        self._command(work, ["stack", "import", "--stack", stack.name], given=json.dumps(deployment))
        if sealing := _sealing_of_state(deployment):
            (work / f"Pulumi.{stack.name}.yaml").write_text(yaml.safe_dump(sealing))

    def forget(self, stack_name: str) -> None:
        """Drop the state without touching any resource: for when the laptop's cloud has lost its memory."""
        self._asked(stack_name, "stack", "rm", "--yes", "--force")
        shutil.rmtree(self._place(stack_name))

    # -- runs -----------------------------------------------------------------------------------------------------

    def _run(self, stack: Stack, args: list[str], on_step: Listener | None, account: Account | None = None) -> Outcome:
        account = account or Account()
        try:
            return self._once(stack, args, on_step, account)
        except StackNotFoundError:  # the backend has lost it since, or was never told: all that is kept here is void
            shutil.rmtree(self._place(stack.name))
            return self._once(stack, args, on_step, account)

    def _components(self, stack: Stack, targets: tuple[str, ...]) -> list[str]:
        """Limits that let in what the targets lie in, where it is not made yet: Pulumi spoils its state without it."""
        account = Account()
        self._run(stack, ["preview", *_limits(stack, targets)], None, account)
        there = {each["urn"] for each in (self.deployment(stack.name)["deployment"] or {}).get("resources", ())}
        lacking: set[str] = set()
        for step in account.steps.values():
            urn = step.urn if step.operation is not Operation.same else ""
            while urn := account.parents.get(urn, ""):
                lacking.add(urn)
        return [f"--target={urn}" for urn in sorted(lacking - there)]

    def _once(self, stack: Stack, args: list[str], on_step: Listener | None, account: Account) -> Outcome:
        work = self._work(stack)

        def hear(event: Mapping[str, Any]) -> None:
            step = account.hear(event)
            if step is not None and on_step is not None:
                on_step(step)

        with served(stack, hear) as program:
            options = [*program.options, f"--parallel={PARALLEL}", "--stack", stack.name]
            failed = self._failure(work, [*args, *options])
        outcome = account.outcome(program.failures)
        if failed is None or not outcome.ok:
            return outcome
        if not account.heard:
            raise self._refusal(stack, failed)
        return replace(outcome, errors=("the run was interrupted; run it again to go on from here",))

    def _failure(self, work: Path, args: list[str]) -> CommandError | None:
        try:
            self._cli.run(args, str(work), self._env)
        except StackNotFoundError:
            raise
        except CommandError as error:
            return error
        return None

    def _refusal(self, stack: Stack, error: CommandError) -> EngineError:
        if isinstance(error, ConcurrentUpdateError):
            holders = [str(lock) for lock in self._locks(stack)]
            return _held(stack, holders or ["another process"])
        return EngineError(_sentence(error))

    # -- what a killed run has left -------------------------------------------------------------------------------

    def _release(self, stack: Stack) -> bool:
        """Take away the locks of runs that are dead; whether there were any."""
        found = self._locks(stack)
        left = [lock for lock in found if lock.is_left_over(datetime.now(UTC), socket.gethostname())]
        if len(left) < len(found):
            raise _held(stack, [str(lock) for lock in found if lock not in left])
        for lock in left:
            self._backend.files.delete(lock.path)
            self._say(f"{stack.name}: released the lock of {lock}, which is dead; looking at what it left half-done")
        return bool(left)

    def _locks(self, stack: Stack) -> list[Lock]:
        try:
            return locks(self._backend, self._project, stack.name)
        except (BotoCoreError, ClientError) as error:
            raise EngineError(unreachable(str(error))) from None

    def _refresh(self, stack: Stack, on_step: Listener | None) -> Outcome:
        return self._run(stack, ["refresh", "--yes", "--skip-preview", "--clear-pending-creates"], on_step)

    # -- the work folder ------------------------------------------------------------------------------------------

    def _place(self, name: str) -> Path:
        """The folder that the CLI works in, a stack's own: it writes the settings there anew."""
        place = self._folder / "work" / name
        place.mkdir(parents=True, exist_ok=True)
        (place / "Pulumi.yaml").write_text(yaml.safe_dump({"name": self._project, "runtime": "python"}))
        return place

    def _work(self, stack: Stack) -> Path:
        """The folder, with the stack's settings in it and the stack in the backend."""
        place = self._place(stack.name)
        settings = place / f"Pulumi.{stack.name}.yaml"
        kept = _sealing(yaml.safe_load(settings.read_text()) or {}) if settings.exists() else {}
        if not kept:
            kept = self._begin(place, stack.name)
        plain_config = {key: text for key, text in stack.config.items() if key not in stack.secrets}
        settings.write_text(yaml.safe_dump({**kept, "config": plain_config}))
        return place

    def _begin(self, place: Path, name: str) -> dict[str, str]:
        """Join the stack in the backend, or make it there; what seals its secrets, as a stack file says it.

        To join it takes no right to write or encrypt, which a preview may lack.
        """
        if said := self._asked(name, "stack", "export"):
            return _sealing_of_state(json.loads(said)) or {"secretsprovider": self._backend.secrets}
        try:
            self._command(place, ["stack", "init", name, "--no-select", "--secrets-provider", self._backend.secrets])
        except StackAlreadyExistsError:  # another run has made it meanwhile
            return self._begin(place, name)
        return _sealing(yaml.safe_load((place / f"Pulumi.{name}.yaml").read_text()))

    def _asked(self, name: str, *args: str) -> str | None:
        """What the CLI answers about a stack; None if there is no such stack."""
        try:
            return self._command(self._place(name), [*args, "--stack", name])
        except StackNotFoundError:
            return None

    def _command(self, place: Path, args: list[str], given: str | None = None) -> str:
        try:
            return str(self._cli.run(args, str(place), self._env, given=given).stdout)
        except (StackNotFoundError, StackAlreadyExistsError):
            raise
        except CommandError as error:
            raise EngineError(_sentence(error)) from None


def _adopting(program: Callable[[], None], existing: Sequence[Existing]) -> None:
    """Run the program with Pulumi's option `import` on those of its resources that exist."""
    ids = {(each.type, each.name): each.id for each in existing}

    def adopt(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        identity = ids.get((args.type_, args.name))
        if identity is None:
            return None
        options = pulumi.ResourceOptions.merge(args.opts, pulumi.ResourceOptions(import_=identity))
        return pulumi.ResourceTransformationResult(args.props, options)

    pulumi.runtime.register_stack_transformation(adopt)
    program()


def _differs(step: Step) -> str:
    what = " and ".join(step.changed)
    mend = "make the program say what is there, import, then change it"
    return f"{step.type} {step.name}: what is there differs in {what}; {mend}"


def _limits(stack: Stack, targets: tuple[str, ...]) -> list[str]:
    anywhere = f"urn:pulumi:{stack.name}::{stack.project}::**::"
    return [f"--target={target if target.startswith('urn:') else anywhere + target}" for target in targets]


def _met(targets: tuple[str, ...], outcome: Outcome) -> Outcome:
    """The outcome, with an error for each target that nothing is called: a run limited to nothing would look good."""
    known = {name for step in outcome.steps for name in (step.name, step.urn)}
    errors = [
        f"there is no resource {target} that the run could be limited to" for target in targets if target not in known
    ]
    return replace(outcome, errors=outcome.errors or tuple(errors))


def _held(stack: Stack, holders: list[str]) -> EngineError:
    mend = f"wait until it is done, or end that process; a lock counts for {FORGOTTEN.seconds // 3600} hours"
    return EngineError(f"stack {stack.name} is being changed by {' and '.join(holders)}; {mend}")


def _sealing(settings: Mapping[str, Any]) -> dict[str, str]:
    """What seals secrets, of a stack file's fields."""
    return {key: settings[key] for key in ("secretsprovider", "encryptedkey", "encryptionsalt") if key in settings}


def _sealing_of_state(deployment: Mapping[str, Any]) -> dict[str, str]:
    """The same, of a state."""
    state = (deployment["deployment"] or {}).get("secrets_providers", {}).get("state", {})
    names = {"url": "secretsprovider", "encryptedkey": "encryptedkey", "salt": "encryptionsalt"}
    return {names[key]: value for key, value in state.items() if key in names}


def _sentence(error: CommandError) -> str:
    """Why a command failed, of all that it printed."""
    said = str(error).partition("\n stderr: ")[2]
    return unreachable(plain(said.rpartition("error: ")[2] or said))


def unreachable(text: str) -> str:
    """The text; where it is about a backend that is not there, or not for us, with what to do about it."""
    for sign, mend in _UNREACHABLE.items():
        if re.search(sign, text):
            return mend
    return text


_UNREACHABLE = {
    "NoSuchBucket": "the bucket of the engine's state is not there; ./inv bootstrap makes it",
    "(?i)unable to locate credentials|no EC2 IMDS role|failed to refresh cached credentials|NoCredentialProviders": (
        "there are no AWS credentials here; sign in to the environment's AWS account"
    ),
}
