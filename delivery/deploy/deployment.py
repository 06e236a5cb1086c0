"""One run over one stack: decides what each registered resource needs, has it done, and remembers it.

Resources are handled one at a time, in the order in which the program registers them, so dependencies always come
first; what is left unregistered is deleted at the end, dependents first. The state is saved after every change.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from delivery.deploy import registration
from delivery.deploy.plugin import Difference, Plugin, ProviderError
from delivery.deploy.policies import Judge
from delivery.deploy.registration import PROVIDER_PREFIX, STACK_TYPE, Refused
from delivery.deploy.stack import Listener, Operation, Outcome, Stack, Step
from delivery.deploy.state import Resource, StateFile
from delivery.deploy.wire import UNKNOWN, Properties, from_struct, has_unknown, secret, shown


@dataclass(frozen=True, slots=True)
class Registered:
    """The answer to one registration."""

    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict)
    ok: bool = True


class _ConsequenceError(Exception):
    """Something earlier failed, and was told; nothing can be said of what hangs on it."""


class _ViolationError(Exception):
    """A policy refuses the resource, and told why; an apply does not make it."""


Made = TypeVar("Made")


class Deployment:
    """The run. `preview` decides everything and changes nothing."""

    def __init__(
        self,
        stack: Stack,
        state: StateFile,
        providers: Mapping[str, str],
        judge: Judge,
        preview: bool,
        on_step: Listener | None,
    ) -> None:
        self._stack = stack
        self._state = state
        self._addresses = providers
        self._judge = judge
        self._preview = preview
        self._tell: Callable[[Step], None] = on_step or (lambda _: None)
        self._lock = threading.RLock()  # registrations arrive on several threads
        self._loaded = state.load()
        self._old = {resource.urn: resource for resource in self._loaded}  # not registered yet in this run
        self._new: dict[str, Resource] = {}
        self._replacing: dict[str, Resource] = {}  # deleted, or to be deleted, ahead of their re-creation
        self._plugins: dict[str, Plugin] = {}  # by the provider resource's URN
        self._broken: set[str] = set()  # providers that could not be set up
        self._steps: list[Step] = []
        self._errors: list[str] = []
        self._violations: list[str] = []  # they end an apply as errors do, but hide nothing else from a preview

    def resume(self) -> None:
        """Finish what a killed run had begun: nobody knows whether it was done, and to do it again is the same.

        A preview knows only what that will make of the state.
        """
        with self._lock:
            begun = self._state.begun()
            if begun is None:
                return
            operation, resource = begun
            try:
                self._resume(operation, resource)
            except (ProviderError, _ConsequenceError) as error:
                self._errors.append(f"{resource.type} {resource.name}: finishing what was begun before: {error}")
            if not self._preview:
                self._state.save(self._snapshot())

    def _resume(self, operation: Operation, resource: Resource) -> None:
        plugin, old = self._plugin(resource.provider), self._old.get(resource.urn)
        if operation is Operation.delete:
            if not self._preview:
                plugin.delete(resource)
            self._old.pop(resource.urn, None)
        elif operation is Operation.create and not self._preview:
            self._old[resource.urn] = plugin.create(resource, False)
        elif old:
            self._old[resource.urn] = resource if self._preview else plugin.update(old, resource, False)

    # -- what the program says ------------------------------------------------------------------------------------

    def register(self, request: Any) -> Registered:
        """Make one resource so. A failure is remembered, and answered as such so that a preview can go on."""
        with self._lock:
            name = registration.urn(self._stack.project, self._stack.name, request.parent, request.type, request.name)
            if (self._errors or self._violations) and not self._preview:
                return Registered(name, ok=False)
            try:
                done = self._act(self._goal(request))
                return Registered(done.urn, done.id, done.outputs if done.custom else {})
            except _ConsequenceError:
                return Registered(name, ok=False)
            except _ViolationError:
                return Registered(name, ok=False)
            except (Refused, ProviderError, ValueError) as error:
                self._errors.append(f"{request.type} {request.name}: {error}")
                return Registered(name, ok=False)

    def outputs(self, urn: str, outputs: Properties) -> None:
        """Remember what a component, or the stack itself, exports; after a failure that would be half unknown."""
        with self._lock:
            if urn in self._new and (self._preview or not self._errors):
                self._new[urn] = replace(self._new[urn], outputs=outputs)

    def invoke(self, request: Any) -> Any:
        """Ask a provider's function.

        Raises:
            ProviderError: it refused, or no such provider is there.
        """
        with self._lock:
            package = request.tok.split(":", 1)[0]
            provider = request.provider or self._default_provider(package, request.version)
            return self._plugin(provider).invoke(request.tok, from_struct(request.args))

    def failed_program(self, sentence: str) -> None:
        """Remember a failure of the program itself, unless a resource's failure has already explained it."""
        with self._lock:
            if not self._errors:
                self._errors.append(sentence)

    def finish(self) -> Outcome:
        """Delete what the program no longer has, save, let go of the providers, and report."""
        with self._lock:
            if not (self._errors or (self._violations and not self._preview)):
                self._delete_the_rest()
            if not self._errors and not self._violations:
                self._violations += self._judge.together(self._new.values())
            if not self._preview and _by_urn(self._snapshot()) != _by_urn(self._loaded):
                self._state.save(self._snapshot())
            return self._report()

    def compare(self) -> Outcome:
        """Ask the providers what is really there and report how the state differs from it. Changes nothing."""
        with self._lock:
            for resource in self._loaded:
                try:
                    self._compare(resource)
                except (ProviderError, _ConsequenceError) as error:
                    self._errors.append(f"{resource.type} {resource.name}: {error}")
            return self._report()

    def _report(self) -> Outcome:
        for plugin in self._plugins.values():
            plugin.close()
        return Outcome(tuple(self._steps), shown(self._exports()), (*self._errors, *self._violations))

    # -- deciding and acting --------------------------------------------------------------------------------------

    def _goal(self, request: Any) -> Resource:
        goal = registration.read(request, self._stack.project, self._stack.name, self._old.keys())
        if goal.urn in self._new:
            raise Refused("registered twice; give one of the two another name")
        if goal.custom and not goal.provider and not goal.type.startswith(PROVIDER_PREFIX):
            package = goal.type.split(":", 1)[0]
            goal = replace(goal, provider=self._default_provider(package, request.version))
        return goal

    def _act(self, goal: Resource) -> Resource:
        old = self._old.get(goal.urn)
        if not goal.custom:
            self._refuse_violations(goal)
            return self._done(Operation.same if old else Operation.create, goal)
        if goal.type.startswith(PROVIDER_PREFIX):
            return self._provider(goal, old)
        return self._custom(goal, old)

    def _provider(self, goal: Resource, old: Resource | None) -> Resource:
        self._broken.add(goal.urn)
        plugin = self._plugins[goal.urn] = self._connect(goal.type)
        inputs, difference = plugin.configure(goal, old)
        self._refuse_violations(replace(goal, inputs=inputs))
        self._broken.discard(goal.urn)
        identity = old.id if old else UNKNOWN if self._preview else str(uuid.uuid4())
        goal = replace(goal, inputs=inputs, outputs=inputs, id=identity)
        operation = Operation.create if old is None else _kind(difference)
        return self._done(operation, goal, difference.changed)

    def _custom(self, goal: Resource, old: Resource | None) -> Resource:
        plugin = self._plugin(goal.provider)
        goal = replace(goal, inputs=plugin.check(goal, old))
        self._refuse_violations(goal)
        if not self._preview and has_unknown(goal.inputs):
            raise ProviderError("one of its inputs is still unknown; it depends on something that was not made")
        if old is None:
            return self._create(plugin, goal)
        difference = plugin.diff(old, goal.inputs)
        if difference.replaces:
            self._delete_first(old, difference)
            return self._create(plugin, goal, difference.changed)
        if difference.changed or old.init_errors:
            return self._update(plugin, old, goal, difference.changed)
        # Old outputs stay untouched: they hold computed parts that the inputs do not have.
        return self._done(Operation.same, replace(goal, id=old.id, outputs=old.outputs))

    def _refuse_violations(self, goal: Resource) -> None:
        found = self._judge.each(goal, self._new.get(goal.provider.rsplit("::", 1)[0]))
        self._violations += found
        if found and not self._preview:
            raise _ViolationError

    def _create(self, plugin: Plugin, goal: Resource, changed: tuple[str, ...] = ()) -> Resource:
        made = self._act_on(Operation.create, goal, lambda: plugin.create(goal, self._preview))
        self._refuse_rename(goal, made.id)
        operation = Operation.replace if goal.urn in self._replacing else Operation.create
        return self._finished(operation, made, changed)

    def _update(self, plugin: Plugin, old: Resource, goal: Resource, changed: tuple[str, ...]) -> Resource:
        goal = replace(goal, id=old.id, outputs=old.outputs)
        made = self._act_on(Operation.update, goal, lambda: plugin.update(old, goal, self._preview))
        return self._finished(Operation.update, made, changed)

    def _act_on(self, operation: Operation, resource: Resource, act: Callable[[], Made]) -> Made:
        """Have a provider do something, in a way that a run after a kill can finish; a refusal is no such case."""
        if self._preview:
            return act()
        self._state.begin(operation, resource)
        try:
            return act()
        except ProviderError:
            self._state.settle()
            raise

    def _finished(self, operation: Operation, made: Resource, changed: tuple[str, ...]) -> Resource:
        if made.init_errors:
            self._remember(made)
            raise ProviderError(f"it was made, but not finished: {'; '.join(made.init_errors)}")
        return self._done(operation, made, changed)

    def _refuse_rename(self, goal: Resource, identity: str) -> None:
        """Without aliases a new name in the program means a new thing; a provider that found the old one says so."""
        for old in self._old.values():
            if identity and (old.type, old.id, old.inputs) == (goal.type, identity, goal.inputs):
                what = f"it is the {identity} that the state knows as {old.name}"
                raise Refused(f"{what}; a rename needs an alias, so run this with the real engine: ./inv engine")

    def _delete_first(self, old: Resource, difference: Difference) -> None:
        """Take away a resource that is to be made anew, and before it those that cannot stay without it."""
        doomed = [*self._dependents_to_replace(old), old]
        for resource in doomed:
            if resource.protect:
                what = " and ".join(difference.replaces)
                mend = "undo the change, or lift protect in a reviewed change of its own"
                raise Refused(f"a new {what} would replace {resource.name}, which is protected; {mend}")
        for resource in doomed:
            self._replacing[resource.urn] = resource
            self._remove(resource)

    def _dependents_to_replace(self, gone: Resource) -> list[Resource]:
        """Those whose provider would replace them too once what they take from `gone` is unknown; last one first."""
        lost = {gone.urn}
        found: list[Resource] = []
        for resource in self._old.values():
            keys = {key for key, urns in resource.property_dependencies.items() if lost.intersection(urns)}
            if keys:
                inputs = {key: UNKNOWN if key in keys else value for key, value in resource.inputs.items()}
                if self._plugin(resource.provider).diff(resource, inputs).replaces:
                    lost.add(resource.urn)
                    found.insert(0, resource)
        return found

    def _delete_the_rest(self) -> None:
        doomed = list(reversed(self._old.values()))
        self._errors += [
            f"{resource.type} {resource.name}: it is protected, so it is not deleted; put it back in the program, "
            "or lift protect in a reviewed change of its own"
            for resource in doomed
            if resource.protect
        ]
        if self._errors:
            return
        for resource in doomed:
            try:
                self._remove(resource)
            except (ProviderError, _ConsequenceError) as error:
                self._errors.append(f"{resource.type} {resource.name}: {error}")
                return
            self._step(Operation.delete, resource)
        for urn in self._replacing.keys() - self._new.keys():
            self._step(Operation.delete, self._replacing[urn])

    def _remove(self, resource: Resource) -> None:
        if not self._preview and resource.custom and not resource.type.startswith(PROVIDER_PREFIX):
            plugin = self._plugin(resource.provider)
            self._act_on(Operation.delete, resource, lambda: plugin.delete(resource))
        del self._old[resource.urn]
        if not self._preview:
            self._state.save(self._snapshot())

    def _compare(self, known: Resource) -> None:
        if not known.custom or known.type.startswith(PROVIDER_PREFIX):
            self._step(Operation.same, known)  # these are nowhere but in the state
            return
        plugin = self._plugin(known.provider)
        found = plugin.read(known)
        if found is None:
            self._step(Operation.delete, known)
            return
        # As the real engine does: what the next apply would change back is what differs.
        difference = plugin.diff(found, known.inputs)
        operation = Operation.update if difference.changed else Operation.same
        self._step(operation, found, difference.changed, known)

    # -- remembering ----------------------------------------------------------------------------------------------

    def _done(self, operation: Operation, resource: Resource, changed: tuple[str, ...] = ()) -> Resource:
        if not resource.custom and resource.urn in self._old:
            resource = replace(resource, outputs=self._old[resource.urn].outputs)
        before = self._old.get(resource.urn) or self._replacing.get(resource.urn)
        if operation is Operation.same:
            self._old.pop(resource.urn, None)
            self._new[resource.urn] = resource
        else:
            self._remember(resource)
        self._step(operation, resource, changed, before)
        return resource

    def _remember(self, resource: Resource) -> None:
        self._old.pop(resource.urn, None)
        self._new[resource.urn] = resource
        if not self._preview:
            self._state.save(self._snapshot())

    def _step(
        self, operation: Operation, resource: Resource, changed: tuple[str, ...] = (), before: Resource | None = None
    ) -> None:
        was = before.inputs if before else {}
        values = {name: (shown(was.get(name)), shown(resource.inputs.get(name))) for name in changed}
        step = Step(operation, resource.urn, resource.type, resource.name, changed, values)
        self._steps.append(step)
        self._tell(step)

    def _snapshot(self) -> tuple[Resource, ...]:
        return (*self._new.values(), *self._old.values())

    def _exports(self) -> Properties:
        stacks: Iterable[Resource] = (each for each in self._snapshot() if each.type == STACK_TYPE)
        return next((each.outputs for each in stacks), {})

    # -- providers ------------------------------------------------------------------------------------------------

    def _default_provider(self, package: str, version: str) -> str:
        """The reference of the provider used by resources that name none; made, as a resource, when first asked for."""
        kind = PROVIDER_PREFIX + package
        name = f"default_{version.replace('.', '_').replace('-', '_')}" if version else "default"
        urn = registration.urn(self._stack.project, self._stack.name, "", kind, name)
        if urn in self._broken:
            raise _ConsequenceError(urn)
        if urn not in self._new:
            inputs = self._configured(package) | ({"version": version} if version else {})
            self._provider(Resource(urn, kind, True, inputs), self._old.get(urn))
        return f"{urn}::{self._new[urn].id}"

    def _configured(self, package: str) -> Properties:
        """What the stack's configuration says of a package: `aws:region` is the region of aws."""
        own = {key: text for key, text in self._stack.config.items() if key.startswith(f"{package}:")}
        return {key.split(":", 1)[1]: secret(text) if key in self._stack.secrets else text for key, text in own.items()}

    def _plugin(self, reference: str) -> Plugin:
        """The configured provider behind a `urn::id` reference; one that only the state knows is configured from it."""
        urn = reference.rsplit("::", 1)[0]
        if urn in self._broken:
            raise _ConsequenceError(urn)
        if urn not in self._plugins:
            resource = self._new.get(urn) or self._old.get(urn)
            if resource is None:
                raise _ConsequenceError(f"its provider {urn} is not there")
            self._plugins[urn] = self._connect(resource.type)
            self._plugins[urn].configure(resource, None)
        return self._plugins[urn]

    def _connect(self, kind: str) -> Plugin:
        package = kind.removeprefix(PROVIDER_PREFIX)
        if package not in self._addresses:
            there = ", ".join(sorted(self._addresses)) or "none"
            raise ProviderError(f"there is no provider for the package {package} here (there is {there})")
        return Plugin(self._addresses[package])


def _kind(difference: Difference) -> Operation:
    return Operation.update if difference.changed else Operation.same


def _by_urn(resources: Iterable[Resource]) -> dict[str, Resource]:
    # The order of what does not depend on each other differs from run to run.
    return {resource.urn: resource for resource in resources}
